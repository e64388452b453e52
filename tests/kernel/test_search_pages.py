"""The search page and the palette: what each person is offered."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports.models import ColumnMapping
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.plugs import Command, NavEntry, commands, navigation
from folkmoot.kernel.search.kinds import Document, SearchKind, search_kinds
from folkmoot.kernel.search.offers import offers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _house(monkeypatch: pytest.MonkeyPatch) -> None:
    for registry in (search_kinds, commands, navigation):
        monkeypatch.setattr(registry, "_items", {})
    search_kinds.register(
        SearchKind(
            "mapping",
            "Mappings",
            "table",
            "people.view",
            "people",
            ColumnMapping,
            lambda ids: [
                Document(row.pk, row.source, row.name, url=f"/mapping/{row.pk}/")
                for row in ColumnMapping.objects.filter(pk__in=ids)
            ],
        )
    )
    search_kinds.register(
        SearchKind(
            "job",
            "Jobs",
            "gear",
            "settings.view",
            "settings",
            Job,
            lambda ids: [Document(j.pk, j.kind, url=f"/job/{j.pk}/") for j in Job.objects.filter(pk__in=ids)],
            order=1,
        )
    )
    commands.register(Command("look", "Look for people", "search:page", "people.view", icon="people"))
    commands.register(Command("admin", "Look after everything", "search:page", "settings.admin"))
    commands.register(Command("gone", "Look nowhere", "nobody:serves-this", "people.view"))
    navigation.register(NavEntry("today", "Today", "home:today", "sun"))


def links(response: Any) -> list[str]:
    return re.findall(r'href="([^"]+)"[^>]*>', response.content.decode())


def hits(response: Any) -> list[str]:
    return [link for link in links(response) if re.match(r"/(mapping|job)/", link)]


@pytest.fixture
def rows() -> tuple[ColumnMapping, Job]:
    return ColumnMapping.objects.create(source="Maria <b>", name="of the river"), Job.objects.create(
        kind="maria.secret"
    )


def test_offers_are_those_that_the_person_may_use(alice: User, bob: User, charlie: User) -> None:
    assert [o.label for o in offers("", alice)] == ["Look after everything", "Look for people", "Go to Today"]
    assert [o.label for o in offers("look", alice)] == ["Look after everything", "Look for people"]
    assert [o.label for o in offers("PEOP lo", bob)] == ["Look for people"]
    assert [o.label for o in offers("look", charlie)] == []
    assert [o.label for o in offers("today", charlie)] == ["Go to Today"]
    assert offers('"*"', alice) == []


@pytest.mark.parametrize("name", ["search:page", "search:palette"])
def test_who_finds_what(
    name: str,
    rows: tuple[ColumnMapping, Job],
    as_alice: Client,
    as_bob: Client,
    as_charlie: Client,
    as_nobody: Client,
) -> None:
    url = reverse(name)
    mapping, job = rows
    assert hits(as_alice.get(url, {"q": "maria"})) == [f"/mapping/{mapping.pk}/", f"/job/{job.pk}/"]
    assert hits(as_bob.get(url, {"q": "maria"})) == [f"/mapping/{mapping.pk}/"]
    assert b"secret" not in as_bob.get(url, {"q": "maria"}).content
    assert hits(as_charlie.get(url, {"q": "maria"})) == []
    assert as_nobody.get(url, {"q": "maria"}).status_code == 302


def test_what_is_typed_and_found_is_escaped(as_alice: Client, rows: tuple[ColumnMapping, Job]) -> None:
    for name in ("search:page", "search:palette"):
        body = as_alice.get(reverse(name), {"q": "maria <script>"}).content.decode()
        assert "<script>" not in body.replace('<script src="', "")
        body = as_alice.get(reverse(name), {"q": "maria"}).content.decode()
        assert "Maria &lt;b&gt;" in body


def test_nothing_found_says_so(as_alice: Client) -> None:
    assert (
        "Nothing found for “zzzz”" in as_alice.get(reverse("search:palette"), {"q": "zzzz"}).content.decode()
    )
    assert "Nothing found" in as_alice.get(reverse("search:page"), {"q": "zzzz"}).content.decode()
    assert "Find anything" in as_alice.get(reverse("search:page")).content.decode()


def test_the_page_goes_on_and_keeps_its_kind(as_alice: Client) -> None:
    for n in range(30):
        ColumnMapping.objects.create(source=f"River {n:02d}", name="x")
    Job.objects.create(kind="river")
    url = reverse("search:page")
    first = as_alice.get(url, {"q": "river", "kind": "mapping"})
    assert len(hits(first)) == 25
    assert "?q=river&amp;kind=mapping&amp;page=2" in links(first)
    assert len(hits(as_alice.get(url, {"q": "river", "kind": "mapping", "page": "2"}))) == 5
    assert len(hits(as_alice.get(url, {"q": "river", "page": "2"}))) == 6
    for odd in ("0", "-1", "x", "99999999999", "²"):
        assert as_alice.get(url, {"q": "river", "page": odd}).status_code == 200
    assert len(hits(as_alice.get(url, {"q": "river", "kind": "unknown"}))) == 25


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", ["search:page", "search:palette"])
def test_the_number_of_queries_does_not_grow(
    name: str, count: int, as_alice: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(count):
        ColumnMapping.objects.create(source=f"River {n}", name="x")
    with django_assert_max_num_queries(9):
        as_alice.get(reverse(name), {"q": "river"})
