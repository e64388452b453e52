"""What API v1 tells with a session: terms, consents, applications, fields of work, lessons, attendance."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from folkmoot.connectors.amy import Amy, AmyProblem, Trouble
from folkmoot.kernel.imports.models import ImportRun
from folkmoot.people.imports.amy import live
from folkmoot.people.models import Consent, ConsentKind, ConsentText, Person
from folkmoot.people.public import amy_people
from folkmoot.people.queries import amy_report
from folkmoot.people.queries.consents import consents_of
from folkmoot.people.seeds.consents import load_consents
from folkmoot.training.models import Event, Qualification, Request
from tests.amy import dump, server
from tests.amy import dump_training as made
from tests.amy.server import SESSION, TOKEN, World, application, consent
from tests.amy.standing import seeded
from tests.people.importing import applied, created, rejections, undone, updated

pytestmark = pytest.mark.django_db
UTC = dt.UTC
FIRST = dt.datetime(2026, 11, 1, 2, tzinfo=UTC)


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> Iterator[World]:
    settings.HTTP_ALLOW = ["127.0.0.1"]
    settings.DATA_DIR = tmp_path
    seeded()
    load_consents()
    world = server.filled()
    with server.running(world):
        server.fill_v1(world)
        yield world


def read(world: World, session: str = SESSION) -> Path:
    with Amy(world.url, token=TOKEN, session=session, pause=lambda seconds: None) as amy:
        return live.read(amy).path


def brought(world: World, at: dt.datetime = FIRST) -> ImportRun:
    """AMY read at a moment, and what was read imported."""
    with time_machine.travel(at, tick=False):
        return applied("amy", read(world), live=world.url)


def by_key(path: Path) -> dict[str, dict[str, Any]]:
    things = [json.loads(line) for line in path.read_text().splitlines()]
    return {f"{one['model']}/{one['pk']}": one["fields"] for one in things}


def said(person: int = 1) -> list[tuple[str, bool, dt.date, str]]:
    """What somebody answered, as it stands here, the oldest first."""
    rows = Consent.objects.filter(person=amy_people([person])[str(person)]).order_by("decided_at", "pk")
    return [(row.kind.slug, row.is_given, row.decided_at.date(), row.note) for row in rows]


def contact(person: int = 1) -> bool:
    here = amy_people([person])[str(person)]
    return consents_of([here], ["contact"])[here]["contact"]


def left_out(run: ImportRun) -> list[tuple[str, str]]:
    """What was left out, and why; but for who has no user here and languages, of which API v2 tells no code."""
    known = ("assigned_to", "awarded_by", "language")
    return [(row[2], row[3]) for row in rejections(run) if row[2] not in known]


def told(run: ImportRun) -> dict[str, list[str]]:
    lines = amy_report.report(run).lines
    return {line.model: [one.pk for one in line.unlisted] for line in lines if line.unlisted}


# -- what is read ----------------------------------------------------------------------------------------------------


def test_answers_of_v1_become_the_things_of_a_dump(world: World) -> None:
    with time_machine.travel(FIRST, tick=False):
        things = by_key(read(world))
    only_v1 = (
        "consents.",
        "workshops.qualification",
        "workshops.trainingrequest",
        "workshops.knowledgedomain",
    )
    assert sorted(key for key in things if key.startswith(only_v1)) == [
        "consents.consent/1/may-contact",
        "consents.consent/1/privacy-policy",
        "consents.consent/2/may-contact",
        "consents.term/may-contact",
        "consents.term/privacy-policy",
        "consents.termoption/may-contact/No, thank you (decline)",
        "consents.termoption/may-contact/Yes (agree)",
        "workshops.knowledgedomain/Engineering (civil, naval)",
        "workshops.knowledgedomain/Soil",
        "workshops.qualification/1/python-novice",
        "workshops.trainingrequest/41",
        "workshops.trainingrequest/42",
    ]
    assert things["consents.consent/1/may-contact"] == {
        "person": 1, "term": "may-contact", "term_option": "may-contact/Yes (agree)",
        "read_at": "2026-11-01T02:00:00+00:00",
    }  # fmt: skip
    assert things["consents.consent/1/privacy-policy"]["term_option"] is None
    assert things["consents.termoption/may-contact/No, thank you (decline)"] == {
        "term": "may-contact", "option_type": "decline", "content": "No, thank you"
    }  # fmt: skip
    assert things["workshops.person/1"]["domains"] == ["Engineering (civil, naval)", "Soil"]
    assert things["workshops.qualification/1/python-novice"] == {"person": "1", "lesson": "python-novice"}
    assert things["workshops.event/7"]["manual_attendance"] == 21
    first = things["workshops.trainingrequest/41"]
    told = ("state", "person", "previous_training", "previous_experience", "programming_language_usage_frequency",
            "checkout_intent", "teaching_intent", "teaching_frequency_expectation", "max_travelling_frequency",
            "domains", "previous_involvement")  # fmt: skip
    assert [first[name] for name in told] == [
        "a", 1, "hours", "ta", "daily", "yes", "yes-either", "monthly", "not-at-all",
        ["Engineering (civil, naval)", "Soil"], ["learner", "helper"],
    ]  # fmt: skip
    assert {"awards", "training_tasks", "person_id"}.isdisjoint(first)
    asked = [path for path in world.asked if "training_requests" in path]
    assert asked == [
        "/api/v1/training_requests/?matched=&page_size=1000",
        "/api/v1/training_requests/?matched=&manualscore=1&page_size=1000",
    ]


def test_without_a_session_v1_is_not_asked(world: World) -> None:
    things = by_key(read(world, session=""))
    assert [path for path in world.asked if path.startswith("/api/v1")] == []
    assert {key.partition("/")[0] for key in things} == {
        "workshops.award", "workshops.badge", "workshops.curriculum", "workshops.event", "workshops.language",
        "workshops.lesson", "workshops.member", "workshops.membership", "workshops.organization",
        "workshops.person", "workshops.role", "workshops.tag", "workshops.task", "workshops.trainingrequirement",
    }  # fmt: skip
    assert {"domains", "manual_attendance"}.isdisjoint(
        things["workshops.person/1"] | things["workshops.event/7"]
    )


def test_learners_who_are_named_are_not_taken_for_a_count(world: World) -> None:
    world.lists["/api/v1/events"][0]["attendance"] = 1
    assert "manual_attendance" not in by_key(read(world))["workshops.event/7"]


def test_applications_that_say_the_same_are_told_apart_by_when_they_came(world: World) -> None:
    """Numbers grow as they come. What is in one list only, for it came in between, waits for the next reading."""
    twins = [
        application(50, email="second@example.org", created_at="2026-03-02T00:00:00Z", score_notes="b"),
        application(49, email="first@example.org", created_at="2026-03-01T00:00:00Z", score_notes="a"),
    ]
    world.lists[server.APPLICATIONS] = twins
    things = by_key(read(world))
    both = [things[f"workshops.trainingrequest/{pk}"] for pk in (49, 50)]
    assert [(one["email"], one["score_notes"]) for one in both] == [
        ("first@example.org", "a"),
        ("second@example.org", "b"),
    ]
    world.lists[server.APPLICATIONS] = [*twins, application(51, created_at="2026-03-01T00:00:00Z")]
    path = read(world)
    assert [key for key in by_key(path) if key.startswith("workshops.trainingrequest/")] == []
    assert live.notes_beside(path)[1:] == [
        "workshops.trainingrequest.pk: 3 names that lead to no record, or to several: left unsaid."
    ]


def test_an_address_that_lost_its_slash(world: World) -> None:
    world.lists["/api/v1/training_requests"] = world.lists.pop(server.APPLICATIONS)
    found = [key for key in by_key(read(world)) if key.startswith("workshops.trainingrequest/")]
    assert found == ["workshops.trainingrequest/41", "workshops.trainingrequest/42"]


def test_words_that_are_not_known_are_left_unsaid(world: World) -> None:
    world.lists[server.APPLICATIONS] = [application(41, checkout_intent="Perhaps")]
    world.lists["/api/v1/persons/2/consents"] = [consent("may-contact", "Who knows")]
    path = read(world)
    assert "checkout_intent" not in by_key(path)["workshops.trainingrequest/41"]
    assert live.notes_beside(path)[1:] == [
        "consents.consent.term_option: 1 names that lead to no record, or to several: left unsaid.",
        "workshops.trainingrequest.checkout_intent: 1 names that lead to no record, or to several: left unsaid.",
    ]


def test_consents_go_on_at_the_person_where_they_stopped(world: World) -> None:
    world.faults["/api/v1/persons/2/consents"] = ["cut"] * 4
    seen: list[str] = []
    with Amy(world.url, token=TOKEN, session=SESSION, pause=lambda seconds: None) as amy:
        with pytest.raises(AmyProblem) as problem:
            live.read(amy)
        assert problem.value.trouble == Trouble.NETWORK
        world.asked.clear()
        found = live.read(amy, lambda number, what: seen.append(what))
    assert world.asked == ["/api/v1/persons/2/consents?page_size=1000"]
    assert seen == ["/api/v1/persons/2/consents (2/2)"]
    assert [key for key in by_key(found.path) if key.startswith("consents.consent/")] == [
        "consents.consent/1/may-contact",
        "consents.consent/1/privacy-policy",
        "consents.consent/2/may-contact",
    ]


def test_a_long_reading_goes_on_as_long_as_it_gets_on(world: World) -> None:
    """A request a person: a large AMY takes longer than a day at 2,000 an hour. A day without one begins anew."""
    with time_machine.travel(FIRST, tick=False) as clock:
        for path in ("/api/v1/persons/1/consents", "/api/v1/persons/2/consents"):
            world.faults[path] = [403]
            with pytest.raises(AmyProblem):
                read(world)
            clock.shift(dt.timedelta(hours=23))
        world.asked.clear()
        read(world)
    assert world.asked == ["/api/v1/persons/2/consents?page_size=1000"]


# -- what it becomes -------------------------------------------------------------------------------------------------


def test_all_of_it_arrives_and_twice_does_nothing(world: World) -> None:
    run = brought(world)
    assert left_out(run) == []
    assert said(1) == [("contact", True, FIRST.date(), "profile in AMY: Yes")]
    assert said(2) == [("contact", False, FIRST.date(), "profile in AMY: No, thank you")]
    assert (contact(1), contact(2)) == (True, False)
    newest = Consent.objects.get(is_given=True)
    assert newest.text is not None
    assert newest.text.text == "May we write to you?"
    assert Event.objects.get().attendance == 21
    assert list(Qualification.objects.values_list("person__name", "lesson__name")) == [
        ("Grace Quispe", "python-novice")
    ]
    grace = Person.objects.get(name="Grace Quispe")
    assert sorted(grace.tags.values_list("name", flat=True)) == ["Engineering (civil, naval)", "Soil"]
    requests = Request.objects.order_by("external_id")
    assert [(row.external_id, row.state, row.name, row.person_id) for row in requests] == [
        ("workshops.trainingrequest/41", "accepted", "Grace Quispe", grace.pk),
        ("workshops.trainingrequest/42", "pending", "Ana Quispe", None),
    ]
    assert (requests[0].answers["involvement"], requests[0].answers["taught-how"]) == (
        ["Learner", "Helper"],
        "hours",
    )
    again = brought(world, FIRST + dt.timedelta(days=1))
    assert (created(again), updated(again), left_out(again), told(again)) == ({}, {}, [], {})


def test_counts_on_both_sides(world: World) -> None:
    """A consent that nobody answered holds nothing that could be here, so it is not counted."""
    for at in (FIRST, FIRST + dt.timedelta(days=1)):
        run = brought(world, at)
        report = amy_report.report(run)
        lines = {line.model: (line.there, line.here, line.state) for line in report.lines}
        only_v1 = (
            "consents.term",
            "consents.consent",
            "workshops.qualification",
            "workshops.trainingrequest",
        )
        assert {model: lines[model] for model in only_v1} == {
            "consents.term": (2, 2, "equal"),
            "consents.consent": (2, 2, "equal"),
            "workshops.qualification": (1, 1, "equal"),
            "workshops.trainingrequest": (2, 2, "equal"),
        }
        assert report.is_whole
        assert "1 consent was never answered: left out." in run.options["notes"]


def test_what_is_listed_no_more_is_told_and_stays(world: World) -> None:
    brought(world)
    world.lists[server.APPLICATIONS].pop()
    world.lists["/api/v1/persons/2/consents"].clear()
    world.lists["/api/v1/persons"][0]["lessons"] = ["r-novice"]
    world.lists["/api/v1/terms"].pop()
    run = brought(world, FIRST + dt.timedelta(days=1))
    assert told(run) == {
        "consents.consent": ["2/may-contact"],
        "consents.term": ["privacy-policy"],
        "workshops.qualification": ["1/python-novice"],
        "workshops.trainingrequest": ["42"],
    }
    counts = [model.objects.count() for model in (Consent, Request, Qualification)]
    assert counts == [2, 2, 2]
    # a reading without a session says nothing of them
    with time_machine.travel(FIRST + dt.timedelta(days=2), tick=False):
        run = applied("amy", read(world, session=""), live=world.url)
    assert told(run) == {}
    # a term that ended here, too, is none that AMY should list
    ConsentKind.objects.filter(slug="privacy-policy").update(archived_at=FIRST)
    assert "consents.term" not in told(brought(world, FIRST + dt.timedelta(days=3)))


def test_an_import_from_v1_is_taken_back_whole(world: World) -> None:
    run = brought(world)
    kinds = ConsentKind.objects.count()
    undone(run)
    assert [model.objects.count() for model in (Consent, Request, Qualification, Person)] == [0, 0, 0, 0]
    assert ConsentKind.objects.count() == kinds - 1


# -- consents, again and again ---------------------------------------------------------------------------------------


def test_another_answer_is_a_new_consent_of_the_day_it_was_read(world: World) -> None:
    brought(world)
    world.lists["/api/v1/persons/1/consents"] = [consent("may-contact", "No (decline)")]
    second = FIRST + dt.timedelta(days=1)
    run = brought(world, second)
    assert created(run) == {"consents": 1}
    assert said() == [
        ("contact", True, FIRST.date(), "profile in AMY: Yes"),
        ("contact", False, second.date(), "profile in AMY: No"),
    ]
    world.lists["/api/v1/persons/1/consents"] = [consent("may-contact", "Yes (agree)")]
    brought(world, FIRST + dt.timedelta(days=2))
    assert (contact(), len(said())) == (True, 3)


def test_an_answer_that_was_reset_ends_here_and_is_not_told_as_unlisted(world: World) -> None:
    brought(world)
    world.lists["/api/v1/persons/1/consents"] = [consent("may-contact", None)]
    second = FIRST + dt.timedelta(days=1)
    run = brought(world, second)
    assert said()[-1] == (
        "contact", False, second.date(), "archived in AMY: it was asked anew, or reset"
    )  # fmt: skip
    assert (told(run), contact()) == ({}, False)
    assert "does not list" not in " ".join(run.options["notes"])
    again = brought(world, FIRST + dt.timedelta(days=2))
    assert (created(again), updated(again), told(again), amy_report.report(again).is_whole) == (
        {},
        {},
        {},
        True,
    )
    world.lists["/api/v1/persons/1/consents"] = [consent("may-contact", "Yes (agree)")]
    brought(world, FIRST + dt.timedelta(days=3))
    assert (contact(), len(said())) == (True, 3)


@pytest.mark.parametrize("source", ["self", "folkmoot"])
def test_what_was_withdrawn_here_stays_withdrawn(world: World, source: str) -> None:
    """Whoever wrote it down: AMY's API does not say since when its answer is yes."""
    brought(world)
    here = amy_people([1])["1"]
    kind = ConsentKind.objects.get(slug="contact")
    Consent.objects.create(
        person_id=here, kind=kind, is_given=False, source=source, decided_at=FIRST + dt.timedelta(hours=5)
    )
    run = brought(world, FIRST + dt.timedelta(days=1))
    assert (contact(), created(run), left_out(run)) == (False, {}, [])
    # AMY is asked anew, and says yes in another way: it is told, and nothing is overruled
    world.lists["/api/v1/persons/1/consents"] = [consent("may-contact", "Yes, gladly (agree)")]
    run = brought(world, FIRST + dt.timedelta(days=2))
    why = {
        "self": "the person has said so themselves since: their own word stands",
        "folkmoot": "was withdrawn here, and AMY’s API does not say when it was given: it stays withdrawn",
    }[source]
    assert ([why for _field, why in left_out(run)], contact(), created(run)) == ([why], False, {})


