"""Making and revoking tokens, and noting that one was used."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.text import clean
from folkmoot.kernel.tokens.models import ApiToken, ApiWrite
from folkmoot.kernel.tokens.scopes import open_to
from folkmoot.kernel.users.log import tell
from folkmoot.kernel.users.models import RightsEventKind

#: What every token begins with, so that scanners for leaked secrets recognise it.
MARK = "folkmoot_"
PREFIX_BYTES = 4
#: How many tokens that hold one person may have.
MOST_TOKENS = 50
#: Longest life of a token, in days; without an end a person must say so.
MOST_DAYS = 366
#: How long a request with an idempotency key is remembered.
WRITES_KEPT = dt.timedelta(days=1)
#: The use of a token is noted at most this often.
USE_NOTED = dt.timedelta(minutes=1)


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


@transaction.atomic
def make_token(
    *, owner: User, name: str, scopes: Sequence[str], actor: User, days: int | None = 90
) -> tuple[ApiToken, str]:
    """Make a token for a program.

    Args:
        days: how long it holds; ``None`` for no end.

    Returns:
        the row, and the token itself, which nobody can read again.

    Raises:
        ValidationError: by field: no name, no scope, a scope that the owner has no right for, too many tokens.
    """
    name = clean("".join(character for character in name if character.isprintable()))
    errors: dict[str, str] = {}
    if not name or len(name) > 100:
        errors["name"] = _("Give it a name of at most 100 characters: what will use it.")
    allowed = {scope.key for scope in open_to(owner)}
    wanted = sorted(set(scopes))
    if not wanted:
        errors["scopes"] = _("Choose at least one thing that it may do.")
    elif beyond := [key for key in wanted if key not in allowed]:
        errors["scopes"] = _("You have no right for %(scopes)s yourself.") % {"scopes": ", ".join(beyond)}
    if days is not None and not 1 <= days <= MOST_DAYS:
        errors["days"] = _("Give a number of days from 1 to %(most)d, or none.") % {"most": MOST_DAYS}
    if errors:
        raise ValidationError(errors)
    now = clock.now()
    holding = ApiToken.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now), owner=owner, revoked_at=None
    )
    if holding.count() >= MOST_TOKENS:
        raise ValidationError(_("You have %(n)d tokens: revoke one first.") % {"n": MOST_TOKENS})
    prefix = MARK + secrets.token_hex(PREFIX_BYTES)
    token = f"{prefix}_{secrets.token_urlsafe(32)}"
    row = ApiToken.objects.create(
        owner=owner,
        name=name,
        prefix=prefix,
        secret_hash=hashed(token),
        scopes=wanted,
        expires_at=now + dt.timedelta(days=days) if days is not None else None,
    )
    tell(RightsEventKind.TOKEN_MADE, actor=actor, subject=owner, detail=f"{name}: {', '.join(wanted)}")
    return row, token


@transaction.atomic
def revoke_token(*, token: ApiToken, actor: User) -> None:
    """End a token now; what it was stays to be seen. A second time does nothing."""
    done = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(
        revoked_at=clock.now(), revoked_by=actor
    )
    if done:
        tell(RightsEventKind.TOKEN_REVOKED, actor=actor, subject=token.owner, detail=token.name)


def note_use(token: ApiToken) -> None:
    """Keep when a token was last used, at most once a minute, so that reading does not mean writing each time."""
    now = clock.now()
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def forget_writes(now: dt.datetime) -> int:
    """Remove what requests with idempotency keys left, a day later.

    Returns:
        how many rows went.
    """
    return ApiWrite.objects.filter(created_at__lt=now - WRITES_KEPT).delete()[0]
