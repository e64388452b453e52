"""How requests join the house: navigation, search, Today, mails, jobs, timelines, cards, handover."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.plugs import (
    Command,
    Handover,
    NavEntry,
    RecordPanel,
    ScheduledJob,
    TimelineSource,
    TodayItem,
    TodaySource,
    commands,
    handovers,
    navigation,
    one_group,
    record_panels,
    schedule,
    timeline_sources,
    today_sources,
)
from folkmoot.kernel.rows import Row, Rows
from folkmoot.kernel.search.kinds import Document, Naming, SearchKind, search_kinds
from folkmoot.kernel.setup_steps import SetupStep, setup_steps
from folkmoot.outbox.public import MessageKind, message_kinds
from folkmoot.people.public import belongs_to_history
from folkmoot.training import request_erasing as _erasing  # noqa: F401 - registers how requests forget
from folkmoot.training import request_letters, request_telling
from folkmoot.training.actions import asking, requests, scoring
from folkmoot.training.actions import request_words as _request_words  # noqa: F401 - words for what is forbidden
from folkmoot.training.imports import scores as _scores  # noqa: F401 - registers what imports read
from folkmoot.training.metrics import requests as _metrics  # noqa: F401 - declare themselves
from folkmoot.training.models import (
    RECEIVED,
    FormField,
    Request,
    RequestForm,
    RequestNote,
    RequestState,
    ScoreRule,
)
from folkmoot.training.queries import request_pages
from folkmoot.training.queries import requests as queries
from folkmoot.training.queries.asking import answers_of
from folkmoot.training.seeds.requests import load_forms, load_texts

MANAGE = "training.manage"
_AREA, _LABEL = "training", _("Training & events")

navigation.register(
    NavEntry("training.requests", _("Requests"), "training:requests", "", MANAGE, "training", order=20)
)
for _command in (
    Command("training.requests", _("Go to requests"), "training:requests", MANAGE, "inbox", order=151),
    Command(
        "training.forms",
        _("Go to forms for requests"),
        "training:request_forms",
        MANAGE,
        "ui-checks",
        order=152,
    ),
):
    commands.register(_command)

for _kind in (
    ActivityKind(request_telling.RECEIVED, _("Asked for something:"), "inbox", _LABEL),
    ActivityKind(request_telling.ACCEPTED, _("A request was accepted:"), "check2-circle", _LABEL),
    ActivityKind(request_telling.DISCARDED, _("A request was discarded:"), "x-circle", _LABEL),
):
    activity_kinds.register(_kind)

belongs_to_history(Request, (RequestNote, "request"))
belongs_to_history(RequestForm, (FormField, "form"), (ScoreRule, "form"))

for _place, (_key, _words) in enumerate(request_letters.KINDS):
    message_kinds.register(
        MessageKind(
            _key,
            _words,
            "training",
            request_letters.VARIABLES,
            request_letters.values,
            request_letters.found,
            request_letters.preview,
            is_personal=True,
            topic="training",
            order=320 + _place,
        )
    )


def _texts() -> str:
    made = load_texts()
    words = ngettext("Added %(made)d standard text.", "Added %(made)d standard texts.", made)
    return words % {"made": made} if made else ""


def _forms() -> str:
    made = load_forms()
    words = ngettext("Added %(made)d form for requests.", "Added %(made)d forms for requests.", made)
    return words % {"made": made} if made else ""


setup_steps.register(SetupStep("training.request_texts", _texts, order=322))
setup_steps.register(SetupStep("training.request_forms", _forms, order=323))

# ----------------------------------------------------------------------- jobs

job_kinds.register(
    JobKind(scoring.JOB, _("Reckon the points of requests anew"), scoring.score_all, permission=MANAGE)
)
FORGET = "training.forget_unsent"


def _forget(context: JobContext) -> dict[str, int]:
    return {"forgotten": asking.forget_unsent(now=clock.now())}


job_kinds.register(
    JobKind(FORGET, _("Forget drafts and requests that nobody confirmed"), _forget, permission=MANAGE)
)
schedule.register(
    ScheduledJob(
        FORGET,
        FORGET,
        lambda now: now.astimezone(dt.UTC).date().isoformat(),
        "Every day: drafts of requests are forgotten after thirty days, requests that nobody confirmed after seven.",
    )
)


# --------------------------------------------------------------------- search


def request_documents(ids: Sequence[int]) -> Iterable[Document]:
    """Requests by name, address, organisation and answers; one query."""
    rows = Request.objects.filter(pk__in=ids, state__in=RECEIVED, merged_into=None)
    for row in rows.select_related("form", "version", "organization"):
        organization = row.organization.name if row.organization else row.organization_name
        shown = [row.form.title, row.get_state_display(), organization]
        said = [answer.text for answer in answers_of(row)]
        yield Document(
            row.pk,
            row.name,
            " · ".join(str(word) for word in shown if word),
            " ".join([row.email, organization, row.member_code, *said]),
            reverse("training:request", args=[row.pk]),
        )


search_kinds.register(
    SearchKind(
        "request",
        _("Requests"),
        "inbox",
        MANAGE,
        "training",
        Request,
        request_documents,
        (),
        (Naming("organization"), Naming("form", "title")),
        order=61,
    )
)

# ---------------------------------------------------------------------- Today

_FIELDS = ("pk", "name", "received_at", "due_at", "assigned_to_id")


def nobodys_rows(user: User, now: dt.datetime) -> Rows:
    """Requests that wait and are nobody's."""
    return Rows(queries.nobodys().order_by("received_at", "pk"), *_FIELDS, form=F("form__title"))


