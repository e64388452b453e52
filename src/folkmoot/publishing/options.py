"""What only one platform knows (who sees it, a warning, a category), as its connector declares it: read, checked, told.

A channel's plan says what its posts have as a rule, a post may say something else; what neither says is left to the
platform.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from folkmoot.connectors.base import Setting
from folkmoot.connectors.posts import PostConnector
from folkmoot.kernel.saving import line

LONGEST = 500
#: The largest number that is taken.
MOST = 999_999_999
YES, NO = "yes", "no"


def read(setting: Setting, word: Any) -> Any:
    """What a form or a person says for an option, as it is kept; ``None``: nothing.

    Raises:
        ValidationError: it is none of what the platform takes.
    """
    if isinstance(word, bool):
        word = YES if word else NO
    value = line("" if word is None else word)
    if not value:
        return None
    if setting.kind == "flag":
        if value not in (YES, NO):
            raise ValidationError(_("Say yes or no, or leave it empty."))
        return value == YES
    if setting.kind == "number":
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise ValidationError(_("Give a whole number from 0 to %(most)d.") % {"most": MOST})
        return int(value)
    if setting.kind == "choice":
        known = {str(each): each for each, _label in setting.choices}
        if value not in known:
            raise ValidationError(
                _("“%(value)s” is none of these: %(known)s.")
                % {"value": value[:60], "known": ", ".join(name for name in known if name)}
            )
        return value
    if len(value) > LONGEST:
        raise ValidationError(_("At most %(most)d characters.") % {"most": LONGEST})
    return value


def field_name(setting: Setting) -> str:
    """What the field of an option is called in forms, and by errors."""
    return f"option_{setting.name}"


def checked(connector: PostConnector, values: Mapping[str, Any]) -> dict[str, Any]:
    """Options as they are kept: what is empty is left out.

    Raises:
        ValidationError: by field (:func:`field_name`); a name that the platform does not know.
    """
    declared = {setting.name: setting for setting in connector.options}
    unknown = [name for name in values if name not in declared]
    if unknown:
        raise ValidationError(
            {
                "options": _("%(platform)s knows no option “%(name)s”; it knows: %(known)s.")
                % {
                    "platform": connector.label,
                    "name": unknown[0],
                    "known": ", ".join(declared) or _("none"),
                }
            },
            code="unknown",
        )
    found: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, setting in declared.items():
        try:
            value = read(setting, values.get(name))
        except ValidationError as error:
            errors[field_name(setting)] = error.messages
            continue
        if value is not None:
            found[name] = value
    if errors:
        raise ValidationError(errors)
    return found


def choices_of(setting: Setting, usual: str) -> list[tuple[str, Any]]:
    """What can be chosen, "as usual" first; empty: it is typed.

    Args:
        usual: what is said where nothing is chosen.
    """
    if setting.kind == "flag":
        return [("", usual), (YES, _("yes")), (NO, _("no"))]
    if setting.kind == "choice":
        return [("", usual), *((str(value), label) for value, label in setting.choices if value)]
    return []


def as_typed(value: Any) -> str:
    """A kept value as a form says it."""
    if isinstance(value, bool):
        return YES if value else NO
    return "" if value is None else str(value)


def in_words(setting: Setting, value: Any) -> str:
    """A kept value as people read it; ``""``: nothing is said."""
    typed = as_typed(value)
    return str(dict(choices_of(setting, "")).get(typed, typed))


def told(declared: Sequence[Setting] | Iterable[Setting], values: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """Label and value of everything that is said."""
    return [(each.label, words) for each in declared if (words := in_words(each, values.get(each.name)))]
