"""How events stand elsewhere in the house: Today, the calendar, pages of records, handover, merges; settings."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import good_news_sources, handovers, today_sources
from folkmoot.kernel.search.find import search
from folkmoot.people.actions.merging import merge_people, unmerge
from folkmoot.people.models import Project
from folkmoot.training.actions.events import announce, cancel, plan_again, save_event, stall
from folkmoot.training.actions.rows import remove_row, save_row
from folkmoot.training.event_plugs import event_entries
from folkmoot.training.models import (
    CertificatePattern,
    Curriculum,
    Event,
    EventKind,
    Programme,
    Status,
    Task,
    TaskKind,
    TaskState,
)
from tests.factories import (
    EventFactory,
    OrganizationFactory,
    PersonFactory,
    ProjectFactory,
    TaskFactory,
    UserFactory,
)
from tests.training.conftest import part

UTC = dt.UTC


def told(key: str, user: User, now: dt.datetime) -> list[str]:
    """What a source of Today tells, as titles."""
    return [item.title for item in today_sources.get(key).find(user, now, 50)]


# -------------------------------------------------------------------- Today


def test_nobody_teaches_and_it_is_near(workshop: Event, alice: User) -> None:
    """Thirty days before; who is only asked does not teach yet, a learner does not, and sprints need nobody."""
    begins = dt.datetime(2027, 3, 1, 9, tzinfo=UTC)
    EventFactory(kind=EventKind.objects.get(slug="sprint"), status="planned")
    early, near = begins - dt.timedelta(days=30, minutes=1), begins - dt.timedelta(days=30)
    assert told("training.untaught", alice, early) == []
    assert told("training.untaught", alice, near) == ["Packaging workshop"]
    assert told("training.untaught", alice, begins) == []
    TaskFactory(event=workshop, kind=part("learner"))
    asked = TaskFactory(event=workshop, kind=part("instructor"), state=TaskState.INVITED)
    assert told("training.untaught", alice, near) == ["Packaging workshop"]
    item = today_sources.get("training.untaught").find(alice, begins - dt.timedelta(days=3), 1)[0]
    assert (item.tone, item.over_by, item.mine) == ("overdue", -3.0, frozenset({alice.pk}))
    Task.objects.filter(pk=asked.pk).update(state=TaskState.CONFIRMED)
    assert told("training.untaught", alice, near) == []


def test_it_was_planned_only_and_is_over(workshop: Event, alice: User) -> None:
    ends = dt.datetime(2027, 3, 2, 16, 30, tzinfo=UTC)
    EventFactory(kind=workshop.kind, title="Announced")
    assert told("training.unanswered", alice, ends - dt.timedelta(minutes=1)) == []
    assert told("training.unanswered", alice, ends) == ["Packaging workshop"]
    cancel(event=workshop, reason="No room", actor=alice)
    assert told("training.unanswered", alice, ends) == []


def test_it_is_announced_and_nobodys(announced: Event, alice: User) -> None:
    now = dt.datetime(2027, 2, 1, tzinfo=UTC)
    assert told("training.unowned", alice, now) == []
    save_event(event=announced, values={"owner": None}, actor=alice)
    EventFactory(kind=announced.kind, status="planned")
    assert told("training.unowned", alice, now) == ["Packaging workshop"]


def test_what_took_place_is_good_news(announced: Event, alice: User) -> None:
    now = dt.datetime(2027, 3, 4, tzinfo=UTC)
    source = good_news_sources.get("training.held")
    since = now - dt.timedelta(days=7)

    def news() -> list[str]:
        assert source.rows is not None
        asked = source.rows(alice, since, now)
        assert asked is not None
        return [str(one.sentence) for one in source.tell(alice, since, now, asked.read())]

    assert news() == []
    Event.objects.filter(pk=announced.pk).update(status=Status.DONE)
    assert news() == ["Packaging workshop took place"]
    TaskFactory(event=announced, kind=part("learner"), attended=True)
    TaskFactory(event=announced, kind=part("learner"), attended=False)
    TaskFactory(event=announced, kind=part("instructor"), attended=True)
    assert news() == ["Packaging workshop took place; 1 person came"]
    EventFactory(kind=announced.kind, status="done", ends_on=dt.date(2027, 3, 2), attendance=20)
    assert news() == ["2 events took place; 21 people came"]


# ----------------------------------------------------------------- calendar


def test_an_event_stands_on_each_of_its_days(workshop: Event, alice: User) -> None:
    first, last = dt.date(2027, 3, 1), dt.date(2027, 3, 31)
    assert [(one.day, one.at, one.badge) for one in event_entries(alice, first, last)] == [
        (dt.date(2027, 3, 1), dt.datetime(2027, 3, 1, 9, tzinfo=UTC), "planned"),
        (dt.date(2027, 3, 2), None, "planned"),
    ]
    assert [one.day for one in event_entries(alice, dt.date(2027, 3, 2), last)] == [dt.date(2027, 3, 2)]
    assert event_entries(alice, dt.date(2027, 3, 3), last) == []


def test_days_are_the_readers_for_times_and_the_places_for_whole_days(
    workshop: Event, alice: User, django_assert_num_queries: object
) -> None:
    """09:00 in Leeds is the evening before on Hawaii; a whole day in Leeds is that day everywhere."""
    EventFactory(kind=workshop.kind, title="Whole day", starts_on=dt.date(2027, 3, 1))
    with timezone.override("Pacific/Honolulu"):
        days = {
            (one.title, one.day) for one in event_entries(alice, dt.date(2027, 2, 28), dt.date(2027, 3, 3))
        }
    assert days == {
        ("Packaging workshop", dt.date(2027, 2, 28)),
        ("Packaging workshop", dt.date(2027, 3, 1)),
        ("Packaging workshop", dt.date(2027, 3, 2)),
        ("Whole day", dt.date(2027, 3, 1)),
    }


# -------------------------------------------------------- pages of records


def test_a_person_with_179_parts_costs_what_one_with_one_does(as_alice: Client, workshop: Event) -> None:
    person = PersonFactory()
    address = reverse("people:person", args=[person.pk])

    def cost() -> int:
        as_alice.get(address)
        with CaptureQueriesContext(connection) as captured:
            as_alice.get(address).content  # noqa: B018
        return len(captured)

    TaskFactory(event=workshop, person=person, kind=part("instructor"))
    assert cost() == 11
    kind = part("learner")
    events = EventFactory.create_batch(178, kind=workshop.kind)
    Task.objects.bulk_create(Task(event=event, person=person, kind=kind) for event in events)
    assert cost() == 11
    shown = as_alice.get(address).content.decode()
    assert "Packaging workshop" in shown
    assert "and 168 more" in shown


def test_cards_and_timelines_of_organisations_and_lessons(as_alice: Client, workshop: Event) -> None:
    host, lesson = OrganizationFactory(), ProjectFactory(kind=Project.Kind.LESSON)
    Event.objects.filter(pk=workshop.pk).update(
        host=host, status=Status.DONE, starts_at=dt.datetime(2026, 3, 1, 9, tzinfo=UTC)
    )
    workshop.lessons.add(lesson)
    for address in (
        reverse("people:organization", args=[host.pk]),
        reverse("people:project", args=[lesson.pk]),
    ):
        response = as_alice.get(address)
        cards = [panel["context"]["events"] for panel in response.context["panels"]]
        assert [[event["title"] for event in events] for events in cards] == [["Packaging workshop"]]
        entries = response.context["timeline"].entries
        assert [entry.title for entry in entries if entry.group == "events"] == ["Packaging workshop"]


def test_who_may_not_see_training_sees_no_card_of_it(as_bob: Client, workshop: Event) -> None:
    person = PersonFactory()
    TaskFactory(event=workshop, person=person, kind=part("instructor"))
    shown = as_bob.get(reverse("people:person", args=[person.pk])).content.decode()
    assert "Packaging workshop" not in shown


def test_the_timeline_of_an_event_tells_each_step(as_alice: Client, workshop: Event, alice: User) -> None:
    announce(event=workshop, actor=alice)
    stall(event=workshop, reason="The host is silent", actor=alice)
    save_event(event=workshop, values={"summary": "No step"}, actor=alice)
    plan_again(event=workshop, actor=alice)
    entries = as_alice.get(reverse("training:event", args=[workshop.pk])).context["timeline"].entries
    assert [(str(entry.verb), entry.after, entry.meta) for entry in entries] == [
        ("Planned again", "", ("Alice Admin",)),
        ("Does not move", ": The host is silent", ("Alice Admin",)),
        ("Announced", "", ("Alice Admin",)),
        ("Entered", "", ("Alice Admin",)),
    ]


def test_an_event_is_found_by_who_teaches_there(workshop: Event, alice: User) -> None:
    TaskFactory(event=workshop, kind=part("instructor"), person=PersonFactory(name="Zenobia Quill"))
    TaskFactory(event=workshop, kind=part("learner"), person=PersonFactory(name="Yorick Learner"))
    assert [hit.title for hit in search("zenobia", alice, ["event"])] == ["Packaging workshop"]
    assert [hit.title for hit in search("yorick", alice, ["event"])] == []


# -------------------------------------------------------- handover and merges


def test_open_events_pass_to_a_colleague(workshop: Event, alice: User) -> None:
    colleague = UserFactory()
    over = EventFactory(kind=workshop.kind, status="done", owner=alice)
    stalled = EventFactory(kind=workshop.kind, status="stalled", owner=alice)
    source = handovers.get("training.events")
    assert source.count(alice) == 2
    assert source.move(alice, colleague, alice) == 2
    owners = dict(Event.objects.values_list("pk", "owner"))
    assert owners == {workshop.pk: colleague.pk, stalled.pk: colleague.pk, over.pk: alice.pk}
    assert workshop.history.latest().history_change_reason == "hand over"
    assert source.count(alice) == 0


def test_parts_of_two_records_that_are_one(workshop: Event, alice: User) -> None:
    """What both have is kept once and comes back; what one has moves."""
    one, other = PersonFactory(), PersonFactory()
    for person in (one, other):
        TaskFactory(event=workshop, person=person, kind=part("learner"))
    helper = TaskFactory(event=workshop, person=other, kind=part("helper"))
    merge = merge_people(survivor=one, gone=other, actor=alice)
    assert sorted(Task.objects.values_list("person", "kind__slug")) == [
        (one.pk, "helper"),
        (one.pk, "learner"),
    ]
    unmerge(merge=merge, actor=alice)
    helper.refresh_from_db()
    assert helper.person_id == other.pk
    assert Task.objects.filter(person=other).count() == 2


# ----------------------------------------------------------------- settings


@pytest.mark.parametrize("table", ["programmes", "kinds", "parts", "curricula", "certificates"])
def test_a_list_of_settings_costs_the_same_with_one_row_and_with_three(
    as_alice: Client, rows: None, table: str
) -> None:
    Programme.objects.create(slug="one", name="One")
    Curriculum.objects.create(slug="one", name="One")
    address = reverse("training:rows", args=[table])

    def cost() -> int:
        as_alice.get(address)
        with CaptureQueriesContext(connection) as captured:
            as_alice.get(address).content  # noqa: B018
        return len(captured)

    before = cost()
    for number in range(2):
        Programme.objects.create(slug=f"p{number}", name=f"P {number}")
        Curriculum.objects.create(slug=f"c{number}", name=f"C {number}")
        EventKind.objects.create(slug=f"k{number}", name=f"K {number}")
        TaskKind.objects.create(slug=f"t{number}", name=f"T {number}")
        CertificatePattern.objects.create(slug=f"s{number}", name=f"S {number}", svg="<svg/>")
    assert (before, cost()) == (7, 7)


def test_settings_are_for_who_administers(as_bob: Client, rows: None) -> None:
    assert as_bob.get(reverse("training:rows", args=["kinds"])).status_code == 403
    assert as_bob.get(reverse("training:new_row", args=["kinds"])).status_code == 403


def test_a_table_that_is_none_is_not_found(as_alice: Client) -> None:
    assert as_alice.get(reverse("training:rows", args=["people"])).status_code == 404


def test_a_kind_is_added_changed_and_deleted(as_alice: Client, rows: None, alice: User) -> None:
    values = {"name": "Hackathon", "needs_teaching": "on", "order": "5", "schema_type": "Hackathon"}
    as_alice.post(reverse("training:new_row", args=["kinds"]), values)
    row = EventKind.objects.get(slug="hackathon")
    assert (row.name, row.needs_teaching, row.order) == ("Hackathon", True, 5)
    edit = reverse("training:edit_row", args=["kinds", row.pk])
    as_alice.post(edit, values | {"name": "Hack day", "is_archived": "on", "slug": "hackathon"})
    row.refresh_from_db()
    assert (row.name, row.is_archived, row.slug) == ("Hack day", True, "hackathon")
    event = EventFactory(kind=row)
    remove = reverse("training:remove_row", args=["kinds", row.pk])
    as_alice.post(remove)
    assert EventKind.objects.filter(pk=row.pk).exists()
    event.delete()
    as_alice.post(remove)
    assert not EventKind.objects.filter(pk=row.pk).exists()


def test_a_curriculum_keeps_its_lessons(as_alice: Client, rows: None) -> None:
    ProjectFactory(name="shell", kind=Project.Kind.LESSON)
    ProjectFactory(name="git", kind=Project.Kind.LESSON)
    as_alice.post(
        reverse("training:new_row", args=["curricula"]),
        {"name": "Basics", "lessons": "shell, git", "order": "10"},
    )
    row = Curriculum.objects.get()
    assert sorted(lesson.name for lesson in row.lessons.all()) == ["git", "shell"]
    shown = as_alice.get(reverse("training:edit_row", args=["curricula", row.pk])).content.decode()
    assert "git" in shown


@pytest.mark.parametrize(
    ("svg", "told"),
    [
        ("<svg>{{ salary }}</svg>", "There is no field {{ salary }}"),
        ("<svg><script/></svg>", "<script> is not taken in a pattern."),
        ("no svg", "Line 1:"),
    ],
)
def test_a_pattern_that_cannot_be_drawn_is_refused(rows: None, alice: User, svg: str, told: str) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError) as caught:
        save_row(row=CertificatePattern(), values={"name": "New", "svg": svg}, actor=alice)
    [message] = caught.value.message_dict["svg"]
    assert message.startswith(told)
    assert not CertificatePattern.objects.filter(name="New").exists()


def test_the_patterns_that_come_along_can_be_saved(rows: None, alice: User) -> None:
    for row in CertificatePattern.objects.all():
        save_row(row=row, values={"name": f"{row.name} 2", "svg": row.svg}, actor=alice)
    assert [row.name for row in CertificatePattern.objects.all()] == ["Certificate of participation 2"]


def test_what_is_used_is_not_deleted(rows: None, alice: User) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError) as caught:
        remove_row(row=CertificatePattern.objects.get(), actor=alice)
    assert caught.value.messages == ["“Certificate of participation” cannot be removed: 4 kinds of events."]
