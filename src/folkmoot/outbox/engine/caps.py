"""What a channel may cost in a month: a message that would go beyond is held, and somebody is told.

A connector whose platform charges has a setting ``monthly_cap``, in US dollars. What was sent this month (UTC) counts,
and what may have been. The first part of a thread leaves only when the whole thread can be paid: none is cut in two.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation

from django.db.models import Exists, OuterRef, Q, Sum
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.outbox.engine import telling
from folkmoot.outbox.kinds import LeaveCheck, NotYet
from folkmoot.outbox.models import Attempt, Channel, Delivery, State, Verb

SETTING = "monthly_cap"
CAP = "outbox.cap"
#: It is there, or may be.
_COSTS = (State.SENT, State.SENDING, State.UNCERTAIN, State.NEEDS_PERSON)
#: Parts of a thread that are looked through.
_LONGEST = 200


def month_of(now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """The first moment of a month and of the next one, in UTC."""
    first = now.astimezone(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, (first + dt.timedelta(days=32)).replace(day=1)


def cap_of(channel: Channel) -> Decimal | None:
    """What a channel may cost in a month, in US dollars; ``None``: nobody said."""
    try:
        return Decimal(str(channel.settings.get(SETTING)))
    except InvalidOperation:
        return None


def spent(channel: Channel, now: dt.datetime) -> Decimal:
    """What a channel has cost this month (UTC), or may have, in US dollars."""
    first, _next = month_of(now)
    tries = Attempt.objects.filter(delivery=OuterRef("pk"), kind=Attempt.Kind.SEND, began_at__gte=first)
    unknown = tries.filter(outcome=Attempt.Outcome.UNKNOWN)
    found = Delivery.objects.filter(
        Q(Exists(tries), state__in=_COSTS) | Q(Exists(unknown), state=State.CANCELLED),
        channel=channel,
        verb=Verb.SEND,
        price__isnull=False,
    )
    return found.aggregate(sum=Sum("price"))["sum"] or Decimal(0)


def why_not(delivery: Delivery) -> str | NotYet:
    """Held until the month is over when the channel's cap does not allow it. Of two who ask at once, one waits."""
    if delivery.price is None or delivery.verb != Verb.SEND or SETTING not in delivery.channel.settings:
        return ""
    channel = Channel.objects.select_for_update().get(pk=delivery.channel_id)
    cap, now = cap_of(channel), clock.now()
    if cap is None:
        return ""
    so_far, price = spent(channel, now), delivery.price + _price_of_rest(delivery)
    if so_far + price <= cap:
        return ""
    _first, following = month_of(now)
    words = _(
        "The monthly cap of the channel is reached: %(spent)s of %(cap)s US dollars are spent or may be, and this "
        "costs %(price)s. It is held until %(day)s (UTC), or until the cap is raised."
    ) % {
        "spent": _dollars(so_far),
        "cap": _dollars(cap),
        "price": _dollars(price),
        "day": date_format(following.date(), "MONTH_DAY_FORMAT"),
    }
    telling.tell_asker(
        delivery.asked_by_id,
        kind=CAP,
        title=_("“%(title)s” is held: the monthly cap of %(channel)s is reached")
        % {"title": delivery.title, "channel": channel.name},
        body=words,
        url=reverse("outbox:delivery", args=[delivery.pk]),
        dedupe=f"{CAP}:{delivery.pk}:{following:%Y-%m}:{cap}",
    )
    telling.tell_settings(
        kind=CAP,
        title=_("The monthly cap of %(channel)s is reached") % {"channel": channel.name},
        body=words,
        url=reverse("outbox:channel", args=[channel.pk]),
        dedupe=f"{CAP}:channel:{channel.pk}:{following:%Y-%m}:{cap}",
    )
    return NotYet(words, (following - now).total_seconds())


def _price_of_rest(delivery: Delivery) -> Decimal:
    """What the later parts of a thread cost, asked for before its first part leaves."""
    if delivery.depends_on_id is not None:
        return Decimal(0)
    sum_, last = Decimal(0), [delivery.pk]
    for _step in range(_LONGEST):
        rows = Delivery.objects.filter(
            depends_on__in=last,
            channel=delivery.channel_id,
            verb=Verb.SEND,
            state__in=(State.SCHEDULED, State.CLAIMED),
        )
        prices = dict(rows.values_list("pk", "price"))
        if not prices:
            break
        sum_ += sum((price for price in prices.values() if price is not None), Decimal(0))
        last = list(prices)
    return sum_


def _dollars(amount: Decimal) -> str:
    """With cents, and tenths of a cent where there are any."""
    cents = amount.quantize(Decimal("0.01"))
    return f"{cents if cents == amount else amount.quantize(Decimal('0.001'))}"


def let_go(channel: Channel) -> int:
    """What the cap held is asked anew: the cap may be another one.

    Returns:
        how many.
    """
    now = clock.now()
    _first, following = month_of(now)
    held = Delivery.objects.filter(
        channel=channel,
        verb=Verb.SEND,
        state=State.SCHEDULED,
        price__isnull=False,
        due_at__lte=now,
        next_at__gte=following - dt.timedelta(minutes=1),
    )
    return held.update(next_at=now)


CHECK = LeaveCheck("outbox.cap", why_not, order=1000)
