"""Trainees in the browser: noting for many by the keyboard, awarding, a trainee's own page on a phone."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.people.public import load_seeds
from folkmoot.training.actions import awards, own_progress
from folkmoot.training.actions import progress as actions
from folkmoot.training.models import Award, Event, EventKind, Progress
from folkmoot.training.seeds import load
from folkmoot.training.seeds.progress import load_progress
from tests.browser.conftest import DESK, PAINTED_AS, PHONE, Visit
from tests.factories import EventFactory, PersonFactory, ProjectFactory
from tests.training.trainees import how, instructor, needs

Open = Callable[..., Visit]
#: Where pictures of these pages go, for who wants to look at them.
PICTURES = os.environ.get("FOLKMOOT_PICTURES", "")


@pytest.fixture
def training(alice: User, charlie: User) -> Event:
    """A training three weeks ago: Ada is complete, Ben has the badge, Charlie is on the way."""
    load_seeds()
    load()
    load_progress()
    day = clock.today() - dt.timedelta(days=21)
    event = EventFactory(
        title="Instructor training, winter",
        kind=EventKind.objects.get(slug="instructor-training"),
        status="done",
        starts_on=day,
        ends_on=day,
    )
    ada, ben = PersonFactory(name="Ada Example"), PersonFactory(name="Ben Example")
    on_the_way = PersonFactory(name="Charlie Stranger", user=charlie)
    for person in (ada, ben):
        actions.add_progress(person=person, requirement=needs("training"), event=event, actor=alice)
        for slug in ("welcome-session", "demo"):
            actions.add_progress(person=person, requirement=needs(slug), actor=alice)
        actions.add_progress(
            person=person, requirement=needs("get-involved"), involvement=how(), happened_on=day, actor=alice
        )
    awards.award(person=ben, badge=instructor(), actor=alice)
    actions.add_progress(person=on_the_way, requirement=needs("training"), event=event, actor=alice)
    actions.add_progress(
        person=on_the_way,
        requirement=needs("demo"),
        state="repeat",
        note="Speak to the back row.",
        due_on=day,
        actor=alice,
    )
    lesson = ProjectFactory(name="Git for novices", kind="lesson")
    own_progress.set_lessons(person=on_the_way, lessons=[lesson], actor=charlie)
    return event


def picture(visit: Visit, name: str) -> None:
    if PICTURES:
        visit.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_from_pasted_names_to_the_badge(visit: Open, training: Event, alice: User) -> None:
    PersonFactory(name="Dora Example")
    runs = visit(alice)
    page = runs.go("/training/progress/note/")
    page.get_by_label("For whom").fill("Dora Example\nNobody Known")
    page.get_by_label("What").select_option(label="Welcome session")
    page.get_by_role("button", name="Note it").press("Enter")
    expect(page.get_by_text("Nobody in the register is known as: Nobody Known.")).to_be_visible()
    expect(page.get_by_label("For whom")).to_have_value("Nobody Known")
    runs.check()
    assert Progress.objects.filter(person__name="Dora Example", state="passed").count() == 1
    page = runs.go("/training/trainees/instructor/?complete=1&awarded=0")
    page.get_by_role("button", name="Award 1 who is complete").press("Enter")
    expect(page.get_by_text("1 person is awarded: Instructor.")).to_be_visible()
    assert set(Award.objects.values_list("person__name", flat=True)) == {"Ada Example", "Ben Example"}
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert list(Award.objects.values_list("person__name", flat=True)) == ["Ben Example"]


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_the_pages_look_right(
    visit: Open, training: Event, alice: User, charlie: User, width: int, scheme: str
) -> None:
    ben = Award.objects.get().person
    own = visit(charlie, width=width, scheme=scheme)
    page = own.go("/training/mine/training/")
    picture(own, f"own-{width}")
    own.check()
    page.get_by_role("link", name="Submit").press("Enter")
    page.get_by_label("How").select_option(label="A community meeting")
    page.get_by_label("When").fill(clock.today().isoformat())
    own.check()
    page.get_by_role("button", name="Submit").press("Enter")
    expect(page.get_by_text("not evaluated yet")).to_be_visible()
    own.check()
    sent = Progress.objects.get(state="submitted")
    runs = visit(alice, width=width, scheme=scheme)
    for name, address in (
        ("trainees", "/training/trainees/instructor/"),
        ("trainee", f"/training/trainees/person/{sent.person_id}/"),
        ("awarded", f"/training/trainees/person/{ben.pk}/"),
        ("note", "/training/progress/note/"),
        ("submissions", "/training/submissions/"),
        ("evaluate", f"/training/submissions/{sent.pk}/"),
        ("edit", f"/training/progress/{sent.pk}/"),
        ("badges", "/training/badges/"),
        ("badge", "/training/badges/instructor/"),
        ("settings", "/training/settings/badges/"),
    ):
        page = runs.go(address)
        assert page.evaluate(PAINTED_AS) == scheme
        picture(runs, f"{name}-{width}")
        runs.check()
