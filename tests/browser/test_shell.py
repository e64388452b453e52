"""The frame, Today, lists, forms and components, as a person meets them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from folkmoot.home.models import Snooze
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import TodayItem, TodaySource, today_sources
from folkmoot.people.models import Person
from tests.browser.conftest import DESK, PAINTED_AS, PHONE, Visit
from tests.conftest import PASSWORD
from tests.factories import PersonFactory

pytestmark = pytest.mark.urls("tests.browser.ui_urls")
Open = Callable[..., Visit]


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two things need somebody."""

    def find(user: User, now: dt.datetime, rows: object) -> list[TodayItem]:
        return [
            TodayItem(
                key=f"test:{name}",
                area="people",
                area_label="People",
                title=name,
                why="ends in 5 days, told 30 days before; a longer explanation that has to wrap on a phone",
                since=now - dt.timedelta(days=over),
                action_label="Renew",
                action_url="/help/",
                badge=f"{over} days over",
                tone="overdue",
                over_by=over,
                icon="people",
                mine=frozenset({user.pk} if over > 1 else ()),
            )
            for name, over in (("A term ends", 5), ("Another term ends", 1))
        ]

    monkeypatch.setattr(today_sources, "_items", {})
    today_sources.register(TodaySource("test", "people", "people.view", None, find))


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
@pytest.mark.parametrize(
    "address", ["/", "/components/", "/somebody/", "/accounts/profile/", "/help/", "/no/page/"]
)
def test_page(visit: Open, alice: User, waiting: None, address: str, width: int, scheme: str) -> None:
    for name in (
        "Ana Lucía Pérez",
        "Tunde Okafor",
        "A person with a name that is so long that it must wrap somewhere",
    ):
        PersonFactory(name=name, location="Quito", joined_on=clock.today())
    window = visit(alice, width=width, scheme=scheme)
    page = window.go(address)
    assert page.evaluate(PAINTED_AS) == scheme
    if address == "/no/page/":
        window.said = [line for line in window.said if "404" not in line]
    window.check()


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"])
def test_entrance(visit: Open, db: None, address: str) -> None:
    window = visit(width=PHONE)
    window.go(address)
    window.check()


def test_signing_in_with_the_keyboard(visit: Open, alice: User) -> None:
    window = visit()
    page = window.go("/help/")
    page.keyboard.press("Tab")
    assert window.focused() == "Skip to the content"
    page.locator("[name=login]").focus()
    page.keyboard.type("alice@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Help")
    page.keyboard.press("Tab")
    assert window.focused() == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"
    assert window.said == []


def test_later_and_undo_with_the_keyboard(visit: Open, alice: User, waiting: None) -> None:
    window = visit(alice)
    page = window.go("/")
    assert page.locator(".page-subtitle").inner_text().endswith("2 things need someone, 1 is yours")
    page.get_by_role("link", name="Renew A term ends").focus()
    page.keyboard.press("Tab")
    assert window.focused() == "Give to somebody: A term ends"
    page.keyboard.press("Tab")
    assert window.focused() == "Later A term ends"
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    assert window.focused() == "until"
    page.keyboard.press("Escape")
    assert window.focused() == "Later A term ends"
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Put off: it comes back")).to_be_visible()
    assert list(Snooze.objects.values_list("key", flat=True)) == ["test:A term ends"]
    window.check()
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("It is back on Today.")).to_be_visible()
    assert Snooze.objects.count() == 0
    assert window.said == []


def test_a_list_narrows_while_typing_and_acts_on_what_is_selected(visit: Open, alice: User) -> None:
    for name in ("Ana", "Bo", "Anders"):
        PersonFactory(name=name)
    window = visit(alice)
    page = window.go("/somebody/")
    page.get_by_role("searchbox", name="Search in this list").press_sequentially("an")
    expect(page.locator("#list .list-count")).to_have_text("2 rows")
    assert page.url.endswith("/somebody/?q=an")
    assert window.focused() == "q"
    page.get_by_role("checkbox", name="Select all rows of this page").press("Space")
    expect(page.get_by_text("2 selected")).to_be_visible()
    window.check()
    page.get_by_role("button", name="Rename").press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Their pronouns change.")
    assert window.focused() == "Cancel"
    window.check()
    page.keyboard.press("Escape")
    assert Person.objects.filter(pronouns="they").count() == 0
    page.get_by_role("button", name="Rename").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Rename").press("Enter")
    expect(page.get_by_text("2 renamed")).to_be_visible()
    assert sorted(Person.objects.filter(pronouns="they").values_list("name", flat=True)) == ["Ana", "Anders"]
    assert window.said == []


