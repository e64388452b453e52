"""Reading GitHub: what is shown once stands once, whatever breaks on the way."""

from __future__ import annotations

from typing import Any

import pytest

from folkmoot.kernel.accounts.models import User
from folkmoot.ledger.models import Activity, GithubRepository, Item, SyncState
from folkmoot.people.actions.merging import merge_projects
from folkmoot.people.models import FormerHandle, Identity, Person, Project, ProjectFacts
from tests.github_server import World
from tests.ledger.githubbing import at, connected, read, thing

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """Two repositories; a person, a bot, an account that was deleted."""
    world = World()
    ana = world.user(7, "ana-p", name="Ana Pérez")
    bot = world.user(49, "dependabot", kind="Bot")
    guide = world.repo(501, "pyOpenSci/guide")
    guide.issues = [
        thing(1, ana, "2026-05-04 10:11:12", "Typo", labels=("docs", "help wanted")),
        thing(
            2,
            bot,
            "2026-05-05 00:00:00",
            "Bump",
            is_pull=True,
            state="closed",
            merged=at("2026-05-06 01:02:03"),
        ),
        thing(3, None, "2026-05-06 12:00:00", "Left behind"),
    ]
    world.repo(502, "pyOpenSci/site", archived=True, commit=None, contributors=0)
    return world


def items() -> list[tuple[Any, ...]]:
    return list(
        Item.objects.order_by("external_id").values_list("external_id", "kind", "title", "state", "labels")
    )


def opened() -> list[tuple[Any, ...]]:
    fields = ("external_id", "identity__value", "identity__number", "occurred_at", "source")
    return list(Activity.objects.filter(kind="item.opened").order_by("external_id").values_list(*fields))


def test_repositories_issues_and_people(world: World, settings: Any, monkeypatch: Any) -> None:
    with connected(world, settings, monkeypatch) as connection:
        outcome = read(connection)
    assert "failed" not in outcome
    assert items() == [
        ("501/1", "issue", "Typo", "open", ["docs", "help wanted"]),
        ("501/2", "pull_request", "Bump", "merged", []),
        ("501/3", "issue", "Left behind", "open", []),
    ]
    assert opened() == [
        ("501/1", "ana-p", "7", at("2026-05-04 10:11:12"), "github"),
        ("501/2", "dependabot[bot]", "49", at("2026-05-05 00:00:00"), "github"),
        ("501/3", None, None, at("2026-05-06 12:00:00"), "github"),
    ]
    people = Person.objects.order_by("pk").values_list("name", "identities__is_bot")
    assert list(people) == [("Ana Pérez", False), ("dependabot[bot]", True)]
    projects = Project.objects.order_by("name").values_list(
        "name", "repository_key", "kind", "is_archived", "website"
    )
    assert list(projects) == [
        ("guide", "github.com/pyopensci/guide", "repository", False, "https://docs.example.org"),
        ("site", "github.com/pyopensci/site", "repository", True, "https://docs.example.org"),
    ]
    facts = ProjectFacts.objects.order_by("number").values_list(
        "number", "stars", "forks", "watchers", "open_issues", "contributors", "licence", "last_commit_at"
    )
    assert list(facts) == [
        ("501", 5, 2, 4, 2, 7, "BSD-3-Clause", at("2026-05-01 08:00:00")),
        ("502", 5, 2, 4, 0, 0, "BSD-3-Clause", None),
    ]


