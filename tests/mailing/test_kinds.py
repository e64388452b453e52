"""The rules that come with the house: each planned at its moment and sent to whom it names, with time moved; and
cancelled or moved when its reason goes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine

from folkmoot.kernel.accounts.models import User
from folkmoot.mailing.merges import rows as merge_rows
from folkmoot.mailing.models import MailRule, MailState
from folkmoot.mailing.seeding import load_rules
from folkmoot.outbox.models import State as Left
from folkmoot.outbox.models import Suppression
from folkmoot.people.actions.merging import merge_people, unmerge
from folkmoot.people.models import Merge
from folkmoot.training.actions import awards, events, tasks
from folkmoot.training.models import (
    Agreement,
    AgreementContact,
    Award,
    Badge,
    ContactRole,
    Event,
    EventKind,
    Opening,
    Progress,
    ProgressState,
    Request,
    RequestForm,
    Requirement,
    SignUp,
    Task,
    TaskKind,
    TaskState,
    Tier,
)
from tests.factories import FormVersionFactory, OrganizationFactory
from tests.mailing.conftest import NOW, UTC, mails, person, sent, switch_on, takes, work

pytestmark = pytest.mark.usefixtures("world")
DAY = dt.date


@dataclass
class Case:
    """How a kind's reason comes and goes.

    Attributes:
        comes: makes all of it so.
        goes: takes the reason away; the mail is cancelled.
        due: when it leaves.
        to: whom it is to, of the first mail.
    """

    slug: str
    comes: Callable[[], Any]
    goes: Callable[[], Any]
    due: dt.datetime
    to: list[str]


def made(kind: str = "workshop", **more: Any) -> Event:
    """An event of 1 and 2 March 2027 that some organisation organises."""
    center: Any = OrganizationFactory(name="Moot Centre")
    return events.save_event(
        values={
            "title": "Packaging workshop",
            "kind": EventKind.objects.get(slug=kind),
            "starts_on": DAY(2027, 3, 1),
            "ends_on": DAY(2027, 3, 2),
            "time_zone": "UTC",
            "organizer": center,
            **more,
        },
        actor=None,
    )


def called_off() -> None:
    events.cancel(event=Event.objects.get(), reason="No room", actor=None)


def staffed(*parts: tuple[str, str], **more: Any) -> Event:
    event = made(**more)
    for name, slug in parts:
        takes(event, name, slug)
    return event


def withdrawn(slug: str) -> None:
    task = Task.objects.filter(kind__slug=slug).order_by("pk").last()
    assert task is not None
    tasks.set_state(task=task, state=TaskState.WITHDRAWN, actor=None)


def awarded() -> None:
    badge = Badge.objects.get(slug="instructor")
    awards.award(person=person("Ina"), badge=badge, actor=None)


def taken_back() -> None:
    awards.revoke_award(award=Award.objects.get(), reason="By mistake", actor=None)


def trained() -> None:
    event = made("instructor-training", starts_on=DAY(2027, 1, 4), ends_on=DAY(2027, 1, 5))
    Progress.objects.create(
        person=person("Lea"),
        requirement=Requirement.objects.get(slug="training"),
        event=event,
        state=ProgressState.PASSED,
        evaluated_at=NOW,
    )


def completed() -> None:
    for slug in ("welcome-session", "demo", "get-involved"):
        Progress.objects.create(
            person=Progress.objects.earliest("pk").person,
            requirement=Requirement.objects.get(slug=slug),
            state=ProgressState.PASSED,
            evaluated_at=NOW,
        )


def agreed(kind: str = "member") -> Callable[[], None]:
    starts_on = DAY(2027, 3, 1)

    def make() -> None:
        home: Any = OrganizationFactory(name="University")
        row = Agreement(
            kind=kind,
            organization=home,
            tier=Tier.objects.get(slug="silver"),
            starts_on=starts_on,
            ends_on=starts_on + dt.timedelta(days=364),
        )
        row.save()
        for name, role in (("Kit", "main"), ("Sam", "billing")):
            AgreementContact.objects.create(
                agreement=row, person=person(name), role=ContactRole.objects.get(slug=role)
            )

    return make


def no_contacts() -> None:
    AgreementContact.objects.all().delete()


def ended() -> None:
    for row in Agreement.objects.all():
        row.starts_on, row.ends_on = DAY(2026, 1, 1), DAY(2026, 12, 31)
        row.save()


def signed(*, is_own: bool = True, state: str = "pending") -> Callable[[], None]:
    def make() -> None:
        SignUp.objects.create(
            opening=Opening.objects.create(event=made()),
            person=person("Ina"),
            kind=TaskKind.objects.get(slug="instructor"),
            is_own=is_own,
            state=state,
            decided_at=None if state == "pending" else NOW,
        )

    return make


def answered(state: str) -> Callable[[], Any]:
    return lambda: SignUp.objects.update(state=state, decided_at=NOW)


def accepted() -> None:
    form = RequestForm.objects.get(slug="own-workshop")
    Request.objects.create(
        form=form,
        version=FormVersionFactory(form=form),
        state="accepted",
        name="Kit",
        email="kit@example.org",
        event=made(organizer=None),
        received_at=NOW,
        proven_at=NOW,
        sent_at=NOW,
        decided_at=NOW,
    )


def merged() -> None:
    load_rules(merge_rows())
    keep, go = person("Ana"), person("Anna")
    merge_people(survivor=keep, gone=go, actor=None)


def at(year: int, month: int, day: int, hour: int = 9) -> dt.datetime:
    return dt.datetime(year, month, day, hour, tzinfo=UTC)


TEAM = (("Hal", "host"), ("Ina", "instructor"), ("Ivo", "instructor"))
SOON = at(2027, 1, 10, 13)
CASES = (
    Case(
        "training.hosts-meet-instructors",
        lambda: staffed(*TEAM),
        lambda: withdrawn("instructor"),
        SOON,
        ["hal", "ina", "ivo"],
    ),
    Case(
        "training.recruit-helpers",
        lambda: staffed(*TEAM),
        lambda: takes(Event.objects.get(), "Hedi", "helper"),
        at(2027, 2, 8),
        ["hal", "ina", "ivo"],
    ),
    Case(
        "training.after-workshop", lambda: staffed(*TEAM), called_off, at(2027, 3, 9), ["hal", "ina", "ivo"]
    ),
    Case(
        "training.ask-for-website",
        lambda: staffed(("Ina", "instructor")),
        lambda: Event.objects.update(website="https://example.org/leeds"),
        at(2027, 1, 30),
        ["ina"],
    ),
    Case(
        "training.instructor-training-approaching",
        lambda: staffed(*TEAM, kind="instructor-training"),
        called_off,
        at(2027, 1, 30),
        ["ina", "ivo"],
    ),
    Case(
        "training.instructor-part-noted",
        lambda: staffed(("Ina", "instructor")),
        lambda: withdrawn("instructor"),
        SOON,
        ["ina"],
    ),
    Case("training.badge-awarded", awarded, taken_back, SOON, ["ina"]),
    Case("training.trained-not-complete", trained, completed, at(2027, 3, 6), ["lea"]),
    Case("training.member-onboarding", agreed(), no_contacts, at(2027, 1, 30), ["kit", "sam"]),
    Case("training.member-3-months", agreed(), no_contacts, at(2027, 5, 30), ["kit", "sam"]),
    Case("training.member-6-months", agreed(), ended, at(2027, 8, 28), ["kit", "sam"]),
    Case("training.member-9-months", agreed(), no_contacts, at(2027, 11, 30), ["kit", "sam"]),
    Case("training.partner-onboarding", agreed("partner"), no_contacts, at(2027, 1, 30), ["kit", "sam"]),
    Case("training.signed-up", signed(is_own=True), answered("withdrawn"), SOON, ["ina"]),
    Case("training.signed-up-by-others", signed(is_own=False), answered("declined"), SOON, ["ina"]),
    Case("training.sign-up-accepted", signed(state="accepted"), answered("declined"), SOON, ["ina"]),
    Case("training.sign-up-declined", signed(state="declined"), answered("accepted"), SOON, ["ina"]),
    Case("training.own-workshop-accepted", accepted, called_off, SOON, ["kit"]),
    Case(
        "people.persons-merged",
        merged,
        lambda: unmerge(merge=Merge.objects.get(), actor=None),
        SOON,
        ["ana"],
    ),
)
BY_SLUG = pytest.mark.parametrize("case", CASES, ids=[case.slug for case in CASES])


def test_every_rule_that_comes_with_the_house_is_proved_here() -> None:
    load_rules(merge_rows())
    assert set(MailRule.objects.values_list("slug", flat=True)) == {case.slug for case in CASES}


def on(case: Case) -> MailRule:
    load_rules(merge_rows())
    return switch_on(case.slug)


@BY_SLUG
def test_it_leaves_at_its_moment(case: Case, clock: Any) -> None:
    rule = on(case)
    case.comes()
    work()
    assert [(one.state, one.due_at) for one in mails(rule)] == [("planned", case.due)]
    clock.move_to(case.due - dt.timedelta(minutes=1))
    work()
    assert sent() == []
    clock.move_to(case.due + dt.timedelta(minutes=1))
    work()
    work()
    (left,) = sent()
    others = [address for _name, address in left.payload.get("more_to", [])]
    assert [left.payload["to"], *others] == [f"{name}@example.org" for name in case.to]
    assert left.state == Left.SCHEDULED
    assert "{{" not in left.payload["text"]
    assert mails(rule)[0].state == MailState.HANDED


@BY_SLUG
def test_it_is_cancelled_when_its_reason_goes(case: Case, clock: Any) -> None:
    rule = on(case)
    case.comes()
    work()
    assert [one.state for one in mails(rule)] == ["planned"]
    case.goes()
    work()
    (mail,) = mails(rule)
    assert mail.state == MailState.CANCELLED
    assert mail.reason.startswith(("Not so any more: ", "The record is gone."))
    clock.move_to(case.due + dt.timedelta(minutes=1))
    work()
    assert sent() == []


def test_the_certificate_goes_with_the_award(clock: Any) -> None:
    case = next(case for case in CASES if case.slug == "training.badge-awarded")
    on(case)
    case.comes()
    work()
    clock.move_to(case.due + dt.timedelta(minutes=1))
    work()
    (left,) = sent()
    (file,) = left.attachments.all()
    assert (file.name, file.type) == ("Instructor – Ina.pdf", "application/pdf")
    assert bytes(file.content).startswith(b"%PDF")


def test_a_membership_that_begins_later_moves_its_mails(clock: Any) -> None:
    rules = [
        on(case) for case in CASES if case.slug in ("training.member-onboarding", "training.member-9-months")
    ]
    agreed()()
    work()
    for row in Agreement.objects.all():
        row.starts_on, row.ends_on = DAY(2027, 6, 1), DAY(2028, 5, 31)
        row.save()
    work()
    assert [mails(rule)[0].due_at for rule in rules] == [at(2027, 5, 2), at(2028, 3, 2)]


def test_who_gets_no_mail_is_left_out(alice: User) -> None:
    case = CASES[0]
    on(case)
    case.comes()
    Suppression.objects.create(address="ina@example.org", why="manual", source="test")
    work()
    with time_machine.travel(case.due + dt.timedelta(minutes=1), tick=False):
        work()
    (left,) = sent()
    assert (left.payload["to"], left.payload["more_to"]) == (
        "hal@example.org",
        [["Ivo", "ivo@example.org"]],
    )
    assert "Dear Hal and Ivo," in left.payload["text"]
