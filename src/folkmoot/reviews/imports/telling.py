"""What the ledger hears of submissions that files tell of."""

from __future__ import annotations

from collections.abc import Iterable

from folkmoot.kernel.events import Happening
from folkmoot.kernel.imports.changes import Changes
from folkmoot.ledger.public import Activity
from folkmoot.people.public import Identity
from folkmoot.reviews import celebration, happenings
from folkmoot.reviews.models import Assignment, Outcome, Submission


def tell(changes: Changes, submission_ids: Iterable[int]) -> None:
    """Record that these were opened, accepted, decided, each once; a fixed number of queries.

    What is told is only what files date: the stages between are intervals, which may narrow, while an activity stays.
    """
    rows = list(Submission.objects.filter(pk__in=list(submission_ids)).order_by("pk"))
    authors = _authors(rows)
    celebrated = celebration.told()
    facts = celebration.facts_of(row for row in rows if row.outcome == Outcome.ACCEPTED)
    told: dict[str, Happening] = {}
    for row in rows:
        found = [happenings.opened(row, authors.get(row.pk))]
        if row.outcome == Outcome.ACCEPTED and row.accepted_on is not None and row.pk not in celebrated:
            found.append(happenings.accepted(row, facts=facts[row.pk]))
        elif row.outcome and row.outcome != Outcome.ACCEPTED and row.closed_at is not None:
            found.append(happenings.closed(row, row.closed_at))
        told |= {one.external_id: one for one in found}
    there = set(
        Activity.objects.filter(source=happenings.SOURCE, external_id__in=list(told)).values_list(
            "external_id", flat=True
        )
    )
    changes.create(
        Activity,
        [
            Activity(
                kind=one.kind,
                identity_id=one.identity_id,
                item_id=one.item_id,
                project_id=one.project_id,
                occurred_at=one.occurred_at,
                source=one.source,
                external_id=one.external_id,
                detail=one.detail,
                recorded_at=changes.now,
            )
            for external_id, one in told.items()
            if external_id not in there
        ],
        counter="activities",
    )


def _authors(rows: Iterable[Submission]) -> dict[int, int]:
    """The GitHub identity of each submission's first author."""
    parts = Assignment.objects.filter(submission__in=list(rows), role=Assignment.Role.AUTHOR)
    person_of: dict[int, int] = {}
    for part in parts.order_by("submission", "position", "pk"):
        person_of.setdefault(part.submission_id, part.person_id)
    found = Identity.objects.filter(person__in=set(person_of.values()), system="github", is_bot=False)
    identity_of: dict[int, int] = {}
    for one in found.order_by("pk"):
        identity_of.setdefault(one.person_id, one.pk)
    return {pk: identity_of[person] for pk, person in person_of.items() if person in identity_of}
