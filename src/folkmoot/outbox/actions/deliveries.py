"""What a person does with a delivery before it leaves and after."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox import by_hand, comments, mail, queries, signals, times
from folkmoot.outbox.actions.base import Actor, OutboxStateError
from folkmoot.outbox.models import PLANNED, STUCK, Attempt, Delivery, State, digest
from folkmoot.outbox.models.deliveries import TITLE_LENGTH
from folkmoot.outbox.render import Rendered, written

#: What did not leave, and may be planned anew; what is withheld is asked about again then.
AGAIN = (State.MISSED, State.FAILED, State.CANCELLED, State.WITHHELD)


def locked(delivery: Delivery) -> Delivery:
    """The row as it is now, held until the transaction ends.

    Raises:
        OutboxStateError: it is gone.
    """
    found = Delivery.objects.select_for_update().filter(pk=delivery.pk).first()
    if found is None:
        raise OutboxStateError(_("This delivery is gone."))
    return found


def _need_planned(delivery: Delivery) -> None:
    if not delivery.is_planned:
        raise OutboxStateError(
            _("This cannot be changed any more: it is “%(state)s”.") % {"state": delivery.get_state_display()}
        )


def _let_go(delivery: Delivery) -> None:
    """Take it from whoever has claimed it: their fence is too low from now on."""
    delivery.fence += 1
    delivery.lease_owner, delivery.lease_until = "", None
    delivery.changed_at = clock.now()


def _planned_state(delivery: Delivery) -> State:
    return State.WAITING if queries.missing_approvals(delivery) else State.SCHEDULED


@transaction.atomic
def cancel(*, delivery: Delivery, actor: Actor) -> Delivery:
    """It does not leave: what waits, and what was missed, refused or needs a person. Twice does nothing more.

    Raises:
        OutboxStateError: it is leaving, or has left.
    """
    delivery = locked(delivery)
    if delivery.state == State.CANCELLED:
        return delivery
    if delivery.state not in (*PLANNED, *STUCK, State.WITHHELD):
        raise OutboxStateError(
            _("It cannot be cancelled any more: it is “%(state)s”.") % {"state": delivery.get_state_display()}
        )
    delivery.state, delivery.words = (
        State.CANCELLED,
        _("Cancelled by %(who)s.") % {"who": actor or "Folkmoot"},
    )
    _let_go(delivery)
    delivery.save()
    signals.settled.send(sender=Delivery, delivery=delivery)
    return delivery


@transaction.atomic
def reschedule(
    *,
    delivery: Delivery,
    wall_time: dt.datetime | None,
    zone: str,
    actor: Actor,
    grace: dt.timedelta = times.GRACE,
) -> Delivery:
    """Give another time, or (``None``) none: as soon as it may leave. What was missed, refused or
    withheld can be planned anew.

    Raises:
        OutboxStateError: it is leaving, has left, or nobody knows whether it has.
        ValidationError: the moment is over, or the zone is none.
    """
    delivery = locked(delivery)
    if delivery.state not in (*PLANNED, *AGAIN):
        _need_planned(delivery)
    now = clock.now()
    due = times.instant(wall_time, zone) if wall_time else now
    if due < now - dt.timedelta(minutes=1):
        raise ValidationError({"wall_time": _("That moment is over.")})
    delivery.due_at, delivery.next_at, delivery.not_after = due, due, due + grace
    if wall_time:
        delivery.next_at = times.start(due, queries.crowd(delivery.channel, due, delivery.pk))
    delivery.wall_time = times.written(wall_time) if wall_time else ""
    delivery.zone = zone if wall_time else ""
    delivery.tries, delivery.words = 0, ""
    delivery.state = _planned_state(delivery)
    _let_go(delivery)
    delivery.save()
    return delivery


def send_now(*, delivery: Delivery, actor: Actor) -> Delivery:
    """As soon as it may leave; for what was missed or refused: again. As for :func:`reschedule`."""
    return reschedule(delivery=delivery, wall_time=None, zone="", actor=actor)


@transaction.atomic
def edit(*, delivery: Delivery, subject: str, markdown: str, actor: Actor) -> Delivery:
    """Change a mail or a comment that has not left: other content, for which approvals given before do not hold.

    Raises:
        OutboxStateError: it is leaving or has left, or is no mail and no comment that was written here.
        ValidationError: no subject, no text.
    """
    delivery = locked(delivery)
    _need_planned(delivery)
    rendered: Rendered = written(subject, markdown)
    payload = _changed(delivery, rendered)
    problems = delivery.channel.connector.problems(payload, delivery.channel.access)
    if problems or not markdown.strip():
        raise ValidationError(problems or [_("The message has no text.")])
    title = rendered.subject[:TITLE_LENGTH] or delivery.title
    if payload == delivery.payload and title == delivery.title:
        return delivery
    delivery.payload, delivery.payload_sha256 = payload, digest(payload)
    delivery.title = title
    delivery.state = _planned_state(delivery)
    _let_go(delivery)
    delivery.save()
    return delivery


def _changed(delivery: Delivery, rendered: Rendered) -> dict[str, Any]:
    """The payload with another text.

    Raises:
        OutboxStateError: its text is not written here.
    """
    if delivery.channel.medium == comments.MEDIUM:
        return {**delivery.payload, "body": rendered.markdown.strip()}
    if "markdown" not in delivery.payload:
        raise OutboxStateError(_("This message is not changed here but where it was written."))
    text, html, _stop = mail.texts(
        rendered=rendered,
        to=delivery.payload["to"],
        topic=delivery.topic,
        is_personal=delivery.is_personal,
        language=delivery.payload.get("language", ""),
    )
    return {
        **delivery.payload,
        "subject": rendered.subject,
        "markdown": rendered.markdown,
        "text": text,
        "html": html,
    }


@transaction.atomic
def approve(*, delivery: Delivery, actor: User, seen: str = "") -> Delivery:
    """Agree to exactly this content. When nobody else is needed, it leaves at its time. Twice does nothing more.

    Args:
        seen: the hash of the content that the person read; other content is refused.

    Raises:
        OutboxStateError: it does not wait for approval, was changed meanwhile, or this person may not approve it.
    """
    delivery = locked(delivery)
    if delivery.state != State.WAITING:
        raise OutboxStateError(_("It does not wait for approval."))
    if seen and seen != delivery.payload_sha256:
        raise OutboxStateError(_("It was changed after you opened it: read it again."))
    rules = [
        rule for rule in queries.missing_approvals(delivery) if queries.may_approve(actor, rule, delivery)
    ]
    if not rules:
        raise OutboxStateError(_("Somebody else has to approve this."))
    for rule in rules:
        delivery.approvals.get_or_create(
            rule=rule, payload_sha256=delivery.payload_sha256, defaults={"by": actor, "at": clock.now()}
        )
    if not queries.missing_approvals(delivery):
        now = clock.now()
        if not delivery.wall_time:  # as soon as it may: that is now
            grace = delivery.not_after - delivery.due_at
            delivery.due_at, delivery.not_after = now, now + grace
        delivery.next_at = max(now, delivery.due_at)
        delivery.state = State.SCHEDULED
        delivery.changed_at = now
        delivery.save()
    return delivery


@transaction.atomic
def it_is_there(*, delivery: Delivery, actor: Actor, url: str = "") -> Delivery:
    """A person looked: the message arrived.

    Raises:
        OutboxStateError: nobody asks.
    """
    delivery = locked(delivery)
    if delivery.state not in (State.NEEDS_PERSON, State.UNCERTAIN):
        raise OutboxStateError(_("Nobody asks what became of it any more."))
    now = clock.now()
    _said(delivery, actor, Attempt.Outcome.YES, now)
    _let_go(delivery)
    delivery.state, delivery.sent_at = State.SENT, now
    delivery.remote_id = delivery.remote_id or delivery.planned_id
    delivery.remote_url = url[:500] if url.startswith(("http://", "https://")) else delivery.remote_url
    told = _("%(who)s has done it.") if by_hand.is_by_hand(delivery) else _("%(who)s saw that it is there.")
    delivery.words = told % {"who": actor or "Folkmoot"}
    delivery.save()
    signals.settled.send(sender=Delivery, delivery=delivery)
    return delivery


@transaction.atomic
def it_is_not(*, delivery: Delivery, actor: Actor) -> Delivery:
    """A person looked: the message did not arrive. It is sent again, as soon as it may.

    Raises:
        OutboxStateError: nobody asks.
    """
    delivery = locked(delivery)
    if delivery.state not in (State.NEEDS_PERSON, State.UNCERTAIN):
        raise OutboxStateError(_("Nobody asks what became of it any more."))
    now = clock.now()
    _said(delivery, actor, Attempt.Outcome.NO, now)
    _let_go(delivery)
    delivery.due_at, delivery.next_at, delivery.not_after = now, now, now + times.GRACE
    delivery.wall_time = delivery.zone = ""
    delivery.tries = delivery.looks = 0
    delivery.words = _("%(who)s saw that it is not there.") % {"who": actor or "Folkmoot"}
    delivery.state = _planned_state(delivery)
    delivery.save()
    return delivery


@transaction.atomic
def not_posted(*, delivery: Delivery, actor: Actor) -> Delivery:
    """A person says that they do not post it: it is cancelled, and can be given another time. Twice does nothing more.

    Raises:
        OutboxStateError: it is none that a person posts, or does not wait for anybody.
    """
    delivery = locked(delivery)
    if delivery.state == State.CANCELLED:
        return delivery
    if delivery.state != State.NEEDS_PERSON or not by_hand.is_by_hand(delivery):
        raise OutboxStateError(_("Nobody asks what became of it any more."))
    _said(delivery, actor, Attempt.Outcome.NO, clock.now())
    _let_go(delivery)
    delivery.state = State.CANCELLED
    delivery.words = _("Not posted, says %(who)s.") % {"who": actor or "Folkmoot"}
    delivery.save()
    signals.settled.send(sender=Delivery, delivery=delivery)
    return delivery


def _said(delivery: Delivery, actor: Actor, outcome: Attempt.Outcome, now: dt.datetime) -> None:
    Attempt.objects.filter(delivery=delivery, ended_at=None).update(ended_at=now)
    Attempt.objects.create(
        delivery=delivery,
        number=delivery.fence,
        kind=Attempt.Kind.PERSON,
        outcome=outcome,
        payload_sha256=delivery.payload_sha256,
        by=actor,
        began_at=now,
        ended_at=now,
    )
