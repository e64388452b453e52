"""Finding and making identities in bulk, as the ledger does."""

from __future__ import annotations

import pytest

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.models import ImportRun
from folkmoot.people.identities import Directory, Handle
from folkmoot.people.models import Identity, Person
from folkmoot.people.public import (
    ensure_identities,
    looks_like_bot,
    projects_by_name,
    projects_by_repository,
    staff_terms,
)
from tests.factories import IdentityFactory, PersonFactory, ProjectFactory, RoleKindFactory, TermFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def changes() -> Changes:
    return Changes(ImportRun.objects.create(source="test", origin="t", path="t"))


def test_known_handles_are_found_and_others_made(changes: Changes) -> None:
    known = IdentityFactory(value="AnaTorres", number="101")
    found = ensure_identities(
        changes, handles=["anatorres", " ANATORRES", "Chen", "chen", "", "ren[bot]", "Copilot"]
    )
    assert set(found) == {"anatorres", "chen", "ren[bot]", "copilot"}
    assert found["anatorres"] == known
    assert (found["chen"].value, found["chen"].person.name, found["chen"].is_bot) == ("Chen", "Chen", False)
    assert (found["ren[bot]"].is_bot, found["copilot"].is_bot) == (True, True)
    assert changes.counts["created"] == {"people": 1, "bots": 2, "identities": 3}


def test_a_bot_is_a_persons_to_settle_once_it_is_known(changes: Changes) -> None:
    IdentityFactory(value="dependabot[bot]", is_bot=False)
    IdentityFactory(value="helper", is_bot=True)
    found = ensure_identities(
        changes, handles=["dependabot[bot]", "helper", "relay"], bots=["helper", "Relay"]
    )
    assert [found[name].is_bot for name in ("dependabot[bot]", "helper", "relay")] == [False, True, True]
    assert looks_like_bot("github", "Dependabot")
    assert not looks_like_bot("mastodon", "dependabot")


def test_the_number_of_queries_is_flat(changes: Changes, django_assert_num_queries) -> None:
    ensure_identities(changes, handles=["seed"])
    with django_assert_num_queries(11):
        ensure_identities(changes, handles=["one"])
    with django_assert_num_queries(11):
        ensure_identities(changes, handles=[f"login{n}" for n in range(30)])
    with django_assert_num_queries(2):
        ensure_identities(changes, handles=[f"login{n}" for n in range(30)])


def test_numbers_prove_and_contradict() -> None:
    old = IdentityFactory(value="river", number="1")
    new = IdentityFactory(value="river", number="2")
    bare = IdentityFactory(value="delta", number="")
    second = PersonFactory()
    IdentityFactory(value="second", number="7", person=second)
    former = IdentityFactory(value="former", number="", person=second)
    handles = [
        Handle("github", value, number) for value, number in (("x", "1"), ("River", "3"), ("delta", "9"))
    ]
    directory = Directory([*handles, Handle("github", "river"), Handle("github", "former", "8")])
    assert directory.find(handles[0]) == old
    assert directory.find(handles[1]) is None
    assert directory.find(handles[2]) == bare
    assert directory.find(Handle("github", "river")) == new
    # somebody who has another account by number: the old login may be a new person's now
    assert directory.find(Handle("github", "former", "8")) is None
    assert directory.find(Handle("github", "former")) == former


def test_one_person_is_one_object() -> None:
    person = PersonFactory()
    IdentityFactory(value="a", person=person)
    IdentityFactory(system="email", value="a@example.org", person=person)
    directory = Directory([Handle("github", "a"), Handle("email", "a@example.org")])
    one, other = directory.find(Handle("github", "a")), directory.find(Handle("email", "a@example.org"))
    assert one is not None
    assert other is not None
    assert one.person is other.person


def test_what_others_may_ask(django_assert_num_queries) -> None:
    package = ProjectFactory(name="Alpha", repository="https://github.com/Open-Lab/Alpha.git")
    ProjectFactory(name="alpha", kind="repository")
    lesson = ProjectFactory(name="Beta", kind="lesson")
    # by name, then by the other names that a merge left
    with django_assert_num_queries(2):
        assert projects_by_name(["ALPHA", "beta", "gamma"]) == {"alpha": package, "beta": lesson}
    assert projects_by_name(["alpha"], kind="lesson") == {}
    with django_assert_num_queries(1):
        assert projects_by_repository(["http://github.com/open-lab/alpha/", ""]) == {
            "github.com/open-lab/alpha": package
        }
    staff = TermFactory(role_kind=RoleKindFactory(is_staff=True))
    TermFactory()
    assert list(staff_terms()) == [staff]
    assert Person.objects.count() == 2
    assert Identity.objects.count() == 0
