"""Sprints: their contributions found in the ledger, the rest made, and the events themselves."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from folkmoot.kernel.text import fold
from folkmoot.ledger.models import Activity, Item, ItemKey
from folkmoot.people.models import Identity, Person, Project
from folkmoot.training.imports.sprints import days_of, name_of
from folkmoot.training.models import Contribution, Event, EventPage, Task
from tests.people.importing import applied, created, everything, rejections, undone, updated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rows")]

ISSUES = """title,item_opened_by,current_status,labels,created_by,location,contrib_type,repo,type
Fix a link,2024-07-13 15:00:00+00:00,closed,,ana,,,guide,pulls
Count more,2024-07-14 15:00:00+00:00,open,,Ben,,,peer-review-metrics,issues
"""
HEADINGS = "event,author,title,type,repository,organization,state,number,created,closed,url,api_url"
SPRINTS = f"""{HEADINGS}
scipy-24,Ana,Fix a link,PullRequest,guide,pyOpenSci,closed,7,2024-07-13T15:00:00Z,2024-07-14T10:00:00Z,https://x/7,
scipy-24,ben,Count all,Issue,metrics,pyOpenSci,open,3,2024-07-14T15:00:00Z,,https://x/3,
scipy-24,cleo,New lesson,PullRequest,lessons,pyOpenSci,closed,9,2024-05-01T09:00:00Z,2024-07-13T12:00:00Z,https://x/9,
scipy-24,allcontributors,add cleo,PullRequest,guide,pyOpenSci,closed,8,2024-07-13T16:00:00Z,,https://x/8,
"""


def folder(tmp_path: Path, sprints: str = SPRINTS, issues: str = ISSUES) -> Path:
    if issues:
        (tmp_path / "2024_all_issues_prs.csv").write_text(issues)
    (tmp_path / "sprint_data.csv").write_text(sprints)
    return tmp_path


def test_what_the_ledger_knows_counts_once_and_the_rest_is_made(tmp_path: Path) -> None:
    run = applied("pyopensci", folder(tmp_path))
    assert rejections(run) == []
    assert (created(run)["contributions"], created(run)["events"]) == (4, 1)
    assert sorted(Item.objects.values_list("source", "title")) == [
        ("github-issues", "Count more"),
        ("github-issues", "Fix a link"),
        ("sprints", "New lesson"),
        ("sprints", "add cleo"),
    ]
    # The repository was renamed: both names are one project, under the name it was met by first.
    assert sorted(Project.objects.values_list("name", flat=True)) == [
        "guide",
        "lessons",
        "peer-review-metrics",
    ]
    assert sorted(ItemKey.objects.filter(source="sprints").values_list("external_id", flat=True)) == [
        "guide#7",
        "metrics#3",
    ]
    assert Activity.objects.filter(kind="item.opened").count() == 4
    assert sorted(Identity.objects.values_list("folded", "is_bot")) == [
        ("allcontributors", True),
        ("ana", False),
        ("ben", False),
        ("cleo", False),
    ]
    event = Event.objects.get()
    assert (event.title, event.kind.slug, event.status) == ("SciPy 2024 sprint", "sprint", "done")
    # What was opened in May was worked on in July.
    assert (event.starts_on, event.ends_on) == (dt.date(2024, 7, 13), dt.date(2024, 7, 14))
    assert {row.event for row in Contribution.objects.all()} == {event}


def test_again_changes_nothing_and_an_undo_leaves_nothing(tmp_path: Path) -> None:
    before = everything()
    run = applied("pyopensci", folder(tmp_path))
    again = applied("pyopensci", tmp_path)
    assert (created(again), updated(again)) == ({}, {})
    undone(again)
    undone(run)
    for model in (Event, Contribution, Item, ItemKey, Activity):
        assert not model.objects.exists()
    assert everything() == before


def test_issues_that_come_after_the_sprints_are_the_same_items(tmp_path: Path) -> None:
    applied("pyopensci", folder(tmp_path, issues=""))
    assert Item.objects.count() == 4
    run = applied("pyopensci", folder(tmp_path))
    assert "items" not in created(run)
    assert Item.objects.count() == Activity.objects.filter(kind="item.opened").count() == 4
    assert Project.objects.filter(folded__in=["metrics", "peer-review-metrics"]).count() == 1


def test_what_the_table_says_newly_of_its_own_items_is_taken(tmp_path: Path) -> None:
    applied("pyopensci", folder(tmp_path, issues=""))
    text = SPRINTS.replace(
        "open,3,2024-07-14T15:00:00Z,,", "closed,3,2024-07-14T15:00:00Z,2024-08-01T00:00:00Z,"
    )
    run = applied("pyopensci", folder(tmp_path, text, ""))
    assert updated(run) == {"items": 1}
    item = Item.objects.get(external_id="metrics#3")
    assert (item.state, item.closed_at) == ("closed", dt.datetime(2024, 8, 1, tzinfo=dt.UTC))


def test_an_event_that_is_there_already_is_the_sprint(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    page = "---\ntitle: SciPy development sprint\nevent:\n  start_date: '2024-07-13'\n  event_type: sprint\n---\n"
    (tmp_path / "events" / "sprint.md").write_text(page)
    # No sprint of SciPy, though its letters stand in the name.
    (tmp_path / "events" / "euro.md").write_text(page.replace("SciPy", "EuroSciPy"))
    run = applied("pyopensci", folder(tmp_path))
    assert created(run)["events"] == 2
    assert [row.event.title for row in Contribution.objects.all()] == ["SciPy development sprint"] * 4
    Event.objects.update(title="Another name")  # the contributions still say which it is
    again = applied("pyopensci", tmp_path)
    assert (created(again), Event.objects.count()) == ({}, 2)


@pytest.mark.parametrize(
    ("before", "after", "field", "reason"),
    [
        ("scipy-24,Ana", ",Ana", "event", "is empty: nobody knows which sprint it was"),
        ("Ana", "not a login", "author", "“not a login” is no GitHub login"),
        ("guide,pyOpenSci", "a guide,pyOpenSci", "repository", "“a guide” is no name of a repository"),
        ("pyOpenSci,closed,7", "other,closed,7", "organization", "“other” is not read: only pyOpenSci is"),
        ("closed,7", "closed,seven", "number", "“seven” is no number of an issue"),
        ("PullRequest", "Pull", "type", "“Pull” is not known; known: Issue, PullRequest"),
        ("closed,7", "shut,7", "state", "“shut” is not known; known: open, closed, merged"),
        ("Fix a link", "x" * 501, "title", "is longer than 500 characters"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_named_and_the_others_are_used(
    tmp_path: Path, before: str, after: str, field: str, reason: str
) -> None:
    run = applied("pyopensci", folder(tmp_path, SPRINTS.replace(before, after, 1)))
    assert rejections(run) == [("sprint_data.csv", 2, field, reason)]
    assert Contribution.objects.count() == 3


def test_a_day_that_is_none_is_named(tmp_path: Path) -> None:
    run = applied("pyopensci", folder(tmp_path, SPRINTS.replace("2024-07-13T15:00:00Z", "soon", 1)))
    assert [(row[1], row[2]) for row in rejections(run)] == [(2, "created")]


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("scipy-24", ("SciPy", 2024)),
        ("scipy25", ("SciPy", 2025)),
        ("pyconus-2026", ("PyCon US", 2026)),
        ("pycon-23", ("PyCon US", 2023)),
        ("juliacon-27", ("Juliacon", 2027)),
        ("our sprint", ("our sprint", 0)),
    ],
)
def test_what_a_sprints_word_says(word: str, name: tuple[str, int]) -> None:
    assert name_of(word) == name


def test_the_days_are_those_that_lie_together() -> None:
    days = [dt.date(2024, 5, 1), *[dt.date(2024, 7, 13)] * 3, dt.date(2024, 7, 14), dt.date(2024, 8, 2)]
    assert days_of(days) == (dt.date(2024, 7, 13), dt.date(2024, 7, 14))
    assert days_of([dt.date(2024, 5, 1)]) == (dt.date(2024, 5, 1), dt.date(2024, 5, 1))


@pytest.mark.slow
def test_the_known_answers(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "pyopensci"
    shutil.copytree(source / "events", tmp_path / "events")
    for path in (*source.glob("*_all_issues_prs.csv"), source / "sprint_data.csv"):
        shutil.copy(path, tmp_path / path.name)
    run = applied("pyopensci", tmp_path)
    assert rejections(run) == []
    assert Contribution.objects.count() == 213
    assert ItemKey.objects.filter(source="sprints").count() == 201
    assert Item.objects.filter(source="sprints").count() == 12
    assert len(set(Contribution.objects.values_list("event_word", flat=True))) == 10
    told = Activity.objects.filter(kind="item.opened", item__contributions__isnull=False)
    authors = set(told.values_list("identity__folded", flat=True))
    assert len(authors) == 75
    bots = Identity.objects.filter(folded__in=authors, is_bot=True).values_list("folded", flat=True)
    assert list(bots) == [fold("allcontributors")]
    assert Project.objects.filter(folded__in=["metrics", "peer-review-metrics"]).count() == 1
    assert Event.objects.count() == 24  # sixteen pages, and the eight sprints that have none
    again = applied("pyopensci", tmp_path)
    assert (created(again), updated(again)) == ({}, {})
    undone(again)
    undone(run)
    for model in (Event, EventPage, Task, Contribution, Item, ItemKey, Activity, Person):
        assert not model.objects.exists()
