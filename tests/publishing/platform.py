"""A platform that keeps what it got, and does as told: for tests of what is planned and sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from folkmoot.connectors.base import (
    Access,
    Outcome,
    Payload,
    Readback,
    Sender,
    Sending,
    Sent,
    Setting,
    connectors,
)
from folkmoot.connectors.posts import Ability, Content, Limits, PostConnector
from folkmoot.outbox.models import Channel


@dataclass
class Kept:
    """What a platform has got, and what it answers to what comes next."""

    posts: list[Content] = field(default_factory=list)
    #: By name there: its content now; what was withdrawn is not in it.
    there: dict[str, Content] = field(default_factory=dict)
    sendings: list[Sending] = field(default_factory=list)
    #: The answers to come, the first first; then always yes.
    answers: list[Outcome] = field(default_factory=list)


class KeepingSender(Sender):
    def __init__(self, kept: Kept) -> None:
        self.kept = kept

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        self.kept.sendings.append(sending)
        if self.kept.answers:
            return self.kept.answers.pop(0)
        content = Content.of(payload)
        self.kept.posts.append(content)
        name = f"post-{len(self.kept.posts)}"
        self.kept.there[name] = content
        return Outcome.yes("there", remote_id=name, remote_url=f"https://platform.example/{name}")

    def correct(self, sent: Sent, payload: Payload, sending: Sending) -> Outcome:
        self.kept.there[sent.remote_id] = Content.of(payload)
        return Outcome.yes("corrected", remote_id=sent.remote_id)

    def withdraw(self, sent: Sent) -> Outcome:
        self.kept.there.pop(sent.remote_id, None)
        return Outcome.yes("gone")


class Keeping(PostConnector):
    """Takes 100 characters, four small pictures, threads; names people as ``@handle``."""

    key = "keeping"
    label = "Keeping"
    readback = Readback.NONE
    abilities = frozenset(
        {
            Ability.THREAD,
            Ability.IMAGES,
            Ability.ALT,
            Ability.LANGUAGE,
            Ability.CORRECT,
            Ability.WITHDRAW,
            Ability.LINK_CARD,
        }
    )
    options: ClassVar[Sequence[Setting]] = (Setting("visibility", "Visibility", default="public"),)
    limits = Limits(text=100, images=4, image_bytes=100_000, image_side=400, alt=200, parts=20)

    def __init__(self) -> None:
        self.kept = Kept()

    def open(self, access: Access) -> Sender:
        return KeepingSender(self.kept)


class Bare(Keeping):
    """Wants a title; no threads, no pictures, nothing is taken back."""

    key = "bare"
    label = "Bare"
    abilities = frozenset({Ability.TITLE})
    options = ()
    limits = Limits(text=1000, title=80, images=0, parts=1)


class ByHand(Keeping):
    """A person posts, and tells where it is."""

    key = "byhand"
    label = "By hand"
    abilities = frozenset({Ability.IMAGES, Ability.ALT})
    is_manual = True

    def open(self, access: Access) -> Sender:
        self.kept.answers[:] = [Outcome.unknown("somebody has to post it")]
        return KeepingSender(self.kept)


KINDS = (Keeping, Bare, ByHand)


def register() -> Iterator[dict[str, Kept]]:
    """Declare them while a test runs; yields what each has got, by key."""
    made = [kind() for kind in KINDS]
    for one in made:
        connectors.register(one)
    yield {one.key: one.kept for one in made}
    for one in made:
        del connectors._items[one.key]


def make_channel(kind: str = "keeping", **more: Any) -> Channel:
    """A channel of one of these kinds."""
    return Channel.objects.create(
        kind=kind, name=more.pop("name", f"{kind} {Channel.objects.count()}"), medium="post", **more
    )
