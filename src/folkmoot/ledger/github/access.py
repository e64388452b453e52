"""With what a connection reads GitHub, a token or a GitHub App: checked as typed, shown to GitHub before it is kept."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from folkmoot.connectors.github.apps import App, read_key
from folkmoot.connectors.github.client import GitHub
from folkmoot.connectors.github.problems import GitHubProblem, Trouble, what_happened, what_to_do
from folkmoot.kernel.secrets import CannotDecrypt
from folkmoot.kernel.text import clean
from folkmoot.ledger.github.models import GithubConnection

_IDENTIFIER = re.compile(r"[A-Za-z0-9.]{1,60}")


@dataclass(frozen=True)
class Access:
    """What was typed: a token, or an App's ID, its private key and where it is installed."""

    token: str = ""
    app_id: str = ""
    private_key: str = ""
    installation_id: str = ""

    def in_order(self) -> Access:
        """The same without what stands around it.

        Raises:
            ValidationError: by field.
        """
        found = Access(**{name: value.strip() for name, value in asdict(self).items()})
        problems: dict[str, str] = {}
        if not found.token.isascii() or any(character.isspace() for character in found.token):
            problems["token"] = _("This is not a token: a token has letters, digits and “_” only.")
        if found.app_id and not _IDENTIFIER.fullmatch(found.app_id):
            problems["app_id"] = _("Enter the App ID as GitHub shows it.")
        if found.installation_id and not found.installation_id.isdecimal():
            problems["installation_id"] = _("Enter the installation ID as GitHub shows it: a number.")
        if found.private_key:
            try:
                read_key(found.private_key)
            except ValueError:
                problems["private_key"] = _(
                    "This is not the private key of an App: paste the whole .pem file that GitHub let you download."
                )
        if problems:
            raise ValidationError(problems)
        return found

    def ask(self, api_url: str) -> dict[str, Any]:
        """What the connection keeps, once GitHub has taken it.

        Raises:
            ValidationError: by field; also when both a token and an App are given, or neither.
        """
        if self.token and (self.app_id or self.private_key):
            raise ValidationError({"token": _("Give either a token or an App, not both.")})
        if self.token:
            found = {**asdict(self), "installation_id": "", "app_token_until": None}
            return {**found, **ask_who(self.token, api_url)}
        if self.app_id and self.private_key:
            return {
                **asdict(self),
                **ask_as(App(self.app_id, self.private_key, self.installation_id, api_url)),
            }
        missing = "private_key" if self.app_id else "app_id" if self.private_key else "token"
        raise ValidationError({missing: _("Give a token, or the ID and the private key of an App.")})


def changed(wished: Access, connection: GithubConnection, address: str) -> Access | None:
    """With what to ask GitHub now; ``None`` where nothing about the access changes.

    Args:
        address: the interface that is to be asked; a key that is kept proves the App to the one it was given for only.

    Raises:
        ValidationError: the App's key that is there cannot be read.
    """
    place = wished.installation_id or connection.installation_id
    is_other_app = bool(wished.app_id) and (wished.app_id, place) != (
        connection.app_id,
        connection.installation_id,
    )
    if not (wished.token or wished.private_key or is_other_app):
        return None
    is_same_app = wished.app_id and wished.app_id == connection.app_id and address == connection.api_url
    if is_same_app and not wished.private_key:
        return replace(wished, private_key=_kept_key(connection))
    return wished


def _kept_key(connection: GithubConnection) -> str:
    try:
        return str(GithubConnection.objects.values_list("private_key", flat=True).get(pk=connection.pk))
    except CannotDecrypt:
        raise ValidationError({"private_key": _in_words(GitHubProblem(Trouble.KEYS))}) from None


def _in_words(problem: GitHubProblem) -> str:
    said = (str(what_happened(problem.trouble)), str(what_to_do(problem.trouble)), problem.detail)
    return " ".join(filter(None, said))


def ask_who(token: str, api_url: str) -> dict[str, Any]:
    """What GitHub says of a token: login, scopes, when it expires.

    Raises:
        ValidationError: at the field that is to blame; the words say what to do.
    """
    try:
        with GitHub(token, api_url, pause=lambda seconds: None) as github:
            github.get("/rate_limit")
            try:
                who = github.get("/user").data
            except GitHubProblem as problem:
                if problem.trouble != Trouble.SCOPE:  # an app's token is nobody's
                    raise
                who = None
            login = clean(who.get("login", ""))[:100] if isinstance(who, dict) else ""
            return {"login": login, "scopes": github.scopes[:300], "token_expires_at": github.expires_at}
    except GitHubProblem as problem:
        field = "token" if problem.trouble in (Trouble.TOKEN, Trouble.SCOPE) else "api_url"
        raise ValidationError({field: _in_words(problem)}) from None


def ask_as(app: App) -> dict[str, Any]:
    """Where an App is installed, and the first token that it gets there.

    Raises:
        ValidationError: at the field that is to blame; the words say what to do.
    """
    account = ""
    try:
        if not app.installation:
            app, account = _the_one_place(app)
        token = app.new_token()
    except GitHubProblem as problem:
        field = "app_id" if problem.trouble == Trouble.APP else "api_url"
        raise ValidationError({field: _in_words(problem)}) from None
    return {
        **ask_who(token.value, app.api_url),
        "login": account[:100],
        "token_expires_at": None,
        "token": token.value,
        "app_token_until": token.until,
        "installation_id": app.installation,
    }


def _the_one_place(app: App) -> tuple[App, str]:
    places = app.installations()
    if not places:
        words = _("The App is not installed anywhere: install it in your organisation first.")
        raise ValidationError({"installation_id": words})
    if len(places) > 1:
        words = _("The App is installed in several places. Choose one and enter its number: %(places)s.")
        listed = ", ".join(f"{place.number} ({place.account})" for place in places[:20])
        raise ValidationError({"installation_id": words % {"places": listed}})
    return replace(app, installation=places[0].number), places[0].account
