"""Tags, notes and kinds of role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.search.index import rows_changed
from folkmoot.kernel.text import fold
from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.records import MOST_SEATS
from folkmoot.people.actions.undo import Undo, follows, removed
from folkmoot.people.mentions import note_gone, tell_mentioned
from folkmoot.people.models import Note, Organization, Person, Project, RoleKind, Tag

#: The same note by the same person within this time is a form sent twice.
SENT_TWICE = dt.timedelta(minutes=1)
#: Longest note, in characters.
NOTE_LIMIT = 20_000

#: How a history entry begins that tells of a tag.
TAG_REASON = "tag "

Tagged = type[Person] | type[Organization] | type[Project]


class RoleKindFields(TypedDict, total=False):
    """What may be said about a kind of role."""

    slug: str
    name: str
    description: str
    is_staff: bool
    is_former: bool
    is_maintaining: bool
    notice_days: int
    seats: int | None
    order: int


@transaction.atomic
def add_tag(*, name: str, actor: Actor, facet: str = "tag") -> Tag:
    """The tag of this name within its facet, made when there is none (names compare case-folded).

    Raises:
        ValidationError: the name is empty or too long.
    """
    name, facet = base.line(name), fold(base.line(facet)) or "tag"
    known = Tag.objects.filter(facet=facet, folded=fold(name)).first()
    return known or _write_tag(Tag(facet=facet, name=name))


def _write_tag(row: Tag) -> Tag:
    return base.write(row, actor=None)


@transaction.atomic
def rename_tag(*, tag: Tag, name: str, actor: Actor) -> Tag:
    """Give a tag another name, on all records that have it.

    Raises:
        ValidationError: another tag of the facet has that name, or it is empty or too long.
    """
    tag = base.locked(tag)
    return _write_tag(tag) if base.put(tag, {"name": name}) else tag


@transaction.atomic
def remove_tag(*, tag: Tag, actor: Actor) -> None:
    """Delete a tag that no record has.

    Raises:
        ValidationError: records have it; the message says how many.
    """
    tag = base.locked(tag)
    number = tag.people.count() + tag.organizations.count() + tag.projects.count()
    if number:
        raise ValidationError(
            ngettext(
                "“%(name)s” is on %(number)d record. Take it off there first.",
                "“%(name)s” is on %(number)d records. Take it off them first.",
                number,
            )
            % {"name": tag, "number": number},
            code="used",
        )
    tag.delete()


@transaction.atomic
def tag_records(*, model: Tagged, records: Sequence[int], tag: Tag, actor: Actor) -> list[int]:
    """Put a tag on records, given by their numbers; numbers that nobody has are passed over.

    Returns:
        those that did not have it before, for the undo.
    """
    through: Any = model.tags.through
    column = _column(model)
    there = set(model._default_manager.filter(pk__in=records).values_list("pk", flat=True))
    had = set(through.objects.filter(tag=tag, **{f"{column}__in": there}).values_list(column, flat=True))
    fresh = sorted(there - had)
    through.objects.bulk_create(
        [through(**{column: pk, "tag_id": tag.pk}) for pk in fresh], batch_size=500, ignore_conflicts=True
    )
    _note_in_history(model, fresh, f"+ {tag.name}", actor)
    return fresh


@transaction.atomic
def untag_records(*, model: Tagged, records: Sequence[int], tag: Tag, actor: Actor) -> list[int]:
    """Take a tag off records, given by their numbers.

    Returns:
        those that had it, for the undo.
    """
    column = _column(model)
    through: Any = model.tags.through
    rows = through.objects.filter(tag=tag, **{f"{column}__in": list(records)})
    had = sorted(rows.values_list(column, flat=True))
    rows.delete()
    _note_in_history(model, had, f"- {tag.name}", actor)
    return had


def _column(model: Tagged) -> str:
    return f"{model._meta.model_name}_id"


def _note_in_history(model: Tagged, records: Sequence[int], what: str, actor: Actor) -> None:
    """Tags stand in a table of their own: say in the record's history who put one on or took it off."""
    rows = model._default_manager.filter(pk__in=records).order_by("pk")
    history: Any = model
    history.history.bulk_history_create(
        list(rows),
        batch_size=500,
        update=True,
        default_user=actor,
        default_change_reason=f"{TAG_REASON}{what}"[:200],
    )
    rows_changed(model, records)


