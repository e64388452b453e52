"""What the page of one request shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import audit
from folkmoot.kernel.accounts.names import name_of
from folkmoot.kernel.plugs import TimelineEntry, counted, older
from folkmoot.kernel.rows import Row, Rows
from folkmoot.people.public import Person
from folkmoot.training.mentions import bodies
from folkmoot.training.models import Curriculum, Fills, Request, RequestFile, RequestNote, RequestState
from folkmoot.training.queries import asking
from folkmoot.training.queries.requests import duplicates_of

State = RequestState
STEPS, NOTES = "steps", "notes"
LABELS = {STEPS: gettext_lazy("Steps"), NOTES: gettext_lazy("Notes")}
Before = tuple[dt.datetime, int] | None


@dataclass(frozen=True)
class Told:
    """A request whose answers are shown, with its files by field."""

    request: Request
    answers: list[asking.Answer]
    files: list[RequestFile]


@dataclass(frozen=True)
class RequestPage:
    """Everything beside the timeline."""

    told: list[Told]
    duplicates: list[Request]
    #: The record that has its address, where it is not laid to it.
    offered: Person | None
    reasons: list[Mapping[str, Any]]


def read(pk: int) -> Request | None:
    """The request with what its first lines name; one query."""
    return (
        Request.objects.select_related(
            *("form__kind", "form__owner", "version", "person", "organization", "assigned_to", "event"),
            *("task", "merged_into__form"),
        )
        .exclude(state=State.DRAFT)
        .filter(pk=pk)
        .first()
    )


def request_page(row: Request, offered: Person | None) -> RequestPage:
    """What the page shows; three queries."""
    both = [row, *row.merged.select_related("version").order_by("received_at", "pk")]
    files = list(RequestFile.objects.filter(request__in=[one.pk for one in both]).order_by("pk"))
    return RequestPage(
        told=[
            Told(one, asking.answers_of(one), [file for file in files if file.request_id == one.pk])
            for one in both
        ],
        duplicates=[] if row.merged_into_id else duplicates_of(row),
        offered=offered,
        reasons=row.score_reasons,
    )


# --------------------------------------------------------- prefilling an event


def prefilled(row: Request) -> dict[str, Any]:
    """What the answers say of an event, by field of its form; at most one query."""
    found: dict[str, Any] = {"title": "", "is_online": False}
    for field in row.version.fields:
        said, fills = row.answers.get(field["key"]), field["fills"]
        if not fills or fills == Fills.CODE or said is None or said == "" or said == []:
            continue
        _fill(found, fills, field, said)
    if row.organization is not None:
        found["host"] = row.organization.name
    if not found["title"]:
        who = row.organization.name if row.organization else row.organization_name or row.name
        kind = row.form.kind.name if row.form.kind else row.form.title
        found["title"] = f"{kind}: {who}"[:200]
    found["kind"] = row.form.kind_id
    found["programme"] = row.form.programme_id
    return found


def _fill(found: dict[str, Any], fills: str, field: asking.Asked, said: Any) -> None:
    text = asking.in_words(field, said)
    if fills == Fills.DAYS and isinstance(said, list):
        found["starts_on"], found["ends_on"] = asking.day_of(said[0]), asking.day_of(said[-1])
    elif fills in (Fills.STARTS_ON, Fills.ENDS_ON):
        found[fills] = asking.day_of(said)
    elif fills == Fills.CURRICULA:
        slugs = [str(one) for one in said] if isinstance(said, list) else [str(said)]
        found[fills] = list(Curriculum.objects.filter(slug__in=slugs).values_list("pk", flat=True))
    elif fills == Fills.LANGUAGES:
        found[fills] = said if isinstance(said, list) else [said]
    elif fills == Fills.ONLINE:
        found[fills] = said is True
    elif fills == Fills.CAPACITY:
        found[fills] = int(said) if isinstance(said, int | float) and said >= 1 else None
    elif fills == Fills.COUNTRY:
        found[fills] = said
    elif fills == Fills.HOST:
        pass  # only an organisation of the register can be
    elif fills == Fills.DESCRIPTION:
        found[fills] = "\n\n".join(filter(None, [found.get(fills, ""), text]))
    else:
        found[fills] = "; ".join(filter(None, [found.get(fills, ""), *text.splitlines()]))[:320]


# ------------------------------------------------------------------- timeline

_BECAME = {
    State.UNPROVEN: (gettext_lazy("Sent"), "send"),
    State.PENDING: (gettext_lazy("Received"), "inbox"),
    State.ACCEPTED: (gettext_lazy("Accepted"), "check2-circle"),
    State.DISCARDED: (gettext_lazy("Discarded"), "x-circle"),
    State.WITHDRAWN: (gettext_lazy("Withdrawn"), "arrow-counterclockwise"),
}
_REASONS = {
    "assigned": (gettext_lazy("Given to"), "person-check"),
    "linked": (gettext_lazy("Laid to a record"), "link-45deg"),
    "unlinked": (gettext_lazy("Taken off a record"), "link-45deg"),
    "corrected": (gettext_lazy("Answers corrected"), "pencil"),
    "merged": (gettext_lazy("Merged with another request"), "union"),
    "points": (gettext_lazy("Points given by hand"), "123"),
    "hand over": (gettext_lazy("Handed over to"), "person-check"),
    "taken up again": (gettext_lazy("Taken up again"), "arrow-counterclockwise"),
}


def _history(record: Request) -> Any:
    history: Any = Request.history
    before = history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id")
    words = [*_REASONS, "sent", "received", "accepted", "discarded", "withdrawn"]
    told = Q(history_change_reason__in=words)
    for word in words:
        told |= Q(history_change_reason__startswith=f"{word} (API: ")
    undone = Q(history_change_reason__startswith="undo")
    return history.filter(told | undone, id=record.pk).annotate(before=Subquery(before.values("state")[:1]))


def step_counts(user: Any, record: Request) -> Rows:
    """How many steps there were."""
    return counted(_history(record))


def step_rows(user: Any, record: Request, group: str, before: Before, limit: int) -> Rows | None:
    """What was done with it, newest first."""
    if group not in ("", STEPS):
        return None
    return Rows(
        older(_history(record), "history_date", before),
        *("history_id", "history_date", "state", "reason", "before", "history_change_reason"),
        most=limit,
        who=name_of("history_user"),
        whose=name_of("assigned_to"),
        points=F("score_manual"),
    )


def tell_steps(user: Any, record: Request, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each step, by whom and why."""
    for row in rows:
        said = audit.plain_reason(row["history_change_reason"])
        after = ""
        if said in _REASONS:
            verb, icon = _REASONS[said]
            if said in ("assigned", "hand over"):
                after = row["whose"] or _("nobody")
            elif said == "points" and row["points"] is not None:
                after = f": {row['points']}"
        elif said.startswith("undo"):
            verb, icon = gettext_lazy("Taken back"), "arrow-counterclockwise"
        else:
            verb, icon = _BECAME[State(row["state"])]
            after = f": {row['reason']}" if row["reason"] else ""
        yield TimelineEntry(
            number=row["history_id"],
            at=row["history_date"],
            group=STEPS,
            icon=icon,
            verb=verb,
            after=after,
            meta=tuple(filter(None, [row["who"]])),
        )


