"""A week in which both are worked in: what both sides did to the same record, over imports again and again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from folkmoot.connectors.amy import Amy
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports.models import ImportRun
from folkmoot.people.actions.consents import record_consent, withdraw
from folkmoot.people.actions.merging.engine import merge_people
from folkmoot.people.imports.amy import live
from folkmoot.people.imports.amy.applications import CODES
from folkmoot.people.imports.amy.lists import NAMED_BY, NUMBERED_BY_WORD, V2, Listed
from folkmoot.people.models import Consent, ConsentKind, Person
from folkmoot.people.public import amy_people
from folkmoot.people.queries import amy_report
from folkmoot.people.queries.consents import consents_of
from folkmoot.people.seeds.consents import load_consents
from folkmoot.training import models as here
from folkmoot.training.actions.events import save_event
from folkmoot.training.actions.matching import Seat, match
from folkmoot.training.actions.requests import accept_into_event
from folkmoot.training.models import Award, Event, EventKind, Request, Task
from tests.amy import dump, server
from tests.amy import dump_training as made
from tests.amy.dump import Made, changed
from tests.amy.standing import register, seeded
from tests.people.importing import applied

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _house(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"
    seeded()
    load_consents()


def brought(tmp_path: Path, things: list[Made]) -> ImportRun:
    return applied("amy", dump.write(tmp_path / f"amy-{ImportRun.objects.count()}.json", things))


def left_out(run: ImportRun) -> list[tuple[str, str]]:
    """Field and reason of all that was listed, but for who has no user here."""
    rows = run.rejected.exclude(field__in=("assigned_to", "awarded_by")).order_by("line", "field", "pk")
    return [(row.field, row.reason) for row in rows]


def changes_of(run: ImportRun) -> dict[str, int]:
    return {
        f"{what} {name}": number
        for what in ("created", "updated")
        for name, number in run.counts[what].items()
        if number
    }


def quiet(run: ImportRun) -> None:
    """Nothing was made, changed or listed."""
    assert (changes_of(run), left_out(run)) == ({}, [])


def unlisted(run: ImportRun) -> dict[str, list[str]]:
    lines = amy_report.report(run).lines
    return {line.model: [one.pk for one in line.unlisted] for line in lines if line.unlisted}


def instead(things: list[Made], *others: Made) -> list[Made]:
    """The same dump with these in place of those of the same number, or added."""
    by_key = {(one["model"], str(one["pk"])): one for one in others}
    known = {(one["model"], str(one["pk"])) for one in things}
    kept = [by_key.get((one["model"], str(one["pk"])), one) for one in things]
    return kept + [one for key, one in by_key.items() if key not in known]


def whole() -> list[Made]:
    return [*register(), *made.training()]


# -- two who are one here --------------------------------------------------------------------------------------------


def two_people() -> list[Made]:
    """Two records of one person, each with a part in the same event, a badge and an answer."""
    return instead(
        whole(),
        dump.person(2, secondary_email="", user_notes=""),
        made.task(3, person=2), made.task(4, person=2, role=3), made.award(2, person=2, awarded="2024-01-02"),
        dump.term(1), dump.term_option(1), dump.term_option(2, option_type="decline", content="No"),
        dump.consent(1), dump.consent(2, person=2, term_option=2, created_at="2023-01-01T00:00:00Z"),
    )  # fmt: skip


def person(things: list[Made], pk: int) -> Made:
    return next(one for one in things if (one["model"], one["pk"]) == ("workshops.person", pk))


#: What both had is one here.
SAME = [
    ("person", "is the same part of the same person as task 1: left out"),
    ("badge", "is the same badge of the same person as award 1: left out"),
]


def test_two_are_made_one_here_and_amy_changes_one(tmp_path: Path) -> None:
    things = two_people()
    brought(tmp_path, things)
    who = amy_people([1, 2])
    one, other = Person.objects.get(pk=who["1"]), Person.objects.get(pk=who["2"])
    merge_people(survivor=one, gone=other, actor=None)
    tables = (Person, Task, Award, Consent, Request, here.Use)
    counts = [model.objects.count() for model in tables]
    for _twice in range(2):
        run = brought(tmp_path, things)
        assert (changes_of(run), left_out(run)) == ({}, SAME)
        assert [model.objects.count() for model in tables] == counts
    # AMY changes the one that went: that is taken, for nobody here changed what it was
    second = changed(person(things, 2), url="https://second.example.org")
    run = brought(tmp_path, instead(things, second))
    assert (changes_of(run), left_out(run)) == ({"updated people": 1, "updated records": 1}, SAME)
    one.refresh_from_db()
    assert one.website == "https://second.example.org"
    # then the other: of one person there is one website, so that is told, once
    both = instead(things, second, changed(person(things, 1), url="https://first.example.org"))
    run = brought(tmp_path, both)
    assert (changes_of(run), left_out(run)) == ({"updated records": 1}, [
        ("website", "the file says “https://first.example.org” now; the register holds “https://second.example.org”, "
         "which is not what the file said before: the register's value was kept"),
        *SAME,
    ])  # fmt: skip
    run = brought(tmp_path, both)
    assert (changes_of(run), left_out(run), unlisted(run)) == ({}, SAME, {})
    # a new part of the one that went is a part of who they are now
    run = brought(tmp_path, [*both, made.task(5, event=2, person=2)])
    assert (changes_of(run), left_out(run)) == ({"created parts": 1, "created activities": 1}, SAME)
    assert Task.objects.get(external_id="workshops.task/5").person == one
    assert [model.objects.count() for model in tables] == [counts[0], counts[1] + 1, *counts[2:]]
    assert amy_report.report(run).is_whole


# -- the same on both sides ------------------------------------------------------------------------------------------


def test_the_same_column_on_both_sides(tmp_path: Path) -> None:
    things = whole()
    brought(tmp_path, things)
    event = Event.objects.get(external_id="workshops.event/1")
    save_event(event=event, values={"venue": "The new library"}, actor=None)
    amys = made.event(1, membership=1, venue="Hall 2")
    run = brought(tmp_path, instead(things, amys))
    event.refresh_from_db()
    assert event.venue == "The new library"
    assert left_out(run) == [
        ("venue", "the source says “Hall 2” now; here it is “The new library”, which is not what the source said "
         "before: what is here was kept")
    ]  # fmt: skip
    quiet(brought(tmp_path, instead(things, amys)))
    # said of another column, nothing is said of this one again
    run = brought(tmp_path, instead(things, changed(amys, contact="new@example.org")))
    assert (changes_of(run), left_out(run)) == ({"updated events": 1}, [])
    # AMY comes round: from then on it is as if both had always said so
    same = changed(amys, venue="The new library", contact="new@example.org")
    quiet(brought(tmp_path, instead(things, same)))
    run = brought(tmp_path, instead(things, changed(same, venue="Hall 3")))
    event.refresh_from_db()
    assert (event.venue, left_out(run)) == ("Hall 3", [])


# -- deleted in AMY --------------------------------------------------------------------------------------------------


def test_an_event_that_was_deleted_in_amy(tmp_path: Path) -> None:
    """With its parts, as AMY deletes it. It stays, is told each time, and is worked with; what comes back is it."""
    things = whole()
    brought(tmp_path, things)
    event = Event.objects.get(external_id="workshops.event/1")
    counts = [model.objects.count() for model in (Event, Task, Request, here.Use)]
    gone = [
        one
        for one in things
        if (one["model"], one["pk"]) != ("workshops.event", 1) and one["fields"].get("event") != 1
    ]
    gone = instead(gone, *(changed(one, event=None) for one in things
                           if one["model"] == "workshops.workshoprequest"))  # fmt: skip
    for venue in ("The old library", "The new library"):
        save_event(event=event, values={"venue": venue}, actor=None)
        run = brought(tmp_path, gone)
        told = unlisted(run)
        assert told["workshops.event"] == ["1"]
        assert told["workshops.task"] == ["1"]
        assert [model.objects.count() for model in (Event, Task, Request, here.Use)] == counts
        event.refresh_from_db()
        assert (event.venue, event.status) == (venue, "done")
    run = brought(tmp_path, things)
    assert unlisted(run) == {}
    assert [model.objects.count() for model in (Event, Task, Request, here.Use)] == counts


# -- accepted in both ------------------------------------------------------------------------------------------------


def pending() -> list[Made]:
    """A request that waits, and no event of AMY's for it yet."""
    return instead(whole(), made.workshop_request(9, state="p", event=None, email="nine@example.org"))


