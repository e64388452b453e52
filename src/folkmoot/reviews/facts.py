"""Bringing submissions in line with what a source says of them, three ways.

For each value there are three: what the source says now, what it said last (``Submission.said``), and what the
submission holds. What the source repeats is left alone, whatever a person made of it since; something new is taken
where the submission holds what the source said before, or nothing; otherwise the value stays and that is listed.
Nothing is emptied and nobody is taken out whom the source merely does not name any more: their part has ended.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Rejection
from folkmoot.kernel.text import fold
from folkmoot.people.public import Identity, Project, Tag, ensure_identities
from folkmoot.reviews.flagging import Found, put_flags, settle_flags
from folkmoot.reviews.history import BY_HAND
from folkmoot.reviews.models import Assignment, Programme, Submission

_Role = Assignment.Role
_State = Assignment.State


@dataclass(frozen=True)
class Problem:
    """A value that cannot be read, or (``is_used``) that was read though it is badly written."""

    field: str
    value: str
    reason: str
    line: int | None = None
    is_used: bool = False


@dataclass
class Said:
    """What one source says of a submission.

    Attributes:
        bucket: whose word it is: what it said before is kept under this name.
        fields: values by the submission's field; one that it does not speak of is left out.
        people: logins by part, in order; a part that it does not speak of is left out, one that is open is empty.
        done: reviewers have done their review.
        checked: the source's own names of all fields that it spoke of.
        places: how the names of its places begin.
    """

    bucket: str
    place: str = ""
    line: int | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    people: dict[str, list[str]] = field(default_factory=dict)
    done: bool = False
    tags: list[tuple[str, str]] = field(default_factory=list)
    project: Project | None = None
    last_word: tuple[dt.datetime, str] | None = None
    problems: list[Problem] = field(default_factory=list)
    checked: set[str] = field(default_factory=set)
    places: tuple[str, ...] = ("",)
    raw: Mapping[str, Any] = field(default_factory=dict)
    #: As of when, as text that sorts; empty where the source does not say.
    at: str = ""
    #: Whom older files name, by part: they had it once.
    former: dict[str, list[str]] = field(default_factory=dict)
    #: List what cannot be read with the import, too.
    lists: bool = True
    #: At its first word it stands for all that other sources said before.
    takes_over: bool = False


def put_facts(changes: Changes, programme: Programme, wanted: Sequence[tuple[Submission, Said]]) -> None:
    """Make the submissions that are new and bring the others in line; a fixed number of queries.

    Each submission comes once, of this programme; new ones (without a key) are saved here and have one afterwards.
    """
    identities = _identities(changes, wanted)
    new: list[Submission] = []
    known: list[tuple[Submission, dict[str, Any]]] = []
    before: list[Mapping[str, Any]] = []
    for submission, said in wanted:
        then = _told(submission, said)
        before.append(then)
        values = _values(changes, submission, said, then, identities)
        if submission.pk is None:
            for name, value in values.items():
                setattr(submission, name, value)
            submission.folded = fold(submission.title)[:300]
            submission.updated_at = changes.now
            new.append(submission)
        else:
            if "title" in values:
                values["folded"] = fold(values["title"])[:300]
            if any(getattr(submission, name) != value for name, value in values.items()):
                values["updated_at"] = changes.now
            known.append((submission, values))
    changes.create(Submission, new, counter="submissions")
    changes.update(Submission, known, counter="submissions")
    _put_people(changes, wanted, before, identities)
    _put_tags(changes, wanted, before)
    found = [
        Found(submission, one.field, one.value, one.reason, place=said.place, line=one.line or said.line)
        for submission, said in wanted
        for one in said.problems
    ]
    readable = {submission.pk: said.checked for submission, said in wanted}
    settle_flags(changes, readable, found, wanted[0][1].places if wanted else ())
    put_flags(changes, programme, found)
    for _submission, said in wanted:
        if said.lists:
            changes.rejections += [
                Rejection(said.place, one.line or said.line, one.field, one.reason, dict(said.raw))
                for one in said.problems
                if not one.is_used
            ]


def _told(submission: Submission, said: Said) -> Mapping[str, Any]:
    """What the source said before."""
    then: Mapping[str, Any] | None = submission.said.get(said.bucket)
    if then is not None or not said.takes_over:
        return then or {}
    others = [one for name, one in sorted(submission.said.items()) if name != said.bucket]
    return {
        part: {name: value for one in others for name, value in one.get(part, {}).items()}
        for part in ("fields", "people")
    }


def _identities(changes: Changes, wanted: Iterable[tuple[Submission, Said]]) -> dict[str, Identity]:
    logins: list[str] = []
    for submission, one in wanted:
        before = _told(submission, one).get("people", {})
        for part in (*one.people.values(), *one.former.values(), *before.values()):
            logins += part
        logins += [one.last_word[1]] if one.last_word and one.last_word[1] else []
    return ensure_identities(changes, handles=logins) if logins else {}


def as_json(value: Any) -> Any:
    """A field's value as :attr:`Submission.said` keeps it."""
    return value.isoformat() if isinstance(value, dt.date) else value