def dumped(tmp_path: Path, *more: dict[str, Any]) -> ImportRun:
    things = [
        dump.person(1, username="quispe_grace"), dump.term(3), dump.term_option(1, term=3),
        dump.term_option(2, term=3, option_type="decline", content="No"), *more,
    ]  # fmt: skip
    return applied("amy", dump.write(tmp_path / f"dump-{ImportRun.objects.count()}.json", things))


def test_a_dump_before_and_a_dump_after(world: World, tmp_path: Path) -> None:
    """The API says the same: nothing. A dump that comes later tells the day of what the API told without one."""
    before = dump.consent(5, term=3, created_at="2026-01-05T00:00:00Z")
    dumped(tmp_path, before)
    texts = ConsentText.objects.count()
    world.lists["/api/v1/persons/2/consents"].clear()
    run = brought(world)
    assert (len(said()), created(run).get("consents"), ConsentText.objects.count()) == (1, None, texts + 1)
    assert ConsentKind.objects.get(slug="contact").name == "Being written to"
    world.lists["/api/v1/persons/1/consents"] = [consent("may-contact", "No (decline)")]
    brought(world, FIRST + dt.timedelta(days=1))
    assert said()[1:] == [("contact", False, dt.date(2026, 11, 2), "profile in AMY: No")]
    after = (
        dump.changed(before, archived_at="2026-11-01T20:00:00Z"),
        dump.consent(6, term=3, term_option=2, created_at="2026-11-01T20:00:01Z"),
    )
    for _twice in range(2):
        run = dumped(tmp_path, *after)
        assert left_out(run) == []
        assert said() == [
            ("contact", True, dt.date(2026, 1, 5), "profile in AMY: Yes"),
            ("contact", False, dt.date(2026, 11, 1), "archived in AMY: it was asked anew, or reset"),
            ("contact", False, dt.date(2026, 11, 1), "profile in AMY: No"),
        ]
        assert amy_report.report(run).is_whole
    assert (created(run), updated(run)) == ({}, {})
    again = brought(world, FIRST + dt.timedelta(days=4))
    assert (created(again).get("consents"), len(said()), told(again)) == (None, 3, {})


