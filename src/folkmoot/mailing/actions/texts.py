"""What a person does with the texts of a rule in further languages."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock, saving
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.saving import Actor
from folkmoot.kernel.undo import Undo, follows, last_change, removed
from folkmoot.mailing.jobs import RULE
from folkmoot.mailing.languages import digest
from folkmoot.mailing.models import MailRule, RuleText
from folkmoot.mailing.subjects import subjects
from folkmoot.outbox.public import check_text, message_kinds

saving.say(
    {
        "ruletext_once": ("language", gettext_lazy("There is a text in this language already.")),
        "ruletext_has_a_subject": ("subject", gettext_lazy("This field is needed.")),
        "ruletext_has_a_text": ("body", gettext_lazy("This field is needed.")),
    }
)
_CODE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@transaction.atomic
def save_text(
    *,
    rule: MailRule,
    text: RuleText | None,
    language: str,
    subject: str,
    body: str,
    actor: Actor,
    seen: int | None = None,
) -> RuleText:
    """Add a text in one more language, or change one; it then counts as written for the rule's own text as that is now.

    What the rule has planned takes it, in a job.

    Raises:
        ValidationError: by field; a variable that there is not, a language that the rule has a text in, or somebody
            else saved meanwhile.
    """
    held = saving.locked(rule)
    if held.subject not in subjects:
        raise ValidationError(_("This version knows no such kind of record."))
    row = saving.locked(text, seen) if text is not None else RuleText(rule=held)
    language = language.strip()
    if text is None and not _CODE.fullmatch(language):
        raise ValidationError({"language": _("Write a language as a code, such as en, es or pt-BR.")})
    if text is None and language.lower() == held.language.lower():
        raise ValidationError({"language": _("The rule's own text is in this language.")})
    values = {"subject": subject, "body": body, "written_for": digest(held)}
    if not saving.put(row, values if text is not None else {**values, "language": language}):
        return row
    check_text(message_kinds.get(subjects.get(held.subject).kind), row.subject, row.body)
    row.changed_at = clock.now()
    saving.write(row, actor=actor)
    _tell_planned(held, actor)
    return row


@transaction.atomic
def remove_text(*, text: RuleText, actor: Actor) -> Undo:
    """Take a text away: who reads its language gets the fallback.

    Returns:
        what brings it back.
    """
    row = saving.locked(text)
    rule = row.rule
    found = removed(row, actor=actor)
    _tell_planned(rule, actor)
    return found


def undo_of(text: RuleText) -> Undo:
    """What takes back the newest change of a text."""
    return last_change(text)


def _tell_planned(rule: MailRule, actor: Actor) -> None:
    """What the rule has planned is looked at anew."""
    if not rule.is_active:
        return
    enqueue(kind=RULE, arguments={"rule": rule.pk, "planned": True}, created_by=actor)


@follows("mailing.ruletext")
def _taken_back(row: object, what: str, actor: Actor) -> None:
    if isinstance(row, RuleText):
        _tell_planned(row.rule, actor)
