"""The unconference that the demo shows. Nobody is written to: no proposal says whose idea it was."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.people.public import Person
from folkmoot.training.actions import grid, grid_sessions, proposals, unconferences
from folkmoot.training.models import Event, Proposal, Unconference, Vote, Voter

Said = Mapping[str, Any]


def make_unconference(about: Said, people: Mapping[str, Person], actor: User) -> None:
    """Make an event of the sample that is still ahead an unconference, with votes and a board that everybody sees;
    nothing where the event is not there.

    Args:
        about: as ``sample/training.yml`` says it; clocks are those at the event's place.
        people: of the register, by their login on GitHub.
    """
    event = (
        Event.objects.filter(title=about["event"], starts_at__gt=clock.now()).order_by("starts_at").first()
    )
    if event is None:
        return
    zone = ZoneInfo(event.time_zone)

    def moment(day: dt.date, said: str = "00:00") -> dt.datetime:
        return dt.datetime.combine(day, dt.time.fromisoformat(said), zone).astimezone(dt.UTC)

    row = unconferences.switch_on(event=event, actor=actor)
    row = unconferences.save_unconference(
        unconference=row,
        actor=actor,
        intro=about["intro"],
        proposals_open_at=moment(about["proposals"][0]),
        proposals_close_at=moment(about["proposals"][1]),
        votes_open_at=moment(about["votes"][0]),
        votes_close_at=moment(about["votes"][1]),
    )
    rounds = {
        one["title"]: unconferences.save_round(
            unconference=row,
            actor=actor,
            title=one["title"],
            kind=one["kind"],
            starts_at=moment(about["on"], one["from"]),
            ends_at=moment(about["on"], one["to"]),
        )
        for one in about["rounds"]
    }
    spaces = {
        one["name"]: unconferences.save_space(unconference=row, actor=actor, **one) for one in about["spaces"]
    }
    proposed = [_propose(row, one, people, actor) for one in about["proposed"]]
    _vote(row, about["voters"], proposed)

    def put(number: int, where: list[str]) -> None:
        grid.place(proposal=proposed[number], round_=rounds[where[0]], space=spaces[where[1]], actor=actor)

    for number, one in enumerate(about["proposed"]):
        if "at" in one:
            put(number, one["at"])
    grid_sessions.publish(unconference=row, actor=actor)
    for number, one in enumerate(about["proposed"]):
        if one.get("cancelled"):
            grid.cancel(proposal=proposed[number], actor=actor)
    for number, one in enumerate(about["proposed"]):
        if "moved" in one:
            put(number, one["moved"])


def _propose(row: Unconference, said: Said, people: Mapping[str, Person], actor: User) -> Proposal:
    leader = people.get(said.get("github", ""))
    return proposals.save_proposal(
        unconference=row,
        actor=actor,
        title=said["title"],
        description=said.get("description", ""),
        format=said["format"],
        leader=leader,
        leader_name=leader.name if leader is not None else said.get("name", ""),
        needs=said.get("needs", []),
        expected=said.get("expected"),
    )


def _vote(row: Unconference, said: list[str], proposed: list[Proposal]) -> None:
    """A browser for each line, which says the numbers of what it chose, from one."""
    digests = [hashlib.sha256(f"sample {number}".encode()).hexdigest() for number in range(len(said))]
    Voter.objects.bulk_create(Voter(unconference=row, digest=digest) for digest in digests)
    voters = {one.digest: one for one in Voter.objects.filter(unconference=row, digest__in=digests)}
    Vote.objects.bulk_create(
        Vote(voter=voters[digest], proposal=proposed[int(number) - 1])
        for digest, line in zip(digests, said, strict=True)
        for number in line.split()
    )
