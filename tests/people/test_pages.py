"""The register's pages: who may open what, what they show, what they do with wrong input."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.people import amy_urls, consent_urls, merging_urls, urls
from folkmoot.people.views.words import selection
from tests.people.conftest import Register

pytestmark = pytest.mark.django_db

Visit = Callable[..., HttpResponse]

#: Every address of the register: who may open it (the lowest level), and whether by GET or by POST only.
VIEW, CONTRIBUTE, MANAGE, ADMIN = 1, 2, 3, 4
PAGES: dict[str, tuple[int, str]] = {
    "people": (VIEW, "get"),
    "new_person": (MANAGE, "get"),
    "tag_people": (CONTRIBUTE, "get"),
    "person": (VIEW, "get"),
    "edit_person": (MANAGE, "get"),
    "write": (MANAGE, "get"),
    "archive_person": (MANAGE, "post"),
    "unarchive_person": (MANAGE, "post"),
    "remove_person": (ADMIN, "post"),
    "person_history": (VIEW, "get"),
    "new_identity": (MANAGE, "get"),
    "edit_identity": (MANAGE, "get"),
    "remove_identity": (MANAGE, "post"),
    "new_term": (MANAGE, "get"),
    "edit_term": (MANAGE, "get"),
    "decide_term": (MANAGE, "get"),
    "remove_term": (MANAGE, "post"),
    "move_term": (MANAGE, "post"),
    "new_affiliation": (MANAGE, "get"),
    "edit_affiliation": (MANAGE, "get"),
    "remove_affiliation": (MANAGE, "post"),
    "dismiss_affiliation": (MANAGE, "post"),
    "new_note": (CONTRIBUTE, "post"),
    "edit_note": (MANAGE, "get"),
    "remove_note": (MANAGE, "post"),
    "tags": (VIEW, "get"),
    "edit_tag": (MANAGE, "get"),
    "remove_tag": (MANAGE, "post"),
    "tag_record": (CONTRIBUTE, "post"),
    "untag_record": (CONTRIBUTE, "post"),
    "undo": (CONTRIBUTE, "post"),
    "organizations": (VIEW, "get"),
    "new_organization": (MANAGE, "get"),
    "organization": (VIEW, "get"),
    "edit_organization": (MANAGE, "get"),
    "remove_organization": (ADMIN, "post"),
    "organization_history": (VIEW, "get"),
    "archive_organization": (MANAGE, "post"),
    "unarchive_organization": (MANAGE, "post"),
    "new_relation": (MANAGE, "get"),
    "edit_relation": (MANAGE, "get"),
    "remove_relation": (MANAGE, "post"),
    "organization_kinds": (VIEW, "get"),
    "new_organization_kind": (MANAGE, "get"),
    "edit_organization_kind": (MANAGE, "get"),
    "remove_organization_kind": (MANAGE, "post"),
    "organization_kind_history": (VIEW, "get"),
    "project_rules": (MANAGE, "get"),
    "project_rules_history": (VIEW, "get"),
    "team_terms": (VIEW, "get"),
    "projects": (VIEW, "get"),
    "new_project": (MANAGE, "get"),
    "project": (VIEW, "get"),
    "edit_project": (MANAGE, "get"),
    "remove_project": (ADMIN, "post"),
    "project_history": (VIEW, "get"),
    "new_project_member": (MANAGE, "get"),
    "teams": (VIEW, "get"),
    "new_team": (MANAGE, "get"),
    "team": (VIEW, "get"),
    "edit_team": (MANAGE, "get"),
    "remove_team": (ADMIN, "post"),
    "team_history": (VIEW, "get"),
    "new_team_member": (MANAGE, "get"),
    "generic_values": (MANAGE, "get"),
    "new_generic": (MANAGE, "get"),
    "undo_generic": (MANAGE, "post"),
    "find_candidates": (MANAGE, "post"),
    "role_kinds": (VIEW, "get"),
    "new_role_kind": (MANAGE, "get"),
    "role_kind": (VIEW, "get"),
    "edit_role_kind": (MANAGE, "get"),
    "remove_role_kind": (MANAGE, "post"),
    "role_kind_history": (VIEW, "get"),
}


WITHOUT_NUMBER = {
    *("generic_values", "new_generic", "undo_generic", "find_candidates"),
    *("people", "tags", "organizations", "projects", "teams", "role_kinds"),
    *("organization_kinds", "new_organization_kind", "project_rules", "project_rules_history"),
    *("new_person", "new_organization", "new_project", "new_team", "new_role_kind", "tag_people", "undo"),
}


def address(name: str, register: Register) -> str:
    """The address of this name in the small register."""
    rows = {
        "identity": register.spare,
        "term": register.term,
        "affiliation": register.affiliation,
        "note": register.note,
        "organization": register.organization,
        "organization_kind": register.organization_kind,
        "relation": register.relation,
        "project": register.project,
        "team": register.team,
        "team_terms": register.team,
        "role_kind": register.role_kind,
        "tag": register.tag,
    }
    if name == "new_relation":
        return reverse("people:new_relation", args=[register.organization.pk])
    about_person = ("new_identity", "new_term", "new_affiliation", "write")
    if name == "dismiss_affiliation":
        return reverse(f"people:{name}", args=[register.person.pk, register.organization.pk])
    if name == "tag_people":
        return reverse("people:tag_people", args=[selection([register.person.pk])])
    if name in ("undo", "undo_generic"):
        return reverse(f"people:{name}", args=["nothing"])
    if name in WITHOUT_NUMBER:
        return reverse(f"people:{name}")
    if name in ("new_note", "tag_record"):
        return reverse(f"people:{name}", args=["person", register.person.pk])
    if name == "untag_record":
        return reverse("people:untag_record", args=["person", register.person.pk, register.tag.pk])
    if name in about_person or "person" in name:
        return reverse(f"people:{name}", args=[register.person.pk])
    row = next(rows[key] for key in sorted(rows, key=len, reverse=True) if key in name)
    return reverse(f"people:{name}", args=[row.pk])


def test_every_address_is_in_the_table() -> None:
    elsewhere = {pattern.name for pattern in merging_urls.urlpatterns}  # in test_merging_pages
    elsewhere |= {pattern.name for pattern in consent_urls.urlpatterns}  # in tests/test_walk.py
    elsewhere |= {pattern.name for pattern in amy_urls.urlpatterns}  # in test_amy_pages
    names = {pattern.name for pattern in urls.urlpatterns}
    assert sorted(PAGES) == sorted(names - elsewhere)


@pytest.fixture
def visit(client: Client) -> Visit:
    """Opens an address as somebody: one browser for all, since making one takes longer than the page."""

    def open_as(
        user: User | None, url: str, method: str = "get", data: dict[str, object] | None = None
    ) -> HttpResponse:
        client.logout()
        if user is not None:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return getattr(client, method)(url, data or {})

    return open_as


@pytest.mark.parametrize("name", sorted(PAGES))
def test_who_may_open_it(
    name: str,
    register: Register,
    visit: Visit,
    alice: User,
    mary: User,
    carol: User,
    bob: User,
    charlie: User,
) -> None:
    level, method = PAGES[name]
    url = address(name, register)
    answer = visit(None, url, method)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("account_login"))
    assert visit(charlie, url, method).status_code == 403
    allowed = {VIEW: bob, CONTRIBUTE: carol, MANAGE: mary, ADMIN: alice}
    for needs, user in allowed.items():
        if needs < level:
            assert visit(user, url, method).status_code == 403, f"level {needs} opened {name}"
    assert visit(allowed[level], url, method).status_code == (200 if method == "get" else 302)


@pytest.mark.parametrize("name", sorted(name for name, (_level, method) in PAGES.items() if method == "post"))
def test_what_changes_something_is_posted(name: str, register: Register, as_alice: Client) -> None:
    assert as_alice.get(address(name, register)).status_code == 405


@pytest.mark.parametrize("name", [name for name in sorted(PAGES) if name not in WITHOUT_NUMBER])
def test_the_number_of_nothing_is_not_found(name: str, register: Register, as_alice: Client) -> None:
    url = address(name, register)
    number = next(part for part in url.split("/") if part.isdigit())
    for wrong in ("0", str(10**17), str(10**30)):
        answer = getattr(as_alice, PAGES[name][1])(url.replace(f"/{number}/", f"/{wrong}/", 1))
        assert answer.status_code == 404


class TestPersonPage:
    def test_what_it_shows(self, register: Register, as_alice: Client) -> None:
        page = as_alice.get(address("person", register)).content.decode()
        for shown in (
            "Ana Lucía Pérez",
            "she/her",
            "Harbour Institute",
            "Bogotá",
            "there",
            "Editor",
            "wavefold",
            "Council",
            "anaperez",
            "https://github.com/anaperez",
            "mentor",
            "A secret wish",
            "What sources say",
            "people.yml",
        ):
            assert shown in page, shown

    def test_notes_are_for_those_who_work_with_people(
        self, register: Register, as_bob: Client, as_carol: Client
    ) -> None:
        register.note.body = "A secret wish, changed"
        register.note.save()
        for name in ("person", "person_history"):
            assert "secret" not in as_bob.get(address(name, register)).content.decode()
            assert "secret" in as_carol.get(address(name, register)).content.decode()

    def test_no_button_without_the_right(
        self, register: Register, as_bob: Client, as_carol: Client, as_mary: Client, as_alice: Client
    ) -> None:
        def offers(client: Client) -> tuple[bool, bool, bool, bool]:
            page = client.get(address("person", register)).content.decode()
            return (
                address("new_note", register) in page,
                address("tag_record", register) in page,
                address("edit_person", register) in page,
                address("remove_person", register) in page,
            )

        assert offers(as_bob) == (False, False, False, False)
        assert offers(as_carol) == (True, True, False, False)
        assert offers(as_mary) == (True, True, True, False)
        assert offers(as_alice) == (True, True, True, True)

    @pytest.mark.parametrize(
        "query",
        [
            "about=%00",
            "about=nothing",
            "before=x",
            "before=2026-01-01~a~1",
            "before=9999-99-99T00:00:00+00:00~people.notes~99999999999999999999",
        ],
    )
    def test_odd_addresses_are_read_kindly(self, query: str, register: Register, as_alice: Client) -> None:
        assert as_alice.get(f"{address('person', register)}?{query}").status_code == 200
