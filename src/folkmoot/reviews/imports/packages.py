"""``packages.yml`` and ``package_data.csv``: accepted packages, with who reviewed them and where they are archived."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from folkmoot.kernel.imports import tables
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import Part, Reading, Rejection, Row, source_parts
from folkmoot.kernel.text import clean, fold
from folkmoot.people.public import (
    Project,
    Record,
    projects_by_name,
    projects_by_repository,
    repository_key,
    yaml_records,
)
from folkmoot.reviews import history
from folkmoot.reviews.facts import Problem, Said, by_login, placeholder, put_facts
from folkmoot.reviews.header import values
from folkmoot.reviews.header.values import Unreadable
from folkmoot.reviews.history import UNDATED
from folkmoot.reviews.imports.rows import BUCKET as TABLE
from folkmoot.reviews.imports.rows import (
    COUNTERS,
    key_of,
    programme_for,
    put_sightings,
    pyopensci,
    reject_all,
)
from folkmoot.reviews.imports.telling import tell
from folkmoot.reviews.labels import Vocabulary
from folkmoot.reviews.models import Joss, Kind, Outcome, Sighting, Submission

#: What the registry of packages says is kept under this name.
BUCKET = "packages"
FILES = ("packages.yml", "package_data.csv")
#: Key of the record, our field, how it is read.
FIELDS: tuple[tuple[str, str, Any], ...] = (
    ("package_name", "title", lambda text: values.line(text).strip("\"'“”").strip()),
    ("package_description", "description", lambda text: values.line(text, 2000)),
    ("repository_link", "repository", values.address),
    ("version_submitted", "version_submitted", values.version),
    ("version_accepted", "version_accepted", values.version),
    ("archive", "archive", values.archive),
    ("joss", "joss_doi", values.journal),
)
PEOPLE = (
    ("submitting_author", "author"),
    ("all_current_maintainers", "maintainer"),
    ("editor", "editor"),
    ("eic", "eic"),
    ("reviewers", "reviewer"),
)
_ISSUE = re.compile(r"https?://(?:www\.)?([\w.-]+(?:/[\w.-]+)+?)(?:/-)?/issues/(\d{1,9})/?(?:[#?].*)?")


def issue_of(record: Mapping[str, Any]) -> tuple[str, int] | None:
    """Tracker and number of the issue in which the package was reviewed; ``None``: no issue is named."""
    found = _ISSUE.fullmatch(clean(record.get("issue_link")))
    return (fold(found[1]), int(found[2])) if found else None


def moment_of(record: Mapping[str, Any]) -> dt.datetime | None:
    """As of when a record speaks: when its issue changed last."""
    for field in ("updated_at", "created_at"):
        try:
            return tables.moment(str(record.get(field) or ""))
        except ValueError:
            continue
    return None


@source_parts.declare
class Packages(Part):
    """Packages with their reviews; of two records of one issue the newer one speaks."""

    key: ClassVar[str] = "pyopensci.reviews.packages"
    source: ClassVar[str] = "pyopensci"
    order: ClassVar[int] = 330
    counters: ClassVar[tuple[str, ...]] = COUNTERS

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One row for each package of each file."""
        for file in FILES:
            path = reading.root / file
            if not path.is_file():
                continue
            found: Iterator[tuple[int, Any, Mapping[str, int]]]
            found = _of_yaml(path, file) if file.endswith(".yml") else _of_table(path, file)
            for line, record, lines in found:
                if isinstance(record, str):
                    if not file.endswith(".yml"):  # what is no record there, the register lists
                        yield Rejection(file, line, "", record)
                    continue
                if record.get("issue_link") in (None, ""):
                    continue  # no review is named
                issue, at = issue_of(record), moment_of(record)
                if issue is None or at is None:
                    field = "issue_link" if issue is None else "created_at"
                    reason = _("is no address of an issue: the review is left out")
                    if issue is not None:
                        reason = _("the moment at which the issue was opened cannot be read: it is left out")
                    yield Rejection(file, lines.get(field, line), field, reason, record)
                    continue
                key = f"{issue[0]}#{issue[1]}"
                yield Row(
                    file, line, {"key": key, "record": record, "lines": dict(lines), "at": at.isoformat()}
                )

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Add to the submissions what their accepted packages say."""
        programme = programme_for(changes)
        if programme is None:
            reject_all(rows, changes)
            return
        vocabulary = Vocabulary(programme)
        newest: dict[int, Row] = {}
        for row in rows:
            tracker, _mark, digits = row.payload["key"].rpartition("#")
            number = int(digits)
            if tracker != programme.tracker:
                changes.reject(
                    row,
                    "issue_link",
                    _("names an issue of %(there)s, not of %(tracker)s: the review is left out")
                    % {"there": tracker, "tracker": programme.tracker},
                )
                continue
            if number not in newest or row.payload["at"] >= newest[number].payload["at"]:
                newest[number] = row
        known = {
            one.issue_number: one
            for one in Submission.objects.filter(programme=programme, issue_number__in=list(newest))
            .exclude(kind=Kind.PRESUBMISSION)
            .exclude(key="")
        }
        wanted: list[tuple[Submission, Said]] = []
        sightings: list[Sighting] = []
        for number, row in newest.items():
            submission = known.get(number)
            if submission is not None and row.payload["at"] < submission.said.get(BUCKET, {}).get("at", ""):
                continue
            said = read_package(row)
            if submission is None:
                opened = _moment(row.payload["record"], "created_at") or dt.datetime.fromisoformat(
                    row.payload["at"]
                )
                key = key_of(programme.tracker, number, opened, is_enquiry=False)
                submission = Submission(
                    programme=programme,
                    key=key,
                    opened_at=opened,
                    title=placeholder(number),
                    issue_number=number,
                )
            if TABLE not in submission.said:
                sightings.append(_alone(submission, said, row, vocabulary, changes))
            wanted.append((submission, said))
        _link(wanted)
        put_facts(changes, programme, wanted)
        put_sightings(changes, sightings)
        history.reckon([submission.pk for submission, _said in wanted], changes)
        tell(changes, [submission.pk for submission, _said in wanted])


def _of_yaml(path: Any, file: str) -> Iterator[tuple[int, Any, Mapping[str, int]]]:
    for record in yaml_records(path, file):
        if isinstance(record, Record):
            yield record.line, record.content, record.lines
        else:
            yield record[0], record[1], {}


def _of_table(path: Any, file: str) -> Iterator[tuple[int, Any, Mapping[str, int]]]:
    for line, cells in tables.rows(path, required=("package_name", "issue_link"), name=file):
        yield line, cells if isinstance(cells, str) else {name: _cell(cells[name]) for name in cells}, {}


def _cell(text: str) -> Any:
    """A cell as YAML would hold it: lists and mappings are written as Python writes them."""
    found = text.strip()
    if found[:1] in ("[", "{"):
        try:
            return ast.literal_eval(found)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return found
    return found or None


def read_package(row: Row) -> Said:
    """What a package's record says of its review."""
    record, lines = row.payload["record"], row.payload["lines"]
    said = Said(
        BUCKET, row.file, row.line, raw=record, at=row.payload["at"], places=FILES, checked=set(record)
    )

    def problem(field: str, value: Any, reason: str, *, is_used: bool = False, within: str = "") -> None:
        line = lines.get(f"{field}{within}", lines.get(field, row.line))
        said.problems.append(Problem(field, str(value)[:500], reason, line, is_used))

    for field, name, read in FIELDS:
        if isinstance(record.get(field), (list, dict)):
            problem(field, record[field], _("text is expected here"))
            continue
        text = str(record[field]) if record.get(field) is not None else ""
        try:
            if value := read(text):
                said.fields[name] = value
        except Unreadable as error:
            problem(field, text, str(error))
    text = str(record.get("date_accepted") or "")
    try:
        day = values.day(text)
        if day.day is not None:
            said.fields["accepted_on"] = day.day
        if day.note:
            problem("date_accepted", text, day.note, is_used=True)
    except Unreadable as error:
        problem("date_accepted", text, str(error))
    for field, role in PEOPLE:
        held = record.get(field)
        if held in (None, "", [], {}):
            continue
        logins: list[str] = []
        for place, one in enumerate(held if isinstance(held, list) else [held]):
            login = one.get("github_username") if isinstance(one, dict) else one
            if login in (None, ""):
                continue
            try:
                logins += [named.login for named in values.people(str(login), bare=True)]
            except Unreadable as error:
                within = f".{place}.github_username" if isinstance(held, list) else ".github_username"
                problem(field, login, str(error), within=within)
        said.people[role] = logins
    said.people = by_login({role: logins for role, logins in said.people.items() if logins})
    for field, facet in (("categories", "category_facet"), ("partners", "partner_facet")):
        words = record.get(field)
        for word in words if isinstance(words, list) else []:
            if isinstance(word, str) and clean(word):
                said.tags.append((pyopensci()[facet], clean(word)[:100]))
    said.done = "accepted_on" in said.fields
    return said


