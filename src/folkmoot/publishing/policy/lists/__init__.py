"""Folkmoot's own lists of words, as data beside this module."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

_HERE = Path(__file__).parent


def _read(name: str) -> Any:
    return yaml.safe_load((_HERE / name).read_text(encoding="utf-8"))


@cache
def words() -> frozenset[str]:
    """Words of English and Spanish that hashtags are made of, in small letters."""
    text = (_HERE / "words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


_names = _read("names.yml")
#: Names as they are written, each with other writings that people use.
NAMES: dict[str, tuple[str, ...]] = {name: tuple(more.get("not", ())) for name, more in _names.items()}
#: Names that also stand in small letters, as one installs them.
LOWER_TOO = frozenset(name for name, more in _names.items() if more.get("lower"))

#: Hosts that hide where a link leads.
SHORTENERS = frozenset(_read("shorteners.yml"))

INCLUSIVE_KINDS = ("tech", "ability", "gender", "people", "condescending")


@dataclass(frozen=True)
class Term:
    """Words of a list: what may stand there instead, and why they are there."""

    key: str
    words: tuple[str, ...]
    instead: tuple[str, ...]
    kind: str
    note: str = ""
    #: Where this stands around it, it means something else.
    but: str = ""

    @property
    def why(self) -> str:
        """Why it is there, in the reader's language."""
        return {
            "tech": _("a metaphor with a history"),
            "ability": _("makes a disability a figure of speech"),
            "gender": _("names one gender where all are meant"),
            "people": _("puts people into a drawer"),
            "condescending": _("what is simple to one is not to another"),
        }.get(self.kind, "")

    def is_left_alone(self, around: str) -> bool:
        """Whether it means something else here."""
        return bool(self.but) and re.search(self.but, around, re.IGNORECASE) is not None


@cache
def inclusive_terms(language: str) -> tuple[Term, ...]:
    """The words for a language; for all languages where nobody said which."""
    wanted = [each for each in ("en", "es") if language in ("", each)]
    return tuple(
        Term(
            key=entry["words"][0],
            words=tuple(entry["words"]),
            instead=tuple(entry.get("instead", ())),
            kind=kind,
            but=entry.get("but", ""),
        )
        for each in wanted
        for kind, entries in _read(f"inclusive_{each}.yml").items()
        for entry in entries
    )
