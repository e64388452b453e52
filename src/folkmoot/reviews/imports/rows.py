"""One row of the tables of pyOpenSci's reviews: what it says of its issue, and bringing submissions in line with it."""

from __future__ import annotations

import ast
import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from folkmoot.kernel.imports import tables
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Row
from folkmoot.kernel.text import clean, fold
from folkmoot.people.public import projects_by_name
from folkmoot.reviews import history, seeds
from folkmoot.reviews.facts import Problem, Said, by_login, placeholder, put_facts
from folkmoot.reviews.flagging import Found, put_flags
from folkmoot.reviews.header import values
from folkmoot.reviews.header.values import Unreadable
from folkmoot.reviews.imports.telling import tell
from folkmoot.reviews.labels import Reading, Vocabulary
from folkmoot.reviews.models import Flag, Kind, Outcome, Programme, Sighting, Stage, Submission

#: What the tables of submissions say is kept under this name.
BUCKET = "table"
PLACES = ("review_",)
COUNTERS = (
    "submissions",
    "sightings",
    "stage_changes",
    "assignments",
    "flags",
    "tags",
    "activities",
    "people",
    "identities",
    "bots",
)


@dataclass
class TableRow:
    """A row, read as far as it can be."""

    number: int | None
    opened: dt.datetime
    closed: dt.datetime | None = None
    title: str = ""
    description: str = ""
    labels: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    people: dict[str, list[str]] = field(default_factory=dict)
    accepted: dt.date | None = None
    last_word: tuple[dt.datetime, str] | None = None
    problems: list[Problem] = field(default_factory=list)
    #: Columns that it has.
    columns: frozenset[str] = frozenset()


def pyopensci() -> dict[str, Any]:
    """What pyOpenSci's files mean here."""
    found: dict[str, Any] = seeds.data("pyopensci")
    return found


def key_of(tracker: str, number: int | None, opened: dt.datetime, *, is_enquiry: bool) -> str:
    """By what the submission of a row is found. A file without numbers knows issues by the second of their opening."""
    if number is None:
        return f"{tracker}#@{opened.isoformat()}"
    return f"{tracker}#{number}{'?' if is_enquiry else ''}"


def read_row(record: Mapping[str, str]) -> TableRow:
    """What a row says.

    Raises:
        Unreadable: the issue cannot be told: its number or the moment of its opening cannot be read.
    """
    raw_number = clean(record.get("issue_num", ""))
    if raw_number and not (raw_number.isascii() and raw_number.isdigit() and int(raw_number) < 2**31):
        raise Unreadable(_("“%(text)s” is no number of an issue") % {"text": raw_number[:60]})
    try:
        opened = tables.moment(record.get("date_opened", ""))
    except ValueError as error:
        raise Unreadable(str(error)) from None
    row = TableRow(int(raw_number) if raw_number else None, opened, columns=frozenset(record))
    row.title = _try(row, record, "package_name", lambda text: values.line(text).strip("\"'“”").strip(), "")
    row.description = _try(row, record, "description", lambda text: values.line(text, 2000), "")
    row.labels = _try(row, record, "labels", words, [])
    row.categories = _try(row, record, "categories", words, [])
    row.closed = _try(row, record, "date_closed", _moment, None)
    row.accepted = _accepted(row, record)
    for column, role in (("submitting_author", "author"), ("editor", "editor"), ("eic", "eic")):
        # an empty cell says nothing: the files lose reviews with two editors that way
        if clean(record.get(column, "")):
            named, wrong = values.people_of(record[column], bare=True)
            row.problems += [Problem(column, record[column][:500], one) for one in wrong[:1]]
            if named or not wrong:
                row.people[role] = [one.login for one in named]
    spoken = _try(row, record, "last_comment_date", _moment, None)
    if spoken is not None:
        login = _try(row, record, "last_comment_user", _logins, [])
        row.last_word = spoken, login[0] if login else ""
    if (
        not row.title
        and "package_name" in record
        and not any(p.field == "package_name" for p in row.problems)
    ):
        row.problems.append(Problem("package_name", "", _("the package has no name"), is_used=True))
    return row


def _try(row: TableRow, record: Mapping[str, str], column: str, read: Any, default: Any) -> Any:
    text = record.get(column, "")
    try:
        return read(text)
    except (Unreadable, ValueError) as error:
        row.problems.append(Problem(column, text[:500], str(error)))
        return default


def _moment(text: str) -> dt.datetime | None:
    return None if values.is_nothing(text) else tables.moment(text)


