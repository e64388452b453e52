"""What a token may be good for. Apps declare scopes in ``plugs.py``; each rests on a permission of the owner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from folkmoot.kernel.registry import Registry


@dataclass(frozen=True)
class TokenScope:
    """Something a token may be allowed to do.

    Attributes:
        key: ``what:read`` or ``what:write``.
        label: what it opens, in a few words.
        permission: what the owner must be allowed at the moment of each request.
        is_sensitive: it opens personal data, or changes something; the form says so.
    """

    key: str
    label: Any
    permission: str
    is_sensitive: bool = False
    order: int = 0


token_scopes: Registry[TokenScope] = Registry("token scope")


def open_to(user: Any) -> list[TokenScope]:
    """The scopes that a token of this user could use now."""
    return [scope for scope in token_scopes if user.has_perm(scope.permission)]


def labels(keys: Iterable[str]) -> list[str]:
    """The scopes in words, in their order; one that nobody declares any more goes by its key."""
    wanted = set(keys)
    known = [str(scope.label) for scope in token_scopes if scope.key in wanted]
    return [*known, *sorted(key for key in wanted if key not in token_scopes)]
