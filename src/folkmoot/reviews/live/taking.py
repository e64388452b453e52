"""Bringing issues that were read live into submissions: what they say, how they moved, who takes part, who spoke."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from folkmoot.kernel import events
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.text import fold
from folkmoot.ledger.public import Reading, Thread
from folkmoot.people.public import projects_by_name, projects_by_repository, repository_key
from folkmoot.reviews import happenings, history
from folkmoot.reviews.facts import Said, as_json, put_facts
from folkmoot.reviews.flagging import Found, put_flags
from folkmoot.reviews.header.applying import BUCKET, put_due
from folkmoot.reviews.imports.telling import tell
from folkmoot.reviews.labels import Vocabulary
from folkmoot.reviews.live import replay
from folkmoot.reviews.live.said import Header, by_header, by_state, header_of
from folkmoot.reviews.live.words import Spoken, asked_by, spoken
from folkmoot.reviews.models import (
    Assignment,
    Flag,
    Kind,
    Outcome,
    Programme,
    Sighting,
    StageChange,
    Submission,
)
from folkmoot.reviews.writing import Direct

#: Flags of what could not be read of an issue's timeline stand under this field.
TIMELINE = "timeline"


@dataclass
class Taken:
    """One submission of one thread on its way in."""

    submission: Submission
    thread: Thread
    part: replay.Part
    header: Header
    spoken: Spoken
    #: What it looked like at each exact moment; empty where the timeline could not be read.
    exact: list[replay.Look] = field(default_factory=list)
    #: What it looks like now; ``None`` for an enquiry that has become a submission.
    now: replay.Look | None = None


def programme_of(key: str) -> Programme | None:
    """The programme whose submissions are the issues of a repository."""
    rows = Programme.objects.filter(is_archived=False).exclude(tracker="").order_by("pk")
    return next((one for one in rows if repository_key(one.tracker) == key), None)


def take(reading: Reading) -> None:
    """Bring what was read of a tracker in, in the caller's transaction; a fixed number of queries."""
    programme = programme_of(reading.tracker.key)
    if programme is None:
        return
    changes = Direct(reading.tracker.source)
    vocabulary = Vocabulary(programme)
    taken = _taken(reading, programme, vocabulary)
    if not taken:
        return
    rows = [one.submission for one in taken]
    _say(changes, programme, taken, vocabulary, reading)
    _see(changes, taken, reading)
    _beside(changes, taken, reading)
    _flag(changes, programme, taken, vocabulary)
    ids = [row.pk for row in rows]
    history.reckon(ids, changes)
    _accept(changes, taken)
    tell(changes, ids)
    _tell_stages(ids)
    changes.finish()


def _taken(reading: Reading, programme: Programme, vocabulary: Vocabulary) -> list[Taken]:
    found = _known(reading)
    ours = asked_by(reading.threads)
    taken: list[Taken] = []
    for thread in reading.threads:
        ticket = thread.ticket
        key = f"{reading.tracker.key}#{ticket.number}"
        nameless = f"{reading.tracker.key}#@{ticket.opened_at.isoformat()}"
        header = header_of(ticket)
        is_known = {True: found.get(f"{key}?"), False: found.get(key) or found.get(nameless)}
        otherwise = next((is_enquiry for is_enquiry, row in is_known.items() if row is not None), None)
        if otherwise is None and header.is_submission:
            otherwise = header.is_enquiry
        said = spoken(thread, reading, ours)
        present = replay.Moment(reading.at, ticket.labels, ticket.is_open)
        moments = [present] if thread.events is None else replay.moments(ticket, thread.events)
        made = replay.parts(moments, vocabulary, accepted_on=header.accepted_on, otherwise=otherwise)
        for part in made:
            submission = is_known[part.is_enquiry] or Submission(
                programme=programme,
                key=f"{key}?" if part.is_enquiry else key,
                kind=Kind.PRESUBMISSION if part.is_enquiry else Kind.FULL,
                source=reading.tracker.source,
                created_at=reading.at,
            )
            if thread.events is None:
                part.opened_at = ticket.opened_at
            if submission.pk is None:
                submission.opened_at = part.opened_at
                submission.issue_number = ticket.number
            one = Taken(submission, thread, part, header, said)
            one.exact = part.looks if thread.events is not None else []
            if part.ended_at is None:
                one.now = replay.look(
                    present,
                    vocabulary.read(ticket.labels),
                    vocabulary,
                    is_enquiry=part.is_enquiry,
                    accepted_on=None if part.is_enquiry else header.accepted_on,
                )
            taken.append(one)
    return taken


