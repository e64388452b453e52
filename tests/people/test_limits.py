"""Terms in teams: limits in a row, the next term, handing over, who was on it on a day, what Today says."""

from __future__ import annotations

import csv
import datetime as dt
from io import StringIO

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.events import activity_kinds
from folkmoot.kernel.plugs import today_sources
from folkmoot.ledger.models import Activity
from folkmoot.people import actions
from folkmoot.people.actions.limits import Span, default_end, in_a_row, rule_in_words
from folkmoot.people.days import add_months, community_day, months_between
from folkmoot.people.models import RoleKind, Team, Term
from folkmoot.people.queries.pages import members
from folkmoot.people.queries.teams import beyond_limits, under_a_limit
from tests.factories import PersonFactory, RoleKindFactory, TeamFactory, TermFactory
from tests.people.conftest import Register
from tests.people.test_lists import shown

pytestmark = pytest.mark.django_db

D = dt.date
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def council() -> Team:
    """Two terms of 24 months in a row, then a year's break; afterwards emeritus."""
    emeritus = RoleKindFactory(name="Emeritus", is_former=True)
    team: Team = TeamFactory(name="Council", term_months=24, most_terms=2, break_months=12, becomes=emeritus)
    return team


@pytest.fixture
def second(council: Team) -> Term:
    """Ana's second term in a row, to the end of 2026."""
    ana, kind = PersonFactory(name="Ana"), RoleKindFactory(name="Member", notice_days=60)
    TermFactory(person=ana, role_kind=kind, team=council, started_on=D(2023, 1, 1), ended_on=D(2024, 12, 31))
    term: Term = TermFactory(
        person=ana, role_kind=kind, team=council, started_on=D(2025, 1, 1), ended_on=D(2026, 12, 31)
    )
    return term


def beyond(day: dt.date) -> list[tuple[int, int, int]]:
    """Which term, which in a row it is, how many are allowed."""
    found = beyond_limits(under_a_limit(day).read(), day)
    return [(one.term["pk"], one.number, one.limit) for one in found]


def test_months() -> None:
    assert add_months(D(2024, 1, 31), 1) == D(2024, 2, 29)
    assert add_months(D(2026, 3, 31), -1) == D(2026, 2, 28)
    assert add_months(D(9999, 12, 31), 0) == D(9999, 12, 31)
    assert months_between(D(2025, 1, 1), D(2025, 12, 31)) == 12
    assert months_between(D(2025, 1, 31), D(2025, 2, 27)) == 0
    with pytest.raises(OverflowError):
        add_months(D(9999, 12, 1), 1)


def test_the_end_of_a_term_is_the_day_before(council: Team) -> None:
    assert default_end(council, D(2025, 1, 1)) == D(2026, 12, 31)
    assert default_end(council, D(2024, 2, 29)) == D(2026, 2, 27)
    assert default_end(council, D(9999, 1, 1)) is None
    assert default_end(TeamFactory(), D(2025, 1, 1)) is None


@pytest.mark.parametrize(
    ("spans", "number"),
    [
        ([(D(2025, 1, 1), D(2026, 12, 31))], 1),
        # Prolonged instead of begun anew: as many as it takes, with a month's grace.
        ([(D(2023, 1, 1), D(2025, 1, 20))], 1),
        ([(D(2023, 1, 1), D(2026, 12, 31))], 2),
        ([(D(2021, 1, 1), D(2022, 12, 31)), (D(2023, 1, 1), D(2024, 12, 31))], 2),
        # A day short of the break is no break.
        ([(D(2021, 1, 1), D(2022, 12, 31)), (D(2023, 12, 31), D(2025, 12, 30))], 2),
        ([(D(2021, 1, 1), D(2022, 12, 31)), (D(2024, 1, 1), D(2025, 12, 31))], 1),
        # Without days nothing tells them apart.
        ([(None, None), (D(2025, 1, 1), D(2026, 12, 31))], 2),
    ],
)
def test_how_many_in_a_row(spans: list[tuple[dt.date, dt.date]], number: int, council: Team) -> None:
    made = [Span(*span) for span in spans]
    assert in_a_row(council, made, made[-1]) == number