def accepted_here(alice: User, **values: Any) -> Event:
    request = Request.objects.get(external_id="workshops.workshoprequest/9")
    event, _undo = accept_into_event(
        request=request,
        values={
            "title": "Soil days", "slug": "soil-days", "kind": EventKind.objects.get(slug="workshop"),
            "time_zone": "America/Lima", "starts_on": dt.date(2027, 3, 1), "ends_on": dt.date(2027, 3, 2), **values,
        },
        as_host=False,
        actor=alice,
    )  # fmt: skip
    return event


def accepted_there(**over: Any) -> list[Made]:
    said = {"slug": "2027-03-01-lima", "start": "2027-03-01", "end": "2027-03-02", "completed": False, **over}
    request = made.workshop_request(9, state="a", event=19, email="nine@example.org")
    return instead(pending(), request, made.event(19, **said))


def the_request() -> Request:
    return Request.objects.get(external_id="workshops.workshoprequest/9")


def test_a_request_that_was_accepted_in_both_is_one_event(tmp_path: Path, alice: User) -> None:
    """On the same day it is the same workshop: AMY fills what is empty, and what stands here stays."""
    brought(tmp_path, pending())
    ours = accepted_here(alice)
    events = Event.objects.count()
    run = brought(tmp_path, accepted_there())
    assert left_out(run) == []
    ours.refresh_from_db()
    assert (ours.title, ours.slug, ours.venue) == ("Soil days", "soil-days", "Harbour Hall")
    assert (Event.objects.count(), the_request().event) == (events, ours)
    quiet(brought(tmp_path, accepted_there()))
    # from then on it is AMY's event 19, like any other
    run = brought(tmp_path, [*accepted_there(venue="Hall 2"), made.task(30, event=19)])
    ours.refresh_from_db()
    assert (ours.venue, ours.title, left_out(run)) == ("Hall 2", "Soil days", [])
    assert Task.objects.get(external_id="workshops.task/30").event == ours
    assert (Event.objects.count(), amy_report.report(run).is_whole) == (events, True)


