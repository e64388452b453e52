"""The frame's navigation and "New" menu, as one person may see them."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.plugs import Command, NavEntry, commands, navigation

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User

#: Below the areas, at the foot of the page. It has no page of its own: it opens its first entry.
SETTINGS = navigation.register(NavEntry("settings", _("Settings"), "", "gear", order=900))


@dataclass
class Entry:
    """A navigation entry ready to be shown."""

    key: str
    label: Any
    url: str
    icon: str
    badge: int | None = None
    is_current: bool = False
    is_page: bool = False
    #: Addresses of further pages that belong to it.
    also: tuple[str, ...] = ()
    children: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class NewCommand:
    """An entry of the "New" menu."""

    label: Any
    url: str
    icon: str


class Navigation:
    """What one person sees, reckoned when a template first asks for it.

    At most one query for each badge, and none for entries the person may not open.
    """

    def __init__(self, user: User, path: str) -> None:
        self.user = user
        self.path = path

    @cached_property
    def entries(self) -> list[Entry]:
        """The top entries in the order of a working day, those below each, and which is current."""
        top: list[Entry] = []
        everything = list(navigation)
        for declared in everything:
            if declared.parent or (declared is SETTINGS and not any(self.user.levels.values())):
                continue  # who has no right at all has nothing to set but their own profile
            children = [
                self._entry(child)
                for child in everything
                if child.parent == declared.key and self._may(child)
            ]
            opens = url_of(declared)
            if not self._may(declared) or not opens:
                if not children:
                    continue
                opens = children[0].url
            entry = self._entry(declared, opens)
            entry.children = children
            top.append(entry)
        self._mark_current(top)
        return top

    @property
    def main(self) -> list[Entry]:
        """All but the settings."""
        return [entry for entry in self.entries if entry.key != SETTINGS.key]

    @property
    def bottom(self) -> list[Entry]:
        """The settings."""
        return [entry for entry in self.entries if entry.key == SETTINGS.key]

    @cached_property
    def own(self) -> list[Entry]:
        """What an area adds to the person's own menu (entries with the parent ``me``)."""
        return [self._entry(entry) for entry in navigation if entry.parent == "me" and self._may(entry)]

    @property
    def first_four(self) -> list[Entry]:
        """What a phone's bottom bar shows."""
        return self.main[:4]

    @property
    def more(self) -> list[Entry]:
        """What a phone shows under "More": the rest, and the current area with its entries."""
        return [
            entry
            for entry in self.entries
            if entry not in self.first_four or (entry.is_current and entry.children)
        ]

    def _may(self, declared: NavEntry) -> bool:
        if declared.url_name and not url_of(declared):
            return False
        return not declared.permission or self.user.has_perm(declared.permission)

    def _entry(self, declared: NavEntry, opens: str = "") -> Entry:
        badge = declared.badge(self.user) if declared.badge else None
        also = tuple(url for name in declared.also if (url := _url(name)))
        return Entry(
            declared.key, declared.label, opens or url_of(declared), declared.icon, badge or None, also=also
        )

    def _mark_current(self, top: list[Entry]) -> None:
        """The entry of which an address is the longest beginning of this page's is current, and its parent with it."""
        best: tuple[int, Entry | None, Entry | None] = (0, None, None)
        for entry in top:
            for candidate in (entry, *entry.children):
                for url in (candidate.url, *candidate.also):
                    here = self.path == url or (url != "/" and self.path.startswith(url))
                    if here and len(url) >= best[0]:
                        best = (len(url), entry, candidate)
        _length, parent, found = best
        if parent is not None and found is not None:
            parent.is_current = found.is_current = True
            found.is_page = self.path == found.url
            if found is not parent:
                parent.is_page = False


def url_of(declared: NavEntry | Command) -> str:
    """The address an entry opens, or ``""`` while nobody serves it."""
    return _url(declared.url_name, *getattr(declared, "arguments", ()))


def _url(name: str, *arguments: str) -> str:
    """A page asks for a hundred of them, always the same: to look each up was a seventh of its time."""
    return _known(get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF, name, arguments)


@functools.lru_cache(maxsize=1000)
def _known(_prefix: str, urls: str, name: str, arguments: tuple[str, ...]) -> str:
    """The address below a prefix, in a table of addresses."""
    try:
        return reverse(name, urls, args=arguments) if name else ""
    except NoReverseMatch:
        return ""


def new_commands(user: User) -> list[NewCommand]:
    """What the "New" menu offers this person."""
    return [
        NewCommand(command.label, url_of(command), command.icon)
        for command in commands
        if command.in_new_menu and user.has_perm(command.permission) and url_of(command)
    ]
