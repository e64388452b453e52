"""Finding people: distances on the ball, filters, who is not listed, what it costs, the file, putting forward."""

from __future__ import annotations

import datetime as dt
import math
import random

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.search.index import rows_changed
from folkmoot.people.models import Person, Project
from folkmoot.training.models import Award, Badge, Event, Qualification, SignUp, TeachingProfile
from folkmoot.training.places import chord_of, find, kilometres, of_chord
from folkmoot.training.queries.finder import people, within
from tests.conftest import signed_in
from tests.factories import (
    IdentityFactory,
    PersonFactory,
    ProjectFactory,
    RoleKindFactory,
    TaskFactory,
    TermFactory,
)
from tests.training.conftest import part
from tests.training.recruiting import another, candidate, consent, seek
from tests.training.test_recruitment_pages import rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rows")]


@pytest.fixture(autouse=True)
def _now() -> object:
    with time_machine.travel("2027-01-15 12:00 +0000", tick=False):
        yield


def at(name: str, latitude: float, longitude: float, *languages: str) -> Person:
    person = candidate(name)
    TeachingProfile.objects.create(
        person=person,
        place=name,
        latitude=latitude,
        longitude=longitude,
        languages=list(languages),
    )
    return person


def haversine(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The textbook's formula, to compare with."""
    phi, psi = math.radians(one[0]), math.radians(other[0])
    half = math.sin((psi - phi) / 2) ** 2
    half += math.cos(phi) * math.cos(psi) * math.sin(math.radians(other[1] - one[1]) / 2) ** 2
    return 2 * 6371.0088 * math.asin(min(1.0, math.sqrt(half)))


# ----------------------------------------------------------------- distances


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        ((0, 179.9), (0, -179.9), 22.24),
        ((89.9, 0), (89.9, 180), 22.24),
        ((-90, 0), (-90, 137), 0.0),
        ((0, 0), (0, 180), 20015.11),
        ((53.8, -1.55), (53.8, -1.55), 0.0),
        ((51.4706, -0.4619), (40.6398, -73.7789), 5540.0),
    ],
)
def test_distances_near_the_edges_of_maps(
    one: tuple[float, float], other: tuple[float, float], km: float
) -> None:
    found = kilometres(*(find(f"{lat:.4f}, {lon:.4f}").vector for lat, lon in (one, other)))
    assert found == pytest.approx(km, abs=3 if km > 5000 else 0.01)
    assert found == pytest.approx(haversine(one, other), abs=0.01)


def test_the_database_sorts_as_the_great_circle_does() -> None:
    chance = random.Random(7)
    spots = {
        PersonFactory().pk: (chance.uniform(-90, 90), chance.uniform(-180, 180)) for _number in range(60)
    }
    for pk, (latitude, longitude) in spots.items():
        TeachingProfile.objects.create(person_id=pk, latitude=latitude, longitude=longitude)
    for place in ("-16.5, 179.9", "89, 10", "-90, 0", "LBA"):
        near = find(place)
        here = near.latitude, near.longitude
        expected = sorted(spots, key=lambda pk: haversine(spots[pk], here))
        assert list(people(near).order_by("chord").values_list("pk", flat=True)) == expected
        inside = {pk for pk, spot in spots.items() if haversine(spot, here) <= 5000}
        assert set(within(people(near), ["5000"], near).values_list("pk", flat=True)) == inside


def test_kilometres_and_the_straight_way_are_each_others_inverse() -> None:
    for km in (0, 0.5, 50, 9000, 20015):
        assert of_chord(chord_of(km)) == pytest.approx(km, abs=1e-3)


# ------------------------------------------------------------------- the list


