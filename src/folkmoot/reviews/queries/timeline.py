"""What happened to a submission: its stages and dates, its people, notes, and what the ledger knows of its issue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, F, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.accounts.names import name_of
from folkmoot.kernel.events import activity_kinds
from folkmoot.kernel.plugs import TimelineEntry, older
from folkmoot.kernel.rows import Row, Rows, whole
from folkmoot.kernel.ui.times import day
from folkmoot.ledger.public import Activity
from folkmoot.reviews.mentions import bodies
from folkmoot.reviews.models import Assignment, Kind, Outcome, Submission, SubmissionNote

Before = tuple[dt.datetime, int] | None
STAGES, PEOPLE, NOTES, ISSUE = "stages", "people", "review-notes", "issue"
LABELS = {
    STAGES: gettext_lazy("Stages and decisions"),
    PEOPLE: gettext_lazy("People"),
    NOTES: gettext_lazy("Notes"),
    ISSUE: gettext_lazy("On the issue"),
}
#: The numbers of what the submission's own fields tell lie above those of rows.
_OWN = 2**40


def between(not_before: dt.datetime | None, at: dt.datetime) -> str:
    """When a stage was entered, as far as it is known: "between 3 May and 9 May 2026"; ``""`` for a known moment."""
    if not_before is None:
        return _("at the latest on %(day)s") % {"day": day(at)}
    if not_before == at:
        return ""
    if not_before.date() == at.date():
        return _("on %(day)s") % {"day": day(at)}
    return _("between %(first)s and %(last)s") % {"first": day(not_before), "last": day(at)}


# Stages and decisions


def _own(submission: Submission) -> list[TimelineEntry]:
    """What the submission's own fields tell: its dates."""
    kind = ""
    if submission.kind != Kind.FULL:
        kind = _("as %(kind)s") % {"kind": submission.get_kind_display()}
    is_told = submission.outcome and submission.outcome != Outcome.ACCEPTED
    how = str(submission.get_outcome_display()) if is_told else ""
    told = [
        (submission.opened_at, "box-arrow-in-right", _("Submitted"), kind),
        (_accepted_at(submission), "patch-check", _("Accepted"), ""),
        (submission.closed_at, "x-circle", _("Closed"), how),
        (submission.on_hold_since, "pause-circle", _("Put on hold"), submission.hold_reason),
        (submission.first_response_at, "chat", _("First answer to the author"), ""),
    ]
    return [
        TimelineEntry(_OWN + place, at, STAGES, icon, verb, after=after)
        for place, (at, icon, verb, after) in enumerate(told)
        if at is not None
    ]


def _accepted_at(submission: Submission) -> dt.datetime | None:
    if submission.outcome != Outcome.ACCEPTED or submission.accepted_on is None:
        return None
    return dt.datetime.combine(submission.accepted_on, dt.time(), dt.UTC)


def stage_counts(user: Any, record: Submission) -> Rows:
    """How many stage changes and dates there are."""
    return Rows(whole(record.stage_changes.all()), number=Count("pk") + Value(len(_own(record))))


def stage_rows(user: Any, record: Submission, group: str, before: Before, limit: int) -> Rows | None:
    """Stage changes, newest first."""
    if group not in ("", STAGES):
        return None
    return Rows(
        older(record.stage_changes.all(), "at", before),
        *("pk", "at", "not_before"),
        most=limit,
        stage=F("stage__name"),
        who=F("actor__person__name"),
    )


