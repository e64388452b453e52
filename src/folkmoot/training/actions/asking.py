"""Asking for something with a form: drafts, sending, the click that proves the address, withdrawing."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.ids import token
from folkmoot.kernel.search.index import rows_changed
from folkmoot.people.public import Identity, Organization, Person, organizations_by_name
from folkmoot.training import attachments, request_letters, request_telling
from folkmoot.training.actions import base, scoring
from folkmoot.training.models import FieldKind, Request, RequestFile, RequestForm, RequestState
from folkmoot.training.queries import asking
from folkmoot.training.queries.asking import Door

SALT = "training.request"
#: For how long the link that proves the address is good, and a draft is kept.
GOOD_FOR, KEPT_FOR = dt.timedelta(days=7), dt.timedelta(days=30)
#: The same by the same person within this time is a form sent twice.
SENT_TWICE = dt.timedelta(minutes=10)
State = RequestState


class Sent(TypedDict, total=False):
    """What somebody sends."""

    name: str
    email: str
    #: By key of the field.
    answers: dict[str, Any]
    #: The language they read.
    language: str


def _stamp(request: Request) -> int:
    return int(request.started_at.timestamp() * 1_000_000)


def token_of(request: Request) -> str:
    """What stands in the address of somebody's own page about their request, or of their draft."""
    return signing.dumps([request.pk, _stamp(request)], salt=SALT, compress=True)


def read(token: str) -> Request | None:
    """Whose page an address leads to; ``None``: it is none of ours, or is too old. One query."""
    try:
        pk, stamp = signing.loads(token, salt=SALT)
        found = Request.objects.select_related("form__kind", "version", "event", "person").filter(pk=pk)
        row = found.first()
    except (signing.BadSignature, TypeError, ValueError):
        return None
    if row is None or _stamp(row) != stamp or _is_over(row, clock.now()):
        return None
    return row


def _is_over(row: Request, now: dt.datetime) -> bool:
    if row.state == State.DRAFT:
        return row.updated_at + KEPT_FOR <= now
    return row.state == State.UNPROVEN and (row.sent_at or row.started_at) + GOOD_FOR <= now


def link_of(request: Request) -> str:
    """The whole address of somebody's own page."""
    return request_letters.absolute(reverse("events:request", args=[token_of(request)]))


def door_words(stands: Door) -> str:
    """Why nothing can be sent now."""
    return {
        Door.EARLY: _("This form is not open yet. What you typed is still here."),
        Door.CLOSED: _("This form is closed. What you typed is still here."),
    }[stands]


# --------------------------------------------------------------------- drafts


@transaction.atomic
def keep_draft(
    *,
    form: RequestForm,
    typed: Mapping[str, list[str]],
    files: Mapping[str, attachments.Taken],
    draft: Request | None = None,
    language: str = "en",
) -> Request:
    """Keep what was typed so far, whatever it is worth; a draft that is there is written over.

    Raises:
        ValidationError: the draft was sent or forgotten meanwhile.
    """
    if draft is not None:
        row = base.locked(draft)
        if row.state != State.DRAFT:
            raise ValidationError(_("This was sent already."), code="sent")
    else:
        row = Request(form=form, version=asking.version_of(form), started_at=clock.now())
    row.language = language[:12]
    row.answers = {"typed": dict(typed)}
    row.version = asking.version_of(form)
    # Nothing of a draft is anybody's business: its history begins when it is sent.
    row.skip_history_when_saving = True  # type: ignore[attr-defined]
    row.save()
    _keep_files(row, files)
    return row


def _keep_files(row: Request, files: Mapping[str, attachments.Taken]) -> None:
    """Put files into the storage under names that nobody guesses; what fails later leaves none behind."""
    for key, file in files.items():
        if RequestFile.objects.filter(request=row).exclude(field=key).count() >= attachments.MOST:
            raise ValidationError(_("At most %(n)d files.") % {"n": attachments.MOST}, code="most")
        before = RequestFile.objects.filter(request=row, field=key).first()
        if before is not None:
            _delete_later([before.path])
            before.delete()
        path = default_storage.save(f"{attachments.FOLDER}/{token()}", ContentFile(file.content))
        RequestFile.objects.create(
            request=row, field=key, name=file.name, type=file.type, size=len(file.content), path=path
        )


def _delete_later(paths: Iterable[str]) -> None:
    gone = list(paths)

    def delete() -> None:
        for path in gone:
            default_storage.delete(path)

    transaction.on_commit(delete)


def files_kept(draft: Request | None) -> dict[str, str]:
    """Names of the files that came with a draft, by field; at most one query."""
    return dict(draft.files.values_list("field", "name")) if draft is not None else {}


@transaction.atomic
def mail_draft(*, draft: Request, email: str) -> None:
    """Send the address of a draft to whoever wants to go on later.

    Raises:
        ValidationError: at ``email``: no mail can be sent there.
    """
    row = base.locked(draft)
    digest = hashlib.sha256(base.fold(email).encode()).hexdigest()[:16]
    hour = clock.now().strftime("%Y-%m-%dT%H")
    try:
        request_letters.send(
            request_letters.DRAFT,
            row,
            email=base.line(email),
            key=f"training.draft:{row.pk}:{digest}:{hour}",
            link=link_of(row),
        )
    except ValidationError as problem:
        raise _no_mail() from problem


def _no_mail() -> ValidationError:
    return ValidationError(
        {"email": _("No mail can be sent to this address from here. Give another one, or write to us.")},
        code="mail",
    )


# -------------------------------------------------------------------- sending


