"""Queueing what is to leave: frozen, planned, once for each key."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.text import clean, fold
from folkmoot.outbox import comments, mail, queries, times
from folkmoot.outbox.actions.base import Actor
from folkmoot.outbox.kinds import message_kinds
from folkmoot.outbox.mail import File, Named
from folkmoot.outbox.models import Attachment, Channel, Delivery, MessageTemplate, State, digest
from folkmoot.outbox.models.deliveries import TITLE_LENGTH
from folkmoot.outbox.render import Rendered, render


class Withheld(ValidationError):
    """This recipient does not get this message; the words say why. Nothing was queued."""


@transaction.atomic
def queue(
    *,
    channel: Channel,
    kind: str,
    area: str,
    title: str,
    payload: Mapping[str, Any],
    asked_by: Actor,
    key: str = "",
    token: uuid.UUID | None = None,
    recipient: str = "",
    recipient_name: str = "",
    is_personal: bool = False,
    topic: str = "",
    template: MessageTemplate | None = None,
    wall_time: dt.datetime | None = None,
    zone: str = "",
    grace: dt.timedelta = times.GRACE,
    depends_on: Delivery | None = None,
    about_url: str = "",
    files: Sequence[File] = (),
) -> Delivery:
    """Freeze a payload and plan its leaving, in the caller's transaction.

    Args:
        key: who queues the same key again gets the delivery that has it, as it is.
        wall_time: when, in ``zone`` (IANA); without: as soon as it may.
        grace: how long after its time it may still leave; later it is *missed*.
        depends_on: it leaves once that one was sent.
        files: what the payload names; kept with it.

    Raises:
        Withheld: a check of the recipient says no.
        ValidationError: the platform would refuse it, or the zone is none.
    """
    known = Delivery.objects.filter(key=key).first() if key else None
    if known is not None:
        return known
    token = token or uuid.uuid4()
    problems = channel.connector.problems(payload, channel.access)
    if problems:
        raise ValidationError(problems)
    now = clock.now()
    due = times.instant(wall_time, zone) if wall_time else now
    if wall_time and due + grace <= now:
        raise ValidationError({"wall_time": _("That moment is over.")})
    delivery = Delivery(
        channel=channel,
        key=key or token.hex,
        token=token,
        kind=kind,
        area=area,
        title=clean(title)[:TITLE_LENGTH],
        recipient=fold(recipient),
        recipient_name=clean(recipient_name)[:200],
        is_personal=is_personal,
        topic=topic,
        template=template,
        due_at=due,
        wall_time=times.written(wall_time) if wall_time else "",
        zone=zone if wall_time else "",
        not_after=due + grace,
        next_at=times.start(due, queries.crowd(channel, due)) if wall_time else due,
        payload=dict(payload),
        payload_sha256=digest(dict(payload)),
        planned_id=channel.connector.plan(payload, key or token.hex)[:300],
        price=channel.connector.price(payload),
        depends_on=depends_on,
        asked_by=asked_by,
        about_url=about_url,
    )
    why_not = queries.why_not(delivery)
    if why_not:
        raise Withheld(why_not)
    if queries.rules_for(delivery):
        delivery.state = State.WAITING
    try:
        with transaction.atomic():
            delivery.save()
            _keep_files(delivery, files)
    except IntegrityError:
        if not key:
            raise
        return Delivery.objects.get(key=key)
    return delivery


def _keep_files(delivery: Delivery, files: Sequence[File]) -> None:
    if not files:
        return
    Attachment.objects.bulk_create(
        Attachment(
            delivery=delivery,
            number=number,
            name=file.file_name,
            type=file.type,
            size=len(file.content),
            sha256=file.sha256,
            content=file.content,
        )
        for number, file in enumerate(files, 1)
    )


def queue_mail(
    *,
    kind: str,
    to: str,
    asked_by: Actor,
    to_name: str = "",
    template: MessageTemplate | None = None,
    subject: str = "",
    body: str = "",
    values: Mapping[str, str] | None = None,
    channel: Channel | None = None,
    reply_to: str = "",
    is_personal: bool | None = None,
    language: str = "",
    more_to: Iterable[Named] = (),
    cc: Iterable[Named] = (),
    bcc: Iterable[Named] = (),
    files: Sequence[File] = (),
    rendered: Rendered | None = None,
    **more: Any,
) -> Delivery:
    """Fill a text's gaps and queue the mail.

    Args:
        kind: key of a kind of message.
        template: the text; or give ``subject`` and ``body`` (Markdown), gaps included.
        values: what fills the gaps.
        channel: the usual one for mail when absent.
        is_personal: as the template or the kind says, when absent.
        more_to: who else it is to, each as name and address; they and those in ``cc`` see one another.
        rendered: the text with its gaps filled already; ``template`` then only says what kind of mail it is.
        files: what goes with it; at most ten, and 7 MB together.
        more: as for :func:`queue`: ``key``, ``wall_time``, ``zone``, ``grace``, ``depends_on``, ``about_url``.

    Raises:
        ValidationError: something the text needs is not known; no channel for mail is there; as for :func:`queue`.
        Withheld: a check of the recipient says no.
    """
    declared = message_kinds.get(kind)
    subject, body = (template.subject, template.body) if template else (subject, body)
    rendered = rendered or render(declared, subject, body, values or {})
    channel = channel or queries.usual_channel("mail")
    if channel is None:
        raise ValidationError(_("There is no channel for mail: add one under Settings, Channels."))
    if is_personal is None:
        is_personal = template.is_personal if template else declared.is_personal
    topic = (template.topic if template else "") or declared.topic
    token = uuid.uuid4()
    payload = mail.payload(
        channel=channel,
        token=token,
        to=clean(to),
        to_name=to_name,
        rendered=rendered,
        reply_to=reply_to,
        topic=topic,
        is_personal=is_personal,
        language=language,
        more_to=more_to,
        cc=cc,
        bcc=bcc,
        files=files,
    )
    return queue(
        channel=channel,
        kind=kind,
        area=declared.area,
        title=rendered.subject,
        payload=payload,
        files=files,
        asked_by=asked_by,
        token=token,
        recipient=to,
        recipient_name=to_name,
        is_personal=is_personal,
        topic=topic,
        template=template,
        **more,
    )


def queue_comment(
    *,
    kind: str,
    repository: str,
    issue: int,
    asked_by: Actor,
    template: MessageTemplate | None = None,
    subject: str = "",
    body: str = "",
    values: Mapping[str, str] | None = None,
    channel: Channel | None = None,
    **more: Any,
) -> Delivery:
    """Fill a text's gaps and queue it as a comment on an issue.

    Args:
        kind: key of a kind of message.
        repository: ``owner/name``.
        template: the text; or give ``body`` (Markdown), gaps included.
        subject: what lists call it; no part of the comment.
        values: what fills the gaps.
        channel: the usual one for comments when absent.
        more: as for :func:`queue`: ``key``, ``wall_time``, ``zone``, ``grace``, ``depends_on``, ``about_url``.

    Raises:
        ValidationError: something the text needs is not known; no channel for comments is there; as for :func:`queue`.
    """
    declared = message_kinds.get(kind)
    subject, body = (template.subject, template.body) if template else (subject, body)
    rendered = render(declared, subject, body, values or {})
    channel = channel or queries.usual_channel(comments.MEDIUM)
    if channel is None:
        raise ValidationError(_("There is no channel for comments: add one under Settings, Channels."))
    token = uuid.uuid4()
    return queue(
        channel=channel,
        kind=kind,
        area=declared.area,
        title=rendered.subject or comments.place(repository, issue),
        payload=comments.payload(
            repository=repository, issue=issue, body=rendered.markdown.strip(), token=token
        ),
        asked_by=asked_by,
        token=token,
        recipient_name=comments.place(repository, issue),
        is_personal=True,
        template=template,
        **more,
    )
