"""Pages of unconferences: what each costs, who may open them, and that everything works without scripts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.ui.guarded import stamp
from folkmoot.people.models import Person
from folkmoot.training.actions import grid, grid_sessions, proposals, unconferences, voting
from folkmoot.training.models import (
    Event,
    Placement,
    Proposal,
    Registration,
    Round,
    Space,
    Unconference,
    Vote,
    Voter,
)
from folkmoot.training.queries import unconferences as queries
from folkmoot.training.unconference_letters import own_page
from tests.factories import PersonFactory, ProposalFactory
from tests.training.unconferring import UTC, mail, places, unconference, vote

NOW = dt.datetime(2027, 2, 1, 12, tzinfo=UTC)


@pytest.fixture
def row(announced: Event, alice: User) -> Any:
    """An unconference; it is 1 February 2027."""
    with time_machine.travel(NOW, tick=False):
        yield unconference(announced, alice)


def cost(client: Client, address: str) -> int:
    """How many queries a page takes, what is read only once left aside."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def fill(row: Unconference, alice: User, number: int) -> None:
    """So many more proposals with leaders, votes, and places while there are some."""
    free = [
        (round_, space)
        for round_ in row.rounds.filter(kind=Round.Kind.TALK)
        for space in row.spaces.all()
        if not Placement.objects.filter(round=round_, space=space).exists()
    ]
    for _number in range(number):
        one = ProposalFactory(unconference=row, leader=PersonFactory(), person=PersonFactory())
        vote(row, (one.pk,))
        if free:
            round_, space = free.pop()
            grid.place(proposal=one, round_=round_, space=space, actor=alice)


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("training:unconference", 11),
        ("training:proposals", 8),
        ("training:grid", 12),
        ("events:proposals", 5),
        ("events:vote", 6),
        ("events:board", 7),
    ],
)
def test_a_page_costs_the_same_with_one_row_and_with_three(
    row: Unconference, as_alice: Client, as_nobody: Client, alice: User, name: str, queries: int
) -> None:
    fill(row, alice, 1)
    grid_sessions.publish(unconference=row, actor=alice)
    is_staff = name.startswith("training:")
    client = as_alice if is_staff else as_nobody
    address = reverse(name, args=[row.event_id if is_staff else row.event.slug])
    before = cost(client, address)
    fill(row, alice, 2)
    assert (before, cost(client, address)) == (queries, queries)


def test_a_grid_of_sixty_proposals(as_alice: Client, announced: Event, alice: User) -> None:
    row = unconferences.switch_on(event=announced, actor=alice)
    first = dt.datetime(2027, 3, 1, 9, tzinfo=UTC)
    unconferences.add_rounds(unconference=row, actor=alice, begins_at=first, minutes=30, pause=5, number=8)
    Space.objects.bulk_create(Space(unconference=row, name=f"Room {n}", order=n) for n in range(6))
    some = ProposalFactory.create_batch(60, unconference=row)
    cells = [(round_, space) for round_ in row.rounds.all() for space in row.spaces.all()]
    Placement.objects.bulk_create(
        Placement(proposal=one, round=at[0], space=at[1]) for one, at in zip(some, cells, strict=False)
    )
    voters = Voter.objects.bulk_create(Voter(unconference=row, digest=f"{n:064d}") for n in range(300))
    Vote.objects.bulk_create(
        Vote(voter=voter, proposal=some[(number * 7 + step * 11) % 60])
        for number, voter in enumerate(voters)
        for step in range(5)
    )
    assert cost(as_alice, reverse("training:grid", args=[row.event_id])) <= 12


