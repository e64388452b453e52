"""An unconference from proposals to a board on phones; its pages on a desk and on a phone, light and dark."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.kernel.ui.guarded import FASTEST
from folkmoot.training.actions import grid, grid_sessions, unconferences
from folkmoot.training.models import Proposal, Round, Session, Unconference, Vote
from folkmoot.training.seeds import load
from folkmoot.training.unconference_letters import own_page
from tests.browser.conftest import DESK, PAINTED_AS, PHONE, Visit
from tests.factories import EventFactory, ProposalFactory
from tests.training.unconferring import mail, vote

Open = Callable[..., Visit]


@pytest.fixture
def row(transactional_db: None, alice: User) -> Unconference:
    """An announced event of today with two rounds, a break and two spaces; proposals and votes are open."""
    load()
    mail()
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    event = EventFactory(
        title="Summer unconference",
        status="announced",
        starts_on=now.date(),
        ends_on=now.date() + dt.timedelta(days=1),
        slug="summer",
    )
    made = unconferences.switch_on(event=event, actor=alice)
    made = unconferences.save_unconference(
        unconference=made, actor=alice, votes_open_at=now - dt.timedelta(days=1), votes_each=2
    )
    for title, kind, begins, length in (
        ("First", Round.Kind.TALK, -10, 45),
        ("Tea", Round.Kind.BREAK, 110, 15),
        ("Second", Round.Kind.TALK, 125, 45),
    ):
        at = clock.now() + dt.timedelta(minutes=begins)
        unconferences.save_round(
            unconference=made,
            actor=alice,
            title=title,
            kind=kind,
            starts_at=at,
            ends_at=at + dt.timedelta(minutes=length),
        )
    for name, seats in (("Hall", 40), ("Garden", None)):
        unconferences.save_space(unconference=made, actor=alice, name=name, seats=seats)
    return made


def test_an_unconference_from_proposals_to_a_board_on_phones(
    visit: Open, row: Unconference, alice: User
) -> None:
    ProposalFactory(unconference=row, title="Maps of the shore")
    everybody = visit(width=PHONE)
    page = everybody.go("/events/summer/")
    everybody.check()
    page.get_by_role("link", name="Proposals").click()
    page.get_by_role("link", name="Propose a session").click()
    everybody.check()
    title, button = (
        page.get_by_label("What would you like to do"),
        page.get_by_role("button", name="Propose it"),
    )
    title.click()
    places = [title.bounding_box(), button.bounding_box()]
    title.press_sequentially("Maps of the shore line")
    expect(page.get_by_text("Is it one of these?")).to_be_visible()
    assert [title.bounding_box(), button.bounding_box()] == places
    everybody.check()
    page.get_by_label("What would you like to do").fill("Tea and tide tables")
    page.get_by_label("Your e-mail address").fill("ana@example.org")
    page.wait_for_timeout(FASTEST.total_seconds() * 1000 + 300)
    page.get_by_role("button", name="Propose it").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    one = Proposal.objects.get(title="Tea and tide tables")
    page = everybody.go(own_page(one))
    page.get_by_role("button", name="Confirm").press("Enter")
    expect(page.get_by_text("Everybody sees it")).to_be_visible()
    everybody.check()

    page = everybody.go("/events/summer/vote/")
    everybody.check()
    page.get_by_role("button", name="Choose : Tea and tide tables").click()
    expect(page.get_by_text("You have chosen 1: 1 vote left.")).to_be_visible()
    page.get_by_role("button", name="Choose : Maps of the shore").click()
    expect(page.get_by_text("You have chosen 2: 0 votes left.")).to_be_visible()
    everybody.check()
    assert Vote.objects.count() == 2

    staff = visit(alice, width=DESK)
    page = staff.go(f"/training/{row.event_id}/unconference/grid/")
    page.get_by_role("button", name="Plan the grid").click()
    page.wait_for_url("**/jobs/*/")
    run_in_foreground(Job.objects.get(kind="training.plan_grid"))
    page = staff.go(f"/training/{row.event_id}/unconference/grid/")
    expect(page.get_by_text("2 sessions are placed, 0 wait; 0 clashes are left.")).to_be_visible()
    staff.check()
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(page.get_by_text("2 sessions are on the board.")).to_be_visible()

    phone = visit(width=PHONE, scheme="dark")
    board = phone.go("/events/summer/board/")
    expect(board.get_by_role("heading", name="Now")).to_be_visible()
    expect(board.get_by_text("Tea and tide tables").first).to_be_visible()
    phone.check()
    assert board.evaluate(PAINTED_AS) == "dark"

    # Moved with the keyboard alone: each place says how many clashes there would be.
    session = Session.objects.get(title="Tea and tide tables")
    handle = page.get_by_role("button", name="Move Tea and tide tables", exact=True)
    handle.focus()
    handle.press("Enter")
    status = page.locator("[data-move-status]")
    expect(status).to_contain_text("Tea and tide tables is picked up")
    step = "ArrowLeft" if session.room == "Garden" else "ArrowRight"
    page.keyboard.press(step)
    expect(status).to_contain_text("clashes")
    page.keyboard.press("Enter")
    expect(page.get_by_text("clashes there.").or_(page.get_by_text("clash there."))).to_be_visible()
    session.refresh_from_db()
    board.reload()
    expect(board.get_by_text(f"moved to {session.room}").first).to_be_visible()
    phone.check()
    board.get_by_role("link", name="By space").click()
    expect(board.get_by_role("heading", name=session.room)).to_be_visible()
    phone.check()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    staff.check()


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_the_pages_look_right(visit: Open, row: Unconference, alice: User, width: int, scheme: str) -> None:
    some = [
        ProposalFactory(unconference=row, title=title, leader_name=leader, format="discussion")
        for title, leader in (
            ("Tea and tide tables", "Ana Example"),
            ("Maps of the shore, and who draws them when nobody is paid for it", ""),
            ("Baking", "Ben Example"),
            ("Waves", "Ana Example"),
            ("Kelp", ""),
        )
    ]
    vote(row, (some[0].pk, some[1].pk), (some[0].pk, some[1].pk), (some[2].pk, some[3].pk))
    first, second = row.rounds.filter(kind=Round.Kind.TALK)
    hall, garden = row.spaces.all()
    for one, at, where in zip(
        some, (first, first, second, second), (hall, garden, hall, garden), strict=False
    ):
        grid.place(proposal=one, round_=at, space=where, actor=alice)
    grid_sessions.publish(unconference=row, actor=alice)
    grid.cancel(proposal=some[3], actor=alice)
    pages = {
        "overview": f"/training/{row.event_id}/unconference/",
        "list": f"/training/{row.event_id}/unconference/proposals/?state=open",
        "proposal": f"/training/unconference/proposals/{some[0].pk}/",
        "move": f"/training/unconference/proposals/{some[0].pk}/move/",
        "edit": f"/training/{row.event_id}/unconference/edit/",
        "rounds": f"/training/{row.event_id}/unconference/rounds/several/",
        "grid": f"/training/{row.event_id}/unconference/grid/",
        "event": f"/training/{row.event_id}/",
        "public": "/events/summer/",
        "proposals": "/events/summer/proposals/",
        "propose": "/events/summer/proposals/new/",
        "vote": "/events/summer/vote/",
        "board": "/events/summer/board/",
        "space": "/events/summer/board/?by=space",
    }
    window = visit(alice, width=width, scheme=scheme)
    for name, at_address in pages.items():
        page = window.go(at_address)
        window.check()
        if name == "grid":
            for one in some:
                expect(page.locator(f'.plan [data-card="{one.pk}"]')).to_be_visible()
        folder = os.environ.get("FOLKMOOT_LOOK")
        if folder:
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
