"""An unconference to try things on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.models import Channel
from folkmoot.training.actions import unconferences
from folkmoot.training.models import Event, Round, Space, Unconference, Vote, Voter

UTC = dt.UTC
#: The workshop of the other tests begins on 1 March 2027 at 09:00 in Leeds, where clocks show UTC then.
DAY = dt.datetime(2027, 3, 1, tzinfo=UTC)


def at(hour: int, minute: int = 0) -> dt.datetime:
    """A moment of the first day."""
    return DAY.replace(hour=hour, minute=minute)


def unconference(event: Event, actor: User, **values: Any) -> Unconference:
    """Open for proposals and votes, with two rounds, a break between them, and two spaces."""
    row = unconferences.switch_on(event=event, actor=actor)
    values.setdefault("votes_open_at", dt.datetime(2026, 1, 1, tzinfo=UTC))
    row = unconferences.save_unconference(unconference=row, actor=actor, **values)
    for title, kind, begins, ends in (
        ("First", Round.Kind.TALK, at(10), at(10, 45)),
        ("Tea", Round.Kind.BREAK, at(10, 45), at(11)),
        ("Second", Round.Kind.TALK, at(11), at(11, 45)),
    ):
        unconferences.save_round(
            unconference=row, actor=actor, title=title, kind=kind, starts_at=begins, ends_at=ends
        )
    unconferences.save_space(unconference=row, actor=actor, name="Hall", seats=40, has=["Projector"])
    unconferences.save_space(unconference=row, actor=actor, name="Garden", url="https://meet.example/garden")
    return row


def places(row: Unconference) -> tuple[Round, Round, Space, Space]:
    """Its two rounds and two spaces."""
    first, second = row.rounds.filter(kind=Round.Kind.TALK)
    hall, garden = row.spaces.all()
    return first, second, hall, garden


def vote(row: Unconference, *choices: tuple[int, ...]) -> None:
    """A voter for each choice."""
    for number, chosen in enumerate(choices, Voter.objects.count()):
        voter = Voter.objects.create(unconference=row, digest=f"{number:064d}")
        Vote.objects.bulk_create(Vote(voter=voter, proposal_id=key) for key in chosen)


def mail() -> Channel:
    """A way out for mails."""
    return Channel.objects.create(
        kind="house",
        name="Mail",
        medium="mail",
        is_default=True,
        settings={"from": "Moot <moot@example.org>"},
    )
