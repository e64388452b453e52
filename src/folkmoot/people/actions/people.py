"""Adding, editing and archiving people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import audit, clock, ids
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.search.index import rows_changed
from folkmoot.people.actions import base, identities
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.identities import NewIdentity
from folkmoot.people.actions.undo import Undo, removed
from folkmoot.people.countries import is_country
from folkmoot.people.models import Identity, Person
from folkmoot.people.systems import INTERNAL


class PersonFields(TypedDict, total=False):
    """What may be said about a person; what is left out stays as it is."""

    name: str
    sort_name: str
    pronouns: str
    bio: str
    location: str
    time_zone: str
    website: str
    country: str
    publication_name: str
    availability: str
    availability_note: str
    available_from: dt.date | None
    joined_on: dt.date | None
    user: User | None


def _check_country(person: Person) -> None:
    if person.country and not is_country(person.country):
        raise ValidationError(
            {"country": _("“%s” is no country: choose one of the list.") % person.country[:20]}
        )


def _check_zone(person: Person) -> None:
    if person.time_zone and person.time_zone not in clock.zones():
        raise ValidationError(
            {
                "time_zone": _("“%s” is no time zone: choose one such as Europe/Berlin.")
                % person.time_zone[:64]
            }
        )


@transaction.atomic
def add_person(
    *,
    actor: Actor,
    identities_known: Sequence[NewIdentity] = (),
    token: str = "",
    reason: str = "",
    **fields: Unpack[PersonFields],
) -> Person:
    """Make a person with at least one identity: an internal one when no other is known.

    Args:
        token: what makes a form sent twice one person: the value of the internal identity.

    Raises:
        ValidationError: by field; also when an identity belongs to somebody already (the message says to whom).
    """
    token = base.line(token)[:64]
    if token:
        made = (
            Identity.objects.filter(system=INTERNAL, folded=token.casefold()).select_related("person").first()
        )
        if made:
            return made.person
    person = Person()
    base.put(person, fields)
    _check_zone(person)
    _check_country(person)
    base.write(person, actor=actor, reason=reason)
    for new in identities_known:
        identities.add_identity(person=person, new=new, actor=actor, reason=reason)
    if token or not identities_known:
        internal = NewIdentity(system=INTERNAL, value=token or ids.token(12))
        identities.add_identity(person=person, new=internal, actor=actor, reason=reason)
    return person


@transaction.atomic
def edit_person(
    *, person: Person, actor: Actor, seen: int | None = None, reason: str = "", **fields: Unpack[PersonFields]
) -> Person:
    """Set what is given; nothing happens when all of it holds already.

    Args:
        seen: the version the form was opened on (``queries.version``).

    Raises:
        ValidationError: by field; ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    person = base.locked(person, seen)
    if base.put(person, fields):
        _check_zone(person)
        _check_country(person)
        base.write(person, actor=actor, reason=reason)
    return person


@transaction.atomic
def archive_people(*, people: Sequence[int], actor: Actor, reason: str = "") -> list[int]:
    """Take people out of the lists; all that is known of them stays.

    Args:
        people: their numbers; those who are archived already, or nobody, are passed over.

    Returns:
        who was archived now, for the undo.
    """
    rows = list(Person.objects.filter(pk__in=people, archived_at=None).select_for_update().order_by("pk"))
    now = clock.now()
    for row in rows:
        row.archived_at = now
    audit.bulk_update(Person, rows, ["archived_at"], reason=reason, user=actor)
    rows_changed(Person, [row.pk for row in rows])
    return [row.pk for row in rows]


@transaction.atomic
def unarchive_people(*, people: Sequence[int], actor: Actor, reason: str = "") -> list[int]:
    """Bring archived people back into the lists.

    Returns:
        who was brought back now.
    """
    rows = list(
        Person.objects.filter(pk__in=people).exclude(archived_at=None).select_for_update().order_by("pk")
    )
    for row in rows:
        row.archived_at = None
    audit.bulk_update(Person, rows, ["archived_at"], reason=reason, user=actor)
    rows_changed(Person, [row.pk for row in rows])
    return [row.pk for row in rows]


@transaction.atomic
def remove_person(*, person: Person, actor: Actor, reason: str = "") -> Undo:
    """Delete a record made by mistake: nothing but handles and affiliations may hang on it.

    Raises:
        ValidationError: something else does; the message says what, and that archiving serves.
    """
    person = base.locked(person)
    handles = list(person.identities.order_by("pk"))
    homes = list(person.affiliations.order_by("pk"))
    held = base.uses(person, but=frozenset({"people.identity", "people.affiliation"}))
    held += [use for handle in handles for use in base.uses(handle)]
    if person.tags.exists():
        held.append(_("tags"))
    if held:
        raise ValidationError(
            _("%(name)s cannot be deleted, for there is more to it: %(what)s. Archive the record instead.")
            % {"name": person.name, "what": ", ".join(held)}
        )
    undo = Undo()
    for row in (*homes, *handles, person):
        undo = Undo((*undo.changes, *removed(row, actor=actor, reason=reason).changes))
    return undo