def test_phones_are_told_that_nothing_has_changed(as_nobody: Client, row: Unconference, alice: User) -> None:
    live = reverse("events:board_live", args=[row.event.slug])
    assert as_nobody.get(live).status_code == 404
    fill(row, alice, 2)
    row.refresh_from_db()
    grid_sessions.publish(unconference=row, actor=alice)
    answer = as_nobody.get(live)
    etag = answer["ETag"]
    with CaptureQueriesContext(connection) as captured:
        again = as_nobody.get(live, headers={"if-none-match": etag})
    assert (again.status_code, again.content, len(captured)) == (304, b"", 3)
    one = Proposal.objects.first()
    assert one
    grid.cancel(proposal=one, actor=alice)
    changed = as_nobody.get(live, headers={"if-none-match": etag})
    assert (changed.status_code, b"cancelled" in changed.content) == (200, True)
    with time_machine.travel(dt.datetime(2027, 3, 1, 11, tzinfo=UTC), tick=False):
        now = as_nobody.get(live, headers={"if-none-match": changed["ETag"]})
        assert (now.status_code, b">Now" in now.content) == (200, True)
    assert as_nobody.get(live + "?by=space")["ETag"] != changed["ETag"]


def test_somebody_proposes_confirms_changes_and_withdraws(as_nobody: Client, row: Unconference) -> None:
    mail()
    with time_machine.travel(NOW - dt.timedelta(minutes=1), tick=False):
        began = stamp()
    address = reverse("events:propose", args=[row.event.slug])
    assert as_nobody.get(address).status_code == 200
    said = {"title": "Tea and tides", "email": "ana@example.org", "began": began}
    assert as_nobody.post(address, {**said, "homepage": "x"}).status_code == 422
    assert as_nobody.post(address, {**said, "title": ""}).status_code == 422
    sent = as_nobody.post(address, said)
    assert (sent.status_code, sent["Location"]) == (302, f"{address}?sent=1")
    assert b"Look into your mail" in as_nobody.get(sent["Location"]).content
    one = Proposal.objects.get()
    own, public = own_page(one), reverse("events:proposals", args=[row.event.slug])
    assert b"Tea and tides" not in as_nobody.get(public).content
    assert Person.objects.filter(name__icontains="ana").count() == 0
    as_nobody.get(own)
    one.refresh_from_db()
    assert one.state == "unproven"  # a look changes nothing
    as_nobody.post(own, {"do": "confirm"})
    assert b"Tea and tides" in as_nobody.get(public).content
    assert b"ana@example.org" not in as_nobody.get(public).content
    saved = as_nobody.post(own, {"do": "save", "title": "Tides and tea", "leader_name": "Ana"})
    assert saved.status_code == 302
    assert as_nobody.post(own, {"do": "save", "title": ""}).status_code == 422
    shown = as_nobody.get(public).content
    assert (b"Tides and tea" in shown, b"Ana" in shown) == (True, True)
    alike = as_nobody.get(reverse("events:alike", args=[row.event.slug]), {"title": "Tides & tea"})
    assert b"Tides and tea" in alike.content
    as_nobody.post(own, {"do": "withdraw"})
    assert b"Tides and tea" not in as_nobody.get(public).content
    assert as_nobody.get(own).status_code == 200
    assert as_nobody.get("/events/proposed/nonsense/").status_code == 404


def test_somebody_votes_without_scripts(as_nobody: Client, row: Unconference, alice: User) -> None:
    row = unconferences.save_unconference(unconference=row, actor=alice, votes_each=1)
    one, other = ProposalFactory.create_batch(2, unconference=row)
    address = reverse("events:vote", args=[row.event.slug])
    page = as_nobody.get(address).content.decode()
    assert "You have chosen 0: 1 vote left." in page
    assert Voter.objects.count() == 0
    as_nobody.post(address, {"proposal": one.pk, "do": "add"})
    refused = as_nobody.post(address, {"proposal": other.pk, "do": "add"})
    assert (refused.status_code, "take one back first" in refused.content.decode()) == (409, True)
    as_nobody.post(address, {"proposal": one.pk, "do": "remove"})
    as_nobody.post(address, {"proposal": other.pk, "do": "add"})
    assert (Voter.objects.count(), list(Vote.objects.values_list("proposal", flat=True))) == (1, [other.pk])
    stranger = Client()
    assert "You have chosen 0" in stranger.get(address).content.decode()
    assert as_nobody.post(address, {"proposal": "x"}).status_code == 409
    voter = Voter.objects.get()
    assert (voter.person, voter.user) == (None, None)


