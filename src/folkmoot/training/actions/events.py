"""Entering events, announcing, cancelling and closing them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock, order
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.search.index import rows_changed
from folkmoot.kernel.undo import follows
from folkmoot.people.public import Organization, Project, Tag, is_country
from folkmoot.training import telling
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.actions.surveys import give_surveys
from folkmoot.training.models import (
    CertificatePattern,
    Curriculum,
    Event,
    EventKind,
    Programme,
    Status,
)
from folkmoot.training.queries.lists import days_words
from folkmoot.training.queries.places import learners_of
from folkmoot.training.signals import cancelled, places_changed


class EventFields(TypedDict, total=False):
    """What may be said of an event; what is left out stays as it is. Its status has actions of its own."""

    slug: str
    title: str
    summary: str
    description: str
    kind: EventKind
    programme: Programme | None
    visibility: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    starts_time: dt.time | None
    ends_time: dt.time | None
    time_zone: str
    is_online: bool
    venue: str
    address: str
    city: str
    country: str
    latitude: float | None
    longitude: float | None
    languages: list[str]
    host: Organization | None
    organizer: Organization | None
    capacity: int | None
    open_seats: bool
    registration_by: str
    registration_url: str
    registration_opens_at: dt.datetime | None
    registration_closes_at: dt.datetime | None
    registration_note: str
    attendance: int | None
    website: str
    repository: str
    contact: str
    accommodations: str
    certificate: CertificatePattern | None
    owner: User | None
    curricula: Iterable[Curriculum]
    lessons: Iterable[Project]
    tags: Iterable[Tag]


_SETS = ("curricula", "lessons", "tags")


@transaction.atomic
def save_event(
    *, event: Event | None = None, values: EventFields, actor: Actor, seen: int | None = None
) -> Event:
    """Enter an event, or change what is said of it; what is not named stays.

    A new one is planned, is whose who enters it, and has a short name made of its day and title where none is given.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    plain = {name: value for name, value in values.items() if name not in _SETS}
    row = base.locked(event, seen) if event is not None else Event(owner=actor)
    was, slug, meant = row.capacity, row.slug, _of_surveys(row)
    changed = base.put(row, plain)
    if row.pk is None and not row.slug:
        row.slug = free_slug(row.title, row.starts_on)
    _check(row, was)
    # What is taught stands in tables without a history: a change of it is told by the event's own.
    if changed or row.pk is None or _sets_differ(row, values):
        base.write(row, actor=actor)
        if _of_surveys(row) != meant:
            give_surveys(event=row, actor=actor, was=slug)
    if "curricula" in values:
        row.curricula.set(values["curricula"])
    if "lessons" in values:
        row.lessons.set(values["lessons"])
    if "tags" in values:
        row.tags.set(values["tags"])
    rows_changed(Event, [row.pk])
    places_changed.send(sender=Event, event=row, actor=actor)
    return row


def _sets_differ(row: Event, values: EventFields) -> bool:
    """Whether curricula, lessons or tags are others than before; a query for each that is given."""
    given: dict[str, Any] = {name: value for name, value in values.items() if name in _SETS}
    return any(
        {one.pk for one in chosen} != set(getattr(row, name).order_by().values_list("pk", flat=True))
        for name, chosen in given.items()
    )


#: Words of addresses beside events, which no event can have as its short name.
RESERVED = frozenset({"requests", "asked", "proposed"})


def _of_surveys(row: Event) -> tuple[Any, ...]:
    """What surveys an event gets, and at which address, follows from this."""
    return row.slug, row.kind_id, row.programme_id


def _check(row: Event, capacity: int | None) -> None:
    if row.slug in RESERVED:
        raise ValidationError(
            {"slug": _("“%s” has a page of its own: choose another short name.") % row.slug}, code="reserved"
        )
    taken = Event.objects.filter(slug=row.slug).exclude(pk=row.pk).first()
    if taken is not None:
        raise ValidationError(
            {
                "slug": _("“%(slug)s” is the short name of “%(event)s” (%(days)s). Free is: %(free)s.")
                % {
                    "slug": row.slug,
                    "event": taken.title,
                    "days": days_words(taken.starts_on, taken.ends_on) or _("no day yet"),
                    "free": next_slug(row.slug),
                }
            },
            code="taken",
        )
    if row.pk is not None and row.capacity is not None and row.capacity != capacity:
        number = learners_of(row).count()
        if number > row.capacity:
            raise ValidationError(
                {
                    "capacity": ngettext(
                        "%(n)d person has a place already: give at least so many, or take somebody out first.",
                        "%(n)d people have a place already: give at least so many, or take some out first.",
                        number,
                    )
                    % {"n": number}
                },
                code="full",
            )
    if row.country and not is_country(row.country):
        raise ValidationError(
            {"country": _("“%s” is no country: choose one of the list.") % row.country[:20]}
        )
    opens, closes = row.registration_opens_at, row.registration_closes_at
    if opens and closes and closes <= opens:
        what = _("Registration for “%(event)s”") % {"event": row.title}
        words = order.moments(what, opens, closes, row.time_zone, opens=True)
        raise ValidationError({"registration_closes_at": words}, code="order")
    if row.ends_on is not None and row.starts_on is None:
        raise ValidationError({"starts_on": _("Say the first day too.")}, code="required")


