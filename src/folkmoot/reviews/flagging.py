"""Flags in bulk: what a source says that cannot be read, and what can be read again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from folkmoot.kernel.imports.changes import Changes
from folkmoot.reviews.models import Flag, Programme, Submission


@dataclass(frozen=True)
class Found:
    """Something to flag: of a submission, or of none (a label)."""

    submission: Submission | None
    field: str
    value: str
    reason: str
    kind: str = Flag.Kind.VALUE
    place: str = ""
    line: int | None = None

    @property
    def key(self) -> tuple[int | None, str, str, str]:
        """By which a flag is one of its kind."""
        pk = self.submission.pk if self.submission is not None else None
        return pk, str(self.kind), self.field[:100], self.value[:500]


def put_flags(changes: Changes, programme: Programme, found: Iterable[Found]) -> None:
    """Raise flags. One that is raised stays as it is; one that was settled by a person, too.

    A flag that had settled by itself is raised again when the source says the same again.
    """
    wanted = {one.key: one for one in found}
    if not wanted:
        return
    known = {}
    about = {key[0] for key in wanted}
    rows = Flag.objects.filter(programme=programme).filter(
        Q(submission__in=[pk for pk in about if pk is not None])
        | (Q(submission=None) if None in about else Q(pk__in=[]))
    )
    for row in rows:
        known[row.submission_id, row.kind, row.field, row.value] = row
    changes.create(
        Flag,
        [
            Flag(
                programme=programme,
                submission=one.submission,
                kind=one.kind,
                field=one.field[:100],
                value=one.value[:500],
                reason=one.reason[:500],
                source=changes.source,
                place=one.place[:200],
                line=one.line,
                first_seen_at=changes.now,
                last_seen_at=changes.now,
            )
            for key, one in wanted.items()
            if key not in known
        ],
        counter="flags",
    )
    again = [
        known[key]
        for key in wanted
        if key in known and known[key].settled_at is not None and known[key].settled_by_id is None
    ]
    values: Mapping[str, object] = {"settled_at": None, "last_seen_at": changes.now}
    changes.update(Flag, [(row, values) for row in again], counter="flags")


def settle_flags(
    changes: Changes, readable: Mapping[int, set[str]], raised: Iterable[Found], places: Sequence[str]
) -> None:
    """Settle flags of values that can be read now, or stand there no more.

    Args:
        readable: fields that the source spoke of, by submission.
        raised: what is still wrong with them.
        places: how the names of the source's places begin; flags from elsewhere are left alone.
    """
    still = {one.key for one in raised}
    rows = Flag.objects.filter(
        submission__in=list(readable), kind=Flag.Kind.VALUE, settled_at=None, source=changes.source
    )
    done = [
        row
        for row in rows
        if row.field in readable[row.submission_id or 0]
        and row.place.startswith(tuple(places))
        and (row.submission_id, row.kind, row.field, row.value) not in still
    ]
    changes.update(Flag, [(row, {"settled_at": changes.now}) for row in done], counter="flags")
