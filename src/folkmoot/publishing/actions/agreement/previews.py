"""Preview links: an address at which somebody without an account sees a draft."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Level
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.agreement.states import need
from folkmoot.publishing.models import Post, PreviewLink

#: How long a link may hold, in days; links of a post that hold at once.
MOST_DAYS, MOST_LINKS = 90, 20


def digest(secret: str) -> str:
    """What is stored of a link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def make_link(
    *, post: Post, days: int, actor: User, note: str = "", may_comment: bool = True
) -> tuple[PreviewLink, str]:
    """Make an address for somebody without an account.

    Returns:
        the link, and its secret, which is not stored and shown this once.

    Raises:
        PermissionDenied: the actor may not contribute.
        ValidationError: by field.
    """
    need(actor, Level.CONTRIBUTE)
    if not 1 <= days <= MOST_DAYS:
        raise ValidationError({"days": _("A link holds from 1 to %(n)s days.") % {"n": MOST_DAYS}})
    now = clock.now()
    post = base.locked(post)
    if post.preview_links.filter(withdrawn_at=None, until__gt=now).count() >= MOST_LINKS:
        raise ValidationError(_("This post has many links already: withdraw one first."))
    secret = secrets.token_urlsafe(24)
    link = PreviewLink(
        post=post,
        digest=digest(secret),
        note=base.line(note),
        may_comment=may_comment,
        until=now + dt.timedelta(days=days),
        created_by=actor,
    )
    return base.write(link, actor=actor), secret


def find_link(secret: str) -> PreviewLink | None:
    """The link that a secret opens, as long as it holds. One query."""
    if not 20 <= len(secret) <= 100:
        return None
    rows = PreviewLink.objects.filter(digest=digest(secret), withdrawn_at=None, until__gt=clock.now())
    return rows.select_related("post").first()


@transaction.atomic
def withdraw_link(*, link: PreviewLink, actor: User) -> PreviewLink:
    """It opens nothing any more. Twice does nothing more.

    Raises:
        PermissionDenied: the actor may not contribute.
    """
    need(actor, Level.CONTRIBUTE)
    link = base.locked(link)
    if link.withdrawn_at is None:
        link.withdrawn_at = clock.now()
        base.write(link, actor=actor)
    return link
