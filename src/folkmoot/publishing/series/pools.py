"""Which text of a pool comes next: fair among texts, languages in their turn, none too soon again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """A text of a pool: how often and when it was used last (its posts' moments, UTC)."""

    pk: int
    language: str = ""
    group: str = ""
    uses: int = 0
    used_at: dt.datetime | None = None


def next_of(
    pool: Iterable[Candidate],
    *,
    at: dt.datetime,
    cool_down: dt.timedelta,
    languages: Sequence[str] = (),
    last_language: str | None = None,
) -> Candidate | None:
    """The text for a moment, or ``None`` when every text was used too lately.

    The language whose turn it is comes first; where none of its texts may come yet, the next one's. Within a language
    the text that was used least, then the one whose last use is longest ago, then the oldest.

    A group says the same in several languages: what was said in one of them cools down in all that are not in turn
    after it, for half as long, so that readers of both do not meet it twice in a row.
    """
    texts = list(pool)
    ready = [one for one in texts if one.used_at is None or at - one.used_at >= cool_down]
    order: list[str | None] = [*turn(languages, last_language)] or [None]
    for language in order:
        found = [one for one in ready if language is None or one.language.casefold() == language]
        fresh = [one for one in found if not _met(one, texts, at, cool_down / 2)]
        among = fresh or found
        if among:
            return min(among, key=lambda one: (one.uses, one.used_at is not None, one.used_at or at, one.pk))
    return None


def _met(one: Candidate, texts: Iterable[Candidate], at: dt.datetime, pause: dt.timedelta) -> bool:
    return bool(one.group) and any(
        other.group == one.group
        and other.pk != one.pk
        and other.used_at is not None
        and at - other.used_at < pause
        for other in texts
    )


def turn(languages: Sequence[str], last: str | None) -> list[str]:
    """Languages in the order in which they are asked: the one after the last, and round."""
    order = list(dict.fromkeys(language.casefold() for language in languages if language))
    if last is None or last.casefold() not in order:
        return order
    place = order.index(last.casefold()) + 1
    return order[place:] + order[:place]
