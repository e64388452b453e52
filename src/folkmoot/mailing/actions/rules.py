"""What a person does with a rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock, saving
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.saving import Actor
from folkmoot.kernel.undo import Undo, follows, last_change
from folkmoot.mailing import facts
from folkmoot.mailing.jobs import RULE
from folkmoot.mailing.models import OPEN, MailRule, MailState, PlannedMail, Together
from folkmoot.mailing.subjects import Subject, subjects

saving.say(
    {
        "mailrule_once": ("name", gettext_lazy("There is a rule of this name already.")),
        "mailrule_has_a_name": ("name", gettext_lazy("A rule needs a name.")),
    }
)
#: Fields of a rule that change what it does to records, not only how it is shown.
_MATTERS = (
    *("conditions", "to", "cc", "bcc", "anchor", "offset", "unit", "at_time", "wait_hours", "if_past"),
    *("repeats", "template_id", "language", "needs_approval", "together", "reply_to", "channel_id"),
)


def checked(subject: Subject, rule: MailRule) -> None:
    """Whether a rule asks, counts from and writes to what its subject has.

    Raises:
        ValidationError: by field.
    """
    errors: dict[str, list[str]] = {}
    try:
        rule.conditions = facts.checked(subject, rule.conditions)
    except ValidationError as error:
        errors["conditions"] = error.messages
    for name in ("to", "cc", "bcc"):
        keys = list(dict.fromkeys(getattr(rule, name) or []))
        setattr(rule, name, keys)
        gone = [key for key in keys if key not in subject.by_recipient]
        if gone:
            errors[name] = [_("There are no recipients “%(key)s”.") % {"key": str(gone[0])[:60]}]
    if not rule.to:
        errors.setdefault("to", []).append(_("Choose whom it is to."))
    if rule.together == Together.EACH and (rule.cc or rule.bcc):
        errors.setdefault("cc", []).append(_("Copies go with one mail to all: choose that, or no copies."))
    if rule.reply_to and rule.reply_to not in subject.by_recipient:
        errors["reply_to"] = [_("There are no recipients “%(key)s”.") % {"key": rule.reply_to}]
    if rule.anchor and rule.anchor not in subject.by_moment:
        errors["anchor"] = [_("There is no date “%(key)s”.") % {"key": rule.anchor}]
    template = rule.template if rule.template_id else None
    if template is None or template.kind != subject.kind:
        errors["template"] = [_("Choose a text about this kind of record.")]
    elif template.archived_at is not None:
        errors["template"] = [_("This text is archived: choose another, or use it again.")]
    if rule.pk is not None and rule.texts.filter(language=rule.language).exists():
        errors["language"] = [_("It has a text in this language beside: remove that first.")]
    if errors:
        raise ValidationError(errors)


@transaction.atomic
def save_rule(
    *, rule: MailRule | None, subject: str, values: Mapping[str, Any], actor: Actor, seen: int | None = None
) -> MailRule:
    """Add a rule, switched off, or change one. One that is on looks at every record anew, in a job.

    Raises:
        ValidationError: by field; the subject is none, or somebody else saved meanwhile.
    """
    if subject not in subjects:
        raise ValidationError({"subject": _("There is no such kind of record.")})
    row = saving.locked(rule, seen) if rule is not None else MailRule(subject=subject)
    if row.subject != subject:
        raise ValidationError({"subject": _("A rule stays with its kind of record: write another one.")})
    before = {name: getattr(row, name) for name in _MATTERS}
    changed = saving.put(row, values)
    checked(subjects.get(subject), row)
    if row.pk is not None and not changed and before == {name: getattr(row, name) for name in _MATTERS}:
        return row
    saving.write(row, actor=actor)
    if row.is_active and before != {name: getattr(row, name) for name in _MATTERS}:
        _start(row, actor)
    return row


def _start(rule: MailRule, actor: Actor) -> None:
    """Look at every record, as things are now: what was so before sends nothing."""
    rule.active_since, rule.ready_at = clock.now(), None
    MailRule.objects.filter(pk=rule.pk).update(active_since=rule.active_since, ready_at=None)
    stamp = rule.active_since.isoformat()
    enqueue(
        kind=RULE,
        arguments={"rule": rule.pk, "since": stamp},
        created_by=actor,
        unique_key=f"{RULE}:{rule.pk}:{stamp}",
    )


@transaction.atomic
def switch_on(*, rule: MailRule, actor: Actor) -> MailRule:
    """From now on it plans mails. Twice does nothing more.

    Raises:
        ValidationError: it is archived, or asks what there is not any more.
    """
    row = saving.locked(rule)
    if row.is_active:
        return row
    if row.archived_at is not None:
        raise ValidationError(_("It is archived: bring it back first."))
    if row.subject not in subjects:
        raise ValidationError(_("This version knows no such kind of record."))
    checked(subjects.get(row.subject), row)
    row.is_active, row.active_since = True, clock.now()
    saving.write(row, actor=actor)
    _start(row, actor)
    return row


@transaction.atomic
def switch_off(*, rule: MailRule, actor: Actor) -> MailRule:
    """It plans nothing more, and what it has planned rests: switched on again, what is not over yet goes on."""
    row = saving.locked(rule)
    if row.is_active:
        row.is_active = False
        saving.write(row, actor=actor)
    return row


@transaction.atomic
def archive(*, rule: MailRule, actor: Actor, bring_back: bool = False) -> MailRule:
    """Take a rule out of use, with all that it has planned; or bring it back, switched off."""
    row = saving.locked(rule)
    if bring_back:
        row.archived_at = None
    elif row.archived_at is None:
        row.archived_at, row.is_active = clock.now(), False
        PlannedMail.objects.filter(rule=row, state__in=OPEN).update(
            state=MailState.CANCELLED,
            due_at=None,
            holds=False,
            reason=_("Its rule was archived."),
            changed_at=clock.now(),
            changed_by=actor,
        )
    else:
        return row
    return saving.write(row, actor=actor)


@follows("mailing.mailrule")
def _taken_back(row: Any, what: str, actor: Actor) -> None:
    """An undo that switches a rule on looks at every record anew."""
    if what == "~" and row.is_active:
        _start(row, actor)


def undo_of(rule: MailRule) -> Undo:
    """What takes back the newest change of a rule."""
    return last_change(rule)
