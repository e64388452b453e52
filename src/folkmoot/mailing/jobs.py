"""Work in the background: changes are looked at, time is, rules are; what is due is handed over."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import structlog
from django.db import transaction

from folkmoot.kernel import clock
from folkmoot.kernel.changes import watching
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.mailing import engine, sending
from folkmoot.mailing.models import OPEN, MailRule, PlannedMail
from folkmoot.mailing.subjects import LISTENER, Subject, subjects

log = structlog.get_logger(__name__)

CHANGES, DAILY, RULE, SEND = "mailing.changes", "mailing.daily", "mailing.rule", "mailing.send"
#: Noted changes that are taken in one transaction.
NOTES = 400
#: Mails that are handed over before it is noted how far that is.
HANDED = 25


# ----------------------------------------------------------------- changes


def minute_of_changes(now: dt.datetime) -> str:
    """A slot for each minute in which something changed; one query."""
    return _minute(now) if watching.is_anything_new(LISTENER) else ""


def minute_of_mails(now: dt.datetime) -> str:
    """A slot for each minute in which a mail is due; one query."""
    return _minute(now) if sending.due(now).exists() else ""


def _minute(now: dt.datetime) -> str:
    return f"{now.astimezone(dt.UTC):%Y-%m-%dT%H:%M}"


def look_at_changes(context: JobContext | None = None) -> dict[str, int]:
    """The job: take what the database noted and bring mails in step, until nothing is left."""
    counts, done = Counter[str](), 0
    while True:
        with transaction.atomic():
            noted = watching.take(LISTENER, NOTES)
            if not noted:
                return dict(counts)
            for subject in subjects:
                touched = subject.touched(noted)
                if touched:
                    counts += _look(subject, sorted(touched))
                    done += len(touched)
            if context is not None:
                context.checkpoint({}, done=done)


def _look(subject: Subject, ids: list[int], rules: list[MailRule] | None = None) -> Counter[str]:
    """Evaluate; where something stumbles, record by record, so that one does not hold up the others."""
    rules = engine.rules_of(subject) if rules is None else rules
    if not rules:
        return Counter()
    counts = Counter[str]()
    for start in range(0, len(ids), engine.BATCH):
        some = ids[start : start + engine.BATCH]
        try:
            with transaction.atomic():
                counts += engine.evaluate(subject, some, rules=rules)
        except Exception:
            log.exception("rules stumbled", subject=subject.key)
            for pk in some:
                try:
                    with transaction.atomic():
                        counts += engine.evaluate(subject, [pk], rules=rules)
                except Exception:
                    log.exception("rules stumbled over a record", subject=subject.key, record=pk)
                    counts["failed"] += 1
    return counts


# -------------------------------------------------------------------- time


def look_at_time(context: JobContext | None = None) -> dict[str, int]:
    """The job: what time alone makes so, or not so any more; each day, a hundred records at a time."""
    counts, done = Counter[str](), 0
    cursor: list[Any] = (context.cursor if context is not None else None) or ["", 0]
    for subject in sorted(subjects, key=lambda one: one.key):
        if subject.key < cursor[0]:
            continue
        rules = engine.rules_of(subject)
        last = cursor[1] if subject.key == cursor[0] else 0
        while rules:
            with transaction.atomic():
                ids = _next(subject, last)
                if not ids:
                    break
                counts += _look(subject, ids, rules)
                last, done = ids[-1], done + len(ids)
                if context is not None:
                    context.checkpoint([subject.key, last], done=done)
    return dict(counts)


def _next(subject: Subject, last: int) -> list[int]:
    """The next records that time may have done something to, and those about which something is planned."""
    swept = subject.sweep(clock.now()).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)
    planned = PlannedMail.objects.filter(subject=subject.key, state__in=OPEN, record_id__gt=last)
    more = planned.order_by("record_id").values_list("record_id", flat=True)
    return sorted({*swept[: engine.BATCH], *more[: engine.BATCH]})[: engine.BATCH]


# -------------------------------------------------------------------- rule


def look_at_rule(context: JobContext) -> dict[str, int]:
    """The job: every record for a rule that was switched on or edited; from then on only changes are looked at.

    With ``planned``, those about which it has planned a mail: its text in one language changed.
    """
    rule = MailRule.objects.filter(pk=context.arguments["rule"]).select_related("template").first()
    if rule is None or not rule.is_active or rule.subject not in subjects:
        return {}
    since = context.arguments.get("since", "")
    subject = subjects.get(rule.subject)
    rows = subject.model._default_manager.order_by("pk")
    is_text = bool(context.arguments.get("planned"))
    if is_text:
        planned = PlannedMail.objects.filter(rule=rule, state__in=OPEN)
        rows = rows.filter(pk__in=planned.values("record_id"))
    total, counts = rows.count(), Counter[str]()
    last, done = context.cursor or (0, 0)
    while True:
        with transaction.atomic():
            ids = list(rows.filter(pk__gt=last).values_list("pk", flat=True)[: engine.BATCH])
            if not ids:
                break
            counts += _look(subject, ids, [rule])
            last, done = ids[-1], done + len(ids)
            context.checkpoint([last, done], done=done, total=total)
    if is_text:
        return dict(counts)
    current = MailRule.objects.filter(pk=rule.pk, is_active=True, ready_at=None)
    for one in current:
        if since in ("", _stamp(one)):
            current.update(ready_at=clock.now())
    return dict(counts)


def _stamp(rule: MailRule) -> str:
    return rule.active_since.isoformat() if rule.active_since else ""


# -------------------------------------------------------------------- send


def send(context: JobContext | None = None) -> dict[str, int]:
    """The job: hand over what is due, each in its own transaction with its row held: twice is once."""
    counts = Counter[str]()
    last = 0
    while True:
        mail_ids = list(
            sending.due(clock.now()).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:HANDED]
        )
        if not mail_ids:
            return dict(counts)
        for pk in mail_ids:
            with transaction.atomic():
                mail = sending.due(clock.now()).select_for_update(of=("self",)).filter(pk=pk).first()
                if mail is not None:
                    counts["handed" if sending.hand_over(mail) else "kept"] += 1
                if context is not None:
                    context.checkpoint({}, done=sum(counts.values()))
        last = mail_ids[-1]
