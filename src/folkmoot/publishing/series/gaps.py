"""Texts with gaps: ``{{ package }}`` becomes what is known; what is not known is told, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

GAP = re.compile(r"\{\{\s*(\w+)\s*\}\}")
#: A line of three dashes parts a thread.
CUT = re.compile(r"^[ \t]*---[ \t]*$", re.MULTILINE)


def named(*texts: str) -> list[str]:
    """The gaps of some texts, each once."""
    return list(dict.fromkeys(name for text in texts for name in GAP.findall(text)))


def check(text: str, known: Iterable[str]) -> str:
    """A text whose gaps can be filled.

    Raises:
        ValidationError: it names a gap that there is not; the message lists those there are.
    """
    among = list(known)
    for name in named(text):
        if name not in among:
            raise ValidationError(
                _("There is no gap {{ %(name)s }}; there are %(gaps)s.")
                % {"name": name, "gaps": ", ".join(f"{{{{ {gap} }}}}" for gap in among) or "–"},
                code="gap",
            )
    return text


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its gaps filled. A line that holds nothing but empty gaps goes."""
    lines = []
    for line in text.split("\n"):
        wanted = named(line)
        if (
            wanted
            and not any(values.get(name, "") for name in wanted)
            and not GAP.sub("", line).strip(" -•:·,.()")
        ):
            continue
        lines.append(GAP.sub(lambda found: values.get(found[1], ""), line))
    return "\n".join(lines).strip()


def missing(text: str, values: Mapping[str, str]) -> list[str]:
    """The gaps for which nothing is known."""
    return [name for name in named(text) if not values.get(name)]


def parts(text: str) -> list[str]:
    """A text in the parts of its thread."""
    return [part.strip() for part in CUT.split(text) if part.strip()] or [""]