def _moment(record: Mapping[str, Any], field: str) -> dt.datetime | None:
    try:
        return tables.moment(str(record.get(field) or ""))
    except ValueError:
        return None


def _alone(
    submission: Submission, said: Said, row: Row, vocabulary: Vocabulary, changes: Changes
) -> Sighting:
    """What the record says of a submission that no table has told of."""
    record = row.payload["record"]
    labels = [one for one in record.get("labels") or [] if isinstance(one, str)]
    reading = vocabulary.read(labels)
    said.fields |= {
        "opened_at": submission.opened_at,
        "closed_at": _moment(record, "closed_at"),
        "labels": labels,
        "kind": Kind.FAST_TRACK if reading.kind == Kind.FAST_TRACK else Kind.FULL,
        "joss": reading.joss or (Joss.APPROVED if "joss_doi" in said.fields else ""),
        "issue_url": f"https://{submission.programme.tracker}/issues/{submission.issue_number}",
    }
    is_accepted = reading.outcome == Outcome.ACCEPTED or "accepted_on" in said.fields
    return Sighting(
        submission=submission,
        at=dt.datetime.fromisoformat(row.payload["at"]),
        stage=reading.stage,
        is_on_hold=reading.hold_reason is not None,
        outcome=Outcome.ACCEPTED if is_accepted else reading.outcome,
        labels=labels,
        source=changes.source,
        external_id=f"{UNDATED}packages@{row.payload['at']}#{row.payload['key']}",
        created_at=changes.now,
    )


def _link(wanted: Sequence[tuple[Submission, Said]]) -> None:
    """The projects that these are about: by repository, else by name."""
    by_repository = projects_by_repository(
        [said.fields["repository"] for _submission, said in wanted if "repository" in said.fields]
    )
    by_name = projects_by_name(
        [said.fields["title"] for _submission, said in wanted if "title" in said.fields],
        kind=Project.Kind.PACKAGE,
    )
    for _submission, said in wanted:
        key = repository_key(said.fields.get("repository", ""))
        said.project = (by_repository.get(key) if key else None) or by_name.get(
            fold(said.fields.get("title", ""))
        )
