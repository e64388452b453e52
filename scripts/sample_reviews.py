"""The reviews of the sample community: a tracker as it stands, and as it stood on a dozen days before."""

from __future__ import annotations

import csv
import datetime as dt
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TRACKER = "code.tidewater.example/software-submission"
STAGES = (
    "0/pre-review-checks",
    "0/seeking-editor",
    "1/editor-assigned",
    "2/seeking-reviewers",
    "3/reviewers-assigned",
    "4/reviews-in-awaiting-changes",
    "5/awaiting-reviewer-response",
    "6/pyOS-approved",
    "7/under-joss-review",
    "9/joss-approved",
)
#: How a review's time is spent, in hundredths, until it is accepted.
PACE = (8, 14, 6, 10, 26, 22, 14)
COLUMNS = (
    "", "package_name", "submitting_author", "editor", "eic", "date_opened", "date_closed", "date_accepted", "labels",
    "issue_num", "description", "categories", "status", "last_comment_date", "last_comment_user",
)  # fmt: skip
#: As the files were written at first, and later on.
LAYOUTS = (
    ("", "package_name", "date_opened", "date_closed", "labels", "status"),
    ("", "package_name", "date_opened", "date_closed", "labels", "issue_num", "status", "last_comment_date",
     "last_comment_user"),
    tuple(name for name in COLUMNS if name not in ("submitting_author", "date_accepted")),
    tuple(name for name in COLUMNS if name != "submitting_author"),
    COLUMNS,
)  # fmt: skip
#: Days before the anchor on which the tracker was copied.
COPIED = (400, 360, 325, 290, 250, 215, 180, 140, 105, 70, 35, 2)
#: Name, what it is, category, age in days, stage now, days in it, labels beside; negative stage: closed.
UNDER_REVIEW: tuple[tuple[str, str, str, int, int, int, tuple[str, ...]], ...] = (
    ("tidepool", "Species lists of rock pools from phone pictures.", "data-extraction", 4, 0, 4, ("New Submission!",)),
    ("brinewatch", "Alarms for salinity at intakes.", "workflow-automation", 23, 0, 23, ("New Submission!",)),
    ("lockgate", "Schedules of locks and weirs.", "workflow-automation", 96, 0, 96, ("pending-maintainer-response",)),
    ("headwind", "Wind drag over choppy water.", "data-processing-munging", 52, 1, 40, ()),
    ("oxbow", "Ages of river bends from maps.", "geospatial", 33, 1, 12, ()),
    ("foamline", "Foam and fronts in drone video.", "data-visualization", 61, 2, 20, ()),
    ("sluice", "Water rights as data.", "data-validation-testing", 58, 3, 30, ("1/editor-assigned",)),
    ("gravelbar", "Grain sizes from photographs.", "data-extraction", 47, 3, 6, ()),
    ("merlot-buoy", "Reading an old kind of buoy.", "data-retrieval", 88, 4, 13, ()),
    ("kelpcount", "Counting kelp in acoustic images.", "data-processing-munging", 120, 4, 61, ()),
    ("deltaplain", "Subsidence of deltas.", "geospatial", 140, 5, 24, ("needs-harbour-map",)),
    ("rainbarrel", "Storm drains of small towns.", "education", 230, 5, 95, ("1/editor-assigned",)),
    ("anchorage", "Where ships wait, from their signals.", "data-retrieval", 175, 6, 9, ()),
    ("icejam", "Ice jams and what they did.", "data-deposition", 480, 2, 380, ("on-hold",)),
    ("pondlife", "Teaching with a pond.", "education", 260, -1, 200, ("currently-out-of-scope",)),
    ("fogbank", "Fog over harbours.", "data-visualization", 310, -4, 130, ()),
)  # fmt: skip
#: Name, what it is, age in days, days until it was closed (none: open), labels beside.
ENQUIRIES: tuple[tuple[str, str, int, int | None, tuple[str, ...]], ...] = (
    ("tidepool", "Does a package about rock pools fit?", 20, 9, ("Submission Requested",)),
    ("saltpan", "Salt works from the air.", 12, None, ()),
    ("boatyard", "A list of boats.", 75, 11, ("currently-out-of-scope",)),
    ("lowtide", "Walks at low tide.", 41, None, ("pending-maintainer-response",)),
    ("oxbow", "Would a package for river bends be welcome?", 60, 14, ("Submission Requested",)),
    ("", "Is this the right place?", 5, None, ()),
)


@dataclass
class Issue:
    """A submission's issue and what happened to it."""

    number: int
    name: str
    about: str
    category: str
    opened: dt.datetime
    author: str
    editor: str
    chief: str
    #: Since when which stage.
    path: list[tuple[dt.datetime, int]] = field(default_factory=list)
    beside: tuple[str, ...] = ()
    beside_since: dt.datetime | None = None
    closed: dt.datetime | None = None
    accepted: dt.date | None = None

    def row(self, at: dt.datetime) -> dict[str, Any] | None:
        """What a copy of the tracker says of it at a moment; ``None``: it is not there yet."""
        if self.opened > at:
            return None
        since, stage = max((step for step in self.path if step[0] <= at), key=lambda step: step[0])
        labels = [STAGES[stage]]
        if self.beside and at >= (self.beside_since or self.opened):
            labels += self.beside
        has_editor = stage >= 2
        spoke = min(at, since + dt.timedelta(days=1, hours=3))
        waits = has_editor and stage in (4, 5, 6)
        return {
            "package_name": self.name,
            "submitting_author": self.author,
            "editor": self.editor if has_editor else "TBD",
            "eic": self.chief,
            "date_opened": f"{self.opened:%Y-%m-%d %H:%M:%S}+00:00",
            "date_closed": f"{self.closed:%Y-%m-%d %H:%M:%S}+00:00"
            if self.closed and self.closed <= at
            else "",
            "date_accepted": self.accepted.isoformat() if self.accepted and stage >= 7 else "missing",
            "labels": repr(labels),
            "issue_num": self.number,
            "description": self.about,
            "categories": repr([self.category]),
            "status": "pyos-accepted" if stage >= 7 else "under-review",
            "last_comment_date": f"{spoke:%Y-%m-%dT%H:%M:%SZ}",
            "last_comment_user": self.editor if waits else self.author,
        }


