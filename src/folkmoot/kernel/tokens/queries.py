"""Reading tokens."""

from __future__ import annotations

import datetime as dt
import hmac

from django.db.models import Q, QuerySet

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.tokens.actions import MARK, PREFIX_BYTES, hashed
from folkmoot.kernel.tokens.models import ApiToken


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """A person's own tokens, those that ended too."""
    return ApiToken.objects.filter(owner=user).select_related("owner")


def all_tokens() -> QuerySet[ApiToken]:
    """Everybody's tokens, with their owners."""
    return ApiToken.objects.select_related("owner")


def holding(tokens: QuerySet[ApiToken], now: dt.datetime, on: bool) -> QuerySet[ApiToken]:
    """Those that hold at this moment, or only the others."""
    holds = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now)) & Q(owner__is_active=True)
    return tokens.filter(holds) if on else tokens.exclude(holds)


def shown(word: str) -> ApiToken | None:
    """The row of a token that somebody shows, whether or not it still holds; ``None`` when there is none. One query."""
    if not word.startswith(MARK) or len(word) > 100 or not word.isascii() or not word.isprintable():
        return None
    found = (
        ApiToken.objects.select_related("owner").filter(prefix=word[: len(MARK) + 2 * PREFIX_BYTES]).first()
    )
    if found is None or not hmac.compare_digest(found.secret_hash, hashed(word)):
        return None
    return found
