"""Reviews as a person meets them: the board by keyboard, a phone, the dark, the checklist, the author's form."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.ui.guarded import FASTEST
from folkmoot.reviews.models import Programme, Submission, SubmissionDraft
from folkmoot.reviews.seeds import load
from tests.browser.conftest import DESK, PHONE, Visit
from tests.factories import AssignmentFactory, PersonFactory, SightingFactory, SubmissionFactory

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Visit]


@pytest.fixture
def house(db: None) -> Programme:
    """The first programme, with a submission in each of its stages."""
    load()
    programme = Programme.objects.order_by("pk").first()
    assert programme is not None
    programme.is_open = True
    programme.save()
    names = ("wavefold", "tidelog", "Ana's very-long-package-name-for-coastal-sediment-transport", "moonrise")
    for place, stage in enumerate(programme.stages.filter(is_archived=False).order_by("position")):
        since = clock.now() - dt.timedelta(days=9 * (place + 1))
        row = SubmissionFactory(
            programme=programme,
            title=names[place % 4] if place < 4 else f"package-{place}",
            description="Folds waves for those who look at the sea",
            kind="presubmission" if stage.is_presubmission else "full",
            stage=stage,
            stage_since=since,
            opened_at=since - dt.timedelta(days=20),
            outcome="accepted" if stage.is_accepted else "",
            accepted_on=clock.today() if stage.is_accepted else None,
            repository="https://github.com/harbour/wavefold",
            issue_url=f"https://github.com/commons/reviews/issues/{place + 1}",
            issue_number=place + 1,
            labels=["1/editor-assigned"],
        )
        SightingFactory(submission=row, stage=stage, at=since, is_exact=True, outcome=row.outcome)
        AssignmentFactory(submission=row, role="author", person=PersonFactory(name="Ana Quintanar"))
        if place > 2:
            AssignmentFactory(submission=row, role="editor", person=PersonFactory(name="Kofi Sorensen"))
            AssignmentFactory(
                submission=row,
                role="reviewer",
                state="invited",
                invited_at=since,
                person=PersonFactory(name="Lio Brandt"),
            )
    return programme


def _lane(page: Page, stage: int) -> str:
    return f"[data-drop='{stage}']"


@pytest.mark.parametrize("address", ["/reviews/", "/reviews/board/"])
@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_lists_everywhere(
    visit: Open, alice: User, house: Programme, address: str, width: int, scheme: str
) -> None:
    window = visit(alice, width=width, scheme=scheme)
    page = window.go(address)
    expect(page.get_by_role("link", name="tidelog", exact=True).first).to_be_visible()
    window.check()


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_a_submission_and_its_programme_everywhere(
    visit: Open, alice: User, house: Programme, width: int, scheme: str
) -> None:
    window = visit(alice, width=width, scheme=scheme)
    row = Submission.objects.filter(stage__checklist__isnull=False).first()
    assert row is not None
    for address in (f"/reviews/{row.pk}/", f"/reviews/{row.pk}/decide/", f"/reviews/settings/{house.pk}/"):
        window.go(address)
        window.check()


def test_a_card_is_moved_by_keyboard_and_put_back(visit: Open, alice: User, house: Programme) -> None:
    window = visit(alice)
    page = window.go("/reviews/board/")
    row = Submission.objects.get(title="tidelog")
    before = row.stage
    handle = page.get_by_role("button", name="Move tidelog", exact=True)
    handle.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".toast, [role=status]").filter(has_text="is in").first).to_be_visible()
    row.refresh_from_db()
    assert row.stage != before
    page.get_by_role("button", name="Undo").click()
    page.wait_for_load_state("networkidle")
    row.refresh_from_db()
    assert row.stage == before
    assert window.said == []


def test_the_checklist_is_ticked_by_keyboard(visit: Open, alice: User, house: Programme) -> None:
    row = Submission.objects.filter(stage__checklist__isnull=False).distinct().first()
    assert row is not None
    window = visit(alice)
    page = window.go(f"/reviews/{row.pk}/")
    box = page.get_by_role("checkbox").first
    box.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox").first).to_have_attribute("aria-checked", "true")
    assert row.ticks.count() == 1
    expect(page.get_by_role("checkbox").first).to_be_focused()
    window.check()


@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "light"), (DESK, "dark")])
def test_an_author_submits(visit: Open, house: Programme, width: int, scheme: str) -> None:
    window = visit(width=width, scheme=scheme)
    page = window.go(f"/reviews/submit/{house.slug}/")
    window.check()
    page.get_by_label("Name of the package").fill("tidelog-next")
    expect(page.get_by_role("status").filter(has_text="Kept at")).to_be_visible(timeout=10_000)
    assert SubmissionDraft.objects.get().content["title"] == "tidelog-next"
    page.get_by_label("What it does, in one line").fill("Reads tides")
    page.get_by_label("Your name").fill("Ana Quintanar")
    page.get_by_label("Your e-mail address").fill("ana@example.org")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Say where the package's code is").first).to_be_visible()
    window.said.clear()  # Chromium tells of the answer 422 itself
    page.get_by_label("Repository").fill("https://github.com/harbour/tidelog")
    page.wait_for_timeout(FASTEST.total_seconds() * 1000)  # nobody fills it in faster, and the form knows
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Thank you, it is submitted")).to_be_visible()
    assert re.search(r"/reviews/submit/at/[\w-]+/", page.url)
    assert Submission.objects.get(title="tidelog-next").draft == SubmissionDraft.objects.get()
    window.check()
