"""What the outbox tells on Today: what waits for an approval, what is stuck, channels that fail or are paused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area
from folkmoot.kernel.plugs import TodayItem, TodaySource, today_sources
from folkmoot.kernel.rows import Row
from folkmoot.outbox import queries
from folkmoot.outbox.models import State, Verb


def _days(since: dt.datetime, now: dt.datetime) -> float:
    return (now - since).total_seconds() / 86400


def _title(state: State, number: int) -> str:
    if state == State.WAITING:
        said = ngettext("%(n)d message needs approval", "%(n)d messages need approval", number)
    elif state == State.MISSED:
        said = ngettext("%(n)d message was missed", "%(n)d messages were missed", number)
    elif state == State.FAILED:
        said = ngettext("%(n)d message was refused", "%(n)d messages were refused", number)
    else:
        said = ngettext("%(n)d message: did it arrive?", "%(n)d messages: did they arrive?", number)
    return said % {"n": number}


def tell_piles(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """What needs an approval, was missed, refused, or nobody knows the fate of, by area."""
    said = {
        State.WAITING: (_("It does not leave before somebody agrees to it"), _("Read and approve")),
        State.MISSED: (
            _("Their time was over before they could leave: they are not sent late by themselves"),
            _("Send or cancel"),
        ),
        State.FAILED: (_("The other side said no, and trying again will not help by itself"), _("See why")),
        State.NEEDS_PERSON: (
            _("The answer was lost; it is not sent again before somebody has looked"),
            _("Look and say"),
        ),
    }
    for row in rows:
        state, area = State(row["state"]), Area(row["area"])
        why, label = said[state]
        waits = state == State.WAITING
        yield TodayItem(
            key=f"outbox.{state.value}:{area.value}",
            area=area.value,
            area_label=area.label,
            title=_title(state, row["number"]),
            why=why,
            since=row["since"],
            action_label=label,
            action_url=f"{reverse('outbox:list')}?state={state.value}&area={area.value}",
            badge=_("waits") if waits else str(state.label),
            tone="due" if waits else "failed",
            over_by=_days(row["since"], now) + (0 if waits else 1),
            icon="envelope-check" if waits else "send-exclamation",
        )


def tell_by_hand(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Posts that wait for a person to put them there; theirs whom the channel names."""
    said = {
        Verb.SEND: (_("Post “%(title)s” on %(channel)s"), _("Post it")),
        Verb.CORRECT: (_("Change “%(title)s” on %(channel)s"), _("Change it")),
        Verb.WITHDRAW: (_("Delete “%(title)s” on %(channel)s"), _("Delete it")),
    }
    for row in rows:
        title, label = said[Verb(row["verb"])]
        area = Area(row["area"])
        is_mine = bool(row["person"]) and row["person"].strip().casefold() == user.email.casefold()
        yield TodayItem(
            key=f"outbox.by_hand:{row['pk']}",
            area=area.value,
            area_label=area.label,
            title=title % {"title": row["title"], "channel": row["channel"]},
            why=_("Its time has come, and Folkmoot cannot do it there"),
            since=row["changed_at"],
            action_label=label,
            action_url=reverse("outbox:delivery", args=[row["pk"]]),
            badge=_("by hand"),
            tone="due",
            over_by=1 + _days(row["changed_at"], now),
            icon="hand-index-thumb",
            mine=frozenset({user.pk}) if is_mine else frozenset(),
        )


def tell_failing_channels(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Channels that fail, or whose mailbox cannot be read."""
    for row in rows:
        since = row["failing_since"] or row["mailbox_failing_since"]
        yield TodayItem(
            key=f"outbox.channel:{row['pk']}",
            area=Area.SETTINGS,
            area_label=Area.SETTINGS.label,
            title=_("The channel %(name)s does not work") % {"name": row["name"]},
            why=row["failing_words"] or row["mailbox_failing_words"],
            since=since,
            action_label=_("Look at its settings"),
            action_url=reverse("outbox:channel", args=[row["pk"]]),
            badge=_("failing"),
            tone="failed",
            over_by=2 + _days(since, now),
            icon="plug",
        )


def tell_expiring_channels(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Channels that have to be connected anew soon."""
    for row in rows:
        left = max(0, (row["expires_at"] - now).days)
        said = ngettext("in %(n)d day", "in %(n)d days", left) % {"n": left} if left else _("today")
        yield TodayItem(
            key=f"outbox.expiring:{row['pk']}",
            area=Area.SETTINGS,
            area_label=Area.SETTINGS.label,
            title=_("Connect %(name)s anew") % {"name": row["name"]},
            why=_("Its access ends then, and nothing planned for later would leave."),
            since=row["expires_at"] - dt.timedelta(days=queries.EXPIRY_DAYS[0]),
            action_label=_("Connect anew"),
            action_url=reverse("outbox:channel", args=[row["pk"]]),
            badge=said,
            tone="due",
            over_by=-float(left),
            icon="plug",
        )


def _paused(row: Row, key: Any, title: str, now: dt.datetime) -> TodayItem:
    return TodayItem(
        key=f"outbox.paused:{key}",
        area=Area.SETTINGS,
        area_label=Area.SETTINGS.label,
        title=title,
        why=row["paused_why"],
        since=row["paused_at"],
        action_label=_("Look what waits"),
        action_url=reverse("outbox:list"),
        badge=_("paused"),
        tone="due",
        over_by=_days(row["paused_at"], now),
        icon="pause-circle",
    )


def tell_paused_switch(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """Everything is paused."""
    for row in rows:
        yield _paused(row, "switch", _("Nothing leaves: the outbox is paused"), now)


def tell_paused_channels(user: User, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """A channel is paused while something is due."""
    for row in rows:
        title = _("%(name)s is paused, and messages are due") % {"name": row["name"]}
        yield _paused(row, row["pk"], title, now)


PILES = (State.WAITING, State.MISSED, State.FAILED, State.NEEDS_PERSON)

for _source in (
    TodaySource(
        "outbox.piles",
        "settings",
        "outbox.view",
        lambda user, now: queries.piles(user, PILES),
        tell_piles,
        order=15,
    ),
    TodaySource(
        "outbox.by_hand",
        "settings",
        "outbox.view",
        lambda user, now: queries.by_hand(user),
        tell_by_hand,
        order=14,
    ),
    TodaySource(
        "outbox.channels",
        "settings",
        "settings.view",
        lambda user, now: queries.failing_channels(),
        tell_failing_channels,
        order=17,
    ),
    TodaySource(
        "outbox.expiring",
        "settings",
        "settings.view",
        lambda user, now: queries.expiring_channels(now),
        tell_expiring_channels,
        order=16,
    ),
    TodaySource(
        "outbox.paused",
        "settings",
        "outbox.switch",
        lambda user, now: queries.paused_switch(),
        tell_paused_switch,
        order=18,
    ),
    TodaySource(
        "outbox.paused_channels",
        "settings",
        "outbox.switch",
        lambda user, now: queries.paused_channels(now),
        tell_paused_channels,
        order=19,
    ),
):
    today_sources.register(_source)
