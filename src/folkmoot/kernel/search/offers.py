"""Commands and pages that the search offers beside records: "New person", "Go to Reports"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from folkmoot.kernel.plugs import commands, navigation
from folkmoot.kernel.search.words import query_words, words
from folkmoot.kernel.ui.navigation import url_of


@dataclass(frozen=True)
class Offer:
    """Something to do or a page to open."""

    label: str
    url: str
    icon: str
    is_page: bool = False


def offers(text: str, user: Any, *, limit: int = 6) -> list[Offer]:
    """What this person may do or open whose label holds all words as beginnings; everything when there is no word.

    No query beside the user's rights.
    """
    typed = query_words(text)
    if text.strip() and not typed:
        return []
    found = []
    for command in commands:
        url = url_of(command)
        if url and user.has_perm(command.permission):
            found.append(Offer(str(command.label), url, command.icon))
    for entry in navigation:
        url = url_of(entry)
        if url and (not entry.permission or user.has_perm(entry.permission)):
            label = gettext("Go to %(page)s") % {"page": entry.label}
            found.append(Offer(label, url, entry.icon or "arrow-right", is_page=True))
    return [offer for offer in found if _holds(offer.label, typed)][:limit]


def _holds(label: str, typed: list[str]) -> bool:
    known = words(label)
    return all(any(word.startswith(beginning) for word in known) for beginning in typed)