def _values(
    changes: Changes,
    submission: Submission,
    said: Said,
    then: Mapping[str, Any],
    identities: Mapping[str, Identity],
) -> dict[str, Any]:
    """The new values of a submission's fields, ``said`` itself among them."""
    values: dict[str, Any] = {}
    told = then.get("fields", {})
    for name, now in said.fields.items():
        held = getattr(submission, name)
        if held == now:
            continue
        is_empty = submission.pk is None or held in ("", None) or name in _ALWAYS
        is_empty = is_empty or (name == "title" and held == placeholder(submission.issue_number))
        if name not in told:
            if is_empty:
                values[name] = now
        elif told[name] != as_json(now) and (now not in ("", None) or name in _MAY_EMPTY):
            if is_empty or as_json(held) == told[name]:
                values[name] = now
            else:
                reason = _(
                    "the source says “%(now)s” now, but “%(held)s” was written here: that was kept"
                ) % {"now": str(now)[:100], "held": str(held)[:100]}
                changes.rejections.append(Rejection(said.place, said.line, name, reason, dict(said.raw)))
    if said.project is not None and submission.project_id is None and "project" not in told:
        values["project_id"] = said.project.pk
    if said.last_word is not None:
        at, login = said.last_word
        identity = identities.get(fold(login))
        is_news = submission.last_word_at is None or at > submission.last_word_at
        if is_news and identity is not None and not identity.is_bot:
            values |= {"last_word_at": at, "last_word_by_id": identity.pk}
    kept = {name: as_json(value) for name, value in said.fields.items() if name not in _ALWAYS}
    if said.project is not None:
        kept["project"] = True  # that it was said; its number may change when projects are merged
    people = dict(then.get("people", {})) | {
        role: [fold(login) for login in logins] for role, logins in said.people.items()
    }
    tags = sorted({*map(tuple, then.get("tags", ())), *((facet, fold(name)) for facet, name in said.tags)})
    former = dict(then.get("former", {}))
    for role, logins in said.former.items():
        former[role] = sorted({*former.get(role, ()), *map(fold, logins)})
    bucket = {
        "fields": told | kept,
        "people": people,
        "tags": [list(tag) for tag in tags],
        "raw": dict(said.raw),
        "place": said.place,
    }
    if former:
        bucket["former"] = former
    if moment := said.at or then.get("at", ""):
        bucket["at"] = moment
    values["said"] = dict(submission.said) | {said.bucket: bucket}
    return values


#: What is the source's own and nobody edits here.
_ALWAYS = frozenset({"labels", "issue_url", "issue_number", "key", "seen_at", "header"})
#: What a source may empty: an issue that was opened again.
_MAY_EMPTY = frozenset({"closed_at", "joss"})


def placeholder(number: int | None) -> str:
    """What a submission is called whose package has no name yet."""
    return f"#{number}" if number else "#"


# ------------------------------------------------------------------------------------------------------------- people