@transaction.atomic
def send(
    *,
    form: RequestForm,
    values: Sent,
    files: Mapping[str, attachments.Taken] | None = None,
    draft: Request | None = None,
) -> Request:
    """Keep a request, and send the mail by which its address is proven. Only then does anybody decide about it.

    Raises:
        ValidationError: the form is closed; by field; at ``email``: no mail can be sent there.
    """
    form = base.locked(form)
    stands = asking.door(form)
    if stands != Door.OPEN:
        raise ValidationError(door_words(stands), code=stands.value)
    if draft is not None:
        row = base.locked(draft)
        if row.state != State.DRAFT:
            raise ValidationError(_("This was sent already."), code="sent")
    else:
        twin = _sent_just_now(form, values)
        if twin is not None:
            return twin
        row = Request(form=form, started_at=clock.now())
    row.version = asking.version_of(form)
    answers = values.get("answers", {})
    base.put(
        row,
        {
            "name": values["name"],
            "email": values["email"],
            "answers": answers,
            "language": values.get("language", "en")[:12],
            "state": State.UNPROVEN,
            "sent_at": clock.now(),
            **asking.told_beside(row.version.fields, answers),
        },
    )
    base.write(row, actor=None, reason="sent")
    _keep_files(row, files or {})
    unused = row.files.exclude(field__in=[key for key, said in answers.items() if said])
    _delete_later(list(unused.values_list("path", flat=True)))
    unused.delete()
    try:
        request_letters.send(
            request_letters.PROVE, row, key=f"training.request_prove:{row.pk}", link=link_of(row)
        )
    except ValidationError as problem:
        raise _no_mail() from problem
    return row


def _sent_just_now(form: RequestForm, values: Sent) -> Request | None:
    """The very same, sent a moment ago: a button that was pressed twice."""
    rows = Request.objects.filter(
        form=form,
        state=State.UNPROVEN,
        email_folded=base.fold(base.line(values["email"]))[:320],
        sent_at__gt=clock.now() - SENT_TWICE,
    )
    return next((row for row in rows if row.answers == values.get("answers", {})), None)


@transaction.atomic
def prove(*, request: Request) -> Request:
    """Somebody followed the link in their mail: the request is received. Twice does nothing more.

    The record of the register that has the address is theirs; an organisation is found by its exact name, or by the
    domain of the proven address.
    """
    row = base.locked(request)
    if row.state != State.UNPROVEN:
        return row
    now = clock.now()
    base.put(
        row,
        {
            "state": State.PENDING,
            "proven_at": now,
            "received_at": now,
            "due_at": now + dt.timedelta(days=row.form.answer_days),
            "person": person_of(row.email),
            "organization": _organization(row),
        },
    )
    scoring.score(row)
    base.write(row, actor=None, reason="received")
    rows_changed(Request, [row.pk])
    request_telling.tell(row, request_telling.RECEIVED, occasion="received")
    request_telling.tell_owner(row)
    request_letters.try_to(
        request_letters.RECEIVED,
        lambda: request_letters.send(
            request_letters.RECEIVED, row, key=f"training.request_received:{row.pk}", link=link_of(row)
        ),
    )
    return row


def person_of(email: str) -> Person | None:
    """The record that has a proven address; one query."""
    known = (
        Identity.objects.filter(system="email", folded=base.fold(email), person__erased_at=None)
        .select_related("person")
        .order_by("pk")
        .first()
    )
    return known.person if known is not None else None


def _organization(row: Request) -> Organization | None:
    """By the exact name that was typed, else by the domain of the proven address; at most three queries."""
    if not asking.by_kind(row.version.fields, FieldKind.ORGANIZATION):
        return None
    if row.organization_name:
        folded = base.fold(row.organization_name)
        found = organizations_by_name([row.organization_name]).get(folded)
        if found is not None:
            return found
    parts = base.fold(row.email).rpartition("@")[2].split(".")
    domains = [".".join(parts[n:]) for n in range(len(parts) - 1)]
    rows = Organization.objects.filter(domains__domain__in=domains).values_list("pk", "domains__domain")
    best = max(((len(domain), pk) for pk, domain in rows if domain in domains), default=None)
    return Organization.objects.get(pk=best[1]) if best is not None else None


@transaction.atomic
def withdraw(*, request: Request) -> bool:
    """Whoever asked does not want it any more; what nobody has seen yet is forgotten. Twice does nothing more.

    Returns:
        whether the request is still there.

    Raises:
        ValidationError: it was accepted already.
    """
    row = base.locked(request)
    if row.state in (State.DRAFT, State.UNPROVEN):
        _forget([row.pk])
        return False
    if row.state == State.ACCEPTED:
        raise ValidationError(
            _("It is accepted already. Write to us if you cannot make it after all."), code="state"
        )
    if row.state == State.PENDING:
        base.put(row, {"state": State.WITHDRAWN, "decided_at": clock.now()})
        base.write(row, actor=None, reason="withdrawn")
        rows_changed(Request, [row.pk])
    return True


def _forget(chosen: list[int]) -> None:
    """Delete requests that nobody received, with files and history."""
    _delete_later(RequestFile.objects.filter(request__in=chosen).values_list("path", flat=True))
    history: Any = Request.history
    Request.objects.filter(pk__in=chosen).delete()
    history.filter(id__in=chosen).delete()


@transaction.atomic
def forget_unsent(*, now: dt.datetime) -> int:
    """Forget drafts after thirty days, and requests whose address nobody proved in seven.

    Returns:
        how many.
    """
    drafts = Request.objects.filter(state=State.DRAFT, updated_at__lte=now - KEPT_FOR)
    unproven = Request.objects.filter(state=State.UNPROVEN, sent_at__lte=now - GOOD_FOR)
    chosen = [
        *drafts.order_by("pk").values_list("pk", flat=True)[:1000],
        *unproven.order_by("pk").values_list("pk", flat=True)[:1000],
    ]
    _forget(chosen)
    return len(chosen)