def test_a_second_reading_asks_for_what_is_new_only(world: World, settings: Any, monkeypatch: Any) -> None:
    with connected(world, settings, monkeypatch) as connection:
        read(connection)
        read(connection)
        before = items(), opened(), list(Person.objects.values_list("name", "updated_at"))
        world.asked.clear()
        outcome = read(connection)
        assert [line for line in world.asked if line.startswith("GET /repos/")] == [
            "GET /repos/pyOpenSci/guide 304",
            "GET /repos/pyOpenSci/guide/releases?per_page=100&page=1 304",
            "GET /repos/pyOpenSci/guide/issues?state=all&sort=updated&direction=asc&per_page=100"
            "&since=2026-05-06T12%3A00%3A00Z&page=1 304",
            "GET /repos/pyOpenSci/site 304",
            "GET /repos/pyOpenSci/site/releases?per_page=100&page=1 304",
            "GET /repos/pyOpenSci/site/issues?state=all&sort=updated&direction=asc&per_page=100&page=1 304",
        ]
        assert (items(), opened(), list(Person.objects.values_list("name", "updated_at"))) == before
        assert outcome["unchanged"] == 6
        guide = world.repositories[0]
        guide.issues[0].title, guide.issues[0].state = "A typo", "closed"
        guide.issues[0].updated = at("2026-06-01 00:00:00")
        read(connection)
    assert items()[0] == ("501/1", "issue", "A typo", "closed", ["docs", "help wanted"])
    assert opened() == before[1]


def test_pages_are_read_one_after_the_other_and_none_is_missed_when_rows_move(
    world: World, settings: Any, monkeypatch: Any
) -> None:
    ana = world.users[0]
    guide = world.repositories[0]
    guide.issues = [thing(n, ana, f"2026-05-04 10:11:{n:02}", f"Issue {n}") for n in range(1, 8)]
    for one in guide.issues[2:6]:  # four within one second, more than a page holds
        one.updated = at("2026-05-05 00:00:00")
    world.per_page = 3
    moved: list[str] = []

    def move(path: str) -> None:
        """The first is changed while the second page is asked for: all that follow move up by one."""
        if "/issues" in path and "since=" in path and not moved:
            moved.append(path)
            guide.issues[0].updated = at("2026-07-01 00:00:00")

    world.on_asked = move
    with connected(world, settings, monkeypatch, streams=["facts", "issues"]) as connection:
        read(connection)
    assert moved
    assert [row[0] for row in items()] == [f"501/{n}" for n in range(1, 8)]
    assert len(opened()) == 7
    assert SyncState.objects.get(stream="issues", repository__number="501").cursor == {
        "since": "2026-07-01T00:00:00Z"
    }


def test_a_renamed_login_is_one_identity_and_a_recycled_one_another(
    world: World, settings: Any, monkeypatch: Any
) -> None:
    guide = world.repositories[0]
    with connected(world, settings, monkeypatch) as connection:
        read(connection)
        ana = world.users[0]
        ana.login = "ana-perez"
        other = world.user(8, "ana-p")
        guide.issues.append(thing(4, ana, "2026-06-01 00:00:00", "As Ana"))
        guide.issues.append(thing(5, other, "2026-06-02 00:00:00", "As somebody else"))
        read(connection)
    assert list(
        Identity.objects.filter(is_bot=False)
        .order_by("number")
        .values_list("number", "value", "person__name")
    ) == [
        ("7", "ana-perez", "Ana Pérez"),
        ("8", "ana-p", "ana-p"),
    ]
    assert list(FormerHandle.objects.values_list("identity__number", "value", "source")) == [
        ("7", "ana-p", "github")
    ]
    assert opened()[0][1] == "ana-perez"


def test_a_repository_that_is_renamed_or_moved_stays_one_project(
    world: World, settings: Any, monkeypatch: Any
) -> None:
    with connected(world, settings, monkeypatch, organizations=["pyOpenSci", "sunpy"]) as connection:
        read(connection)
        project = Project.objects.get(name="guide")
        guide = world.repositories[0]
        world.moved["pyopensci/guide"] = "sunpy/handbook"
        guide.full_name = "sunpy/handbook"
        guide.issues.append(thing(4, world.users[0], "2026-06-01 00:00:00"))
        read(connection)
    moved = Project.objects.get(pk=project.pk)
    assert (moved.name, moved.repository) == ("guide", "https://github.com/sunpy/handbook")
    assert Project.objects.count() == 2
    assert set(Item.objects.values_list("project__name", flat=True)) == {"guide"}
    assert [row[0] for row in items()] == ["501/1", "501/2", "501/3", "501/4"]
    assert GithubRepository.objects.get(number="501").full_name == "sunpy/handbook"