def test_a_list_is_walked_with_single_keys(visit: Open, alice: User) -> None:
    for name in ("Ana", "Bo", "Cleo"):
        PersonFactory(name=name)
    window = visit(alice)
    page = window.go("/somebody/")
    walked = []
    for key in "jjjjkx":
        page.keyboard.press(key)
        walked.append(window.focused())
    assert walked == ["Ana", "Bo", "Cleo", "Cleo", "Bo", "Bo"]
    expect(page.get_by_text("1 selected")).to_be_visible()
    window.check()
    page.keyboard.press("x")
    expect(page.get_by_text("1 selected")).to_be_hidden()
    page.get_by_role("searchbox", name="Search in this list").press_sequentially("jko")
    assert window.focused() == "q"
    page.get_by_role("searchbox", name="Search in this list").fill("")
    page.locator("body").focus()
    page.get_by_role("checkbox", name="Select Ana").focus()
    page.keyboard.press("j")
    assert window.focused() == "Bo"
    page.keyboard.press("o")
    page.wait_for_url(f"**/people/{Person.objects.get(name='Bo').pk}/")
    assert window.said == []


def test_today_is_walked_with_single_keys_until_they_are_switched_off(
    visit: Open, alice: User, waiting: None
) -> None:
    window = visit(alice)
    page = window.go("/")
    page.keyboard.press("j")
    assert window.focused() == "Renew A term ends"
    page.keyboard.press("?")
    page.wait_for_url("**/help/")
    window.check()
    page.get_by_label("Use single-key shortcuts in this browser").press("Space")
    page = window.go("/")
    page.keyboard.press("j")
    page.keyboard.press("/")
    assert page.evaluate("() => document.activeElement === document.body") is True
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page = window.go("/help/")
    expect(page.get_by_label("Use single-key shortcuts in this browser")).not_to_be_checked()


def test_errors_are_listed_first_and_lead_to_their_fields(visit: Open, alice: User) -> None:
    window = visit(alice, width=PHONE)
    page = window.go("/components/")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator(".error-list")).to_be_focused()
    window.check()
    page.get_by_role("link", name="Name: This field is required.").press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()


def test_a_long_form_is_kept_while_typing(visit: Open, alice: User) -> None:
    window = visit(alice)
    page = window.go("/components/")
    page.get_by_label("About").fill("Half a sentence")
    page.wait_for_function("() => localStorage.getItem('draft:test')")
    page = window.go("/components/")
    expect(page.get_by_label("About")).to_have_value("Half a sentence")


def test_a_chart_is_drawn_without_eval_and_follows_the_appearance(visit: Open, alice: User) -> None:
    window = visit(alice)
    page = window.go("/components/")
    expect(page.get_by_role("img", name="Bars: January 3, February 5").locator("svg")).to_be_visible()
    page.locator("summary").filter(has_text="You: Alice Admin").press("Enter")
    page.get_by_role("button", name="Dark").press("Enter")
    page.wait_for_load_state("networkidle")
    assert page.evaluate(PAINTED_AS) == "dark"
    assert User.objects.get(pk=alice.pk).theme == "dark"
    assert window.said == []


def test_toasts(visit: Open, alice: User) -> None:
    window = visit(alice, width=PHONE)
    page = window.go("/components/?toast=1")
    window.check()
    page.locator("[data-toast-close]").first.press("Enter")
    expect(page.get_by_text("Archived.")).to_have_count(0)
    expect(page.get_by_text("It could not be sent.")).to_be_visible()


@pytest.mark.parametrize("address", ["/", "/somebody/", "/components/"])
def test_menus_stay_in_the_window(visit: Open, alice: User, waiting: None, address: str) -> None:
    PersonFactory(name="Ana", location="Quito")
    window = visit(alice, width=PHONE)
    page = window.go(address)
    for summary in page.locator("details[data-menu] > summary:visible").all():
        summary.press("Enter")
        panel = summary.locator("xpath=following-sibling::*[1]")
        expect(panel).to_be_visible()
        # The browser tells that a menu was opened in a task of its own; then it is put into the window.
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        box = panel.bounding_box()
        assert box is not None
        assert (box["x"] >= 0, box["x"] + box["width"] <= PHONE) == (True, True), summary.inner_text()
        assert page.evaluate("() => document.documentElement.scrollWidth") == PHONE
        summary.press("Escape")
    assert window.said == []


def test_the_phone_has_its_bar(visit: Open, alice: User) -> None:
    window = visit(alice, width=PHONE)
    page = window.go("/")
    bar = page.get_by_role("navigation", name="Areas, short")
    bar.locator("summary").press("Enter")
    expect(bar.locator(".menu-panel")).to_be_visible()
    window.check()
