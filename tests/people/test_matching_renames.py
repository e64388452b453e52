"""Accounts that were renamed, logins that were given to others, and addresses that GitHub makes."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.models import ImportRun
from folkmoot.people.identities import Directory, Handle, meant
from folkmoot.people.matching import keys
from folkmoot.people.models import FormerHandle, Identity
from folkmoot.people.public import ensure_identities, rename_identity
from tests.factories import IdentityFactory

pytestmark = pytest.mark.django_db


def find(system: str, value: str, number: str = "") -> Identity | None:
    handle = Handle(system, value, number)
    return Directory([handle]).find(handle)


def test_a_renamed_account_is_one_identity_and_its_old_login_leads_to_it() -> None:
    ada = IdentityFactory(value="Ada-Old", number="7")
    rename_identity(identity=ada, value="ada-new", actor=None, source="github")
    rename_identity(identity=ada, value="ada-new", actor=None, source="github")
    ada.refresh_from_db()
    assert (ada.value, ada.folded) == ("ada-new", "ada-new")
    assert list(FormerHandle.objects.values_list("value", "source")) == [("Ada-Old", "github")]
    assert find("github", "ADA-OLD") == find("github", "ada-new") == find("github", "x", "7") == ada
    assert find("github", "ada-old", "8") is None  # a number says it is somebody else
    assert find("mastodon", "ada-old") is None
    # the same way back
    rename_identity(identity=ada, value="Ada-Old", actor=None, source="github")
    assert list(FormerHandle.objects.values_list("value", flat=True)) == ["ada-new"]


def test_a_login_that_somebody_else_has_now_is_theirs() -> None:
    ada = IdentityFactory(value="ada", number="7")
    rename_identity(identity=ada, value="ada-lane", actor=None)
    other = IdentityFactory(value="ada", number="8")
    assert find("github", "ada") == other
    # and when they too rename, the latest who had it is meant
    rename_identity(identity=other, value="ada-young", actor=None)
    assert find("github", "ada") == other
    assert find("github", "ada", "7") == ada


def test_only_the_spelling_is_no_new_name_and_no_number_no_renaming() -> None:
    ada = IdentityFactory(value="ada", number="7")
    rename_identity(identity=ada, value="Ada", actor=None)
    assert FormerHandle.objects.count() == 0
    bare = IdentityFactory(value="bare")
    with pytest.raises(ValidationError, match="nobody knows whether"):
        rename_identity(identity=bare, value="other", actor=None)


def test_an_address_made_by_github_is_the_account() -> None:
    changes = Changes(ImportRun.objects.create(source="test", origin="t", path="t"))
    by_number = IdentityFactory(value="ada", number="7")
    by_login = IdentityFactory(value="Bo")
    assert find("email", "7+ada-of-old@users.noreply.github.com") == by_number
    assert find("email", "bo@users.noreply.github.com") == by_login
    assert find("email", "9+bo@users.noreply.github.com") == by_login
    made = ensure_identities(changes, system="email", handles=["12+Cy@users.noreply.github.com"])
    assert [(one.system, one.value, one.number) for one in made.values()] == [("github", "Cy", "12")]


@pytest.mark.parametrize(
    ("address", "account"),
    [
        ("12+Ada@users.noreply.github.com", ("12", "Ada")),
        ("0012+Ada@Users.NoReply.GitHub.com", ("12", "Ada")),
        ("ada@users.noreply.github.com", ("", "ada")),
        ("12+renovate[bot]@users.noreply.github.com", ("12", "renovate[bot]")),
        ("noreply@github.com", None),
        ("12+ada@users.noreply.github.com.example.org", None),
        ("+ada@users.noreply.github.com", None),
        ("ada@example.org", None),
    ],
)
def test_what_github_makes_and_what_it_does_not(address: str, account: tuple[str, str] | None) -> None:
    assert keys.noreply(address) == account
    expected = Handle("github", account[1], account[0]) if account else Handle("email", address)
    assert meant(Handle("email", address)) == expected
