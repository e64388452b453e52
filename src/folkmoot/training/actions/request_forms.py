"""Making forms for requests: the forms themselves, and what they ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from folkmoot.kernel import bulk
from folkmoot.kernel.undo import Undo, last_change, removed
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.actions.questions import cleaned_choices
from folkmoot.training.models import (
    CHOICES,
    FieldKind,
    FormField,
    FormVersion,
    Request,
    RequestForm,
    RequestState,
)

#: Fields of one form.
MOST = 100
#: What can fill in what, where it is not any text: by what is filled in, the kinds that can.
FITS = {
    "days": {FieldKind.DAYS},
    "starts_on": {FieldKind.DAY},
    "ends_on": {FieldKind.DAY},
    "country": {FieldKind.COUNTRY},
    "is_online": {FieldKind.YES},
    "languages": {FieldKind.LANGUAGES},
    "curricula": {FieldKind.CURRICULA},
    "host": {FieldKind.ORGANIZATION},
    "capacity": {FieldKind.NUMBER},
    "website": {FieldKind.URL},
    "code": {FieldKind.CODE},
}
#: What fills in nothing but its own.
_OWN = {kind for kinds in FITS.values() for kind in kinds} | {
    FieldKind.HEADING,
    FieldKind.FILE,
    FieldKind.AGREE,
}


class FieldFields(TypedDict, total=False):
    """What may be said of a field."""

    key: str
    label: str
    help: str
    kind: str
    choices: list[str]
    is_required: bool
    shown_when: str
    shown_value: str
    fills: str


@transaction.atomic
def save_form(
    *, values: Mapping[str, Any], actor: Actor, form: RequestForm | None = None, seen: int | None = None
) -> RequestForm:
    """Make a form, or change one; what is not named stays. A short name is made from the title where none is given.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    row = base.locked(form, seen) if form is not None else RequestForm(owner=actor)
    plain = dict(values)
    if not plain.get("slug"):
        plain.pop("slug", None)
        if not row.slug:
            taken = set(RequestForm.objects.values_list("slug", flat=True))
            plain["slug"] = _free(slugify(str(plain.get("title", "")))[:50] or "form", taken)
    before = row.answer_days
    changed = base.put(row, plain)
    if changed or row.pk is None:
        base.write(row, actor=actor)
    if row.answer_days != before:
        waiting = list(Request.objects.filter(form=row, state=RequestState.PENDING).select_for_update())
        for each in waiting:
            if each.received_at is not None:
                each.due_at = each.received_at + dt.timedelta(days=row.answer_days)
        bulk.update(Request, waiting, ["due_at"])
    return row


def _free(wished: str, taken: set[str]) -> str:
    slug, number = wished, 2
    while slug in taken:
        slug, number = f"{wished}-{number}", number + 1
    return slug