class TestLimit:
    def test_a_third_needs_a_reason(self, second: Term, alice: User) -> None:
        with pytest.raises(actions.BeyondLimit) as refused:
            actions.next_term(term=second, until=D(2028, 12, 31), actor=alice)
        assert refused.value.message_dict == {
            "override": [
                "This would make 3 terms in a row of Ana as Member. A term in Council lasts 24 months. Council allows "
                "2 terms in a row. After a break of 12 months one may return. To go beyond it, say why."
            ]
        }
        with pytest.raises(actions.BeyondLimit):
            actions.renew_term(term=second, until=D(2028, 12, 31), actor=alice)
        assert Term.objects.count() == 2
        third = actions.next_term(
            term=second, until=D(2028, 12, 31), actor=alice, override="nobody else stood"
        )
        assert (third.started_on, third.ended_on) == (D(2027, 1, 1), D(2028, 12, 31))
        assert third.history.get().history_change_reason == "beyond the limit: nobody else stood"
        assert actions.next_term(term=second, until=D(2028, 12, 31), actor=alice) == third
        # What was let through is not asked about again.
        actions.edit_term(term=third, actor=alice, ended_on=D(2028, 11, 30))

    def test_a_break_or_another_role_begins_anew(self, second: Term, alice: User) -> None:
        common = {"person": second.person, "team": second.team, "actor": alice}
        actions.start_term(role_kind=second.role_kind, started_on=D(2027, 12, 31) + dt.timedelta(1), **common)  # type: ignore[arg-type]
        actions.start_term(role_kind=RoleKindFactory(), started_on=D(2027, 1, 1), **common)  # type: ignore[arg-type]

    def test_rules_make_sense(self, council: Team, alice: User) -> None:
        for fields, field in (
            ({"term_months": 0}, "term_months"),
            ({"most_terms": 101}, "most_terms"),
            ({"most_terms": None}, "break_months"),
            ({"becomes": RoleKindFactory()}, "becomes"),
        ):
            with pytest.raises(ValidationError) as refused:
                actions.edit_team(team=council, actor=alice, **fields)  # type: ignore[arg-type]
            assert list(refused.value.message_dict) == [field]
        assert rule_in_words(TeamFactory()) == ""

    def test_today_tells_of_who_stays_on(self, second: Term, alice: User, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
        day = D(2027, 3, 1)
        assert beyond(day) == []
        third = TermFactory(
            person=second.person, role_kind=second.role_kind, team=second.team, started_on=D(2027, 1, 1)
        )
        assert beyond(day) == [(third.pk, 3, 2)]
        assert beyond(D(2026, 12, 31)) == []
        now = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)
        (item,) = today_sources.get("people.limits").find(alice, now, 10)
        assert (item.title, item.why) == ("Ana: Member, Council", "term 3 in a row, limit 2")
        TermFactory(person=PersonFactory(), role_kind=second.role_kind, team=second.team)
        with django_assert_num_queries(1):
            assert len(beyond(day)) == 1
        actions.end_term(term=third, on=D(2027, 6, 30), actor=alice)
        assert beyond(day) == []


