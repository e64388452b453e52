"""The pages of events: what they cost, who may open them, what they do."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.people.models import Project
from folkmoot.training.actions import tasks
from folkmoot.training.actions.events import announce, finish
from folkmoot.training.models import (
    Curriculum,
    Event,
    EventKind,
    EventLink,
    Session,
    Status,
    Task,
    TaskState,
)
from folkmoot.training.queries.pages import steps
from tests.conftest import signed_in
from tests.factories import (
    EventFactory,
    OrganizationFactory,
    PersonFactory,
    ProjectFactory,
    TagFactory,
    TaskFactory,
)
from tests.training.conftest import part

UTC = dt.UTC


def _queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
        assert response.status_code == 200
        response.content  # noqa: B018
    return len(captured)


def _user(level: Level, name: str, db: None = None) -> User:
    from folkmoot.kernel.accounts.actions import add_user

    user = add_user(email=f"{name}@example.org", name=name.title(), password="correct horse battery")
    grant(user=user, area=Area.TRAINING, level=level)
    return user


def _more(event: Event) -> None:
    for number in range(2):
        row = EventFactory(
            kind=event.kind,
            host=OrganizationFactory(),
            owner=event.owner,
            city=f"Town {number}",
            country="ES",
        )
        TaskFactory(event=row, kind=part("instructor"))
        TaskFactory(event=row, kind=part("learner"))


def test_the_list_costs_the_same_with_one_row_and_with_three(as_alice: Client, workshop: Event) -> None:
    TaskFactory(event=workshop, kind=part("instructor"))
    assert _queries(as_alice, reverse("training:list")) == 14
    _more(workshop)
    assert _queries(as_alice, reverse("training:list")) == 14


def test_an_event_costs_the_same_with_one_learner_and_with_850(as_alice: Client, workshop: Event) -> None:
    address = reverse("training:event", args=[workshop.pk])
    TaskFactory(event=workshop, kind=part("learner"))
    Session.objects.create(event=workshop, title="Opening", uid="0")
    assert _queries(as_alice, address) == 9
    learner = part("learner")
    people = PersonFactory.create_batch(849)
    Task.objects.bulk_create(Task(event=workshop, person=person, kind=learner) for person in people)
    for number in range(3):
        TaskFactory(event=workshop, kind=part("instructor"))
        Session.objects.create(event=workshop, title=f"Session {number}", uid=f"s{number}")
        EventLink.objects.create(event=workshop, kind="materials", url=f"https://example.org/{number}")
        workshop.tags.add(TagFactory())
        workshop.lessons.add(ProjectFactory(kind=Project.Kind.LESSON))
        workshop.curricula.add(Curriculum.objects.create(slug=f"c{number}", name=f"C {number}"))
    assert _queries(as_alice, address) == 9
    page = as_alice.get(address).context["page"]
    assert [(group.kind.slug, group.number, len(group.tasks)) for group in page.groups] == [
        ("instructor", 3, 3),
        ("learner", 850, 8),
    ]
    assert page.people == 853


def test_the_list_of_people_costs_the_same_with_one_and_with_three(as_alice: Client, workshop: Event) -> None:
    address = reverse("training:parts", args=[workshop.pk])
    TaskFactory(event=workshop, kind=part("learner"))
    assert _queries(as_alice, address) == 10
    TaskFactory.create_batch(2, event=workshop, kind=part("helper"))
    assert _queries(as_alice, address) == 10


# ------------------------------------------------------------------- rights


def _addresses(event: Event, task: Task) -> dict[str, str]:
    return {
        name: reverse(f"training:{name}", args=args)
        for name, args in {
            "list": [],
            "new": [],
            **{
                name: [event.pk]
                for name in (
                    *("event", "edit", "duplicate", "history", "cancel", "stall", "parts", "new_part"),
                    *("new_session", "new_link"),
                )
            },
            "edit_part": [task.pk],
        }.items()
    }


LOOKS = {"list", "event", "history", "parts"}
ENTERS = LOOKS | {"new", "edit", "duplicate", "new_part", "new_session", "new_link", "edit_part"}


@pytest.mark.parametrize(
    ("level", "opened"),
    [(Level.VIEW, LOOKS), (Level.CONTRIBUTE, ENTERS), (Level.MANAGE, ENTERS | {"cancel", "stall"})],
)
def test_who_may_open_what(workshop: Event, level: Level, opened: set[str]) -> None:
    task = TaskFactory(event=workshop, kind=part("learner"))
    client = signed_in(_user(level, "erin"))
    codes = {name: client.get(url).status_code for name, url in _addresses(workshop, task).items()}
    assert {name for name, code in codes.items() if code == 200} == opened
    assert {code for name, code in codes.items() if name not in opened} <= {403}


def test_others_see_nothing(workshop: Event, as_bob: Client) -> None:
    task = TaskFactory(event=workshop, kind=part("learner"))
    codes = {as_bob.get(url).status_code for url in _addresses(workshop, task).values()}
    assert codes == {403}


def test_who_may_only_look_is_offered_nothing_to_do(workshop: Event) -> None:
    client = signed_in(_user(Level.VIEW, "erin"))
    shown = client.get(reverse("training:event", args=[workshop.pk])).content.decode()
    assert "Packaging workshop" in shown
    for name in ("announce", "edit", "new_part", "new_session", "duplicate"):
        assert reverse(f"training:{name}", args=[workshop.pk]) not in shown
    assert client.post(reverse("training:announce", args=[workshop.pk])).status_code == 403


# --------------------------------------------------------------------- list


def _titles(client: Client, query: str) -> list[str]:
    found = client.get(f"{reverse('training:list')}?{query}").context["list"].rows
    return [row.object.title for row in found]


def test_filters_narrow_the_list(as_alice: Client, workshop: Event, alice: User) -> None:
    host = OrganizationFactory(name="University of Leeds")
    Event.objects.filter(pk=workshop.pk).update(host=host, capacity=1)
    TaskFactory(event=workshop, kind=part("learner"))
    EventFactory(
        title="Sprint",
        kind=EventKind.objects.get(slug="sprint"),
        starts_on=dt.date(2025, 5, 3),
        ends_on=dt.date(2025, 5, 4),
        status="done",
        is_online=True,
        country="ES",
        visibility="private",
    )
    both = ["Packaging workshop", "Sprint"]
    assert _titles(as_alice, "") == both
    assert _titles(as_alice, "sort=days") == both[::-1]
    for query, found in (
        ("kind=sprint", ["Sprint"]),
        ("kind=sprint&kind=workshop", both),
        ("status=planned", ["Packaging workshop"]),
        ("year=2025", ["Sprint"]),
        ("year=2027", ["Packaging workshop"]),
        ("country=GB", ["Packaging workshop"]),
        ("online=1", ["Sprint"]),
        ("online=0", ["Packaging workshop"]),
        (f"host={host.pk}", ["Packaging workshop"]),
        (f"owner={alice.pk}", ["Packaging workshop"]),
        ("owner=none", ["Sprint"]),
        ("mine=1", ["Packaging workshop"]),
        ("full=1", ["Packaging workshop"]),
        ("full=0", ["Sprint"]),
        ("private=1", ["Sprint"]),
        ("q=leeds", ["Packaging workshop"]),
        ("q=sprint", ["Sprint"]),
    ):
        assert (query, _titles(as_alice, query)) == (query, found)


def test_mine_are_those_in_which_i_take_part(workshop: Event) -> None:
    erin = _user(Level.VIEW, "erin")
    client = signed_in(erin)
    task = TaskFactory(event=workshop, kind=part("helper"), person=PersonFactory(user=erin))
    assert _titles(client, "mine=1") == ["Packaging workshop"]
    Task.objects.filter(pk=task.pk).update(state=TaskState.DECLINED)
    assert _titles(client, "mine=1") == []


def test_the_file_says_what_is_shown(as_alice: Client, workshop: Event) -> None:
    TaskFactory(event=workshop, kind=part("instructor"), person=PersonFactory(name="=Ada"))
    response: Any = as_alice.get(f"{reverse('training:list')}?export=csv")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines == [
        "Event,Kind,Status,Days,Place,Teaches or speaks,Have a place,Host",
        'Packaging workshop,Workshop,planned,2027-03-01,"Leeds, United Kingdom",\'=Ada,0,',
    ]


def test_several_are_announced_at_once_and_taken_back(as_alice: Client, workshop: Event) -> None:
    other = EventFactory(kind=workshop.kind, status="planned")
    address = reverse("training:list")
    posted = as_alice.post(address, {"bulk": "announce", "selected": [workshop.pk, other.pk]})
    assert set(Event.objects.values_list("status", flat=True)) == {Status.ANNOUNCED}
    as_alice.post(undo_of(as_alice, posted))
    assert set(Event.objects.values_list("status", flat=True)) == {Status.PLANNED}


def test_several_change_hands(as_alice: Client, workshop: Event) -> None:
    erin = _user(Level.CONTRIBUTE, "erin")
    charlie = _user(Level.VIEW, "hal")
    sent = as_alice.post(reverse("training:list"), {"bulk": "own", "selected": [workshop.pk]})
    assert as_alice.post(sent["Location"], {"owner": charlie.pk}).status_code == 422
    assert as_alice.post(sent["Location"], {"owner": erin.pk}).status_code == 302
    workshop.refresh_from_db()
    assert workshop.owner == erin
    assert as_alice.get(reverse("training:own_many", args=["altered"])).status_code == 404


# -------------------------------------------------------------------- forms


def test_an_event_is_entered_by_its_form(as_alice: Client, rows: None, alice: User) -> None:
    OrganizationFactory(name="University of Leeds")
    ProjectFactory(name="packaging-lesson", kind=Project.Kind.LESSON)
    Curriculum.objects.create(slug="packaging", name="Packaging")
    values = {
        "title": "  Packaging   workshop ",
        "kind": EventKind.objects.get(slug="workshop").pk,
        "starts_on": "2027-03-28",
        "ends_on": "2027-03-29",
        "starts_time": "09:00",
        "ends_time": "17:00",
        "time_zone": "Europe/Berlin",
        "country": "DE",
        "city": "Jena",
        "host": "university of leeds",
        "languages": "en, de",
        "lessons": "Packaging-Lesson",
        "curricula": [Curriculum.objects.get().pk],
        "tags": "beginners, python",
        "capacity": "20",
        "registration_by": "here",
        "registration_closes_at": "2027-03-27T12:00",
        "visibility": "public",
    }
    sent = as_alice.post(reverse("training:new"), values)
    event = Event.objects.get()
    assert sent["Location"] == reverse("training:event", args=[event.pk])
    # Clocks go forward in Berlin on 28 March 2027: noon of the day before is 11:00 UTC, 17:00 of the day after 15:00.
    assert (event.title, event.slug, event.owner, event.status) == (
        "Packaging workshop",
        "2027-03-28-packaging-workshop",
        alice,
        Status.PLANNED,
    )
    assert event.registration_closes_at == dt.datetime(2027, 3, 27, 11, tzinfo=UTC)
    assert (event.starts_at, event.ends_at) == (
        dt.datetime(2027, 3, 28, 7, tzinfo=UTC),
        dt.datetime(2027, 3, 29, 15, tzinfo=UTC),
    )
    assert (event.languages, event.host and event.host.name) == (["en", "de"], "University of Leeds")
    assert [lesson.name for lesson in event.lessons.all()] == ["packaging-lesson"]
    assert sorted(tag.name for tag in event.tags.all()) == ["beginners", "python"]
    shown = as_alice.get(reverse("training:edit", args=[event.pk])).content.decode()
    assert 'value="2027-03-27T12:00"' in shown


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("title", " ", "This field is required."),
        ("ends_on", "2027-02-01", "“Packaging workshop” would end on 1 February 2027 and begin on"),
        ("ends_time", "", "Say both times and the first day, or no time at all."),
        ("host", "Nowhere Institute", "Nothing in the register is called “Nowhere Institute”"),
        ("languages", "english", "“english” is no code of a language"),
        ("lessons", "nothing-like-it", "No project is called “nothing-like-it”"),
        ("slug", "taken", "“taken” is the short name of “"),
        ("registration_by", "elsewhere", "Say where people sign up."),
        ("latitude", "91", "Ensure this value is less than or equal to 90"),
        ("registration_opens_at", "soon", "Write a day and a time"),
    ],
)
def test_a_form_says_what_cannot_be(
    as_alice: Client, workshop: Event, field: str, value: str, told: str
) -> None:
    EventFactory(kind=workshop.kind, slug="taken")
    values = {
        "title": "Packaging workshop",
        "kind": workshop.kind_id,
        "starts_on": "2027-03-01",
        "ends_on": "2027-03-02",
        "starts_time": "09:00",
        "ends_time": "16:30",
        "time_zone": "Europe/London",
        "visibility": "public",
        field: value,
    }
    response = as_alice.post(reverse("training:edit", args=[workshop.pk]), values)
    assert response.status_code == 422
    assert told in response.content.decode()
    workshop.refresh_from_db()
    assert (workshop.title, workshop.ends_on) == ("Packaging workshop", dt.date(2027, 3, 2))


def test_another_like_it_is_planned(as_alice: Client, announced: Event, alice: User) -> None:
    Session.objects.create(
        event=announced,
        title="Opening",
        uid="0",
        starts_at=dt.datetime(2027, 3, 1, 9, tzinfo=UTC),
        ends_at=dt.datetime(2027, 3, 1, 10, tzinfo=UTC),
    )
    for kind in ("materials", "recording"):
        EventLink.objects.create(event=announced, kind=kind, url=f"https://example.org/{kind}")
    teacher, learner = PersonFactory(), PersonFactory()
    tasks.add_task(event=announced, person=teacher, kind=part("instructor"), actor=alice)
    tasks.add_task(event=announced, person=learner, kind=part("learner"), actor=alice)
    values = {"title": "Packaging workshop", "starts_on": "2027-04-05", "with_people": "on"}
    as_alice.post(reverse("training:duplicate", args=[announced.pk]), values)
    made = Event.objects.latest("pk")
    assert (made.slug, made.status, made.ends_on) == (
        "2027-04-05-packaging-workshop",
        Status.PLANNED,
        dt.date(2027, 4, 6),
    )
    # In April the clocks of London are an hour ahead of UTC.
    assert made.starts_at == dt.datetime(2027, 4, 5, 8, tzinfo=UTC)
    assert [one.starts_at for one in made.sessions.all()] == [dt.datetime(2027, 4, 5, 8, tzinfo=UTC)]
    assert [link.kind for link in made.links.all()] == ["materials"]
    assert [(one.person, one.state) for one in made.tasks.all()] == [(teacher, TaskState.INVITED)]


# ------------------------------------------------------------------- status


def undo_of(client: Client, response: Any) -> str:
    """The address that the toast offers after what was posted."""
    shown = client.get(response["Location"]).content.decode()
    found = re.search(r'action="(/training/undo/[^"]+)"', shown)
    assert found, shown[:2000]
    return found[1]


def test_a_status_changes_by_a_button_and_is_taken_back(as_alice: Client, workshop: Event) -> None:
    posted = as_alice.post(reverse("training:announce", args=[workshop.pk]))
    workshop.refresh_from_db()
    assert workshop.status == Status.ANNOUNCED
    as_alice.post(undo_of(as_alice, posted))
    workshop.refresh_from_db()
    assert workshop.status == Status.PLANNED


def test_an_edit_taken_back_moves_the_moments_back(as_alice: Client, workshop: Event) -> None:
    """Moments are no part of the history: they are reckoned from the days."""
    values = {"title": "Later", "kind": workshop.kind_id, "time_zone": "UTC", "starts_on": "2028-01-01"}
    posted = as_alice.post(reverse("training:edit", args=[workshop.pk]), values | {"visibility": "public"})
    later = Event.objects.get()
    assert (later.title, later.starts_at) == ("Later", dt.datetime(2028, 1, 1, tzinfo=UTC))
    as_alice.post(undo_of(as_alice, posted))
    back = Event.objects.get()
    assert (back.title, back.starts_at, back.ends_at) == (
        "Packaging workshop",
        workshop.starts_at,
        workshop.ends_at,
    )
    assert _titles(as_alice, "q=packaging") == ["Packaging workshop"]


def test_cancelling_asks_for_the_reason(as_alice: Client, announced: Event) -> None:
    address = reverse("training:cancel", args=[announced.pk])
    actions = as_alice.get(address).content.decode().split('class="form-actions">')[1].split("</form>")[0]
    assert re.findall(r">([^<]*\w[^<]*)<", actions) == ["Cancel the event", "Keep the event"]
    assert as_alice.post(address, {"reason": " "}).status_code == 422
    as_alice.post(address, {"reason": "No instructor"})
    announced.refresh_from_db()
    assert (announced.status, announced.status_reason) == (Status.CANCELLED, "No instructor")
    shown = as_alice.get(reverse("training:event", args=[announced.pk])).content.decode()
    assert "No instructor" in shown
    assert reverse("training:plan_again", args=[announced.pk]) in shown


def test_the_first_button_follows_from_status_and_time(workshop: Event, alice: User) -> None:
    with time_machine.travel(dt.datetime(2027, 2, 1, tzinfo=UTC), tick=False):
        assert steps(workshop) == ["announce", "stall", "cancel"]
        assert steps(announce(event=workshop, actor=alice)) == ["stall", "plan", "cancel"]
    with time_machine.travel(dt.datetime(2027, 3, 3, tzinfo=UTC), tick=False):
        assert steps(workshop) == ["finish", "announce", "stall", "cancel"]
        assert steps(finish(event=workshop, actor=alice)) == ["plan"]


def test_what_holds_an_event_up_is_not_its_first_button(workshop: Event, alice: User) -> None:
    with time_machine.travel(dt.datetime(2027, 2, 1, tzinfo=UTC), tick=False):
        announce(event=workshop, actor=alice)
        page = signed_in(alice).get(reverse("training:event", args=[workshop.pk])).content.decode()
    assert page.count(reverse("training:stall", args=[workshop.pk])) == 1
    assert "btn-primary" not in page.partition("<h1")[2].partition('class="menu')[0]


# --------------------------------------------------------------- attendance


def test_who_was_there_is_ticked_for_many(as_alice: Client, workshop: Event) -> None:
    here, away, asked = (TaskFactory(event=workshop, kind=part("learner")) for _n in range(3))
    Task.objects.filter(pk=asked.pk).update(state=TaskState.INVITED)
    address = reverse("training:parts", args=[workshop.pk])
    as_alice.post(address, {"bulk": "there", "selected": [here.pk]})
    as_alice.post(address, {"bulk": "absent", "selected": [away.pk]})
    as_alice.post(address, {"bulk": "there", "selected": [asked.pk]})
    noted = dict(Task.objects.values_list("pk", "attended"))
    assert noted == {here.pk: True, away.pk: False, asked.pk: None}
    assert [row.object.pk for row in as_alice.get(f"{address}?there=yes").context["list"].rows] == [here.pk]


def test_a_part_of_another_event_cannot_be_ticked(as_alice: Client, workshop: Event) -> None:
    other = TaskFactory(kind=part("learner"))
    as_alice.post(reverse("training:parts", args=[workshop.pk]), {"bulk": "there", "selected": [other.pk]})
    other.refresh_from_db()
    assert other.attended is None


def test_how_many_came_is_noted_as_a_number(as_alice: Client, workshop: Event) -> None:
    address = reverse("training:attendance", args=[workshop.pk])
    as_alice.post(address, {"attendance": "40"})
    workshop.refresh_from_db()
    assert workshop.attendance == 40
    as_alice.post(address, {"attendance": "-1"})
    workshop.refresh_from_db()
    assert workshop.attendance == 40
    task = TaskFactory(event=workshop, kind=part("learner"), attended=True)
    page = as_alice.get(reverse("training:event", args=[workshop.pk])).context["page"]
    assert (page.came, page.learners, task.attended) == (40, 1, True)


def test_somebody_is_added_by_name_handle_or_address(as_alice: Client, workshop: Event) -> None:
    from folkmoot.people.models import Identity

    ada, bea, cleo = (PersonFactory(name=f"{name} Example") for name in ("Ada", "Bea", "Cleo"))
    PersonFactory(name="Cleo Example")
    Identity.objects.create(person=bea, system="github", value="BeaDev")
    Identity.objects.create(person=cleo, system="email", value="cleo@example.org")
    address = reverse("training:new_part", args=[workshop.pk])
    kind = part("helper").pk
    for words in ("ada example", "@beadev", "Cleo@example.org"):
        sent = as_alice.post(address, {"person": words, "kind": kind, "state": "confirmed"})
        assert sent.status_code == 302
    assert list(Task.objects.order_by("pk").values_list("person", flat=True)) == [ada.pk, bea.pk, cleo.pk]
    for words, told in (
        ("Cleo Example", "Several people are called “Cleo Example”."),
        ("Nobody", "Nobody in the register is called “Nobody”."),
        ("@nobody", "Nobody in the register has “@nobody”."),
        ("Ada Example", "Ada Example has this part already: Helper."),
    ):
        response = as_alice.post(address, {"person": words, "kind": kind, "state": "confirmed"})
        assert response.status_code == 422
        assert told in response.content.decode()
    assert Task.objects.count() == 3


def test_a_part_is_changed_and_taken_out(as_alice: Client, workshop: Event) -> None:
    task = TaskFactory(event=workshop, kind=part("learner"))
    address = reverse("training:edit_part", args=[task.pk])
    values = {"kind": part("helper").pk, "state": "confirmed", "attended": "true", "note": "Came by train"}
    assert as_alice.post(address, values | {"state": "declined"}).status_code == 422
    assert as_alice.post(address, values).status_code == 302
    task.refresh_from_db()
    assert (task.kind.slug, task.attended, task.note) == ("helper", True, "Came by train")
    as_alice.post(reverse("training:remove_part", args=[task.pk]))
    assert not Task.objects.exists()


# ----------------------------------------------------- sessions and links


def test_a_session_is_entered_in_the_time_of_the_place(as_alice: Client, workshop: Event) -> None:
    Event.objects.filter(pk=workshop.pk).update(time_zone="America/New_York")
    address = reverse("training:new_session", args=[workshop.pk])
    values = {"title": "Night", "day": "2027-03-01", "begins": "22:00", "ends": "01:00"}
    as_alice.post(address, values)
    row = Session.objects.get()
    assert (row.starts_at, row.ends_at) == (
        dt.datetime(2027, 3, 2, 3, tzinfo=UTC),
        dt.datetime(2027, 3, 2, 6, tzinfo=UTC),
    )
    assert (
        "1 March, 22:00–01:00" in as_alice.get(reverse("training:event", args=[workshop.pk])).content.decode()
    )
    assert as_alice.post(address, values | {"ends": ""}).status_code == 422
    TaskFactory(event=workshop, kind=part("speaker"), session=row)
    as_alice.post(reverse("training:remove_session", args=[row.pk]))
    assert Session.objects.count() == 1
    Task.objects.all().delete()
    as_alice.post(reverse("training:remove_session", args=[row.pk]))
    assert Session.objects.count() == 0


def test_a_link_is_entered_once(as_alice: Client, workshop: Event) -> None:
    address = reverse("training:new_link", args=[workshop.pk])
    values = {"kind": "survey_after", "url": "example.org/survey"}
    assert as_alice.post(address, values).status_code == 302
    response = as_alice.post(address, values)
    assert (response.status_code, "This link is there already." in response.content.decode()) == (422, True)
    assert [link.url for link in EventLink.objects.all()] == ["https://example.org/survey"]
    as_alice.post(reverse("training:remove_link", args=[EventLink.objects.get().pk]))
    assert EventLink.objects.count() == 0