@transaction.atomic
def save_field(
    *,
    form: RequestForm,
    values: FieldFields,
    actor: Actor,
    field: FormField | None = None,
    seen: int | None = None,
) -> FormField:
    """Ask something, or change what is asked; a new field comes last. Answers given before stay as they were asked.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    form = base.locked(form)
    row = base.locked(field, seen) if field is not None else FormField(form=form)
    others = list(FormField.objects.filter(form=form).exclude(pk=row.pk))
    plain: dict[str, Any] = dict(values)
    if row.pk is None:
        if len(others) >= MOST:
            raise ValidationError(_("A form has at most %(n)d fields.") % {"n": MOST}, code="most")
        row.position = max((one.position for one in others), default=0) + 1
        taken = {one.key for one in others}
        wished = str(plain.pop("key", "")) or slugify(str(plain.get("label", "")))[:50]
        if plain.get("key", wished) in taken and values.get("key"):
            raise ValidationError({"key": _("This form has a field of this short name already.")})
        row.key = _free(wished or "field", taken)
    else:
        plain.pop("key", None)
    if "choices" in plain:
        plain["choices"] = cleaned_choices(plain["choices"])
    if not plain.get("shown_when", row.shown_when):
        plain["shown_when"] = plain["shown_value"] = ""
    changed = base.put(row, plain)
    _check(row, others)
    if changed or row.pk is None:
        base.write(row, actor=actor)
    return row


def _check(row: FormField, others: list[FormField]) -> None:
    if row.kind in CHOICES:
        if len(row.choices) < 2:
            raise ValidationError({"choices": _("Give at least two choices, one on each line.")}, code="few")
    elif row.choices:
        row.choices = []
    if row.fills and row.kind not in FITS.get(row.fills, {row.kind} - _OWN):
        raise ValidationError(
            {
                "fills": _("“%(fills)s” cannot be filled in from %(kind)s.")
                % {"fills": row.get_fills_display(), "kind": row.get_kind_display()}
            },
            code="fills",
        )
    twin = next((one for one in others if row.fills and one.fills == row.fills and not one.is_archived), None)
    if twin is not None and row.fills not in ("description", "contact", "summary"):
        raise ValidationError(
            {"fills": _("“%(label)s” fills this in already.") % {"label": twin.label}}, code="twice"
        )
    if row.kind in (FieldKind.HEADING,):
        row.is_required = False
    if row.shown_when:
        _check_condition(row, others)


def _check_condition(row: FormField, others: list[FormField]) -> None:
    decides = next((one for one in others if one.key == row.shown_when), None)
    if decides is None or decides.kind not in (*CHOICES, FieldKind.YES):
        raise ValidationError(
            {"shown_when": _("Choose a field that has choices, or is answered with yes or no.")}, code="when"
        )
    if decides.position >= row.position:
        raise ValidationError(
            {
                "shown_when": _("“%(label)s” stands further down: move it up first.")
                % {"label": decides.label}
            },
            code="order",
        )
    known = decides.choices if decides.kind in CHOICES else ["yes", "no"]
    if row.shown_value not in known:
        raise ValidationError(
            {"shown_value": _("It is answered with one of: %(choices)s.") % {"choices": ", ".join(known)}},
            code="value",
        )


@transaction.atomic
def place_field(*, field: FormField, up: bool, actor: Actor) -> None:
    """Move a field before the one above it, or behind the one below. At the end it stays where it is.

    Raises:
        ValidationError: it would stand before the field that decides whether it is asked.
    """
    base.locked(field.form)
    rows = list(
        FormField.objects.select_for_update()
        .filter(form=field.form_id, is_archived=False)
        .order_by("position", "pk")
    )
    at = next((n for n, row in enumerate(rows) if row.pk == field.pk), None)
    if at is None:
        raise ValidationError(_("This was removed meanwhile."), code="gone")
    to = at - 1 if up else at + 1
    if not 0 <= to < len(rows):
        return
    rows[at], rows[to] = rows[to], rows[at]
    first, second = (rows[to], rows[at]) if up else (rows[at], rows[to])
    if first.shown_when == second.key:
        raise ValidationError(
            _("“%(first)s” is asked only by the answer to “%(second)s”, and stands behind it.")
            % {"first": first.label, "second": second.label},
            code="order",
        )
    for position, row in enumerate(rows, 1):
        if base.put(row, {"position": position}):
            base.write(row, actor=actor, reason="order")


@transaction.atomic
def drop_field(*, field: FormField, actor: Actor) -> tuple[bool, Undo]:
    """Ask something no more: what was asked before is archived, so that it can come back; what never was is removed.

    Returns:
        whether it was archived, and what takes it back.

    Raises:
        ValidationError: another field is asked only by its answer, or a rule weighs it.
    """
    base.locked(field.form)
    row = base.locked(field)
    hangs = FormField.objects.filter(form=row.form_id, shown_when=row.key, is_archived=False).first()
    if hangs is not None:
        raise ValidationError(
            _("“%(label)s” is asked only by its answer: change that first.") % {"label": hangs.label},
            code="used",
        )
    rule = row.rules.filter(is_archived=False).first()
    if rule is not None:
        raise ValidationError(
            _("The rule “%(label)s” weighs its answer: take that out first.") % {"label": rule.label},
            code="used",
        )
    asked = any(
        one["key"] == row.key
        for version in FormVersion.objects.filter(form=row.form_id)
        for one in version.fields
    )
    if asked or row.rules.exists():
        base.put(row, {"is_archived": True})
        base.write(row, actor=actor, reason="not asked any more")
        return True, last_change(row)
    return False, removed(row, actor=actor)


@transaction.atomic
def ask_again(*, field: FormField, actor: Actor) -> FormField:
    """Ask an archived field again. Twice does nothing more."""
    row = base.locked(field)
    if base.put(row, {"is_archived": False}):
        base.write(row, actor=actor, reason="asked again")
    return row
