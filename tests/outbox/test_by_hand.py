"""Posts by hand: nobody is called, somebody is told at the minute, and says what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from folkmoot.connectors.base import Access, Readback, connectors
from folkmoot.connectors.manual import PLACES, Manual, by_hand
from folkmoot.connectors.posts import Content
from folkmoot.kernel import clock as clock_of_the_house
from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.models import Notice
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.plugs import TodayItem, today_sources
from folkmoot.outbox import actions
from folkmoot.outbox.actions import OutboxStateError
from folkmoot.outbox.by_hand import KIND
from folkmoot.outbox.engine import loop, sweep
from folkmoot.outbox.models import Attempt, Channel, Delivery, State
from tests.conftest import PASSWORD, signed_in
from tests.connectors.house import NOON, PIXEL, House, make_channel, picture, told
from tests.outbox.conftest import letter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(settings: Any, tmp_path: Path) -> Iterator[time_machine.Traveller]:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def house(clock: time_machine.Traveller, **settings: Any) -> House:
    return House(make_channel("manual", settings, {}), clock)


def on_today(user: User, source: str) -> list[TodayItem]:
    return today_sources.get(source).find(user, clock_of_the_house.now(), 10)


@pytest.fixture
def mara(db: None) -> User:
    """She posts, and contributes to people; she manages nothing."""
    user = add_user(email="mara@example.org", name="Mara", password=PASSWORD)
    grant(user=user, area=Area.PEOPLE, level=Level.CONTRIBUTE)
    return user


def test_at_its_minute_it_waits_for_a_person(
    clock: time_machine.Traveller, mara: User, mail_channel: Channel, mailoutbox: Any
) -> None:
    here = house(clock, person="MARA@example.org", place="linkedin")
    delivery = actions.queue(
        channel=here.channel,
        kind="test",
        area="people",
        title="A moot in Lyon",
        payload=Content("**We** meet: [notes](https://x.org/n)", media=(picture(),)).as_payload(),
        wall_time=dt.datetime(2026, 11, 20, 13, 0),
        zone="UTC",
        asked_by=None,
    )
    here.turns(59)
    delivery.refresh_from_db()
    assert (delivery.state, Notice.objects.count()) == (State.SCHEDULED, 0)
    here.turns(1)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.words) == (
        State.NEEDS_PERSON,
        "It waits for somebody to post it by hand.",
    )
    assert told(delivery) == [("send", "unknown")]
    (notice,) = Notice.objects.all()
    assert (notice.user, notice.kind, notice.url) == (mara, KIND, f"/outbox/{delivery.pk}/")
    assert notice.title == "Post “A moot in Lyon” on manual now"
    assert notice.body == "We meet: notes (https://x.org/n)"
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["mara@example.org"], notice.title)
    assert "We meet: notes (https://x.org/n)" in mail.body
    assert f"/outbox/{delivery.pk}/" in mail.body
    assert "https://www.linkedin.com/feed/?shareActive=true&text=We%20meet" in mail.body
    here.turns(5)
    assert (Notice.objects.count(), len(mailoutbox)) == (1, 1)


def test_who_has_no_account_gets_a_mail(
    clock: time_machine.Traveller, mail_channel: Channel, mailoutbox: Any
) -> None:
    here = house(clock, person="guest@example.org")
    delivery = here.queue()
    assert here.ends(delivery, 1) == State.NEEDS_PERSON
    assert [mail.to for mail in mailoutbox] == [["guest@example.org"]]
    assert Notice.objects.count() == 0


def test_without_anybody_named_whoever_planned_it_is_told(clock: time_machine.Traveller, alice: User) -> None:
    here = house(clock)
    delivery = here.queue()
    Delivery.objects.filter(pk=delivery.pk).update(asked_by=alice)
    assert here.ends(delivery, 0) == State.NEEDS_PERSON
    assert [(one.user, one.title) for one in Notice.objects.all()] == [
        (alice, "Post “A moot in Lyon” on manual now")
    ]


def test_the_page_has_all_that_is_needed(clock: time_machine.Traveller, mara: User) -> None:
    here = house(clock, person=mara.email, place="x")
    delivery = here.queue("We **meet** & eat", media=(picture("Three tents"), picture("")))
    here.turns()
    browser = signed_in(mara)
    page = browser.get(f"/outbox/{delivery.pk}/")
    html = page.content.decode()
    assert "We meet &amp; eat</textarea>" in html
    assert 'href="https://x.com/intent/post?text=We%20meet%20%26%20eat"' in html
    assert "Three tents" in html
    assert "no description" in html
    assert "I have posted it" in html
    assert "send again" not in html
    file = browser.get(f"/outbox/{delivery.pk}/pictures/1/")
    assert (b"".join(file.streaming_content), file["content-type"]) == (PIXEL, "image/png")
    assert file["content-disposition"] == f'attachment; filename="{delivery.pk}-1.png"'
    assert browser.get(f"/outbox/{delivery.pk}/pictures/3/").status_code == 404


def test_today_says_what_to_do_and_whose_turn_it_is(
    clock: time_machine.Traveller, mara: User, alice: User
) -> None:
    here = house(clock, person=mara.email)
    delivery = here.queue()
    here.turns()
    (item,) = on_today(mara, "outbox.by_hand")
    assert (item.title, item.action_url) == ("Post “A moot in Lyon” on manual", f"/outbox/{delivery.pk}/")
    assert item.mine == {mara.pk}
    (item,) = on_today(alice, "outbox.by_hand")
    assert item.mine == frozenset()
    assert on_today(alice, "outbox.piles") == []
    actions.it_is_there(delivery=delivery, actor=mara)
    assert on_today(alice, "outbox.by_hand") == []


def test_posted_and_where(clock: time_machine.Traveller, mara: User) -> None:
    here = house(clock, person=mara.email)
    first = here.queue("One", part=1, parts=2)
    second = here.queue("Two", part=2, parts=2, after=first)
    here.turns()
    browser = signed_in(mara)
    browser.post(f"/outbox/{first.pk}/posted/", {"url": "javascript:alert(1)"})
    first.refresh_from_db()
    assert first.state == State.NEEDS_PERSON
    browser.post(f"/outbox/{first.pk}/posted/", {"url": "https://linkedin.com/posts/1"})
    first.refresh_from_db()
    assert (first.state, first.remote_url) == (State.SENT, "https://linkedin.com/posts/1")
    assert first.words == "Mara has done it."
    assert [(one.kind, one.outcome, one.by) for one in first.attempts.order_by("pk")] == [
        (Attempt.Kind.SEND, "unknown", None),
        (Attempt.Kind.PERSON, "yes", mara),
    ]
    assert here.ends(second, 0) == State.NEEDS_PERSON
    assert browser.post(f"/outbox/{second.pk}/cancel/").status_code == 403  # posting is all she may say


def test_not_posted_is_cancelled_and_can_be_planned_anew(
    clock: time_machine.Traveller, mara: User, alice: User
) -> None:
    here = house(clock, person=mara.email)
    delivery = here.queue()
    here.turns()
    for _twice in range(2):
        signed_in(mara).post(f"/outbox/{delivery.pk}/not-posted/")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.words) == (State.CANCELLED, "Not posted, says Mara.")
    here.turns(30)
    assert Notice.objects.count() == 1
    actions.send_now(delivery=delivery, actor=alice)
    assert here.ends(delivery, 0) == State.NEEDS_PERSON
    assert Notice.objects.count() == 2


def test_others_do_not_say_it(clock: time_machine.Traveller, mara: User) -> None:
    other = add_user(email="other@example.org", name="Other", password=PASSWORD)
    grant(user=other, area=Area.PEOPLE, level=Level.CONTRIBUTE)
    here = house(clock, person=mara.email)
    delivery = here.queue()
    here.turns()
    browser = signed_in(other)
    assert "I have posted it" not in browser.get(f"/outbox/{delivery.pk}/").content.decode()
    assert browser.post(f"/outbox/{delivery.pk}/posted/").status_code == 403
    assert browser.post(f"/outbox/{delivery.pk}/not-posted/").status_code == 403


def test_what_goes_by_itself_is_not_said_by_hand(mail_channel: Channel, alice: User) -> None:
    delivery = letter(alice)
    with pytest.raises(OutboxStateError):
        actions.not_posted(delivery=delivery, actor=alice)
    assert signed_in(alice).get(f"/outbox/{delivery.pk}/pictures/1/").status_code == 404


def test_changing_and_deleting_are_asked_for_too(
    clock: time_machine.Traveller, mara: User, alice: User
) -> None:
    here = house(clock, person=mara.email)
    delivery = here.queue()
    here.turns()
    actions.it_is_there(delivery=delivery, actor=alice, url="https://x.org/1")
    change = actions.correct(delivery=delivery, payload=Content("New").as_payload(), asked_by=alice)
    assert here.ends(change, 0) == State.NEEDS_PERSON
    page = signed_in(mara).get(f"/outbox/{change.pk}/").content.decode()
    assert ("I have changed it" in page, "New</textarea>" in page, "https://x.org/1" in page) == (True,) * 3
    signed_in(mara).post(f"/outbox/{change.pk}/posted/")
    delete = actions.withdraw(delivery=delivery, asked_by=alice)
    assert here.ends(delete, 0) == State.NEEDS_PERSON
    assert "I have deleted it" in signed_in(mara).get(f"/outbox/{delete.pk}/").content.decode()
    signed_in(mara).post(f"/outbox/{delete.pk}/posted/")
    assert here.ends(delete, 0) == State.SENT
    assert [one.title for one in Notice.objects.order_by("pk")] == [
        "Post “A moot in Lyon” on manual now",
        "Change “Correction: A moot in Lyon” on manual",
        "Delete “Withdrawal: A moot in Lyon” on manual",
    ]


def test_a_worker_that_dies_has_sent_nothing(clock: time_machine.Traveller) -> None:
    here = house(clock)
    delivery = here.queue()
    Delivery.objects.filter(pk=delivery.pk).update(
        state=State.SENDING, lease_owner="gone", lease_until=NOON, fence=1
    )
    clock.shift(dt.timedelta(seconds=1))
    sweep.sweep()
    delivery.refresh_from_db()
    assert delivery.state == State.SCHEDULED
    loop.turn()
    delivery.refresh_from_db()
    assert delivery.state == State.NEEDS_PERSON


# --- the connector


def payload(text: str, **more: Any) -> dict[str, Any]:
    return Content(text, **more).as_payload()


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, ""),
        ({"place": "youtube"}, "https://studio.youtube.com/"),
        ({"page": "https://x.org/write"}, "https://x.org/write"),
        ({"place": "mastodon"}, ""),
        (
            {"place": "mastodon", "page": "https://moot.example/@ada"},
            "https://moot.example/share?text=a%26b%20c",
        ),
        ({"place": "facebook"}, "https://www.facebook.com/sharer/sharer.php?u="),
        ({"place": "reddit"}, "https://www.reddit.com/submit?title=T&text=a%26b%20c"),
    ],
)
def test_where_to(given: dict[str, str], address: str) -> None:
    assert by_hand(payload("a&b *c*", title="T"), Access(1, given)).address == address


def test_what_a_place_takes_is_a_setting() -> None:
    manual = connectors.get("manual")
    assert isinstance(manual, Manual)
    assert (manual.is_manual, manual.readback, manual.looks) == (True, Readback.NONE, ())
    x = Access(1, {"place": "x"})
    assert manual.problems(payload("a" * 281), x) == [
        "The text is too long by 1 weighted characters (281 of 280)."
    ]
    assert manual.problems(payload("a" * 281), Access(1, {"place": "x", "text": 300})) == []
    flags = "🇫🇷" * 301
    assert len(manual.problems(payload(flags), Access(1, {"place": "bluesky"}))) == 1
    titled = Access(1, {"title": "yes", "title_length": 5, "images": 1})
    assert manual.problems(payload("x"), titled) == ["The title is shorter than 1 characters."]
    assert manual.problems(payload("x", title="123456"), titled) == [
        "The title is too long by 1 characters (6 of 5)."
    ]
    assert manual.problems(payload("x", title="T", media=(picture(), picture())), titled) == [
        "Too many pictures: 2, and at most 1 are taken."
    ]
    assert manual.problems(payload("x")) == []
    wrong = Access(1, {"page": "ftp://x", "person": "mara"})
    assert manual.wrong_settings(wrong) == {
        "page": "Address of the page to post on",
        "person": "Who posts: a mail address",
    }
    shown = manual.segments(Content("**See** [this](https://x.org)"))
    assert "".join(one.text for one in shown) == "See this (https://x.org)"
    as_written = by_hand(payload("**a**", link="https://x.org"), Access(1, {"markup": "markdown"}))
    assert (as_written.text, as_written.place) == ("**a**\n\nhttps://x.org", PLACES["other"])
