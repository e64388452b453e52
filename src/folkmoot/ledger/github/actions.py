"""What people do with connections to GitHub, and what GitHub's webhooks set off."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, TypedDict, Unpack
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from folkmoot.connectors.github.client import API_URL
from folkmoot.connectors.github.webhooks import Delivery
from folkmoot.kernel import clock, ids
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.text import clean
from folkmoot.ledger.github import access, sync
from folkmoot.ledger.github.models import (
    GithubConnection,
    GithubRepository,
    Stream,
    SyncState,
    WebhookDelivery,
    chosen_streams,
)

#: How long deliveries are remembered; one that is sent again later only makes us read what is known.
KEEP_DELIVERIES = dt.timedelta(days=30)
#: Which streams an event is about; events that are not here are taken in and set nothing off.
EVENTS: dict[str, tuple[str, ...]] = {
    "issues": (Stream.ISSUES.value, Stream.THREADS.value),
    "issue_comment": (Stream.ISSUES.value, Stream.THREADS.value),
    "label": (Stream.ISSUES.value, Stream.THREADS.value),
    "pull_request": (Stream.ISSUES.value,),
    "pull_request_review": (Stream.ISSUES.value, Stream.REVIEWS.value),
    "discussion": (Stream.DISCUSSIONS.value,),
    "discussion_comment": (Stream.DISCUSSIONS.value,),
    "release": (Stream.RELEASES.value, Stream.FACTS.value),
    "star": (Stream.STARS.value, Stream.FACTS.value),
    "watch": (Stream.STARS.value, Stream.FACTS.value),
    "fork": (Stream.FACTS.value,),
    "push": (Stream.FACTS.value,),
    "public": (Stream.FACTS.value,),
    "repository": (Stream.FACTS.value,),
}
_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


class ConnectionFields(TypedDict, total=False):
    """What may be said of a connection."""

    name: str
    api_url: str
    organizations: list[str]
    repositories: list[str]
    reads_register: bool
    streams: list[str]


def _checked(fields: ConnectionFields) -> ConnectionFields:
    """The fields in order.

    Raises:
        ValidationError: by field.
    """
    problems: dict[str, str] = {}
    if "name" in fields:
        fields["name"] = clean(fields["name"])[:100]
        if not fields["name"]:
            problems["name"] = _("Give the connection a name.")
    if "api_url" in fields:
        fields["api_url"] = fields["api_url"].strip().rstrip("/") or API_URL
        parts = urlsplit(fields["api_url"])
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.query:
            problems["api_url"] = _("Write the address as https://github.example.org/api/v3.")
    for name, one in (("organizations", _owner), ("repositories", _repository)):
        if name in fields:
            try:
                fields[name] = _each(fields[name], one)  # type: ignore[literal-required]
            except ValueError as error:
                problems[name] = str(error)
    if "streams" in fields:
        fields["streams"] = [stream.value for stream in chosen_streams() if stream.value in fields["streams"]]
        if not fields["streams"]:
            problems["streams"] = _("Choose at least one thing to read.")
    if problems:
        raise ValidationError(problems)
    return fields


def _each(values: list[str], one: Any) -> list[str]:
    found = {found.casefold(): found for value in values if (found := one(value))}
    return list(found.values())


def _bare(value: str) -> str:
    return re.sub(r"^https?://[^/]+/", "", clean(value)).removeprefix("@").removesuffix(".git").strip("/")


def _owner(value: str) -> str:
    found = _bare(value)
    if found and not _OWNER.fullmatch(found):
        raise ValueError(
            _("“%(value)s” is no organisation: write its name, such as pyOpenSci.") % {"value": value[:60]}
        )
    return found


def _repository(value: str) -> str:
    found = _bare(value)
    owner, _slash, name = found.partition("/")
    if found and not (_OWNER.fullmatch(owner) and _NAME.fullmatch(name) and name.strip(".")):
        raise ValueError(
            _("“%(value)s” is no repository: write owner and name, such as pyOpenSci/software-peer-review.")
            % {"value": value[:60]}
        )
    return found


def connect(
    *, actor: User | None, reads_with: access.Access, **fields: Unpack[ConnectionFields]
) -> GithubConnection:
    """Make a connection once GitHub has taken its token, or its App, and begin to read.

    Raises:
        ValidationError: by field.
    """
    reads_with = reads_with.in_order()
    fields = _checked({"api_url": API_URL, **fields})
    _choose_something(
        fields.get("organizations", []), fields.get("repositories", []), fields.get("reads_register", True)
    )
    known = reads_with.ask(fields["api_url"])
    connection = GithubConnection(**fields, **known, created_by=actor, webhook_secret=ids.token(32))
    with transaction.atomic():
        _save(connection, actor)
        sync.ask(connection, actor=actor, finds=True)
    return connection


def edit_connection(
    *,
    connection: GithubConnection,
    actor: User | None,
    reads_with: access.Access | None = None,
    **fields: Unpack[ConnectionFields],
) -> GithubConnection:
    """Change what is read, the token or the App; an empty token or key keeps what is there. Reading begins at once.

    Raises:
        ValidationError: by field.
    """
    fields = _checked(fields)
    _choose_something(
        fields.get("organizations", connection.organizations),
        fields.get("repositories", connection.repositories),
        fields.get("reads_register", connection.reads_register),
    )
    known: dict[str, Any] = {}
    address = fields.get("api_url", connection.api_url)
    with_what = access.changed((reads_with or access.Access()).in_order(), connection, address)
    if with_what is not None:
        known = with_what.ask(address)
        known |= {"error": "", "error_detail": "", "failing_since": None, "resume_at": None}
    elif address != connection.api_url:
        raise ValidationError({"token": _("A different address needs its own token: enter it too.")})
    with transaction.atomic():
        values = {**fields, **known}
        for name, value in values.items():
            setattr(connection, name, value)
        _save(connection, actor, list(values))
        sync.ask(connection, actor=actor, finds=True)
    return connection


def _choose_something(organizations: list[str], repositories: list[str], reads_register: bool) -> None:
    if not organizations and not repositories and not reads_register:
        raise ValidationError(
            {"organizations": _("Choose an organisation, a repository, or the register's projects.")}
        )


def _save(connection: GithubConnection, actor: User | None, only: list[str] | None = None) -> None:
    connection._history_user = actor  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            connection.save(update_fields=only)
    except IntegrityError:
        raise ValidationError({"name": _("There is a connection of this name already.")}) from None


@transaction.atomic
def read_now(*, connection: GithubConnection, actor: User | None) -> Job | None:
    """Queue a reading, lists of repositories included; ``None`` when one waits already."""
    return sync.ask(connection, actor=actor, finds=True)


@transaction.atomic
def pause(*, connection: GithubConnection, actor: User | None) -> None:
    """Stop reading until :func:`resume`; a reading under way ends with its stream. Twice does nothing more."""
    if not connection.is_paused:
        connection.is_paused = True
        _save(connection, actor, ["is_paused"])


@transaction.atomic
def resume(*, connection: GithubConnection, actor: User | None) -> None:
    """Read again."""
    if connection.is_paused:
        connection.is_paused = False
        _save(connection, actor, ["is_paused"])
        sync.ask(connection, actor=actor)


@transaction.atomic
def remove(*, connection: GithubConnection, actor: User | None) -> None:
    """Forget a connection and its token. What was read stays, and how far; another connection can go on from there."""
    connection._history_user = actor  # type: ignore[attr-defined]
    connection.delete()


@transaction.atomic
def new_secret(*, connection: GithubConnection, actor: User | None) -> str:
    """Make a new secret for webhooks; the old one is not taken any more. It is shown once."""
    secret = ids.token(32)
    connection.webhook_secret = secret
    _save(connection, actor, ["webhook_secret"])
    return secret


def take_delivery(*, connection: GithubConnection, number: str, delivery: Delivery) -> bool:
    """Take in a signed delivery: what it is about is read from GitHub soon.

    Returns:
        ``False`` when it came before, and nothing was done.
    """
    try:
        with transaction.atomic():
            WebhookDelivery.objects.create(
                connection=connection, number=number[:100], event=delivery.event[:60]
            )
            _set_off(connection, delivery)
    except IntegrityError:
        return False
    return True


def _set_off(connection: GithubConnection, delivery: Delivery) -> None:
    streams = EVENTS.get(delivery.event, ())
    if not streams or connection.is_paused:
        return
    row = GithubRepository.objects.filter(
        connection=connection, host=connection.host, number=delivery.repository_number
    ).first()
    if row is not None:
        if delivery.event == "label" and delivery.action in ("edited", "deleted"):
            # No issue counts as changed by that, and each may carry it: all are read again.
            SyncState.objects.filter(repository=row, stream=Stream.THREADS).update(
                cursor={}, etag="", version=F("version") + 1
            )
        sync.ask(connection, repository=row, streams=streams)
    elif delivery.event == "repository":
        sync.ask(connection, finds=True)


def forget_deliveries() -> int:
    """Remove old deliveries; returns how many."""
    return WebhookDelivery.objects.filter(received_at__lt=clock.now() - KEEP_DELIVERIES).delete()[0]