def tell_nobodys(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each, the oldest first; late once its form's days are over."""
    for row in rows:
        days = (now - row["received_at"]).days
        late = (now - row["due_at"]).total_seconds() / 86400 if row["due_at"] else 0.0
        yield TodayItem(
            key=f"training.request:{row['pk']}",
            area=_AREA,
            area_label=_LABEL,
            title=f"{row['form']}: {row['name']}",
            why=_now("somebody asked for this, and it is nobody’s yet"),
            since=row["received_at"],
            action_label=_now("Look at it"),
            action_url=reverse("training:request", args=[row["pk"]]),
            badge=ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else _now("new"),
            tone="overdue" if late >= 0 and row["due_at"] else "due",
            over_by=late,
            icon="inbox",
        )


def overdue_rows(user: User, now: dt.datetime) -> Rows:
    """Requests that are somebody's and wait for too long."""
    return Rows(
        queries.overdue(now).order_by("due_at", "pk"),
        *_FIELDS,
        form=F("form__title"),
        days=F("form__answer_days"),
    )


def tell_overdue(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Each, by how late it is."""
    for row in rows:
        waits = (now - row["received_at"]).days
        yield TodayItem(
            key=f"training.request_late:{row['pk']}",
            area=_AREA,
            area_label=_LABEL,
            title=f"{row['form']}: {row['name']}",
            why=ngettext(
                "it waits for a decision for %(n)d day (limit %(limit)d)",
                "it waits for a decision for %(n)d days (limit %(limit)d)",
                waits,
            )
            % {"n": waits, "limit": row["days"]},
            since=row["due_at"],
            action_label=_now("Decide"),
            action_url=reverse("training:request", args=[row["pk"]]),
            badge=ngettext("%(n)d day", "%(n)d days", waits) % {"n": waits},
            tone="overdue",
            over_by=(now - row["due_at"]).total_seconds() / 86400,
            icon="hourglass-split",
            mine=frozenset({row["assigned_to_id"]}),
        )


for _today in (
    TodaySource("training.requests", _AREA, MANAGE, nobodys_rows, tell_nobodys, order=43),
    TodaySource("training.requests_late", _AREA, MANAGE, overdue_rows, tell_overdue, order=44),
):
    today_sources.register(_today)

# -------------------------------------------------------------- pages of records

_REQUEST = frozenset({"training.request"})
for _source in (
    TimelineSource(
        "training.request_steps",
        _REQUEST,
        MANAGE,
        request_pages.step_counts,
        one_group(request_pages.STEPS, request_pages.LABELS[request_pages.STEPS]),
        request_pages.step_rows,
        request_pages.tell_steps,
        order=10,
    ),
    TimelineSource(
        "training.request_notes",
        _REQUEST,
        MANAGE,
        request_pages.note_counts,
        one_group(request_pages.NOTES, request_pages.LABELS[request_pages.NOTES]),
        request_pages.note_rows,
        request_pages.tell_notes,
        order=20,
    ),
):
    timeline_sources.register(_source)


def _of(rows: Any) -> Rows:
    shown = rows.filter(state__in=RECEIVED, merged_into=None).order_by("-received_at", "-pk")
    return Rows(shown, "pk", "name", "state", "received_at", form=F("form__title"), most=10)


def _card(user: Any, record: Any, rows: Sequence[Row]) -> dict[str, Any] | None:
    if not rows:
        return None
    shown = sorted(rows, key=lambda row: (row["received_at"], row["pk"]), reverse=True)
    return {"requests": [{**row, "state": RequestState(row["state"]).label} for row in shown]}


for _record in ("people.person", "people.organization", "training.event"):
    record_panels.register(
        RecordPanel(
            f"training.requests_of_{_record.rpartition('.')[2]}",
            _record,
            _("Requests"),
            MANAGE,
            "training/parts/requests.html",
            lambda user, record: _of(record.requests.all()),
            _card,
            order=35,
        )
    )

handovers.register(
    Handover("training.requests", _("requests that wait"), requests.count_open, requests.hand_over, order=51)
)
