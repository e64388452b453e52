"""Seeking people for an event: opening, what is sought, closing, the limits; where people set out from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock, saving
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.undo import Change, Undo, last_change, removed
from folkmoot.people.public import Person
from folkmoot.training import places, recruiting_telling
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.models import (
    ClosedBecause,
    Event,
    Opening,
    OpeningState,
    RecruitmentRules,
    SoughtPart,
    TaskKind,
    TaskState,
    TeachingProfile,
    unit_vector,
)

_IN_ORDER = gettext_lazy("High priority comes later than medium: give it fewer days.")
saving.say(
    {
        "opening_closed_with_reason": ("state", gettext_lazy("Say why it is closed.")),
        "soughtpart_once": ("kind", gettext_lazy("This part is sought already.")),
        "soughtpart_some": ("number", gettext_lazy("Say how many: from 1 to 100.")),
        "signup_once": ("person", gettext_lazy("This person has signed up for this part already.")),
        "teachingprofile_lies_on_earth": (
            "place",
            gettext_lazy("Latitude (-90 to 90) and longitude (-180 to 180) go together."),
        ),
        "recruitmentrules_online_in_order": ("online_high", _IN_ORDER),
        "recruitmentrules_in_person_in_order": ("in_person_high", _IN_ORDER),
    }
)


def _axis(number: int) -> Any:
    def reckon(row: TeachingProfile) -> float | None:
        if row.latitude is None or row.longitude is None:
            return None
        return unit_vector(row.latitude, row.longitude)[number]

    return reckon


saving.derives(TeachingProfile, x=_axis(0), y=_axis(1), z=_axis(2))


class OpeningFields(TypedDict, total=False):
    """What may be said of an opening; its state has actions of its own."""

    priority: int | None
    owner: User | None
    text: str
    note: str


@transaction.atomic
def save_opening(
    *,
    event: Event,
    values: OpeningFields,
    sought: Mapping[TaskKind, int],
    actor: Actor,
    opening: Opening | None = None,
    seen: int | None = None,
) -> tuple[Opening, Undo]:
    """Seek people for an event, or change what is sought.

    Args:
        sought: how many for each part; 0 or a part that is not named: not sought.

    Returns:
        the opening, and what takes the change back.

    Raises:
        ValidationError: nothing is sought; the event is over or cancelled; there is an opening already;
            ``ChangedMeanwhile``.
    """
    event = base.locked(event)
    wanted = {kind: number for kind, number in sought.items() if number}
    if not wanted:
        raise ValidationError(_("Say whom you seek: at least one person for one part."), code="nobody")
    learning = next((kind for kind in wanted if kind.does == TaskKind.Does.LEARNS), None)
    if learning is not None:
        raise ValidationError(
            _("“%(part)s” takes part: people register for that, they are not sought.")
            % {"part": learning.name},
            code="part",
        )
    if opening is None:
        if Opening.objects.filter(event=event).exists():
            raise ValidationError(
                _("People are sought for %(event)s already: change that opening.") % {"event": event.title},
                code="taken",
            )
        _ahead(event)
    row = (
        base.locked(opening, seen)
        if opening is not None
        else Opening(event=event, owner=actor, opened_at=clock.now())
    )
    changes: list[Change] = []
    if base.put(row, values) or row.pk is None:
        base.write(row, actor=actor)
        changes += last_change(row).changes
    there = {part.kind_id: part for part in SoughtPart.objects.select_for_update().filter(opening=row)}
    for kind, number in wanted.items():
        part = there.pop(kind.pk, None) or SoughtPart(opening=row, kind=kind)
        if base.put(part, {"number": number}) or part.pk is None:
            base.write(part, actor=actor)
            changes += last_change(part).changes
    for part in there.values():
        changes += removed(part, actor=actor).changes
    changes += settle(event=event, actor=actor).changes
    row.refresh_from_db()
    if opening is None:
        recruiting_telling.opened(row)
    return row, Undo(tuple(changes))


def _ahead(event: Event) -> None:
    if not event.is_ahead or (event.ends_at is not None and event.ends_at <= clock.now()):
        raise ValidationError(
            _("%(event)s is over or does not happen: nobody can be sought for it. Plan it again first.")
            % {"event": event.title},
            code="over",
        )


@transaction.atomic
def close(*, opening: Opening, actor: Actor) -> Opening:
    """Nobody can sign up any more; sign-ups stay. Twice does nothing more."""
    row = base.locked(opening)
    if row.is_open:
        _closed(row, ClosedBecause.BY_HAND, actor)
    return row


@transaction.atomic
def reopen(*, opening: Opening, actor: Actor) -> Opening:
    """People can sign up again. Twice does nothing more.

    Raises:
        ValidationError: the event is over or cancelled; everybody is found.
    """
    row = base.locked(opening)
    if row.is_open:
        return row
    _ahead(row.event)
    if not missing(row):
        raise ValidationError(
            _("Everybody is found for %(event)s. Seek more people first.") % {"event": row.event.title},
            code="filled",
        )
    return _opened(row, actor)


def _opened(row: Opening, actor: Actor, reason: str = "") -> Opening:
    base.put(row, {"state": OpeningState.OPEN, "closed_because": ClosedBecause.NOT, "closed_at": None})
    base.write(row, actor=actor, reason=reason)
    recruiting_telling.opened(row)
    return row


def _closed(row: Opening, why: str, actor: Actor) -> None:
    base.put(row, {"state": OpeningState.CLOSED, "closed_because": why, "closed_at": clock.now()})
    base.write(row, actor=actor, reason=why)
    recruiting_telling.closed(row)


def missing(opening: Opening) -> dict[int, int]:
    """For each part that is sought and not found yet (by its number), how many are missing; one query."""
    found = Q(
        kind__tasks__event=F("opening__event"),
        kind__tasks__state=TaskState.CONFIRMED,
        kind__tasks__session=None,
    )
    rows = (
        SoughtPart.objects.filter(opening=opening)
        .order_by()
        .annotate(found=Count("kind__tasks", filter=found))
        .values_list("kind_id", "number", "found")
    )
    return {kind: number - there for kind, number, there in rows if number > there}


@transaction.atomic
def settle(*, event: Event, actor: Actor) -> Undo:
    """Close the event's opening when everybody is found, and open it again when somebody left.

    Returns:
        what takes that back.
    """
    row = Opening.objects.select_for_update(of=("self",)).filter(event=event).first()
    if row is None:
        return Undo()
    filled = not missing(row)
    if filled and row.is_open:
        _closed(row, ClosedBecause.FILLED, actor)
    elif not filled and row.closed_because == ClosedBecause.FILLED and event.is_ahead:
        _opened(row, actor, "not filled any more")
    else:
        return Undo()
    return last_change(row)


@transaction.atomic
def event_cancelled(*, event: Event, actor: Actor) -> None:
    """Nobody is sought for an event that does not happen."""
    row = Opening.objects.select_for_update(of=("self",)).filter(event=event, state=OpeningState.OPEN).first()
    if row is not None:
        _closed(row, ClosedBecause.CANCELLED, actor)


@transaction.atomic
def remove_opening(*, opening: Opening, actor: Actor) -> Undo:
    """Take out an opening that was made by mistake.

    Raises:
        ValidationError: somebody signed up; close it instead.
    """
    row = base.locked(opening)
    number = row.sign_ups.count()
    if number:
        raise ValidationError(
            _("Somebody has signed up for %(event)s: close the opening instead.")
            % {"event": row.event.title},
            code="used",
        )
    changes: list[Change] = []
    for part in row.sought.all():
        changes += removed(part, actor=actor).changes
    # Taken back from the end: the opening comes back before its parts.
    changes += removed(row, actor=actor).changes
    return Undo(tuple(changes))


class RuleFields(TypedDict, total=False):
    """The limits that recruitment goes by, in days."""

    online_medium: int
    online_high: int
    in_person_medium: int
    in_person_high: int
    clash_days: int
    near_days: int


@transaction.atomic
def save_rules(*, values: RuleFields, actor: Actor, seen: int | None = None) -> RecruitmentRules:
    """Change the limits that recruitment goes by.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    row = RecruitmentRules.current()
    fresh = base.locked(row, seen) if not row._state.adding else row
    if base.put(fresh, values) or fresh._state.adding:
        base.write(fresh, actor=actor)
    return fresh


