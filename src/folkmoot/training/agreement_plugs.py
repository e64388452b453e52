"""What agreements with members and partners declare."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.plugs import (
    Command,
    Handover,
    NavEntry,
    RecordPanel,
    ScheduledJob,
    TimelineSource,
    commands,
    handovers,
    navigation,
    one_group,
    record_panels,
    schedule,
    timeline_sources,
)
from folkmoot.kernel.search.kinds import Document, Follow, Naming, SearchKind, search_kinds
from folkmoot.people.public import belongs_to_history
from folkmoot.training import agreement_telling as telling
from folkmoot.training import agreement_today as _today  # noqa: F401 - registers what Today tells
from folkmoot.training.actions.handover import count_agreements, hand_over_agreements
from folkmoot.training.addresses import agreement_page
from folkmoot.training.cards import declare_card
from folkmoot.training.imports import agreements as _imports  # noqa: F401 - registers what imports read
from folkmoot.training.metrics import agreements as _metrics  # noqa: F401 - declare themselves
from folkmoot.training.models import (
    Agreement,
    AgreementContact,
    AgreementParty,
    Allowance,
    Extension,
    RegistrationCode,
)
from folkmoot.training.queries import agreement_timeline as timeline
from folkmoot.training.queries import seats

_TRAINING = _("Training & events")
for _kind in (
    ActivityKind(telling.BEGAN, _("Agreement began:"), "file-earmark-play", _TRAINING),
    ActivityKind(telling.ENDED, _("Agreement ended:"), "file-earmark-x", _TRAINING),
    ActivityKind(telling.RENEWED, _("Agreement renewed:"), "file-earmark-check", _TRAINING),
):
    activity_kinds.register(_kind)

belongs_to_history(
    Agreement,
    (AgreementParty, "agreement"),
    (Extension, "agreement"),
    (AgreementContact, "agreement"),
    (Allowance, "agreement"),
    (RegistrationCode, "agreement"),
)

job_kinds.register(
    JobKind(
        telling.JOB,
        _("Note which agreements began and ended"),
        telling.tell_days,
        permission="training.view",
    )
)
schedule.register(
    ScheduledJob(
        telling.JOB,
        telling.JOB,
        lambda now: now.astimezone(dt.UTC).date().isoformat(),
        "Every day: the ledger is told which agreements began and which ended.",
    )
)

# ------------------------------------------------------ navigation and search

navigation.register(
    NavEntry(
        "training.agreements",
        _("Agreements"),
        "training:agreements",
        "",
        "training.view",
        "training",
        order=3,
    )
)
navigation.register(
    NavEntry(
        "me.agreements",
        _("My agreements"),
        "training:own_agreements",
        "file-earmark-text",
        "people.own",
        "me",
        order=4,
    )
)
for _command in (
    Command(
        "training.new_agreement",
        _("New agreement"),
        "training:new_agreement",
        "training.manage",
        "file-earmark-plus",
        True,
        52,
    ),
    Command(
        "training.agreements",
        _("Go to agreements"),
        "training:agreements",
        "training.view",
        "file-earmark-text",
        order=152,
    ),
):
    commands.register(_command)


def agreement_documents(ids: Sequence[int]) -> Iterable[Document]:
    """Agreements by who holds them, codes and contacts; four queries."""
    words: dict[int, list[str]] = defaultdict(list)
    for pk, name in AgreementParty.objects.filter(agreement__in=ids).values_list(
        "agreement_id", "organization__name"
    ):
        words[pk].append(name)
    for pk, name in AgreementContact.objects.filter(agreement__in=ids).values_list(
        "agreement_id", "person__name"
    ):
        words[pk].append(name)
    for pk, text in RegistrationCode.objects.filter(agreement__in=ids).values_list("agreement_id", "text"):
        words[pk].append(text)
    for row in Agreement.objects.filter(pk__in=ids).select_related("organization", "tier"):
        shown = [str(row.get_kind_display()), row.tier.name, f"{row.starts_on:%Y} – {row.last_day:%Y}"]
        text = " ".join([row.organization.name, *sorted(words[row.pk])])
        yield Document(row.pk, row.holder, " · ".join(shown), text, agreement_page(row.pk))


search_kinds.register(
    SearchKind(
        "agreement",
        _("Agreements"),
        "file-earmark-text",
        "training.view",
        "training",
        Agreement,
        agreement_documents,
        (
            Follow(AgreementParty, "agreement_id"),
            Follow(AgreementContact, "agreement_id"),
            Follow(RegistrationCode, "agreement_id"),
        ),
        (
            Naming("organization"),
            Naming("parties__organization"),
            Naming("contacts__person"),
            Naming("tier"),
        ),
        order=62,
    )
)

# --------------------------------------------------------- timelines and cards

for _source in (
    TimelineSource(
        "training.agreement_uses",
        frozenset({"training.agreement"}),
        "training.view",
        timeline.use_counts,
        one_group(timeline.USES, timeline.LABELS[timeline.USES]),
        timeline.use_rows,
        timeline.tell_uses,
        order=10,
    ),
    TimelineSource(
        "training.agreement_extensions",
        frozenset({"training.agreement"}),
        "training.view",
        timeline.extension_counts,
        one_group(timeline.EXTENSIONS, timeline.LABELS[timeline.EXTENSIONS]),
        timeline.extension_rows,
        timeline.tell_extensions,
        order=20,
    ),
    TimelineSource(
        "training.agreements",
        frozenset({"people.organization"}),
        "training.view",
        timeline.agreement_counts,
        one_group(timeline.AGREEMENTS, timeline.LABELS[timeline.AGREEMENTS]),
        timeline.agreement_rows,
        timeline.tell_agreements,
        order=52,
    ),
):
    timeline_sources.register(_source)

declare_card(
    "training.agreements_of_organization",
    "people.organization",
    _("Agreements"),
    "agreements_of_record",
    timeline.card_of_organization,
    timeline.card,
    28,
)
declare_card(
    "training.agreements_of_person",
    "people.person",
    _("Speaks for"),
    "agreements_of_record",
    timeline.card_of_person,
    timeline.card,
    34,
)
record_panels.register(
    RecordPanel(
        "training.agreements_of_event",
        "training.event",
        _("Agreements"),
        "training.view",
        "training/parts/agreements_of_event.html",
        lambda user, record: seats.card_rows(record),
        lambda user, record, rows: seats.card(record, rows),
        order=15,
    )
)

handovers.register(
    Handover(
        "training.agreements",
        _("agreements they look after"),
        count_agreements,
        hand_over_agreements,
        order=52,
    )
)
