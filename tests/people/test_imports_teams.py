"""PyBaMM's team files and All Contributors files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from folkmoot.people.models import Identity, Person, Project, SourceRecord, Term
from tests.factories import IdentityFactory, PersonFactory, ProjectFactory
from tests.people.importing import applied, created, everything, refused, rejections, undone, updated

pytestmark = pytest.mark.django_db


@pytest.fixture
def teams(tmp_path: Path) -> Path:
    folder = tmp_path / "teams"
    folder.mkdir()
    (folder / "MAINTAINERS").write_text(
        "# who keeps it going\nAna-T\n\n@chenli  # since 2020\nana-t\nnot a login\n"
    )
    (folder / "PAST-GSOC-STUDENTS").write_text("CHENLI\n2024-01-01\n")
    (folder / "GSOC-STUDENTS").write_text("")
    return tmp_path


def held() -> list[tuple[str, str, str, str]]:
    return sorted(
        (t.person.name, t.role_kind.slug, t.project.name if t.project else "", t.team.name if t.team else "")
        for t in Term.objects.select_related("person", "role_kind", "project", "team")
    )


def test_a_file_is_a_role(teams: Path) -> None:
    (teams / "teams" / "FRIENDS").write_text("zoe\n")
    run = applied("pybamm", teams)
    assert held() == [
        ("Ana-T", "maintainer", "PyBaMM", ""),
        ("chenli", "former-mentee", "", "Google Summer of Code"),
        ("chenli", "maintainer", "PyBaMM", ""),
    ]
    known = "MAINTAINERS, EMERITUS-MAINTAINERS, MAINTAINER-TRAINEES, GSOC-STUDENTS, PAST-GSOC-STUDENTS"
    assert rejections(run) == [
        ("FRIENDS", None, "", f"is no known team file; known are {known}"),
        ("MAINTAINERS", 6, "login", "“not a login”: A GitHub login has letters, digits and hyphens only."),
        ("PAST-GSOC-STUDENTS", 2, "login", "“2024-01-01” is a date, not a login"),
    ]
    again = applied("pybamm", teams / "teams")
    assert (created(again), updated(again)) == ({}, {})


def test_who_left_a_file_keeps_the_term_and_is_listed_once(teams: Path) -> None:
    applied("pybamm", teams)
    (teams / "teams" / "MAINTAINERS").write_text("Ana-T\n")
    before = held()
    run = applied("pybamm", teams)
    assert held() == before
    reason = "“chenli” is no longer in this file: the term was kept; give it a last day if it has ended"
    assert ("MAINTAINERS", None, "login", reason) in rejections(run)
    assert updated(run) == {"records": 1}
    again = applied("pybamm", teams)
    assert [one for one in rejections(again) if one[3] == reason] == []
    assert (created(again), updated(again)) == ({}, {})


def test_an_existing_project_is_used_and_undo_leaves_it(teams: Path) -> None:
    project = ProjectFactory(name="pybamm core", repository="https://github.com/pybamm-team/PyBaMM/")
    IdentityFactory(system="github", value="ANA-T", person=PersonFactory(name="Ana Torres"))
    before = everything()
    run = applied("pybamm", teams)
    assert set(project.terms.values_list("person__name", flat=True)) == {"Ana Torres", "chenli"}
    undone(run)
    assert everything() == before


def test_a_folder_without_team_files(tmp_path: Path) -> None:
    assert refused("pybamm", tmp_path)[2].startswith("holds none of the expected files: MAINTAINERS")
    assert not Project.objects.exists()


def file(folder: Path, contributors: list[Any], **more: Any) -> Path:
    path = folder / ".all-contributorsrc"
    held = {"projectName": "alpha", "projectOwner": "open-lab", "contributors": contributors, **more}
    path.write_text(json.dumps(held, indent=2), encoding="utf-8")
    return path


def entry(login: str, name: str = "", number: str = "", **more: Any) -> dict[str, Any]:
    picture = (
        f"https://avatars.githubusercontent.com/u/{number}?v=4" if number else "https://example.org/x.png"
    )
    return {
        "login": login,
        "name": name,
        "avatar_url": picture,
        "profile": f"https://github.com/{login}",
        **more,
    }


def test_contributors_of_a_project(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        [
            entry(
                "AnaTorres",
                "Ana Torres",
                "101",
                contributions=["code", "doc"],
                profile="https://ana.example.org",
            ),
            entry("dependabot[bot]", "dependabot", contributions=["maintenance"]),
            entry("", "Nobody", contributions=[]),
            "text",
            entry("benoit", "Benoît Martin", contributions=["doc"]),
            entry("BENOIT", "B. Martin", contributions=["design"]),
        ],
    )
    run = applied("all-contributors", path)
    project = Project.objects.get()
    assert (project.kind, project.name, project.repository) == (
        "repository",
        "alpha",
        "https://github.com/open-lab/alpha",
    )
    assert created(run)["people"] == 2
    assert created(run)["bots"] == 1
    ana = Identity.objects.get(number="101").person
    assert (ana.name, ana.website) == ("Ana Torres", "https://ana.example.org")
    benoit = Identity.objects.get(folded="benoit").person
    assert (benoit.name, benoit.website) == ("Benoît Martin", "")
    assert list(benoit.tags.values_list("facet", "name")) == [
        ("contribution", "design"),
        ("contribution", "doc"),
    ]
    assert held() == [
        ("Ana Torres", "contributor", "alpha", ""),
        ("Benoît Martin", "contributor", "alpha", ""),
        ("dependabot", "contributor", "alpha", ""),
    ]
    assert SourceRecord.objects.get(key="github.com/open-lab/alpha/anatorres").payload["contributions"] == [
        "code",
        "doc",
    ]
    assert rejections(run) == [
        (".all-contributorsrc", None, "contributors", "an entry with a login is expected"),
        (".all-contributorsrc", 25, "login", "is missing: the entry is left out"),
    ]
    again = applied("all-contributors", path)
    assert (created(again), updated(again)) == ({}, {})


def test_two_files_are_two_projects(tmp_path: Path) -> None:
    applied("all-contributors", file(tmp_path, [entry("ana", "Ana", contributions=["code"])]))
    run = applied(
        "all-contributors", file(tmp_path, [entry("ana", "Ana", contributions=["doc"])], projectName="beta")
    )
    assert [one[1:3] for one in held()] == [("contributor", "alpha"), ("contributor", "beta")]
    assert rejections(run) == []
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('{"projectName": "a",\n "projectOwner": "b", "contributors": [{"login": "x"', 2, "is no JSON"),
        ("[]", None, "is no All Contributors file"),
        ('{"contributors": []}', None, "is missing: whose contributors are these?"),
        ("", 1, "is no JSON"),
    ],
)
def test_what_is_no_such_file(tmp_path: Path, text: str, line: int | None, reason: str) -> None:
    path = tmp_path / ".all-contributorsrc"
    path.write_text(text, encoding="utf-8")
    name, at, said = refused("all-contributors", path)
    assert (name, at) == (".all-contributorsrc", line)
    assert said.startswith(reason)
    assert not Project.objects.exists()
