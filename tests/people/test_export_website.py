"""The files that websites are built from: what was read comes out again, and what changed since is in it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

import folkmoot.kernel.commands  # noqa: F401 - registers the command
from folkmoot.kernel.cli import cli
from folkmoot.kernel.exports import sites
from folkmoot.people.models import (
    Consent,
    ConsentKind,
    FormerHandle,
    Identity,
    Person,
    Project,
    ProjectFacts,
    RoleKind,
    Tag,
    Team,
    Term,
)
from tests.factories import IdentityFactory, PersonFactory
from tests.people.importing import applied, register_only

pytestmark = pytest.mark.django_db

CONTRIBUTORS = """\
- name: Ana Torres
  github_username: AnaTorres
  github_image_id: 101
  title: [Executive Director, Editor in Chief]
  sort: 1
  bio: Soils and rivers.
  organization: '@open-lab'
  date_added: '2021-03-04'
  editorial_board: true
  emeritus_editor: false
  board: yes
  website: ana.example.org
  contributor_type: [code-contrib, peer-review]
  packages_reviewed: [alpha]
  email: ana@example.org
  shoe_size: 38
- name: Benoit
  github_username: benoit
  github_image_id: 102
  title:
  organization:
  editorial_board: false
  website: not a website
  contributor_type: code-contrib
  email:
