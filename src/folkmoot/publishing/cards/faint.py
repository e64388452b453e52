"""A text that is hard to read: what is said of it, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Faint:
    """A text that is hard to read.

    Attributes:
        text: its words.
        ratio: its contrast, 1 to 21; ``least`` is what it needs.
        ink: its colour as it is seen, ``#rrggbb``; ``ground`` is what lies under it.
        better: the nearest colour that can be read there.
    """

    text: str
    ratio: float
    least: float
    ink: str
    ground: str
    better: str

    @property
    def problem(self) -> str:
        """What is wrong, a sentence."""
        return _("“%(text)s” is hard to read: its contrast is %(ratio)s to 1, and %(least)s is needed.") % {
            "text": self.text,
            "ratio": number_format(self.ratio, 1),
            "least": number_format(self.least, 1),
        }

    @property
    def remedy(self) -> str:
        """What to do, a sentence or two."""
        return _(
            "In the card's pattern, take %(better)s for this text, which is seen as %(ink)s on %(ground)s, or another "
            "ground; then draw the picture again."
        ) % {"better": self.better, "ink": self.ink, "ground": self.ground}


def as_rows(found: Iterable[Faint]) -> list[dict[str, Any]]:
    """As they are kept with a picture."""
    return [asdict(one) for one in found]


def of_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[Faint, ...]:
    """What was kept with a picture."""
    return tuple(Faint(**row) for row in rows)
