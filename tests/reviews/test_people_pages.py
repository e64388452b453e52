"""Pages of editors, reviewers, teams; Today and the digest."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.people.models import Person
from folkmoot.reviews.models import Assignment, HoldUpRule
from folkmoot.reviews.ranking.editors import rank_editors
from folkmoot.reviews.today import HELD_UP, digest_lines
from tests.factories import (
    AssignmentFactory,
    PersonFactory,
    RoleKindFactory,
    SubmissionFactory,
    TagFactory,
    TermFactory,
)
from tests.reviews.conftest import Review

pytestmark = pytest.mark.django_db

MAY_20 = dt.datetime(2026, 5, 20, 9, tzinfo=dt.UTC)


def days(number: int) -> dt.datetime:
    return MAY_20 + dt.timedelta(days=number)


def _queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
        assert response.status_code == 200
        response.content  # noqa: B018
    return len(captured)


def _people(number: int) -> None:
    for each in range(number):
        person = PersonFactory(name=f"Reviewer {each} of {number}", availability="yes")
        person.tags.add(TagFactory(facet="domain"))
        TermFactory(person=person, role_kind=RoleKindFactory._meta.model.objects.get(slug="editor"))
        past = SubmissionFactory(outcome="accepted", accepted_on=dt.date(2024, 5, 4))
        AssignmentFactory(submission=past, person=person, role="reviewer", state="done")
        AssignmentFactory(submission=past, person=person, role="editor")


@pytest.fixture
def editor_role(db: None) -> Any:
    return RoleKindFactory(slug="editor", name="Editor")


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("editors", 16),
        ("reviewers", 24),
        ("find_reviewers", 26),
        ("find_editor", 26),
        ("conflicts", 9),
        ("teams", 24),
    ],
)
def test_pages_cost_the_same_with_more_people(
    as_alice: Client, review: Review, editor_role: Any, name: str, most: int
) -> None:
    with_one = name.startswith("find")
    address = reverse(f"reviews:{name}", args=[review.submission.pk] if with_one else [])
    _people(1)
    first = _queries(as_alice, address)
    _people(3)
    assert (_queries(as_alice, address), first <= most) == (first, True), first


def test_who_may_open_what(
    review: Review, as_bob: Client, as_erin: Client, as_chris: Client, as_charlie: Client
) -> None:
    pk = review.submission.pk
    other = SubmissionFactory(programme=review.programme)
    wanted = {
        reverse("reviews:editors"): (200, 200, 200, 403),
        reverse("reviews:reviewers"): (200, 200, 200, 403),
        reverse("reviews:find_reviewers", args=[pk]): (403, 200, 200, 403),
        reverse("reviews:find_reviewers", args=[other.pk]): (403, 403, 200, 403),
        reverse("reviews:find_editor", args=[pk]): (403, 403, 200, 403),
        reverse("reviews:write", args=[pk]): (403, 200, 200, 403),
        reverse("reviews:teams"): (403, 403, 200, 403),
        reverse("reviews:conflicts"): (403, 403, 200, 403),
    }
    found = {
        address: tuple(who.get(address).status_code for who in (as_bob, as_erin, as_chris, as_charlie))
        for address in wanted
    }
    assert found == wanted


def test_load_counts_every_editor_once_for_each(
    as_alice: Client, review: Review, editor_role: Any, erin: User
) -> None:
    second = PersonFactory(name="Second Editor")
    AssignmentFactory(submission=review.submission, person=second, role="editor")
    TermFactory(person=second, role_kind=editor_role, ended_on=dt.date.today() + dt.timedelta(days=20))
    former = RoleKindFactory(slug="emeritus-editor", name="Emeritus editor", is_former=True)
    old = PersonFactory(name="Old Hand")
    TermFactory(person=old, role_kind=former)
    AssignmentFactory(submission=review.submission, person=old, role="editor")
    free = PersonFactory(name="Free Editor")
    TermFactory(person=free, role_kind=editor_role)

    def listed(query: str) -> list[str]:
        answer: Any = as_alice.get(f"/reviews/editors/?{query}&export=csv")
        page = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
        return sorted(line.split(",")[0].strip("\ufeff") for line in page.splitlines()[1:] if line)

    assert listed("who=now") == ["Free Editor", "Second Editor"]
    assert listed("who=free") == ["Free Editor"]
    assert listed("who=leaving") == ["Second Editor"]
    assert listed("who=reassign") == ["Old Hand"]
    ranked = rank_editors(SubmissionFactory(programme=review.programme))
    assert [one.person.name for one in ranked if one.is_free] == [
        "Free Editor",
        "Erin Editor",
        "Second Editor",
    ]
    assert ranked[0].reasons == ["is free: no open submission", "would edit for the first time"]


def test_today_tells_whose_turn_it_is(
    review: Review, erin: User, chris: User, bob: User, django_assert_num_queries: Any
) -> None:
    HoldUpRule.objects.create(programme=review.programme, kind="stage")
    now = days(92)
    her = _fresh(erin)
    HELD_UP.find(her, now, 10)  # once in each process Django asks what the database can do with JSON
    with django_assert_num_queries(4):
        found = HELD_UP.find(her, now, 10)
    assert [(one.title, one.why, one.badge, one.tone, one.action_url, one.mine) for one in found] == [
        (
            "wavefold",
            "“Seeking reviewers” for 92 days, limit 21",
            "71 days over",
            "overdue",
            reverse("reviews:find_reviewers", args=[review.submission.pk]),
            frozenset({erin.pk}),
        )
    ]
    assert [one.mine for one in HELD_UP.find(_fresh(chris), now, 10)] == [frozenset({erin.pk})]
    assert HELD_UP.find(_fresh(bob), now, 10) == []
    Assignment.objects.filter(role="editor").update(state="ended")
    assert HELD_UP.find(_fresh(erin), now, 10) == []
    item = HELD_UP.find(_fresh(chris), now, 10)[0]
    assert (item.mine, item.action_url) == (
        frozenset({chris.pk}),
        reverse("reviews:find_editor", args=[review.submission.pk]),
    )
    lines = list(digest_lines(_fresh(chris), now, frozenset({"reviews"})))
    assert [line.text for line in lines] == ["wavefold: “Seeking reviewers” for 92 days, limit 21"]
    assert list(digest_lines(_fresh(chris), now, frozenset({"people"}))) == []


def _fresh(user: User) -> User:
    found = User.objects.get(pk=user.pk)
    found.has_perm("reviews.manage")  # its rights are read
    return found


def test_an_editor_asks_assigns_and_finishes(review: Review, as_erin: Client, erin: User) -> None:
    noa = PersonFactory(name="Noa Ferro")
    pk = review.submission.pk
    as_erin.post(reverse("reviews:give", args=[pk, "reviewer", noa.pk]))
    part = Assignment.objects.get(person=noa)
    assert (part.state, part.due_on is not None) == ("accepted", True)
    as_erin.post(reverse("reviews:due", args=[part.pk]), {"due_on": "2027-03-01"})
    as_erin.post(reverse("reviews:finish", args=[part.pk]))
    part.refresh_from_db()
    assert (part.state, part.due_on) == ("done", dt.date(2027, 3, 1))
    asked = Assignment.objects.get(person=review.reviewer)
    as_erin.post(reverse("reviews:note_answer", args=[asked.pk]), {"answer": "no", "reason": "busy"})
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("declined", "busy")
    assert as_erin.post(reverse("reviews:give", args=[pk, "editor", noa.pk])).status_code == 403
    eic = Assignment.objects.get(role="eic")
    assert as_erin.post(reverse("reviews:take_off", args=[eic.pk])).status_code == 403
    assert Person.objects.filter(assignments__state="ended").count() == 0
