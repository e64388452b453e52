"""The kinds of role that an installation starts with."""

import pytest

from folkmoot.people import seeds
from folkmoot.people.models import RoleKind
from folkmoot.people.public import load_seeds

pytestmark = pytest.mark.django_db


def test_loads_every_kind_once() -> None:
    assert load_seeds() == len(seeds.role_kinds())
    assert load_seeds() == 0
    assert RoleKind.objects.count() == len(seeds.role_kinds())
    assert list(RoleKind.objects.filter(is_staff=True).values_list("slug", flat=True)) == ["staff"]


def test_keeps_what_a_person_edited_or_removed() -> None:
    load_seeds()
    editor = RoleKind.objects.get(slug="editor")
    editor.name, editor.notice_days = "Handling editor", 7
    editor.save()
    RoleKind.objects.get(slug="translator").delete()

    assert load_seeds() == 0
    editor.refresh_from_db()
    assert (editor.name, editor.notice_days) == ("Handling editor", 7)
    assert not RoleKind.objects.filter(slug="translator").exists()


def test_every_role_that_a_mapping_names_is_a_seed() -> None:
    pyopensci, pybamm = seeds.data("pyopensci"), seeds.data("pybamm")
    named = {role["role"] for role in pyopensci["contributors"]["flags"].values()}
    named |= {role["role"] for role in pyopensci["contributors"]["titles"].values()}
    named |= {role for role in pyopensci["packages"]["people"].values() if role}
    named |= {role["role"] for file in pyopensci["editors"].values() for role in file.values()}
    named |= {role["role"] for role in pybamm["files"].values()}
    assert named - set(seeds.role_kinds()) == set()


def test_a_kind_fits_its_columns() -> None:
    for row in seeds.role_kinds().values():
        RoleKind(**row).full_clean()
