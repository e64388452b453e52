"""A person's own side and what everybody sees of them, on a desk and on a phone, light and dark, by the keyboard."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from playwright.sync_api import expect

from folkmoot.kernel.accounts.models import User
from folkmoot.people.actions import consents, own
from folkmoot.people.models import ConsentText, Person
from folkmoot.people.seeds.consents import load_consents
from tests.browser.conftest import DESK, PAINTED_AS, PHONE, Visit
from tests.factories import ActivityFactory, IdentityFactory, PersonFactory, TermFactory

Open = Callable[..., Visit]


@pytest.fixture
def ana(charlie: User, settings: Any, tmp_path: Path) -> Person:
    """Charlie's record: a photograph, roles, work, consents given; with words long enough to wrap on a phone."""
    settings.MEDIA_ROOT = tmp_path
    load_consents()
    person = PersonFactory(
        name="Ana Lucía Pérez-Oyarzábal de la Costa",
        user=charlie,
        pronouns="she/her",
        bio="Rivers and floods. " * 20,
        location="Bogotá",
        country="CO",
        time_zone="America/Bogota",
        website="https://a-very-long-address.of.ana.example/with/a/path/that/does/not/end/soon",
        availability="limited",
    )
    email = IdentityFactory(
        person=person, system="email", value="ana.with.a.long.address@hydrology.example.org"
    )
    ActivityFactory(identity=email)
    TermFactory(person=person)
    for facet, names in (("domain", ["hydrology", "floods"]), ("language", ["español", "English"])):
        own.set_own_tags(person=person, facet=facet, names=names, actor=charlie)
    picture = io.BytesIO()
    Image.new("RGB", (400, 300), "navy").save(picture, "JPEG")
    own.set_photo(person=person, upload=SimpleUploadedFile("me.jpg", picture.getvalue()), actor=charlie)
    for text in ConsentText.objects.filter(language="en"):
        consents.give(person=person, text=text, actor=charlie)
    person.refresh_from_db()
    return person


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_own_pages_and_public_ones(
    visit: Open, ana: Person, charlie: User, alice: User, width: int, scheme: str
) -> None:
    window = visit(charlie, width=width, scheme=scheme)
    for address in (
        "",
        "edit/",
        "public/",
        "everything/",
        "history/",
        "ask/",
        "handles/new/",
        "photo/set/",
        "erase/",
    ):
        page = window.go(f"/my/record/{address}")
        assert page.evaluate(PAINTED_AS) == scheme
        window.check()
    everybody = visit(width=width, scheme=scheme)
    for address in ("/contributors/", f"/contributors/{ana.pk}/", "/accounts/login/code/"):
        assert everybody.go(address).evaluate(PAINTED_AS) == scheme
        everybody.check()
    coordinator = visit(alice, width=width, scheme=scheme)
    page = coordinator.go(f"/people/{ana.pk}/")
    expect(page.get_by_role("img", name=f"Photograph of {ana.name}")).to_be_visible()
    coordinator.check()


def test_a_member_claims_agrees_and_is_found_by_the_keyboard(visit: Open, charlie: User) -> None:
    load_consents()
    person = PersonFactory(name="Charlie of the Coast")
    IdentityFactory(person=person, system="email", value="charlie@example.org")
    window, everybody = visit(charlie, width=PHONE), visit()
    page = window.go("/")
    expect(page).to_have_url(f"{window.base}/my/record/")
    window.check()
    page.get_by_role("button", name="This is me").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Charlie of the Coast")
    expect(everybody.go("/contributors/").get_by_text("Charlie of the Coast")).to_have_count(0)
    page.get_by_role("button", name="Public profile").press("Enter")
    expect(page.get_by_role("link", name="Everybody sees this page")).to_be_visible()
    window.check()
    everybody.go("/contributors/").get_by_role("link", name="Charlie of the Coast").press("Enter")
    expect(everybody.page.get_by_role("heading", level=1)).to_have_text("Charlie of the Coast")
    page.get_by_role("button", name="Public profile").press("Enter")
    expect(page.get_by_role("link", name="Everybody sees this page")).to_have_count(0)
    everybody.go("/contributors/")
    everybody.check()
    assert Person.objects.get(user=charlie) == person