def _known(reading: Reading) -> dict[str, Submission]:
    """The submissions of these issues, by key; one query."""
    keys: list[str] = []
    for thread in reading.threads:
        key = f"{reading.tracker.key}#{thread.ticket.number}"
        keys += [key, f"{key}?", f"{reading.tracker.key}#@{thread.ticket.opened_at.isoformat()}"]
    rows = Submission.objects.select_for_update().filter(key__in=keys).order_by("pk")
    return {row.key: row for row in rows}


def _say(
    changes: Changes, programme: Programme, taken: Sequence[Taken], vocabulary: Vocabulary, reading: Reading
) -> None:
    """Bring submissions in line with what their issues say: first by their state, then by their headers."""
    states = [
        (
            one.submission,
            by_state(one.submission, one.thread.ticket, one.part, one.header, vocabulary, reading),
        )
        for one in taken
    ]
    put_facts(changes, programme, states)
    headers = [
        (
            one.submission,
            by_header(one.submission, one.thread.ticket, one.part, one.header, vocabulary, reading),
        )
        for one in taken
    ]
    _find_projects(taken, headers)
    put_facts(changes, programme, headers)
    put_due(changes, [(one.submission, one.header.parsed) for one in taken if not one.part.is_enquiry])


def _find_projects(taken: Sequence[Taken], headers: Sequence[tuple[Submission, Said]]) -> None:
    """The projects that the headers are about; at most four queries."""
    wanted = [(one, said) for one, (_row, said) in zip(taken, headers, strict=True)]
    wanted = [(one, said) for one, said in wanted if one.submission.project_id is None]
    by_address = projects_by_repository(
        [one.header.parsed.fields.get("repository", "") for one, _said in wanted]
    )
    by_name = projects_by_name(
        [one.header.title for one, _said in wanted if one.header.title], kind="package"
    )
    for one, said in wanted:
        address = repository_key(one.header.parsed.fields.get("repository", ""))
        said.project = by_address.get(address) or by_name.get(fold(one.header.title))


# ---------------------------------------------------------------------------------------------------------- sightings


def _see(changes: Changes, taken: Sequence[Taken], reading: Reading) -> None:
    """Note every look once; what it looks like now only where that differs from the last that was noted."""
    rows: dict[str, Sighting] = {}
    for one in taken:
        for look in one.exact:
            name = f"{_name(one, reading)}/{look.name}"
            rows[name] = _sighting(changes, one, look, reading, name, is_exact=True)
    there = set(
        Sighting.objects.filter(source=changes.source, external_id__in=list(rows)).values_list(
            "external_id", flat=True
        )
    )
    changes.create(Sighting, [row for name, row in rows.items() if name not in there], counter="sightings")
    last: dict[int, tuple[int | None, bool, str]] = {}
    stored = Sighting.objects.filter(submission__in=[one.submission for one in taken], source=changes.source)
    for row in sorted(stored, key=lambda row: (row.at, len(row.external_id), row.external_id)):
        last[row.submission_id] = (row.stage_id, row.is_on_hold, row.outcome)
    now = []
    for one in taken:
        if one.now is not None and last.get(one.submission.pk) != one.now.says:
            name = f"{_name(one, reading)}/@{reading.at.isoformat()}"
            now.append(_sighting(changes, one, one.now, reading, name, is_exact=False))
    changes.create(Sighting, now, counter="sightings")


def _name(one: Taken, reading: Reading) -> str:
    mark = "?" if one.part.is_enquiry else ""
    return f"{reading.tracker.number}/{one.thread.ticket.number}{mark}"


def _sighting(
    changes: Changes, one: Taken, look: replay.Look, reading: Reading, name: str, *, is_exact: bool
) -> Sighting:
    by = reading.identity(look.by) if is_exact else None
    return Sighting(
        submission=one.submission,
        submission_id=one.submission.pk,
        at=look.at,
        is_exact=is_exact,
        stage=look.stage,
        is_on_hold=look.is_on_hold,
        outcome=look.outcome,
        labels=list(look.labels),
        actor=by,
        source=changes.source,
        external_id=name,
        created_at=changes.now,
    )


# ------------------------------------------------------------------------------------------- what stands beside it


