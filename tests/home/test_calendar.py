"""The calendar page: who sees what on it, what may be moved, and what a move does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client

from folkmoot.home import queries
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.people.models import Term
from folkmoot.reports.models import Share
from tests.factories import PersonFactory, RoleKindFactory, TermFactory

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
FIRST, LAST = dt.date(2026, 11, 1), dt.date(2026, 11, 30)
#: Session, user, rights, community; terms, jobs, shared links; posts, own times; events, ends of agreements.
QUERIES = 13


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def term() -> Term:
    """Ends on the 27th; beside it everything that must not be shown."""
    kind = RoleKindFactory(name="Editor", notice_days=30)
    TermFactory(role_kind=kind, ended_on=dt.date(2026, 12, 1))
    TermFactory(role_kind=RoleKindFactory(is_former=True), ended_on=dt.date(2026, 11, 5))
    TermFactory(role_kind=kind, ended_on=dt.date(2026, 11, 5), person=PersonFactory(archived_at=NOON))
    TermFactory(role_kind=kind)
    return TermFactory(
        role_kind=kind,
        person=PersonFactory(name="Ana Quintanar"),
        started_on=dt.date(2026, 1, 1),
        ended_on=dt.date(2026, 11, 27),
    )


@pytest.fixture
def others(alice: User) -> None:
    """A job that waits for its day, one that is due, and shared links."""
    Job.objects.create(kind="jobs.purge", due_at=NOON + dt.timedelta(days=2))
    Job.objects.create(kind="jobs.purge", due_at=NOON - dt.timedelta(days=2))
    Job.objects.create(kind="jobs.purge", due_at=NOON + dt.timedelta(days=2), state=JobState.CANCELLED)
    for number, withdrawn in enumerate((None, NOON)):
        Share.objects.create(
            report="community",
            scope={},
            token_hash=str(number),
            recipient="Council",
            created_by=alice,
            created_at=NOON - dt.timedelta(days=1),
            expires_at=NOON + dt.timedelta(days=5),
            withdrawn_at=withdrawn,
        )


def shown(user: User, area: str = "") -> list[tuple[str, str, bool]]:
    entries = queries.calendar_entries(user, FIRST, LAST, area=area)
    return [(each.day.isoformat(), each.title, bool(each.move_url)) for each in entries]


def test_everybody_sees_what_their_rights_allow(
    alice: User, bob: User, charlie: User, term: Term, others: None
) -> None:
    assert shown(alice) == [
        ("2026-11-27", "Ana Quintanar: Editor", True),
        ("2026-11-25", "Shared report: Council", False),
        ("2026-11-22", "Remove old jobs", False),
    ]
    assert shown(alice, "reports") == [("2026-11-25", "Shared report: Council", False)]
    assert shown(bob) == [("2026-11-27", "Ana Quintanar: Editor", False)]
    assert shown(charlie) == []
    assert queries.calendar_areas(charlie) == []
    assert [str(label) for _key, label in queries.calendar_areas(alice)] == [
        "People",
        "Reviews",
        "Publishing",
        "Training & events",
        "Reports",
        "Settings",
    ]


def test_a_moment_stands_on_its_day_in_the_reader_s_zone(alice: User, others: None) -> None:
    from django.utils import timezone

    Job.objects.update(due_at=dt.datetime(2026, 11, 30, 23, 30, tzinfo=dt.UTC))
    with timezone.override("Asia/Tokyo"):
        assert shown(alice, "settings") == []
        entries = list(
            queries.calendar_entries(alice, dt.date(2026, 12, 1), dt.date(2026, 12, 1), area="settings")
        )
    assert [each.day.isoformat() for each in entries] == ["2026-12-01", "2026-12-01"]


@pytest.mark.parametrize("rows", [1, 3])
def test_page(as_alice: Client, term: Term, others: None, rows: int, django_assert_num_queries: Any) -> None:
    for _number in range(rows - 1):
        TermFactory(role_kind=term.role_kind, ended_on=dt.date(2026, 11, 27))
    as_alice.get("/calendar/")
    with django_assert_num_queries(QUERIES):
        page = as_alice.get("/calendar/").content.decode()
    assert page.count("people.term:") == rows + 1  # and December's first day
    assert f'data-move="/people/terms/{term.pk}/move/"' in page
    assert '<h2 class="calendar-title" id="calendar-title">November 2026</h2>' in page


def test_who_may_not_move_sees_no_handle(as_bob: Client, term: Term) -> None:
    page = as_bob.get("/calendar/").content.decode()
    assert (page.count("Ana Quintanar: Editor") > 0, "data-move" in page, "My areas" in page) == (
        True,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("to", "ends", "says"),
    [
        ("2026-12-24", "2026-12-24", "Ana Quintanar goes on as Editor until 24 December."),
        ("2026-11-24", "2026-11-24", "Editor of Ana Quintanar ends on 24 November."),
        ("2026-11-27", "2026-11-27", "Editor of Ana Quintanar ends on 27 November, as before."),
        (
            "2025-12-31",
            "2026-11-27",
            "“Ana Quintanar: Editor” would end on 31 December 2025 and begin on 1 January 2026: choose a later last "
            "day, or an earlier first one.",
        ),
        ("never", "2026-11-27", "Choose a day, such as 2026-11-20."),
    ],
)
def test_moving_a_term_s_end(as_alice: Client, term: Term, to: str, ends: str, says: str) -> None:
    where = "/calendar/?span=week"
    answer = as_alice.post(f"/people/terms/{term.pk}/move/", {"to": to, "next": where}, follow=True)
    assert answer.redirect_chain == [(where, 302)]
    term.refresh_from_db()
    assert str(term.ended_on) == ends
    (message,) = answer.context["messages"]
    assert str(message) == says
    if to in ("2026-12-24", "2026-11-24"):
        undo = message.extra_tags.removeprefix("undo:")
        as_alice.post(undo, {"next": where})
        term.refresh_from_db()
        assert str(term.ended_on) == "2026-11-27"


def test_a_term_without_an_end_is_left_alone(as_alice: Client, term: Term) -> None:
    Term.objects.filter(pk=term.pk).update(ended_on=None)
    answer = as_alice.post(f"/people/terms/{term.pk}/move/", {"to": "2026-12-24"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "The role Editor of Ana Quintanar has no last day any more."
    ]
    term.refresh_from_db()
    assert term.ended_on is None
