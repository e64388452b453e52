"""Members who sign in by themselves, where the community lets them: an account without any right, made by a link.

Nothing is stored for somebody who only types an e-mail: the link itself says whose it is, and the account is made when
it is followed. So nobody learns from the page whether an account is there, and nobody can fill the table.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.kernel.accounts.actions import add_user
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.text import fold

SALT = "signin.join"
#: How long a link holds, in seconds.
SECONDS = 60 * 60


def is_open() -> bool:
    """Whether members may sign in by themselves (*Settings, Community*; ``FOLKMOOT_MEMBERS``)."""
    return Community.current().members_sign_in


def link(email: str) -> str:
    """The address that makes an account for whoever reads the mails of ``email``."""
    token = signing.dumps(fold(email), salt=SALT)
    return f"{settings.BASE_URL}{reverse('signin:join', args=[token])}"


def read(token: str) -> str:
    """The e-mail that a link was sent to.

    Raises:
        ValidationError: it is none, too old, or used already: it makes an account, it does not sign in to one.
    """
    again = _("Ask for a new one on the sign-in page.")
    if not is_open():
        raise ValidationError(
            _("Accounts are made by the people who run this community: ask them to invite you.")
        )
    try:
        email = str(signing.loads(token, salt=SALT, max_age=SECONDS))
    except signing.SignatureExpired:
        raise ValidationError(_("This link is older than an hour.") + " " + again) from None
    except signing.BadSignature:
        raise ValidationError(
            _("This link is not complete: it may have been cut off.") + " " + again
        ) from None
    if User.objects.filter(email__iexact=email).exists():
        raise ValidationError(_("This link was used already.") + " " + again)
    return email


def join(*, email: str, name: str = "") -> User:
    """Make the account of somebody who has shown that the e-mail is theirs; it has no right.

    Raises:
        ValidationError: the community does not let members in by themselves.
    """
    if not is_open():
        raise ValidationError(_("Accounts are made by the people who run this community."))
    return add_user(email=email, name=name, by_themself=True)
