"""A channel that fails as told, and one for mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from folkmoot.kernel.accounts.models import User
from folkmoot.outbox import actions
from folkmoot.outbox.kinds import MessageKind, Variable, message_kinds
from folkmoot.outbox.models import Channel, Delivery
from tests.outbox import faulty, scripted
from tests.outbox.faulty import Platform
from tests.outbox.scripted import Script


@pytest.fixture(autouse=True)
def _connectors() -> Iterator[None]:
    yield from faulty.register()


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return Platform(tmp_path)


def make_channel(folder: Path, kind: str = "faulty", **more: Any) -> Channel:
    medium = {"faulty": "post", "mute": "post"}.get(kind, "mail")
    return Channel.objects.create(
        kind=kind,
        name=f"{kind} {Channel.objects.count()}",
        medium=medium,
        settings={"folder": str(folder)},
        **more,
    )


@pytest.fixture
def channel(db: None, tmp_path: Path) -> Channel:
    return make_channel(tmp_path)


Queue = Callable[..., Delivery]


@pytest.fixture
def queue(channel: Channel) -> Queue:
    def make(
        name: str = "one", *, on: Channel | None = None, asked_by: User | None = None, **more: Any
    ) -> Delivery:
        payload = {"name": name, **{key: more.pop(key) for key in ("fault", "times", "blind") if key in more}}
        return actions.queue(
            channel=on or channel,
            kind="test",
            area="people",
            title=f"Message {name}",
            payload=payload,
            asked_by=asked_by,
            **more,
        )

    return make


KIND = MessageKind(
    "test.letter",
    "Letter",
    "people",
    (
        Variable("person", "Whom it is for", "Ana"),
        Variable("link", "A page", "https://example.org/a_b_c", is_url=True),
    ),
    values=lambda user, record: {"person": str(record)},
    records=lambda words: [(1, "Ana")],
    record=lambda pk: "Ana" if pk == 1 else None,
    topic="letters",
)


@pytest.fixture
def letter_kind() -> Iterator[None]:
    message_kinds.register(KIND)
    yield
    message_kinds._items.pop(KIND.key, None)


@pytest.fixture(autouse=True)
def _no_letters_left() -> Iterator[None]:
    """The kind that :func:`letter` brings in is not there for other tests of the same process."""
    yield
    message_kinds._items.pop(KIND.key, None)


def letter(asked_by: User | None, **more: Any) -> Delivery:
    """A mail to Ana."""
    message_kinds._items.setdefault(KIND.key, KIND)
    values = {"person": "Ana", "link": "https://example.org/a_b_c", **more.pop("values", {})}
    return actions.queue_mail(
        kind=KIND.key,
        **{
            "to": "ana@example.org",
            "to_name": "Ana Quintanar",
            "subject": "Hello {{ person }}",
            "body": "Dear {{ person }}, see [this]({{ link }}).",
            "values": values,
            "asked_by": asked_by,
            **more,
        },
    )


@pytest.fixture
def script(db: None) -> Iterator[Script]:
    """What the platforms ``scripted`` and ``plain`` answer."""
    able, plain, journeyed = scripted.Scripted(), scripted.Plain(), scripted.Journeyed()
    plain.script = able.script = journeyed.script
    for _ in scripted.register(able, plain, journeyed):
        yield able.script


@pytest.fixture
def board(script: Script) -> Channel:
    """A channel that answers by the script."""
    return Channel.objects.create(kind="scripted", name="Board", medium="post")


def post(on: Channel, text: str = "one", asked_by: User | None = None, **more: Any) -> Delivery:
    """A post on it."""
    return actions.queue(
        channel=on,
        kind="test.post",
        area="people",
        title=text,
        payload={"text": text},
        asked_by=asked_by,
        **more,
    )