def test_people_around_a_place(as_alice: Client) -> None:
    """Suva and Wallis lie on both sides of ±180°."""
    at("Suva", -18.14, 178.44, "en", "fj")
    at("Wallis", -13.28, -176.18, "fr")
    at("Leeds", 53.8, -1.55, "en-GB")
    candidate("Nowhere")
    address = reverse("training:find_people")
    assert [cells[0] for cells in rows_of(as_alice, address)] == ["Leeds", "Nowhere", "Suva", "Wallis"]
    assert rows_of(as_alice, f"{address}?near=Suva&columns=distance") == [
        ["Suva", "2"],
        ["Wallis", "790"],
        ["Leeds", "16050"],
        ["Nowhere", ""],
    ]
    for query, names in (
        ("near=Suva&within=1000", ["Suva", "Wallis"]),
        ("near=Suva&within=50", ["Suva"]),
        ("within=50", ["Leeds", "Nowhere", "Suva", "Wallis"]),
        ("language=en", ["Leeds", "Suva"]),
        ("language=EN-gb", ["Leeds"]),
        ("language=e", []),
    ):
        assert [cells[0] for cells in rows_of(as_alice, f"{address}?{query}")] == names, query
    shown = as_alice.get(f"{address}?near=Heidelberg").content.decode()
    assert "There are several: Heidelberg, DE; Heidelberg, ZA" in shown
    assert "No airport or city is called" in as_alice.get(f"{address}?near=Nowhereville").content.decode()


def test_people_by_what_they_can_and_are(as_alice: Client, workshop: Event) -> None:
    lesson, role = ProjectFactory(name="git", kind=Project.Kind.LESSON), RoleKindFactory()
    badge = Badge.objects.create(slug="owl", name="Owl")
    ana, ben = candidate("Ana", country="PT"), candidate("Ben", availability="no")
    cleo = candidate("Cleo", available_from=dt.date(2027, 2, 1))
    Qualification.objects.create(person=ana, lesson=lesson)
    Award.objects.create(person=ana, badge=badge, awarded_on=dt.date(2027, 1, 1))
    Award.objects.create(
        person=ben,
        badge=badge,
        awarded_on=dt.date(2026, 1, 1),
        revoked_at=dt.datetime(2027, 1, 1, tzinfo=dt.UTC),
        revoked_because="Left",
    )
    TermFactory(person=ben, role_kind=role)
    TermFactory(person=cleo, role_kind=role, ended_on=dt.date(2026, 12, 31))
    past = another(workshop, days=-90, title="Past")
    TaskFactory(event=past, person=cleo, kind=part("instructor"))
    TaskFactory(event=past, person=ana, kind=part("instructor"), state="declined")
    address = reverse("training:find_people")
    for query, names in (
        (f"lesson={lesson.pk}", ["Ana"]),
        (f"badge={badge.pk}", ["Ana"]),
        (f"role={role.pk}", ["Ben"]),
        ("part=instructor", ["Cleo"]),
        ("country=PT", ["Ana"]),
        ("available=1", ["Ana"]),
        ("available=0", ["Ben", "Cleo"]),
        ("lesson=99999999999999999999", ["Ana", "Ben", "Cleo"]),
    ):
        assert [cells[0] for cells in rows_of(as_alice, f"{address}?{query}")] == names, query
    assert rows_of(as_alice, f"{address}?columns=lessons,badges,taught,taught_last") == [
        ["Ana", "git", "Owl", "0", ""],
        ["Ben", "", "", "0", ""],
        ["Cleo", "", "", "1", "2026-12-01"],
    ]


