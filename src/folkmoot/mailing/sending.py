"""Handing planned mails to the outbox at their moment: once, in one transaction with what is kept here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.mailing import engine, languages, texts
from folkmoot.mailing.models import MailState, PlannedMail, Together
from folkmoot.mailing.subjects import Subject, subjects
from folkmoot.outbox.public import (
    Delivery,
    File,
    Rendered,
    message_kinds,
    queue_mail,
    render,
    why_not_address,
)
from folkmoot.people.public import note_correspondence

log = structlog.get_logger(__name__)

#: What could not be handed over is tried again after so long.
AGAIN = dt.timedelta(hours=1)


def due(now: dt.datetime) -> QuerySet[PlannedMail]:
    """Mails whose moment has come, of rules that are switched on."""
    return PlannedMail.objects.filter(
        Q(problem="") | Q(tried_at=None) | Q(tried_at__lte=now - AGAIN),
        state__in=[MailState.PLANNED, MailState.APPROVED],
        question="",
        due_at__lte=now,
        rule__is_active=True,
    )


@dataclass
class Letter:
    """What would leave: to whom, and why somebody is left out."""

    to: list[engine.Seen] = field(default_factory=list)
    cc: list[engine.Seen] = field(default_factory=list)
    bcc: list[engine.Seen] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    rendered: Rendered | None = None
    problems: list[str] = field(default_factory=list)
    files: Sequence[File] = ()
    language: str = ""


def language_of(mail: PlannedMail, subject: Subject, loaded: Any, only: engine.Seen | None) -> str:
    """The language that a mail takes, or the one of it to ``only``."""
    known = mail.languages or languages.looked_up(mail, mail.rule, subject, loaded)
    if only is None or mail.rule.together == Together.ONE:
        return str(known[0]) if known else mail.rule.language
    place = mail.to.index(only) if only in mail.to else 0
    return str(known[place]) if place < len(known) else mail.rule.language


def letter(mail: PlannedMail, subject: Subject, loaded: Any, *, only: engine.Seen | None = None) -> Letter:
    """A mail as it would leave now.

    Args:
        only: the one recipient, where each gets a mail.
    """
    rule = mail.rule
    found = Letter()
    kind = message_kinds.get(subject.kind)
    topic = rule.template.topic or kind.topic
    is_personal = rule.template.is_personal
    for name in ("to", "cc", "bcc"):
        for one in [only] if only is not None and name == "to" else [] if only else getattr(mail, name):
            why = why_not_address(one[1], kind=kind.key, topic=topic, is_personal=is_personal)
            if why:
                found.left_out.append((one[0] or one[1], why))
            else:
                getattr(found, name).append(one)
    if not found.to:
        found.problems.append(_nobody(found))
    found.language = language_of(mail, subject, loaded, only)
    words, body = engine.text_of(mail, rule, found.language)
    with translation.override(found.language):
        values = texts.filled(subject, loaded, [one[0] or one[1] for one in found.to])
    try:
        found.rendered = render(kind, words, body, values)
    except ValidationError as error:
        found.problems += error.messages
    try:
        found.files = list(subject.files(loaded))
    except ValidationError as error:
        found.problems += error.messages
    return found


def _nobody(found: Letter) -> str:
    if found.left_out:
        name, why = found.left_out[0]
        return _("Nobody may be written to. %(name)s: %(why)s") % {"name": name, "why": why}
    return _("Nobody to write to: no mail address is known of whom the rule names.")


def hand_over(mail: PlannedMail, *, actor: User | None = None) -> bool:
    """Give one mail to the outbox if it is still to leave; in the caller's transaction, which holds its row.

    The record is read once more first: what has changed in this very moment still counts.

    Returns:
        whether it was handed over; what kept it is written to ``problem``.
    """
    subject = subjects.get(mail.subject)
    engine.evaluate(subject, [mail.record_id], rules=[mail.rule])
    fresh = PlannedMail.objects.select_related("rule__template", "rule__channel").get(pk=mail.pk)
    now = clock.now()
    if fresh.state not in (MailState.PLANNED, MailState.APPROVED) or fresh.question:
        return False
    if fresh.due_at is None or fresh.due_at > now:
        return False  # it moved
    loaded = subject.load([fresh.record_id]).get(fresh.record_id)
    try:
        with transaction.atomic():
            made = _queue(fresh, subject, loaded, actor)
    except ValidationError as error:
        fresh.problem, fresh.tried_at = " ".join(error.messages)[:400], now
        fresh.save(update_fields=["problem", "tried_at"])
        log.warning("a mail by rule was not queued", rule=fresh.rule.name, mail=fresh.pk, why=fresh.problem)
        return False
    fresh.deliveries.add(*made)
    fresh.state, fresh.handed_at, fresh.changed_at = MailState.HANDED, now, now
    fresh.problem, fresh.reason = "", ""
    fresh.save()
    return True


def _queue(mail: PlannedMail, subject: Subject, loaded: Any, actor: User | None) -> list[Delivery]:
    """
    Raises:
        ValidationError: nobody may be written to, the text needs what is not known, or there is no channel.
    """
    if mail.rule.together == Together.ONE:
        return [_queued(mail, subject, letter(mail, subject, loaded), "", actor)]
    made, problems = [], []
    for number, one in enumerate(mail.to):
        found = letter(mail, subject, loaded, only=one)
        if found.to:
            made.append(_queued(mail, subject, found, f":{number}", actor))
        else:
            problems += found.problems
    if not made:
        raise ValidationError(problems[:1] or [_nobody(Letter())])
    return made


def _queued(mail: PlannedMail, subject: Subject, found: Letter, suffix: str, actor: User | None) -> Delivery:
    if found.problems or found.rendered is None:
        raise ValidationError(found.problems)
    first, *more = found.to
    rule = mail.rule
    delivery = queue_mail(
        kind=subject.kind,
        to=first[1],
        to_name=first[0],
        more_to=[(one[0], one[1]) for one in more],
        cc=[(one[0], one[1]) for one in found.cc],
        bcc=[(one[0], one[1]) for one in found.bcc],
        rendered=found.rendered,
        template=rule.template,
        channel=rule.channel,
        reply_to=_answers(mail, subject),
        files=found.files,
        language=found.language,
        asked_by=actor,
        key=f"mailing:{mail.pk}:{mail.true_since.timestamp():.0f}{suffix}",
        about_url=subject.url(mail.record_id),
    )
    people = [one[2] for one in (*found.to, *found.cc, *found.bcc) if one[2]]
    note_correspondence(delivery, people)
    return delivery


def _answers(mail: PlannedMail, subject: Subject) -> str:
    recipient = subject.by_recipient.get(mail.rule.reply_to)
    if recipient is None:
        return ""
    loaded = subject.load([mail.record_id]).get(mail.record_id)
    found = next(iter(recipient.read(loaded)), None) if loaded is not None else None
    return found.email if found is not None else ""