def _beside(changes: Changes, taken: Sequence[Taken], reading: Reading) -> None:
    """Who spoke, the ledger's item, that it is fresh; that a submission follows the enquiry of the same issue."""
    authors = _authors(one.submission for one in taken)
    pairs: dict[int, dict[bool, Submission]] = defaultdict(dict)
    for one in taken:
        pairs[one.thread.ticket.number][one.part.is_enquiry] = one.submission
    wanted: list[tuple[Submission, dict[str, Any]]] = []
    for one in taken:
        row, until = one.submission, one.part.ended_at
        since = one.part.opened_at
        values: dict[str, Any] = {"stale_since": None, "seen_at": reading.at}
        if one.thread.item_id is not None:
            values["item_id"] = one.thread.item_id
        if one.thread.events is not None:
            word = one.spoken.last(since, until)
            if word is not None and (row.last_word_at is None or word.at >= row.last_word_at):
                values["last_word_at"] = word.at
                values["last_word_by_id"] = word.identity.pk if word.identity else None
            answered = one.spoken.first_answer(since, until, authors[row.pk])
            if answered is not None:
                values["first_response_at"] = answered
        pair = pairs[one.thread.ticket.number]
        if not one.part.is_enquiry and row.follows_id is None and True in pair:
            values["follows_id"] = pair[True].pk
        wanted.append((row, values))
    changes.update(Submission, wanted, counter="")
    _answered(changes, taken, reading)


def _authors(rows: Iterable[Submission]) -> dict[int, set[int]]:
    roles = [Assignment.Role.AUTHOR, Assignment.Role.MAINTAINER]
    found: dict[int, set[int]] = defaultdict(set)
    parts = Assignment.objects.filter(submission__in=list(rows), role__in=roles)
    for submission, person in parts.values_list("submission_id", "person_id"):
        found[submission].add(person)
    return found


def _answered(changes: Changes, taken: Sequence[Taken], reading: Reading) -> None:
    """Editors took their part up when they were assigned to the issue, where nothing else is known."""
    first: dict[tuple[int, int], dt.datetime] = {}
    for one in taken:
        for event in one.thread.events or ():
            identity = reading.identity(event.whom) if event.kind == "assigned" else None
            if identity is not None:
                first.setdefault((one.submission.pk, identity.person_id), event.at)
    rows = Assignment.objects.filter(
        submission__in=[one.submission for one in taken],
        role=Assignment.Role.EDITOR,
        source=changes.source,
        answered_at=None,
    )
    changes.update(
        Assignment,
        [
            (row, {"answered_at": first[row.submission_id, row.person_id]})
            for row in rows
            if (row.submission_id, row.person_id) in first
        ],
        counter="",
    )


def _flag(changes: Changes, programme: Programme, taken: Sequence[Taken], vocabulary: Vocabulary) -> None:
    """Labels that nobody has given a meaning, and what could not be read of a timeline; what can be again, settles."""
    found: list[Found] = []
    for one in taken:
        if one.now is not None:
            for label in vocabulary.read(one.thread.ticket.labels).unknown:
                reason = _("nobody has said what this label means")
                place = f"#{one.thread.ticket.number}"
                found.append(Found(None, "labels", label, reason, kind=Flag.Kind.LABEL, place=place))
            for problem in one.thread.problems:
                reason = _("this could not be read of the issue; the rest was")
                found.append(
                    Found(one.submission, TIMELINE, problem, reason, kind=Flag.Kind.CHECK, place="issue")
                )
    put_flags(changes, programme, found)
    still = {one.key for one in found}
    rows = Flag.objects.filter(
        submission__in=[one.submission for one in taken],
        kind=Flag.Kind.CHECK,
        field=TIMELINE,
        settled_at=None,
    )
    over = [row for row in rows if (row.submission_id, row.kind, row.field, row.value) not in still]
    changes.update(Flag, [(row, {"settled_at": changes.now}) for row in over], counter="flags")


def _accept(changes: Changes, taken: Sequence[Taken]) -> None:
    """Where no header names the day of acceptance it is the day of the label."""
    ids = [one.submission.pk for one in taken]
    rows = {
        row.pk: row
        for row in Submission.objects.filter(pk__in=ids, outcome=Outcome.ACCEPTED, accepted_on=None)
    }
    wanted = []
    for one in taken:
        row = rows.get(one.submission.pk)
        looks = [look for look in one.exact if look.outcome == Outcome.ACCEPTED]
        if row is not None and looks:
            day = looks[0].at.astimezone(dt.UTC).date()
            bucket = dict(row.said.get(BUCKET, {}))
            bucket["fields"] = {**bucket.get("fields", {}), "accepted_on": as_json(day)}
            wanted.append((row, {"accepted_on": day, "said": {**row.said, BUCKET: bucket}}))
    changes.update(Submission, wanted, counter="")


def _tell_stages(ids: Sequence[int]) -> None:
    """The ledger hears of the stages whose moment is known."""
    rows = StageChange.objects.filter(submission__in=ids).select_related("submission", "stage")
    told = [happenings.entered(row) for row in rows.order_by("submission", "position")]
    events.record(*(one for one in told if one is not None))
