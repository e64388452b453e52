"""Writing: the same actions as the pages, once for each idempotency key, and only onto what the caller has seen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest

from folkmoot.kernel import clock
from folkmoot.kernel.api import callers
from folkmoot.kernel.api.kinds import Kind, merged_into
from folkmoot.kernel.api.problems import FieldError, Problem, from_validation
from folkmoot.kernel.tokens.actions import forget_writes
from folkmoot.kernel.tokens.models import ApiWrite

M = TypeVar("M", bound=models.Model)


def found(kind: Kind, number: int, rows: models.QuerySet[Any] | None = None) -> Any:
    """The record of this number.

    Raises:
        Problem: 410 when it was there and went (with where to), 404 when there never was one.
    """
    row = (rows if rows is not None else kind.model._default_manager.all()).filter(pk=number).first()
    if row is not None:
        return row
    into = merged_into(kind, [number]).get(number)
    history = kind.model.history.model  # type: ignore[attr-defined]
    if into is None and not history.objects.filter(id=number, history_type="-").exists():
        raise Problem("not-found", f"There is no {kind.model._meta.verbose_name} {number}.")
    where = f" It was merged into {into}." if into is not None else ""
    raise Problem("gone", f"The {kind.model._meta.verbose_name} {number} is gone.{where}", merged_into=into)


def named(model: type[M], number: int | None, field: str) -> M | None:
    """The record that a field of the body names; ``None`` when it names none.

    Raises:
        Problem: 422 at the field, when there is no such record.
    """
    if number is None:
        return None
    row = model._default_manager.filter(pk=number).first()
    if row is None:
        detail = f"There is no {model._meta.verbose_name} {number}."
        raise Problem("invalid", f"{field}: {detail}", errors=[FieldError(field=field, detail=detail)])
    return row


def fingerprint(request: HttpRequest) -> str:
    """What tells two requests with one key apart."""
    said = f"{request.method} {request.get_full_path()}\n".encode("utf-8", "replace")
    return hashlib.sha256(said + request.body).hexdigest()


def add_once(
    request: HttpRequest, model: type[M], act: Callable[[], M], names: Mapping[str, str] | None = None
) -> tuple[M, bool]:
    """Make a record by an action, once for each ``Idempotency-Key``.

    Returns:
        the record, and whether this request made it (or only found what an earlier one had made).

    Raises:
        Problem: 422 when the action refuses (nothing is written or remembered then), or the key was another request's;
            410 when what the key made is gone meanwhile.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return _act(model, act, names)
    if len(key) > 200 or not key.isprintable() or not key.isascii():
        raise Problem("bad-request", "Idempotency-Key holds at most 200 printable ASCII characters.")
    token = callers.of(request).token
    known = ApiWrite.objects.filter(token=token, key=key)
    try:
        with transaction.atomic():
            forget_writes(clock.now())
            if not known.exists():
                # The row first: whoever sends the same at the same time waits here, and finds it then.
                write = ApiWrite.objects.create(token=token, key=key, request_hash=fingerprint(request))
                row, is_new = _act(model, act, names)
                write.record = row.pk
                write.save(update_fields=["record"])
                return row, is_new
    except IntegrityError:
        if not known.exists():
            raise
    write = known.get()
    if write.request_hash != fingerprint(request):
        raise Problem("key-used")
    made = model._default_manager.filter(pk=write.record).first()
    if made is None:
        raise Problem("gone", "What this key made is gone meanwhile.")
    return made, False


def _act(model: type[M], act: Callable[[], M], names: Mapping[str, str] | None) -> tuple[M, bool]:
    """What the action made; actions return what is there already, and that is no new record."""
    newest = model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
    try:
        with transaction.atomic():
            row = act()
    except ValidationError as error:
        raise from_validation(error, names) from error
    return row, row.pk > newest


def edit_seen(
    request: HttpRequest,
    row: M,
    etag: Callable[[M], str],
    act: Callable[[M], M],
    names: Mapping[str, str] | None = None,
) -> M:
    """Change a record by an action, when it still is what the caller's ``If-Match`` says.

    Args:
        etag: the ETag that the caller would read of the record now.

    Raises:
        Problem: 412 when somebody changed it since; 422 when the action refuses.
    """
    from folkmoot.kernel.api.answers import names_one

    wanted = request.headers.get("If-Match", "")
    try:
        with transaction.atomic():
            held = type(row)._default_manager.select_for_update().filter(pk=row.pk).first()
            if held is None:
                raise Problem("gone", "The record went meanwhile.")
            if wanted and not names_one(wanted, etag(held)):
                raise Problem("changed")
            return act(held)
    except ValidationError as error:
        raise from_validation(error, names) from error
