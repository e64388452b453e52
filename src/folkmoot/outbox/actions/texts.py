"""Mail texts."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.text import clean
from folkmoot.outbox.actions.base import Actor, write
from folkmoot.outbox.actions.queueing import queue_mail
from folkmoot.outbox.kinds import message_kinds
from folkmoot.outbox.models import Channel, Delivery, MessageTemplate
from folkmoot.outbox.render import check


@transaction.atomic
def save_template(
    *,
    template: MessageTemplate | None,
    kind: str,
    name: str,
    subject: str,
    body: str,
    topic: str = "",
    is_personal: bool = False,
    actor: Actor,
) -> MessageTemplate:
    """Add a text, or change one; its versions are kept. What was queued with it stays as it was frozen.

    Raises:
        ValidationError: by field; a variable that the kind does not have.
    """
    if kind not in message_kinds:
        raise ValidationError({"kind": _("There is no such kind of message.")})
    row = template or MessageTemplate()
    row.kind, row.name, row.subject, row.topic = kind, clean(name), clean(subject), clean(topic)
    row.body, row.is_personal = body.replace("\r\n", "\n").replace("\0", "").strip(), is_personal
    check(message_kinds.get(kind), row.subject, row.body)
    return write(row, actor=actor)


@transaction.atomic
def archive_template(*, template: MessageTemplate, actor: Actor, bring_back: bool = False) -> MessageTemplate:
    """Take a text out of the choices, or bring it back."""
    row = MessageTemplate.objects.select_for_update().get(pk=template.pk)
    row.archived_at = None if bring_back else row.archived_at or clock.now()
    return write(row, actor=actor)


def send_test(
    *,
    template: MessageTemplate,
    actor: User,
    values: dict[str, str] | None = None,
    channel: Channel | None = None,
) -> Delivery:
    """Mail a text to oneself, filled from a record or with made-up values.

    Raises:
        ValidationError: as for ``queue_mail``.
    """
    kind = message_kinds.get(template.kind)
    return queue_mail(
        kind=kind.key,
        to=actor.email,
        to_name=actor.name,
        subject=f"[test] {template.subject}",
        body=template.body,
        values=values if values is not None else kind.examples(),
        channel=channel,
        is_personal=True,
        asked_by=actor,
    )
