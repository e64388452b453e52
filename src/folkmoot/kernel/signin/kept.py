"""Keys of authenticator apps and recovery codes take part in the rotation of the encryption keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from folkmoot.kernel.secrets import SecretPlace, secret_places


def reencrypt(again: Callable[[str], str]) -> int:
    """Close every stored key anew; each row in a transaction of its own, so it can be run again."""
    changed = 0
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    for pk in list(Authenticator.objects.filter(type__in=kinds).values_list("pk", flat=True)):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            data: dict[str, Any] = dict(row.data)
            for name in ("secret", "seed"):
                if data.get(name):
                    data[name] = again(data[name])
            if data != row.data:
                row.data = data
                row.save(update_fields=["data"])
                changed += 1
    return changed


secret_places.register(SecretPlace("signin.authenticators", reencrypt))