def tell_stages(user: Any, record: Submission, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each stage that was entered, and the dates of the submission."""
    yield from _own(record)
    for row in rows:
        yield TimelineEntry(
            number=row["pk"],
            at=row["at"],
            group=STAGES,
            icon="arrow-right-circle" if row["stage"] else "dash-circle",
            verb=_("Entered") if row["stage"] else _("Stood in no stage any more"),
            title=row["stage"] or "",
            after=between(row["not_before"], row["at"]),
            meta=(row["who"],) if row["who"] else (),
        )


# People


def people_counts(user: Any, record: Submission) -> Rows:
    """How often somebody was asked, answered, or was done."""
    told = Count("invited_at") + Count("answered_at") + Count("done_at")
    return Rows(whole(record.assignments.all()), number=told)


def people_rows(user: Any, record: Submission, group: str, before: Before, limit: int) -> Rows | None:
    """Everybody with a part: they are few, and each has several moments."""
    if group not in ("", PEOPLE):
        return None
    return Rows(
        record.assignments.order_by("pk"),
        *("pk", "role", "state", "reason", "person_id", "invited_at", "answered_at", "done_at"),
        name=F("person__name"),
    )


def tell_people(user: Any, record: Submission, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """When somebody was asked, what they answered, when they were done."""
    may_open = user.has_perm("people.view")
    for row in rows:
        declined = row["state"] == Assignment.State.DECLINED
        told = (
            (1, row["invited_at"], "envelope", _("Was asked:")),
            (2, row["answered_at"], "reply", _("Declined:") if declined else _("Said yes:")),
            (3, row["done_at"], "check2-circle", _("Is done:")),
        )
        for place, at, icon, verb in told:
            if at is not None:
                yield TimelineEntry(
                    number=row["pk"] * 4 + place,
                    at=at,
                    group=PEOPLE,
                    icon=icon,
                    verb=verb,
                    title=row["name"],
                    url=reverse("people:person", args=[row["person_id"]]) if may_open else "",
                    after=_("as %(part)s") % {"part": Assignment.Role(row["role"]).label},
                    meta=(row["reason"],) if row["reason"] and place == 2 else (),
                )


# Notes


def note_rows(user: Any, record: Submission, group: str, before: Before, limit: int) -> Rows | None:
    """Notes, newest first."""
    if group not in ("", NOTES):
        return None
    notes = older(record.notes.all(), "created_at", before)
    return Rows(notes, *("pk", "created_at", "body", "author_id"), most=limit, who=name_of("author"))


def tell_notes(user: Any, record: Submission, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each note, with a way to change it for those who may; two queries if they mention people."""
    texts = bodies({row["pk"]: row["body"] for row in rows})
    for row in rows:
        may = user.has_perm("reviews.change_note", SubmissionNote(pk=row["pk"], author_id=row["author_id"]))
        yield TimelineEntry(
            number=row["pk"],
            at=row["created_at"],
            group=NOTES,
            icon="pencil-square",
            verb=_("Note"),
            body=texts[row["pk"]],
            meta=(row["who"],) if row["who"] else (),
            actions=((_("Edit"), reverse("reviews:edit_note", args=[row["pk"]])),) if may else (),
        )


# The issue


def _on_issue(record: Submission) -> Any:
    """What the ledger knows of the issue; what reviews told it themselves stands among stages and people."""
    return Activity.objects.filter(item=record.item_id or 0).exclude(source="reviews")


def issue_counts(user: Any, record: Submission) -> Rows:
    """How much the ledger knows of the issue."""
    return Rows(whole(_on_issue(record)), number=Count("pk"))


def issue_rows(user: Any, record: Submission, group: str, before: Before, limit: int) -> Rows | None:
    """What happened on the issue, newest first."""
    if group not in ("", ISSUE):
        return None
    return Rows(
        older(_on_issue(record), "occurred_at", before),
        *("pk", "occurred_at", "kind", "detail"),
        most=limit,
        url=F("item__url"),
        who=F("identity__person__name"),
    )


def tell_issue(user: Any, record: Submission, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each activity of a kind that is known."""
    for row in rows:
        if row["kind"] not in activity_kinds:
            continue
        kind, detail = activity_kinds.get(row["kind"]), row["detail"]
        yield TimelineEntry(
            number=row["pk"],
            at=row["occurred_at"],
            group=ISSUE,
            icon=kind.icon,
            verb=kind.label,
            title=str(detail.get("label") or detail.get("title") or ""),
            url=str(detail.get("url") or row["url"] or ""),
            meta=(row["who"],) if row["who"] else (),
        )
