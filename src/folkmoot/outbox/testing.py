"""A mail that says nothing but that a channel works."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from folkmoot.kernel.permissions.areas import Area
from folkmoot.outbox import mail
from folkmoot.outbox.actions import Actor, queue
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.outbox.render import written

KIND = "outbox.test"


def send_test_of(*, channel: Channel, to: str, asked_by: Actor) -> Delivery:
    """Queue a test mail.

    Raises:
        ValidationError: the address is none, or gets no mail.
    """
    token = uuid.uuid4()
    rendered = written(
        _("A test of the channel %(name)s") % {"name": channel.name},
        _("This mail left by the channel **%(name)s**. It works.") % {"name": channel.name},
    )
    payload = mail.payload(
        channel=channel, token=token, to=to, to_name="", rendered=rendered, is_personal=True
    )
    return queue(
        channel=channel,
        kind=KIND,
        area=Area.SETTINGS,
        title=rendered.subject,
        payload=payload,
        asked_by=asked_by,
        token=token,
        recipient=to,
        is_personal=True,
    )