def file_label(row: Request, key: str) -> str:
    """The question that a file answers."""
    return next((field["label"] for field in row.version.fields if field["key"] == key), key)


def note_counts(user: Any, record: Request) -> Rows:
    """How many notes there are."""
    return counted(_notes(record))


def _notes(record: Request) -> QuerySet[RequestNote]:
    return RequestNote.objects.filter(Q(request=record) | Q(request__merged_into=record))


def note_rows(user: Any, record: Request, group: str, before: Before, limit: int) -> Rows | None:
    """Notes, newest first."""
    if group not in ("", NOTES):
        return None
    return Rows(
        older(_notes(record), "created_at", before),
        *("pk", "created_at", "body"),
        most=limit,
        who=name_of("author"),
    )


def tell_notes(user: Any, record: Request, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each note, with what takes it away; two queries if any mentions people."""
    texts = bodies({row["pk"]: row["body"] for row in rows})
    for row in rows:
        yield TimelineEntry(
            number=row["pk"],
            at=row["created_at"],
            group=NOTES,
            icon="chat-left-text",
            verb=_("Note:"),
            body=texts[row["pk"]],
            meta=tuple(filter(None, [row["who"]])),
            actions=((_("Edit"), reverse("training:edit_request_note", args=[row["pk"]])),),
        )
