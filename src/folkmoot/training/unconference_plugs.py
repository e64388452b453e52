"""How unconferences join the house: search, Today, mails, jobs, the event's page and timeline, history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.plugs import (
    RecordPanel,
    ScheduledJob,
    TimelineSource,
    one_group,
    record_panels,
    schedule,
    timeline_sources,
)
from folkmoot.kernel.search.kinds import Document, Naming, SearchKind, search_kinds
from folkmoot.kernel.setup_steps import SetupStep, setup_steps
from folkmoot.outbox.public import MessageKind, message_kinds
from folkmoot.people.public import belongs_to_history
from folkmoot.training import unconference_erasing as _erasing  # noqa: F401 - registers how unconferences forget
from folkmoot.training import unconference_letters as letters
from folkmoot.training import unconference_planning as planning
from folkmoot.training import unconference_telling as telling
from folkmoot.training import unconference_today as _today  # noqa: F401 - registers what Today tells
from folkmoot.training.actions import proposals as actions
from folkmoot.training.imports import proposals as _imports  # noqa: F401 - registers what imports read
from folkmoot.training.metrics import unconferences as _metrics  # noqa: F401 - declare themselves
from folkmoot.training.models import Placement, Proposal, ProposalState, Round, Space, Unconference
from folkmoot.training.queries import unconference_panels as panels
from folkmoot.training.seeds.unconference import load_texts

_LABEL = _("Training & events")
MANAGE = "training.manage"

for _kind in (
    ActivityKind(telling.PROPOSED, _("Proposed a session:"), "lightbulb", _LABEL),
    ActivityKind(telling.LED, _("Led a session:"), "mic", _LABEL),
):
    activity_kinds.register(_kind)

belongs_to_history(Unconference, (Round, "unconference"), (Space, "unconference"), (Proposal, "unconference"))
belongs_to_history(Proposal, (Placement, "proposal"))

for _place, (_key, _words) in enumerate(letters.KINDS):
    message_kinds.register(
        MessageKind(
            _key,
            _words,
            "training",
            letters.VARIABLES,
            letters.values,
            letters.found,
            letters.preview,
            is_personal=True,
            topic="training",
            order=330 + _place,
        )
    )


def _texts() -> str:
    made = load_texts()
    words = ngettext("Added %(made)d standard text.", "Added %(made)d standard texts.", made)
    return words % {"made": made} if made else ""


setup_steps.register(SetupStep("training.unconference_texts", _texts, order=324))

job_kinds.register(
    JobKind(
        planning.JOB,
        _("Plan the grid of an unconference"),
        planning.run,
        permission=MANAGE,
        url=planning.page_of,
    )
)
FORGET = "training.forget_unproven_proposals"


def _forget(context: JobContext) -> dict[str, int]:
    return {"forgotten": actions.forget_unproven(now=clock.now())}


job_kinds.register(JobKind(FORGET, _("Forget proposals that nobody confirmed"), _forget, permission=MANAGE))
schedule.register(
    ScheduledJob(
        FORGET,
        FORGET,
        lambda now: now.astimezone(dt.UTC).date().isoformat(),
        "Every day: proposals for sessions that nobody confirmed within seven days are forgotten.",
    )
)


def proposal_documents(ids: Sequence[int]) -> Iterable[Document]:
    """Proposals by title, what they are about, who leads them and their event; one query."""
    rows = Proposal.objects.filter(pk__in=ids).exclude(
        Q(state=ProposalState.UNPROVEN) | Q(state=ProposalState.WITHDRAWN)
    )
    for row in rows.select_related("unconference__event", "leader"):
        event = row.unconference.event.title
        leader = row.leader_name or (row.leader.name if row.leader else "")
        yield Document(
            row.pk,
            row.title,
            " · ".join(part for part in (event, str(row.get_state_display()), leader) if part),
            f"{row.description} {leader} {event}",
            reverse("training:proposal", args=[row.pk]),
        )


search_kinds.register(
    SearchKind(
        "proposal",
        _("Proposals for sessions"),
        "lightbulb",
        "training.view",
        "training",
        Proposal,
        proposal_documents,
        (),
        (Naming("unconference__event", "title"), Naming("leader")),
        order=62,
    )
)

record_panels.register(
    RecordPanel(
        "training.unconference",
        "training.event",
        _("Unconference"),
        "training.view",
        "training/parts/unconference.html",
        panels.card_rows,
        panels.card,
        order=6,
    )
)
timeline_sources.register(
    TimelineSource(
        "training.proposals",
        frozenset({"training.event"}),
        "training.view",
        panels.timeline_counts,
        one_group(panels.PROPOSALS, panels.LABEL),
        panels.timeline_rows,
        panels.tell_timeline,
        order=27,
    )
)
