"""The public pages: only of those who consent, only what they agreed to or chose, and gone at once."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.people.actions import consents, own
from folkmoot.people.models import Affiliation, ConsentKind, ConsentText, Person
from folkmoot.people.seeds.consents import load_consents
from tests.factories import (
    ActivityFactory,
    IdentityFactory,
    OrganizationFactory,
    PersonFactory,
    ProjectFactory,
    RoleKindFactory,
    TermFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

#: What a person never agreed to show unless they tick it.
PRIVATE = (
    "she/her",
    "Bogotá",
    "Colombia",
    "ana.example",
    "ana-login",
    "ana@example.org",
    "Harbour",
    "evenings",
)


def contributor(name: str, *, agrees: bool = True, **fields: Any) -> Person:
    person = PersonFactory(name=name, user=UserFactory(), **fields)
    if agrees:
        give(person, "public-profile")
    return person


def give(person: Person, slug: str) -> None:
    if not ConsentKind.objects.exists():
        load_consents()
    text = ConsentText.objects.get(kind__slug=slug, language="en")
    assert isinstance(person.user, User)
    consents.give(person=person, text=text, actor=person.user)


@pytest.fixture
def ana() -> Person:
    """Consents to a page, and chose to show nothing beside."""
    ana = contributor(
        "Ana Pérez",
        bio="Rivers and floods.",
        pronouns="she/her",
        location="Bogotá",
        country="CO",
        website="https://ana.example",
        availability="limited",
        availability_note="evenings",
    )
    assert ana.user is not None
    for facet, names in (("domain", ["hydrology"]), ("language", ["Spanish"])):
        own.set_own_tags(person=ana, facet=facet, names=names, actor=ana.user)
    identity = IdentityFactory(person=ana, value="ana-login")
    IdentityFactory(person=ana, system="email", value="ana@example.org")
    ActivityFactory(identity=identity, occurred_at=dt.datetime(2024, 5, 1, tzinfo=dt.UTC))
    Affiliation.objects.create(person=ana, organization=OrganizationFactory(name="Harbour Institute"))
    kind = RoleKindFactory(name="Editor", slug="editor")
    TermFactory(person=ana, role_kind=kind, project=ProjectFactory(name="wavefold"))
    return ana


def shown(client: Client, url: str) -> tuple[int, str]:
    answer = client.get(url)
    return answer.status_code, answer.content.decode()


def test_what_was_agreed_is_shown_and_nothing_else(ana: Person, as_nobody: Client) -> None:
    contributor("Eve Secret", agrees=False, bio="Eve's words")
    pages = [
        shown(as_nobody, url)
        for url in ("/contributors/", f"/contributors/{ana.pk}/", "/contributors/people.json")
    ]
    assert [status for status, _text in pages] == [200] * 3
    for _status, text in pages:
        assert [leak for leak in (*PRIVATE, "Eve") if leak in text] == []
        for word in ("Ana P", "hydrology", "Editor", "wavefold"):
            assert word in text
    assert "Rivers and floods." in pages[1][1]
    found = json.loads(pages[2][1])
    assert (found["count"], found["contributors"][0]["handles"], found["contributors"][0]["place"]) == (
        1,
        [],
        "",
    )


def test_what_was_chosen_is_shown_too(ana: Person, as_nobody: Client) -> None:
    assert ana.user is not None
    own.choose_public(
        person=ana,
        parts=["pronouns", "location", "website", "availability", "organizations", "contributions"],
        identities=[ana.identities.get(system="github").pk],
        actor=ana.user,
    )
    page = shown(as_nobody, f"/contributors/{ana.pk}/")[1]
    assert [word for word in (*PRIVATE, "Contributions", "2024") if word not in page] == ["ana@example.org"]


def test_withdrawn_is_gone_at_once_and_kept_in_no_cache(
    ana: Person, as_nobody: Client, settings: Any
) -> None:
    url = f"/contributors/{ana.pk}/"
    answer = as_nobody.get(url)
    assert ("no-store" in answer["Cache-Control"], answer["X-Robots-Tag"]) == (True, "noindex, nofollow")
    settings.CONTRIBUTORS = "listed"
    assert "X-Robots-Tag" not in as_nobody.get(url)
    assert ana.user is not None
    consents.withdraw(person=ana, kind=ConsentKind.objects.get(slug="public-profile"), actor=ana.user)
    absent = as_nobody.get("/contributors/987654321/")
    for gone in (url, f"{url}photo/"):
        assert as_nobody.get(gone).status_code == 404
    told = [
        re.sub(r'"X-CSRFToken": "\w+"', "", text)
        for text in (shown(as_nobody, url)[1], absent.content.decode())
    ]
    assert told[0] == told[1].replace("987654321", str(ana.pk))
    assert "Ana" not in shown(as_nobody, "/contributors/")[1]
    give(ana, "public-profile")
    assert as_nobody.get(url).status_code == 200
    for change in ({"archived_at": clock.now()}, {"archived_at": None, "erased_at": clock.now()}):
        Person.objects.filter(pk=ana.pk).update(**change)
        assert as_nobody.get(url).status_code == 404
    settings.CONTRIBUTORS = "closed"
    assert as_nobody.get("/contributors/").status_code == 404


def test_a_photograph_needs_a_consent_of_its_own(
    ana: Person, as_nobody: Client, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    ana.photo.save("a.jpg", ContentFile(b"jpeg"))
    url = f"/contributors/{ana.pk}/photo/"
    assert (as_nobody.get(url).status_code, url in shown(as_nobody, "/contributors/")[1]) == (404, False)
    give(ana, "photograph")
    answer = as_nobody.get(url)
    answer.close()
    assert (answer.status_code, answer["Content-Type"], "no-store" in answer["Cache-Control"]) == (
        200,
        "image/jpeg",
        True,
    )


def test_filters(ana: Person, as_nobody: Client) -> None:
    bea = contributor("Bea", availability="yes")
    assert bea.user is not None
    own.choose_public(person=bea, parts=["availability"], identities=[], actor=bea.user)

    def names(query: str) -> list[str]:
        found = json.loads(shown(as_nobody, f"/contributors/people.json?{query}")[1])
        return [row["name"] for row in found["contributors"]]

    assert names("") == ["Ana Pérez", "Bea"]
    assert names("q=perez") == names("q=hydro") == names("expertise=Hydrology") == ["Ana Pérez"]
    assert names("language=spanish") == names("role=editor") == ["Ana Pérez"]
    assert names("available=1") == ["Bea"]
    assert names("role=nobody") == []
    assert names("page=nonsense&q=%00") == ["Ana Pérez", "Bea"]
    assert "Nobody fits" in shown(as_nobody, "/contributors/?q=zzz")[1]


@pytest.mark.parametrize("number", [1, 3])
def test_the_same_queries_however_many(
    number: int, as_nobody: Client, django_assert_num_queries: Any
) -> None:
    for n in range(number):
        person = contributor(f"Person {n}")
        own.set_own_tags(person=person, facet="domain", names=[f"domain {n}"], actor=person.user)  # type: ignore[arg-type]
        TermFactory(person=person)
    with django_assert_num_queries(13):
        assert as_nobody.get("/contributors/").status_code == 200
