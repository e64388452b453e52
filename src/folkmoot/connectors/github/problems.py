"""What can go wrong with GitHub, told apart by what somebody has to do about it."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Trouble(StrEnum):
    """Why nothing usable came back."""

    TOKEN = "token"  # noqa: S105 - a word, no token
    KEYS = "keys"
    APP = "app"
    SCOPE = "scope"
    GONE = "gone"
    LIMIT = "limit"
    SERVER = "server"
    NETWORK = "network"
    ADDRESS = "address"
    ODD = "odd"
    CURSOR = "cursor"


#: What happened, and what to do, by kind of trouble. What GitHub itself said is shown beside it.
WORDS: dict[Trouble, tuple[Any, Any]] = {
    Trouble.TOKEN: (
        _("GitHub does not take the token: it has expired, was revoked, or is missing."),
        _("Make a new token on GitHub and put it in here."),
    ),
    Trouble.KEYS: (
        _("The stored token cannot be read with the encryption keys that are here."),
        _("Bring back the keys it was stored with, or put in a token again."),
    ),
    Trouble.APP: (
        _(
            "GitHub does not accept the App: it may have been removed, or its key deleted, or it is not installed."
        ),
        _("Check the App's settings on GitHub, then enter its ID and a new private key here."),
    ),
    Trouble.SCOPE: (
        _("The token may not read this."),
        _(
            "Give the token the rights that the page about connecting lists, or leave this out of what is read."
        ),
    ),
    Trouble.GONE: (
        _("GitHub says that this is not there: it was removed, made private, or its name is mistyped."),
        _("Correct the name, make it visible to the token, or leave it out of what is read."),
    ),
    Trouble.LIMIT: (
        _("GitHub asks to wait: the token's share of requests is used up."),
        _("Nothing needs to be done: reading goes on by itself."),
    ),
    Trouble.SERVER: (
        _("GitHub answered with an error of its own."),
        _("Nothing needs to be done at once: it is tried again within the hour."),
    ),
    Trouble.NETWORK: (
        _("GitHub could not be reached, or its answer broke off."),
        _("If this lasts, look at the connection of this server to the internet."),
    ),
    Trouble.ADDRESS: (
        _("The address of this GitHub may not be asked from here."),
        _("Correct the address, or allow its host with FOLKMOOT_HTTP_ALLOW."),
    ),
    Trouble.ODD: (
        _("GitHub answered in a way that is not understood here."),
        _("It is tried again; if it lasts, report it with the words below."),
    ),
    Trouble.CURSOR: (
        _("GitHub does not know any more where the reading stopped."),
        _("Nothing needs to be done: it is read again from the beginning, and nothing counts twice."),
    ),
}


class GitHubProblem(Exception):
    """No usable answer.

    Attributes:
        trouble: its kind.
        detail: what GitHub, or the network, said; without secrets.
        until: when it may be asked again (UTC), where that is known.
    """

    def __init__(self, trouble: Trouble, detail: str = "", *, until: dt.datetime | None = None) -> None:
        super().__init__(f"{trouble.value}: {detail}" if detail else trouble.value)
        self.trouble, self.detail, self.until = trouble, detail[:500], until


def what_happened(trouble: str) -> Any:
    """In words, for the reader's language; an unknown kind is told as it is."""
    return WORDS[Trouble(trouble)][0] if trouble in set(Trouble) else trouble


def what_to_do(trouble: str) -> Any:
    """What somebody can do about it."""
    return WORDS[Trouble(trouble)][1] if trouble in set(Trouble) else ""
