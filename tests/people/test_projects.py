"""Projects: who looks after them, what outside systems say, which ask for somebody."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import today_sources
from folkmoot.people import actions
from folkmoot.people.models import Project, ProjectFacts, ProjectRules
from tests.factories import PersonFactory, ProjectFactory, RoleKindFactory, TermFactory
from tests.people.test_lists import shown

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
TODAY = NOON.date()


@pytest.fixture
def projects() -> dict[str, Project]:
    """One that is looked after and lively, one that was, one that is quiet, one that is archived."""
    keeper = RoleKindFactory(name="Maintainer", is_maintaining=True)
    made = {name: ProjectFactory(name=name) for name in ("alive", "left", "quiet", "old")}
    Project.objects.filter(pk=made["old"].pk).update(is_archived=True)
    TermFactory(
        person=PersonFactory(name="Ana"),
        role_kind=keeper,
        project=made["alive"],
        started_on=dt.date(2024, 5, 1),
    )
    TermFactory(role_kind=keeper, project=made["left"], ended_on=dt.date(2020, 1, 1))
    TermFactory(role_kind=keeper, project=made["quiet"], person=PersonFactory(archived_at=NOON))
    TermFactory(role_kind=RoleKindFactory(name="Editor"), project=made["left"])
    for number, (name, commit) in enumerate((("alive", NOON), ("quiet", NOON - dt.timedelta(days=400)))):
        ProjectFacts.objects.create(
            project=made[name],
            source="github",
            number=str(number),
            stars=1200 + number,
            latest_release="v1.0",
            last_commit_at=commit,
            read_at=NOON,
        )
    return made


def test_filters(projects: dict[str, Project], as_bob: Client) -> None:
    url = reverse("people:projects")
    for query, names in (
        ("", ["alive", "left", "quiet"]),
        ("maintained=1", ["alive"]),
        ("maintained=0", ["left", "quiet"]),
        ("maintained=0&archived=any", ["left", "old", "quiet"]),
        ("archived=1", ["old"]),
        ("quiet=12", ["quiet"]),
        ("quiet=7", ["alive", "left", "quiet"]),
        ("sort=-stars", ["quiet", "alive", "left"]),
    ):
        assert shown(as_bob, f"{url}?{query}") == names, query
    csv = b"".join(as_bob.get(f"{url}?maintained=1&export=csv").streaming_content).decode()
    assert csv.splitlines()[1].split(",")[:3] == ["alive", "package", "Ana"]


def test_the_page_says_what_is_known_and_since_when_it_is_stale(
    projects: dict[str, Project], as_bob: Client
) -> None:
    url = reverse("people:project", args=[projects["alive"].pk])
    page = as_bob.get(url).content.decode()
    for words in ("Maintainers", "Ana", "v1.0", "Read from github", "1200"):
        assert words in page.replace(",", ""), words
    assert "out of date" not in page
    ProjectFacts.objects.filter(project=projects["alive"]).update(stale_since=NOON)
    page = as_bob.get(url).content.decode()
    assert "out of date" in page
    assert "These are the last good values" in page
    assert (
        "Nobody looks after it."
        in as_bob.get(reverse("people:project", args=[projects["left"].pk])).content.decode()
    )


def asking(user: User) -> list[tuple[str, str]]:
    sources = [today_sources.get(key) for key in ("people.projects", "people.quiet_projects")]
    return [(item.title, item.badge) for source in sources for item in source.find(user, NOON, 10)]


def test_today_tells_only_what_the_rules_ask_for(
    projects: dict[str, Project],
    alice: User,
    as_mary: Client,
) -> None:
    assert asking(alice) == []
    url = reverse("people:project_rules")
    assert as_mary.post(url, {"needs_maintainer": "on", "quiet_months": "12"}).status_code == 302
    assert asking(alice) == [
        ("left", "no maintainer"),
        ("quiet", "no maintainer"),
        ("quiet", "quiet"),
    ]
    seen = actions.current_version(ProjectRules.current())
    assert as_mary.post(url, {"quiet_months": "0", "seen": seen}).status_code == 422
    assert as_mary.post(url, {"quiet_months": "", "seen": seen - 1}).status_code == 422
    assert as_mary.post(url, {"quiet_months": "", "seen": seen}).status_code == 302
    assert asking(alice) == []
