"""What operations of training share: moments of change, notes, rights beyond a scope, rows that a body names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

from django.db import models
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from folkmoot.kernel import audit
from folkmoot.kernel.api import callers
from folkmoot.kernel.api.answers import body_of, etag_of
from folkmoot.kernel.api.fields import Flag, Told
from folkmoot.kernel.api.kinds import Kind, changed_at
from folkmoot.kernel.api.paging import Asked
from folkmoot.kernel.api.problems import FieldError, Problem
from folkmoot.training.api.kinds import NOTES

M = TypeVar("M", bound=models.Model)
MANAGE = "training.manage"


class ArchivedAsked(Asked):
    """The filter of lists of rows that a coordinator edits."""

    archived: Flag | SkipJsonSchema[None] = Field(
        default=None, description="Only what is not used any more, or only the others; else both."
    )


def plain(row: Any, names: Sequence[str]) -> dict[str, Any]:
    """These fields of a row as they are."""
    return {name: getattr(row, name) for name in names}


def moments(kind: Kind, rows: Sequence[Any]) -> dict[int, dt.datetime | None]:
    """When each row was changed last (UTC); one query. An erasure takes the history along: its moment is the last
    change then. People of the rows are read beforehand (``select_related``).
    """
    changed = changed_at(kind, [row.pk for row in rows])
    found: dict[int, dt.datetime | None] = {}
    for row in rows:
        known = [changed.get(row.pk)]
        if kind.stamps:
            known.append(row.person.erased_at)
        at = [one for one in known if one is not None]
        found[row.pk] = (
            max(at) if at else getattr(row, "updated_at", None) or getattr(row, "created_at", None)
        )
    return found


def sees_notes(caller: callers.Caller) -> bool:
    """Notes of those who run training are told."""
    return caller.may(NOTES)


def demand_right(caller: callers.Caller, permission: str = MANAGE) -> None:
    """Stop where the owner may write, but not this.

    Raises:
        Problem: 403, naming the right.
    """
    if not caller.user.has_perm(permission):
        raise Problem("right", f"The owner of this token has no right for that ({permission}).")


def writer(request: Any, kind: Kind) -> callers.Caller:
    """Who writes a record, as its history will tell: whoever is answered with one needs the scope that reads it, too.

    Raises:
        Problem: 403, the scope that reads it is missing.
    """
    caller = callers.of(request)
    caller.demand(kind.scope)
    audit.through(caller.reason)
    return caller


def by_slug(model: type[M], slug: str | None, field: str) -> M | None:
    """The row that a field of the body names by its short name; ``None`` when it names none.

    Raises:
        Problem: 422 at the field, when there is no such row.
    """
    if not slug:
        return None
    row = model._default_manager.filter(slug=slug).first()
    if row is None:
        refuse(field, f"There is no {model._meta.verbose_name} “{slug}”.")
    return row


def needed(model: type[M], slug: str, field: str) -> M:
    """The same, where one has to be named.

    Raises:
        Problem: 422 at the field, when none is named or there is no such row.
    """
    row = by_slug(model, slug, field)
    if row is None:
        refuse(field, f"Name a {model._meta.verbose_name} by its short name.")
    return row


def refuse(field: str, detail: str) -> NoReturn:
    """Stop at a field of the body.

    Raises:
        Problem: 422.
    """
    raise Problem("invalid", f"{field}: {detail}", errors=[FieldError(field=field, detail=detail)])


def etag(told: type[Told], tell: Callable[[list[Any]], list[dict[str, Any]]]) -> Callable[[Any], str]:
    """What gives a record its ETag, as its reader would see it."""
    return lambda row: etag_of(body_of(told, tell([row])[0]))
