"""Consents as AMY's API v1 tells them: what somebody answers now, without a number and without a day.

Such an answer is written down when it is another one than the last that AMY told, as of the moment of the reading. So
one that a dump told before is not written down again; and a dump that comes later tells its day. Since nobody knows
when it was given, it never overrules what was said or withdrawn here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.models import SeenRecord
from folkmoot.kernel.imports.seen import note_seen
from folkmoot.kernel.imports.sources import Row
from folkmoot.people.actions.consents import BY_THEMSELF, UNSUBSCRIBED
from folkmoot.people.imports.amy.lists import CONSENT
from folkmoot.people.imports.amy.source import AMY
from folkmoot.people.models import Consent

#: What a person said themselves, wherever.
THEIR_OWN = (BY_THEMSELF, UNSUBSCRIBED)


def key_now(person: object, slug: object) -> str:
    """What an answer is known by that has no number: AMY's number of the person, and the term's slug."""
    return f"{CONSENT}/{person}/{slug}"


@dataclass(frozen=True)
class Answer:
    """What somebody answers to a term now.

    Attributes:
        is_given: yes, no, or not answered (any more).
        said: the words of the answer.
        read_at: when AMY was asked.
    """

    row: Row
    key: str
    person: int
    kind: int
    is_given: bool | None
    said: str
    note: str
    read_at: dt.datetime
    text: int | None


class _Held:
    """What is here of these people and kinds, and which answer AMY told last; two statements."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        rows = Consent.objects.filter(
            person__in={one.person for one in answers}, kind__in={one.kind for one in answers}
        ).order_by("decided_at", "pk")
        #: The newest of all, of AMY's, and of the person's own.
        self.newest: dict[tuple[int, int], Consent] = {}
        self.amys: dict[tuple[int, int], Consent] = {}
        self.own: dict[tuple[int, int], Consent] = {}
        for row in rows:
            about = (row.person_id, row.kind_id)
            self.newest[about] = row
            if row.source == AMY:
                self.amys[about] = row
            elif row.source in THEIR_OWN:
                self.own[about] = row
        by_pk = {str(row.pk): row for row in rows}
        seen = SeenRecord.objects.filter(source=AMY, key__in={one.key for one in answers})
        self.known = {one.key: one for one in seen}
        self.told = {one.key: by_pk[one.row] for one in seen if not one.is_gone and one.row in by_pk}


def bring_answers(changes: Changes, answers: Sequence[Answer]) -> None:
    """Write down those that are new; a fixed number of statements."""
    if not answers:
        return
    held = _Held(answers)
    new: dict[str, Consent] = {}
    same: dict[str, int] = {}
    for one in answers:
        about = (one.person, one.kind)
        last = held.told.get(one.key) or held.amys.get(about)
        if one.is_given is None:
            if last is not None and last.is_given and _holds(held.amys.get(about)) and about not in held.own:
                new[one.key] = _consent(one, is_given=False, note=ended())
        elif last is not None and is_same(last, is_given=one.is_given, said=one.said):
            same[one.key] = last.pk
            changes.unchanged("consents")
        elif why := _stands(held, one):
            changes.reject(one.row, "term_option", why)
        else:
            new[one.key] = _consent(one, is_given=one.is_given, note=one.note)
    changes.create(Consent, list(new.values()), counter="consents")
    unset = {one.key for one in answers if one.is_given is None}
    rows = same | {key: row.pk for key, row in new.items() if key not in unset}
    note_seen(changes, source=AMY, model=Consent, rows=rows)
    # an answer that AMY has no more is not told as one that it lists no more: what it was ended here, too
    ended_there = [known for key, known in held.known.items() if key in unset and not known.is_gone]
    changes.update(SeenRecord, [(known, {"is_gone": True}) for known in ended_there], counter="")


def is_same(row: Consent, *, is_given: bool, said: str) -> bool:
    """Whether a consent holds this very answer; a yes may be given in several ways."""
    return row.is_given == is_given and row.note.endswith(f": {said}"[:200])


