"""Who calls: a token, its owner, and what both together allow at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.api import limits
from folkmoot.kernel.api.problems import Problem
from folkmoot.kernel.tokens import actions, queries
from folkmoot.kernel.tokens.models import ApiToken
from folkmoot.kernel.tokens.scopes import token_scopes


@dataclass(frozen=True)
class Caller:
    """A token that holds, and its owner."""

    token: ApiToken
    user: User

    def may(self, scope: str) -> bool:
        """The token has the scope and its owner the right, both now."""
        return scope in self.token.scopes and self.user.has_perm(token_scopes.get(scope).permission)

    def demand(self, scope: str) -> None:
        """Stop unless :meth:`may`.

        Raises:
            Problem: 403, naming the scope or the owner's missing right.
        """
        if scope not in self.token.scopes:
            challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
            raise Problem(
                "scope", f"This token lacks the scope {scope}.", headers={"WWW-Authenticate": challenge}
            )
        permission = token_scopes.get(scope).permission
        if not self.user.has_perm(permission):
            raise Problem("right", f"The owner of this token has no right for {scope} ({permission}).")

    @property
    def reason(self) -> str:
        """What stands in the history of what it changes."""
        return f"API: {self.token.name}"


def of(request: HttpRequest) -> Caller:
    """The caller of an operation."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    return caller


class Bearer(HttpBearer):
    """Lets in whoever shows a token that holds and has the scope, within its limit of requests."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any:
        kind, _space, word = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not word.strip():
            raise Problem("no-token", headers={"WWW-Authenticate": "Bearer"})
        return self.authenticate(request, word.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """The caller.

        Raises:
            Problem: 401, 403 or 429.
        """
        found = queries.shown(token)
        if found is None or not found.holds(clock.now()) or not found.owner.is_active:
            raise Problem("bad-token", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        limits.spend(request, found.pk)
        caller = Caller(found, found.owner)
        if self.scope:
            caller.demand(self.scope)
        actions.note_use(found)
        request.user = found.owner
        return caller
