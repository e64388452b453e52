"""What an issue says of its submission: by its own state, and by its header."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from folkmoot.connectors.github.timeline import Ticket
from folkmoot.kernel.text import fold
from folkmoot.ledger.public import Reading
from folkmoot.reviews import header
from folkmoot.reviews.facts import Said, by_login
from folkmoot.reviews.header import Parsed
from folkmoot.reviews.header.applying import said_of
from folkmoot.reviews.imports.rows import BUCKET
from folkmoot.reviews.labels import Vocabulary
from folkmoot.reviews.live.replay import Part
from folkmoot.reviews.models import Assignment, Kind, Outcome, Stage, Submission, Turn

Role = Assignment.Role
#: Where what an issue says stands, for flags.
PLACE = "issue"
#: Whoever has a submission in one of these turns has an editor.
_WITH_EDITOR = (Turn.EDITOR, Turn.REVIEWER, Turn.AUTHOR)
#: What the header of an enquiry may say.
_OF_ENQUIRY = ("title", "description", "repository")


@dataclass(frozen=True)
class Header:
    """What stands at the top of an issue."""

    parsed: Parsed

    @property
    def title(self) -> str:
        """The package's name."""
        return str(self.parsed.fields.get("title") or "")

    @property
    def accepted_on(self) -> dt.date | None:
        """The day of acceptance."""
        found = self.parsed.fields.get("accepted_on")
        return found if isinstance(found, dt.date) else None

    @property
    def is_submission(self) -> bool:
        """The issue is about a package, whatever its labels."""
        return bool(self.title) and ("author" in self.parsed.people or "repository" in self.parsed.fields)

    @property
    def is_enquiry(self) -> bool:
        """Its form asks for no version: that of enquiries."""
        return not any(fold(key).startswith("version") for key in self.parsed.raw)

    def logins(self, role: str) -> list[str]:
        """Whom it names."""
        return [one.login for one in self.parsed.people.get(role, ())]


def header_of(ticket: Ticket) -> Header:
    """The header of an issue's text."""
    return Header(header.parse(ticket.body))


def by_state(
    submission: Submission, ticket: Ticket, part: Part, head: Header, vocabulary: Vocabulary, reading: Reading
) -> Said:
    """What the issue's own state says, where files of the tracker said it before."""
    is_now = part.ended_at is None
    labels = vocabulary.read(ticket.labels)
    fields: dict[str, Any] = {
        "title": head.title or ticket.title[:300] or f"#{ticket.number}",
        "closed_at": ticket.closed_at if is_now else part.ended_at,
        "issue_number": ticket.number,
        "issue_url": ticket.url[:500],
        "seen_at": reading.at,
        "key": f"{reading.tracker.key}#{ticket.number}{'?' if part.is_enquiry else ''}",
        "labels": list(ticket.labels) if is_now else list(part.looks[-1].labels),
    }
    if submission.pk is None:
        fields["opened_at"] = part.opened_at
    people = {role: head.logins(role) for role in (Role.AUTHOR.value, Role.EDITOR.value)}
    if not people[Role.AUTHOR] and ticket.author is not None and not ticket.author.is_bot:
        people[Role.AUTHOR.value] = [ticket.author.login]
    if part.is_enquiry:
        del people[Role.EDITOR.value]
    else:
        fields["kind"] = Kind.FAST_TRACK if labels.kind == Kind.FAST_TRACK else Kind.FULL
        fields["joss"] = labels.joss
        if not people[Role.EDITOR]:
            people[Role.EDITOR.value] = _assigned(ticket, head, labels.stage)
    return Said(
        BUCKET,
        PLACE,
        fields=fields,
        people=by_login(people),
        tags=[("partner", name) for name in labels.partners],
        at=reading.at.isoformat(),
        lists=False,
    )


def by_header(
    submission: Submission, ticket: Ticket, part: Part, head: Header, vocabulary: Vocabulary, reading: Reading
) -> Said:
    """What its header says; of an enquiry the package, its author and who answers."""
    parsed = head.parsed
    if part.is_enquiry:
        parsed = replace(
            parsed,
            fields={name: parsed.fields[name] for name in _OF_ENQUIRY if name in parsed.fields},
            people={role: parsed.people[role] for role in ("author", "eic") if role in parsed.people},
            problems=parsed.problems if part.ended_at is None else [],
        )
    said = said_of(submission, parsed, place=PLACE, at=reading.at.isoformat())
    if not part.is_enquiry:
        read = vocabulary.read(ticket.labels)
        said.done = said.done or read.outcome == Outcome.ACCEPTED
        if not said.people.get(Role.EDITOR) and (assigned := _assigned(ticket, head, read.stage)):
            said.people[Role.EDITOR.value] = assigned
    return said


def _assigned(ticket: Ticket, head: Header, stage: Stage | None) -> list[str]:
    """Who edits where the header names nobody yet: whoever the issue is assigned to, once the stage has an editor."""
    if stage is None or (stage.turn not in _WITH_EDITOR and not stage.is_accepted):
        return []
    others = {
        fold(one.login) for role, named in head.parsed.people.items() if role != "editor" for one in named
    }
    if ticket.author is not None:
        others.add(fold(ticket.author.login))
    return [one.login for one in ticket.assignees if not one.is_bot and fold(one.login) not in others]