def free_slug(title: str, day: dt.date | None) -> str:
    """A short name that no event has: ``2026-11-29-packaging``, with a number behind it where that is taken."""
    wanted = "-".join(filter(None, (day.isoformat() if day else "", slugify(title)[:80].strip("-"))))
    return next_slug(wanted or "event")


def next_slug(wanted: str) -> str:
    """The short name itself where no event has it, else the first free one with a number behind it; one query."""
    wanted = wanted[:95]
    taken = set(
        Event.objects.filter(Q(slug=wanted) | Q(slug__startswith=f"{wanted}-")).values_list("slug", flat=True)
    )
    taken |= RESERVED
    if wanted not in taken:
        return wanted
    return next(name for n in range(2, len(taken) + 3) if (name := f"{wanted}-{n}") not in taken)


@transaction.atomic
def announce(*, event: Event, actor: Actor) -> Event:
    """It will happen, and everybody may know; the ledger is told once for each time it is announced. Twice does
    nothing more.

    Raises:
        ValidationError: it is over or cancelled, or has no day.
    """
    row = base.locked(event)
    if row.status in (Status.ANNOUNCED, Status.RUNNING):
        return row
    if row.status not in (Status.PLANNED, Status.STALLED):
        raise ValidationError(
            _("%(event)s is %(status)s: take that back first.")
            % {"event": row.title, "status": row.get_status_display()},
            code="state",
        )
    base.put(row, {"announced_at": row.announced_at or clock.now()})
    _stand(row, Status.ANNOUNCED, "", actor)
    telling.tell(row, telling.ANNOUNCED, occasion=_occasion(row))
    return row


@transaction.atomic
def plan_again(*, event: Event, actor: Actor) -> Event:
    """It is planned, whatever it was: a wrong step taken back, or a cancelled event that happens after all. Twice does
    nothing more; what the ledger was told stays there.
    """
    return _stand(base.locked(event), Status.PLANNED, "", actor)


@transaction.atomic
def stall(*, event: Event, reason: str, actor: Actor) -> Event:
    """Nothing moves any more, since somebody does not answer.

    Raises:
        ValidationError: without a reason; it is over or cancelled.
    """
    row = base.locked(event)
    _open(row)
    return _stand(row, Status.STALLED, _because(reason), actor)


@transaction.atomic
def cancel(*, event: Event, reason: str, actor: Actor) -> Event:
    """It does not happen; the ledger is told. Parts stay, so that everybody can be told. Twice does nothing more.

    Raises:
        ValidationError: without a reason; it is over.
    """
    row = base.locked(event)
    if row.status == Status.CANCELLED:
        return row
    if row.status == Status.DONE:
        raise ValidationError(_("It has taken place: there is nothing to cancel."), code="state")
    was = row.status
    _stand(row, Status.CANCELLED, _because(reason), actor)
    if was in (Status.ANNOUNCED, Status.RUNNING):
        telling.tell(row, telling.CANCELLED, occasion=_occasion(row))
    cancelled.send(sender=Event, event=row, actor=actor)
    return row


@transaction.atomic
def finish(*, event: Event, actor: Actor) -> Event:
    """It has taken place; a job tells the ledger who took which part. Twice does nothing more.

    Raises:
        ValidationError: it is cancelled, has no day, or has not begun.
    """
    row = base.locked(event)
    if row.status == Status.DONE:
        return row
    if row.status == Status.CANCELLED:
        raise ValidationError(_("It is cancelled: take that back first."), code="state")
    if row.starts_at is None:
        raise ValidationError({"starts_on": _("Say on which day it was.")}, code="required")
    if row.starts_at > clock.now():
        raise ValidationError(_("It has not begun."), code="early")
    _stand(row, Status.DONE, "", actor)
    enqueue(kind=telling.JOB, arguments={"event": row.pk}, created_by=actor)
    return row


def _open(row: Event) -> None:
    if not row.is_ahead and row.status != Status.STALLED:
        raise ValidationError(
            _("%(event)s is %(status)s: take that back first.")
            % {"event": row.title, "status": row.get_status_display()},
            code="state",
        )


def _because(reason: str) -> str:
    reason = base.line(reason)
    if not reason:
        raise ValidationError({"reason": _("Say why.")}, code="required")
    return reason[:300]


def _stand(row: Event, status: str, reason: str, actor: Actor) -> Event:
    if base.put(row, {"status": status, "status_reason": reason}):
        base.write(row, actor=actor)
        rows_changed(Event, [row.pk])
    return row


def _occasion(row: Event) -> str:
    """One for each change of its status: the number of its newest history entry."""
    return str(base.current_version(row))


@follows("training.event")
def _found_again(row: models.Model, kind: str, actor: Actor) -> None:
    """What is taken back is found by what it says then."""
    rows_changed(Event, [row.pk])
