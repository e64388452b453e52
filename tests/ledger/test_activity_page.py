"""The activity page: the rows behind a figure, for those who may see them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.metrics import Scope, metrics
from folkmoot.kernel.periods import Period
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.ledger.metrics.base import ItemMetric
from tests.conftest import signed_in
from tests.factories import IdentityFactory, ItemFactory, PersonFactory, ProjectFactory
from tests.ledger.worlds import opened, staff_term

pytestmark = pytest.mark.django_db
URL = "/activity/"


def titles(client: Client, query: str) -> list[str]:
    """The first column of the exported list."""
    response = client.get(f"{URL}?{query}&export=csv")
    assert response.status_code == 200
    lines = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))
    return [line[0] for line in lines[1:]]


@pytest.fixture
def community() -> None:
    """Ana is new in the second quarter, Ben was there before, Cem is staff, a bot is a bot."""
    people = {
        name: IdentityFactory(person=PersonFactory(name=name), value=name.lower())
        for name in ("Ana", "Ben", "Cem")
    }
    bot = IdentityFactory(value="robot", is_bot=True)
    guide = ProjectFactory(name="guide", kind="repository")
    staff_term(people["Cem"].person)

    def opens(identity: Any, title: str, at: str, **fields: Any) -> None:
        opened(identity, at, item=ItemFactory(title=title, state="open"), **fields)

    opens(people["Ben"], "ben old", "2026-02-01", project=guide)
    opens(people["Ana"], "ana 1", "2026-04-01 00:00:00", project=guide)
    opens(people["Ana"], "ana 2", "2026-06-30 23:59:59.999999", source="list")
    opens(people["Ben"], "ben new", "2026-05-04", project=guide)
    opens(people["Cem"], "cem", "2026-05-05")
    opens(bot, "bot", "2026-05-06")
    opens(people["Ana"], "=ana later", "2026-07-01")


def test_who_may_see_it(
    alice: User,
    bob: User,
    charlie: User,
    as_alice: Client,
    as_bob: Client,
    as_charlie: Client,
    as_nobody: Client,
) -> None:
    assert [client.get(URL).status_code for client in (as_alice, as_bob, as_charlie, as_nobody)] == [
        200,
        200,
        403,
        302,
    ]
    grant(user=charlie, area=Area.REPORTS, level=Level.VIEW)
    assert signed_in(charlie).get(URL).status_code == 200


@pytest.mark.usefixtures("community")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["'=ana later", "ana 2", "bot", "cem", "ben new", "ana 1", "ben old"]),
        ("period=2026Q2", ["ana 2", "bot", "cem", "ben new", "ana 1"]),
        ("period=2026Q2&exclude=staff", ["ana 2", "bot", "ben new", "ana 1"]),
        ("period=2026Q2&as_of=2026-05-05", ["cem", "ben new", "ana 1"]),
        ("as_of=2026-04-01", ["ana 1", "ben old"]),
        ("source=list", ["ana 2"]),
        ("project=Guide", ["ben new", "ana 1", "ben old"]),
        ("person=ana", ["'=ana later", "ana 2", "ana 1"]),
        ("kind=item.opened&period=2026-05", ["bot", "cem", "ben new"]),
        ("kind=people.term_started", []),
        ("metric=active_people&period=2026Q2", ["ana 2", "cem", "ben new", "ana 1"]),
        ("metric=first_timers&period=2026Q2&exclude=staff", ["ana 2", "ana 1"]),
        ("metric=returning_people&period=2026Q2", ["ben new"]),
        ("metric=items_bot&period=2026Q2", ["bot"]),
        ("metric=retention_rate&period=2026Q2", ["ben old"]),
        ("metric=first_timers&period=2026Q2&project=guide&as_of=2026-05-01", ["ana 1"]),
        ("q=ben&period=2026Q2", ["ben new"]),
        ("sort=when&period=2026-05", ["ben new", "cem", "bot"]),
    ],
)
def test_the_address_says_which_rows(as_alice: Client, query: str, expected: list[str]) -> None:
    assert titles(as_alice, query) == expected


@pytest.mark.usefixtures("community")
def test_each_figure_s_link_leads_to_as_many_rows_as_it_says(as_alice: Client) -> None:
    scope = Scope(Period.parse("2026Q2"), exclude=frozenset({"staff"}))
    for metric in metrics:
        if isinstance(metric, ItemMetric):
            address = metric.rows_url(scope)
            page = as_alice.get(address)
            assert (metric.key, page.context["list"].page.count) == (metric.key, metric.compute(scope).rows)
            assert str(metric.definition) in page.content.decode().replace("&#x27;", "'")


@pytest.mark.usefixtures("community")
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("period=spring", "spring is not a period: write a quarter (2026Q2)"),
        ("as_of=now", "now is no day: write it as 2026-06-30."),
        ("source=nowhere", "There is no source nowhere in the ledger; known: forge, list."),
        ("project=gude", "There is no project gude; did you mean guide?"),
        ("exclude=bots", "There is nothing called bots to leave out; known: staff."),
        ("metric=stars", "There is no figure stars that rests on activity; known: active_people"),
    ],
)
def test_what_does_not_exist_is_told_and_nothing_is_shown(as_alice: Client, query: str, told: str) -> None:
    page = as_alice.get(f"{URL}?{query}")
    assert told in page.content.decode()
    assert page.context["list"].page.count == 0


def test_people_are_links_only_for_those_who_may_open_them(charlie: User, as_alice: Client) -> None:
    identity = IdentityFactory()
    opened(identity, "2026-05-04")
    link = reverse("people:person", args=[identity.person_id])
    assert link in as_alice.get(URL).content.decode()
    grant(user=charlie, area=Area.REPORTS, level=Level.VIEW)
    page = signed_in(charlie).get(URL).content.decode()
    assert identity.person.name not in page
    assert link not in page


@pytest.mark.parametrize("query", ["", "?metric=first_timers&period=2026Q2"])
def test_one_row_or_three_take_the_same_queries(
    as_alice: Client, django_assert_num_queries: Any, query: str
) -> None:
    def one_more() -> None:
        opened(IdentityFactory(), "2026-05-04", item=ItemFactory(), project=ProjectFactory())

    one_more()
    as_alice.get(URL + query)
    number = {"": 8, "?metric=first_timers&period=2026Q2": 10}[query]
    with django_assert_num_queries(number):
        assert as_alice.get(URL + query).context["list"].page.count == 1
    one_more()
    one_more()
    with django_assert_num_queries(number):
        assert as_alice.get(URL + query).context["list"].page.count == 3


def test_who_may_only_see_reports_sees_no_names(community: None, charlie: User) -> None:
    grant(user=charlie, area=Area.REPORTS, level=Level.VIEW)
    client = signed_in(charlie)
    asked = f"{URL}?period=2026Q2&columns=person,handle,external_id,state&export=csv"
    text = b"".join(client.get(asked).streaming_content).decode()  # type: ignore[attr-defined]
    assert next(iter(csv.reader(io.StringIO(text)))) == ["What", "State"]
    page = client.get(f"{URL}?period=2026Q2").content.decode()
    assert [name for name in ("Ana", "Ben", "Cem", "robot") if f">{name}<" in page] == []
    # Nor can names be guessed by searching or filtering for them.
    assert titles(client, "period=2026Q2&q=Cem") == ["cem"]  # the title, not the person
    assert len(titles(client, "period=2026Q2&person=Ana")) == len(titles(client, "period=2026Q2"))
