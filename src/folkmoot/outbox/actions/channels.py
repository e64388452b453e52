"""Channels, the switch for all, and who has to approve what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.connectors.base import Renewed, connectors
from folkmoot.kernel import clock
from folkmoot.kernel.ops.redact import hide
from folkmoot.kernel.permissions.areas import Level
from folkmoot.kernel.text import clean
from folkmoot.outbox.actions.base import Actor, write
from folkmoot.outbox.engine import caps
from folkmoot.outbox.kinds import message_kinds
from folkmoot.outbox.models import PLANNED, ApprovalRule, Channel, Delivery, State, Switch


@transaction.atomic
def save_channel(
    *,
    channel: Channel | None,
    kind: str,
    name: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    per_minute: int | None,
    is_default: bool,
    actor: Actor,
    found: Renewed | None = None,
) -> Channel:
    """Add a channel, or change one.

    Args:
        found: the access that its platform gave just now; what is empty in it replaces nothing.
        channel: ``None`` adds one; a channel keeps its kind.
        settings: what the connector asks for, but secrets.
        secrets: only those that were typed; an empty one keeps what is stored.

    Raises:
        ValidationError: by field; a connector's setting stands at ``setting_NAME``.
    """
    if channel is None:
        if kind not in connectors:
            raise ValidationError({"kind": _("There is no such kind of channel.")})
        channel = Channel(kind=kind)
    else:
        channel = Channel.objects.select_for_update().get(pk=channel.pk)
    connector = channel.connector
    known = {one.name for one in connector.settings if not one.is_secret}
    hidden = {one.name for one in connector.settings if one.is_secret}
    stored = json.loads(channel.secrets) if channel.secrets else {}
    typed = {name: value for name, value in secrets.items() if name in hidden and value}
    if any(stored.get(name) != value for name, value in typed.items()):
        channel.renew_at = channel.expires_at = None  # another access: nobody knows yet how long it lasts
    stored |= typed
    channel.medium = connector.medium
    channel.name, channel.per_minute = clean(name), per_minute
    learnt = {name: value for name, value in channel.settings.items() if name not in known}
    channel.settings = learnt | {
        name: value if isinstance(value, bool | int) else clean(value)
        for name, value in settings.items()
        if name in known and value not in ("", None)
    }
    if found is not None:
        stored |= {name: value for name, value in found.secrets.items() if value}
        channel.settings |= {name: value for name, value in found.settings.items() if value not in ("", None)}
        channel.renew_at, channel.expires_at = found.renew_at, found.expires_at
    channel.secrets = json.dumps(stored) if stored else ""
    wrong = connector.wrong_settings(channel.access)
    if wrong:
        labels = {one.name: str(one.label) for one in connector.settings}
        raise ValidationError(
            {
                f"setting_{name}": _("This is needed.") if words == labels.get(name) else words
                for name, words in wrong.items()
            }
        )
    hide(stored.values())
    others = Channel.objects.filter(medium=channel.medium, is_default=True).exclude(pk=channel.pk)
    if is_default:
        for other in others:
            other.is_default = False
            write(other, actor=actor)
    channel.is_default = is_default or not others.exists()
    if not channel.must_connect:
        channel.failing_since, channel.failing_words = None, ""
        channel.failures, channel.held_until = 0, None
    saved = write(channel, actor=actor)
    caps.let_go(saved)
    return saved


@transaction.atomic
def connect_channel(
    *, channel: Channel | None, kind: str, found: Renewed, actor: Actor, **values: Any
) -> Channel:
    """Keep the access that a platform gave: of a new channel (``values`` as for :func:`save_channel`), or anew.

    Raises:
        ValidationError: as for :func:`save_channel`.
    """
    if channel is not None:
        values = {
            "name": channel.name,
            "settings": channel.settings,
            "secrets": {},
            "per_minute": channel.per_minute,
            "is_default": channel.is_default,
        }
    return save_channel(channel=channel, kind=kind, found=found, actor=actor, **values)


@transaction.atomic
def archive_channel(*, channel: Channel, actor: Actor) -> Channel:
    """Take a channel out of use. Twice does nothing more.

    Raises:
        ValidationError: something waits on it.
    """
    channel = Channel.objects.select_for_update().get(pk=channel.pk)
    waiting = Delivery.objects.filter(channel=channel, state__in=[*PLANNED, State.SENDING, State.UNCERTAIN])
    if waiting.exists():
        raise ValidationError(_("Messages wait on this channel: cancel them or let them leave first."))
    if channel.archived_at is None:
        channel.archived_at, channel.is_default = clock.now(), False
        write(channel, actor=actor)
    return channel


@transaction.atomic
def unarchive_channel(*, channel: Channel, actor: Actor) -> Channel:
    """Bring a channel back into use."""
    channel = Channel.objects.select_for_update().get(pk=channel.pk)
    channel.archived_at = None
    return write(channel, actor=actor)


@transaction.atomic
def pause_channel(*, channel: Channel, why: str, actor: Actor) -> Channel:
    """Nothing leaves on this channel until it is resumed. What is leaving this second still does."""
    channel = Channel.objects.select_for_update().get(pk=channel.pk)
    if channel.paused_at is None:
        channel.paused_at, channel.paused_by = clock.now(), actor
        channel.paused_why = (clean(why) or _("no reason given"))[:200]
        write(channel, actor=actor, reason=channel.paused_why)
    return channel


@transaction.atomic
def resume_channel(*, channel: Channel, actor: Actor) -> Channel:
    """Let the channel send again. What should have left more than its grace ago is missed, not sent late."""
    channel = Channel.objects.select_for_update().get(pk=channel.pk)
    if channel.paused_at is not None:
        channel.paused_at, channel.paused_by, channel.paused_why = None, None, ""
        write(channel, actor=actor)
    return channel


@transaction.atomic
def pause_all(*, why: str, actor: Actor) -> Switch:
    """Nothing leaves at all until it is resumed. What is leaving this second still does. Twice does nothing more."""
    Switch.objects.get_or_create(pk=1)
    switch = Switch.objects.select_for_update().get(pk=1)
    if switch.paused_at is None:
        switch.paused_at, switch.paused_by = clock.now(), actor
        switch.paused_why = (clean(why) or _("no reason given"))[:200]
        write(switch, actor=actor, reason=switch.paused_why)
    return switch


@transaction.atomic
def resume_all(*, actor: Actor) -> Switch:
    """Let messages leave again. What should have left more than its grace ago is missed, not sent late."""
    Switch.objects.get_or_create(pk=1)
    switch = Switch.objects.select_for_update().get(pk=1)
    if switch.paused_at is not None:
        switch.paused_at, switch.paused_by, switch.paused_why = None, None, ""
        write(switch, actor=actor)
    return switch


def after_restore() -> str:
    """What follows a restore or a move: nothing leaves before a person has looked.

    What was due may have left after the backup was taken, so it is not sent again by itself either.
    """
    now = clock.now()
    if not Delivery.objects.exists():
        return ""
    with transaction.atomic():
        pause_all(why=str(_("The database was restored or moved.")), actor=None)
        Delivery.objects.filter(
            state__in=[State.SCHEDULED, State.CLAIMED, State.SENDING, State.UNCERTAIN], next_at__lte=now
        ).update(
            state=State.NEEDS_PERSON,
            lease_owner="",
            lease_until=None,
            changed_at=now,
            words=str(_("It was due when the backup was taken: it may have left since.")),
        )
    return "Nothing is sent until somebody resumes the outbox (`folkmoot outbox resume`, or its page)."


# ---------------------------------------------------------- approval rules


@transaction.atomic
def save_approval_rule(
    *,
    rule: ApprovalRule | None,
    kind: str,
    channel: Channel | None,
    area: str,
    level: int,
    four_eyes: bool,
    actor: Actor,
) -> ApprovalRule:
    """Add a rule, or change one. It holds for what is queued from now on and for what has not left.

    Raises:
        ValidationError: by field.
    """
    rule = rule or ApprovalRule()
    if kind and kind not in message_kinds:
        raise ValidationError({"kind": _("There is no such kind of message.")})
    if level < Level.CONTRIBUTE:
        raise ValidationError({"level": _("Who approves can at least contribute.")})
    rule.kind, rule.channel, rule.area, rule.level, rule.four_eyes = kind, channel, area, level, four_eyes
    return write(rule, actor=actor)


@transaction.atomic
def remove_approval_rule(*, rule: ApprovalRule, actor: Actor) -> None:
    """Take a rule away; what waited for it alone is planned again."""
    from folkmoot.outbox import queries

    rule._history_user = actor  # type: ignore[attr-defined]
    rule.delete()
    for delivery in Delivery.objects.select_for_update().filter(state=State.WAITING):
        if not queries.missing_approvals(delivery):
            delivery.state, delivery.changed_at = State.SCHEDULED, clock.now()
            delivery.save(update_fields=["state", "changed_at"])
