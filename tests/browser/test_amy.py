"""Moving in from AMY, and working in both for a week: a dump, the counts, an edit here, a second dump."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports.models import ImportRun
from folkmoot.training.models import Event
from folkmoot.training.seeds import load
from tests.amy import dump, dump_training
from tests.amy.dump import changed
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.test_work import while_away

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Visit]
#: A folder for pictures of the pages, to look at; empty: none are made.
PICTURES = os.environ.get("FOLKMOOT_PICTURES", "")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/amy-{name}.png", full_page=True)


def import_dump(window: Visit, path: Path) -> ImportRun:
    """Upload it, look at what would happen, and apply it."""
    page = window.go("/imports/new/amy/")
    page.locator("input[type=file]").set_input_files(path)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/imports/*/")
    run = ImportRun.objects.latest("pk")
    here = f"/imports/{run.pk}/"
    while_away(window, here)
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible()
    picture(page, f"preview-{run.pk}")
    page.locator("form[action$='/confirm/'] button").click()
    page.wait_for_load_state("networkidle")
    while_away(window, here)
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    return run


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_moving_in_and_working_in_both(
    visit: Open, alice: User, settings: Any, tmp_path: Path, width: int, scheme: str
) -> None:
    settings.DATA_DIR = tmp_path / "data"
    load()
    register, training = dump.register(), dump_training.training()
    window = visit(alice, width=width, scheme=scheme)
    page = window.page
    name = f"{width}-{scheme}"

    # Saturday: everything comes over.
    with time_machine.travel("2026-11-28 10:00 +0000"):
        first = import_dump(window, dump.write(tmp_path / "saturday.json.gz", [*register, *training]))
    window.check()
    page.get_by_role("link", name="Counts on both sides").click()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("heading", name="AMY and here: counts")).to_be_visible()
    expect(page.get_by_text("Everything is accounted for")).to_be_visible()
    picture(page, f"counts-{name}")
    window.check()

    # The week: an event is looked at, and edited here.
    event = Event.objects.get(external_id="workshops.event/1")
    window.go(f"/training/{event.pk}/")
    window.go(f"/training/{event.pk}/edit/")
    page.locator("input[name=venue]").fill("The new library")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state("networkidle")
    event.refresh_from_db()
    assert event.venue == "The new library"

    # The next Saturday: AMY has changed the same venue, and another thing of it.
    there = next(one for one in training if one["model"] == "workshops.event" and one["pk"] == 1)
    later = [
        changed(one, venue="Hall 2", contact="new@harbour1.example") if one is there else one
        for one in training
    ]
    second = import_dump(window, dump.write(tmp_path / "next.json.gz", [*register, *later]))
    event.refresh_from_db()
    assert (event.venue, event.contact) == ("The new library", "new@harbour1.example")
    assert second.rejected.filter(field="venue", reason__contains="Hall 2").count() == 1
    window.go(f"/imports/{second.pk}/rejected/")
    expect(page.get_by_text("Hall 2").first).to_be_visible()
    picture(page, f"both-changed-{name}")
    window.check()
    window.go(f"/people/amy/counts/?run={second.pk}")
    expect(page.get_by_text("Everything is accounted for")).to_be_visible()
    window.go("/people/amy/")
    picture(page, f"amy-{name}")
    window.check()
    assert Event.objects.filter(external_id="workshops.event/1").count() == 1
    assert first.pk != second.pk
