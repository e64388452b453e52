"""Trainees' ways: from the application to the certificate; sixty at once; one who was there twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from playwright.sync_api import expect

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.models import Delivery
from folkmoot.people.models import Merge, Person
from folkmoot.training.actions import progress as actions
from folkmoot.training.actions import seats, tasks
from folkmoot.training.models import Award, Event, EventKind, Progress, Request, Task, TaskKind, Use
from folkmoot.training.settling import settle
from tests.browser import journeys
from tests.browser.conftest import PHONE, Visit
from tests.factories import EventFactory, IdentityFactory, PersonFactory
from tests.training.trainees import how, instructor, needs

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Visit]


def training(days: int, title: str = "Instructor training", **more: object) -> Event:
    """An announced training that begins in so many days; below zero it is over."""
    day = clock.today() + dt.timedelta(days=days)
    kind = EventKind.objects.get(slug="instructor-training")
    more = {"status": "announced" if days > 0 else "done"} | more
    return EventFactory(kind=kind, title=title, starts_on=day, ends_on=day, **more)


def test_an_instructor_from_the_application_to_the_certificate(
    visit: Open, alice: User, charlie: User
) -> None:
    journeys.begin("training.badge-awarded")
    event = training(10)
    held = journeys.one_seat(alice)

    # Charlie applies with the code that his university gave him, and once forgets to agree.
    phone = visit(charlie, width=PHONE)
    page = phone.go("/events/requests/training/")
    page.get_by_role("textbox", name="Your name", exact=True).fill("Charlie Stranger")
    page.get_by_label("Your e-mail address").fill("charlie@example.org")
    page.get_by_label("Member code").fill("LEEDS-2027")
    page.get_by_label("Where do you work or study?").fill("University of Leeds")
    page.get_by_role("radio", name="Librarian").check()
    page.get_by_label("Country").select_option("GB")
    page.get_by_role("group", name="Have you learnt how to teach?").get_by_label("No").check()
    page.get_by_role("group", name="Have you taught?").get_by_label("As a teaching assistant").check()
    page.get_by_role("radio", name="Every day").check()
    page.get_by_role("radio", name="Once a year", exact=True).first.check()
    page.get_by_label("Why would you like to teach with us?").fill("I help people every day.")
    for agreed in ("I will follow", "You may keep"):
        page.get_by_role("checkbox", name=agreed).check()
    journeys.slowly(page)
    journeys.press(page, "Send")
    journeys.refused(phone, "Something needs mending first")
    page.get_by_role("checkbox", name="I want to finish").check()
    journeys.slowly(page)
    journeys.press(page, "Send")
    page = phone.go(journeys.link_in_mail("training.request_prove", "charlie@example.org"))
    journeys.press(page, "Confirm")

    # He gets a place, on the seat of his university.
    desk = visit(alice)
    page = desk.go("/training/requests/")
    page.get_by_role("link", name="Charlie Stranger").first.click()
    page.get_by_role("link", name="Accept, and give a place").click()
    page.get_by_label("Training", exact=True).select_option(str(event.pk))
    journeys.press(page, "Show what will happen")
    expect(page.get_by_text("gets a place")).to_be_visible()
    journeys.press(page, "Give 1 place")
    person = Person.objects.get(identities__value="charlie@example.org")
    Person.objects.filter(pk=person.pk).update(user=charlie)  # who signs in with that address claims it
    assert [use.allowance for use in Use.objects.filter(task__person=person)] == [held]

    with time_machine.travel(clock.now() + dt.timedelta(days=12)):
        settle(None)
        # The staff notes what it saw; nobody who was elsewhere slips in.
        page = desk.go("/training/progress/note/")
        for what in ("Training", "Welcome session", "Demo"):
            page.get_by_label("For whom").fill("charlie@example.org")
            journeys.choose(page, "What", what)
            journeys.press(page, "Note it")
            journeys.heard(page, "Noted for 1 person.")
            page = desk.go("/training/progress/note/")
        # What he did himself he submits, at first without saying when.
        page = phone.go("/training/mine/training/")
        page.get_by_role("link", name="Submit").click()
        page.get_by_label("How").select_option(label="A community meeting")
        journeys.press(page, "Submit")
        journeys.refused(phone, "Something needs mending first")
        page.get_by_label("When").fill(clock.today().isoformat())
        journeys.press(page, "Submit")
        expect(page.get_by_text("not evaluated yet")).to_be_visible()
        page = desk.go("/training/submissions/")
        page.get_by_role("link", name="Charlie Stranger").click()
        page.get_by_label("How it stands").select_option(label="passed")
        journeys.press(page, "Save")
        page = desk.go("/training/trainees/instructor/?complete=1&awarded=0")
        journeys.press(page, "Award 1 who is complete")
        journeys.heard(page, "1 person is awarded: Instructor.")
        journeys.work()
    with time_machine.travel(clock.now() + dt.timedelta(days=12, hours=2)):
        journeys.work()
        page = phone.go("/training/mine/training/")
        with page.expect_download() as kept:
            page.get_by_role("link", name="PDF").first.click()
        assert kept.value.suggested_filename.endswith(".pdf")
    award = Award.objects.get()
    (request,) = Request.objects.all()
    assert (award.person, award.badge, request.state, request.task.person) == (  # type: ignore[union-attr]
        person,
        instructor(),
        "accepted",
        person,
    )
    assert set(Progress.objects.values_list("requirement__slug", "state")) == {
        ("training", "passed"),
        ("welcome-session", "passed"),
        ("demo", "passed"),
        ("get-involved", "passed"),
    }
    sent = Delivery.objects.get(kind__startswith="rule.")
    assert (sent.recipient, [file.name for file in sent.attachments.all()]) == (
        "charlie@example.org",
        ["Instructor – Charlie Stranger.pdf"],
    )
    certificate = award.certificates.get()
    anybody = visit()
    page = anybody.go(f"/events/certificates/{certificate.code}/")
    expect(page.get_by_text("Charlie Stranger").first).to_be_visible()
    assert phone.said == desk.said == anybody.said == []


def test_sixty_trainees_are_checked_out_at_once(visit: Open, alice: User) -> None:
    """They were at three trainings and share no event; two of the pasted words mean nobody, or two people."""
    journeys.begin()
    people = [PersonFactory(name=f"Trainee {n:02d}") for n in range(60)]
    for n, person in enumerate(people):
        IdentityFactory(system="email", value=f"t{n:02d}@example.org", person=person)
    for which in range(3):
        event = training(-20 - which, f"Training {which}")
        for person in people[which::3]:
            Task.objects.create(event=event, person=person, kind=TaskKind.objects.get(slug="learner"))
    PersonFactory(name="Ana Twice"), PersonFactory(name="Ana Twice")
    everybody = "\n".join(f"t{n:02d}@example.org" for n in range(60))
    desk = visit(alice)
    for what in ("Training", "Welcome session", "Demo", "A community meeting"):
        page = desk.go("/training/progress/note/")
        wrong = "\nt60@example.org\nAna Twice" if what == "Demo" else ""
        page.get_by_label("For whom").fill(everybody + wrong)
        journeys.choose(page, "What", what)
        page.get_by_label("Day").fill(clock.today().isoformat())
        journeys.press(page, "Note it")
        journeys.heard(page, "Noted for 60 people.")
        if wrong:
            expect(page.get_by_text("Nobody in the register is known as: t60@example.org.")).to_be_visible()
            expect(page.get_by_text("Several people are called: Ana Twice.")).to_be_visible()
            expect(page.get_by_label("For whom")).to_have_value("t60@example.org\nAna Twice")
    page = desk.go("/training/trainees/instructor/?complete=1&awarded=0")
    journeys.press(page, "Award 60 who are complete")
    journeys.heard(page, "60 people are awarded: Instructor.")
    assert Award.objects.filter(person__in=people, badge=instructor()).count() == Award.objects.count() == 60
    assert Progress.objects.filter(state="passed").count() == Progress.objects.count() == 240
    noted = Progress.objects.filter(requirement__slug="training")
    assert {(one.person_id, one.event_id) for one in noted} == set(
        Task.objects.values_list("person", "event")
    )
    page.get_by_role("button", name="Undo").first.click()
    journeys.heard(page, "Taken back.")
    assert Award.objects.count() == 0
    assert desk.said == []


def test_a_trainee_who_is_there_twice_becomes_one(visit: Open, alice: User) -> None:
    """Half of the way lies on each of two records, the same training on both; seat, parts and every try stay."""
    journeys.begin("people.persons-merged")
    event, other = training(-30), training(-60, "Training before that")
    held = journeys.one_seat(alice)
    keep, go = PersonFactory(name="Zoë Trainee"), PersonFactory(name="Zoe Trainee")
    IdentityFactory(system="email", value="zoe@example.org", person=keep)
    IdentityFactory(system="github", value="zoe-t", person=go)
    learner = TaskKind.objects.get(slug="learner")
    for person, at in ((keep, event), (go, event), (go, other)):
        task = tasks.add_task(event=at, person=person, kind=learner, actor=alice)
    seats.give_seat(task=task, allowance=held, actor=alice)
    for person, slug in ((keep, "welcome-session"), (go, "demo")):
        actions.add_progress(person=person, requirement=needs(slug), actor=alice)
    for person in (keep, go):
        actions.add_progress(person=person, requirement=needs("training"), event=event, actor=alice)
    actions.add_progress(
        person=go,
        requirement=needs("get-involved"),
        involvement=how(),
        happened_on=clock.today(),
        actor=alice,
    )
    journeys.work()

    desk = visit(alice)
    page = desk.go("/training/trainees/instructor/?complete=1&awarded=0")
    expect(page.get_by_text("Zoë Trainee")).to_have_count(0)
    # A handle that nobody has is named, and what was typed stays; nor does the search make one up.
    page = desk.go("/training/progress/note/")
    page.get_by_label("For whom").fill("@zoe-x")
    journeys.choose(page, "What", "Demo")
    journeys.press(page, "Note it")
    journeys.refused(desk, "Nobody in the register is known as: @zoe-x.")
    expect(page.get_by_label("For whom")).to_have_value("@zoe-x")
    page = desk.go(f"/people/merge/person/{keep.pk}/")
    page.get_by_role("searchbox").last.fill("zoe-x")
    journeys.press(page, "Find")
    expect(page.get_by_text("Try another word of the name, a handle or an e-mail address.")).to_be_visible()
    page.get_by_role("searchbox").last.fill("zoe-t")
    journeys.press(page, "Find")
    page.get_by_role("link", name="Zoe Trainee").first.click()
    journeys.press(page, "Merge")
    journeys.heard(page, "are one record now")
    page = desk.go(f"/training/trainees/person/{go.pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Zoë Trainee")
    journeys.press(page, "Award the badge")
    assert list(Task.objects.order_by("pk").values_list("person", "event")) == [
        (keep.pk, event.pk),
        (keep.pk, other.pk),
    ]
    assert [(use.task.person, use.allowance) for use in Use.objects.all()] == [(keep, held)]  # type: ignore[union-attr]
    assert sorted(Progress.objects.values_list("person", "requirement__slug")) == [
        (keep.pk, slug) for slug in ("demo", "get-involved", "training", "welcome-session")
    ]
    journeys.work()
    with time_machine.travel(clock.now() + dt.timedelta(hours=2)):
        journeys.work()
    assert journeys.mails("rule.") == [("rule.people.merge", "zoe@example.org")]

    # It was somebody else after all: both are as they were.
    page = desk.go(f"/training/awards/{Award.objects.get().pk}/revoke/")
    journeys.press(page, "Take it back")
    journeys.refused(desk, "Something needs mending first")
    page.get_by_label("Why").fill("Two people")
    journeys.press(page, "Take it back")
    assert Award.objects.get().revoked_because == "Two people"
    page = desk.go(f"/people/merges/{Merge.objects.get().pk}/")
    journeys.press(page, "Undo this merge")
    assert sorted(Progress.objects.values_list("person", "requirement__slug")) == [
        (keep.pk, "training"),
        (keep.pk, "welcome-session"),
        (go.pk, "demo"),
        (go.pk, "get-involved"),
        (go.pk, "training"),
    ]
    assert desk.said == []
