"""Who spoke in an issue: the last word, and the first answer to the author. Machines do not speak."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from folkmoot.connectors.github.timeline import Event
from folkmoot.ledger.public import Reading, Thread
from folkmoot.outbox.public import Delivery
from folkmoot.people.public import Identity, Person
from folkmoot.reviews.actions.submissions import identity_of

#: Of the outbox's channels the one whose comments stand in issues.
CHANNEL = "github-comment"


@dataclass(frozen=True)
class Word:
    """Something that somebody said; ``identity`` is ``None`` where the account was deleted."""

    at: dt.datetime
    identity: Identity | None


@dataclass(frozen=True)
class Spoken:
    """What was said in an issue, in order."""

    words: tuple[Word, ...]
    author: Identity | None

    def last(self, since: dt.datetime, until: dt.datetime | None) -> Word | None:
        """The last word within a time."""
        within = [word for word in self.words if word.at >= since and (until is None or word.at < until)]
        return within[-1] if within else None

    def first_answer(
        self, since: dt.datetime, until: dt.datetime | None, authors: Iterable[int]
    ) -> dt.datetime | None:
        """When somebody else than the authors (numbers of people) first said something."""
        own = {*authors, *([self.author.person_id] if self.author else [])}
        return next(
            (
                word.at
                for word in self.words
                if word.at > since
                and (until is None or word.at < until)
                and word.identity is not None
                and word.identity.person_id not in own
            ),
            None,
        )


def asked_by(threads: Iterable[Thread]) -> dict[str, Identity | None]:
    """By mark of our own comments whose words they are; ``None``: nobody's, it left by itself."""
    marks = {event.marker for thread in threads for event in thread.events or () if event.marker}
    if not marks:
        return {}
    rows = Delivery.objects.filter(planned_id__in=marks, channel__kind=CHANNEL)
    users = dict(rows.values_list("planned_id", "asked_by"))
    people = {one.user_id: one for one in Person.objects.filter(user__in=set(users.values()) - {None})}
    return {mark: identity_of(people[user], None) if user in people else None for mark, user in users.items()}


def spoken(thread: Thread, reading: Reading, ours: Mapping[str, Identity | None]) -> Spoken:
    """What people said in an issue: its opening, and its comments. Comments of ours are whoever's asked for them."""
    author = reading.identity(thread.ticket.author)
    said = [Word(thread.ticket.opened_at, author)]
    said += _comments(thread.events or (), reading, ours)
    return Spoken(tuple(word for word in said if word.identity is None or not word.identity.is_bot), author)


def _comments(events: Sequence[Event], reading: Reading, ours: Mapping[str, Identity | None]) -> list[Word]:
    found = []
    for event in events:
        if event.kind != "commented":
            continue
        if event.marker in ours:
            who = ours[event.marker]
            if who is not None:
                found.append(Word(event.at, who))
        elif event.by is None or not event.by.is_bot:
            found.append(Word(event.at, reading.identity(event.by)))
    return found