def test_who_registered_votes_as_themselves_on_any_device(row: Unconference, alice: User) -> None:
    unconferences.save_unconference(unconference=row, actor=alice, who_votes="known")
    one = ProposalFactory(unconference=row)
    person = PersonFactory()
    link = reverse("events:vote_as", args=[row.event.slug, voting.token_for(row, person)])
    address = reverse("events:vote", args=[row.event.slug])
    for device in (Client(), Client()):
        assert device.post(address, {"proposal": one.pk}).status_code == 409
        device.get(link)
        assert device.post(address, {"proposal": one.pk}).status_code == 302
    assert (Voter.objects.get().person, Vote.objects.count()) == (person, 1)


def test_one_who_is_known_counts_once_over_their_browsers(row: Unconference, alice: User) -> None:
    """Before they sign in, on another device by their link, signed out again: one voter, one set of votes."""
    row = unconferences.save_unconference(unconference=row, actor=alice, votes_each=2)
    one, other, third = ProposalFactory.create_batch(3, unconference=row)
    person = PersonFactory(user=alice)
    address = reverse("events:vote", args=[row.event.slug])
    link = reverse("events:vote_as", args=[row.event.slug, voting.token_for(row, person)])
    laptop, phone, stranger = Client(), Client(), Client()
    for device, chosen in ((laptop, one), (phone, other), (phone, third), (stranger, one)):
        device.get(address)
        device.post(address, {"proposal": chosen.pk})
    assert (Voter.objects.count(), Vote.objects.count()) == (3, 4)
    laptop.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "You have chosen 1: 1 vote left." in laptop.get(address).content.decode()
    assert list(Voter.objects.order_by("pk").values_list("person", flat=True)) == [None, None, person.pk]
    said = phone.get(link, follow=True).content.decode()
    assert "You have chosen 2: 0 votes left." in said
    assert "1 vote is more than you have, and was left out." in said
    mine = Vote.objects.filter(voter__person=person).order_by("pk")
    assert sorted(mine.values_list("proposal", flat=True)) == [one.pk, other.pk]
    assert (Voter.objects.count(), Vote.objects.count(), queries.figures(row).voters) == (2, 3, 2)

    # Signed out, the laptop is no new voter; the page says what to do.
    del laptop.cookies[settings.SESSION_COOKIE_NAME]
    said = laptop.get(address).content.decode()
    assert f'href="{reverse("account_login")}?next=' in said
    refused = laptop.post(address, {"proposal": third.pk})
    assert (refused.status_code, "Sign in again" in refused.content.decode()) == (409, True)
    assert (Voter.objects.count(), Vote.objects.count()) == (2, 3)


def test_who_proposed_votes_as_themselves(as_nobody: Client, row: Unconference, alice: User) -> None:
    person = PersonFactory()
    one = ProposalFactory(unconference=row, person=person)
    link = reverse("events:vote_as", args=[row.event.slug, voting.token_for(row, person)])
    assert f'href="{link}"' in as_nobody.get(own_page(one)).content.decode()
    nobodys = ProposalFactory(unconference=row, person=None)
    assert "/vote/" not in as_nobody.get(own_page(nobodys)).content.decode()
    unconferences.save_unconference(unconference=row, actor=alice, votes_close_at=NOW)
    assert "/vote/" not in as_nobody.get(own_page(one)).content.decode()


