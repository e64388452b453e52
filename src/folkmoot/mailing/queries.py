"""Every read that the pages of mails by rule, Today and exports share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from folkmoot.kernel.accounts.models import User
from folkmoot.mailing import facts, moments
from folkmoot.mailing.models import OPEN, MailRule, MailState, PlannedMail
from folkmoot.mailing.rules import subjects_of
from folkmoot.mailing.subjects import Subject, about, subjects
from folkmoot.outbox.public import State

#: Somebody has to do something, or it does not leave.
TROUBLE = Q(state__in=OPEN) & (~Q(problem="") | ~Q(question=""))
_ON = re.compile(r"([a-z]{1,40}\.[a-z]{1,60}):(\d{1,18})")


def rules_for(user: User) -> QuerySet[MailRule]:
    """Rules that the user may see."""
    return MailRule.objects.filter(subject__in=subjects_of(user))


def mails_for(user: User) -> QuerySet[PlannedMail]:
    """Planned mails that the user may see."""
    return PlannedMail.objects.filter(subject__in=subjects_of(user)).select_related("rule")


def called(rows: QuerySet[PlannedMail], words: str) -> QuerySet[PlannedMail]:
    """Those whose record or rule is called so."""
    return rows.filter(Q(record_name__icontains=words) | Q(rule__name__icontains=words))


def counted(rows: QuerySet[MailRule]) -> QuerySet[MailRule]:
    """Rules with how many mails they have planned, and sent."""
    return rows.annotate(
        open_mails=Count("planned", filter=Q(planned__state__in=OPEN)),
        sent_mails=Count("planned", filter=Q(planned__state=MailState.HANDED)),
        troubled=Count("planned", filter=Q(planned__state__in=OPEN) & ~Q(planned__problem="")),
    )


def subject_label(key: str) -> str:
    """What a kind of record is called."""
    return str(subjects.get(key).label) if key in subjects else key


def subject_choices() -> list[tuple[str, str]]:
    """Kinds of records, for filters."""
    return [(subject.key, str(subject.label)) for subject in subjects]


def rule_choices() -> list[tuple[int, str]]:
    """Rules, for filters; one query."""
    return list(MailRule.objects.order_by("name").values_list("pk", "name"))


def record_url(subject: str, pk: int) -> str:
    """The page of the record that a mail is about."""
    return subjects.get(subject).url(pk) if subject in subjects else ""


def on_record(rows: QuerySet[PlannedMail], words: str) -> QuerySet[PlannedMail]:
    """The mails that stand on a record's page, named ``app.model:number``."""
    found = _ON.fullmatch(words)
    if found is None:
        return rows.none()
    try:
        model = apps.get_model(found[1])
    except (LookupError, ValueError):
        return rows.none()
    return rows.filter(about(model(pk=int(found[2]))))


def recipients_in_words(subject: Subject, keys: Iterable[str]) -> str:
    """Whom a rule addresses."""
    labels = [subject.by_recipient[key].label if key in subject.by_recipient else key for key in keys]
    return ", ".join(str(label) for label in labels)


def in_a_row(rule: MailRule) -> tuple[str, str]:
    """When and to whom, for lists; runs no query."""
    if rule.subject not in subjects:
        return "", ""
    subject = subjects.get(rule.subject)
    return moments.in_words(rule, subject), recipients_in_words(subject, rule.to)


def described(rule: MailRule) -> dict[str, Any]:
    """A rule as a person reads it: conditions, recipients, when; at most one query for each fact with choices."""
    if rule.subject not in subjects:
        return {"conditions": [], "when": "", "to": "", "cc": "", "bcc": "", "reply_to": ""}
    subject = subjects.get(rule.subject)
    return {
        "conditions": facts.in_words(subject, rule.conditions),
        "when": moments.in_words(rule, subject),
        "to": recipients_in_words(subject, rule.to),
        "cc": recipients_in_words(subject, rule.cc),
        "bcc": recipients_in_words(subject, rule.bcc),
        "reply_to": recipients_in_words(subject, [rule.reply_to] if rule.reply_to else []),
    }


def sent_state(mail: PlannedMail) -> str:
    """What became of a mail in the outbox, in words; reads ``deliveries`` as prefetched."""
    states = {State(delivery.state) for delivery in mail.deliveries.all()}
    if not states:
        return ""
    return ", ".join(sorted(str(state.label) for state in states))


def people_in_words(people: Iterable[Any], most: int = 3) -> str:
    """Names of recipients; the first few."""
    names = [one[0] or one[1] for one in people]
    if len(names) <= most:
        return ", ".join(names)
    return _("%(names)s and %(n)d more") % {"names": ", ".join(names[:most]), "n": len(names) - most}