def _logins(text: str) -> list[str]:
    return [one.login for one in values.people(text, bare=True)]


def _accepted(row: TableRow, record: Mapping[str, str]) -> dt.date | None:
    found = _try(row, record, "date_accepted", values.day, values.Day(None))
    if found.note:
        row.problems.append(Problem("date_accepted", record["date_accepted"], found.note, is_used=True))
    day: dt.date | None = found.day
    return day


def words(text: str) -> list[str]:
    """A list as Python writes it.

    Raises:
        Unreadable: it is none, or holds something that is no text.
    """
    if not clean(text):
        return []
    try:
        found = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise Unreadable(_("“%(text)s” is no list of words") % {"text": text[:60]})
    return [clean(one)[:100] for one in found if clean(one)]


def programme_for(changes: Changes) -> Programme | None:
    """The programme that these files are of; it is told its tracker when it has none. ``None``: there is none.

    That is the one with the tracker that the import names, or else pyOpenSci's; or else the one that an installation
    begins with, whatever tracker its people have given it.
    """
    meaning = pyopensci()
    asked = normal_tracker(str(changes.options.get("tracker") or ""))
    tracker = asked or meaning["tracker"]
    programme = Programme.objects.filter(tracker=tracker).first()
    if programme is not None:
        return programme
    seeds.load()
    programme = Programme.objects.filter(slug=meaning["programme"]).first()
    if programme is not None and not programme.tracker:
        changes.update(Programme, [(programme, {"tracker": tracker})], counter="")
    return programme if programme is None or not asked or programme.tracker == asked else None


def normal_tracker(text: str) -> str:
    """A tracker as compared: ``github.com/org/repository``."""
    return fold(text).split("://", 1)[-1].removeprefix("www.").removesuffix("/issues").strip("/")


def reject_all(rows: Sequence[Row], changes: Changes) -> None:
    """List rows whose programme there is none of."""
    tracker = changes.options.get("tracker") or pyopensci()["tracker"]
    for row in rows:
        changes.reject(
            row, "", _("no programme of review has the tracker %(tracker)s") % {"tracker": tracker}
        )


def outcome_of(reading: Reading, row: TableRow, kind: str) -> str:
    """How it ended: by labels, dates and closing."""
    if kind == Kind.PRESUBMISSION:
        if reading.outcome in (Outcome.OUT_OF_SCOPE, Outcome.ANSWERED):
            return reading.outcome
        return Outcome.ANSWERED if row.closed else Outcome.OPEN
    if reading.outcome == Outcome.ACCEPTED or row.accepted is not None:
        return Outcome.ACCEPTED
    if reading.outcome in (Outcome.OUT_OF_SCOPE, Outcome.CLOSED):
        return reading.outcome
    return Outcome.CLOSED if row.closed else Outcome.OPEN


def apply_rows(rows: Sequence[Row], changes: Changes, *, is_enquiry: bool = False) -> None:
    """Bring submissions in line with rows of tables, and reckon their history; a fixed number of queries.

    A row's payload holds ``record`` (its cells), ``at`` (the moment of its file), ``seen`` (what its sighting is
    called) and ``lists`` (whether what cannot be read is listed).
    """
    programme = programme_for(changes)
    if programme is None:
        reject_all(rows, changes)
        return
    vocabulary = Vocabulary(programme)
    read = [(row, read_row(row.payload["record"])) for row in rows]
    found = _find(programme, [one for _row, one in read], is_enquiry=is_enquiry)
    groups: dict[int, list[tuple[Row, TableRow]]] = defaultdict(list)
    submissions: dict[int, Submission] = {}
    for row, one in read:
        submission = found(one)
        submissions[id(submission)] = submission
        groups[id(submission)].append((row, one))
    wanted: list[tuple[Submission, Said]] = []
    sightings: list[Sighting] = []
    unknown: dict[str, Found] = {}
    names = projects_by_name([one.title for _row, one in read if one.title], kind="package")
    for key, group in groups.items():
        submission = submissions[key]
        group.sort(key=lambda pair: pair[0].payload["at"])
        newest, last = group[-1]
        said = _said(newest, last, vocabulary, programme, is_enquiry=is_enquiry)
        said.project = names.get(fold(last.title)) if last.title else None
        told = submission.said.get(BUCKET, {})
        is_current = submission.pk is None or newest.payload["at"] >= told.get("at", "")
        numbered = next((one for _row, one in reversed(group) if one.number is not None), None)
        if numbered is not None:
            said.fields |= _numbers(programme, numbered, is_enquiry=is_enquiry)
        if is_current:
            wanted.append((submission, said))
        else:  # nothing new is said; who had a part then is kept
            numbers = {} if numbered is None else _numbers(programme, numbered, is_enquiry=is_enquiry)
            repeated = Said(
                BUCKET, told.get("place", ""), fields=numbers, raw=told.get("raw", {}), places=PLACES
            )
            wanted.append((submission, repeated))
        _former(wanted[-1][1], group if not is_current else group[:-1], told, said if is_current else None)
        for row, one in group:
            reading = vocabulary.read(one.labels)
            for label in reading.unknown:
                unknown.setdefault(
                    fold(label),
                    Found(
                        None, "labels", label, _("nobody has said what this label means"),
                        kind=Flag.Kind.LABEL, place=row.file, line=row.line,
                    ),
                )  # fmt: skip
            kind = Kind.PRESUBMISSION if is_enquiry else reading.kind or Kind.FULL
            sightings.append(
                Sighting(
                    submission=submission,
                    at=dt.datetime.fromisoformat(row.payload["at"]),
                    stage=vocabulary.presubmission if is_enquiry else _own_stage(reading),
                    is_on_hold=reading.hold_reason is not None and not one.closed,
                    outcome=outcome_of(reading, one, Kind.PRESUBMISSION if is_enquiry else kind),
                    labels=one.labels,
                    source=changes.source,
                    external_id=row.payload["seen"],
                    created_at=changes.now,
                )
            )
    put_facts(changes, programme, wanted)
    put_flags(changes, programme, unknown.values())
    put_sightings(changes, sightings)
    _follow(changes, programme, [submission for submission, _said in wanted])
    history.reckon([submission.pk for submission, _said in wanted], changes)
    tell(changes, [submission.pk for submission, _said in wanted])
    note_vanished(changes, programme)


