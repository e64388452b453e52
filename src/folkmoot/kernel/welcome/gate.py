"""Whether anybody can sign in yet, and the link that lets the first person make their account.

Until then every page leads to the guide. Whoever runs ``folkmoot init`` or ``folkmoot serve`` reads the link in the
terminal; a stranger who finds the new installation first cannot guess it. It ends with the first account.
"""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac

from folkmoot.kernel.accounts.models import User

_SESSION_KEY = "welcome"

#: Once somebody can sign in, that stays so: the last admin cannot go. So it is asked once for each process.
_somebody: bool = False


def somebody_signs_in() -> bool:
    """Whether there is a user."""
    global _somebody
    if not _somebody:
        _somebody = User.objects.exists()
    return _somebody


def assume(known: bool) -> None:
    """For tests: what this process believes without asking the database."""
    global _somebody
    _somebody = known


def token() -> str:
    """The word in the link: the same until the first account, whoever prints it, and worth nothing afterwards."""
    return salted_hmac("folkmoot.welcome", "first account", algorithm="sha256").hexdigest()[:40]


def link() -> str:
    """The address to open."""
    return f"{settings.BASE_URL}{reverse('welcome:start')}?token={token()}"


def open_with(request: HttpRequest, word: str) -> bool:
    """Let this browser into the guide if the word is the right one."""
    right = hmac.compare_digest(word.encode("utf-8", "replace"), token().encode())
    if right:
        request.session.cycle_key()
        request.session[_SESSION_KEY] = True
    return right


def is_open(request: HttpRequest) -> bool:
    """Whether this browser came with the link and nobody has an account yet."""
    return bool(request.session.get(_SESSION_KEY)) and not User.objects.exists()
