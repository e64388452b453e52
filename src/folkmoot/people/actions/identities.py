"""Handles and addresses of a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import audit, clock, ids
from folkmoot.kernel.text import fold
from folkmoot.people import systems
from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.undo import Undo, removed
from folkmoot.people.models import FormerHandle, Identity, Person


@dataclass(frozen=True)
class NewIdentity:
    """A handle or address as somebody typed it, or a system gave it."""

    system: str
    value: str
    number: str = ""
    is_verified: bool = False
    is_bot: bool = False


class IdentityFields(TypedDict, total=False):
    """What may be changed of an identity."""

    value: str
    is_verified: bool
    is_bot: bool


def _normalised(system: str, value: str) -> str:
    value = base.line(value)
    if not value:
        raise ValidationError({"value": _("Give the handle or address.")})
    if not system:
        raise ValidationError({"system": _("Say on which system.")})
    try:
        return systems.normalise(system, value)
    except ValidationError as error:
        raise ValidationError({"value": error.messages}) from None


def _taken(system: str, value: str, number: str, but: int = 0) -> Identity | None:
    """Somebody's identity that is this one: the same number, or the same handle when one of the two has no number."""
    same = Identity.objects.filter(system=system).exclude(pk=but).select_related("person")
    if number:
        found = same.filter(number=number).first() or same.filter(number="", folded=fold(value)).first()
    else:
        found = same.filter(folded=fold(value)).order_by("number").first()
    return found


def _refuse(found: Identity) -> ValidationError:
    return ValidationError(
        {
            "value": ValidationError(
                _("%(handle)s on %(system)s is %(person)s already.")
                % {
                    "handle": found.value,
                    "system": systems.system_label(found.system),
                    "person": found.person.name,
                },
                code="taken",
            )
        }
    )


@transaction.atomic
def add_identity(*, person: Person, new: NewIdentity, actor: Actor, reason: str = "") -> Identity:
    """Note that this handle or address is the person's. What they have already is returned as it is.

    Raises:
        ValidationError: the system can have no such handle, or it is somebody else's (the message says whose).
    """
    system, number = base.line(new.system), base.line(new.number)
    value = _normalised(system, new.value)
    found = _taken(system, value, number)
    if found is not None:
        if found.person_id == person.pk:
            return found
        raise _refuse(found)
    row = Identity(
        person=person,
        system=system,
        value=value,
        number=number,
        is_verified=new.is_verified,
        is_bot=new.is_bot,
    )
    return base.write(row, actor=actor, reason=reason)


@transaction.atomic
def edit_identity(
    *,
    identity: Identity,
    actor: Actor,
    seen: int | None = None,
    reason: str = "",
    **fields: Unpack[IdentityFields],
) -> Identity:
    """Correct a handle, say that it is proven, or that a machine acts under it.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    identity = base.locked(identity, seen)
    if "value" in fields:
        fields["value"] = _normalised(identity.system, fields["value"])
        if identity.folded != fold(fields["value"]):
            found = _taken(identity.system, fields["value"], "", but=identity.pk)
            if found is not None:
                raise _refuse(found)
    if base.put(identity, fields):
        base.write(identity, actor=actor, reason=reason)
    return identity


@transaction.atomic
def rename_identity(
    *,
    identity: Identity,
    value: str,
    actor: Actor,
    source: str = "folkmoot",
    seen_at: dt.datetime | None = None,
) -> Identity:
    """An account whose number is known has another login now: the former one is kept, and still leads to it wherever
    only the old one is written, unless somebody else has it by now. The same login again changes nothing.

    Args:
        source: who says so, such as ``github``.
        seen_at: when the new login was seen (UTC); now when absent. The day of the renaming itself is not known.

    Raises:
        ValidationError: the identity has no number, so a new login may be somebody else's; or the system can have no
            such handle.
    """
    identity = base.locked(identity)
    value = _normalised(identity.system, value)
    if identity.value == value:
        return identity
    former = identity.folded
    if former == fold(value):
        identity.value = value
        return base.write(identity, actor=actor, reason=f"spelling ({source})")
    if not identity.number:
        raise ValidationError(
            _("Without the account's number nobody knows whether %(new)s is the one that was %(old)s.")
            % {"new": value, "old": identity.value},
            code="number",
        )
    FormerHandle.objects.filter(identity=identity, folded=fold(value)).delete()
    FormerHandle.objects.update_or_create(
        identity=identity,
        folded=former,
        defaults={"value": identity.value, "seen_at": seen_at or clock.now(), "source": source[:60]},
    )
    identity.value = value
    return base.write(identity, actor=actor, reason=f"renamed ({source})")


@transaction.atomic
def remove_identity(*, identity: Identity, actor: Actor, reason: str = "") -> Undo:
    """Take a handle off a person who has others.

    Raises:
        ValidationError: it is the person's last, or activity was seen under it.
    """
    identity = base.locked(identity)
    if not Identity.objects.filter(person=identity.person_id).exclude(pk=identity.pk).exists():
        raise ValidationError(
            _("A person keeps at least one handle or address. Add another one first."), code="last"
        )
    held = base.uses(identity)
    if held:
        raise ValidationError(
            _("%(handle)s stays: there is %(what)s under it.")
            % {"handle": identity.value, "what": ", ".join(held)},
            code="used",
        )
    return removed(identity, actor=actor, reason=reason)


def home_identity(person: Person, *, actor: Actor) -> Identity:
    """The person's internal identity, made when missing: what the register itself notes in the ledger hangs on it,
    so that a wrong handle can still be taken off.
    """
    found = Identity.objects.filter(person=person, system=systems.INTERNAL).order_by("pk").first()
    return found or add_identity(
        person=person, new=NewIdentity(system=systems.INTERNAL, value=ids.token(12)), actor=actor
    )


def home_identities(people: Iterable[Person], *, actor: Actor) -> dict[int, Identity]:
    """The same for many, by the person's number: one query, and those that insert what is missing."""
    wanted = {person.pk: person for person in people}
    rows = Identity.objects.filter(person__in=wanted, system=systems.INTERNAL).order_by("-pk")
    found = {row.person_id: row for row in rows}
    missing = [person for pk, person in wanted.items() if pk not in found]
    new = [
        Identity(person=person, system=systems.INTERNAL, value=value, folded=fold(value))
        for person in missing
        for value in [ids.token(12)]
    ]
    for row in audit.bulk_create(Identity, new, reason="", user=actor):
        found[row.person_id] = row
    return found
