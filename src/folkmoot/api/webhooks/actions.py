"""Adding, changing and ending webhooks."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.api.webhooks import feed
from folkmoot.api.webhooks.models import Webhook
from folkmoot.connectors.webhook import SECRET_MARK
from folkmoot.kernel import clock, ids
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.public import (
    PLANNED,
    Channel,
    Delivery,
    archive_channel,
    cancel,
    pause_channel,
    queue,
    resume_channel,
    save_channel,
)

#: How long an address may fail before it is paused, in days.
FAILING_DAYS = 5


def new_secret() -> str:
    """A key of 32 random bytes, as Standard Webhooks writes it."""
    return SECRET_MARK + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def _checked(events: Sequence[str]) -> list[str]:
    known = feed.events()
    wanted = [event for event in known if event in set(events)]
    if not wanted or set(events) - set(known):
        raise ValidationError({"events": _("Choose at least one of the changes in the list.")})
    return wanted


def _save(channel: Channel | None, name: str, address: str, secret: str, actor: User) -> Channel:
    try:
        return save_channel(
            channel=channel,
            kind="webhook",
            name=name,
            settings={"address": address},
            secrets={"secret": secret},
            per_minute=None,
            is_default=False,
            actor=actor,
        )
    except ValidationError as error:
        if hasattr(error, "error_dict") and "setting_address" in error.error_dict:
            said = _("Give a web address that begins with https://, without a password in it.")
            raise ValidationError({"address": said}) from None
        raise


@transaction.atomic
def add_webhook(*, name: str, address: str, events: Sequence[str], actor: User) -> tuple[Webhook, str]:
    """Tell an address of changes from now on.

    Returns:
        the webhook, and the secret that signs what it is told.

    Raises:
        ValidationError: by field.
    """
    wanted = _checked(events)
    secret = new_secret()
    channel = _save(None, name, address, secret, actor)
    row = Webhook(channel=channel, events=wanted, created_by=actor)
    row.told = feed.from_now_on(wanted)
    row.save()
    return row, secret


@transaction.atomic
def edit_webhook(*, webhook: Webhook, name: str, address: str, events: Sequence[str], actor: User) -> Webhook:
    """Change name, address, or what is told; what is told anew is told from now on.

    Raises:
        ValidationError: by field.
    """
    wanted = _checked(events)
    row = Webhook.objects.select_for_update(of=("self",)).select_related("channel").get(pk=webhook.pk)
    _save(row.channel, name, address, "", actor)
    row.told |= feed.from_now_on(event for event in wanted if event not in row.events)
    row.events = wanted
    row.save()
    return row


@transaction.atomic
def change_secret(*, webhook: Webhook, actor: User) -> str:
    """Sign with a new secret from now on; the old one ends at once.

    Returns:
        the new secret.
    """
    secret = new_secret()
    channel = webhook.channel
    _save(channel, channel.name, channel.access.text("address"), secret, actor)
    return secret


@transaction.atomic
def remove_webhook(*, webhook: Webhook, actor: User) -> None:
    """Tell this address nothing any more; what waits for it is cancelled, what was told stays in the outbox."""
    for delivery in Delivery.objects.filter(channel=webhook.channel, state__in=PLANNED):
        cancel(delivery=delivery, actor=actor)
    channel = webhook.channel
    archive_channel(channel=channel, actor=actor)
    # Its name is free again, and its secret is kept nowhere.
    Channel.objects.filter(pk=channel.pk).update(
        name=f"{channel.name[:70]} ({_('ended')} {ids.token(6)})", secrets=""
    )
    webhook.delete()


@transaction.atomic
def pause_webhook(*, webhook: Webhook, why: str, actor: User | None) -> None:
    """Tell nothing until it is resumed. What changes meanwhile is told then."""
    pause_channel(channel=webhook.channel, why=why, actor=actor)


@transaction.atomic
def resume_webhook(*, webhook: Webhook, actor: User) -> None:
    """Go on telling, from where it stopped."""
    resume_channel(channel=webhook.channel, actor=actor)
    Channel.objects.filter(pk=webhook.channel_id).update(
        failing_since=None, failing_words="", failures=0, held_until=None
    )


def send_test(*, webhook: Webhook) -> Delivery:
    """Queue a message of the type ``test``."""
    return feed.tell(webhook, "test", {"records": []}, f"webhook-{webhook.pk}-test-{ids.token(9)}")


@transaction.atomic
def send_again(*, webhook: Webhook, delivery: Delivery, actor: User) -> Delivery:
    """Queue what was told once more: the same body under the same ``webhook-id``.

    Raises:
        ValidationError: it is another channel's.
    """
    if delivery.channel_id != webhook.channel_id:
        raise ValidationError(_("That was told to somebody else."))
    payload: dict[str, Any] = dict(delivery.payload)
    return queue(
        channel=webhook.channel,
        kind=delivery.kind,
        area=delivery.area,
        title=delivery.title,
        payload=payload,
        asked_by=actor,
        key=f"{payload['id']}-again-{ids.token(9)}"[:200],
        grace=feed.GRACE,
    )


def pause_failing() -> int:
    """Pause what failed for days, so that nothing piles up for an address that is gone.

    Returns:
        how many were paused.
    """
    since = clock.now() - dt.timedelta(days=FAILING_DAYS)
    rows = Webhook.objects.filter(
        channel__failing_since__lt=since, channel__paused_at=None, channel__archived_at=None
    ).select_related("channel")
    for row in rows:
        words = row.channel.failing_words
        why = _("It failed for %(n)d days: %(words)s") % {"n": FAILING_DAYS, "words": words}
        pause_webhook(webhook=row, why=why[:200], actor=None)
    return len(rows)
