"""The queue of likely duplicates: groups as one row, verdicts given and taken back, in bulk and one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.kernel.notices.models import Notice
from folkmoot.kernel.plugs import today_sources
from folkmoot.people.actions.merging import batches, keep_apart, kind_of
from folkmoot.people.models import Candidate, Merge, Person, PersonCandidate
from tests.factories import IdentityFactory, PersonFactory
from tests.people.test_merging_pages import said

pytestmark = pytest.mark.django_db
QUEUE = "/people/duplicates/person/"


def candidate(
    score: float = 0.9, *, group: int | None = None, people: Any = None, code: str = "same_name"
) -> Any:
    first, second = people or (PersonFactory(), PersonFactory())
    return PersonCandidate.objects.create(
        first=first,
        second=second,
        score=score,
        group=group,
        reasons=[
            {"code": code, "weight": 4, "facts": {}},
            {"code": "other_country", "weight": -1, "facts": {}},
        ],
    )


def rows(client: Client, query: str = "") -> list[Any]:
    return [row.object for row in client.get(f"{QUEUE}?{query}").context["list"].rows]


@pytest.fixture
def trio() -> list[Any]:
    """Three people who hang together, all pairs of them."""
    people = [PersonFactory(name=f"Ana {n}") for n in range(3)]
    IdentityFactory(person=people[2], is_verified=True)
    pairs = [(people[0], people[1]), (people[0], people[2]), (people[1], people[2])]
    return [candidate(0.8 + n / 100, group=7, people=pair) for n, pair in enumerate(pairs)]


def test_a_group_is_one_row(as_mary: Client, trio: list[Any]) -> None:
    two = candidate(0.99)
    assert rows(as_mary) == [two, trio[2]]
    html = as_mary.get(QUEUE).content.decode()
    assert "Ana 1 · Ana 2 and 1 more" in html
    assert reverse("people:candidate_group", args=["person", 7]) in html
    assert reverse("people:merge_pair", args=["person", two.first_id, two.second_id]) in html
    assert "same name" in html
    assert rows(as_mary, "group=1") == [trio[2]]
    assert rows(as_mary, "group=0") == [two]
    assert rows(as_mary, "score=95") == [two]
    assert rows(as_mary, "q=ana") == [trio[2]]


def test_narrowed_by_reason_and_state(as_mary: Client, mary: User) -> None:
    by_name, by_login = candidate(), candidate(code="user_is_login")
    assert rows(as_mary, "reason=user_is_login") == [by_login]
    later = candidate()
    day = clock.today() + dt.timedelta(days=3)
    as_mary.post(reverse("people:put_off_candidate", args=["person", later.pk]), {"until": day.isoformat()})
    assert rows(as_mary, "state=later") == [later]
    assert set(rows(as_mary)) == {by_name, by_login}
    late = as_mary.post(
        reverse("people:put_off_candidate", args=["person", later.pk]), {"until": "2020-01-01"}
    )
    assert late.status_code == 422
    assert "Choose a day after today" in late.content.decode()


def test_the_empty_queue_and_the_same_count_of_queries(
    as_mary: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    assert "No likely duplicates" in as_mary.get(QUEUE).content.decode()
    candidate()
    with django_assert_num_queries(QUERIES):
        as_mary.get(QUEUE)
    for _n in range(2):
        candidate()
    with django_assert_num_queries(QUERIES):
        as_mary.get(QUEUE)


#: Session, user, rights; waiting of each kind; views, count, page, members of the groups, handles, organisations.
QUERIES = 13


def test_not_the_same_in_bulk_and_taken_back(as_mary: Client, mary: User, trio: list[Any]) -> None:
    two = candidate()
    done = as_mary.post(QUEUE, {"bulk": "apart", "selected": [trio[2].pk, two.pk]})
    assert done.status_code == 302
    assert said(done) == ["4 pairs are not the same. Nobody will be asked again."]
    assert rows(as_mary) == []
    assert len(rows(as_mary, "state=different")) == 4
    assert "Mary Manager on" in as_mary.get(f"{QUEUE}?state=different").content.decode()
    undone = as_mary.post(f"{QUEUE}?state=different", {"bulk": "reopen", "selected": [two.pk]})
    assert said(undone) == ["1 verdict is taken back."]
    assert rows(as_mary) == [two]
    as_mary.post(QUEUE, {"bulk": "later", "selected": [two.pk]})
    two.refresh_from_db()
    assert (two.state, two.later_until) == (Candidate.State.LATER, clock.today() + dt.timedelta(days=30))


def test_a_group_is_merged_without_those_left_out(as_mary: Client, trio: list[Any]) -> None:
    page = reverse("people:candidate_group", args=["person", 7])
    ana0, ana1, ana2 = Person.objects.order_by("pk")
    shown = as_mary.get(page)
    assert shown.context["stays"] == ana2.pk, "the one with a proven handle is proposed"
    wrong = as_mary.post(page, {"do": "merge", "member": [ana0.pk], "stays": ana2.pk})
    assert wrong.status_code == 422
    assert "Choose which record stays" in wrong.content.decode()
    done = as_mary.post(page, {"do": "merge", "member": [ana1.pk, ana2.pk], "stays": ana2.pk})
    assert said(done) == ["2 records are one now."]
    assert list(Person.objects.order_by("pk")) == [ana0, ana2]
    assert Merge.objects.get().grounds["group"] == 7
    assert PersonCandidate.objects.get().state == Candidate.State.OPEN
    as_mary.post(page, {"do": "apart", "member": [ana0.pk, ana2.pk]})
    assert PersonCandidate.objects.get().state == Candidate.State.DIFFERENT
    assert as_mary.get(page).url == QUEUE, "nothing is left to decide"


def test_a_large_group_is_a_job_that_goes_on_and_tells(mary: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "AT_ONCE", 1)
    people = [PersonFactory(name=f"Ana {n}") for n in range(4)]
    kind = kind_of(people[0])
    keep_apart(kind=kind, pairs=[(people[0].pk, people[3].pk)], actor=mary)
    several = batches.merge_several(
        kind=kind, survivor=people[0].pk, gone=[one.pk for one in people], actor=mary
    )
    assert several.job is not None
    assert Person.objects.count() == 4, "nothing yet"
    job = run_in_foreground(several.job)
    assert job.outcome["merged"] == 2
    assert [one["record"] for one in job.outcome["refused"]] == [people[3].pk]
    notice = Notice.objects.get(user=mary)
    assert notice.title == "2 records were merged"
    assert "are not the same" in notice.body

    undo = batches.unmerge_several(batch=several.batch, actor=mary)
    assert run_in_foreground(undo.job).outcome == {"undone": 2, "refused": []}
    assert Person.objects.count() == 4


def test_today_tells_how_many_wait(mary: User, django_assert_num_queries: Callable[..., Any]) -> None:
    now = clock.now()
    candidate()
    candidate()
    with django_assert_num_queries(1):
        (item,) = today_sources.get("people.duplicates.person").find(mary, now, 10)
    assert item.title == "2 pairs of people may be one"
    assert item.action_url == QUEUE


def test_the_way_in_leads_to_the_kind_that_waits(as_mary: Client) -> None:
    assert as_mary.get(reverse("people:candidates_first")).url == QUEUE