def test_what_is_more_than_somebody_has_is_left_out_and_told(row: Unconference, alice: User) -> None:
    row = unconferences.save_unconference(unconference=row, actor=alice, votes_each=2)
    one, other, third, gone, kept = ProposalFactory.create_batch(5, unconference=row)
    address = reverse("events:vote", args=[row.event.slug])
    browser = Client()
    browser.get(address)
    for chosen in (gone, other):
        browser.post(address, {"proposal": chosen.pk})
    proposals.merge(proposal=gone, into=kept, actor=alice)
    browser.post(address, {"proposal": third.pk})
    voting.choose(proposal=one, who=voting.Who(user=alice.pk), wanted=True)
    # The account has no record yet; then it has one.
    browser.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    said = browser.get(address).content.decode()
    assert "1 vote is more than you have, and was left out." in said
    assert "1 vote is more" not in browser.get(address).content.decode()
    person = PersonFactory(user=alice)
    browser.get(address)
    (voter,) = Voter.objects.all()
    assert (voter.person, voter.user, voter.digest) == (person, None, "")
    chosen_now = sorted(Vote.objects.values_list("proposal", flat=True))
    assert chosen_now == sorted([one.pk, other.pk, gone.pk])
    assert dict(queries.with_votes(row.proposals.all()).values_list("pk", "number_of_votes"))[kept.pk] == 1


def test_the_page_of_a_registration_leads_to_voting(
    as_nobody: Client, row: Unconference, alice: User
) -> None:
    from folkmoot.training.actions import place_letters

    made = Registration.objects.create(
        event=row.event,
        name="Ana",
        email="ana@example.org",
        person=PersonFactory(),
        state="confirmed",
        proven_at=NOW,
    )
    own = reverse("events:place", args=[place_letters.token_of(made)])
    assert f"/events/{row.event.slug}/vote/" in as_nobody.get(own).content.decode()
    unconferences.save_unconference(unconference=row, actor=alice, votes_close_at=NOW)
    assert "/vote/" not in as_nobody.get(own).content.decode()


def test_the_board_on_paper_and_as_a_code(as_nobody: Client, row: Unconference, alice: User) -> None:
    fill(row, alice, 3)
    row.refresh_from_db()
    grid_sessions.publish(unconference=row, actor=alice)
    for paper in ("a4", "a3", "nonsense"):
        sheet = as_nobody.get(reverse("events:board_pdf", args=[row.event.slug]), {"paper": paper})
        assert (sheet["Content-Type"], sheet.content[:5]) == ("application/pdf", b"%PDF-")
    code = as_nobody.get(reverse("events:board_code", args=[row.event.slug]))
    assert (code["Content-Type"], b"<svg" in code.content) == ("image/svg+xml", True)
    feed = as_nobody.get(reverse("events:event_calendar", args=[row.event.slug])).content.decode()
    assert feed.count("BEGIN:VEVENT") == 4
    page = as_nobody.get(reverse("events:event", args=[row.event.slug])).content.decode()
    assert page.count("Proposal 0") == 3


def test_staff_move_pin_cancel_and_plan(row: Unconference, as_alice: Client, alice: User) -> None:
    one = ProposalFactory(unconference=row, title="Tea")
    first, _second, hall, _garden = places(row)
    move = reverse("training:move_proposal", args=[one.pk])
    assert "Hall, 1 March, 10:00–10:45" in as_alice.get(move).content.decode()
    as_alice.post(move, {"to": f"{first.pk}-{hall.pk}"})
    assert grid.arrangement(row) == {one.pk: (first.pk, hall.pk)}
    for wrong in ("", "x", "1-2-3", f"{first.pk}-999999", "999999999999999999-1"):
        as_alice.post(move, {"to": wrong})
    assert grid.arrangement(row) == {one.pk: (first.pk, hall.pk)}
    as_alice.post(reverse("training:pin_proposal", args=[one.pk]), {"pinned": "1"})
    assert Placement.objects.get().is_pinned
    assert as_alice.get(move).status_code == 200
    as_alice.post(reverse("training:publish_grid", args=[row.event_id]))
    as_alice.post(reverse("training:cancel_proposal", args=[one.pk]))
    assert Placement.objects.get().is_cancelled
    as_alice.post(reverse("training:cancel_proposal", args=[one.pk]), {"cancelled": "0"})
    as_alice.post(move, {"to": "none"})
    assert grid.arrangement(row) == {}
    answer = as_alice.post(reverse("training:plan_grid", args=[row.event_id]))
    assert answer["Location"] == reverse("jobs:job", args=[Job.objects.get(kind="training.plan_grid").pk])
    as_alice.post(reverse("training:unpublish_grid", args=[row.event_id]))
    row.refresh_from_db()
    assert row.published_at is None


