"""A planned mail for tests of other rooms."""

from __future__ import annotations

import datetime as dt
from typing import Any

from folkmoot.kernel import clock
from folkmoot.mailing.models import MailRule, PlannedMail
from folkmoot.outbox.models import MessageTemplate


def planned_mail(subject: str = "training.event", record: int = 1, **fields: Any) -> PlannedMail:
    """A mail that a rule of its own has planned for tomorrow."""
    number = MailRule.objects.count()
    text = MessageTemplate.objects.create(
        kind=f"rule.{subject}", name=f"Text {number}", subject="Hello", body="Hello"
    )
    rule = MailRule.objects.create(
        name=f"Rule {number}",
        subject=subject,
        template=text,
        to=["owner"],
        is_active=True,
        active_since=clock.now(),
        ready_at=clock.now(),
    )
    due = clock.now() + dt.timedelta(days=1)
    values: dict[str, Any] = {"record_name": f"Record {record}", "due_at": due, **fields}
    return PlannedMail.objects.create(rule=rule, subject=subject, record_id=record, **values)
