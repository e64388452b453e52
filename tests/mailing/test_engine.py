"""What rules make of records: mails are planned, moved, cancelled, whoever changed the record; each leaves once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from folkmoot.kernel import bulk
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.changes.models import ChangedRow
from folkmoot.mailing import engine, jobs
from folkmoot.mailing.actions import mails as mail_actions
from folkmoot.mailing.actions import rules as actions
from folkmoot.mailing.models import MailRule, MailState, PlannedMail
from folkmoot.mailing.subjects import subjects
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.outbox.models import State as Left
from folkmoot.people.models import Correspondence, Identity
from folkmoot.training.actions import events, tasks
from folkmoot.training.models import Event, Task, TaskState
from tests.mailing.conftest import NOW, SHORTLY, mails, sent, switch_on, takes, told, work

pytestmark = pytest.mark.usefixtures("world")
MEET, WEBSITE = "training.hosts-meet-instructors", "training.ask-for-website"


@pytest.fixture
def full(workshop: Event) -> Event:
    """With a host and two instructors."""
    for name, slug in (("Hal", "host"), ("Ina", "instructor"), ("Ivo", "instructor")):
        takes(workshop, name, slug)
    return workshop


def test_rules_come_switched_off_and_plan_nothing(full: Event) -> None:
    assert set(MailRule.objects.values_list("is_active", flat=True)) == {False}
    work()
    assert (mails(), ChangedRow.objects.count()) == ([], 0)


def test_a_mail_is_planned_when_all_is_so_and_leaves_once(workshop: Event, clock: Any) -> None:
    switch_on(MEET)
    takes(workshop, "Hal", "host")
    takes(workshop, "Ina", "instructor")
    work()
    assert told() == []
    takes(workshop, "Ivo", "instructor")
    work()
    assert told() == [("planned", "2027-01-10 13:00")]
    assert sent() == []
    clock.move_to(SHORTLY)
    work()
    work()
    (mail,) = mails()
    (left,) = sent()
    assert (mail.state, list(mail.deliveries.all())) == (MailState.HANDED, [left])
    assert (left.payload["to"], left.payload["more_to"]) == (
        "hal@example.org",
        [["Ina", "ina@example.org"], ["Ivo", "ivo@example.org"]],
    )
    assert left.payload["cc"] == [["Alice Admin", "alice@example.org"]]
    assert "Dear Hal, Ina and Ivo," in left.payload["text"]
    assert left.title == "Packaging workshop: hosts and instructors, please meet"
    assert Correspondence.objects.filter(delivery=left).count() == 3


def test_it_is_cancelled_when_its_reason_goes_and_comes_back_with_it(
    full: Event, clock: Any, alice: User
) -> None:
    switch_on(MEET)
    PlannedMail.objects.all().delete()  # what was so before
    task = Task.objects.filter(kind__slug="instructor").last()
    assert task is not None
    tasks.set_state(task=task, state=TaskState.WITHDRAWN, actor=alice)
    work()
    tasks.set_state(task=task, state=TaskState.CONFIRMED, actor=alice)
    work()
    assert told() == [("planned", "2027-01-10 13:00")]
    tasks.set_state(task=task, state=TaskState.WITHDRAWN, actor=alice)
    work()
    (mail,) = mails()
    assert (mail.state, mail.holds) == (MailState.CANCELLED, False)
    assert mail.reason == "Not so any more: number of instructors is at least 2. It is: 1."
    clock.move_to(SHORTLY)
    work()
    assert sent() == []
    tasks.set_state(task=task, state=TaskState.CONFIRMED, actor=alice)
    work()
    assert told() == [("planned", "2027-01-10 14:01")]


def test_it_moves_with_its_date_in_the_zone_of_the_event(workshop: Event, alice: User) -> None:
    switch_on(WEBSITE)
    takes(workshop, "Ina", "instructor")
    work()
    assert told() == [("planned", "2027-01-30 09:00")]
    events.save_event(
        event=workshop,
        values={"starts_on": dt.date(2027, 6, 14), "ends_on": dt.date(2027, 6, 15)},
        actor=alice,
    )
    work()
    assert told() == [("planned", "2027-05-15 08:00")]  # summer time in London


@pytest.mark.parametrize("how", ["update", "sql", "bulk", "delete"])
def test_changes_that_tell_nobody_are_seen(workshop: Event, how: str) -> None:
    switch_on(WEBSITE)
    task = takes(workshop, "Ina", "instructor")
    work()
    assert [state for state, _due in told()] == ["planned"]
    if how == "update":
        Event.objects.filter(pk=workshop.pk).update(website="https://example.org/leeds")
    elif how == "sql":
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE training_event SET website = 'https://example.org' WHERE id = %s", [workshop.pk]
            )
    elif how == "bulk":
        workshop.website = "https://example.org/leeds"
        bulk.update(Event, [workshop], ["website"])
    else:
        Task.objects.filter(pk=task.pk).delete()
    work()
    assert [state for state, _due in told()] == ["cancelled"]


def test_a_record_that_is_gone_cancels_its_mail(workshop: Event) -> None:
    switch_on("training.instructor-part-noted")
    task = takes(workshop, "Ina", "instructor")
    work()
    task.delete()
    work()
    (mail,) = mails()
    assert (mail.state, mail.reason) == (MailState.CANCELLED, "The record is gone.")


def test_what_was_so_before_the_rule_was_switched_on_sends_nothing(
    full: Event, clock: Any, alice: User
) -> None:
    rule = switch_on(MEET)
    (mail,) = mails(rule)
    assert (mail.state, mail.reason) == (
        MailState.SKIPPED,
        "This was so already when the rule was switched on.",
    )
    clock.shift(dt.timedelta(days=1))
    work()
    assert sent() == []
    # By hand it can be sent all the same.
    mail_actions.plan_again(mail=mail, actor=alice)
    clock.shift(dt.timedelta(hours=2))
    work()
    assert len(sent()) == 1


def test_a_moment_that_was_over_when_the_rule_was_switched_on(full: Event, clock: Any) -> None:
    clock.move_to(dt.datetime(2027, 2, 10, 12, tzinfo=dt.UTC))
    switch_on(WEBSITE)
    (mail,) = mails()
    assert mail.reason == "Its moment, 30 January 2027, was over when the rule was switched on."


@pytest.mark.parametrize(("if_past", "state"), [("soon", "planned"), ("never", "skipped")])
def test_an_event_at_short_notice(workshop: Event, clock: Any, if_past: str, state: str) -> None:
    switch_on(WEBSITE, if_past=if_past)
    clock.move_to(dt.datetime(2027, 2, 10, 12, tzinfo=dt.UTC))
    takes(workshop, "Ina", "instructor")
    work()
    (mail,) = mails()
    assert mail.state == state
    if state == "planned":
        assert mail.due_at == dt.datetime(2027, 2, 10, 13, tzinfo=dt.UTC)
    else:
        assert mail.reason == "Its moment, 30 January 2027, was over already."


def test_time_alone_cancels(full: Event, clock: Any) -> None:
    """Helpers are asked for 14 days before at the latest."""
    rule = switch_on("training.recruit-helpers", needs_approval=True)
    assert [state for state, _due in told()] == ["waiting"]
    clock.move_to(dt.datetime(2027, 2, 20, 12, tzinfo=dt.UTC))
    jobs.look_at_time()
    (mail,) = mails(rule)
    assert mail.state == MailState.CANCELLED
    assert mail.reason == "Not so any more: begins is at least 14 days ahead. It is: 1 March 2027."


def test_each_time_anew_only_where_the_rule_says_so(workshop: Event, clock: Any, alice: User) -> None:
    repeats, once = switch_on("training.instructor-part-noted"), switch_on(MEET)
    for name, slug in (("Hal", "host"), ("Ina", "instructor"), ("Ivo", "instructor")):
        last = takes(workshop, name, slug)
    for _time in range(2):
        work()
        clock.shift(dt.timedelta(hours=2))
        work()
        Delivery.objects.filter(state=Left.SCHEDULED).update(state=Left.SENT, sent_at=NOW)
        tasks.set_state(task=last, state=TaskState.WITHDRAWN, actor=alice)
        work()
        tasks.set_state(task=last, state=TaskState.CONFIRMED, actor=alice)
    states = [(one.occasion, one.state) for one in mails(repeats) if one.record_id == last.pk]
    assert states == [(1, "handed"), (2, "handed")]
    assert [one.state for one in mails(once)] == ["handed"]
    work()
    assert [one.occasion for one in mails(repeats) if one.record_id == last.pk] == [1, 2, 3]


def test_what_waits_in_the_outbox_is_called_back(workshop: Event, clock: Any, alice: User) -> None:
    switch_on(MEET)
    for name, slug in (("Hal", "host"), ("Ina", "instructor"), ("Ivo", "instructor")):
        last = takes(workshop, name, slug)
    work()
    clock.move_to(SHORTLY)
    work()
    (left,) = sent()
    assert left.state == Left.SCHEDULED
    tasks.set_state(task=last, state=TaskState.WITHDRAWN, actor=alice)
    work()
    left.refresh_from_db()
    (mail,) = mails()
    assert (left.state, mail.state) == (Left.CANCELLED, MailState.CANCELLED)
    # What has left stays told.
    tasks.set_state(task=last, state=TaskState.CONFIRMED, actor=alice)
    work()
    clock.shift(dt.timedelta(hours=2))
    work()
    Delivery.objects.filter(state=Left.SCHEDULED).update(state=Left.SENT, sent_at=NOW)
    tasks.set_state(task=last, state=TaskState.WITHDRAWN, actor=alice)
    work()
    (mail,) = mails()
    assert (mail.state, mail.holds, mail.reason) == (MailState.HANDED, False, "")


def test_a_late_change_counts_before_it_leaves(workshop: Event, clock: Any) -> None:
    """Even where the job that looks at changes has not run yet."""
    switch_on(WEBSITE)
    takes(workshop, "Ina", "instructor")
    work()
    clock.move_to(dt.datetime(2027, 1, 30, 10, tzinfo=dt.UTC))
    Event.objects.filter(pk=workshop.pk).update(website="https://example.org/leeds")
    jobs.send()
    assert (sent(), [state for state, _due in told()]) == ([], ["cancelled"])


def test_nobody_to_write_to_and_no_channel_are_said_and_tried_again(workshop: Event, clock: Any) -> None:
    switch_on(WEBSITE)
    takes(workshop, "Ina", "instructor")
    Identity.objects.filter(system="email").delete()
    work()
    clock.move_to(dt.datetime(2027, 1, 30, 10, tzinfo=dt.UTC))
    work()
    (mail,) = mails()
    assert mail.problem == "Nobody to write to: no mail address is known of whom the rule names."
    Identity.objects.create(
        system="email",
        value="ina@example.org",
        folded="ina@example.org",
        person_id=Task.objects.get().person_id,
    )
    Channel.objects.update(is_default=False, archived_at=NOW)
    work()
    (mail,) = mails()
    assert mail.to == [["Ina", "ina@example.org", Task.objects.get().person_id]]
    assert mail.problem == "There is no channel for mail: add one under Settings, Channels."
    Channel.objects.update(is_default=True, archived_at=None)
    clock.shift(dt.timedelta(hours=1, minutes=1))
    work()
    assert ([state for state, _due in told()], len(sent())) == (["handed"], 1)


def test_switched_off_rests_and_goes_on(workshop: Event, clock: Any, alice: User) -> None:
    rule = switch_on(WEBSITE)
    takes(workshop, "Ina", "instructor")
    work()
    actions.switch_off(rule=rule, actor=alice)
    clock.move_to(dt.datetime(2027, 1, 30, 10, tzinfo=dt.UTC))
    work()
    assert (sent(), [state for state, _due in told()]) == ([], ["planned"])
    switch_on(WEBSITE)
    assert [state for state, _due in told()] == ["skipped"]  # its moment passed while the rule was off
    assert sent() == []


def test_an_import_of_a_thousand_costs_a_flat_number_for_each_hundred(workshop: Event) -> None:
    switch_on(WEBSITE)
    switch_on(MEET)
    switch_on("training.after-workshop")
    helper = takes(workshop, "Ina", "instructor")
    fields = {name: getattr(workshop, name) for name in ("kind_id", "organizer_id", "starts_on", "ends_on")}
    made = bulk.insert(
        Event,
        [
            Event(slug=f"w{n}", title=f"Workshop {n}", folded=f"workshop {n}", time_zone="UTC", **fields)
            for n in range(1000)
        ],
    )
    bulk.insert(
        Task, [Task(event=event, person_id=helper.person_id, kind_id=helper.kind_id) for event in made]
    )
    subject = subjects.get("training.event")
    costs = []
    for number in (100, 200, 1000):
        PlannedMail.objects.all().delete()
        ids = [event.pk for event in made[:number]]
        with CaptureQueriesContext(
            connection,
        ) as told_:
            engine.evaluate(subject, ids)
        costs.append(len(told_))
        assert PlannedMail.objects.count() == number
        with CaptureQueriesContext(connection) as again:
            engine.evaluate(subject, ids)
        assert len(again) <= len(told_)
    first, second, ten = costs
    a_hundred = second - first
    assert (a_hundred <= 16, ten - first) == (True, 9 * a_hundred)
    jobs.look_at_changes()
    assert ChangedRow.objects.count() == 0
