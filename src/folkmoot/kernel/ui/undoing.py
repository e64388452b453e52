"""Addresses that take back what was just done: signed, good for one user and one day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.kernel.accounts.models import User

#: How long an undo is offered, in seconds.
SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Undoing:
    """An app's undo.

    Attributes:
        salt: what its tokens are signed for, so that one app's token says nothing to another.
        name: of the address that takes the token.
    """

    salt: str
    name: str

    def address(self, user: User, permission: str, **what: Any) -> str:
        """The address that takes something back; whoever posts there still needs the permission.

        Args:
            what: plain JSON, for :meth:`read`.
        """
        payload = {"user": user.pk, "may": permission, **what}
        return reverse(self.name, args=[signing.dumps(payload, salt=self.salt, compress=True)])

    def read(self, user: User, token: str) -> dict[str, Any]:
        """What an address says: ``may`` is the permission, the rest what :meth:`address` was given.

        Raises:
            ValidationError: it was altered, is another user's, or older than a day.
        """
        try:
            payload: dict[str, Any] = signing.loads(token, salt=self.salt, max_age=SECONDS)
        except signing.SignatureExpired:
            raise ValidationError(_("This can be undone within a day only.")) from None
        except signing.BadSignature:
            raise ValidationError(
                _("This undo is not complete. Go back to the page and use its button.")
            ) from None
        if payload["user"] != user.pk:
            raise ValidationError(_("Only who did it can undo it this way."))
        return payload