def test_a_request_that_was_accepted_into_two_events_is_told_until_one_is_cancelled(
    tmp_path: Path, alice: User
) -> None:
    brought(tmp_path, pending())
    ours = accepted_here(alice)
    there = accepted_there(slug="2027-04-01-lima", start="2027-04-01", end="2027-04-02")
    for _twice in range(2):
        run = brought(tmp_path, there)
        theirs = Event.objects.get(external_id="workshops.event/19")
        assert left_out(run) == [
            ("event", f"was accepted in both: here into “Soil days, soil-days”, in AMY into “{theirs.title}, "
             "2027-04-01-lima”. Both events are here, and this request stays with the first: cancel or delete the one "
             "that is too much")
        ]  # fmt: skip
        assert the_request().event == ours
    assert changes_of(run) == {}
    Event.objects.filter(pk=theirs.pk).update(status="cancelled")
    quiet(brought(tmp_path, there))


def waits() -> list[Made]:
    """An application that waits, and two trainings."""
    first = {"slug": "2027-05-01-training", "start": "2027-05-01", "end": "2027-05-02", "completed": False}
    second = {"slug": "2027-07-01-training", "start": "2027-07-01", "end": "2027-07-02", "completed": False}
    return instead(
        whole(),
        made.training_request(9, state="p", email="nine@example.org", person=2),
        made.training_event(8, **first),
        made.training_event(10, **second),
    )


def matched_there(event: int) -> list[Made]:
    accepted = made.training_request(
        9, state="a", email="nine@example.org", person=2, last_updated_at="2026-11-01T00:00:00Z"
    )
    return instead(waits(), accepted, made.task(21, event=event, person=2, role=3, seat_open_training=True))


@pytest.mark.parametrize("event", [8, 10])
def test_an_application_that_was_accepted_in_both(tmp_path: Path, alice: User, event: int) -> None:
    """Into the same training it is one part with one seat; into another one it is told as long as both parts hold."""
    brought(tmp_path, waits())
    request = Request.objects.get(external_id="workshops.trainingrequest/9")
    training = Event.objects.get(external_id="workshops.event/8")
    task, _use, _undo = match(request=request, event=training, seat=Seat.OPEN, actor=alice)
    parts, seats = Task.objects.count(), here.Use.objects.count()
    for _twice in range(2):
        run = brought(tmp_path, matched_there(event))
        more = int(event == 10)
        assert (Task.objects.count() - parts, here.Use.objects.count() - seats) == (more, more)
        title = "Instructor training at Harbour University 1"
        assert left_out(run) == [
            ("person", f"was accepted in both: here into “{title}, 2027-05-01-training”, in AMY into “{title}, "
             "2027-07-01-training”. Both parts are here, and this application stays with the first: take back the one "
             "that is too much")
        ] * more  # fmt: skip
        request.refresh_from_db()
        assert (request.event, request.task, request.state) == (training, task, "accepted")
    assert changes_of(run) == {}
    Task.objects.filter(external_id="workshops.task/21").update(state="withdrawn")
    assert left_out(brought(tmp_path, matched_there(event))) == []


