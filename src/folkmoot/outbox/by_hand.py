"""Posts that a person puts there: who is told at its minute, and what they find on the page."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.connectors.base import connectors
from folkmoot.connectors.manual import ByHand, by_hand
from folkmoot.connectors.posts import Content, Media
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.actions import notify
from folkmoot.kernel.notices.models import Frequency, NoticePreference
from folkmoot.outbox import mail, queries
from folkmoot.outbox.models import Delivery, State, Verb
from folkmoot.outbox.render import written

log = structlog.get_logger(__name__)
#: The kind of the notice, and of the mail.
KIND = "outbox.by_hand"


@dataclass(frozen=True)
class Shown:
    """What the page of a post by hand shows.

    Attributes:
        post: the text to copy, and where to.
        pictures: with their numbers, from one.
        asks: what is asked of the person: ``send``, ``correct`` or ``withdraw``.
        waits: it is their turn now.
        there: the address of what is to be changed or deleted.
    """

    post: ByHand
    pictures: tuple[tuple[int, Media], ...]
    asks: str
    waits: bool
    there: str = ""


def is_by_hand(delivery: Delivery) -> bool:
    """Whether a person does it."""
    return delivery.channel.kind in connectors and delivery.channel.connector.is_manual


def shown(delivery: Delivery) -> Shown | None:
    """What the person needs; ``None`` for what goes by itself, and once the content is blank."""
    if not is_by_hand(delivery):
        return None
    about = delivery.about
    payload = delivery.payload or (about.payload if about is not None else {})
    try:
        post, media = by_hand(payload, delivery.channel.access), Content.of(payload).media
    except (KeyError, TypeError):
        return None
    return Shown(
        post=post,
        pictures=tuple(enumerate(media, 1)),
        asks=delivery.verb,
        waits=delivery.state == State.NEEDS_PERSON,
        there=about.remote_url if about is not None else "",
    )


def is_its_hand(user: Any, delivery: Delivery) -> bool:
    """Whether this person is the one that the channel names."""
    named = person_of(delivery)
    return bool(named) and named == str(getattr(user, "email", "")).casefold() and is_by_hand(delivery)


def person_of(delivery: Delivery) -> str:
    """The folded address of who posts; ``""`` when the channel names nobody."""
    return str(delivery.channel.settings.get("person") or "").strip().casefold()


def tell(delivery: Delivery) -> None:
    """Tell who posts, in the caller's transaction: on the page when they have an account, by mail when the channel
    names an address. Nobody named, or no mail possible: whoever planned the post is told.
    """
    from folkmoot.outbox.engine import telling  # it knows this module's caller

    titles = {
        Verb.SEND: _("Post “%(title)s” on %(channel)s now"),
        Verb.CORRECT: _("Change “%(title)s” on %(channel)s"),
        Verb.WITHDRAW: _("Delete “%(title)s” on %(channel)s"),
    }
    title = titles[Verb(delivery.verb)] % {"title": delivery.title, "channel": delivery.channel.name}
    found = shown(delivery)
    text = found.post.text if found is not None else ""
    page = reverse("outbox:delivery", args=[delivery.pk])
    dedupe = f"{KIND}:{delivery.pk}:{delivery.fence}"
    address = person_of(delivery)
    user = User.objects.filter(email__iexact=address, is_active=True).first() if address else None
    told = 0
    if user is not None:
        told = notify(
            users=[user],
            kind=KIND,
            title=title,
            body=text,
            url=page,
            dedupe=dedupe,
            actor=None,
            area=delivery.area,
        )
    if told and _is_mailed_at_once(user, delivery.area):
        return
    if address and _mail(delivery, address, title, text, page, found):
        return
    if not told:
        telling.tell_asker(delivery.asked_by_id, kind=KIND, title=title, body=text, url=page, dedupe=dedupe)


def _is_mailed_at_once(user: User | None, area: str) -> bool:
    return NoticePreference.objects.filter(user=user, area=area, mail=Frequency.AT_ONCE).exists()


def _mail(delivery: Delivery, address: str, title: str, text: str, page: str, found: Shown | None) -> bool:
    """Queue the text and the link to whoever posts; whether it could be."""
    from folkmoot.outbox.actions import queue  # it knows the engine, which knows this module

    channel = queries.usual_channel("mail")
    if channel is None:
        return False
    lines = [_("It is your turn: please do this now, then paste its address on the page below.")]
    if found is not None and found.post.title:
        lines.append("    " + found.post.title)
    lines.append("\n".join(f"    {line}" for line in text.splitlines()))
    lines += [f"<{url}>" for url in ((found.post.address, found.there) if found is not None else ()) if url]
    if found is not None and found.pictures:
        lines.append(_("The pictures and their descriptions are on the page."))
    lines.append(f"<{mail.absolute(page)}>")
    rendered = written(title, "\n\n".join(filter(None, lines)))
    try:
        with transaction.atomic():
            queue(
                channel=channel,
                kind=KIND,
                area=delivery.area,
                title=rendered.subject,
                payload=mail.payload(
                    channel=channel,
                    token=(token := _token(delivery)),
                    to=address,
                    to_name="",
                    rendered=rendered,
                    reply_to=delivery.asked_by.email if delivery.asked_by is not None else "",
                    is_personal=True,
                ),
                asked_by=delivery.asked_by,
                key=f"{KIND}:{delivery.pk}:{delivery.fence}",
                token=token,
                recipient=address,
                is_personal=True,
                about_url=page,
            )
    except ValidationError as problem:
        log.warning("nobody could be told of a post by hand", delivery=delivery.pk, why=problem.messages)
        return False
    return True


def _token(delivery: Delivery) -> uuid.UUID:

    return uuid.uuid5(delivery.token, str(delivery.fence))