@transaction.atomic
def add_note(*, about: Person | Organization | Project, body: str, actor: Actor) -> Note:
    """Write something down about a record; those whom it mentions are told.

    Raises:
        ValidationError: it is empty, or longer than ``NOTE_LIMIT``.
    """
    text = _note_text(body)
    subject: dict[str, Any] = {str(about._meta.model_name): about}
    twin = Note.objects.filter(
        author=actor, body=text, created_at__gte=clock.now() - SENT_TWICE, **subject
    ).first()
    if twin is not None:
        return twin
    note = base.write(Note(body=text, author=actor, **subject), actor=actor)
    tell_mentioned(note, actor)
    return note


def _note_text(body: str) -> str:
    text = base.block(body)
    if not text:
        raise ValidationError({"body": _("Write something first.")})
    if len(text) > NOTE_LIMIT:
        raise ValidationError(
            {
                "body": _("This note has %(has)d characters; %(limit)d are the most. Keep what matters here.")
                % {"has": len(text), "limit": NOTE_LIMIT}
            }
        )
    return text


@transaction.atomic
def edit_note(*, note: Note, body: str, actor: Actor, seen: int | None = None) -> Note:
    """Write a note anew; what it said before is in its history. Whom it mentions and who was not told yet is told.

    Raises:
        ValidationError: as for :func:`add_note`; ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    note = base.locked(note, seen)
    if base.put(note, {"body": _note_text(body)}):
        base.write(note, actor=actor)
        tell_mentioned(note, actor)
    return note


@transaction.atomic
def remove_note(*, note: Note, actor: Actor) -> Undo:
    """Delete a note."""
    note_gone(note.pk)
    return removed(base.locked(note), actor=actor)


@follows("people.note")
def _note_taken_back(row: models.Model, kind: str, actor: Actor) -> None:
    if kind == "+":
        note_gone(row.pk)


def _check_numbers(row: RoleKind) -> None:
    """Small numbers, alike on every database."""
    for name, most in (("notice_days", 3650), ("order", 32767)):
        if not 0 <= getattr(row, name) <= most:
            raise ValidationError({name: _("Give a number from 0 to %(most)d.") % {"most": most}})
    if row.seats is not None and not 1 <= row.seats <= MOST_SEATS:
        raise ValidationError({"seats": _("Give a number from 1 to %(most)d.") % {"most": MOST_SEATS}})


@transaction.atomic
def add_role_kind(*, actor: Actor, reason: str = "", **fields: Unpack[RoleKindFields]) -> RoleKind:
    """Make a kind of role; its short name is made from its name unless given.

    Raises:
        ValidationError: by field.
    """
    row = RoleKind()
    base.put(row, fields)
    row.slug = row.slug or slugify(row.name)[:60] or "role"
    _check_numbers(row)
    return base.write(row, actor=actor, reason=reason)


@transaction.atomic
def edit_role_kind(
    *,
    role_kind: RoleKind,
    actor: Actor,
    seen: int | None = None,
    reason: str = "",
    **fields: Unpack[RoleKindFields],
) -> RoleKind:
    """Set what is given. The short name never changes: importers and reports know the role by it.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    role_kind = base.locked(role_kind, seen)
    if "slug" in fields and fields["slug"] != role_kind.slug:
        raise ValidationError({"slug": _("The short name stays: importers and reports know the role by it.")})
    if base.put(role_kind, fields):
        _check_numbers(role_kind)
        base.write(role_kind, actor=actor, reason=reason)
    return role_kind


@transaction.atomic
def remove_role_kind(*, role_kind: RoleKind, actor: Actor, reason: str = "") -> Undo:
    """Delete a kind of role that nobody ever held.

    Raises:
        ValidationError: there are terms of it; the message says how many.
    """
    role_kind = base.locked(role_kind)
    held = base.uses(role_kind)
    if held:
        raise ValidationError(
            _("“%(name)s” stays, for there is more to it: %(what)s.")
            % {"name": role_kind, "what": ", ".join(held)},
            code="used",
        )
    return removed(role_kind, actor=actor, reason=reason)