def _own_stage(reading: Reading) -> Stage | None:
    """Where a submission stands: a label of enquiries that is still there says nothing of that."""
    return None if reading.stage is not None and reading.stage.is_presubmission else reading.stage


def put_sightings(changes: Changes, sightings: Sequence[Sighting]) -> None:
    """Keep sightings that are not kept yet; their submissions are saved by now."""
    names = [one.external_id for one in sightings]
    kept = Sighting.objects.filter(source=changes.source, external_id__in=names)
    there = set(kept.values_list("external_id", flat=True))
    fresh = [one for one in sightings if one.external_id not in there]
    for one in fresh:
        one.submission_id = one.submission.pk
    changes.create(Sighting, fresh, counter="sightings")
    changes.unchanged("sightings", len(sightings) - len(fresh))


#: A row that newer files have not shown for so long has vanished from its source.
VANISHED = dt.timedelta(days=14)


def note_vanished(changes: Changes, programme: Programme) -> None:
    """Mark submissions that newer files show no more; they stay, and a person is told. Three queries or four."""
    seen = Sighting.objects.filter(source=changes.source, submission__programme=programme).order_by()
    newest: dict[bool, dt.datetime] = {}
    last: dict[int, tuple[bool, dt.datetime]] = {}
    for pk, kind, at in seen.values_list("submission", "submission__kind").annotate(last=Max("at")):
        is_enquiry = kind == Kind.PRESUBMISSION
        newest[is_enquiry] = max(at, newest.get(is_enquiry, at))
        last[pk] = is_enquiry, at
    gone = {pk: at for pk, (is_enquiry, at) in last.items() if newest[is_enquiry] - at > VANISHED}
    rows = Submission.objects.filter(Q(pk__in=list(gone)) | Q(programme=programme, vanished_at__isnull=False))
    wanted = [(row, {"vanished_at": gone.get(row.pk)}) for row in rows if row.pk in last]
    changes.update(Submission, wanted, counter="")
    found = [
        Found(
            row,
            "vanished",
            "",
            _("the files have not shown it since %(day)s: close it, or say that it is fine")
            % {"day": gone[row.pk].date().isoformat()},
            kind=Flag.Kind.CHECK,
        )
        for row, _values in wanted
        if row.pk in gone and not row.outcome
    ]
    put_flags(changes, programme, found)
    told = {one.submission.pk for one in found if one.submission is not None}
    back = Flag.objects.filter(
        programme=programme, kind=Flag.Kind.CHECK, field="vanished", settled_at=None, source=changes.source
    ).exclude(submission__in=told)
    changes.update(Flag, [(row, {"settled_at": changes.now}) for row in back], counter="flags")


