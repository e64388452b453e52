"""GitHub Apps: a private key proves the App for ten minutes, and with that proof it gets tokens that hold for an hour.

Sources: GitHub Docs, "Generating a JSON Web Token (JWT) for a GitHub App", "Generating an installation access token for
a GitHub App".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from folkmoot.connectors.github.client import API_URL, GitHub
from folkmoot.connectors.github.problems import GitHubProblem, Trouble
from folkmoot.connectors.github.shapes import moment
from folkmoot.kernel import clock
from folkmoot.kernel.text import clean

#: A proof is dated back against clocks that differ, and ends before GitHub's ten minutes are over.
PROOF_BEGINS, PROOF_ENDS = dt.timedelta(seconds=-60), dt.timedelta(minutes=9)


@dataclass(frozen=True)
class Installation:
    """A place where an App is installed: its number, and whose it is."""

    number: str
    account: str


@dataclass(frozen=True)
class InstallationToken:
    """What an App reads with, and until when (UTC)."""

    value: str
    until: dt.datetime


def read_key(text: str) -> RSAPrivateKey:
    """An App's private key, as GitHub lets one download it.

    Raises:
        ValueError: it is none.
    """
    try:
        key = load_pem_private_key(text.strip().encode(), password=None)
    except (ValueError, TypeError, UnicodeEncodeError):
        raise ValueError("this is no private key") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("this is no RSA key")
    return key


@dataclass(frozen=True)
class App:
    """A GitHub App, where it is installed, and the key that proves it.

    Attributes:
        app_id: its App ID or client ID.
        installation: the number of the place where it is installed.
    """

    app_id: str
    private_key: str
    installation: str = ""
    api_url: str = API_URL
    pause: Callable[[float], None] = lambda _seconds: None

    def proof(self) -> str:
        """A signed statement that GitHub takes for the App itself.

        Raises:
            GitHubProblem: the key is none.
        """
        now = clock.now()
        said = {"iat": now + PROOF_BEGINS, "exp": now + PROOF_ENDS, "iss": self.app_id}
        try:
            return jwt.encode(said, read_key(self.private_key), algorithm="RS256")
        except ValueError as error:
            raise GitHubProblem(Trouble.APP, str(error)) from None

    def installations(self) -> list[Installation]:
        """Where the App is installed; at most the first hundred places.

        Raises:
            GitHubProblem: GitHub does not take the App, or gives no usable answer.
        """
        rows = self._ask(lambda github: github.get("/app/installations", {"per_page": 100}).data)
        try:
            return [
                Installation(str(int(row["id"])), clean((row.get("account") or {}).get("login", "")))
                for row in rows or ()
            ]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise GitHubProblem(Trouble.ODD, str(error)) from None

    def new_token(self) -> InstallationToken:
        """A token for the place where the App is installed.

        Raises:
            GitHubProblem: as :meth:`installations`.
        """
        address = f"/app/installations/{self.installation}/access_tokens"
        found = self._ask(lambda github: github.create(address))
        try:
            return InstallationToken(str(found["token"]), moment(found["expires_at"]))
        except (KeyError, TypeError, ValueError) as error:
            raise GitHubProblem(Trouble.ODD, str(error)) from None

    def _ask(self, what: Callable[[GitHub], Any]) -> Any:
        """Ask as the App; that GitHub knows no such App, key or installation is the App's trouble, not a token's."""
        try:
            with GitHub(self.proof(), self.api_url, pause=self.pause) as github:
                return what(github)
        except GitHubProblem as problem:
            if problem.trouble in (Trouble.TOKEN, Trouble.GONE, Trouble.SCOPE):
                raise GitHubProblem(Trouble.APP, problem.detail) from None
            raise
