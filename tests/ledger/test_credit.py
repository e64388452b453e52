"""For whom something was done: the organisation of that day, whatever came later."""

from __future__ import annotations

import csv
import datetime as dt
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.metrics import Scope, metrics
from folkmoot.kernel.panels import panels_of
from folkmoot.kernel.periods import Period
from folkmoot.kernel.reporting import Table, report_sections
from folkmoot.ledger.queries.credit import credit
from folkmoot.people.models import Affiliation, Organization
from folkmoot.people.public import organizations_on
from tests.factories import IdentityFactory, OrganizationFactory
from tests.ledger.worlds import opened, staff_term

pytestmark = pytest.mark.django_db

LAST_OF_MAY, FIRST_OF_JUNE = dt.date(2026, 5, 31), dt.date(2026, 6, 1)


def scope(**fields: Any) -> Scope:
    return Scope(period=Period.quarter(2026, 2), as_of=dt.date(2026, 8, 1), **fields)


def lines(asked: Scope) -> list[tuple[str, int, int]]:
    return [(line.name, line.items, line.people) for line in credit(asked).organizations]


@pytest.fixture
def moved() -> tuple[Organization, Organization]:
    """Ana went from Harbour to Reef between two days; Ben never said since when he is at Reef; a bot is at Reef."""
    harbour, reef = OrganizationFactory(name="Harbour"), OrganizationFactory(name="Reef")
    ana, ben, bot, free = (IdentityFactory(is_bot=number == 2) for number in range(4))
    Affiliation.objects.create(person=ana.person, organization=harbour, ended_on=LAST_OF_MAY)
    Affiliation.objects.create(person=ana.person, organization=reef, started_on=FIRST_OF_JUNE)
    for identity in (ben, bot):
        Affiliation.objects.create(person=identity.person, organization=reef)
    opened(
        ana, "2026-05-31 23:59:59", "2026-06-01 00:00:00", "2026-06-02", "2026-03-31 23:59:59", "2026-07-01"
    )
    for identity in (ben, bot, free):
        opened(identity, "2026-04-01 00:00:00")
    return harbour, reef


def test_past_work_stays_with_the_employer_of_that_day(moved: tuple[Organization, Organization]) -> None:
    assert lines(scope()) == [("Reef", 3, 2), ("Harbour", 1, 1)]
    assert (credit(scope()).items, credit(scope()).people) == (4, 2)
    metric = metrics.get("items_by_organization")
    assert metric.compute(scope()).value == {"Reef": 3, "Harbour": 1}
    assert metric.rows(scope()).count() == metric.compute(scope()).rows == 4


def test_two_at_once_count_once_in_each_and_once_in_all(moved: tuple[Organization, Organization]) -> None:
    harbour, reef = moved
    ana = Affiliation.objects.get(organization=harbour).person
    Affiliation.objects.create(person=ana, organization=harbour, started_on=dt.date(2026, 6, 2))
    # The same again, over the same days: a slip that must not count twice.
    Affiliation.objects.create(person=ana, organization=reef, started_on=dt.date(2026, 5, 31))
    assert lines(scope()) == [("Reef", 4, 2), ("Harbour", 2, 1)]
    assert credit(scope()).items == 4
    assert metrics.get("items_by_organization").rows(scope()).count() == 4
    assert [row.name for row in organizations_on(ana, LAST_OF_MAY)] == ["Harbour", "Reef"]
    assert [row.name for row in organizations_on(ana.identities.get(), FIRST_OF_JUNE)] == ["Reef"]


def test_staff_is_left_out_where_the_reader_says_so(moved: tuple[Organization, Organization]) -> None:
    ana = Affiliation.objects.get(organization=moved[0]).person
    staff_term(ana, dt.date(2026, 6, 2))
    assert lines(scope(exclude=frozenset({"staff"}))) == [("Reef", 2, 2), ("Harbour", 1, 1)]


@pytest.mark.parametrize("rows", [1, 3])
def test_it_is_one_query(rows: int, moved: Any, django_assert_num_queries: Any) -> None:
    for _number in range(rows):
        person = IdentityFactory()
        Affiliation.objects.create(person=person.person, organization=OrganizationFactory())
        opened(person, "2026-05-04")
    with django_assert_num_queries(1):
        assert len(credit(scope()).organizations) == rows + 2


def test_the_report_says_it_with_its_definition(moved: Any) -> None:
    section = report_sections.get("ledger.organizations").build(scope(), None)
    assert section is not None
    (table,) = section.of(Table)
    assert table.title == "Reef comes first, with 3 of 4 items"
    assert list(table.rows) == [
        ("Reef", 3, 2),
        ("Harbour", 1, 1),
        ("All together, each item once", 4, 2),
    ]
    assert "belonged to two at once counts once in each and once in all" in section.blocks[-1].body
    Affiliation.objects.all().delete()
    assert report_sections.get("ledger.organizations").build(scope(), None) is None


def test_on_the_page_of_the_organisation(
    moved: tuple[Organization, Organization], alice: User, as_alice: Client, as_bob: Client
) -> None:
    _harbour, reef = moved
    with time_machine.travel(dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC), tick=False):
        (card,) = panels_of(alice, reef)
        figures = card["context"]["figures"]
    assert [(one["items"], one["people"]) for one in figures] == [(3, 2), (0, 0), (4, 2)]
    for one in (figures[0], figures[2]):
        answer = as_alice.get(f"{one['url']}&export=csv")
        found = list(csv.reader(StringIO(b"".join(answer.streaming_content).decode())))
        assert len(found) - 1 == one["items"]
    with time_machine.travel(dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC), tick=False):
        page = as_bob.get(reverse("people:organization", args=[reef.pk])).content.decode()
    assert "What its people contributed" in page
    assert panels_of(alice, OrganizationFactory()) == []