def _former(
    said: Said, older: Sequence[tuple[Row, TableRow]], told: Mapping[str, Any], current: Said | None
) -> None:
    """Whom older rows name as editors and the newest does not."""
    for role in ("editor", "eic"):
        now = (current.people.get(role) if current is not None else None) or told.get("people", {}).get(
            role, []
        )
        named = [login for _row, one in older for login in one.people.get(role, ())]
        gone = [login for login in named if fold(login) not in {fold(one) for one in now}]
        if gone:
            said.former[role] = by_login({role: gone})[role]


def _find(programme: Programme, rows: Sequence[TableRow], *, is_enquiry: bool) -> Any:
    """A function that gives the submission of a row, new ones included; two queries."""
    keys = {key_of(programme.tracker, one.number, one.opened, is_enquiry=is_enquiry) for one in rows}
    keys |= {key_of(programme.tracker, None, one.opened, is_enquiry=False) for one in rows}
    by_key = {one.key: one for one in Submission.objects.filter(key__in=keys)}
    by_opening: dict[dt.datetime, Submission] = {}
    if any(one.number is None for one in rows):
        same = {one.pk: one for one in by_key.values()}
        at = [one.opened for one in rows if one.number is None]
        tracked = Submission.objects.filter(programme=programme, opened_at__in=at).exclude(key="")
        for one in tracked.exclude(kind=Kind.PRESUBMISSION).order_by("-pk"):
            by_opening[one.opened_at] = same.get(one.pk, one)

    def find(row: TableRow) -> Submission:
        key = key_of(programme.tracker, row.number, row.opened, is_enquiry=is_enquiry)
        found = by_key.get(key)
        if found is None and not is_enquiry:
            nameless = key_of(programme.tracker, None, row.opened, is_enquiry=False)
            found = by_key.get(nameless) if row.number is not None else by_opening.get(row.opened)
        if found is None:
            found = Submission(
                programme=programme, key=key, opened_at=row.opened, title=placeholder(row.number)
            )
            found.kind = Kind.PRESUBMISSION if is_enquiry else Kind.FULL
        by_key[key] = found
        if not is_enquiry:
            by_opening[row.opened] = found
            by_key[key_of(programme.tracker, None, row.opened, is_enquiry=False)] = found
        return found

    return find


def _numbers(programme: Programme, one: TableRow, *, is_enquiry: bool) -> dict[str, Any]:
    """By what the submission's issue is known."""
    return {
        "key": key_of(programme.tracker, one.number, one.opened, is_enquiry=is_enquiry),
        "issue_number": one.number,
        "issue_url": f"https://{programme.tracker}/issues/{one.number}",
    }


def _said(row: Row, one: TableRow, vocabulary: Vocabulary, programme: Programme, *, is_enquiry: bool) -> Said:
    reading = vocabulary.read(one.labels)
    meaning = pyopensci()
    fields: dict[str, Any] = {
        "opened_at": one.opened,
        "closed_at": one.closed,
        "labels": one.labels,
        "joss": reading.joss,
    }
    if not is_enquiry:
        fields["kind"] = Kind.FAST_TRACK if reading.kind == Kind.FAST_TRACK else Kind.FULL
    if one.title:
        fields["title"] = one.title
    if one.description:
        fields["description"] = one.description
    if one.accepted is not None and not is_enquiry:
        fields["accepted_on"] = one.accepted
    tags = [(meaning["category_facet"], name) for name in one.categories]
    tags += [(meaning["partner_facet"], name) for name in reading.partners]
    at = row.payload["at"]
    fields["seen_at"] = dt.datetime.fromisoformat(at)
    return Said(
        BUCKET,
        row.file,
        row.line,
        fields=fields,
        people=by_login(one.people),
        tags=tags,
        last_word=one.last_word,
        problems=one.problems,
        checked=set(one.columns),
        places=PLACES,
        raw=row.payload["record"],
        at=at,
        lists=row.payload["lists"],
    )


def _follow(changes: Changes, programme: Programme, submissions: Sequence[Submission]) -> None:
    """A submission follows the enquiry of the same issue."""
    numbers = {one.issue_number for one in submissions if one.issue_number}
    pairs: dict[int, dict[bool, Submission]] = defaultdict(dict)
    for one in Submission.objects.filter(programme=programme, issue_number__in=numbers).exclude(key=""):
        pairs[one.issue_number or 0][one.kind == Kind.PRESUBMISSION] = one
    changes.update(
        Submission,
        [
            (pair[False], {"follows_id": pair[True].pk})
            for pair in pairs.values()
            if len(pair) == 2 and pair[False].follows_id is None
        ],
        counter="",
    )