def test_the_forms_of_staff(row: Unconference, as_alice: Client) -> None:
    event = row.event_id
    as_alice.post(
        reverse("training:edit_unconference", args=[event]),
        {
            "votes_each": "7",
            "who_votes": "known",
            "needs": "Projector\nPiano",
            "votes_open_at": "2027-02-02T10:00",
        },
    )
    row.refresh_from_db()
    assert (row.votes_each, row.needs, row.votes_open_at) == (
        7,
        ["Projector", "Piano"],
        dt.datetime(2027, 2, 2, 10, tzinfo=UTC),
    )
    as_alice.post(
        reverse("training:new_rounds", args=[event]),
        {"day": "2027-03-02", "begins": "09:00", "minutes": "30", "pause": "10", "number": "3"},
    )
    assert row.rounds.filter(kind=Round.Kind.TALK).count() == 5
    as_alice.post(
        reverse("training:new_space", args=[event]), {"name": "Attic", "seats": "9", "has": ["Piano"]}
    )
    assert Space.objects.get(name="Attic").has == ["Piano"]
    again = as_alice.post(reverse("training:new_space", args=[event]), {"name": "Attic"})
    assert again.status_code == 422
    made = as_alice.post(
        reverse("training:new_proposal", args=[event]),
        {"title": "Sing", "needs": ["Piano"], "leader_name": "Ben"},
    )
    one = Proposal.objects.get(title="Sing")
    assert (made["Location"], one.needs) == (reverse("training:proposal", args=[one.pk]), ["Piano"])
    assert as_alice.get(made["Location"]).status_code == 200
    other = ProposalFactory(unconference=row)
    as_alice.post(reverse("training:merge_proposal", args=[other.pk]), {"into": one.pk})
    other.refresh_from_db()
    assert other.merged_into == one
    csv = b"".join(
        as_alice.get(reverse("training:proposals", args=[event]), {"export": "csv", "state": "open"})
    )
    assert b"Sing" in csv
    for name in ("unconference_history", "new_round", "new_rounds", "new_space", "edit_unconference"):
        assert as_alice.get(reverse(f"training:{name}", args=[event])).status_code == 200


def test_the_switch_of_an_ordinary_event(as_alice: Client, announced: Event) -> None:
    page = reverse("training:unconference", args=[announced.pk])
    assert b"Make it an unconference" in as_alice.get(page).content
    as_alice.post(reverse("training:switch_on_unconference", args=[announced.pk]))
    assert Unconference.objects.get().event == announced
    assert b"Rounds" in as_alice.get(page).content
    event = as_alice.get(reverse("training:event", args=[announced.pk])).content.decode()
    assert page in event


def test_a_private_event_shows_nothing(as_nobody: Client, row: Unconference) -> None:
    Event.objects.filter(pk=row.event_id).update(visibility="private")
    one = ProposalFactory(unconference=row, title="Secret")
    for name in ("proposals", "propose", "vote", "board", "board_live", "board_pdf", "alike"):
        assert as_nobody.get(reverse(f"events:{name}", args=[row.event.slug])).status_code == 404, name
    assert as_nobody.get(own_page(one)).status_code == 200
