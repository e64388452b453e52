"""The list of names and mailboxes that many share: its page, its actions, its undo, its files."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.models import Job
from folkmoot.people import seeds
from folkmoot.people.actions.generic import MOST, add_generic, remove_generic
from folkmoot.people.models import GenericValue

pytestmark = pytest.mark.django_db


def listed() -> list[tuple[str, str]]:
    return list(GenericValue.objects.order_by("kind", "folded").values_list("kind", "value"))


def undo_of(response: object) -> str:
    html = response.content.decode()  # type: ignore[attr-defined]
    return html.split('action="/people/generic/undo/')[1].split('"')[0]


def test_added_removed_and_taken_back(as_mary: Client) -> None:
    page = reverse("people:generic_values")
    form = {"kind": "mailbox", "values": "Info@\n\ninfo\nteam@lab.example\n"}
    response = as_mary.post(reverse("people:new_generic"), form, follow=True)
    assert "2 values are new on the list." in response.content.decode()
    assert listed() == [("mailbox", "Info"), ("mailbox", "team@lab.example")]
    as_mary.post(f"/people/generic/undo/{undo_of(response)}")
    assert listed() == []
    as_mary.post(reverse("people:new_generic"), {"kind": "name", "values": "Test Üser"}, follow=True)
    row = GenericValue.objects.get()
    assert row.folded == "test user"
    response = as_mary.post(page, {"bulk": "remove", "selected": [row.pk]}, follow=True)
    assert listed() == []
    token = undo_of(response)
    as_mary.post(f"/people/generic/undo/{token}")
    as_mary.post(f"/people/generic/undo/{token}")
    assert listed() == [("name", "Test Üser")]
    csv = b"".join(as_mary.get(f"{page}?export=csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    assert csv.splitlines() == ["Value,Kind", "Test Üser,name"]


def test_what_cannot_be_listed(mary: User) -> None:
    for values in ([], [" "], ["@"], ["x" * 321], [str(n) for n in range(MOST + 1)]):
        with pytest.raises(ValidationError):
            add_generic(kind="name", values=values, actor=mary)
    with pytest.raises(ValidationError):
        add_generic(kind="colour", values=["red"], actor=mary)
    assert listed() == []
    assert remove_generic(rows=[1], actor=mary) == []


def test_only_who_manages_people_sees_it_and_another_cannot_undo(as_carol: Client, as_mary: Client) -> None:
    for name in ("people:generic_values", "people:new_generic"):
        assert as_carol.get(reverse(name)).status_code == 403
    assert as_carol.post(reverse("people:find_candidates")).status_code == 403
    assert as_carol.post(reverse("people:undo_generic", args=["x"])).status_code == 403
    assert as_mary.post(reverse("people:undo_generic", args=["x"])).status_code == 302
    assert as_mary.post(reverse("people:find_candidates")).status_code == 302
    assert Job.objects.get().kind == "people.find_candidates"


def test_the_page_costs_the_same_with_three_as_with_one(as_mary: Client, django_assert_num_queries) -> None:
    page = reverse("people:generic_values")
    add_generic(kind="name", values=["a"], actor=None)
    as_mary.get(page)
    with django_assert_num_queries(7):
        as_mary.get(page)
    add_generic(kind="mailbox", values=["b", "c"], actor=None)
    with django_assert_num_queries(7):
        assert as_mary.get(page).status_code == 200


def test_the_seeds_are_listed_once_and_what_was_taken_off_stays_off() -> None:
    made = seeds.load_generic_values()
    assert made == GenericValue.objects.count() > 50
    GenericValue.objects.filter(folded="info").delete()
    assert seeds.load_generic_values() == 0
    assert not GenericValue.objects.filter(folded="info").exists()