def test_what_a_dump_changed_meanwhile_is_what_amy_said_last(world: World, tmp_path: Path) -> None:
    """The API tells yes, a dump no, the API yes again: each counts, for that is the order in which it was said."""
    brought(world)
    no = dump.consent(6, term=3, term_option=2, created_at="2026-11-02T20:00:01Z")
    dumped(tmp_path, no)
    assert (contact(), len(said())) == (False, 2)
    brought(world, FIRST + dt.timedelta(days=4))
    assert (contact(), len(said())) == (True, 3)


def test_an_application_keeps_what_only_a_dump_tells(world: World, tmp_path: Path) -> None:
    """The API tells neither airport nor points; roles by their short names; and what is unsaid stays."""
    whole = [
        dump.person(1, username="quispe_grace"), dump.knowledge_domain(1, name="Soil"),
        made.role(1, name="supporting-instructor", verbose_name="Supporting Instructor"),
        made.training_request(41, person=1, domains=[1], previous_involvement=[1], state="p"),
    ]  # fmt: skip
    applied("amy", dump.write(tmp_path / "dump.json", whole))
    before = Request.objects.get()
    assert {"airport", "involvement", "domains"} <= before.answers.keys()
    same = _as_v1(whole[-1]["fields"])
    world.lists[server.APPLICATIONS] = [same]
    run = brought(world)
    after = Request.objects.get()
    assert left_out(run) == []
    assert (after.answers, after.score_auto, after.score_manual, after.state) == (
        before.answers, before.score_auto, before.score_manual, "pending"
    )  # fmt: skip
    world.lists[server.APPLICATIONS] = [{**same, "location": "Cusco", "state": "Discarded"}]
    brought(world, FIRST + dt.timedelta(days=1))
    after.refresh_from_db()
    assert (after.answers, after.state) == ({**before.answers, "city": "Cusco"}, "discarded")


def _as_v1(fields: dict[str, Any]) -> dict[str, Any]:
    """What API v1 tells of an application of a dump."""
    from folkmoot.people.imports.amy.applications import CODES

    shown = {
        name: next(word for word, code in codes.items() if code == fields[name])
        for name, codes in CODES.items()
    }
    same = {name: value for name, value in fields.items() if name in application(41)}
    return {
        **application(41),
        **same,
        **shown,
        "person_id": 1,
        "domains": "Soil",
        "previous_involvement": "supporting-instructor",
    }