class TestHandingOver:
    def test_one_action_and_one_undo(self, second: Term, council: Team, alice: User) -> None:
        ben, day = PersonFactory(name="Ben"), D(2026, 10, 31)
        before = list(Term.objects.order_by("pk").values())
        undo = actions.hand_over(term=second, on=day, actor=alice, successor=ben, becomes=council.becomes)
        held = {
            (term.person.name, term.role_kind.name, term.started_on, term.ended_on)
            for term in Term.objects.filter(started_on__gte=D(2025, 1, 1))
        }
        assert held == {
            ("Ana", "Member", D(2025, 1, 1), day),
            ("Ben", "Member", D(2026, 11, 1), D(2028, 10, 31)),
            ("Ana", "Emeritus", D(2026, 11, 1), None),
        }
        assert [held.term.person.name for held in members(council, day).now] == ["Ana"]
        assert sorted(held.term.person.name for held in members(council, D(2026, 11, 1)).now) == [
            "Ana",
            "Ben",
        ]
        assert members(council, D(2026, 11, 1)).serving == 1
        again = actions.hand_over(term=second, on=day, actor=alice, successor=ben, becomes=council.becomes)
        assert again.changes == ()
        assert today_sources.get("people.terms").find(alice, NOON, 10) == []
        actions.undo(what=undo, actor=alice)
        assert list(Term.objects.order_by("pk").values()) == before
        assert set(Activity.objects.values_list("kind", flat=True)) <= {kind.key for kind in activity_kinds}

    def test_nothing_is_half_done(self, second: Term, alice: User) -> None:
        before = list(Term.objects.order_by("pk").values())
        gone = PersonFactory(archived_at=NOON)
        for successor in (second.person, gone):
            with pytest.raises(ValidationError) as refused:
                actions.hand_over(term=second, on=D(2026, 10, 31), actor=alice, successor=successor)
            assert list(refused.value.message_dict) == ["successor"]
        assert list(Term.objects.order_by("pk").values()) == before

    def test_the_page(self, second: Term, council: Team, as_mary: Client) -> None:
        url = reverse("people:decide_term", args=[second.pk])
        page = as_mary.get(url).content.decode()
        assert "Council allows 2 terms in a row." in page
        assert 'value="2028-12-31"' in page
        assert "Why beyond the limit" not in page
        answer = as_mary.post(url, {"decision": "renew", "until": "2028-12-31"})
        assert answer.status_code == 422
        assert "Why beyond the limit" in answer.content.decode()
        data = {"decision": "end", "on": "2026-10-31", "successor": "nobody", "becomes": council.becomes_id}
        assert as_mary.post(url, data).status_code == 422
        PersonFactory(name="Ben")
        answer = as_mary.post(url, {**data, "successor": "ben"}, follow=True)
        assert "Ben follows. Afterwards: Emeritus." in answer.content.decode()
        new = as_mary.get(reverse("people:new_team_member", args=[council.pk])).content.decode()
        assert f'value="{default_end(council, community_day())}"' in new


