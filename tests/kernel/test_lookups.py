"""Numbers that no row can have."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.people.models import Person
from folkmoot.training.models import Curriculum, EventKind
from tests.factories import EventKindFactory, PersonFactory

TOO_LARGE, TOO_SMALL = 2**63, -(2**63) - 1


@pytest.mark.django_db
def test_a_number_that_no_row_can_have_is_in_no_set() -> None:
    ana, _ben = PersonFactory(), PersonFactory()
    rows = Person.objects.filter(pk__in=[TOO_LARGE, ana.pk, TOO_SMALL])
    assert list(rows) == [ana]
    assert list(rows.exclude(pk__in=(ana.pk, TOO_LARGE))) == []
    with CaptureQueriesContext(connection) as asked:
        assert list(Person.objects.filter(pk__in={TOO_LARGE})) == []
        assert list(Person.objects.filter(pk__in=[])) == []
    assert len(asked) == 0
    assert list(Person.objects.filter(pk__in=Person.objects.filter(pk=ana.pk).values("pk"))) == [ana]


def test_a_form_with_ticks_says_that_there_is_no_such_choice(as_alice: Client) -> None:
    kind: EventKind = EventKindFactory()
    Curriculum.objects.create(slug="packaging", name="Packaging")
    said = {
        "title": "X",
        "kind": kind.pk,
        "time_zone": "UTC",
        "visibility": "public",
        "curricula": str(TOO_LARGE),
    }
    answer = as_alice.post(reverse("training:new"), said)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "curricula": [f"Select a valid choice. {TOO_LARGE} is not one of the available choices."]
    }
