"""What the queue of candidates is given: whole groups, reasons in words, in as many queries for three as for one."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from folkmoot.people.matching.words import codes, in_words
from folkmoot.people.models import Affiliation, Person, PersonCandidate
from folkmoot.people.queries import candidates
from tests.factories import IdentityFactory, OrganizationFactory, PersonFactory

pytestmark = pytest.mark.django_db

REASONS = [
    {"code": "same_name", "weight": 3.0, "facts": {}},
    {"code": "same_organization", "weight": 1.0, "facts": {}},
    {"code": "user_is_login", "weight": 1.0, "facts": {"value": "ada"}},
    {
        "code": "other_account",
        "weight": -4.0,
        "facts": {"system": "github", "first": "ada", "second": "ada2"},
    },
]


def two(first: Person, second: Person, score: float = 0.9, **more: object) -> PersonCandidate:
    first, second = sorted((first, second), key=lambda one: one.pk)
    return PersonCandidate.objects.create(first=first, second=second, score=score, reasons=REASONS, **more)


def test_a_group_is_shown_whole_with_its_reasons() -> None:
    one, other, third, fourth, fifth = (PersonFactory() for _n in range(5))
    IdentityFactory(person=other, value="ada")
    Affiliation.objects.create(person=other, organization=OrganizationFactory(name="Lab"))
    weaker = two(fourth, fifth, 0.7, group=None)
    strong, middle = two(one, other, 0.95, group=one.pk), two(other, third, 0.6, group=one.pk)
    found = candidates.queue("person")
    assert [group.number for group in found.groups] == [one.pk, fourth.pk]
    first, second = found.groups
    assert [pair.candidate for pair in first.pairs] == [strong, middle]
    assert [pair.candidate for pair in second.pairs] == [weaker]
    assert first.records == [one, other, third]
    assert first.percent == 95
    assert [str(one) for one in first.beside[other.pk].handles] == ["github:ada"]
    assert first.beside[other.pk].organizations == ("Lab",)
    pair = first.pairs[0]
    assert pair.words == "same name, same organisation, e-mail user equals login: ada"
    assert [one.text for one in pair.reasons_against] == ["different accounts on GitHub: ada, ada2"]
    assert candidates.waiting("person") == 3
    assert candidates.queue("organisation").groups == []


def test_as_many_queries_for_three_as_for_one(django_assert_num_queries) -> None:
    two(PersonFactory(), PersonFactory())
    with django_assert_num_queries(5):
        candidates.queue("person")
    for _number in range(2):
        two(PersonFactory(), PersonFactory())
    with django_assert_num_queries(5):
        assert len(candidates.queue("person").groups) == 3


def test_what_was_put_off_comes_back_on_its_day() -> None:
    row = two(PersonFactory(), PersonFactory(), state="later", later_until=dt.date(2026, 3, 2))
    decided = two(PersonFactory(), PersonFactory(), state="different")
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        assert list(candidates.candidates("person")) == []
        assert list(candidates.candidates("person", "later")) == [row]
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False):
        assert list(candidates.candidates("person")) == [row]
        assert list(candidates.candidates("person", "later")) == []
    assert list(candidates.candidates("person", "different")) == [decided]
    assert [one.candidate for one in candidates.of_record(row.first)] == [row]
    assert candidates.of_record(decided.first) == []


def test_every_code_has_words_and_an_unknown_one_stands_as_it_is() -> None:
    facts = {"value": "x", "first": "a", "second": "b", "system": "github", "source": "s"}
    for code in codes():
        text = in_words({"code": code, "weight": 1, "facts": facts}).text
        assert text
        assert text != code
    assert in_words({"code": "of_old", "weight": 1}).text == "of_old"
    assert in_words({"code": "same_user", "weight": 1}).text == "same_user"
