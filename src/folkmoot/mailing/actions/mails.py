"""What a person does with a planned mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.saving import block, line
from folkmoot.mailing import engine, languages, sending
from folkmoot.mailing.models import OPEN, MailState, PlannedMail
from folkmoot.mailing.subjects import subjects
from folkmoot.outbox.public import check_text, message_kinds


def locked(mail: PlannedMail) -> PlannedMail:
    """The row as it is now, held until the transaction ends.

    Raises:
        ValidationError: it is gone, or this version does not know its kind of record.
    """
    rows = PlannedMail.objects.select_for_update(of=("self",)).select_related("rule__template")
    found = rows.filter(pk=mail.pk).first()
    if found is None:
        raise ValidationError(_("This was removed meanwhile."), code="gone")
    if found.subject not in subjects:
        raise ValidationError(_("This version knows no such kind of record."))
    return found


def _need_open(mail: PlannedMail) -> None:
    if not mail.is_open:
        raise ValidationError(
            _("%(name)s: it is “%(state)s”, and cannot be changed any more.")
            % {"name": mail.record_name, "state": mail.get_state_display()}
        )


def _save(mail: PlannedMail, actor: User | None) -> PlannedMail:
    mail.changed_at, mail.changed_by = clock.now(), actor
    mail.save()
    return mail


@transaction.atomic
def approve(*, mail: PlannedMail, actor: User, seen: str = "") -> PlannedMail:
    """Agree to exactly this mail; it leaves at its moment. Twice does nothing more.

    Args:
        seen: the fingerprint of what the person read; another one is refused.

    Raises:
        ValidationError: it does not wait for approval, or changed meanwhile.
    """
    row = locked(mail)
    if row.state == MailState.APPROVED:
        return row
    if row.state != MailState.WAITING:
        raise ValidationError(
            _("%(name)s: it does not wait for approval.") % {"name": row.record_name}, code="state"
        )
    if row.question:
        raise ValidationError(_("%(name)s: answer its question first.") % {"name": row.record_name})
    _refresh(row)
    if seen and seen != row.fingerprint:
        raise ValidationError(
            _("%(name)s: it changed after you opened it. Read it again.") % {"name": row.record_name}
        )
    row.state, row.approved_by, row.approved_at = MailState.APPROVED, actor, clock.now()
    row.approved_print, row.problem = row.fingerprint, ""
    return _save(row, actor)


@transaction.atomic
def cancel(*, mail: PlannedMail, actor: User, why: str = "") -> PlannedMail:
    """It does not leave, and the rule does not plan it again for the same occasion. Twice does nothing more.

    Raises:
        ValidationError: it left already.
    """
    row = locked(mail)
    if row.state == MailState.CANCELLED:
        return row
    _need_open(row)
    row.state, row.due_at, row.by_hand, row.question = MailState.CANCELLED, None, True, ""
    row.reason = (line(why) or _("Cancelled by %(who)s.") % {"who": actor})[:400]
    return _save(row, actor)


@transaction.atomic
def plan_again(*, mail: PlannedMail, actor: User) -> PlannedMail:
    """Plan what was cancelled or not sent all the same: it leaves as soon as the rule lets it.

    Raises:
        ValidationError: it left, or its rule is off.
    """
    row = locked(mail)
    if row.is_open:
        return row
    if row.state == MailState.HANDED:
        raise ValidationError(_("%(name)s: it was handed to the outbox already.") % {"name": row.record_name})
    if not row.rule.is_active:
        raise ValidationError(_("The rule “%(rule)s” is switched off.") % {"rule": row.rule})
    now = clock.now()
    row.due_at, row.own_moment = now + dt.timedelta(hours=row.rule.wait_hours), True
    row.by_hand, row.reason, row.question = not row.holds, "", ""
    row.state = MailState.WAITING if row.rule.needs_approval else MailState.PLANNED
    _refresh(row)
    return _save(row, actor)


@transaction.atomic
def keep(*, mail: PlannedMail, actor: User) -> PlannedMail:
    """Its reason went, and it leaves all the same.

    Raises:
        ValidationError: it left already.
    """
    row = locked(mail)
    _need_open(row)
    row.question, row.by_hand = "", True
    return _save(row, actor)


@transaction.atomic
def edit(
    *,
    mail: PlannedMail,
    actor: User,
    due_at: dt.datetime | None = None,
    to: Iterable[Any] | None = None,
    cc: Iterable[Any] | None = None,
    bcc: Iterable[Any] | None = None,
    subject: str = "",
    body: str = "",
) -> PlannedMail:
    """Set recipients, moment or text by hand: from then on the rule does not change what was set.

    What is ``None`` (or, of the text, as the rule says) stays the rule's.

    Raises:
        ValidationError: by field; it left already.
    """
    row = locked(mail)
    _need_open(row)
    errors: dict[str, Any] = {}
    lists = {"to": to, "cc": cc, "bcc": bcc}
    for name, people in lists.items():
        if people is None:
            continue
        try:
            found = [_person(one) for one in people]
        except ValidationError as error:
            errors[name] = error.messages
            continue
        if found != getattr(row, name):
            setattr(row, name, found)
            row.own_recipients = True
    if to is not None and not row.to and "to" not in errors:
        errors["to"] = [_("Name somebody to write to.")]
    if due_at is not None and due_at != row.due_at:
        if due_at < clock.now() - dt.timedelta(minutes=1):
            errors["due_at"] = [_("That moment is over.")]
        else:
            row.due_at, row.own_moment = due_at, True
    words, text = line(subject), block(body)
    if text or words:
        try:
            _set_text(row, words, text)
        except ValidationError as error:
            errors |= error.error_dict if hasattr(error, "error_dict") else {"body": error.messages}
    if errors:
        raise ValidationError(errors)
    row.problem, row.tried_at = "", None
    _refresh(row)
    if row.state == MailState.APPROVED and row.approved_print != row.fingerprint:
        row.state = MailState.WAITING
    return _save(row, actor)


def _set_text(row: PlannedMail, words: str, text: str) -> None:
    if (words, text) in languages.offered(row.rule).values():
        row.own_subject = row.own_body = ""
        return
    kind = message_kinds.get(subjects.get(row.subject).kind)
    missing = {
        name: [_("This field is needed.")]
        for name, value in (("subject", words), ("body", text))
        if not value
    }
    if missing:
        raise ValidationError(missing)
    check_text(kind, words, text)
    row.own_subject, row.own_body = words[:200], text


def _person(one: Any) -> list[Any]:
    name, address, number = (*one, None)[:3]
    address = line(address)
    try:
        validate_email(address)
    except ValidationError:
        raise ValidationError(_("“%(address)s” is no mail address.") % {"address": address[:100]}) from None
    return [line(name)[:200], address, number]


@transaction.atomic
def send_now(*, mail: PlannedMail, actor: User) -> PlannedMail:
    """Hand it to the outbox at once; who presses the button agrees to it.

    Raises:
        ValidationError: it left already, its rule is off, or it cannot leave; the words say why.
    """
    row = locked(mail)
    _need_open(row)
    if row.question:
        row.question, row.by_hand = "", True
    if not row.rule.is_active:
        raise ValidationError(_("The rule “%(rule)s” is switched off.") % {"rule": row.rule})
    if row.rule.needs_approval and row.state == MailState.WAITING:
        _refresh(row)
        row.state, row.approved_by, row.approved_at = MailState.APPROVED, actor, clock.now()
        row.approved_print = row.fingerprint
    row.due_at, row.own_moment = clock.now(), True
    _save(row, actor)
    sending.hand_over(row, actor=actor)
    found = PlannedMail.objects.get(pk=row.pk)
    if found.state != MailState.HANDED:
        why = found.problem or found.question or found.reason or _("It cannot leave now.")
        raise ValidationError(f"{found.record_name}: {why}")
    return found


def _refresh(row: PlannedMail) -> None:
    """The languages and the fingerprint of the mail as it is now."""
    subject = subjects.get(row.subject)
    loaded = subject.load([row.record_id]).get(row.record_id)
    if loaded is not None:
        row.languages = languages.looked_up(row, row.rule, subject, loaded)
    if not row.rule.needs_approval:
        return
    if loaded is None:
        raise ValidationError(_("%(name)s: the record is gone.") % {"name": row.record_name})
    row.fingerprint = engine.fingerprint(row, row.rule, subject, loaded)


#: What an undo puts back.
_KEPT = (
    *("state", "due_at", "reason", "question", "to", "cc", "bcc", "own_recipients", "own_moment"),
    *("own_subject", "own_body", "languages", "by_hand", "approved_print", "approved_at"),
)


def kept(mail: PlannedMail) -> dict[str, Any]:
    """What a mail is like now, for an undo: plain JSON."""
    found = {name: getattr(mail, name) for name in _KEPT}
    for name in ("due_at", "approved_at"):
        found[name] = found[name].isoformat() if found[name] else ""
    return {"pk": mail.pk, **found}


@transaction.atomic
def take_back(*, before: Iterable[dict[str, Any]], after: str, actor: User) -> int:
    """Put mails back as they were before a button; those that somebody changed since stay as they are.

    Args:
        after: the state that the button left them in; ``""``: still open.

    Raises:
        ValidationError: none of them is as the button left it.
    """
    done = 0
    for told in before:
        row = locked(PlannedMail(pk=told["pk"]))
        as_left = row.state == after if after else row.state in OPEN
        if not as_left or row.changed_by_id != actor.pk:
            continue
        for name in _KEPT:
            value = told.get(name, getattr(row, name))
            if name in ("due_at", "approved_at"):
                value = dt.datetime.fromisoformat(value) if value else None
            setattr(row, name, value)
        _save(row, actor)
        done += 1
    if not done:
        raise ValidationError(_("This was changed since, so it was left as it is."), code="changed")
    return done
