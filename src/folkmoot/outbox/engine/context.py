"""What a connector is told of a message beside its payload."""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.core.files.storage import default_storage

from folkmoot.connectors.base import Sending, Sent, Tried
from folkmoot.kernel import clock
from folkmoot.outbox.mail import FILE
from folkmoot.outbox.models import Attachment, Delivery, State

#: How far back a thread is followed to its beginning.
LONGEST_THREAD = 200


def sent(delivery: Delivery) -> Sent:
    """A delivery that is there, as its platform calls it."""
    return Sent(delivery.remote_id, delivery.remote_url, delivery.remote)


def of(delivery: Delivery) -> Sending:
    """What is known of a delivery that is about to leave."""
    previous, root = _thread(delivery)
    return Sending(
        key=f"{delivery.token.hex}",
        stamped_at=delivery.stamped_at or clock.now(),
        planned_id=delivery.planned_id,
        number=delivery.fence,
        previous=previous,
        root=root,
        read=partial(_read, delivery),
    )


def tried(delivery: Delivery, began: dt.datetime) -> Tried:
    """What is known of a delivery whose answer was lost; ``began``: when its last try began."""
    previous, root = _thread(delivery)
    first = min(delivery.stamped_at or began, began)
    others = Delivery.objects.filter(
        channel=delivery.channel_id, state=State.SENT, sent_at__gte=first - dt.timedelta(hours=1)
    ).exclude(remote_id="")
    return Tried(
        key=f"{delivery.token.hex}",
        stamped_at=delivery.stamped_at or began,
        planned_id=delivery.planned_id,
        number=delivery.fence,
        previous=previous,
        root=root,
        read=partial(_read, delivery),
        began_at=began,
        looks=delivery.looks,
        taken=frozenset(others.exclude(pk=delivery.pk).values_list("remote_id", flat=True)),
    )


def _thread(delivery: Delivery) -> tuple[Sent | None, Sent | None]:
    """What it follows on its own channel, and the first of them."""
    before = delivery.depends_on
    if before is None or before.channel_id != delivery.channel_id:
        return None, None
    first = before
    for _step in range(LONGEST_THREAD):
        if first.depends_on is None or first.depends_on.channel_id != delivery.channel_id:
            break
        first = first.depends_on
    return sent(before), sent(first)


def _read(delivery: Delivery, name: str) -> bytes:
    """The content of a file that a delivery's payload names: one of its own, or a stored one."""
    if not name.startswith(FILE):
        return read(name)
    rows = Attachment.objects.filter(delivery=delivery.pk, sha256=name.removeprefix(FILE))
    content = rows.values_list("content", flat=True).first()
    if content is None:
        raise LookupError(f"no file {name}")
    return bytes(content)


def read(name: str) -> bytes:
    """The content of a stored file.

    Raises:
        LookupError: there is none of that name.
    """
    try:
        with default_storage.open(name) as file:
            return bytes(file.read())
    except OSError:
        raise LookupError(f"no file {name}") from None
