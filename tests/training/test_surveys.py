"""Surveys that events get by themselves: at which address, for whom, and what a person changed stays."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.training.actions.events import announce, save_event
from folkmoot.training.actions.pieces import duplicate, remove_link, save_link
from folkmoot.training.actions.rows import remove_row, save_row
from folkmoot.training.mail_rules.events import SUBJECT
from folkmoot.training.models import Event, EventKind, EventLink, Programme, Survey
from folkmoot.training.queries.certificates import own_surveys
from folkmoot.training.queries.places import links_for
from tests.factories import EventFactory, PersonFactory, TaskFactory
from tests.training.conftest import part

UTC = dt.UTC
FIVE = (
    ("Before, for learners", "survey_before", "learners"),
    ("After, for learners", "survey_after", "learners"),
    ("Before, for instructors", "survey_before", "teachers"),
    ("After, for instructors", "survey_after", "teachers"),
    ("Half a year later", "survey_later", "learners"),
)


def survey(actor: User | None, name: str = "Before", **values: object) -> Survey:
    said = {"address": "https://s.example/q?e={slug}", "when": "survey_before", "audience": "learners"}
    return save_row(row=Survey(), values={"name": name, **said, **values}, actor=actor)


@pytest.fixture
def five(rows: None, alice: User) -> list[Survey]:
    """As many as AMY knows."""
    return [
        survey(alice, name, when=when, audience=whom, address=f"https://s.example/{n}?e={{slug}}", order=n)
        for n, (name, when, whom) in enumerate(FIVE)
    ]


def links(event: Event) -> list[tuple[str, str]]:
    return list(event.links.order_by("pk").values_list("label", "url"))


def test_a_new_event_gets_those_that_are_for_it(five: list[Survey], workshop: Event) -> None:
    assert links(workshop) == [
        (name, f"https://s.example/{n}?e={workshop.slug}") for n, (name, _when, _whom) in enumerate(FIVE)
    ]
    assert list(workshop.links.order_by("pk").values_list("kind", "audience")) == [
        (when, whom) for _name, when, whom in FIVE
    ]


def test_a_survey_is_for_its_programme_and_kind(rows: None, alice: User) -> None:
    harbour = Programme.objects.create(slug="harbour", name="Harbour")
    sprint = EventKind.objects.get(slug="sprint")
    survey(alice, "Of harbour", programme=harbour, address="https://s.example/h?{slug}")
    survey(alice, "Of sprints", event_kind=sprint, address="https://s.example/s?{slug}")
    survey(alice, "Of old", is_archived=True, address="https://s.example/o?{slug}")
    plain = save_event(values={"title": "One", "kind": EventKind.objects.get(slug="talk")}, actor=alice)
    assert links(plain) == []
    save_event(event=plain, values={"programme": harbour, "kind": sprint}, actor=alice)
    assert links(plain) == [
        ("Of harbour", "https://s.example/h?one"),
        ("Of sprints", "https://s.example/s?one"),
    ]


def test_a_new_survey_reaches_the_events_ahead_and_a_changed_address_them_too(
    workshop: Event, alice: User
) -> None:
    done = EventFactory(kind=workshop.kind, status="done")
    row = survey(alice)
    assert (links(workshop), links(done)) == ([("Before", f"https://s.example/q?e={workshop.slug}")], [])
    save_row(row=row, values={"address": "https://new.example/{slug}"}, actor=alice)
    assert links(workshop) == [("Before", f"https://new.example/{workshop.slug}")]


def test_the_address_follows_the_short_name_unless_somebody_wrote_another(
    workshop: Event, alice: User
) -> None:
    survey(alice)
    save_event(event=workshop, values={"slug": "leeds"}, actor=alice)
    assert links(workshop) == [("Before", "https://s.example/q?e=leeds")]
    link = workshop.links.get()
    save_link(event=workshop, link=link, url="https://s.example/q?e=special", actor=alice)
    save_event(event=workshop, values={"slug": "york"}, actor=alice)
    assert links(workshop) == [("Before", "https://s.example/q?e=special")]


def test_a_link_that_was_removed_stays_away(workshop: Event, alice: User) -> None:
    row = survey(alice)
    remove_link(link=workshop.links.get(), actor=alice)
    save_event(event=workshop, values={"slug": "leeds"}, actor=alice)
    save_row(row=row, values={"address": "https://new.example/{slug}"}, actor=alice)
    assert links(workshop) == []


def test_another_like_it_gets_its_own_addresses(workshop: Event, alice: User) -> None:
    survey(alice)
    made = duplicate(event=workshop, title="Again", starts_on=dt.date(2027, 5, 1), actor=alice)
    assert links(made) == [("Before", "https://s.example/q?e=2027-05-01-again")]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://s.example/q", "Write {slug} where the short name of the event belongs."),
        ("s.example/{slug}", "Begin with https:// and the name of the site."),
        ("javascript:alert({slug})", "Begin with https:// and the name of the site."),
        ("https:///{slug}", "Begin with https:// and the name of the site."),
    ],
)
def test_an_address_that_cannot_be_is_refused(rows: None, alice: User, address: str, told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        survey(alice, address=address)
    assert caught.value.message_dict == {"address": [told]}


def test_each_gets_the_links_that_are_for_them(
    five: list[Survey], workshop: Event, alice: User, as_alice: Client
) -> None:
    assert [link.label for link in links_for(workshop)] == [
        "After, for learners",
        "Before, for learners",
        "Half a year later",
    ]
    one = SUBJECT.load([workshop.pk])[workshop.pk]
    said = SUBJECT.values(one)
    names = ("survey_before", "survey", "teachers_survey_before", "teachers_survey", "survey_later")
    assert [said[name] for name in names] == [
        f"https://s.example/{number}?e={workshop.slug}" for number in (0, 1, 2, 3, 4)
    ]
    link = workshop.links.get(label="After, for learners")
    save_link(event=workshop, link=link, results=17, actor=alice)
    assert "17 answers" in as_alice.get(reverse("training:event", args=[workshop.pk])).content.decode()


def test_ones_own_page_offers_the_surveys_that_wait(
    five: list[Survey], workshop: Event, alice: User, as_alice: Client
) -> None:
    announce(event=workshop, actor=alice)
    me = PersonFactory(user=alice)
    TaskFactory(event=workshop, person=me, kind=part("learner"))
    other = EventFactory(kind=workshop.kind, status="announced")  # of others
    EventLink.objects.create(event=other, kind="survey_before", url="https://s.example/other")

    def offered(day: dt.date) -> list[str]:
        with time_machine.travel(dt.datetime(day.year, day.month, day.day, 12, tzinfo=UTC), tick=False):
            return [str(one) for one in own_surveys(me)]

    assert offered(dt.date(2027, 1, 1)) == []
    assert offered(dt.date(2027, 2, 20)) == ["Before, for learners"]
    assert offered(dt.date(2027, 3, 3)) == ["After, for learners"]
    assert offered(dt.date(2027, 8, 1)) == ["Half a year later"]
    TaskFactory(event=workshop, person=me, kind=part("helper"))
    assert offered(dt.date(2027, 3, 3)) == ["After, for learners", "After, for instructors"]
    EventLink.objects.filter(label="Before, for learners").update(event=other)
    Event.objects.filter(pk=other.pk).update(starts_at=clock.now() + dt.timedelta(days=3))
    TaskFactory(event=other, person=me, kind=part("learner"))
    assert "Before, for learners" in as_alice.get(reverse("training:own")).content.decode()


def test_settings_add_change_and_delete_one(as_alice: Client, workshop: Event, alice: User) -> None:
    values = {
        "name": "Before",
        "when": "survey_before",
        "audience": "learners",
        "address": "https://s.example/{slug}",
        "order": "5",
    }
    as_alice.post(reverse("training:new_row", args=["surveys"]), values)
    row = Survey.objects.get(slug="before")
    assert links(workshop) == [("Before", f"https://s.example/{workshop.slug}")]
    with pytest.raises(ValidationError, match="cannot be removed: 1 link of an event"):
        remove_row(row=row, actor=alice)
    workshop.links.all().delete()
    as_alice.post(reverse("training:remove_row", args=["surveys", row.pk]))
    assert not Survey.objects.exists()


def test_the_list_costs_the_same_with_one_and_with_three(as_alice: Client, rows: None, alice: User) -> None:
    address = reverse("training:rows", args=["surveys"])

    def cost() -> int:
        as_alice.get(address)
        with CaptureQueriesContext(connection) as captured:
            as_alice.get(address).content  # noqa: B018
        return len(captured)

    survey(alice)
    before = cost()
    for number in range(2):
        survey(alice, f"More {number}", address=f"https://s.example/{number}/{{slug}}")
    assert (before, cost()) == (7, 7)


def test_an_event_without_surveys_costs_one_query_more(rows: None, alice: User) -> None:
    from folkmoot.training.actions.surveys import give_surveys

    event = EventFactory()
    with CaptureQueriesContext(connection) as captured:
        give_surveys(event=event, actor=alice)
    assert len(captured) == 1
