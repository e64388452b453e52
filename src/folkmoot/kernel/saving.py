"""What all actions share: clean text, plain words for what the database forbids, saving with a name."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from folkmoot.kernel import audit
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.text import clean

M = TypeVar("M", bound=models.Model)
#: Who acts; ``None`` is the machine (a job, an import).
Actor = User | None

_NOT_TEXT = {"Cc", "Cs", "Co", "Cn"}

#: For each constraint: the form field the words belong to, and the words, or what makes them of the row that is
#: refused. Each app adds its own by :func:`say`.
CONSTRAINT_WORDS: dict[str, tuple[str, Any]] = {}
#: Fields that only the database knows ("folded", "reviews.submission.folded"), and the field a person sees instead.
SHOWN_AS = {"folded": "name", "repository_key": "repository", "sort_key": "name"}
#: By model: fields that ``save`` reckons, and how.
_DERIVED: dict[type[models.Model], dict[str, Callable[[Any], Any]]] = {}


def say(words: Mapping[str, tuple[str, Any]]) -> None:
    """Add plain words for what constraints of the database forbid: by constraint the form field and the words."""
    CONSTRAINT_WORDS.update(words)


def derives(model: type[models.Model], **reckon: Callable[[Any], Any]) -> None:
    """Declare fields that ``save`` reckons, so that :func:`write` can check them before."""
    _DERIVED.setdefault(model, {}).update(reckon)


class ChangedMeanwhile(ValidationError):
    """Somebody else saved the record after this form was opened."""


def line(value: object) -> str:
    """One line of visible text; control characters, half characters and NUL are left out."""
    return clean(
        "".join(" " if c in "\t\n\r" else c for c in str(value or "") if c in "\t\n\r" or _is_text(c))
    )


def block(value: object) -> str:
    """Text of several lines; line ends become ``\\n``, control characters and NUL are left out."""
    text = re.sub(r"\r\n?", "\n", str(value or ""))
    return "".join(c for c in text if c == "\n" or c == "\t" or _is_text(c)).strip()


def _is_text(character: str) -> bool:
    return unicodedata.category(character) not in _NOT_TEXT


def day(value: dt.date) -> str:
    """A date as people write it."""
    return date_format(value, "DATE_FORMAT")


def history_of(row: models.Model) -> Any:
    """The entries of one row's history, the newest first."""
    model: Any = type(row)
    return model.history.filter(id=row.pk).order_by("-history_id")


def current_version(row: models.Model) -> int:
    """The number of the newest entry in the row's history; 0 when it has none."""
    return history_of(row).values_list("history_id", flat=True).first() or 0


def locked(row: M, seen: int | None = None) -> M:
    """The row as it is now, held until the transaction ends.

    Args:
        seen: :func:`current_version` when the person opened the form; ``None`` skips the comparison.

    Raises:
        ChangedMeanwhile: somebody saved it since; the message says who and when.
        ValidationError: it is gone.
    """
    fresh = type(row)._default_manager.select_for_update().filter(pk=row.pk).first()
    if fresh is None:
        raise ValidationError(_("This was removed meanwhile."), code="gone")
    newest = history_of(fresh).select_related("history_user").first() if seen is not None else None
    if newest is not None and newest.history_id != seen:
        raise ChangedMeanwhile(
            _(
                "%(who)s saved this on %(when)s, after you opened it. What you typed is still here: "
                "compare and save again."
            )
            % {
                "who": newest.history_user or _("An import"),
                "when": date_format(timezone.localtime(newest.history_date), "DATETIME_FORMAT"),
            },
            code="changed",
        )
    return fresh


def write(row: M, *, actor: Actor, reason: str = "") -> M:
    """Check the row, save it, and keep who did it and why in its history.

    Raises:
        ValidationError: by field, in plain words; also for what only the database can see.
    """
    for name, reckon in _DERIVED.get(type(row), {}).items():
        setattr(row, name, reckon(row))
    check(row)
    row._history_user = actor  # type: ignore[attr-defined]
    row._change_reason = audit.reason_of(reason)  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise in_words(row, error) from error
    return row


def check(row: models.Model) -> None:
    """What ``full_clean`` checks, with this house's words.

    Raises:
        ValidationError: by the field that a person sees.
    """
    errors: dict[str, list[ValidationError]] = {}

    def add(found: Mapping[str, list[ValidationError]]) -> None:
        for name, what in found.items():
            shown = SHOWN_AS.get(f"{row._meta.label_lower}.{name}") or SHOWN_AS.get(name, name)
            errors.setdefault(shown, []).extend(what)

    for method in (row.clean_fields, row.clean, row.validate_unique):
        try:
            method()
        except ValidationError as error:
            if hasattr(error, "error_dict"):
                add(error.error_dict)
            else:
                add({NON_FIELD_ERRORS: error.error_list})
    for constraint in row._meta.constraints:
        words = CONSTRAINT_WORDS.get(constraint.name)
        if words is None or words[0] in errors:
            continue
        try:
            constraint.validate(type(row), row)
        except ValidationError:
            said = _said(words[1], row)
            errors.setdefault(words[0], []).append(ValidationError(said, code=constraint.name))
    if errors:
        raise ValidationError(errors)


def in_words(row: models.Model, error: IntegrityError) -> ValidationError:
    """What a refusal of the database means, in plain words, at the field where it can be mended."""
    cause = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or str(error)
    for name, (field, words) in CONSTRAINT_WORDS.items():
        if name in cause:
            return ValidationError({field: ValidationError(_said(words, row), code=name)})
    return ValidationError(_("Somebody saved the same a moment ago. Reload the page and look."), code="taken")


def _said(words: Any, row: models.Model) -> Any:
    return words(row) if callable(words) else words


def put(row: models.Model, values: Mapping[str, Any]) -> bool:
    """Set the values that differ.

    Returns:
        whether any did.
    """
    changed = False
    for name, value in values.items():
        if isinstance(value, str):
            field = row._meta.get_field(name)
            value = block(value) if isinstance(field, models.TextField) else line(value)
        if getattr(row, name, None) != value:  # a new row has no related record yet
            setattr(row, name, value)
            changed = True
    return changed


def remove(row: models.Model, *, actor: Actor, reason: str = "") -> None:
    """Delete a row and keep in its history who did it and why."""
    row._history_user = actor  # type: ignore[attr-defined]
    row._change_reason = audit.reason_of(reason)  # type: ignore[attr-defined]
    row.delete()


def uses(row: models.Model, *, but: frozenset[str] = frozenset()) -> list[str]:
    """What else names this row, in words ("3 terms"), reckoned from the schema so that no table is forgotten.

    Args:
        but: labels of models that do not count.
    """
    found = []
    for relation in row._meta.related_objects:
        model = relation.related_model
        if isinstance(model, str) or model._meta.label_lower in but or relation.many_to_many:
            continue
        number = model._default_manager.filter(**{relation.field.name: row.pk}).count()
        if number:
            noun = model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural
            found.append(f"{number} {noun}")
    return found