def test_a_project_whose_repository_was_renamed_before_the_first_reading(
    world: World, settings: Any, monkeypatch: Any
) -> None:
    """The old name is redirected, so that no second project is made."""
    old = Project.objects.create(name="handbook", repository="https://github.com/pyOpenSci/handbook")
    world.moved["pyopensci/handbook"] = "pyOpenSci/guide"
    with connected(world, settings, monkeypatch) as connection:
        read(connection)
    old.refresh_from_db()
    assert old.repository == "https://github.com/pyOpenSci/guide"
    assert sorted(Project.objects.values_list("name", flat=True)) == ["handbook", "site"]


@pytest.mark.parametrize("own", ["", "https://github.com/elsewhere/handbook"])
def test_a_repository_renamed_after_its_project_was_merged_is_no_new_project(
    world: World, alice: User, settings: Any, monkeypatch: Any, own: str
) -> None:
    """A merge took the address from the project that went; GitHub tells where it leads, and nothing is made anew."""
    stayed = Project.objects.create(name="Handbook", repository=own)
    gone = Project.objects.create(name="guide", repository="https://github.com/pyOpenSci/old-guide")
    merge_projects(survivor=stayed, gone=gone, actor=alice, choices={"repository": "survivor"})
    stayed.refresh_from_db()
    before = stayed.repository
    world.moved["pyopensci/old-guide"] = "pyOpenSci/guide"
    with connected(world, settings, monkeypatch) as connection:
        read(connection)
        asked = [line for line in world.asked if "old-guide" in line]
        read(connection)
    assert [line for line in world.asked if "old-guide" in line] == asked  # nothing is unknown any more
    assert sorted(Project.objects.values_list("name", flat=True)) == ["Handbook", "site"]
    assert Item.objects.get(title="Typo").project == stayed
    stayed.refresh_from_db()
    assert stayed.repository == before or not own


def test_what_a_coordinator_edited_stays(world: World, settings: Any, monkeypatch: Any) -> None:
    with connected(world, settings, monkeypatch) as connection:
        read(connection)
        project = Project.objects.get(name="guide")
        project.description, project.is_archived = "Our guide to packaging", True
        project.save()
        person = Person.objects.get(name="Ana Pérez")
        person.name = "Ana P."
        person.save()
        guide = world.repositories[0]
        guide.description, guide.homepage, guide.archived = "Something else", "https://new.example.org", False
        guide.stars = 6
        world.repositories[1].archived = False
        read(connection)
    project.refresh_from_db()
    person.refresh_from_db()
    assert (project.description, project.website, project.is_archived) == (
        "Our guide to packaging", "https://new.example.org", True,
    )  # fmt: skip
    assert person.name == "Ana P."
    assert project.facts.stars == 6
    assert Project.objects.get(name="site").is_archived is False


@pytest.mark.parametrize(("choice", "number", "stars"), [("survivor", "501", 11), ("gone", "502", 5)])
def test_a_merge_of_projects_is_read_on_into_what_stayed(
    world: World, alice: User, settings: Any, monkeypatch: Any, choice: str, number: str, stars: int
) -> None:
    """The facts are those of the project's own address; what further repositories say of themselves is not of it."""
    with connected(world, settings, monkeypatch) as connection:
        read(connection)
        guide, site = Project.objects.get(name="guide"), Project.objects.get(name="site")
        merge_projects(survivor=guide, gone=site, actor=alice, choices={"repository": choice})
        guide.refresh_from_db()
        before = guide.is_archived, guide.description, guide.repository
        other = world.repositories[1 if choice == "survivor" else 0]
        world.repositories[0].stars, other.description, other.archived = 11, "Another", not other.archived
        world.repositories[1].issues.append(thing(1, world.users[0], "2026-06-01 00:00:00", "On the site"))
        read(connection)
    guide.refresh_from_db()
    assert (guide.is_archived, guide.description, guide.repository) == before
    facts = ProjectFacts.objects.get(number=number)
    assert (facts.project, facts.stars) == (guide, stars)
    assert Project.objects.count() == 1
    assert set(GithubRepository.objects.values_list("project", flat=True)) == {guide.pk}
    assert Item.objects.get(title="On the site").project == guide