def test_who_did_not_agree_is_listed_only_for_who_manages(as_alice: Client, charlie: User) -> None:
    candidate("Yes")
    PersonFactory(name="Silent")
    IdentityFactory(person=candidate("Robot"), is_bot=True)
    candidate("Gone", archived_at=dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
    with time_machine.travel("2027-01-15 11:00 +0000", tick=False):
        took_back = candidate("Took back")
    consent(took_back, given=False)
    address = reverse("training:find_people")
    assert [cells[0] for cells in rows_of(as_alice, address)] == ["Yes"]
    assert [cells[0] for cells in rows_of(as_alice, f"{address}?consent=0")] == ["Silent", "Took back"]
    assert "has not agreed to be contacted" in as_alice.get(f"{address}?consent=any").content.decode()
    grant(user=charlie, area=Area.TRAINING, level=Level.CONTRIBUTE)
    client = signed_in(charlie)
    for query in ("", "?consent=0", "?consent=any", "?columns=email"):
        assert [cells[0] for cells in rows_of(client, address + query)] == ["Yes"]
    IdentityFactory(person=Person.objects.get(name="Yes"), system="email", value="yes@example.org")
    assert rows_of(as_alice, f"{address}?columns=email") == [["Yes", "yes@example.org"]]
    assert b"yes@example.org" not in client.get(f"{address}?columns=email").content


def test_strangers_are_refused(as_bob: Client, as_nobody: Client) -> None:
    address = reverse("training:find_people")
    assert (as_bob.get(address).status_code, as_nobody.get(address).status_code) == (403, 302)


def test_it_costs_the_same_with_one_row_and_with_three(as_alice: Client) -> None:
    lesson, badge = ProjectFactory(kind=Project.Kind.LESSON), Badge.objects.create(slug="owl", name="Owl")

    def more() -> None:
        person = at("Somebody", 53.8, -1.55, "en")
        Qualification.objects.create(person=person, lesson=lesson)
        Award.objects.create(person=person, badge=badge, awarded_on=dt.date(2027, 1, 1))

    def cost() -> int:
        address = reverse("training:find_people") + "?near=LBA&within=100"
        as_alice.get(address)
        with CaptureQueriesContext(connection) as captured:
            as_alice.get(address).content  # noqa: B018
        return len(captured)

    more()
    before = cost()
    more()
    more()
    assert (before, cost()) == (16, 16)


def test_the_file_begins_before_anybody_is_read(as_alice: Client) -> None:
    """The first bytes leave before the first query for people; each 500 people cost three more."""
    for number in range(3):
        at(f"Person {number}", 53.8, -1.55, "en")
    response = as_alice.get(reverse("training:find_people") + "?near=LBA&export=csv")
    parts = iter(response.streaming_content)  # type: ignore[attr-defined]
    with CaptureQueriesContext(connection) as captured:
        assert next(parts).startswith(b"Person,Sets out from,How far,Languages")
    assert len(captured) == 0
    with CaptureQueriesContext(connection) as captured:
        assert len(list(parts)) == 3
    assert len(captured) <= 10


# ------------------------------------------------------------- putting forward


def test_people_are_put_forward_and_the_others_named(as_alice: Client, workshop: Event, alice: User) -> None:
    row = seek(workshop, alice, helper=2)
    ana, ben, silent = candidate("Ana"), candidate("Ben"), PersonFactory(name="Silent")
    TaskFactory(event=another(workshop, days=0, title="Sprint"), person=ben, kind=part("helper"))
    rows_changed(Person, [ana.pk, ben.pk, silent.pk])
    address = reverse("training:find_people") + "?consent=any"
    response = as_alice.post(
        address, {"bulk": "put_forward", "selected": [one.pk for one in (ana, ben, silent)]}
    )
    page = response["Location"]
    assert "Packaging workshop · 1–2 March 2027 · Helper" in as_alice.get(page).content.decode()
    assert as_alice.post(page, {"sought": ""}).status_code == 422
    response = as_alice.post(page, {"sought": row.sought.get().pk}, follow=True)
    assert list(SignUp.objects.values_list("person__name", "is_own")) == [("Ana", False)]
    shown = response.content.decode()
    assert "1 person is put forward." in shown
    assert "Ben takes a part in another event while Packaging workshop is on: Sprint" in shown
    assert "Silent has not agreed to be contacted" in shown
    assert as_alice.get(reverse("training:put_forward", args=["forged"])).status_code == 404
