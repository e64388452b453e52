"""What a person changes about themself: profile, expertise, channels, photograph, what their public page shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Unpack

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock, pictures
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.text import fold
from folkmoot.people.actions import base
from folkmoot.people.actions.identities import NewIdentity, add_identity, remove_identity
from folkmoot.people.actions.people import PersonFields, edit_person
from folkmoot.people.actions.undo import Undo
from folkmoot.people.actions.words import add_tag, tag_records, untag_records
from folkmoot.people.models import Identity, Person, SourceRecord
from folkmoot.people.queries.own import CHOICE_PART, CHOICE_SOURCE, PUBLIC_PARTS, PublicChoice
from folkmoot.people.systems import INTERNAL, systems

#: Facets of tags that people set about themselves, and the most of each.
OWN_FACETS = ("language", "domain", "technical area")
MOST_TAGS = 30
MOST_IDENTITIES = 30
#: Pixels of a side of the photograph as kept, and of the small one beside names.
PHOTO_SIDE, SMALL_SIDE = 512, 96


def _own(person: Person, actor: User) -> None:
    if person.user_id != actor.pk or person.erased_at is not None:
        raise PermissionDenied("people.own")


@transaction.atomic
def edit_own(
    *, person: Person, actor: User, seen: int | None = None, **fields: Unpack[PersonFields]
) -> Person:
    """Set what is given on one's own record.

    Raises:
        PermissionDenied: it is not the actor's record.
        ValidationError: as for :func:`folkmoot.people.actions.people.edit_person`.
    """
    _own(person, actor)
    if "user" in fields or "joined_on" in fields:
        raise PermissionDenied("people.own")
    return edit_person(person=person, actor=actor, seen=seen, reason="by themselves", **fields)


@transaction.atomic
def set_own_tags(*, person: Person, facet: str, names: Sequence[str], actor: User) -> None:
    """These and no others are the person's words within the facet; new words make new tags.

    Raises:
        PermissionDenied: it is not the actor's record.
        ValidationError: too many, or one is too long; under the facet's name with underscores.
        LookupError: no facet that people set about themselves.
    """
    _own(person, actor)
    if facet not in OWN_FACETS:
        raise LookupError(facet)
    wished = {fold(name): name for name in map(base.line, names) if name}
    field = facet.replace(" ", "_")
    if len(wished) > MOST_TAGS:
        raise ValidationError({field: _("Name at most %(n)d.") % {"n": MOST_TAGS}})
    if any(len(name) > 100 for name in wished.values()):
        raise ValidationError({field: _("A word here has at most 100 characters.")})
    held = {tag.folded: tag for tag in person.tags.filter(facet=facet)}
    for key in sorted(held.keys() - wished.keys()):
        untag_records(model=Person, records=[person.pk], tag=held[key], actor=actor)
    for key in sorted(wished.keys() - held.keys()):
        tag = add_tag(name=wished[key], facet=facet, actor=actor)
        tag_records(model=Person, records=[person.pk], tag=tag, actor=actor)


@transaction.atomic
def add_own_identity(*, person: Person, system: str, value: str, actor: User) -> Identity:
    """A handle or address of one's own: unproven until one signs in with it.

    Raises:
        PermissionDenied: it is not the actor's record.
        ValidationError: by field; when it stands on another record, without a word about whose.
    """
    _own(person, actor)
    if system == INTERNAL or system not in systems:
        raise ValidationError({"system": _("Choose one of the systems.")})
    if Identity.objects.filter(person=person).count() >= MOST_IDENTITIES:
        raise ValidationError(_("These are as many handles and addresses as a record can hold."))
    try:
        return add_identity(
            person=person, new=NewIdentity(system=system, value=value), actor=actor, reason="by themselves"
        )
    except ValidationError as error:
        codes = [one.code for one in getattr(error, "error_dict", {}).get("value", ())]
        if "taken" not in codes:
            raise
        raise ValidationError(
            {
                "value": _(
                    "This stands on another record here. If it is yours, sign in with it, or ask the people who run "
                    "this community to bring the two together."
                )
            }
        ) from None


@transaction.atomic
def remove_own_identity(*, identity: Identity, actor: User) -> Undo:
    """Take a handle or address off one's own record.

    Raises:
        PermissionDenied: it is not the actor's.
        ValidationError: it is the last one, or there is activity under it.
    """
    _own(identity.person, actor)
    return remove_identity(identity=identity, actor=actor, reason="by themselves")


@transaction.atomic
def choose_public(
    *, person: Person, parts: Iterable[str], identities: Iterable[int], actor: User
) -> PublicChoice:
    """Say what one's public page shows beside what the consent names; what is not named is not shown.

    Raises:
        PermissionDenied: it is not the actor's record.
    """
    _own(person, actor)
    shown = sorted(set(parts) & set(PUBLIC_PARTS))
    mine = Identity.objects.filter(person=person, pk__in=list(identities)).exclude(system=INTERNAL)
    chosen = sorted(mine.values_list("pk", flat=True))
    SourceRecord.objects.filter(source=CHOICE_SOURCE, part=CHOICE_PART, person=person).delete()
    SourceRecord.objects.create(
        person=person,
        source=CHOICE_SOURCE,
        part=CHOICE_PART,
        key=str(person.pk),
        payload={"parts": shown, "identities": chosen},
        seen_at=clock.now(),
    )
    return PublicChoice(frozenset(shown), frozenset(chosen))


@transaction.atomic
def set_photo(*, person: Person, upload: UploadedFile[bytes], actor: User) -> Person:
    """Keep a photograph: checked by its content, drawn anew as a square without what the camera wrote into it.

    Raises:
        PermissionDenied: it is neither the actor's record nor does the actor manage people.
        ValidationError: it is no picture that can be read, or too large.
    """
    _own_or_manages(person, actor)
    try:
        picture = pictures.opened(upload)
    except ValidationError as error:
        raise ValidationError({"photo": error.messages}) from None
    if min(picture.size) < SMALL_SIDE:
        raise ValidationError({"photo": _("The picture is too small: 96 by 96 pixels are the least.")})
    person = base.locked(person)
    before = person.photo.name
    large = pictures.as_square(picture, PHOTO_SIDE)
    name = f"{person.pk}-{large.name}"
    person.photo.save(name, large, save=False)
    storage = person.photo.storage
    small = small_name(str(person.photo.name))
    storage.save(small, pictures.as_square(picture, SMALL_SIDE))
    base.write(person, actor=actor, reason="photograph")
    if before and before != person.photo.name:
        delete_photo_files(storage, before)
    return person


@transaction.atomic
def remove_photo(*, person: Person, actor: User) -> Person:
    """Delete the photograph, files and all.

    Raises:
        PermissionDenied: it is neither the actor's record nor does the actor manage people.
    """
    _own_or_manages(person, actor)
    person = base.locked(person)
    before = person.photo.name
    if before:
        person.photo = ""
        base.write(person, actor=actor, reason="photograph")
        delete_photo_files(Person._meta.get_field("photo").storage, before)
    return person


def _own_or_manages(person: Person, actor: User) -> None:
    if person.erased_at is not None or (person.user_id != actor.pk and not actor.has_perm("people.manage")):
        raise PermissionDenied("people.own")


def small_name(name: str) -> str:
    """The file of the small picture that belongs to a photograph."""
    return f"{name.removesuffix('.jpg')}-small.jpg"


def delete_photo_files(storage: Any, name: str) -> None:
    """Delete both sizes once the transaction has ended well."""

    def gone() -> None:
        storage.delete(name)
        storage.delete(small_name(name))

    transaction.on_commit(gone)