class TestOnADay:
    def test_the_days_of_the_community(self) -> None:
        late = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)
        assert community_day(late) == D(2026, 11, 20)
        Community.objects.update_or_create(pk=1, defaults={"time_zone": "Pacific/Auckland"})
        assert community_day(late) == D(2026, 11, 21)
        assert community_day(late, community=Community(time_zone="Mars/Olympus")) == D(2026, 11, 20)

    def test_all_terms_as_a_table(self, second: Term, council: Team, as_bob: Client) -> None:
        TermFactory(person=second.person, role_kind=council.becomes, team=council, started_on=D(2030, 1, 1))
        url = reverse("people:team_terms", args=[council.pk])

        def dates(query: str) -> list[list[str]]:
            answer = as_bob.get(f"{url}?{query}&export=csv")
            return list(csv.reader(StringIO(b"".join(answer.streaming_content).decode())))[1:]

        assert dates("past=0&on=2024-12-31") == [["Ana", "Member", "2023-01-01", "2024-12-31", "serves"]]
        assert dates("on=2025-01-01") == [["Ana", "Member", "2025-01-01", "2026-12-31", "serves"]]
        assert [row[1] for row in dates("sort=from")] == ["Member", "Member", "Emeritus"]
        assert dates("past=1") == [["Ana", "Emeritus", "2030-01-01", "", "to come"]]

    def test_how_many_are_on_it(self, second: Term, council: Team, as_bob: Client) -> None:
        TermFactory(role_kind=council.becomes, team=council)
        url = reverse("people:teams")
        for day, number in (("2024-12-31", 1), ("2022-12-31", 0), ("2026-12-31", 1), ("2027-01-01", 0)):
            (row,) = as_bob.get(f"{url}?on={day}").context["list"].rows
            assert row.object.people_count == number, day

    def test_empty_seats(self, second: Term, council: Team, as_mary: Client) -> None:
        TermFactory(role_kind=council.becomes, team=council)  # a role of the past takes no seat
        kind = second.role_kind
        for wrong in (0, 1001, -1):
            with pytest.raises(ValidationError, match=r"from 1 to 1000|greater than or equal to 0"):
                actions.edit_team(team=council, actor=None, seats=wrong)
            with pytest.raises(ValidationError, match=r"from 1 to 1000|greater than or equal to 0"):
                actions.edit_role_kind(role_kind=kind, actor=None, seats=wrong)
        Team.objects.filter(pk=council.pk).update(seats=3)
        RoleKind.objects.filter(pk=kind.pk).update(seats=1)
        TeamFactory(name="Open")
        lists, page = reverse("people:teams"), reverse("people:team", args=[council.pk])

        def told(on: str) -> tuple[bool, bool, list[object]]:
            html = as_mary.get(f"{page}?on={on}").content.decode()
            rows = as_mary.get(f"{lists}?on={on}").context["list"].rows
            empty = [cell.value for row in rows for cell in row.cells if cell.column.key == "empty"]
            return "Empty seats: 2 of 3" in html, "Empty seats: 3 of 3" in html, empty

        assert told("2026-12-31") == (True, False, [2, None])
        assert told("2027-01-01") == (False, True, [3, None])
        Team.objects.filter(pk=council.pk).update(seats=1)
        assert "All seats taken" in as_mary.get(f"{page}?on=2026-12-31").content.decode()
        assert (
            "All seats taken" in as_mary.get(reverse("people:role_kinds") + "?on=2026-12-31").content.decode()
        )
        TermFactory(role_kind=kind, team=council)
        assert "2 people on 1 seats" in as_mary.get(f"{page}?on=2026-12-31").content.decode()

    def test_teams_with_empty_seats_are_found(self, second: Term, council: Team, as_bob: Client) -> None:
        with time_machine.travel(NOON, tick=False):
            TeamFactory(name="Board", seats=1)
            TeamFactory(name="Open")
            for seats, empty, taken in ((2, ["Board", "Council"], []), (1, ["Board"], ["Council"])):
                Team.objects.filter(pk=council.pk).update(seats=seats)
                url = reverse("people:teams")
                assert (shown(as_bob, f"{url}?vacant=1"), shown(as_bob, f"{url}?vacant=0")) == (empty, taken)

    def test_what_the_page_tells(self, register: Register, as_bob: Client) -> None:
        team = register.team
        TermFactory(person=PersonFactory(name="Next"), team=team, started_on=D(2999, 1, 1))
        Team.objects.filter(pk=team.pk).update(most_terms=1, term_months=12)
        page = as_bob.get(reverse("people:team", args=[team.pk]) + "?on=2026-11-20").content.decode()
        for words in ("To come", "Next", "4 terms in a row", "Council allows 1 term in a row.", "All terms"):
            assert words in page, words


@pytest.mark.parametrize("rows", [1, 3])
def test_the_table_costs_the_same(
    rows: int, council: Team, as_bob: Client, django_assert_num_queries
) -> None:  # type: ignore[no-untyped-def]
    for _number in range(rows):
        TermFactory(team=council)
    url = reverse("people:team_terms", args=[council.pk])
    as_bob.get(url)
    with django_assert_num_queries(9):
        assert as_bob.get(url).status_code == 200
