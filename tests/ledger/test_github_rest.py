"""Reviews, discussions, releases and stars; names for people who go by a login; facts of the register's projects."""

from __future__ import annotations

from typing import Any

import pytest

from folkmoot.ledger.models import Activity, GithubRepository, Item, SyncState
from folkmoot.people.models import Person, Project, ProjectFacts
from tests.factories import IdentityFactory, PersonFactory
from tests.github_server import World, answer
from tests.ledger.githubbing import at, connected, read, thing

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """Two pull requests, one with more reviews than one answer of GraphQL holds."""
    world = World()
    ana, ben = world.user(7, "ana-p", name="Ana Pérez"), world.user(8, "ben")
    app = world.user(49, "pre-commit-ci", kind="Bot")
    guide = world.repo(501, "pyOpenSci/guide")
    one, two = (
        thing(1, ana, "2026-05-04 10:00:00", "One", is_pull=True, updated="2026-05-10 00:00:00"),
        thing(2, ben, "2026-05-05 10:00:00", "Two", is_pull=True, updated="2026-05-09 00:00:00"),
    )
    one.reviews = [
        {"number": 900 + n, "state": "APPROVED", "at": f"2026-05-06T10:00:0{n}Z", "author": ben}
        for n in range(3)
    ]
    two.reviews = [
        {"number": 950, "state": "COMMENTED", "at": "2026-05-07T10:00:00Z", "author": app},
        {"number": 951, "state": "PENDING", "at": None, "author": ana},
    ]
    guide.issues = [one, two]
    guide.discussions = [
        thing(n, ana if n < 3 else None, f"2026-05-0{n} 09:00:00", f"Idea {n}") for n in (1, 2, 3)
    ]
    guide.releases = [
        {
            "id": n, "tag_name": tag, "name": name, "draft": draft, "prerelease": pre,
            "published_at": published, "html_url": f"https://github.com/pyOpenSci/guide/releases/{n}",
            "author": app.rest(),
        }
        for n, tag, name, draft, pre, published in (
            (4, "v3", "", True, False, None),
            (3, "v2.1rc1", "Candidate", False, True, "2026-05-03T00:00:00Z"),
            (2, "v2.0", "Two", False, False, "2026-05-02T00:00:00Z"),
            (1, "v1.0", "", False, False, "2026-01-01T00:00:00Z"),
        )
    ]  # fmt: skip
    guide.stargazers = [
        (ana, at("2026-05-01 00:00:00")),
        (world.user(70, "somebody"), at("2026-05-02 00:00:00")),
    ]
    return world


def seen(kind: str) -> list[tuple[Any, ...]]:
    rows = Activity.objects.filter(kind=kind).order_by("occurred_at")
    return list(rows.values_list("external_id", "identity__value", "item__title", "occurred_at"))


def everything() -> list[tuple[Any, ...]]:
    return sorted(
        Activity.objects.values_list("pk", "kind", "external_id", "identity", "item", "occurred_at")
    )


ALL = ["facts", "releases", "issues", "reviews", "discussions", "stars"]


@pytest.mark.parametrize("per_page", [1, 100])
def test_all_streams(world: World, settings: Any, monkeypatch: Any, per_page: int) -> None:
    world.per_page = per_page
    guide = world.repositories[0]
    with connected(world, settings, monkeypatch, streams=ALL) as connection:
        outcome = read(connection)
        assert "failed" not in outcome
        assert seen("pull_request.reviewed") == [
            ("501/1/review/900", "ben", "One", at("2026-05-06 10:00:00")),
            ("501/1/review/901", "ben", "One", at("2026-05-06 10:00:01")),
            ("501/1/review/902", "ben", "One", at("2026-05-06 10:00:02")),
            ("501/2/review/950", "pre-commit-ci[bot]", "Two", at("2026-05-07 10:00:00")),
        ]
        assert seen("discussion.opened") == [
            ("501/discussion/1", "ana-p", "Idea 1", at("2026-05-01 09:00:00")),
            ("501/discussion/2", "ana-p", "Idea 2", at("2026-05-02 09:00:00")),
            ("501/discussion/3", None, "Idea 3", at("2026-05-03 09:00:00")),
        ]
        assert [row[:3] for row in seen("release.published")] == [
            ("501/release/1", "pre-commit-ci[bot]", "v1.0"),
            ("501/release/2", "pre-commit-ci[bot]", "Two"),
            ("501/release/3", "pre-commit-ci[bot]", "Candidate"),
        ]
        facts = ProjectFacts.objects.get(number="501")
        assert (facts.latest_release, facts.latest_release_at) == ("v2.0", at("2026-05-02 00:00:00"))
        # A star names who is known; nobody gets into the register by one, and no login is kept.
        assert seen("repository.starred") == [
            ("501/star/7", "ana-p", None, at("2026-05-01 00:00:00")),
            ("501/star/70", None, None, at("2026-05-02 00:00:00")),
        ]
        assert not Person.objects.filter(name="somebody").exists()
        before = everything()
        read(connection)
        assert everything() == before
        guide.discussions[0].title, guide.discussions[0].updated = "A better idea", at("2026-06-01 00:00:00")
        guide.discussions[0].state = "closed"
        guide.issues[1].updated = at("2026-06-01 00:00:00")
        guide.issues[1].reviews.append(
            {"number": 952, "state": "APPROVED", "at": "2026-06-01T00:00:00Z", "author": world.users[0]}
        )
        guide.stargazers.append((world.users[1], at("2026-06-02 00:00:00")))
        world.asked.clear()
        read(connection)
        assert len(everything()) == len(before) + 2
    assert seen("pull_request.reviewed")[-1] == (
        "501/2/review/952",
        "ana-p",
        "Two",
        at("2026-06-01 00:00:00"),
    )
    assert seen("repository.starred")[-1][:2] == ("501/star/8", "ben")
    item = Item.objects.get(external_id="501/discussion/1")
    assert (item.title, item.state, item.labels, item.kind) == (
        "A better idea",
        "closed",
        ["Ideas"],
        "discussion",
    )