def _put_people(
    changes: Changes,
    wanted: Sequence[tuple[Submission, Said]],
    before: Sequence[Mapping[str, Any]],
    identities: Mapping[str, Identity],
) -> None:
    known: dict[tuple[int, str, int], Assignment] = {}
    rows = Assignment.objects.filter(submission__in=[submission for submission, _said in wanted])
    for part in rows:
        known[part.submission_id, part.role, part.person_id] = part
    new: list[Assignment] = []
    changed: list[tuple[Assignment, dict[str, Any]]] = []
    for (submission, said), then in zip(wanted, before, strict=True):
        for role, logins in said.people.items():
            told = then.get("people", {}).get(role, [])
            now = {fold(login) for login in logins}
            for place, login in enumerate(logins):
                identity = identities[fold(login)]
                if identity.person.erased_at is not None:
                    reason = _("somebody named here asked to be forgotten: they were left out")
                    changes.rejections.append(Rejection(said.place, said.line, role, reason))
                    continue
                key = submission.pk, role, identity.person_id
                row = known.get(key)
                values = _part(submission, said, role, place, row, is_news=fold(login) not in told)
                if row is not None:
                    if row.source != BY_HAND:
                        changed.append((row, values))
                elif fold(login) not in told:  # who was taken out by hand stays out
                    known[key] = Assignment(
                        submission=submission,
                        person=identity.person,
                        role=role,
                        source=changes.source,
                        created_at=changes.now,
                        **values,
                    )
                    new.append(known[key])
            changed += _ended(submission, role, set(told) - now, identities, known)
        for role, logins in said.former.items():
            told = then.get("former", {}).get(role, [])
            for place, login in enumerate(logins):
                identity = identities[fold(login)]
                key = submission.pk, role, identity.person_id
                if key in known or fold(login) in told or identity.person.erased_at is not None:
                    continue
                known[key] = Assignment(
                    submission=submission,
                    person=identity.person,
                    role=role,
                    source=changes.source,
                    created_at=changes.now,
                    state=_State.ENDED,
                    position=place,
                )
                new.append(known[key])
    changes.create(Assignment, new, counter="assignments")
    changes.update(Assignment, changed, counter="assignments")


def _part(
    submission: Submission, said: Said, role: str, place: int, row: Assignment | None, *, is_news: bool
) -> dict[str, Any]:
    """What a part should say."""
    if role == _Role.REVIEWER and said.done and (row is None or row.state != _State.ENDED or is_news):
        at = submission.closed_at
        if submission.accepted_on is not None:
            at = dt.datetime.combine(submission.accepted_on, dt.time(), dt.UTC)
        done_at = row.done_at if row is not None and row.done_at is not None else at
        return {"state": _State.DONE, "done_at": done_at, "position": place}
    if row is None or (row.state == _State.ENDED and is_news):
        return {"state": _State.ACCEPTED, "position": place}
    return {"position": place}


def _ended(
    submission: Submission,
    role: str,
    gone: set[str],
    identities: Mapping[str, Identity],
    known: Mapping[tuple[int, str, int], Assignment],
) -> list[tuple[Assignment, dict[str, Any]]]:
    """The parts of those whom the source named before and does not name now."""
    rows = [known.get((submission.pk, role, identities[login].person_id)) for login in sorted(gone)]
    return [
        (row, {"state": _State.ENDED})
        for row in rows
        if row is not None and row.source != BY_HAND and row.state == _State.ACCEPTED
    ]


# --------------------------------------------------------------------------------------------------------------- tags


def _put_tags(
    changes: Changes, wanted: Sequence[tuple[Submission, Said]], before: Sequence[Mapping[str, Any]]
) -> None:
    fresh: dict[tuple[int, str, str], str] = {}
    for (submission, said), then in zip(wanted, before, strict=True):
        told = {tuple(tag) for tag in then.get("tags", ())}
        for facet, name in said.tags:
            if (facet, fold(name)) not in told:
                fresh[submission.pk, facet, fold(name)] = name
    if not fresh:
        return
    facets, words = {key[1] for key in fresh}, {key[2] for key in fresh}
    tags = {(tag.facet, tag.folded): tag for tag in Tag.objects.filter(facet__in=facets, folded__in=words)}
    missing = {
        (facet, word): Tag(facet=facet, name=name[:100], folded=word[:100])
        for (_pk, facet, word), name in fresh.items()
        if (facet, word) not in tags
    }
    changes.create(Tag, list(missing.values()), counter="")
    tags |= missing
    through: Any = Submission.tags.through
    ids = {key[0] for key in fresh}
    there = set(through.objects.filter(submission_id__in=ids).values_list("submission_id", "tag_id"))
    pairs = {(pk, tags[facet, word].pk) for pk, facet, word in fresh}
    changes.create(
        through,
        [through(submission_id=pk, tag_id=tag) for pk, tag in sorted(pairs - there)],
        counter="tags",
    )


def by_login(people: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Logins of each part, each once, as first written."""
    found: dict[str, list[str]] = defaultdict(list)
    for role, logins in people.items():
        found[role] = list({fold(login): login for login in reversed(list(logins))}.values())[::-1]
    return dict(found)
