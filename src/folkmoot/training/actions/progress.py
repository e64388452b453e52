"""How far trainees are: noted by the staff one by one or for many at once, evaluated, corrected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import audit, clock
from folkmoot.kernel.undo import Change, Undo, last_change, removed
from folkmoot.people.public import Person
from folkmoot.training.actions import base
from folkmoot.training.actions.awards import award_complete
from folkmoot.training.actions.base import Actor
from folkmoot.training.models import (
    UNDECIDED,
    Event,
    Involvement,
    Progress,
    ProgressState,
    Requirement,
    Status,
)
from folkmoot.training.queries.trainees import at_trainings
from folkmoot.training.telling_progress import tell_passed

#: Most people for whom something is noted at once.
MOST = 500


class ProgressFields(TypedDict, total=False):
    """What is said of a try."""

    involvement: Involvement | None
    event: Event | None
    state: str
    happened_on: dt.date | None
    due_on: dt.date | None
    url: str
    own_note: str
    note: str


class EditFields(ProgressFields, total=False):
    """What may be corrected."""

    requirement: Requirement


def check(row: Progress) -> None:
    """See that a try says what its requirement asks; one that is only to do need not.

    Raises:
        ValidationError: by field.
    """
    requirement, how = row.requirement, row.involvement
    wrong: dict[str, str] = {}
    if how is not None and how.requirement_id != requirement.pk:
        wrong["involvement"] = _("“%(how)s” does not belong to %(what)s.") % {"how": how, "what": requirement}
    if row.event is not None and not requirement.needs_event:
        wrong["event"] = _("%(what)s is no training: leave this empty.") % {"what": requirement}
    if row.event is not None and row.event.status in (Status.CANCELLED, Status.STALLED):
        wrong["event"] = _("%(event)s did not take place.") % {"event": row.event}
    if row.happened_on is not None and row.happened_on > clock.today() + dt.timedelta(days=1):
        wrong["happened_on"] = _("This day is still to come.")
    if row.state != ProgressState.OPEN:
        if how is None and requirement.involvements.filter(is_archived=False).exists():
            wrong["involvement"] = _("Say how.")
        if row.event is None and requirement.needs_event:
            wrong.setdefault("event", _("Say which training."))
        asks: list[Requirement | Involvement] = [requirement, *([how] if how is not None else [])]
        if not row.url and any(one.needs_url for one in asks):
            wrong["url"] = _("Give the address where it can be seen.")
        if row.happened_on is None and any(one.needs_date for one in asks):
            wrong["happened_on"] = _("Say on which day it was.")
        if not (row.own_note.strip() or row.note.strip()) and any(one.needs_note for one in asks):
            wrong["own_note" if row.submitted_at else "note"] = _("Say a few words about it.")
    if wrong:
        raise ValidationError({name: ValidationError(words, code="needed") for name, words in wrong.items()})


def decide(row: Progress, actor: Actor) -> None:
    """Keep who evaluated it and when, where its state says that somebody did."""
    if row.state in UNDECIDED:
        row.evaluated_at, row.evaluated_by = None, None
    else:
        row.evaluated_at, row.evaluated_by = clock.now(), actor


def standing_person(person: Person) -> None:
    """See that something can be noted of somebody.

    Raises:
        ValidationError: their record is archived, or they asked to be forgotten.
    """
    if person.erased_at is not None or person.archived_at is not None:
        raise ValidationError(
            {"person": _("The record of %(person)s is archived.") % {"person": person.name}}, code="archived"
        )


@transaction.atomic
def add_progress(
    *, person: Person, requirement: Requirement, actor: Actor, **values: Unpack[ProgressFields]
) -> Progress:
    """Note a try of somebody. Whoever passes the last requirement of a badge that is awarded by itself gets it.

    Raises:
        ValidationError: by field; they have an entry for this training already.
    """
    standing_person(person)
    row = Progress(person=person, requirement=requirement)
    base.put(row, {"state": ProgressState.PASSED, **values})
    check(row)
    decide(row, actor)
    base.write(row, actor=actor)
    _follow([row], actor)
    return row


@transaction.atomic
def edit_progress(
    *, progress: Progress, actor: Actor, seen: int | None = None, **values: Unpack[EditFields]
) -> Progress:
    """Correct or evaluate a try; what is not named stays.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    row = base.locked(progress, seen)
    before = row.state
    if base.put(row, values):
        check(row)
        if row.state != before:
            decide(row, actor)
        base.write(row, actor=actor)
        _follow([row], actor)
    return row


@transaction.atomic
def remove_progress(*, progress: Progress, actor: Actor) -> Undo:
    """Take out a try that was entered by mistake."""
    return removed(base.locked(progress), actor=actor)


@transaction.atomic
def evaluate(*, rows: Iterable[Progress], state: str, actor: Actor, note: str = "") -> Undo:
    """Decide about what was submitted. What is decided so already stays as it is.

    Args:
        note: what the staff notes beside; empty: nothing.

    Raises:
        ValidationError: there is no such state.
    """
    if state not in ProgressState.values or state in UNDECIDED:
        raise ValidationError({"state": _("There is no such state.")}, code="invalid")
    changes: list[Change] = []
    done: list[Progress] = []
    for progress in rows:
        row = base.locked(progress)
        values: dict[str, Any] = {"state": state} | ({"note": note} if note.strip() else {})
        if not base.put(row, values):
            continue
        decide(row, actor)
        base.write(row, actor=actor)
        changes += last_change(row).changes
        done.append(row)
    changes += _follow(done, actor).changes
    return Undo(tuple(changes))


