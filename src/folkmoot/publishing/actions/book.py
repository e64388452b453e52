"""The handle book: whom posts name, and what they are called on each platform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from folkmoot.connectors.base import connectors
from folkmoot.connectors.posts import MEDIUM
from folkmoot.kernel.undo import Change, Undo, last_change, removed
from folkmoot.people.public import Identity, Organization, Person, Project
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.models import BookEntry, BookHandle
from folkmoot.publishing.queries.book import system_of

#: What stands for an alias in ``@[…]``: no brackets, no line ends.
FORBIDDEN = set("[]\n")


class BookFields(TypedDict, total=False):
    """What may be said of somebody in the book."""

    alias: str
    name: str
    person: Person | None
    organization: Organization | None
    project: Project | None


@transaction.atomic
def save_entry(
    *,
    entry: BookEntry | None = None,
    values: BookFields,
    handles: Mapping[str, tuple[str, str]] | None = None,
    actor: Actor,
    seen: int | None = None,
) -> BookEntry:
    """Put somebody into the book, or change what it says of them; what is not named stays.

    What is scheduled keeps the handles that it was frozen with.

    Args:
        handles: all of theirs, by key of a connector: handle and what the platform calls them (``did:…``); an empty
            handle is none. ``None``: as they are.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    plain: dict[str, Any] = dict(values)
    if "alias" in plain:
        plain["alias"] = base.fold(base.line(plain["alias"]).removeprefix("@"))
        if FORBIDDEN & set(plain["alias"]):
            raise ValidationError({"alias": _("An alias has no brackets.")}, code="alias")
    row = base.locked(entry, seen) if entry is not None else BookEntry()
    if base.put(row, plain) or row.pk is None:
        base.write(row, actor=actor)
    if handles is not None:
        _write_handles(row, handles, actor)
    return row


def _write_handles(entry: BookEntry, handles: Mapping[str, tuple[str, str]], actor: Actor) -> None:
    there = {one.platform: one for one in BookHandle.objects.filter(entry=entry)}
    for platform, (handle, remote_id) in handles.items():
        handle = base.line(handle).lstrip("@")
        if not handle:
            continue
        if platform not in connectors and platform not in there:
            raise ValidationError(
                {"handles": _("There is no platform “%(platform)s”.") % {"platform": platform}},
                code="platform",
            )
        one = there.pop(platform, None) or BookHandle(entry=entry, platform=platform)
        if base.put(one, {"handle": handle, "remote_id": remote_id}) or one.pk is None:
            base.write(one, actor=actor)
    for one in there.values():
        base.remove(one, actor=actor)


@transaction.atomic
def remove_entry(*, entry: BookEntry, actor: Actor) -> Undo:
    """Take somebody out of the book; texts that name them show the alias as a plain name from then on."""
    entry = base.locked(entry)
    changes: list[Change] = []
    for one in BookHandle.objects.filter(entry=entry):
        changes += removed(one, actor=actor).changes
    changes += removed(entry, actor=actor).changes
    return Undo(tuple(changes))


@transaction.atomic
def import_from_identities(*, entries: Iterable[BookEntry], actor: Actor) -> list[Undo]:
    """Write the handles that the register knows of these entries' people into the book, for platforms where the book
    has none.

    Returns:
        what takes each new handle back.
    """
    found = []
    platforms = [one.key for one in connectors if one.medium == MEDIUM]
    for entry in entries:
        if entry.person_id is None:
            continue
        there = set(BookHandle.objects.filter(entry=entry).values_list("platform", flat=True))
        known: dict[str, Identity] = {}
        for identity in Identity.objects.filter(Q(person=entry.person_id)).order_by("-is_verified", "pk"):
            known.setdefault(identity.system, identity)
        for platform in platforms:
            identity_of = known.get(platform) or known.get(system_of(platform))
            if platform in there or identity_of is None:
                continue
            made = BookHandle(
                entry=entry,
                platform=platform,
                handle=identity_of.value.lstrip("@")[:200],
                remote_id=identity_of.number,
            )
            found.append(last_change(base.write(made, actor=actor)))
    return found
