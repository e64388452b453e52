"""What tests of trackers that are read live share: a GitHub with a tracker, a programme, reading it all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import autodiscover_modules

from folkmoot.ledger.models import GithubConnection
from folkmoot.reviews import seeds
from folkmoot.reviews.models import Programme, Sighting, StageChange, Submission
from tests.github_server import Repo, Thing, User, World
from tests.ledger.githubbing import at, connected, read

TRACKER = "github.com/moot/reviews"
TIMELINE = "/repos/moot/reviews/issues/{}/timeline"
HEADER = """Submitting Author: Ana Quintanar (@ana-q)
Package Name: {name}
One-Line Description of Package: Folds waves
Repository Link: https://github.com/ana-q/{name}
Version submitted: 0.1.0
EiC: {eic}
Editor: {editor}
Reviewer 1: TBD
Reviewer 2: TBD
Archive: {archive}
JOSS DOI: TBD
Version accepted: TBD
Date accepted (month/day/year): {accepted}

---

## Description
"""


def header(name: str = "wavefold", **more: str) -> str:
    """The text of an issue."""
    return HEADER.format(
        **{"name": name, "eic": "TBD", "editor": "TBD", "archive": "TBD", "accepted": "TBD", **more}
    )


@dataclass
class Tracker:
    """A tracker on a GitHub, and who writes there."""

    world: World
    repo: Repo
    ana: User
    chris: User
    erin: User
    lio: User
    bot: User
    connection: GithubConnection
    programme: Programme

    def issue(self, number: int, opened: str, title: str = "wavefold", **more: Any) -> Thing:
        """A new issue of Ana's."""
        body = more.pop("body", header(title))
        author = more.pop("author", self.ana)
        found = Thing(number, title, author, at(opened), at(opened), body=body, **more)
        self.repo.issues.append(found)
        return found

    def read(self) -> dict[str, Any]:
        """Read what is new; what the job came to."""
        return read(self.connection)


@contextmanager
def tracked(settings: Any, monkeypatch: Any, **fields: Any) -> Iterator[Tracker]:
    """A programme whose tracker a connection reads."""
    autodiscover_modules("plugs")
    seeds.load()
    programme = Programme.objects.get(slug="software-peer-review")
    programme.tracker = TRACKER
    programme.save()
    world = World()
    people = {
        "ana": world.user(7, "ana-q", name="Ana Quintanar"),
        "chris": world.user(8, "chris-c", name="Chris Chief"),
        "erin": world.user(9, "erin-e", name="Erin Editor"),
        "lio": world.user(10, "lio-b", name="Lio Brandt"),
        "bot": world.user(49, "helper", kind="Bot"),
    }
    repo = world.repo(600, "moot/reviews")
    values: dict[str, Any] = {
        "organizations": [],
        "repositories": ["moot/reviews"],
        "streams": ["facts", "issues"],
        **fields,
    }
    with connected(world, settings, monkeypatch, **values) as connection:
        yield Tracker(world, repo, connection=connection, programme=programme, **people)


def changes(submission: Submission) -> list[tuple[str, str, str]]:
    """Its stage changes: stage, from when at the earliest, when at the latest."""

    def short(moment: dt.datetime | None) -> str:
        return f"{moment:%m-%d %H:%M}" if moment else ""

    rows = StageChange.objects.filter(submission=submission).select_related("stage")
    return [(row.stage.slug if row.stage else "", short(row.not_before), short(row.at)) for row in rows]


def exact(submission: Submission) -> list[tuple[str, str]]:
    """Its stage changes, each at its very moment."""
    rows = changes(submission)
    assert all(earliest == latest for _stage, earliest, latest in rows), rows
    return [(stage, latest) for stage, _earliest, latest in rows]


def sightings(submission: Submission) -> int:
    return Sighting.objects.filter(submission=submission).count()
