"""The same issues from a community's tables and from GitHub count once, whichever is read first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from folkmoot.kernel.metrics import compute_all
from folkmoot.ledger.models import Activity, GithubConnection, Item, ItemKey
from folkmoot.ledger.queries.scopes import make_scope
from folkmoot.people.models import Identity, Person
from tests.github_server import World
from tests.ledger.githubbing import at, connected, read, thing
from tests.ledger.test_github_issues import row, table
from tests.people.importing import applied, created, rejections, undone, updated

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """What the tables below tell of, as it is on GitHub now, and one issue that is younger than the tables."""
    world = World()
    ana, bot = world.user(7, "Ana-P", name="Ana Pérez"), world.user(49, "dependabot", kind="Bot")
    late = world.user(8, "ben-now")
    guide = world.repo(501, "pyOpenSci/guide")
    guide.issues = [
        thing(1, ana, "2026-05-04 10:11:12", "Fix the docs", labels=("docs",), updated="2026-06-01 00:00:00"),
        thing(
            2,
            ana,
            "2026-05-04 10:11:13",
            "A pull",
            is_pull=True,
            state="closed",
            merged=at("2026-05-07 00:00:00"),
        ),
        thing(3, bot, "2026-05-05 03:00:00", "Bump it", is_pull=True),
        thing(4, late, "2026-05-06 04:05:06", "Signed by an old login"),
        thing(5, None, "2026-05-07 07:07:07", "By somebody who left"),
        # Opened in the same second as the first, by somebody else, about something else: another item.
        thing(6, late, "2026-05-04 10:11:12", "Unrelated"),
    ]
    return world


def tables(folder: Path) -> Path:
    """Pull requests stand in the tables twice, as issues and as pulls."""
    rows = [
        row("Fix teh docs"),
        row("A pull", "2026-05-04 10:11:13", type="issues", current_status="merged"),
        row("A pull", "2026-05-04 10:11:13", type="pulls", current_status="merged"),
        row("Bump it", "2026-05-05 03:00:00", created_by="dependabot[bot]", type="issues"),
        row("Signed by an old login", "2026-05-06 04:05:06", created_by="ben-then"),
        row("By somebody who left", "2026-05-07 07:07:07", created_by="gone-now"),
    ]
    table(folder, "2026", rows)
    return folder


def figures() -> dict[str, Any]:
    scope = make_scope(period="2026Q2", as_of="2026-11-01")
    return {key: one.value for key, one in compute_all(scope, None).items()}


def openings() -> list[tuple[Any, ...]]:
    rows = Activity.objects.filter(kind="item.opened").order_by("occurred_at", "item__title")
    return list(
        rows.values_list("occurred_at", "item__title", "item__kind", "item__state", "identity__is_bot")
    )


NOW = [
    (at("2026-05-04 10:11:12"), "Fix the docs", "issue", "open", False),
    (at("2026-05-04 10:11:12"), "Unrelated", "issue", "open", False),
    (at("2026-05-04 10:11:13"), "A pull", "pull_request", "merged", False),
    (at("2026-05-05 03:00:00"), "Bump it", "pull_request", "open", True),
    (at("2026-05-06 04:05:06"), "Signed by an old login", "issue", "open", False),
]
LEFT = at("2026-05-07 07:07:07"), "By somebody who left", "issue", "open"


def test_tables_first(world: World, tmp_path: Path, settings: Any, monkeypatch: Any) -> None:
    run = applied("pyopensci", tables(tmp_path))
    before, activities = (
        figures(),
        set(Activity.objects.values_list("pk", "source", "external_id", "occurred_at")),
    )
    unrelated = world.repositories[0].issues.pop()
    with connected(world, settings, monkeypatch) as connection:
        read(connection)
        assert {**figures()} == before
        assert set(Activity.objects.values_list("pk", "source", "external_id", "occurred_at")) == activities
        assert Item.objects.count() == 5
        assert set(ItemKey.objects.values_list("source", "external_id", "item__source")) == {
            ("github", f"501/{n}", "github-issues") for n in (1, 2, 3, 4, 5)
        }
        world.repositories[0].issues.append(unrelated)
        unrelated.updated = at("2026-07-01 00:00:00")
        read(connection)
        assert openings() == [*NOW, (*LEFT, False)]
        # The table says "Fix teh docs" still: GitHub's title stays, and nothing changes.
        again = applied("pyopensci", tables(tmp_path))
        assert (created(again), updated(again)) == ({}, {})
        assert openings() == [*NOW, (*LEFT, False)]
    item = Item.objects.get(title="Fix the docs")
    assert item.labels == ["docs"]
    assert item.detail["said"]["title"] == "Fix teh docs"
    assert item.detail["github"] == {"number": 1, "comments": 3}
    assert (item.source, item.external_id) == ("github-issues", "guide/ana-p/2026-05-04T10:11:12Z")
    # The login of the table has its number now, and what GitHub still shows outlives the import.
    assert Identity.objects.get(folded="ana-p").number == "7"
    undone(run)
    assert openings() == [*NOW, (*LEFT, False)]


def test_github_first(world: World, tmp_path: Path, settings: Any, monkeypatch: Any) -> None:
    with connected(world, settings, monkeypatch) as connection:
        read(connection)
        before = figures()
        activities = set(Activity.objects.values_list("pk", "source", "external_id", "occurred_at"))
        run = applied("pyopensci", tables(tmp_path))
        assert rejections(run) == []
        assert figures() == before
        assert set(Activity.objects.values_list("pk", "source", "external_id", "occurred_at")) == activities
        assert openings() == [*NOW, (*LEFT, None)]
        assert Item.objects.filter(source="github-issues").count() == 0
        assert ItemKey.objects.filter(source="github-issues").count() == 5
        again = applied("pyopensci", tables(tmp_path))
        assert (created(again), updated(again)) == ({}, {})
        read(connection)
        assert figures() == before
        undone(run)
        assert ItemKey.objects.count() == 0
        assert openings() == [*NOW, (*LEFT, None)]


def test_real_tables_and_the_same_issues_from_github(
    real_data: Path, tmp_path: Path, settings: Any, monkeypatch: Any
) -> None:
    """Items of the real tables, as GitHub would show them: not one counts twice."""
    applied("pyopensci", real_data / "pyopensci")
    scope = make_scope(period="2026Q1", as_of="2026-11-01")
    before = {key: one.value for key, one in compute_all(scope, None).items()}
    world, users = World(), {}
    for place, item in enumerate(
        Item.objects.filter(opened_at__year=2026, opened_at__month__lte=3)
        .select_related("project")
        .order_by("pk"),
        1,
    ):
        identity = Activity.objects.get(item=item).identity
        assert identity is not None
        user = users.setdefault(
            identity.folded,
            world.user(
                int(identity.number or 990_000_000 + len(users)),
                identity.value.removesuffix("[bot]"),
                kind="Bot" if identity.value.endswith("[bot]") else "User",
            ),
        )
        assert item.project is not None
        assert item.opened_at is not None
        name = f"pyOpenSci/{item.project.repository_key.rpartition('/')[2]}"
        repository = world.named(name) or world.repo(700 + len(world.repositories), name)
        repository.issues.append(
            thing(
                place,
                user,
                f"{item.opened_at:%Y-%m-%d %H:%M:%S}",
                item.title,
                is_pull=item.kind == "pull_request",
            )
        )
    # Issues of the tracker become submissions besides; what is told of these is not the issues' opening.
    openings = Activity.objects.exclude(kind__startswith="reviews.")
    items, activities, people = Item.objects.count(), openings.count(), Person.objects.count()
    with connected(world, settings, monkeypatch, streams=["facts", "issues"]) as connection:
        outcome = read(connection)
    assert "failed" not in outcome
    assert sum(len(one.issues) for one in world.repositories) > 100
    assert (Item.objects.count(), openings.count(), Person.objects.count()) == (
        items,
        activities,
        people,
    )
    assert ItemKey.objects.filter(source="github").count() == sum(
        len(one.issues) for one in world.repositories
    )
    after = {key: one.value for key, one in compute_all(scope, None).items()}
    assert after == before
    assert GithubConnection.objects.get().error == ""