def test_what_only_graphql_tells_goes_on_from_its_cursor(
    world: World, settings: Any, monkeypatch: Any
) -> None:
    world.per_page = 1
    broken = answer(200, {"data": {"repository": {"discussions": {"nodes": []}}}})
    with connected(world, settings, monkeypatch, streams=["facts", "discussions"]) as connection:
        asked: list[str] = []

        def third(path: str) -> None:
            asked.append(path)
            if path == "/graphql" and asked.count(path) == 3:
                world.faults[path].append(broken)

        world.on_asked = third
        assert read(connection)["failed"] == ["pyOpenSci/guide: discussions"]
        state = SyncState.objects.get(stream="discussions")
        assert (state.error, state.error_detail) == ("odd", "discussions is missing in the answer")
        assert len(seen("discussion.opened")) == 2
        world.on_asked = None
        read(connection)
    assert len(seen("discussion.opened")) == 3
    assert SyncState.objects.get(stream="discussions").cursor == {"since": "2026-05-03T09:00:00Z"}


def test_a_cursor_that_github_forgot_is_begun_anew(world: World, settings: Any, monkeypatch: Any) -> None:
    with connected(world, settings, monkeypatch, streams=["facts", "stars"]) as connection:
        read(connection)
        said = {"data": None, "errors": [{"message": "`x` does not appear to be a valid cursor."}]}
        world.faults["/graphql"] = [answer(200, said)]
        assert "failed" not in read(connection)
    assert len(seen("repository.starred")) == 2


def test_names_for_people_who_go_by_a_login(world: World, settings: Any, monkeypatch: Any) -> None:
    """A login that belongs to another number by now gives no name."""
    IdentityFactory(person=PersonFactory(name="old-ben"), value="old-ben", number="888")
    world.user(999, "old-ben", name="Somebody Else")
    with connected(world, settings, monkeypatch) as connection:
        read(connection)
    assert sorted(Person.objects.values_list("name", flat=True)) == [
        "Ana Pérez", "ben", "old-ben", "pre-commit-ci[bot]",
    ]  # fmt: skip


def test_facts_of_the_projects_of_the_register(world: World, settings: Any, monkeypatch: Any) -> None:
    """Only facts and releases are read of what was not chosen; a private one is left alone unless it is named."""
    world.repo(601, "sunpy/sunpy", stars=900).issues = [thing(1, world.users[0], "2026-05-04 10:00:00")]
    world.repo(602, "sunpy/secret", private=True)
    world.moved["sunpy/old"] = "sunpy/sunpy"
    package = Project.objects.create(kind="package", name="sunpy", repository="https://github.com/sunpy/old")
    Project.objects.create(kind="package", name="secret", repository="https://github.com/sunpy/secret")
    Project.objects.create(kind="package", name="elsewhere", repository="https://gitlab.com/a/b")
    with connected(world, settings, monkeypatch, reads_register=True) as connection:
        read(connection)
        package.refresh_from_db()
        assert package.facts.stars == 900
        assert package.repository == "https://github.com/sunpy/sunpy"
        assert not Item.objects.filter(project=package, kind="issue").exists()
        rows = GithubRepository.objects.order_by("number").values_list("full_name", "is_facts_only")
        assert list(rows) == [("pyOpenSci/guide", False), ("sunpy/sunpy", True)]
        connection.organizations, connection.repositories = ["sunpy"], ["sunpy/secret"]
        connection.save()
        read(connection)
        assert list(rows.all()) == [
            ("pyOpenSci/guide", True),
            ("sunpy/sunpy", False),
            ("sunpy/secret", False),
        ]
        assert Item.objects.filter(project=package, kind="issue").count() == 1
        connection.reads_register, connection.repositories = False, []
        connection.save()
        read(connection)
    assert list(
        GithubRepository.objects.filter(connection=connection).values_list("full_name", flat=True)
    ) == ["sunpy/sunpy"]


def test_a_star_that_is_taken_back_leaves_the_figure_and_not_the_past(
    world: World, settings: Any, monkeypatch: Any
) -> None:
    """What is so now is the repository's figure; what happened stays, and a star given again is no second one."""
    guide = world.repositories[0]
    guide.stars = 2
    with connected(world, settings, monkeypatch, streams=["facts", "stars"]) as connection:
        read(connection)
        before = everything()
        guide.stars, taken_back = 1, guide.stargazers.pop()
        read(connection)
        assert (ProjectFacts.objects.get(number="501").stars, everything()) == (1, before)
        guide.stars = 2
        guide.stargazers.append((taken_back[0], at("2026-07-01 00:00:00")))
        read(connection)
        assert (ProjectFacts.objects.get(number="501").stars, everything()) == (2, before)