def issues(
    people: list[Any], packages: list[dict[str, Any]], anchor: dt.date, chance: random.Random
) -> list[Issue]:
    """Every submission: those of the packages, and those under review."""
    found = [_of_package(package, anchor) for package in packages]
    taken = {issue.number for issue in found}
    numbers = iter(number for number in range(21, 400) if number not in taken)
    for place, (name, about, category, age, stage, days, beside) in enumerate(UNDER_REVIEW):
        opened = _moment(anchor, age, chance)
        issue = Issue(
            next(numbers), name, about, category, opened, people[40 + place * 2].login,
            people[4 + (place * 5) % 12].login, people[1].login, beside=beside,
        )  # fmt: skip
        last = abs(stage)
        entered = _moment(anchor, days, chance)
        for number in range(last):
            issue.path.append((opened + (entered - opened) * number / max(last, 1), number))
        issue.path.append((entered if last else opened, last))
        if stage < 0:
            issue.closed = min(entered + dt.timedelta(days=20), _moment(anchor, 3, chance))
            issue.beside_since = entered
        elif beside and beside[0] != "1/editor-assigned":
            issue.beside_since = entered
        found.append(issue)
    return sorted(found, key=lambda issue: issue.opened, reverse=True)


def _of_package(package: dict[str, Any], anchor: dt.date) -> Issue:
    opened = dt.datetime.fromisoformat(package["created_at"])
    accepted = dt.datetime.fromisoformat(package["updated_at"])
    editor = package["editor"]
    issue = Issue(
        int(package["issue_link"].rsplit("/", 1)[1]),
        package["package_name"],
        package["package_description"],
        package["categories"][0],
        opened,
        package["submitting_author"]["github_username"],
        "" if isinstance(editor, list) else editor["github_username"],
        package["eic"]["github_username"],
        closed=dt.datetime.fromisoformat(package["closed_at"]),
        accepted=dt.date.fromisoformat(package["date_accepted"]),
    )
    spent = 0
    for stage, share in enumerate(PACE):
        issue.path.append((opened + (accepted - opened) * spent / 100, stage))
        spent += share
    issue.path.append((accepted, 7))
    if issue.number % 2 == 0 and (anchor - accepted.date()).days > 200:
        issue.path += [(accepted + dt.timedelta(days=20), 8), (accepted + dt.timedelta(days=75), 9)]
        issue.closed = accepted + dt.timedelta(days=78)
    return issue


def _moment(anchor: dt.date, days: int, chance: random.Random) -> dt.datetime:
    time = dt.time(chance.randrange(6, 20), chance.randrange(60), chance.randrange(60), tzinfo=dt.UTC)
    return dt.datetime.combine(anchor - dt.timedelta(days=days), time)


def write(folder: Path, people: list[Any], packages: list[dict[str, Any]], anchor: dt.date, seed: int) -> int:
    """Write the tables and the copies of older days; how many submissions there are."""
    chance = random.Random(seed)  # noqa: S311 - made-up reviews, no secret
    found = issues(people, packages, anchor, chance)
    now = dt.datetime.combine(anchor - dt.timedelta(days=1), dt.time(23), dt.UTC)
    _table(folder / "review_submissions.csv", COLUMNS, [issue.row(now) for issue in found])
    _table(folder / "review_presubmissions.csv", COLUMNS, _enquiries(people, found, anchor, chance))
    shutil.rmtree(folder / "review_snapshots", ignore_errors=True)
    (folder / "review_snapshots").mkdir()
    for place, days in enumerate(COPIED):
        at = dt.datetime.combine(anchor - dt.timedelta(days=days), dt.time(5, 15, place), dt.UTC)
        layout = LAYOUTS[place * len(LAYOUTS) // len(COPIED)]
        _table(
            folder / "review_snapshots" / f"{at:%Y-%m-%dT%H%M%S}Z.csv", layout, [one.row(at) for one in found]
        )
    return len(found)


def _enquiries(
    people: list[Any], found: list[Issue], anchor: dt.date, chance: random.Random
) -> list[dict[str, Any] | None]:
    rows: list[dict[str, Any] | None] = []
    taken = {issue.number for issue in found}
    numbers = iter(number for number in range(400, 500) if number not in taken)
    for place, (name, about, age, closed, beside) in enumerate(ENQUIRIES):
        opened = _moment(anchor, age, chance)
        ended = opened + dt.timedelta(days=closed) if closed is not None else None
        author = next((issue.author for issue in found if issue.name == name), people[90 + place].login)
        rows.append(
            dict.fromkeys(COLUMNS, "")
            | {
                "package_name": name,
                "submitting_author": author,
                "eic": people[1].login,
                "date_opened": f"{opened:%Y-%m-%d %H:%M:%S}+00:00",
                "date_closed": f"{ended:%Y-%m-%d %H:%M:%S}+00:00" if ended else "",
                "labels": repr(["presubmission", *beside]),
                "issue_num": next(numbers),
                "description": about,
                "categories": "[]",
                "status": "presubmission",
            }
        )
    return rows


def _table(path: Path, columns: tuple[str, ...], rows: list[dict[str, Any] | None]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for place, row in enumerate(one for one in rows if one is not None):
            writer.writerow([place, *(row[name] for name in columns[1:])])