# -- withdrawn here --------------------------------------------------------------------------------------------------


def answers() -> list[Made]:
    return [dump.person(1), dump.term(1), dump.term_option(1),
            dump.term_option(2, option_type="decline", content="No")]  # fmt: skip


def holds() -> bool:
    person = Person.objects.get().pk
    return consents_of([person], ["contact"])[person]["contact"]


@pytest.mark.parametrize("who", ["themself", "somebody for them"])
def test_a_consent_that_was_withdrawn_here_while_amy_still_says_yes(
    tmp_path: Path, alice: User, who: str
) -> None:
    yes = dump.consent(1, created_at="2024-01-01T00:00:00Z")
    brought(tmp_path, [*answers(), yes])
    assert holds()
    person, kind = Person.objects.get(), ConsentKind.objects.get(slug="contact")
    if who == "themself":
        person.user = alice
        person.save()
        withdraw(person=person, kind=kind, actor=alice)
    else:
        record_consent(
            person=person, kind=kind, is_given=False, source="mail", note="mail of 3 May", actor=alice
        )
    said = list(Consent.objects.values_list("pk", "is_given", "decided_at"))
    for same in (yes, yes, changed(yes, last_updated_at="2026-11-01T00:00:00Z")):
        quiet(brought(tmp_path, [*answers(), same]))
        assert (holds(), list(Consent.objects.values_list("pk", "is_given", "decided_at"))) == (False, said)
    # the words of the term are asked anew in AMY: the old yes ends there, and ends nothing here that had not ended
    run = brought(tmp_path, [*answers(), changed(yes, archived_at="2024-06-01T00:00:00Z")])
    assert (holds(), left_out(run), changes_of(run)) == (False, [], {"created consents": 1})


# -- dumps and the API in turn ---------------------------------------------------------------------------------------


#: Columns of v2's serializers of which the stand-in has no record: all but these of a dump.
UNTOLD = {
    "extrequests.selforganisedsubmission": ("secondary_email", "additional_contact_details"),
    "workshops.membership": ("organizations",),
}


def as_listed(world: server.World, things: list[Made]) -> None:
    """The same AMY as API v2 lists it: the columns of its serializers, and words for numbers."""
    by_key = {(one["model"], str(one["pk"])): one["fields"] for one in things}

    def word(model: str, value: Any) -> Any:
        if isinstance(value, list):
            return [word(model, one) for one in value]
        return None if value is None else by_key[model, str(value)][{**NUMBERED_BY_WORD, **NAMED_BY}[model]]

    def record(listed: Listed, one: Made) -> dict[str, Any]:
        fields = {
            name: value for name, value in one["fields"].items() if name not in UNTOLD.get(listed.model, ())
        }
        there = {dumped: told for told, dumped in listed.renamed.items()}
        columns = set(world.lists[listed.path][0]) if world.lists[listed.path] else set(fields)
        told = {there.get(name, name): value for name, value in fields.items()}
        return {"pk": one["pk"]} | {
            name: word(listed.refs[name], value) if name in listed.refs else value
            for name, value in told.items()
            if name in columns
        }

    for listed in V2:
        rows = [record(listed, one) for one in things if one["model"] == listed.model]
        world.lists[listed.path] = rows
    for row in world.lists["/api/v2/membership"]:
        members = [one["fields"] for one in things if one["model"] == "workshops.member"]
        row["organizations"] = [
            word("workshops.organization", one["organization"]) for one in members if one["membership"] == row["pk"]
        ]  # fmt: skip


#: ``CommunityRoleConfigSerializer`` and ``InstructorRecruitmentSerializer`` of v1.
CONFIG = (
    "created_at",
    "last_updated_at",
    "name",
    "display_name",
    "link_to_award",
    "award_badge_limit",
    "autoassign_when_award_created",
    "link_to_membership",
    "additional_url",
    "generic_relation_content_type",
)
RECRUITMENT = ("created_at", "last_updated_at", "assigned_to", "status", "notes", "event")  # fmt: skip


