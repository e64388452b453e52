"""Texts of rules: what fills their gaps, on a real record too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from folkmoot.kernel.community import Community

if TYPE_CHECKING:
    from folkmoot.mailing.subjects import Subject


@dataclass(frozen=True)
class Previewed:
    """A record to look at a text with."""

    loaded: Any
    name: str

    def __str__(self) -> str:
        return self.name


def label_of(subject: Subject) -> Any:
    """What the kind of message is called in lists."""
    return _Label(subject)


class _Label:
    """Said when it is shown, in the reader's language."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def __str__(self) -> str:
        return _("Mail by rule: %(about)s") % {"about": self._subject.label}


def one(subject: Subject, pk: int) -> Previewed | None:
    """One record, for a preview."""
    loaded = subject.load([pk]).get(pk)
    return Previewed(loaded, subject.name(loaded)) if loaded is not None else None


def previewed(subject: Subject, record: Previewed) -> dict[str, str]:
    """What fills the gaps of a text that is only looked at: whom it is to depends on the rule."""
    return filled(subject, record.loaded, [])


def filled(subject: Subject, loaded: Any, names: Sequence[str]) -> dict[str, str]:
    """What fills the gaps of a text."""
    values: Mapping[str, str] = subject.values(loaded)
    recipients = get_text_list(list(names), _("and")) if names else _("everybody")
    return {**values, "recipients": recipients, "community": Community.current().name}
