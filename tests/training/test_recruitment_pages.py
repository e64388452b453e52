"""Pages of recruitment: what they cost, what they show, who is refused; one's own side."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.metrics import Scope, metrics
from folkmoot.kernel.periods import Period
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.plugs import handovers, today_sources
from folkmoot.kernel.search.find import search
from folkmoot.people.actions.merging import merge_people, unmerge
from folkmoot.people.models import Person
from folkmoot.training.actions.openings import save_profile
from folkmoot.training.actions.signing_up import accept, sign_up
from folkmoot.training.models import (
    Curriculum,
    Event,
    Opening,
    SignUp,
    Task,
    TeachingProfile,
    Visibility,
)
from tests.conftest import signed_in
from tests.factories import (
    EventFactory,
    OpeningFactory,
    PersonFactory,
    SignUpFactory,
    SoughtPartFactory,
    TaskFactory,
    UserFactory,
)
from tests.training.conftest import part
from tests.training.recruiting import another, candidate, consent, seek

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rows")]


@pytest.fixture(autouse=True)
def _now() -> object:
    with time_machine.travel("2027-01-15 12:00 +0000", tick=False):
        yield


@pytest.fixture
def dora() -> Person:
    """Somebody with an account and no right, who may be asked."""
    return candidate("Dora", user=UserFactory(name="Dora"))


@pytest.fixture
def as_dora(dora: Person) -> Client:
    assert dora.user
    return signed_in(dora.user)


def cost(client: Client, address: str) -> int:
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        client.get(address).content  # noqa: B018
    return len(captured)


def rows_of(client: Client, address: str) -> list[list[str]]:
    """What a list shows, as its CSV says it."""
    separator = "&" if "?" in address else "?"
    content = b"".join(client.get(f"{address}{separator}export=csv").streaming_content).decode()  # type: ignore[attr-defined]
    return [line.split(",") for line in content.splitlines()[1:]]


def a_full_opening(kind: str = "instructor") -> Opening:
    row = OpeningFactory(event=EventFactory(starts_on=dt.date(2027, 2, 1), ends_on=dt.date(2027, 2, 1)))
    SoughtPartFactory(opening=row, kind=part(kind), number=2)
    SoughtPartFactory(opening=row, kind=part("helper") if kind != "helper" else part("host"))
    for _ in range(2):
        person = PersonFactory()
        SignUpFactory(opening=row, person=person, kind=part(kind))
        TaskFactory(event=another(row.event, days=1, kind=row.event.kind), person=person, kind=part(kind))
    row.event.curricula.add(Curriculum.objects.get_or_create(slug="basics", name="Basics")[0])
    return row


# -------------------------------------------------------------- what it costs


def test_lists_cost_the_same_with_one_row_and_with_three(
    as_alice: Client, as_dora: Client, dora: Person
) -> None:
    save_profile(person=dora, values={"place": "LBA"}, actor=None)
    first = a_full_opening()
    SignUpFactory(opening=first, person=dora, kind=part("instructor"))
    addresses = {
        "openings": (as_alice, reverse("training:openings")),
        "opening": (as_alice, reverse("training:opening", args=[first.pk])),
        "own_openings": (as_dora, reverse("training:own_openings")),
        "own_sign_ups": (as_dora, reverse("training:own_sign_ups")),
    }
    before = {name: cost(*each) for name, each in addresses.items()}
    for _ in range(2):
        SignUpFactory(opening=a_full_opening(), person=dora, kind=part("instructor"))
        person = PersonFactory()
        SignUpFactory(opening=first, person=person, kind=part("helper"))
        TaskFactory(event=another(first.event, days=1), person=person, kind=part("helper"))
    after = {name: cost(*each) for name, each in addresses.items()}
    assert after == before
    assert after == {"openings": 12, "opening": 14, "own_openings": 19, "own_sign_ups": 8}


def test_an_events_page_costs_nothing_more_for_its_opening(as_alice: Client, workshop: Event) -> None:
    address = reverse("training:event", args=[workshop.pk])
    before = cost(as_alice, address)
    opening = OpeningFactory(event=workshop)
    SoughtPartFactory(opening=opening, kind=part("helper"), number=2)
    SignUpFactory(opening=opening, kind=part("helper"))
    assert cost(as_alice, address) == before
    shown = as_alice.get(address).content.decode()
    assert "0 of 2 found" in shown
    assert "1 sign-up waits for an answer" in shown


# -------------------------------------------------------------- for the staff


def test_the_list_of_openings(as_alice: Client, alice: User, workshop: Event) -> None:
    row = seek(workshop, alice, instructor=2, helper=1)
    near = another(workshop, days=-30, title="Near", is_online=True)
    sign_up(opening=seek(near, alice, helper=1), person=candidate("Ana"), kind=part("helper"), actor=alice)
    accept(
        sign_up=sign_up(opening=row, person=candidate("Ben"), kind=part("helper"), actor=alice), actor=alice
    )
    address = reverse("training:openings")
    columns = "?columns=missing,pending,priority,owner"
    assert rows_of(as_alice, address + columns) == [
        ["Near", "1", "1", "high", "Alice Admin"],
        ["Packaging workshop", "2", "0", "high", "Alice Admin"],
    ]
    for query, titles in (
        ("pending=1", ["Near"]),
        ("part=instructor", ["Packaging workshop"]),
        ("part=helper", ["Near"]),
        ("online=0", ["Packaging workshop"]),
        ("country=GB", ["Packaging workshop"]),
        ("priority=1", []),
        ("q=leeds", ["Packaging workshop"]),
        ("state=closed", []),
        ("ahead=1&mine=1&sort=days", ["Near", "Packaging workshop"]),
        ("priority=99999999999999999999", ["Near", "Packaging workshop"]),
    ):
        assert [cells[0] for cells in rows_of(as_alice, f"{address}?{query}")] == titles, query


def test_an_opening_is_made_and_changed_on_its_pages(as_alice: Client, alice: User, workshop: Event) -> None:
    new = reverse("training:new_opening", args=[workshop.pk])
    names = {slug: f"part_{part(slug).pk}" for slug in ("instructor", "helper", "host")}
    assert as_alice.post(new, {"text": "Come"}).status_code == 422
    as_alice.post(new, {names["instructor"]: "2", names["helper"]: "0", "text": "Come", "owner": alice.pk})
    row = Opening.objects.get()
    assert (row.text, row.owner) == ("Come", alice)
    assert list(row.sought.values_list("kind__slug", "number")) == [("instructor", 2)]
    edit = reverse("training:edit_opening", args=[row.pk])
    shown = as_alice.get(new)  # the event has one already: that one is shown
    assert "Come" in shown.content.decode()
    response = as_alice.post(edit, {names["host"]: "1", "seen": "0", "text": "Go"})
    assert response.status_code == 422
    seen = row.history.first().history_id
    assert as_alice.post(edit, {names["host"]: "1", "seen": seen, "text": "Go"}).status_code == 302
    assert list(row.sought.values_list("kind__slug", "number")) == [("host", 1)]


def test_decisions_on_a_sign_ups_page(as_alice: Client, alice: User, workshop: Event) -> None:
    row = seek(workshop, alice, instructor=1)
    ana = candidate("Ana")
    TaskFactory(event=another(workshop, days=1, title="Sprint"), person=ana, kind=part("helper"))
    add = reverse("training:new_sign_up", args=[row.pk])
    values = {"person": "Ana", "kind": part("instructor").pk}
    refused = as_alice.post(add, values)
    assert refused.status_code == 422
    assert "Ana takes a part in another event while Packaging workshop is on" in refused.content.decode()
    as_alice.post(add, values | {"even_so": "on"})
    wish = SignUp.objects.get()
    page = reverse("training:sign_up", args=[wish.pk])
    shown = as_alice.get(page).content.decode()
    assert "Accept even so" in shown
    assert '<input type="hidden" name="even_so" value="1">' in shown
    assert reverse("training:event", args=[Event.objects.get(title="Sprint").pk]) in shown
    as_alice.post(reverse("training:accept_sign_up", args=[wish.pk]))
    assert SignUp.objects.get().state == "pending"
    as_alice.post(reverse("training:accept_sign_up", args=[wish.pk]), {"even_so": "1"})
    assert SignUp.objects.get().state == "accepted"
    as_alice.post(reverse("training:wait_again", args=[wish.pk]))
    as_alice.post(reverse("training:decline_sign_up", args=[wish.pk]))
    assert (SignUp.objects.get().state, Task.objects.get(event=workshop).state) == ("declined", "withdrawn")
    as_alice.post(reverse("training:sign_up_note", args=[wish.pk]), {"note": "Ask in May"})
    assert SignUp.objects.get().note == "Ask in May"
    history = as_alice.get(reverse("training:opening_history", args=[row.pk])).content.decode()
    assert "Ask in May" in history


def test_several_are_decided_at_once(as_alice: Client, alice: User, workshop: Event) -> None:
    row = seek(workshop, alice, helper=2)
    wishes = [
        sign_up(opening=row, person=candidate(name), kind=part("helper"), actor=alice) for name in ("A", "B")
    ]
    page = reverse("training:opening", args=[row.pk])
    as_alice.post(page, {"bulk": "accept", "selected": [wish.pk for wish in wishes]})
    assert set(SignUp.objects.values_list("state", flat=True)) == {"accepted"}
    assert Opening.objects.get().closed_because == "filled"


def test_strangers_are_refused(
    as_bob: Client, as_dora: Client, as_nobody: Client, workshop: Event, alice: User
) -> None:
    row = seek(workshop, alice, helper=1)
    wish = SignUpFactory(opening=row, kind=part("helper"))
    for name, pk in (("opening", row.pk), ("sign_up", wish.pk), ("new_sign_up", row.pk)):
        address = reverse(f"training:{name}", args=[pk])
        assert [client.get(address).status_code for client in (as_bob, as_dora, as_nobody)] == [403, 403, 302]
    as_dora.post(reverse("training:own_withdraw", args=[wish.pk]))
    wish.refresh_from_db()
    assert wish.state == "pending"


def test_who_only_contributes_does_not_decide(charlie: User, workshop: Event, alice: User) -> None:
    grant(user=charlie, area=Area.TRAINING, level=Level.CONTRIBUTE)
    client = signed_in(charlie)
    row = seek(workshop, alice, helper=1)
    consent(PersonFactory(name="Ana"))
    client.post(reverse("training:new_sign_up", args=[row.pk]), {"person": "Ana", "kind": part("helper").pk})
    wish = SignUp.objects.get()
    assert client.post(reverse("training:accept_sign_up", args=[wish.pk])).status_code == 403
    assert "training:accept" not in client.get(reverse("training:sign_up", args=[wish.pk])).content.decode()


# ---------------------------------------------------------------- one's own


def test_somebody_finds_events_signs_up_and_withdraws(
    as_dora: Client, dora: Person, workshop: Event, alice: User
) -> None:
    row = seek(workshop, alice, instructor=1, helper=2)
    far = another(workshop, days=60, title="Far", latitude=-41.3, longitude=174.8, country="NZ")
    seek(far, alice, helper=1)
    online = another(workshop, days=90, title="Online", is_online=True)
    seek(online, alice, helper=1)
    hidden = another(workshop, days=91, title="Hidden", visibility=Visibility.PRIVATE)
    secret = seek(hidden, alice, helper=1)
    full = another(workshop, days=92, title="Full")
    closed = seek(full, alice, helper=1)
    Opening.objects.filter(pk=closed.pk).update(
        state="closed", closed_because="by_hand", closed_at=closed.opened_at
    )
    address = reverse("training:own_openings")
    assert [cells[0] for cells in rows_of(as_dora, address)] == ["Packaging workshop", "Far", "Online"]
    as_dora.post(reverse("training:own_profile"), {"place": "Wellington", "languages": "en"})
    shown = rows_of(as_dora, f"{address}?sort=distance&columns=distance")
    assert shown == [["Far", "3"], ["Packaging workshop", "18597"], ["Online", ""]]
    for query, titles in (
        ("country=NZ", ["Far"]),
        ("online=1", ["Online"]),
        ("part=instructor", ["Packaging workshop"]),
        ("applied=1", []),
    ):
        assert [cells[0] for cells in rows_of(as_dora, f"{address}?{query}")] == titles, query
    page = reverse("training:own_opening", args=[row.pk])
    TaskFactory(event=another(workshop, days=1, title="Clash"), person=dora, kind=part("host"))
    assert "Clash" in as_dora.get(page).content.decode()
    assert as_dora.get(reverse("training:own_opening", args=[secret.pk])).status_code == 404
    response = as_dora.post(page, {"kind": part("helper").pk, "interest": "Yes!"})
    assert response["Location"] == reverse("training:own_sign_ups")
    wish = SignUp.objects.get()
    assert (wish.person, wish.is_own, wish.interest, wish.state) == (dora, True, "Yes!", "pending")
    assert [cells[0] for cells in rows_of(as_dora, f"{address}?applied=1")] == ["Packaging workshop"]
    as_dora.post(reverse("training:own_withdraw", args=[wish.pk]))
    wish.refresh_from_db()
    assert wish.state == "withdrawn"


def test_who_did_not_agree_to_be_contacted_is_told_what_to_do(
    as_dora: Client, dora: Person, workshop: Event, alice: User
) -> None:
    row = seek(workshop, alice, helper=1)
    with time_machine.travel("2027-01-15 13:00 +0000", tick=False):
        consent(dora, given=False)
        page = reverse("training:own_opening", args=[row.pk])
        shown = as_dora.get(page).content.decode()
        assert "First, agree to be contacted" in shown
        assert reverse("own:record") in shown
        as_dora.post(page, {"kind": part("helper").pk})
    assert not SignUp.objects.exists()


def test_an_account_without_a_record_is_told_to_say_who_it_is(
    as_charlie: Client, workshop: Event, alice: User
) -> None:
    row = seek(workshop, alice, helper=1)
    assert "First, say who you are" in as_charlie.get(reverse("training:own_openings")).content.decode()
    for name in ("own_profile", "own_sign_ups"):
        assert as_charlie.get(reverse(f"training:{name}")).status_code in (200, 302)
    assert as_charlie.get(reverse("training:own_opening", args=[row.pk])).status_code == 302


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Nowhereville", "No airport or city is called “Nowhereville”."),
        ("Heidelberg", "There are several: Heidelberg, DE; Heidelberg, ZA."),
        ("95, 0", "“95, 0” lies nowhere"),
    ],
)
def test_a_place_that_is_none_or_several(dora: Person, words: str, told: str) -> None:
    with pytest.raises(ValidationError) as problem:
        save_profile(person=dora, values={"place": words}, actor=None)
    assert problem.value.message_dict["place"][0].startswith(told)
    assert not TeachingProfile.objects.exists()


# --------------------------------------------------------------- in the house


def test_today_tells_who_is_missing_and_who_waits(workshop: Event, alice: User) -> None:
    begins = dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC)
    row = seek(workshop, alice, helper=2)
    missing, waiting = (today_sources.get(f"training.{key}") for key in ("missing", "sign_ups"))

    def told(source: object, now: dt.datetime) -> list[tuple[str, str]]:
        return [(item.title, item.why) for item in source.find(alice, now, 50)]  # type: ignore[attr-defined]

    assert told(missing, begins - dt.timedelta(days=30, minutes=1)) == []
    assert told(missing, begins - dt.timedelta(days=30)) == [
        ("Packaging workshop", "2 people are missing, and it begins in 30 days (told 30 days before)")
    ]
    assert told(missing, begins) == []
    sign_up(opening=row, person=candidate("Ana"), kind=part("helper"), actor=alice)
    now = dt.datetime(2027, 1, 29, 12, tzinfo=dt.UTC)
    [item] = waiting.find(alice, now, 50)
    assert (item.why, item.tone, item.over_by, item.mine) == (
        "1 sign-up waits for an answer",
        "overdue",
        0.0,
        frozenset({alice.pk}),
    )
    Event.objects.filter(pk=workshop.pk).update(status="cancelled")
    assert told(waiting, now) == told(missing, begins - dt.timedelta(days=2)) == []


def test_openings_pass_to_a_colleague(workshop: Event, alice: User) -> None:
    colleague = UserFactory()
    seek(workshop, alice, helper=1)
    OpeningFactory(owner=alice, event=EventFactory(status="cancelled"))
    source = handovers.get("training.openings")
    assert source.count(alice) == 1
    assert source.move(alice, colleague, alice) == 1
    assert Opening.objects.get(event=workshop).owner == colleague


def test_sign_ups_of_two_records_that_are_one(workshop: Event, alice: User) -> None:
    """What both signed up for is kept once and comes back; so are their places."""
    row = seek(workshop, alice, helper=1, instructor=1)
    one, other = candidate("One"), candidate("Other")
    for person in (one, other):
        sign_up(opening=row, person=person, kind=part("helper"), actor=alice)
        save_profile(person=person, values={"languages": ["en"]}, actor=alice)
    sign_up(opening=row, person=other, kind=part("instructor"), actor=alice)
    merge = merge_people(survivor=one, gone=other, actor=alice)
    assert sorted(SignUp.objects.values_list("person", "kind__slug")) == [
        (one.pk, "helper"),
        (one.pk, "instructor"),
    ]
    assert TeachingProfile.objects.count() == 1
    unmerge(merge=merge, actor=alice)
    assert SignUp.objects.filter(person=other).count() == 2
    assert TeachingProfile.objects.count() == 2


def test_an_event_is_found_by_what_candidates_read(as_alice: Client, workshop: Event, alice: User) -> None:
    as_alice.post(
        reverse("training:new_opening", args=[workshop.pk]),
        {f"part_{part('helper').pk}": "1", "text": "We lodge you in the lighthouse"},
    )
    assert [hit.title for hit in search("lighthouse", alice, ["event"])] == ["Packaging workshop"]


def test_figures_of_what_was_filled(workshop: Event, alice: User) -> None:
    for days in (2, 6):
        event = another(workshop, days=days)
        row = seek(event, alice, helper=1)
        with time_machine.travel(dt.datetime(2027, 1, 15, 12, tzinfo=dt.UTC) + dt.timedelta(days=days)):
            wish = sign_up(opening=row, person=candidate("Ana"), kind=part("helper"), actor=alice)
            accept(sign_up=wish, actor=alice)
    seek(workshop, alice, helper=1)
    with time_machine.travel("2027-04-01 12:00 +0000", tick=False):
        scope = Scope(Period.parse("2027Q1"))
        assert metrics.get("openings_filled").compute(scope).value == 2
        assert metrics.get("days_to_fill").compute(scope).value == 4.0