def _follow(rows: Sequence[Progress], actor: Actor) -> Undo:
    """Tell the ledger who passed, and award what is awarded by itself."""
    done = [row for row in rows if row.state == ProgressState.PASSED]
    if not done:
        return Undo()
    tell_passed(done, actor=actor)
    return award_complete(
        people=[row.person for row in done], requirements={row.requirement_id for row in done}, actor=actor
    )


# ------------------------------------------------------------- many at once


@dataclass
class Noted:
    """What came of noting something for many."""

    rows: list[Progress] = field(default_factory=list)
    #: Who stands so already.
    known: list[Person] = field(default_factory=list)
    #: Who was at no training that is over.
    untrained: list[Person] = field(default_factory=list)
    undo: Undo = field(default_factory=Undo)


@transaction.atomic
def note_many(
    *, people: Iterable[Person], requirement: Requirement, actor: Actor, **values: Unpack[ProgressFields]
) -> Noted:
    """Note the same for many people, who need share no event. About ten queries, however many they are.

    A training without an event is each one's own: the newest at which they learned. Whoever stands so already is left
    as they are; what was submitted and waits is decided by it.

    Raises:
        ValidationError: by field; they are more than :data:`MOST`.
    """
    wanted = list({person.pk: person for person in people}.values())
    if not wanted:
        raise ValidationError({"people": _("Say for whom.")}, code="nobody")
    if len(wanted) > MOST:
        raise ValidationError(
            {
                "people": _("At most %(n)d people at a time; these are %(many)d.")
                % {"n": MOST, "many": len(wanted)}
            },
            code="many",
        )
    for person in wanted:
        standing_person(person)
    noted = Noted()
    own = requirement.needs_event and values.get("event") is None
    trained = _newest_trainings(requirement, wanted) if own else {}
    state = values.get("state", ProgressState.PASSED)
    tries: dict[int, list[Progress]] = {}
    for one in Progress.objects.select_for_update().filter(person__in=wanted, requirement=requirement):
        tries.setdefault(one.person_id, []).append(one)
    new: list[Progress] = []
    changed: list[Progress] = []
    checked: set[int | None] = set()
    for person in wanted:
        event = trained.get(person.pk) if own else values.get("event")
        if own and event is None and state != ProgressState.OPEN:
            noted.untrained.append(person)
            continue
        mine = sorted(tries.get(person.pk, ()), key=lambda row: (row.created_at, row.pk))
        row = _open_one(mine, event) or Progress(person=person, requirement=requirement)
        row.person, row.requirement = person, requirement
        if any(one.state == ProgressState.PASSED for one in mine) and state == ProgressState.PASSED:
            noted.known.append(person)
            continue
        differs = base.put(row, {"state": state, **_said(values), "event": event})
        if (row.pk is not None and not differs) or (row.pk is None and _is_there(row, mine)):
            noted.known.append(person)
            continue
        key = event.pk if event is not None else None
        if key not in checked or row.submitted_at:
            check(row)
            checked.add(key)
        decide(row, actor)
        (new if row.pk is None else changed).append(row)
    audit.bulk_create(Progress, new, reason="many", user=actor)
    audit.bulk_update(Progress, changed, _WRITTEN, reason="many", user=actor)
    noted.rows = [*new, *changed]
    changes = _newest_changes(noted.rows)
    noted.undo = Undo((*changes, *_follow(noted.rows, actor).changes))
    return noted


_WRITTEN = (
    *("state", "involvement", "event", "happened_on", "due_on", "url", "own_note", "note"),
    *("evaluated_at", "evaluated_by", "updated_at"),
)


def _said(values: ProgressFields) -> dict[str, Any]:
    """What was said, without what was left empty: that stays as it is."""
    return {name: value for name, value in values.items() if value not in (None, "") and name != "event"}


def _open_one(mine: Sequence[Progress], event: Event | None) -> Progress | None:
    """The try that an entry decides: the one at this training, else one that waits."""
    for row in reversed(mine):
        if event is not None and row.event_id == event.pk:
            return row
    return next((row for row in reversed(mine) if row.state in UNDECIDED and row.event_id is None), None)


def _is_there(row: Progress, mine: Sequence[Progress]) -> bool:
    """The newest try says the same."""
    if not mine:
        return False
    names = ("state", "involvement_id", "event_id", "happened_on", "due_on", "url", "note")
    return all(getattr(row, name) == getattr(mine[-1], name) for name in names)


def _newest_trainings(requirement: Requirement, people: Sequence[Person]) -> dict[int, Event]:
    """The newest training that is over, of each who learned at one; one query."""
    parts = (
        at_trainings([requirement])
        .filter(person__in=people, event__status=Status.DONE)
        .exclude(attended=False)
        .select_related("event")
        .order_by("event__starts_at", "pk")
    )
    return {part.person_id: part.event for part in parts}


def _newest_changes(rows: Sequence[Progress]) -> list[Change]:
    """What takes back the newest change of each of many rows; one query."""
    history: Any = Progress.history.model
    entries = history.objects.filter(id__in=[row.pk for row in rows]).order_by("history_id")
    newest: dict[int, int] = dict(entries.values_list("id", "history_id"))
    return [Change("training.progress", row.pk, newest[row.pk]) for row in rows if row.pk in newest]
