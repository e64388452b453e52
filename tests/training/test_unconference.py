"""Unconferences: phases, proposals, votes, the grid and its sessions, mails, and what forgets and merges."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.context import JobRefused
from folkmoot.kernel.jobs.models import JobState
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.kernel.plugs import today_sources
from folkmoot.kernel.search.find import search
from folkmoot.kernel.undo import undo
from folkmoot.ledger.models import Activity
from folkmoot.outbox.models import Delivery
from folkmoot.people.actions.erasure import ask_erasure, carry_out
from folkmoot.people.actions.merging import merge_people, unmerge
from folkmoot.people.models import Identity, Person
from folkmoot.training import telling
from folkmoot.training import unconference_planning as planning
from folkmoot.training.actions import grid, grid_sessions, proposals, unconferences, voting
from folkmoot.training.actions.events import finish
from folkmoot.training.models import (
    Event,
    Phase,
    Placement,
    Proposal,
    Round,
    Session,
    Unconference,
    Vote,
    Voter,
)
from folkmoot.training.planning import Place
from folkmoot.training.queries import board as boards
from folkmoot.training.queries import grid as grids
from folkmoot.training.queries import unconferences as queries
from tests.factories import PersonFactory, ProposalFactory
from tests.training.unconferring import UTC, at, mail, places, unconference, vote

NOW = dt.datetime(2027, 2, 1, 12, tzinfo=UTC)


@pytest.fixture
def row(announced: Event, alice: User) -> Any:
    """An unconference; it is 1 February 2027."""
    with time_machine.travel(NOW, tick=False):
        yield unconference(announced, alice)


def titles(session_rows: Any) -> list[tuple[str, str, str]]:
    return [
        (one.title, one.room, one.starts_at.strftime("%H:%M") if one.starts_at else "")
        for one in session_rows.order_by("starts_at", "room")
    ]


# ------------------------------------------------------------------- phases


def test_the_phase_follows_from_the_moments_and_the_hand_goes_first(row: Unconference, alice: User) -> None:
    def on(day: int, month: int = 2, hour: int = 12) -> Phase:
        return row.phase(dt.datetime(2027, month, day, hour, tzinfo=UTC))

    row = unconferences.save_unconference(
        unconference=row,
        actor=alice,
        proposals_open_at=dt.datetime(2027, 2, 2, tzinfo=UTC),
        proposals_close_at=dt.datetime(2027, 2, 10, tzinfo=UTC),
        votes_open_at=dt.datetime(2027, 2, 8, tzinfo=UTC),
        votes_close_at=dt.datetime(2027, 2, 20, tzinfo=UTC),
    )
    assert [on(1), on(2), on(9), on(15), on(21), on(1, 3), on(3, 3)] == [
        Phase.BEFORE,
        Phase.PROPOSING,
        Phase.VOTING,
        Phase.VOTING,
        Phase.PLANNING,
        Phase.PLANNING,
        Phase.OVER,
    ]
    row.published_at = NOW
    assert on(1, 3) == Phase.RUNNING
    unconferences.set_phase(unconference=row, phase=Phase.VOTING, actor=alice)
    row.refresh_from_db()
    assert (on(1), row.takes_proposals(NOW), row.takes_votes(NOW)) == (Phase.VOTING, False, True)
    with pytest.raises(ValidationError, match="no such phase"):
        unconferences.set_phase(unconference=row, phase="party", actor=alice)


def test_rounds_do_not_overlap_and_what_has_sessions_stays(row: Unconference, alice: User) -> None:
    first, second, hall, _garden = places(row)
    with pytest.raises(ValidationError) as caught:
        unconferences.save_round(
            unconference=row, actor=alice, title="Late", starts_at=at(11, 30), ends_at=at(12)
        )
    assert caught.value.message_dict == {"begins": ["It overlaps “Second”, 1 March, 11:00–11:45."]}
    grid.place(proposal=ProposalFactory(unconference=row, title="Tea"), round_=first, space=hall, actor=alice)
    with pytest.raises(ValidationError, match="has sessions"):
        unconferences.remove_round(round_=first, actor=alice)
    with pytest.raises(ValidationError, match="has sessions"):
        unconferences.remove_space(space=hall, actor=alice)
    with pytest.raises(ValidationError, match="There are sessions in it"):
        unconferences.save_round(unconference=row, round_=first, actor=alice, kind=Round.Kind.BREAK)
    back = unconferences.remove_round(round_=second, actor=alice)
    assert row.rounds.count() == 2
    undo(what=back, actor=alice)
    assert row.rounds.count() == 3


def test_only_an_unconference_without_proposals_is_switched_off(row: Unconference, alice: User) -> None:
    back = unconferences.switch_off(unconference=row, actor=alice)
    assert not Unconference.objects.exists()
    undo(what=back, actor=alice)
    assert (Round.objects.count(), row.spaces.count()) == (3, 2)
    ProposalFactory(unconference=row)
    with pytest.raises(ValidationError, match="would be lost"):
        unconferences.switch_off(unconference=row, actor=alice)


# ---------------------------------------------------------------- proposals


def test_a_title_is_enough_and_a_click_in_the_mail_proves_it(row: Unconference, alice: User) -> None:
    mail()
    made = proposals.propose(
        unconference=row,
        values={"title": " Tea  and tides ", "email": "Ana@Example.org", "needs": ["Rocket"]},
    )
    assert (made.state, made.title, made.person, made.needs) == ("unproven", "Tea and tides", None, [])
    assert list(queries.listed(row)) == []
    [sent] = Delivery.objects.values_list("kind", flat=True)
    assert sent == "training.session_prove"
    assert proposals.read("nonsense") is None
    known = proposals.prove(proposal=made)
    assert proposals.prove(proposal=known).person == known.person
    assert (known.state, known.person) == ("open", Identity.objects.get(folded="ana@example.org").person)
    assert [one.title for one in queries.listed(row)] == ["Tea and tides"]
    assert Activity.objects.filter(kind="training.session_proposed").count() == 1
    assert [hit.title for hit in search("tides", alice, ["proposal"])] == ["Tea and tides"]


def test_what_nobody_confirmed_is_forgotten(row: Unconference) -> None:
    mail()
    made = proposals.propose(unconference=row, values={"title": "Spam", "email": "x@example.org"})
    assert proposals.forget_unproven(now=NOW + dt.timedelta(days=6)) == 0
    assert proposals.forget_unproven(now=NOW + dt.timedelta(days=7)) == 1
    assert not Proposal.history.filter(id=made.pk).exists()


def test_looked_at_first_hidden_with_a_reason_and_shown_again(row: Unconference, alice: User) -> None:
    row = unconferences.save_unconference(unconference=row, actor=alice, is_moderated=True)
    made = proposals.propose(unconference=row, values={"title": "Selling things"}, user=alice)
    assert made.state == "waiting"
    told = today_sources.get("training.proposals").find(alice, NOW, 9)
    assert [(one.title, one.why) for one in told] == [
        ("Packaging workshop", "1 proposal waits to be let in (limit 3 days)")
    ]
    proposals.show(proposal=made, actor=alice)
    made.refresh_from_db()
    first, _second, hall, _garden = places(row)
    grid.place(proposal=made, round_=first, space=hall, actor=alice)
    with pytest.raises(ValidationError):
        proposals.hide(proposal=made, reason=" ", actor=alice)
    back = proposals.hide(proposal=made, reason="It is an advertisement", actor=alice)
    made.refresh_from_db()
    assert (made.state, made.hidden_because, Placement.objects.count()) == (
        "hidden",
        "It is an advertisement",
        0,
    )
    undo(what=back, actor=alice)
    made.refresh_from_db()
    assert (made.state, made.placement.space) == ("open", hall)


def test_proposals_close_by_themselves(row: Unconference, alice: User) -> None:
    row = unconferences.save_unconference(
        unconference=row, actor=alice, proposals_close_at=NOW + dt.timedelta(hours=1)
    )
    proposals.propose(unconference=row, values={"title": "In time"}, user=alice)
    with (
        time_machine.travel(NOW + dt.timedelta(hours=1), tick=False),
        pytest.raises(ValidationError, match="not taken now"),
    ):
        proposals.propose(unconference=row, values={"title": "Too late"}, user=alice)
    told = today_sources.get("training.unconferences").find(alice, NOW, 9)
    assert [one.why for one in told] == ["proposals close (told 3 days before)"]


def test_likeness_of_titles(row: Unconference) -> None:
    one = ProposalFactory(unconference=row, title="How to teach testing with pytest")
    ProposalFactory(unconference=row, title="Baking bread")
    ProposalFactory(unconference=row, title="Teach testing with pytest", state="hidden", hidden_because="no")
    assert queries.alike(row, "Teaching Pytest testing") == [one]
    assert queries.alike(row, "bre") == []
    assert queries.alike(row, "Rockets to the moon") == []


def test_votes_for_what_is_part_of_another_count_there_once(row: Unconference, alice: User) -> None:
    one, other, third = ProposalFactory.create_batch(3, unconference=row)
    vote(row, (one.pk, other.pk), (other.pk,), (third.pk,))
    back = proposals.merge(proposal=other, into=one, actor=alice)
    counted = dict(queries.with_votes(row.proposals.all()).values_list("pk", "number_of_votes"))
    assert counted[one.pk] == 2
    assert sorted(map(sorted, queries.votes_by_voter(row).values())) == [[one.pk], [one.pk], [third.pk]]
    with pytest.raises(ValidationError, match="merge them first"):
        proposals.merge(proposal=one, into=third, actor=alice)
    undo(what=back, actor=alice)
    assert dict(queries.with_votes(row.proposals.all()).values_list("pk", "number_of_votes"))[one.pk] == 1


# -------------------------------------------------------------------- votes


def test_one_voter_has_one_set_of_votes(row: Unconference, alice: User) -> None:
    row = unconferences.save_unconference(unconference=row, actor=alice, votes_each=2)
    some = ProposalFactory.create_batch(3, unconference=row)
    who = voting.Who(secret="a browser")
    assert voting.choose(proposal=some[0], who=who, wanted=True) == 1
    assert voting.choose(proposal=some[0], who=who, wanted=True) == 1
    assert voting.choose(proposal=some[1], who=who, wanted=True) == 2
    with pytest.raises(ValidationError, match="take one back first"):
        voting.choose(proposal=some[2], who=who, wanted=True)
    assert voting.choose(proposal=some[0], who=who, wanted=False) == 1
    assert voting.choose(proposal=some[2], who=who, wanted=True) == 2
    person = PersonFactory()
    token = voting.token_for(row, person)
    assert voting.person_of(row, token) == person.pk
    assert voting.person_of(row, token + "x") is None
    voting.choose(proposal=some[2], who=voting.Who(person=person.pk), wanted=True)
    assert (Voter.objects.count(), Vote.objects.count()) == (2, 3)
    assert "a browser" not in str(list(Voter.objects.values()))
    found = queries.figures(row)
    assert (found.proposals, found.voters, found.votes) == (3, 2, 3)


def test_who_is_not_known_votes_only_where_everybody_may(row: Unconference, alice: User) -> None:
    row = unconferences.save_unconference(unconference=row, actor=alice, who_votes="known")
    one = ProposalFactory(unconference=row)
    with pytest.raises(ValidationError, match="Sign in"):
        voting.choose(proposal=one, who=voting.Who(secret="a browser"), wanted=True)
    voting.choose(proposal=one, who=voting.Who(user=alice.pk), wanted=True)
    unconferences.save_unconference(unconference=row, actor=alice, votes_close_at=NOW)
    one.refresh_from_db()
    with pytest.raises(ValidationError, match="Nobody can vote now"):
        voting.choose(proposal=one, who=voting.Who(user=alice.pk), wanted=True)


# ----------------------------------------------------------------- the grid


def test_a_plan_is_a_draft_that_can_be_taken_back(row: Unconference, alice: User) -> None:
    one, other, third, fourth, fifth = ProposalFactory.create_batch(5, unconference=row)
    vote(row, (one.pk, other.pk), (one.pk, other.pk), (third.pk, fourth.pk), (one.pk,), (fourth.pk,))
    first, _second, _hall, garden = places(row)
    grid.place(proposal=third, round_=first, space=garden, actor=alice)
    grid.pin(proposal=third, is_pinned=True, actor=alice)
    job = planning.plan(unconference=row, actor=alice, seconds=2)
    run_in_foreground(job)
    job.refresh_from_db()
    assert (job.state, job.outcome) == (
        JobState.SUCCEEDED,
        {"placed": 4, "moved": 3, "clashes": 0, "unplaced": 1},
    )
    found = grid.arrangement(row)
    assert found[third.pk] == (first.pk, garden.pk)
    assert found[one.pk].round != found[other.pk].round
    assert fifth.pk not in found
    assert Session.objects.count() == 0
    shown = grids.grid_of(grids.load(row))
    assert [(card.proposal, card.warnings) for card in shown.waiting] == [
        (fifth, ["others have more votes: the last with a place that would do has 1"])
    ]
    row.refresh_from_db()
    assert grid.take_plan_back(unconference=row, actor=alice) == 3
    assert grid.arrangement(row) == {third.pk: (first.pk, garden.pk)}
    row.refresh_from_db()
    with pytest.raises(ValidationError, match="no plan"):
        grid.take_plan_back(unconference=row, actor=alice)


def test_a_plan_without_rounds_or_for_a_grid_that_changed_is_refused(announced: Event, alice: User) -> None:
    row = unconferences.switch_on(event=announced, actor=alice)
    job = planning.plan(unconference=row, actor=alice, seconds=1)
    with pytest.raises(JobRefused):
        run_in_foreground(job)
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "Add rounds and spaces first.")


def test_moving_swaps_and_every_move_is_undone(row: Unconference, alice: User) -> None:
    one, other, third = ProposalFactory.create_batch(3, unconference=row)
    first, second, hall, garden = places(row)
    grid.place(proposal=one, round_=first, space=hall, actor=alice)
    grid.place(proposal=other, round_=second, space=garden, actor=alice)
    swapped = grid.place(proposal=one, round_=second, space=garden, actor=alice)
    assert grid.arrangement(row) == {one.pk: (second.pk, garden.pk), other.pk: (first.pk, hall.pk)}
    undo(what=swapped, actor=alice)
    assert grid.arrangement(row) == {one.pk: (first.pk, hall.pk), other.pk: (second.pk, garden.pk)}
    replaced = grid.place(proposal=third, round_=first, space=hall, actor=alice)
    assert one.pk not in grid.arrangement(row)
    undo(what=replaced, actor=alice)
    assert grid.arrangement(row) == {one.pk: (first.pk, hall.pk), other.pk: (second.pk, garden.pk)}
    grid.pin(proposal=one, is_pinned=True, actor=alice)
    with pytest.raises(ValidationError, match="is pinned there"):
        grid.place(proposal=third, round_=first, space=hall, actor=alice)
    tea = row.rounds.get(kind=Round.Kind.BREAK)
    with pytest.raises(ValidationError, match="is a break"):
        grid.place(proposal=third, round_=tea, space=hall, actor=alice)


def test_what_would_not_be_as_it_should_is_told(row: Unconference, alice: User) -> None:
    first, second, hall, garden = places(row)
    one = ProposalFactory(
        unconference=row, title="A", leader_name="Ana", needs=["Projector"], away=[second.pk], expected=50
    )
    other = ProposalFactory(unconference=row, title="B", leader_name="ANA")
    vote(row, (one.pk, other.pk), (one.pk, other.pk))
    grid.place(proposal=other, round_=first, space=hall, actor=alice)
    moves = {
        (cell.round.pk, cell.space.pk): (number, said, there)
        for cell, number, said, there in grids.moves_of(grids.load(row), one.pk)
    }
    assert moves == {
        (first.pk, hall.pk): (
            2,
            ["its leader leads another session at that time", "10 seats too few"],
            other,
        ),
        (first.pk, garden.pk): (
            2,
            ["its leader leads another session at that time", "missing there: Projector"],
            None,
        ),
        (second.pk, hall.pk): (0, ["its leader cannot come then", "10 seats too few"], None),
        (second.pk, garden.pk): (0, ["its leader cannot come then", "missing there: Projector"], None),
    }
    grid.place(proposal=one, round_=first, space=garden, actor=alice)
    shown = grids.grid_of(grids.load(row))
    assert (shown.number_of_clashes, shown.clashes) == (
        2,
        [("2 people wanted both “A” and “B”", "1 March, 10:00–10:45")],
    )


# ------------------------------------------------------------- the published grid


def test_a_published_grid_is_sessions_that_move_with_it(row: Unconference, alice: User) -> None:
    mail()
    person = PersonFactory(name="Ana")
    Identity.objects.create(person=person, system="email", value="ana@example.org")
    one = ProposalFactory(unconference=row, title="Tea", person=person, email="ana@example.org")
    other = ProposalFactory(unconference=row, title="Tides", description="Why water *comes*")
    first, second, hall, garden = places(row)
    grid.place(proposal=one, round_=first, space=hall, actor=alice)
    grid.place(proposal=other, round_=first, space=garden, actor=alice)
    assert titles(Session.objects) == []
    row.refresh_from_db()
    assert grid_sessions.publish(unconference=row, actor=alice) == 2
    assert titles(Session.objects) == [("Tides", "Garden", "10:00"), ("Tea", "Hall", "10:00")]
    assert Session.objects.get(title="Tides").abstract == "Why water *comes*"
    row.refresh_from_db()
    uid, before = Session.objects.get(title="Tea").uid, row.revision
    back = grid.place(proposal=one, round_=second, space=garden, actor=alice)
    assert titles(Session.objects) == [("Tides", "Garden", "10:00"), ("Tea", "Garden", "11:00")]
    assert Session.objects.get(title="Tea").uid == uid
    row.refresh_from_db()
    assert row.revision > before
    shown = boards.board_of(row, at(10, 15))
    assert [(one.title, one.moved_from) for slot in shown.slots for one in slot.sessions] == [
        ("Tides", ""),
        ("Tea", "Hall, 10:00"),
    ]
    undo(what=back, actor=alice)
    assert titles(Session.objects) == [("Tides", "Garden", "10:00"), ("Tea", "Hall", "10:00")]
    assert boards.board_of(row, at(10)).now[0].sessions[0].moved_from == ""
    late = proposals.save_proposal(unconference=row, actor=alice, title="Late")
    grid.place(proposal=late, round_=second, space=hall, actor=alice)
    grid.cancel(proposal=other, actor=alice)
    assert titles(Session.objects) == [("Tea", "Hall", "10:00"), ("Late", "Hall", "11:00")]
    shown = boards.board_of(Unconference.objects.get(), at(10, 15))
    assert [(one.title, one.is_cancelled, one.is_late) for slot in shown.slots for one in slot.sessions] == [
        ("Tea", False, False),
        ("Tides", True, False),
        ("Late", False, True),
    ]
    kinds = Delivery.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["training.session_placed", "training.session_moved", "training.session_moved"]


def test_a_new_plan_changes_the_board_only_when_it_is_published(row: Unconference, alice: User) -> None:
    one, other = (ProposalFactory(unconference=row, title=title) for title in ("A", "B"))
    first, second, hall, garden = places(row)
    grid.place(proposal=one, round_=first, space=hall, actor=alice)
    grid_sessions.publish(unconference=row, actor=alice)
    vote(row, (one.pk, other.pk))
    row.refresh_from_db()
    grid.apply_plan(
        unconference=row,
        found={one.pk: Place(second.pk, garden.pk)},
        told={},
        actor=alice,
    )
    row.refresh_from_db()
    assert row.is_draft
    assert titles(Session.objects) == [("A", "Hall", "10:00")]
    assert boards.board_of(row, at(9)).next.sessions[0].space == "Hall"  # type: ignore[union-attr]
    grid_sessions.publish(unconference=row, actor=alice)
    assert titles(Session.objects) == [("A", "Garden", "11:00")]
    row.refresh_from_db()
    grid_sessions.withdraw_grid(unconference=row, actor=alice)
    assert titles(Session.objects) == []
    Placement.objects.all().delete()
    row.refresh_from_db()
    with pytest.raises(ValidationError, match="Nothing is placed"):
        grid_sessions.publish(unconference=row, actor=alice)


def test_a_space_with_another_name_and_a_round_at_another_time(row: Unconference, alice: User) -> None:
    one = ProposalFactory(unconference=row, title="A")
    first, _second, hall, _garden = places(row)
    grid.place(proposal=one, round_=first, space=hall, actor=alice)
    grid_sessions.publish(unconference=row, actor=alice)
    unconferences.save_space(unconference=row, space=hall, actor=alice, name="Great hall")
    unconferences.save_round(
        unconference=row, round_=first, actor=alice, starts_at=at(9, 30), ends_at=at(10, 15)
    )
    assert titles(Session.objects) == [("A", "Great hall", "09:30")]


def test_who_led_a_session_stands_in_the_ledger_when_the_event_is_over(
    row: Unconference, alice: User
) -> None:
    person = PersonFactory()
    one = ProposalFactory(unconference=row, title="A", leader=person)
    first, _second, hall, _garden = places(row)
    grid.place(proposal=one, round_=first, space=hall, actor=alice)
    grid_sessions.publish(unconference=row, actor=alice)
    with time_machine.travel(dt.datetime(2027, 3, 3, tzinfo=UTC), tick=False):
        event = finish(event=row.event, actor=alice)
        from folkmoot.kernel.jobs.models import Job

        run_in_foreground(Job.objects.get(kind=telling.JOB))
    [led] = Activity.objects.filter(kind="training.session_led")
    assert (led.identity.person, led.occurred_at) == (person, at(10))  # type: ignore[union-attr]
    assert event.status == "done"


# --------------------------------------------------------- merging, forgetting


def test_a_person_is_merged_with_what_they_proposed_led_and_chose(row: Unconference, alice: User) -> None:
    one, other = PersonFactory(), PersonFactory()
    made = ProposalFactory(unconference=row, person=other, leader=other)
    Voter.objects.create(unconference=row, person=other)
    merge = merge_people(survivor=one, gone=other, actor=alice)
    made.refresh_from_db()
    assert (made.person, made.leader, Voter.objects.get().person) == (one, one, one)
    unmerge(merge=merge, actor=alice)
    made.refresh_from_db()
    assert (made.person_id, made.leader_id, Voter.objects.get().person_id) == (other.pk, other.pk, other.pk)


def test_a_person_is_forgotten_and_the_idea_stays(row: Unconference, alice: User) -> None:
    person = PersonFactory(name="Zenobia Quill")
    Identity.objects.create(person=person, system="email", value="zenobia@example.org", is_verified=True)
    kept = ProposalFactory(
        unconference=row,
        title="Tea",
        person=person,
        leader_name="Zenobia Quill",
        proposer_name="Zenobia Quill",
        email="zenobia@example.org",
        description="Ask Zenobia Quill",
    )
    voting.choose(proposal=kept, who=voting.Who(person=person.pk), wanted=True)
    wish = ask_erasure(person=person, actor=alice, reason="mail of 3 May")
    carry_out(erasure=wish, actor=alice, confirmed="Zenobia Quill")
    kept.refresh_from_db()
    assert (Voter.objects.count(), Vote.objects.count()) == (0, 0)
    assert (kept.title, kept.proposer_name, kept.email) == ("Tea", "", "")
    assert "Zenobia" not in kept.description + kept.leader_name
    assert "Zenobia" not in str(list(Proposal.history.values()))
    assert Person.objects.get(pk=person.pk).erased_at is not None
