"""Addresses that get no mail: entered, learnt from what came back, lifted."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.connectors.base import Outcome
from folkmoot.connectors.letters import others
from folkmoot.connectors.mailbox import Report
from folkmoot.kernel import clock
from folkmoot.kernel.text import clean, fold
from folkmoot.outbox.actions.base import Actor, write
from folkmoot.outbox.engine import outcomes
from folkmoot.outbox.models import Bounce, Delivery, Suppression

#: So many mails that came back within so many days, on different days, and the address gets no more.
SOFT_BOUNCES, SOFT_DAYS = 5, 30


@transaction.atomic
def suppress(
    *,
    address: str,
    why: str,
    source: str,
    actor: Actor,
    topic: str = "",
    words: str = "",
    delivery: Delivery | None = None,
) -> Suppression:
    """No more mail to an address (of a topic). One that is there already stays, with the graver reason of the two.

    Raises:
        ValidationError: it is no mail address, or the reason is none.
    """
    address = fold(address)
    try:
        validate_email(address)
    except ValidationError:
        raise ValidationError(
            {"address": _("“%(address)s” is no mail address.") % {"address": address}}
        ) from None
    found = (
        Suppression.objects.select_for_update().filter(address=address, topic=topic, lifted_at=None).first()
    )
    if found is None:
        found = Suppression(address=address, topic=topic, since=clock.now(), by=actor)
    elif found.why == why or found.why != Suppression.Why.UNSUBSCRIBED:
        return found
    found.why, found.source, found.words, found.delivery = why, source, clean(words)[:300], delivery
    return write(found, actor=actor, reason=why)


@transaction.atomic
def lift(*, suppression: Suppression, why: str, actor: Actor) -> Suppression:
    """Let mail go to the address again. The row stays, with the reason.

    Raises:
        ValidationError: no reason was given.
    """
    found = Suppression.objects.select_for_update().get(pk=suppression.pk)
    if found.lifted_at is not None:
        return found
    if not clean(why):
        raise ValidationError({"why": _("Say why, so that others can tell: “they wrote to us on 3 May”.")})
    found.lifted_at, found.lifted_by, found.lifted_why = clock.now(), actor, clean(why)[:200]
    return write(found, actor=actor, reason=found.lifted_why)


@transaction.atomic
def unsubscribe(*, address: str, topic: str) -> Suppression:
    """Somebody followed the way out in a mail. Twice does nothing more."""
    return suppress(
        address=address, topic=topic, why=Suppression.Why.UNSUBSCRIBED, source="unsubscribe", actor=None
    )


@transaction.atomic
def came_back(*, report: Report, source: str, delivery: Delivery | None = None) -> Bounce | None:
    """Keep a bounce or complaint, once, and draw what follows from it.

    Returns:
        ``None`` when it was known, or names no mail of ours, or another address than that mail's.
    """
    found = delivery or Delivery.objects.filter(planned_id=report.message_id).exclude(planned_id="").first()
    if found is None:
        return None
    more = {fold(address) for address in others(found.payload)} if found.channel.medium == "mail" else set()
    address = report.address or ("" if more else found.recipient)
    if not address or address not in {found.recipient, *more}:
        return None
    bounce, is_new = Bounce.objects.get_or_create(
        key=f"{source}:{report.key}"[:200],
        defaults={
            "delivery": found,
            "address": address,
            "kind": report.kind,
            "words": clean(report.words)[:300],
            "source": source,
            "at": clock.now(),
        },
    )
    if not is_new:
        return None
    outcomes.heard(found, Outcome.yes(f"it was taken: {report.words}"[:500]))
    why = _follows(bounce)
    if why:
        suppress(
            address=bounce.address, why=why, source=source, words=bounce.words, delivery=found, actor=None
        )
    return bounce


def _follows(bounce: Bounce) -> str:
    if bounce.kind == Bounce.Kind.HARD:
        return Suppression.Why.HARD
    if bounce.kind == Bounce.Kind.COMPLAINT:
        return Suppression.Why.COMPLAINT
    since = bounce.at - dt.timedelta(days=SOFT_DAYS)
    soft = Bounce.objects.filter(address=bounce.address, kind=Bounce.Kind.SOFT, at__gte=since)
    lifted = (
        Suppression.objects.filter(address=bounce.address, lifted_at__isnull=False)
        .order_by("-lifted_at")
        .first()
    )
    if lifted is not None:
        soft = soft.filter(at__gt=lifted.lifted_at)
    days = {at.date() for at in soft.values_list("at", flat=True)}
    return Suppression.Why.SOFT if len(days) >= SOFT_BOUNCES else ""
