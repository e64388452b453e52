"""The real registry's known answers. No name of a person stands here: lines and numbers do."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from folkmoot.people.models import Identity, Person, Project, RoleKind, SourceRecord, Term
from tests.people.importing import (
    applied,
    created,
    everything,
    register_only,
    rejections,
    undone,
    updated,
)

pytestmark = pytest.mark.django_db

REJECTED = [
    (
        "contributors.yml",
        2986,
        "packages_reviewed",
        "single letters (a, c, e, o, r, s, t, w) in place of package names: was a name spelled out?",
    ),
    (
        "contributors.yml",
        12015,
        "website",
        "“https://someone@contributors.example” is an e-mail address or holds a user name, not a website",
    ),
    (
        "packages.yml",
        1312,
        "joss",
        "“https://zenodo.org/doi/10.5281/zenodo.10801503” is the DOI of an archive, not of a paper",
    ),
    ("packages.yml", 1828, "reviewers", "“2023-12-13” is a date, not a login"),
]


@pytest.fixture
def folder(real_data: Path, tmp_path: Path) -> Path:
    return register_only(real_data, tmp_path)


def load(path: Path) -> list[dict]:
    return yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def test_the_register_of_pyopensci(folder: Path) -> None:
    run = applied("pyopensci", folder)
    people, packages = load(folder / "contributors.yml"), load(folder / "packages.yml")

    assert created(run)["people"] == Person.objects.count() == len(people) == 404
    assert created(run)["projects"] == Project.objects.count() == len(packages) == 66
    assert rejections(run) == REJECTED
    assert (
        Term.objects.filter(role_kind__slug="maintainer").count()
        == sum(len({m["github_username"].casefold() for m in p["all_current_maintainers"]}) for p in packages)
        == 126
    )
    for flag, slug in (("board", "council-member"), ("emeritus_advisory", "former-advisor")):
        assert Term.objects.filter(role_kind__slug=slug).exclude(
            role_kind__slug="former-council-member"
        ).count() == sum(bool(p[flag]) for p in people)
    assert created(run)["terms"] == Term.objects.count() == 198
    for field, system in (
        ("twitter", "x"),
        ("mastodon", "mastodon"),
        ("orcidid", "orcid"),
        ("email", "email"),
    ):
        assert Identity.objects.filter(system=system).count() == sum(bool(p[field]) for p in people)
    numbers = set(Identity.objects.filter(system="github").values_list("number", flat=True))
    assert numbers == {str(p["github_image_id"]) for p in people}
    assert Project.objects.filter(is_archived=True).count() == sum(not p["active"] for p in packages)


def test_every_field_is_kept_word_for_word(folder: Path) -> None:
    applied("pyopensci", folder)
    for file, key in (("contributors.yml", "github_username"), ("packages.yml", "package_name")):
        kept = {record.key: record.payload for record in SourceRecord.objects.filter(part=file)}
        for record in load(folder / file):
            said = kept[record[key].casefold()]
            assert set(said) == set(record)
            for name, value in record.items():
                assert said[name] == (value.isoformat() if hasattr(value, "isoformat") else value)


def test_the_same_again_changes_nothing(folder: Path) -> None:
    applied("pyopensci", folder)
    before = everything()
    run = applied("pyopensci", folder)
    assert (created(run), updated(run)) == ({}, {})
    assert run.counts["unchanged"]["people"] == 404
    assert run.counts["unchanged"]["projects"] == 66
    assert everything() == before
    assert rejections(run) == REJECTED


def test_undone_as_if_it_had_never_been(folder: Path) -> None:
    before = everything()
    run = applied("pyopensci", folder, staff=["no-such-login-anywhere"])
    undone(run)
    assert everything() == before
    assert not RoleKind.objects.exists()


def test_the_team_files_of_pybamm(real_data: Path) -> None:
    run = applied("pybamm", real_data / "pybamm")
    assert created(run)["terms"] == 12 + 4 + 4 + 0 + 11
    in_two_files = 4  # of the past students are maintainers or emeriti
    assert created(run)["people"] == 12 + 4 + 4 + 11 - in_two_files
    assert rejections(run) == []
    again = applied("pybamm", real_data / "pybamm")
    assert (created(again), updated(again)) == ({}, {})
