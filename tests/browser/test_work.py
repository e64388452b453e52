"""Importing, jobs, a list and a record's form: with the keyboard alone, on a phone, in the dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports.models import ImportRun
from folkmoot.kernel.jobs import runner
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.people.models import Person
from tests.browser.conftest import DESK, PAINTED_AS, PHONE, Visit
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Visit]
FILE = (
    "name,github,email,organisation,location,role,team,from,to,note\n"
    "Ana Lucía Quintanar,ana-q,,Tidewater Commons,Quito,,,,,\n"
    "Bao,bao-t,bao@example.org,,,,,,,Asked in May.\n"
    ",,not an address,,,,,,,\n"
)


def reach(window: Visit, name: str, most: int = 80) -> None:
    """Press Tab until what bears this name has the focus, as somebody without a mouse does."""
    passed = []
    for _number in range(most):
        window.page.keyboard.press("Tab")
        passed.append(window.focused())
        if passed[-1] == name:
            return
    raise AssertionError(f"Tab does not reach {name!r}, only {passed}")


def press(window: Visit, name: str) -> Page:
    """Reach a link or button with Tab and press Enter, and wait for the page that follows."""
    reach(window, name)
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")
    window.page.wait_for_load_state("networkidle")
    return window.page


def while_away(window: Visit, address: str) -> None:
    """The worker does what is due while nobody looks; then the page again."""
    window.page.goto("about:blank")
    while runner.run_next():
        pass
    window.go(address)


def test_an_import_and_its_undo_with_the_keyboard_on_a_phone(
    visit: Open, alice: User, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "people.csv").write_text(FILE, encoding="utf-8")
    window = visit(alice, width=PHONE)
    page = window.go("/imports/new/")
    window.check()
    link = page.locator("a[href='/imports/new/people.csv/']")
    press(window, str(link.text_content()).strip())
    window.check()
    field = page.locator("input[type=file]")
    field.focus()
    expect(field).to_be_focused()
    with page.expect_file_chooser(timeout=60_000) as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(tmp_path / "people.csv")
    press(window, "Read the files")
    if "/columns/" in page.url:
        window.check()
        press(window, str(page.locator("main form button[type=submit]").first.text_content()).strip())
    run = ImportRun.objects.get()
    here = f"/imports/{run.pk}/"
    assert page.url.endswith(here)
    window.check()
    while_away(window, here)
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible()
    assert Person.objects.count() == 0
    window.check()
    run.refresh_from_db()
    press(window, str(page.locator("form[action$='/confirm/'] button").text_content()).strip())
    while_away(window, here)
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    assert sorted(Person.objects.values_list("name", flat=True)) == ["Ana Lucía Quintanar", "Bao"]
    window.check()
    press(window, "Undo this import")
    window.check()
    press(window, "Undo the import")
    while_away(window, here)
    expect(page.get_by_role("heading", name="What it had done")).to_be_visible()
    assert Person.objects.count() == 0
    window.check()


def test_jobs_in_the_dark(visit: Open, alice: User) -> None:
    states = (JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
    for state in states:
        Job.objects.create(
            kind="jobs.purge",
            state=state,
            done=3,
            total=12,
            created_by=alice,
            error="ValueError: it is broken\nTraceback: a long line " + "x" * 300
            if state == JobState.FAILED
            else "",
        )
    failed = Job.objects.get(state=JobState.FAILED)
    for width in (DESK, PHONE):
        window = visit(alice, width=width, scheme="dark")
        page = window.go("/settings/jobs/")
        assert page.evaluate(PAINTED_AS) == "dark"
        window.check()
        window.go(f"/settings/jobs/{failed.pk}/")
        window.check()


def test_a_list_with_the_keyboard(visit: Open, alice: User) -> None:
    for number in range(60):
        PersonFactory(name=f"Person {number:02d}", location="Quito" if number % 2 else "Lagos")
    window = visit(alice)
    page = window.go("/people/")
    reach(window, "q")
    page.keyboard.type("person 1")
    expect(page.locator("#list .list-count")).to_have_text("10 rows")
    press(window, "Name")
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    expect(page.locator("tbody th").first).to_contain_text("Person 19")
    window.check()
    reach(window, "Select Person 19")
    page.keyboard.press("Space")
    expect(page.get_by_text("1 selected")).to_be_visible()
    press(window, "Person 19")
    expect(page.get_by_role("heading", level=1)).to_have_text("Person 19")
    page.go_back()
    expect(page.get_by_role("searchbox").first).to_have_value("person 1")
    assert window.said == []


def test_a_person_s_form_says_what_is_wrong(visit: Open, alice: User) -> None:
    window = visit(alice, width=PHONE)
    page = window.go("/people/new/")
    window.check()
    page.locator("[name=name]").evaluate("field => field.required = false")
    page.locator("[name=value]").fill("not an address")
    page.locator("[name=system]").select_option("email")
    page.locator("[name=value]").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".error-list")).to_be_focused()
    window.said = [line for line in window.said if "422" not in line]
    window.check()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=name]")).to_be_focused()
    page.keyboard.type("Ana")
    assert Person.objects.count() == 0
    page.locator("[name=value]").fill("ana@example.org")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana")
    window.check()
    assert Person.objects.get().identities.filter(value="ana@example.org").count() == 1