class ProfileFields(TypedDict, total=False):
    """What somebody says of themselves for events."""

    #: As they type it: the code of an airport, or a city; empty: nothing is said.
    place: str
    languages: list[str]


@transaction.atomic
def save_profile(*, person: Person, values: ProfileFields, actor: Actor) -> TeachingProfile:
    """Keep where somebody sets out from, and in which languages they teach; what is not named stays.

    Raises:
        ValidationError: at ``place``: no such airport or city, or several cities of that name.
    """
    if person.erased_at is not None or person.archived_at is not None:
        raise ValidationError({"person": _("This record is archived.")}, code="archived")
    row = TeachingProfile.objects.select_for_update(of=("self",)).filter(person=person).first()
    row = row or TeachingProfile(person=person)
    changed = row.pk is None
    if "languages" in values:
        changed |= base.put(row, {"languages": values["languages"]})
    if "place" in values and base.line(values["place"]) != row.place:
        changed |= base.put(row, _place(base.line(values["place"])))
    if changed:
        base.write(row, actor=actor)
    return row


def _place(words: str) -> dict[str, Any]:
    if not words:
        return {"airport": "", "place": "", "latitude": None, "longitude": None}
    found = places.find(words)
    return {
        "airport": found.airport,
        "place": str(found),
        "latitude": found.latitude,
        "longitude": found.longitude,
    }
