"""The calendar of posts, as a person meets it: mouse, keyboard, phone, dark, several at once, undo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.publishing.models import Post, PostState
from tests.browser.conftest import DESK, PHONE, Visit
from tests.publishing.planning import add_goal, add_slots, make_channel, make_post

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Visit]
CALENDAR = "/publishing/calendar/"


def next_month(day: int) -> dt.date:
    """A day of the month after this one: all of it lies ahead."""
    return (clock.today().replace(day=1) + dt.timedelta(days=40)).replace(day=day)


@pytest.fixture
def plan(db: None) -> None:
    """Two channels with slots and a goal; seven posts on the 10th of next month, one on the 15th."""
    mastodon, bluesky = make_channel("Mastodon", kind="mastodon"), make_channel("Bluesky", kind="bluesky")
    add_slots(mastodon, (1, "09:00"), (3, "09:00"), (3, "15:00"))
    add_slots(bluesky, (3, "11:00"))
    add_goal(mastodon, next_month(1).isoformat(), 1, 7)
    for number in range(7):
        make_post(f"Lesson {number}", f"{next_month(10)}T{9 + number:02d}:00", mastodon, bluesky)
    make_post("Spotlight", f"{next_month(15)}T09:00", mastodon, state=PostState.SCHEDULED)
    make_post("Call for mentors", f"{next_month(16)}T09:00", bluesky, state=PostState.REVIEW)


def place(page: Page, day: dt.date) -> Locator:
    return page.locator(f'[data-drop="{day}"]')


@pytest.mark.parametrize(
    ("width", "scheme", "span"), [(DESK, "light", "month"), (DESK, "dark", "week"), (PHONE, "dark", "month")]
)
def test_everywhere(visit: Open, alice: User, plan: None, width: int, scheme: str, span: str) -> None:
    window = visit(alice, width=width, scheme=scheme)
    page = window.go(f"{CALENDAR}?span={span}&day={next_month(10)}&select=1")
    expect(page.get_by_role("link", name="Lesson 0")).to_be_visible()
    if span == "month":
        expect(page.get_by_role("link", name="and 2 more")).to_be_visible()
    window.check()


def test_a_phone_shows_what_it_is_about(visit: Open, alice: User) -> None:
    """However many channels a post has: its title keeps a line, and channels of one kind share their icon."""
    channels = [make_channel(f"By hand {number}", kind="manual") for number in range(5)]
    make_post("A title of some length", f"{next_month(15)}T09:00", *channels)
    window = visit(alice, width=PHONE)
    page = window.go(f"{CALENDAR}?day={next_month(15)}")
    title = page.get_by_role("link", name="A title of some length")
    box = title.bounding_box()
    assert box is not None
    assert (box["width"] > 150, box["height"] < 30) == (True, True)
    marks = place(page, next_month(15)).locator(".calendar-marks")
    assert marks.locator("i").count() == 1
    expect(marks).to_have_text("5By hand 0, By hand 1, By hand 2, By hand 3, By hand 4 ")
    window.check()


def test_dragged_and_moved_with_the_keyboard(visit: Open, alice: User, plan: None) -> None:
    window = visit(alice)
    window.page.set_viewport_size({"width": DESK, "height": 1400})
    page = window.go(f"{CALENDAR}?day={next_month(15)}")
    card = place(page, next_month(15)).locator(".move-card")
    with page.expect_navigation():
        card.drag_to(place(page, next_month(22)))
    expect(page.get_by_text("“Spotlight” leaves on")).to_be_visible()
    expect(place(page, next_month(22))).to_contain_text("Spotlight")
    handle = page.get_by_role("button", name="Move Spotlight", exact=True)
    expect(handle).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(place(page, next_month(16))).to_contain_text("Spotlight")
    post = Post.objects.get(title="Spotlight")
    assert post.wall_time == f"{next_month(16)}T09:00"
    window.check()
    page.get_by_role("button", name="Undo").last.press("Enter")
    expect(place(page, next_month(22))).to_contain_text("Spotlight")


def test_several_are_moved_and_the_address_narrows(visit: Open, alice: User, plan: None) -> None:
    window = visit(alice)
    page = window.go(f"{CALENDAR}?day={next_month(15)}")
    page.get_by_role("link", name="Bluesky", exact=True).click()
    page.wait_for_load_state("networkidle")
    assert f"day={next_month(15)}" in page.url
    assert "channel=" in page.url
    expect(page.get_by_text("Spotlight")).to_have_count(0)
    page.get_by_role("link", name="Select several").click()
    page.get_by_label("Select Lesson 0").check()
    page.get_by_label("Select Call for mentors").check()
    page.get_by_label("Move the selected posts by days").fill("3")
    page.get_by_role("button", name="Move by days").click()
    expect(page.get_by_text("2 posts are moved.")).to_be_visible()
    expect(place(page, next_month(13))).to_contain_text("Lesson 0")
    expect(place(page, next_month(19))).to_contain_text("Call for mentors")
    window.check()


def test_moved_on_a_phone(visit: Open, alice: User, plan: None) -> None:
    window = visit(alice, width=PHONE)
    page = window.go(f"{CALENDAR}?day={next_month(15)}")
    page.get_by_label("Move Spotlight to…").click()
    window.check()
    card = place(page, next_month(15)).locator(".move-card")
    card.get_by_label("Move to", exact=True).fill(next_month(20).isoformat())
    card.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_text("“Spotlight” leaves on")).to_be_visible()
    moved = Post.objects.get(title="Spotlight").due_at
    assert moved
    assert timezone.localtime(moved).date() == next_month(20)
