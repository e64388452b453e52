"""Connections to AMY: kept, changed, forgotten, read."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.connectors.amy import Amy, AmyProblem, Trouble, normal_address
from folkmoot.kernel import clock, saving
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs import actions as jobs
from folkmoot.kernel.jobs.models import UNFINISHED, Job
from folkmoot.people.models import AmyConnection

KIND = "people.read_amy"


def connect_amy(
    *, url: str, token: str, session: str = "", is_nightly: bool = False, actor: User | None
) -> AmyConnection:
    """Keep a connection, or change the one that is there; AMY is asked whether it takes the token.

    There is one: of another address its token is forgotten, and never sent to this one.

    Args:
        token, session: empty: what is kept already stays.

    Raises:
        ValidationError: by field; AMY does not take it, or the address is none.
    """
    try:
        url = normal_address(url)
    except AmyProblem as problem:
        raise ValidationError({"url": str(problem)}) from None
    wanted: dict[str, Any] = {"is_nightly": is_nightly}
    for name, value in (("token", token.strip()), ("session", session.strip())):
        if any(character.isspace() for character in value) or not value.isascii():
            raise ValidationError({name: _("This is none: it has letters and digits only, without spaces.")})
        if value:
            wanted[name] = value
    known = AmyConnection.objects.filter(url=url).first()
    if "token" not in wanted and known is None:
        raise ValidationError({"token": _("Give the token.")})
    held = known or AmyConnection(url=url)
    if len(wanted) > 1:
        _ask(url, str(wanted.get("token") or held.token), str(wanted.get("session") or held.session))
    with transaction.atomic():
        row = AmyConnection.objects.select_for_update().filter(url=url).first()
        row = row or AmyConnection(url=url, created_by=actor)
        for other in AmyConnection.objects.exclude(url=url):
            saving.remove(other, actor=actor)
        for name, value in wanted.items():
            setattr(row, name, value)
        return saving.write(row, actor=actor)


def _ask(url: str, token: str, session: str) -> None:
    """See that AMY takes what was given.

    Raises:
        ValidationError: at the field that is to blame.
    """
    field = "token"
    try:
        with Amy(url, token=token, session=session, patience=0, pause=lambda seconds: None) as amy:
            amy.page("/api/v2/trainingrequirement?page_size=1")
            if session:
                field = "session"
                amy.page("/api/v1/communityroleconfigs")
    except AmyProblem as problem:
        at = field if problem.trouble in (Trouble.TOKEN, Trouble.RIGHTS) else "url"
        raise ValidationError({at: str(problem)}) from None


@transaction.atomic
def forget_amy(*, connection: AmyConnection, actor: User | None) -> None:
    """Forget the token; what was imported stays."""
    saving.remove(connection, actor=actor)


@transaction.atomic
def read_amy(
    *,
    connection: AmyConnection,
    apply: bool,
    actor: User | None,
    due_at: dt.datetime | None = None,
    but: int | None = None,
) -> Job:
    """Read AMY in the background, or go on with a reading that broke off.

    Args:
        apply: import it when it is read; else it is tried out, and waits for somebody's word.
        due_at: not before this moment (UTC).
        but: the job that asks: it does not count as one that is at it.
    """
    jobs_of = Job.objects.filter(kind=KIND, arguments__connection=connection.pk, state__in=UNFINISHED)
    waiting = (jobs_of.exclude(pk=but) if but is not None else jobs_of).first()
    if waiting is not None:
        return waiting
    arguments = {"connection": connection.pk, "apply": apply}
    return jobs.enqueue(kind=KIND, arguments=arguments, created_by=actor, due_at=due_at or clock.now())