"""
PACKAGES = """\
- package_name: Alpha
  package_description: Counts rivers.
  all_current_maintainers:
    - name: Ana T.
      github_username: anatorres
  repository_link: https://github.com/open/alpha
  categories: [data-retrieval]
  archive: https://zenodo.example/1
  created_at: 2025-08-18 14:36:01+00:00
  gh_meta: {stargazers_count: 9, documentation: https://alpha.example.org, last_commit: '2026-06-12'}
  labels: [6/pyOS-approved]
  active: true
"""
BOARD = "anatorres:\n  peer_review_lead: true\n  eic_team: false\n"


@pytest.fixture
def imported(tmp_path: Path) -> None:
    folder = tmp_path / "read"
    folder.mkdir()
    (folder / "contributors.yml").write_text(CONTRIBUTORS)
    (folder / "packages.yml").write_text(PACKAGES)
    (folder / "editorial-board.yml").write_text(BOARD)
    applied("pyopensci", folder)


def exported(site: str = "pyopensci") -> dict[str, Any]:
    return {file.name: yaml.safe_load(file.content) for file in sites.get(site).files()}


def ana() -> Person:
    return Person.objects.get(identities__folded="anatorres")


def agree(person: Person, slug: str, is_given: bool) -> None:
    kind = ConsentKind.objects.get_or_create(slug=slug, defaults={"name": slug})[0]
    Consent.objects.create(person=person, kind=kind, is_given=is_given)


def test_what_was_read_comes_out_again(imported: None) -> None:
    assert exported() == {
        "contributors.yml": yaml.safe_load(CONTRIBUTORS),
        "packages.yml": yaml.safe_load(PACKAGES),
        "editorial-board.yml": yaml.safe_load(BOARD),
    }


def test_what_changed_since_is_in_it(imported: None) -> None:
    person = ana()
    Person.objects.filter(pk=person.pk).update(name="Ana Torres Vega", bio="")
    account = Identity.objects.get(folded="anatorres")
    FormerHandle.objects.create(identity=account, value="AnaTorres")
    account.value = "ana-vega"
    account.save()
    Term.objects.filter(person=person, role_kind__slug="editor").update(ended_on=dt.date(2024, 1, 1))
    board = Team.objects.get(name="Editorial Board")
    emeritus = RoleKind.objects.create(slug="emeritus-editor", name="Emeritus editor")
    Term.objects.create(person=person, role_kind=emeritus, team=board)
    person.tags.remove(Tag.objects.get(name="peer-review"))
    person.tags.add(Tag.objects.create(facet="contribution", name="unheard-of"))
    benoit = Person.objects.get(name="Benoit")
    benoit.tags.add(Tag.objects.get(name="code-contrib"))

    first, second = exported()["contributors.yml"]
    before = yaml.safe_load(CONTRIBUTORS)
    assert first == before[0] | {
        "name": "Ana Torres Vega",
        "github_username": "ana-vega",
        "editorial_board": False,
        "emeritus_editor": True,
        "contributor_type": ["code-contrib"],
    }
    assert second == before[1]


def test_a_package_s_maintainers_and_facts(imported: None) -> None:
    alpha = Project.objects.get()
    keeper = IdentityFactory(system="github", value="cora", person=PersonFactory(name="Cora")).person
    role = RoleKind.objects.get(slug="maintainer")
    Term.objects.create(person=keeper, role_kind=role, project=alpha)
    ProjectFacts.objects.create(
        project=alpha, source="github", stars=12, last_commit_at=dt.datetime(2026, 11, 2, 3, tzinfo=dt.UTC)
    )
    Project.objects.update(is_archived=True)
    [package] = exported()["packages.yml"]
    assert package == yaml.safe_load(PACKAGES)[0] | {
        "all_current_maintainers": [
            {"name": "Ana T.", "github_username": "anatorres"},
            {"name": "Cora", "github_username": "cora"},
        ],
        "gh_meta": {
            "stargazers_count": 12,
            "documentation": "https://alpha.example.org",
            "last_commit": "2026-11-02",
        },
        "active": False,
    }


def test_who_does_not_want_to_be_public_is_left_out(imported: None) -> None:
    agree(ana(), "public-profile", True)
    agree(Person.objects.get(name="Benoit"), "public-profile", False)
    assert [entry["name"] for entry in exported()["contributors.yml"]] == ["Ana Torres"]
    agree(ana(), "publish-name", False)
    assert [entry["name"] for entry in exported()["contributors.yml"]] == ["AnaTorres"]
    agree(ana(), "public-profile", False)
    assert set(exported()) == {"packages.yml"}


def test_who_joined_since_is_added_when_they_agreed(imported: None) -> None:
    editor = RoleKind.objects.get(slug="editor")
    board = Team.objects.get(name="Editorial Board")
    for login, mail in (("dora", "dora@example.org"), ("eve", "eve@example.org")):
        person = PersonFactory(name=login.title(), bio="")
        IdentityFactory(system="github", value=login, number="7" if login == "dora" else "", person=person)
        IdentityFactory(system="email", value=mail, person=person)
        Term.objects.create(person=person, role_kind=editor, team=board)
    agree(Person.objects.get(name="Dora"), "public-profile", True)
    entries = exported()["contributors.yml"]
    assert [entry["name"] for entry in entries] == ["Ana Torres", "Benoit", "Dora"]
    said = {key: value for key, value in entries[2].items() if value is not None}
    assert said == {
        "name": "Dora",
        "github_username": "dora",
        "github_image_id": 7,
        "editorial_board": True,
    }


def test_the_real_registry_comes_out_whole(real_data: Path, tmp_path: Path) -> None:
    folder = register_only(real_data, tmp_path)
    applied("pyopensci", folder)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def read(name: str, text: str) -> Any:
        found = yaml.load(text, loader)
        return {entry["github_username"]: entry for entry in found} if name == "contributors.yml" else found

    for file in sites.get("pyopensci").files():
        said = read(file.name, (folder / file.name).read_text(encoding="utf-8"))
        written = read(file.name, file.content)
        if file.name != "contributors.yml":
            assert written == said, file.name
            continue
        assert list(written) == list(said)
        # what the registry's other files know of somebody fills what this one leaves empty, and nothing else differs
        more = {
            (field, said[login][field] or "")
            for login in said
            for field in said[login]
            if written[login][field] != said[login][field]
        }
        assert {field for field, before in more} == {"name", "location"}
        assert {before for field, before in more if before} <= set(said)


def test_the_team_files_of_pybamm_come_out_as_they_are(real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "pybamm" / "teams"
    applied("pybamm", folder)
    done = CliRunner().invoke(cli, ["export", "website", str(tmp_path / "out"), "--site", "pybamm"])
    assert done.exit_code == 0, done.output
    for path in sorted(folder.iterdir()):
        written = (tmp_path / "out" / "teams" / path.name).read_text()
        assert written.split() == path.read_text().split(), path.name
    again = CliRunner().invoke(cli, ["export", "website", str(tmp_path / "out"), "--site", "pybamm"])
    assert again.output.count("as it was") == again.output.count("entries")


def test_bad_input(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for arguments, words in (
        (
            [str(tmp_path), "--site", "nope"],
            "no website 'nope'; known: events, hugo, jekyll, pybamm, pyopensci",
        ),
        ([str(file)], "is no folder"),
        ([str(tmp_path / "new")], "There is nothing to write"),
    ):
        done = CliRunner().invoke(cli, ["export", "website", *arguments])
        assert (done.exit_code, words in str(done.exception or done.output)) == (1, True), done.output
    assert file.read_text() == "mine"
    assert not (tmp_path / "new").exists()