def as_listed_v1(world: server.World, things: list[Made]) -> None:
    """What API v1 tells of it besides."""

    def of(model: str) -> list[Made]:
        return [one for one in things if one["model"] == model]

    def names(model: str, pks: list[Any]) -> list[str]:
        return [one["fields"]["name"] for one in of(model) if one["pk"] in pks]

    for path, model, columns in (
        ("communityroleconfigs", "communityroles.communityroleconfig", CONFIG),
        ("instructorrecruitment", "recruitment.instructorrecruitment", RECRUITMENT),
    ):
        world.lists[f"/api/v1/{path}"] = [
            {"id": one["pk"], **{name: one["fields"][name] for name in columns}} for one in of(model)
        ]
    terms = {
        one["pk"]: server.term(one["fields"]["slug"], one["fields"]["content"]) for one in of("consents.term")
    }
    world.lists["/api/v1/terms"] = list(terms.values())
    options = {one["pk"]: one["fields"] for one in of("consents.termoption")}
    for one in of("workshops.person"):
        lessons = [each["fields"]["lesson"] for each in of("workshops.qualification")
                   if each["fields"]["person"] == one["pk"]]  # fmt: skip
        world.lists["/api/v1/persons"].append(
            server.person_v1(
                world, one["pk"], domains=names("workshops.knowledgedomain", one["fields"]["domains"]),
                lessons=names("workshops.lesson", lessons),
            )
        )  # fmt: skip
        world.lists[f"/api/v1/persons/{one['pk']}/consents"] = [
            {"term": terms[said["term"]], "term_option": f"{option['content']} ({option['option_type']})"}
            for each in of("consents.consent")
            if (said := each["fields"])["person"] == one["pk"] and (option := options[said["term_option"]])
        ]
    world.lists["/api/v1/events"] = [
        {"slug": one["fields"]["slug"], "attendance": one["fields"]["manual_attendance"]}
        for one in of("workshops.event")
    ]
    for one in of("workshops.trainingrequest"):
        said = server.application(one["pk"])
        said |= {name: value for name, value in one["fields"].items() if name in said}
        said |= {
            name: next(word for word, code in codes.items() if code == said[name])
            for name, codes in CODES.items()
        }
        said["domains"] = ", ".join(names("workshops.knowledgedomain", one["fields"]["domains"]))
        said["previous_involvement"] = ", ".join(
            names("workshops.role", one["fields"]["previous_involvement"])
        )
        world.lists[server.APPLICATIONS].append(
            {**said, "person_id": one["fields"]["person"], "person": "Somebody"}
        )


COUNTS = {"consents.consent": (2, 2), "workshops.qualification": (1, 1), "workshops.trainingrequest": (1, 1)}


@pytest.mark.parametrize("session", ["", server.SESSION])
def test_a_dump_the_api_and_a_dump_again(tmp_path: Path, settings: Any, session: str) -> None:
    """What the API does not tell is not forgotten: it changes nothing that a dump told, and the second dump changes
    what AMY changed meanwhile, and nothing else.
    """
    settings.HTTP_ALLOW = ["127.0.0.1"]
    things = [
        *whole(), dump.term(1), dump.term_option(1), dump.term_option(2, option_type="decline", content="No"),
        dump.consent(1), dump.consent(2, person=2, term_option=2), dump.role_config(1), dump.role(1),
        dump.role_inactivation(1),
    ]  # fmt: skip
    brought(tmp_path, things)
    world = server.filled()
    as_listed(world, things)
    as_listed_v1(world, things)
    with (
        server.running(world),
        Amy(world.url, token=server.TOKEN, session=session, pause=lambda seconds: None) as amy,
    ):
        for _twice in range(2):
            run = applied("amy", live.read(amy).path, live=world.url)
            quiet(run)
            report = amy_report.report(run)
            assert (unlisted(run), report.is_whole) == ({}, True)
            counts = {line.model: (line.there, line.here) for line in report.lines}
            for model in ("consents.consent", "workshops.qualification", "workshops.trainingrequest"):
                assert counts.get(model) == (COUNTS[model] if session else None)
    quiet(brought(tmp_path, things))
    later = instead(
        things,
        changed(person(things, 1), timezone="America/Bogota", mastodon="https://social.example/@new"),
        made.event(1, membership=1, manual_attendance=33, learners_pre="https://survey.example.org/new"),
        made.curriculum(1, name="Software Carpentry (soil and water)"),
    )
    run = brought(tmp_path, later)
    assert (left_out(run), changes_of(run)) == ([], {
        "created identities": 1, "updated records": 1, "updated people": 1, "updated curricula": 1,
        "updated events": 1, "updated links": 1,
    })  # fmt: skip
    assert Event.objects.get(external_id="workshops.event/1").attendance == 33
    assert Person.objects.get(pk=amy_people([1])["1"]).time_zone == "America/Bogota"