def ended() -> str:
    """What is noted of a consent that AMY ended."""
    return _("archived in AMY: it was asked anew, or reset")


def _holds(row: Consent | None) -> bool:
    return row is not None and row.is_given


def _stands(held: _Held, one: Answer) -> str:
    """Why what is here stays, if it does."""
    if (one.person, one.kind) in held.own:
        return _("the person has said so themselves since: their own word stands")
    newest = held.newest.get((one.person, one.kind))
    if one.is_given and newest is not None and newest.source != AMY and not newest.is_given:
        return _("was withdrawn here, and AMY’s API does not say when it was given: it stays withdrawn")
    return ""


def _consent(one: Answer, *, is_given: bool, note: str) -> Consent:
    return Consent(
        person_id=one.person, kind_id=one.kind, is_given=is_given, decided_at=one.read_at, source=AMY, note=note[:200],
        text_id=one.text if is_given == one.is_given else None,
    )  # fmt: skip


@dataclass(frozen=True)
class Dated:
    """An answer as a dump tells it.

    Attributes:
        key: its own.
        now: by which the API knows what the person answers to this term: see :func:`key_now`.
        archived_at: when AMY ended it.
    """

    key: str
    now: str
    is_given: bool
    said: str
    decided_at: dt.datetime
    archived_at: dt.datetime | None


def day_of_answers(changes: Changes, answers: Iterable[Dated]) -> set[str]:
    """Give answers that the API told their day, now that a dump tells it; two statements where there are some.

    Returns:
        keys of those that are here by that.
    """
    by_now: dict[str, list[Dated]] = {}
    for one in answers:
        by_now.setdefault(one.now, []).append(one)
    told = dict(_rows(by_now))
    if not told:
        return set()
    keys = {one.key for now in told for one in by_now[now]}
    known = set(SeenRecord.objects.filter(source=AMY, key__in=keys).values_list("key", flat=True))
    numbered = set(
        SeenRecord.objects.filter(
            source=AMY, table=Consent._meta.label_lower, row__in=[str(row.pk) for row in told.values()]
        )
        .exclude(key__in=told)
        .values_list("row", flat=True)
    )
    found: dict[str, int] = {}
    moved: list[tuple[Consent, Mapping[str, dt.datetime]]] = []
    for now, row in told.items():
        if str(row.pk) in numbered:
            continue
        for one in by_now[now]:
            fits = one.decided_at <= row.decided_at and (
                one.archived_at is None or row.decided_at <= one.archived_at
            )
            if one.key not in known and fits and is_same(row, is_given=one.is_given, said=one.said):
                found[one.key] = row.pk
                moved.append((row, {"decided_at": one.decided_at}))
                break
    changes.update(Consent, [(row, dict(values)) for row, values in moved], counter="consents")
    note_seen(changes, source=AMY, model=Consent, rows=found)
    return set(found)


def newest_of(changes: Changes, answers: Iterable[Dated], rows: Mapping[str, Consent]) -> None:
    """The API's name of an answer leads to the newest that a dump tells, where the API told one before."""
    by_now: dict[str, Consent] = {}
    for one in answers:
        row = rows.get(one.key)
        if row is not None and (one.now not in by_now or by_now[one.now].decided_at < row.decided_at):
            by_now[one.now] = row
    later = {now: by_now[now].pk for now, row in _rows(by_now) if row.decided_at < by_now[now].decided_at}
    note_seen(changes, source=AMY, model=Consent, rows=later)


def _rows(keys: Iterable[str]) -> Iterator[tuple[str, Consent]]:
    """The consents that these names of the API lead to."""
    seen = SeenRecord.objects.filter(source=AMY, key__in=list(keys), is_gone=False).exclude(row="")
    rows = {key: int(row) for key, row in seen.values_list("key", "row")}
    here = Consent.objects.in_bulk(set(rows.values())) if rows else {}
    for key, pk in rows.items():
        if pk in here:
            yield key, here[pk]
