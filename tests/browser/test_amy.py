"""Moving in from AMY, and working in both for a week: a dump, the counts, an edit here, a second dump."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports.models import ImportRun, SeenRecord
from folkmoot.people.models import Organization, Person
from folkmoot.people.queries import amy_report
from folkmoot.training.models import Agreement, Award, Event, Progress, Request, Task
from folkmoot.training.seeds import load
from tests.amy import dump, dump_training
from tests.browser.conftest import PAINTED_AS, PHONE, Visit
from tests.browser.test_work import while_away

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Visit]


def numbers() -> dict[str, int]:
    """How many of each are here."""
    tables = (Person, Organization, Event, Task, Award, Progress, Agreement, Request, SeenRecord)
    return {table.__name__: table._default_manager.count() for table in tables}


def moved_in(window: Visit, path: Path, things: Sequence[dump.Made]) -> ImportRun:
    """From the settings: upload a dump, look at what would happen, and apply it."""
    page = window.go("/imports/new/")
    page.locator("a[href='/imports/new/amy/']").first.click()
    page.locator("input[type=file]").set_input_files(dump.write(path, things))
    page.get_by_role("button", name="Read the files").click()
    page.wait_for_url(lambda address: "/new/" not in address)
    run = ImportRun.objects.latest("pk")
    here = f"/imports/{run.pk}/"
    assert page.url.endswith(here)
    while_away(window, here)
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible()
    page.locator("form[action$='/confirm/'] button").click()
    page.wait_for_load_state("networkidle")
    while_away(window, here)
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    run.refresh_from_db()
    return run


def see_the_counts(window: Visit, run: ImportRun) -> None:
    """Both sides are equal, record by record, and the page says so."""
    page = window.page
    page.get_by_role("link", name="Counts on both sides").click()
    expect(page.get_by_role("heading", name="AMY and here: counts")).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text("Everything is accounted for")).to_be_visible()
    report = amy_report.report(run)
    assert (report.is_whole, report.here) == (True, report.there)
    assert {line.model: line.state for line in report.taken if line.state != "equal"} == {}
    expect(page.locator("tbody .badge-tone").filter(has_text="equal")).to_have_count(len(report.taken))


NO_USER = ("assigned_to", "awarded_by")


def test_moving_in_and_working_in_both(visit: Open, alice: User, settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"
    load()
    register, training = dump.register(), dump_training.training()
    window = visit(alice)
    page = window.page

    # Saturday: everything comes over, and is counted.
    first = moved_in(window, tmp_path / "saturday.json.gz", [*register, *training])
    # Nobody in the made-up dump signs in here: who owned and awarded what is named, and nothing else is.
    assert first.rejected.exclude(field__in=NO_USER).count() == 0
    assert first.rejected.count() == 6
    see_the_counts(window, first)
    window.check()
    phone = visit(alice, width=PHONE, scheme="dark")
    phone.go("/people/amy/counts/")
    assert phone.page.evaluate(PAINTED_AS) == "dark"
    expect(phone.page.get_by_text("Everything is accounted for")).to_be_visible()
    phone.check()
    before = numbers()

    # The week: an event is opened and edited here. What it is called was made here; its venue is AMY's.
    event = Event.objects.get(external_id="workshops.event/1")
    assert (event.title, event.venue) == (
        "Software Carpentry (soil 1) at Harbour University 1",
        "Harbour Hall",
    )
    window.go(f"/training/{event.pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Software Carpentry (soil 1) at Harbour University 1"
    )
    page.get_by_role("link", name="Edit", exact=True).first.click()
    page.locator("input[name=title]").fill("Soil days")
    page.locator("input[name=venue]").fill("The new library")
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Soil days")

    # The next Saturday: AMY has changed the name behind the title, the same venue, and another value.
    def later(one: dump.Made) -> dump.Made:
        match one["model"], one["pk"]:
            case "workshops.event", 1:
                return dump.changed(one, venue="Hall 2", contact="new@harbour1.example")
            case "workshops.organization", 1:
                return dump.changed(one, fullname="University of the Harbour")
        return one

    second = moved_in(window, tmp_path / "next.json.gz", [later(one) for one in [*register, *training]])
    event.refresh_from_db()
    assert (event.title, event.venue, event.contact) == (
        "Soil days",
        "The new library",
        "new@harbour1.example",
    )
    assert event.host is not None
    assert event.host.name == "University of the Harbour"
    assert [(row.field, "Hall 2" in row.reason) for row in second.rejected.exclude(field__in=NO_USER)] == [
        ("venue", True)
    ]
    expect(page.get_by_text("Hall 2").first).to_be_visible()
    assert page.get_by_role("link", name="Rows to mend (CSV)").count() == 0
    window.check()
    see_the_counts(window, second)
    assert numbers() == before
