"""Rows of many tables in one statement: what comes back is what a model would say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models import Count, Exists, Max, OuterRef

from folkmoot.kernel.accounts.names import name_of
from folkmoot.kernel.rows import Rows, together, whole
from folkmoot.ledger.models import Activity
from folkmoot.people.models import Note, Person, Term
from tests.factories import ActivityFactory, PersonFactory, TermFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_values_are_python_s() -> None:
    odd = 'Zoë "x\\y" ٣ 🦀 \n%s'
    person = PersonFactory(name=odd, joined_on=dt.date(2024, 2, 29))
    moment = dt.datetime(2026, 11, 20, 12, 30, 1, 120, tzinfo=dt.UTC)
    ActivityFactory(identity__person=person, occurred_at=moment, detail={"by": odd, "n": [1, None]})
    told = Rows(
        Activity.objects.all(),
        "occurred_at",
        "detail",
        "project",
        name="identity__person__name",
        joined="identity__person__joined_on",
        served=Exists(Term.objects.filter(person=OuterRef("identity__person"))),
    ).read()
    assert told == [
        {
            "occurred_at": moment,
            "detail": {"by": odd, "n": [1, None]},
            "project": None,
            "name": odd,
            "joined": dt.date(2024, 2, 29),
            "served": False,
        }
    ]


def test_many_in_one_query(django_assert_num_queries: Any) -> None:
    people = [PersonFactory() for _number in range(3)]
    TermFactory(person=people[0], ended_on=dt.date(2026, 5, 4))
    TermFactory(person=people[0], ended_on=dt.date(2026, 5, 6))
    asked: dict[object, Rows | None] = {
        "newest": Rows(Person.objects.order_by("-pk"), "pk", most=2),
        ("grouped", 1): Rows(
            Term.objects.order_by().values("person"), "person", number=Count("pk"), last=Max("ended_on")
        ),
        "whole": Rows(whole(Person.objects.order_by("name")), number=Count("pk")),
        "nothing counted": Rows(whole(Person.objects.filter(name="x")), number=Count("pk"), last=Max("pk")),
        "none there": Rows(Note.objects.all(), "body"),
        "cannot be": Rows(Person.objects.filter(pk__in=[]), "pk"),
        "not asked": None,
    }
    with django_assert_num_queries(1):
        found = together(asked)
    assert sorted(row["pk"] for row in found.pop("newest")) == [people[1].pk, people[2].pk]
    assert found == {
        ("grouped", 1): [{"person": people[0].pk, "number": 2, "last": dt.date(2026, 5, 6)}],
        "whole": [{"number": 3}],
        "nothing counted": [{"number": 0, "last": None}],
        "none there": [],
        "cannot be": [],
        "not asked": [],
    }
    with django_assert_num_queries(0):
        assert together({"cannot be": asked["cannot be"]}) == {"cannot be": []}


def test_all_of_them_where_somebody_says_so() -> None:
    Person.objects.bulk_create(Person(name=f"Person {n}") for n in range(203))
    assert len(Rows(Person.objects.all(), "pk").read()) == 200
    assert len(Rows(Person.objects.all(), "pk", most=None).read()) == 203


def test_how_a_user_is_called() -> None:
    for user in (UserFactory(name="Ana"), UserFactory(name="", email="ben@example.org"), None):
        Note.objects.create(person=PersonFactory(), body="x", author=user)
    told = Rows(Note.objects.order_by("pk"), who=name_of("author")).read()
    assert [row["who"] for row in told] == ["Ana", "ben@example.org", None]
