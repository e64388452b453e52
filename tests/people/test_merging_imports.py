"""Imports after a merge find what stayed; undoing an import or a merge loses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from folkmoot.people.actions import add_organization, add_project
from folkmoot.people.actions.merging import merge_people, merge_records, unmerge
from folkmoot.people.models import Affiliation, Identity, Organization, OtherName, Person, Project
from folkmoot.people.public import projects_by_name, projects_by_repository
from tests.factories import OrganizationFactory, PersonFactory, ProjectFactory
from tests.people.importing import applied, created, everything, register_only, undone, updated

pytestmark = pytest.mark.django_db

KNOWN = {"people": 404, "projects": 66}


def answers() -> dict[str, int]:
    return {
        "people": Person.objects.count(),
        "projects": Project.objects.count(),
    }


@pytest.fixture
def folder(real_data: Path, tmp_path: Path) -> Path:
    return register_only(real_data, tmp_path)


def without_audit() -> dict[str, Any]:
    """All rows, but that there were merges and when a row was last touched."""
    found = everything()
    names = {
        model: [f.name for f in model._meta.concrete_fields] for model in (Person, Organization, Project)
    }
    for model, fields in names.items():
        at = fields.index("updated_at")
        found[model._meta.label] = [(*row[:at], *row[at + 1 :]) for row in found[model._meta.label]]
    return {label: rows for label, rows in found.items() if label not in ("people.Merge", "people.MergedRow")}


def test_pyopensci_answers_the_same_before_and_after(folder: Path) -> None:
    """The register's real files: merged, imported again, undone, imported again."""
    applied("pyopensci", folder)
    assert answers() == KNOWN
    before = without_audit()
    busy = list(Person.objects.filter(terms__isnull=False).order_by("pk").distinct()[:6])
    places = list(Organization.objects.order_by("pk")[:4])
    packages = list(Project.objects.order_by("pk")[:4])
    merges = []
    for one, other, third in (busy[:3], busy[3:6], [*places[:2], places[2]], [*packages[:2], packages[2]]):
        merges.append(merge_records(survivor=one, gone=other, actor=None))
        merges.append(merge_records(survivor=third, gone=one, actor=None))
    assert answers() == {"people": 400, "projects": 64}
    merged = without_audit()

    again = applied("pyopensci", folder)
    assert (created(again), updated(again)) == ({}, {})
    assert without_audit() == merged

    for merge in reversed(merges):
        assert unmerge(merge=merge, actor=None).left == ()
    assert answers() == KNOWN
    assert without_audit() == before
    last = applied("pyopensci", folder)
    assert (created(last), updated(last)) == ({}, {})
    assert without_audit() == before


def test_an_import_undone_after_a_merge_loses_nothing(folder: Path) -> None:
    """What was merged belongs to both: the undo leaves it, with the reason, and the merge can still be undone."""
    stranger = PersonFactory(name="Somebody of ours")
    run = applied("pyopensci", folder)
    gone = Person.objects.filter(identities__system="github", terms__isnull=False).order_by("pk").first()
    assert gone is not None
    handles = list(Identity.objects.filter(person=gone).order_by("pk"))
    merge = merge_people(survivor=stranger, gone=gone, actor=None)
    undone(run)
    assert list(Identity.objects.filter(person=stranger).order_by("pk")) == handles
    run.refresh_from_db()
    kept = run.changes.exclude(kept_reason="").values_list("model", "kept_reason")
    assert ("people.identity", "it was changed since") in set(kept)
    first = f"“{merge}” was merged: undo merge {merge.pk} first, and it is a record of its own again"
    assert [why for model, why in kept if model == "people.person"] == [first]
    unmerge(merge=merge, actor=None)
    assert list(Identity.objects.filter(person=gone.pk).order_by("pk")) == handles
    assert not Identity.objects.filter(person=stranger).exists()


def test_the_other_name_is_found_until_the_merge_is_undone() -> None:
    one, other = OrganizationFactory(name="Harbour Institute"), OrganizationFactory(name="HI")
    package = ProjectFactory(name="wavefold", repository="https://github.com/reef/wavefold")
    copy = ProjectFactory(name="wave-fold", repository="https://github.com/old/wavefold")
    merges = [merge_records(survivor=one, gone=other, actor=None)]
    merges.append(merge_records(survivor=package, gone=copy, actor=None))
    assert add_organization(actor=None, name="hi") == one
    assert add_project(actor=None, name="wave-fold") == package
    assert projects_by_name(["Wave-Fold", "wavefold"]) == {"wave-fold": package, "wavefold": package}
    assert projects_by_name(["wave-fold"], kind="lesson") == {}
    assert projects_by_repository(["https://github.com/OLD/wavefold.git"]) == {
        "github.com/old/wavefold": package
    }
    assert add_project(actor=None, name="wave-fold", repository="https://github.com/x/y") != package
    Project.objects.filter(repository_key="github.com/x/y").delete()
    for merge in merges:
        unmerge(merge=merge, actor=None)
    assert add_organization(actor=None, name="hi").pk == other.pk
    assert projects_by_name(["wave-fold"]) == {"wave-fold": copy}
    assert not OtherName.objects.exists()


def test_the_name_that_stays_may_be_the_other_ones() -> None:
    one, other = OrganizationFactory(name="HI"), OrganizationFactory(name="Harbour Institute")
    Affiliation.objects.create(person=PersonFactory(), organization=other)
    merge = merge_records(survivor=one, gone=other, actor=None)
    one.refresh_from_db()
    assert (one.name, [str(name) for name in OtherName.objects.all()]) == ("Harbour Institute", ["HI"])
    unmerge(merge=merge, actor=None)
    assert sorted(Organization.objects.values_list("name", flat=True)) == ["HI", "Harbour Institute"]
