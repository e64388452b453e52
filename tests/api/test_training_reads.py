"""Training in the API: queries, what each scope opens and what it does not, filters, changes, tables."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.tokens.models import ApiToken
from folkmoot.people.actions import erasure
from folkmoot.training.actions import events as event_actions
from folkmoot.training.actions import tasks as task_actions
from folkmoot.training.api.kinds import READ
from folkmoot.training.models import Curriculum, SignUp
from tests.api.conftest import Program
from tests.api.training_rows import SECRETS, Rows, one_of_each
from tests.factories import EventFactory, PersonFactory, RegistrationFactory, TaskFactory, TaskKindFactory

ProgramOf = Callable[..., Program]

#: How many queries each list takes, whatever the number of rows. One of them is the token, one its owner's rights.
QUERIES = {
    "events": 10,
    "tasks": 5,
    "registrations": 7,
    "questions": 5,
    "programmes": 5,
    "event-kinds": 5,
    "task-kinds": 5,
    "curricula": 6,
    "badges": 6,
    "awards": 5,
    "qualifications": 5,
    "certificates": 5,
    "requirements": 6,
    "progresses": 5,
    "agreements": 12,
    "uses": 5,
    "tiers": 7,
    "benefits": 5,
    "openings": 7,
    "sign-ups": 5,
    "teaching-profiles": 5,
    "request-forms": 6,
    "requests": 5,
    "request-scores": 4,
    "requests.csv": 4,
    "request-scores.csv": 4,
    "mails": 5,
    "consents": 5,
    "consents?updated_since=2020-01-01T00:00:00Z": 5,
    "consent-kinds": 6,
    "gone?kind=sign-ups": 4,
}
#: The scope that opens each.
SCOPES = {
    **dict.fromkeys(QUERIES, READ),
    "registrations": "registrations:read",
    "progresses": "trainees:read",
    **dict.fromkeys(("agreements", "uses", "tiers", "benefits"), "agreements:read"),
    **dict.fromkeys(("openings", "sign-ups", "teaching-profiles", "gone?kind=sign-ups"), "recruitment:read"),
    **dict.fromkeys(
        ("request-forms", "requests", "request-scores", "requests.csv", "request-scores.csv"), "requests:read"
    ),
    "mails": "mailing:read",
    **dict.fromkeys(("consents", "consents?updated_since=2020-01-01T00:00:00Z"), "consents:read"),
    "consent-kinds": "consents:read",
}


def queries(program: Program, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert program.get(path).status_code == 200, path
    # PostgreSQL is asked for its open transactions as well.
    return len([one for one in seen.captured_queries if "pg_stat_activity" not in one["sql"]])


def test_a_list_asks_as_much_for_one_row_as_for_three(alices: Program) -> None:
    first = one_of_each(1)
    SignUp.objects.create(opening=first.opening, person=PersonFactory(), kind=TaskKindFactory()).delete()
    alices.get("events")  # the token's use is noted once a minute
    assert {path: queries(alices, path) for path in QUERIES} == QUERIES
    one_of_each(2)
    one_of_each(3)
    assert {path: queries(alices, path) for path in QUERIES} == QUERIES
    assert {
        path: len(alices.get(path).json()["results"]) for path in ("events", "tasks", "requests", "mails")
    } == {"events": 3, "tasks": 3, "requests": 3, "mails": 3}


def test_a_thousand_events_take_ten_queries_with_all_that_belongs_to_them(alices: Program) -> None:
    events = [EventFactory() for _n in range(30)]
    teaches = TaskKindFactory(slug="instructor", does="teaches")
    for event in events:
        TaskFactory(event=event)
        TaskFactory(event=event, kind=teaches)
        RegistrationFactory(event=event)
    alices.get("events")
    assert queries(alices, "events?limit=1000") == QUERIES["events"] <= 10
    told = alices.get("events?limit=1000").json()["results"]
    assert [len(one["tasks"]) for one in told] == [2] * 30
    assert [one["learners"] for one in told] == [1] * 30
    assert [one["registrations"]["unproven"] for one in told] == [1] * 30


def test_each_scope_opens_its_own(alice: User, program: ProgramOf) -> None:
    one_of_each()
    every = {*SCOPES.values(), "training.notes:read", "people:read", "people.contact:read", "training:write"}
    for scope in sorted(every):
        with_one = program(alice, scope)
        assert {path for path in QUERIES if with_one.get(path).status_code == 200} == {
            path for path in QUERIES if SCOPES[path] == scope
        }, scope
        refused = [with_one.get(path) for path in QUERIES if SCOPES[path] != scope]
        assert {answer.json()["title"] for answer in refused} <= {"The token may not do this"}


def test_no_scope_leaks_what_another_one_opens(alice: User, program: ProgramOf) -> None:
    """Everything that a scope opens is read; the words of the others are nowhere in it."""
    rows = one_of_each()
    single = {
        READ: [f"events/{rows.event.pk}", f"tasks/{rows.task.pk}", f"awards/{rows.award.pk}"],
        "registrations:read": [f"registrations/{rows.registration.pk}"],
        "trainees:read": [f"progresses/{rows.progress.pk}"],
        "agreements:read": [f"agreements/{rows.agreement.pk}"],
        "recruitment:read": [f"openings/{rows.opening.pk}", f"sign-ups/{rows.sign_up.pk}"],
        "requests:read": [f"requests/{rows.request.pk}"],
        "mailing:read": [f"mails/{rows.mail.pk}"],
    }
    for scope in sorted(set(SCOPES.values())):
        with_one = program(alice, scope)
        paths = [path for path in QUERIES if SCOPES[path] == scope] + single.get(scope, [])
        answers = [with_one.get(path) for path in paths]
        assert [answer.status_code for answer in answers] == [200] * len(paths)
        said = "".join(answer.content.decode() for answer in answers)
        assert [word for word in SECRETS[scope] if word not in said] == [], scope
        others = [word for other, words in SECRETS.items() if other != scope for word in words]
        assert [word for word in others if word in said] == [], scope


def test_notes_and_addresses_stand_where_their_scopes_are_beside(alice: User, program: ProgramOf) -> None:
    rows = one_of_each()
    both = program(alice, *set(SCOPES.values()), "training.notes:read", "people.contact:read")
    said = "".join(both.get(path).content.decode() for path in QUERIES)
    for scope in ("training.notes:read", "people.contact:read"):
        assert [word for word in SECRETS[scope] if word not in said] == []
    # What is written about a request among colleagues is not told at all.
    assert "Met before" not in said
    assert both.get(f"mails/{rows.mail.pk}").json()["to"][0]["address"] == "hidden@example.org"


def test_a_scope_opens_nothing_that_its_owner_may_not(bob: User, charlie: User, program: ProgramOf) -> None:
    one_of_each()
    wanted = sorted({*SCOPES.values(), "training.notes:read"})
    grant(user=bob, area=Area.TRAINING, level=Level.VIEW)
    bobs = program(bob, READ)
    ApiToken.objects.update(scopes=wanted)
    open_to_viewers = {READ, "trainees:read", "recruitment:read", "agreements:read"}
    for path in QUERIES:
        answer = bobs.get(path)
        assert (answer.status_code == 200) == (SCOPES[path] in open_to_viewers), path
        if answer.status_code != 200:
            assert answer.json()["title"] == "The token's owner may not do this"
    # A viewer who has the scope for notes still reads none.
    assert bobs.get("openings").json()["results"][0]["note"] is None
    bob.grants.all().delete()
    assert {bobs.get(path).status_code for path in QUERIES} == {403}


def test_mails_are_those_of_the_areas_in_which_the_owner_works(bob: User, program: ProgramOf) -> None:
    rows = one_of_each()
    grant(user=bob, area=Area.REVIEWS, level=Level.CONTRIBUTE)
    bobs = program(bob, "mailing:read")
    assert bobs.get("mails").json()["results"] == []
    assert bobs.get(f"mails/{rows.mail.pk}").status_code == 404
    grant(user=bob, area=Area.TRAINING, level=Level.CONTRIBUTE)
    assert [one["id"] for one in bobs.get("mails").json()["results"]] == [rows.mail.pk]


def numbers(program: Program, path: str) -> list[int]:
    return [one["id"] for one in program.all(path)]


def test_what_changed(alice: User, alices: Program) -> None:
    """A part, a session, a link, a registration and what is taught change their event; deletions are gone."""
    begun = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
    with time_machine.travel(begun, tick=False):
        rows, other = one_of_each(), EventFactory()

    def changed(kind: str, hour: int) -> list[int]:
        since = (begun + dt.timedelta(hours=hour)).isoformat().replace("+00:00", "Z")
        return numbers(alices, f"{kind}?updated_since={since}")

    def at(hour: int) -> Any:
        return time_machine.travel(begun + dt.timedelta(hours=hour), tick=False)

    assert (changed("events", 0), changed("events", 1)) == ([rows.event.pk, other.pk], [])
    with at(1):
        task_actions.edit_task(task=rows.task, attended=True, actor=alice)
    assert (changed("events", 1), changed("tasks", 1)) == ([rows.event.pk], [rows.task.pk])
    assert alices.get(f"events/{rows.event.pk}").json()["updated_at"] == "2027-01-10T13:00:00Z"
    with at(2):
        event_actions.save_event(event=other, values={"curricula": Curriculum.objects.all()}, actor=alice)
    assert changed("events", 2) == [other.pk]
    with at(3):
        event_actions.save_event(event=other, values={"curricula": Curriculum.objects.all()}, actor=alice)
    assert changed("events", 3) == []
    with at(4):
        rows.registration.state = "cancelled"
        rows.registration.save()
        number = rows.sign_up.pk
        rows.sign_up.delete()
    assert (changed("events", 4), changed("registrations", 4)) == ([rows.event.pk], [rows.registration.pk])
    assert changed("openings", 4) == [rows.opening.pk]
    gone = alices.get("gone?kind=sign-ups").json()["results"]
    assert [(one["kind"], one["id"]) for one in gone] == [("sign-ups", number)]
    assert alices.get(f"sign-ups/{number}").status_code == 410
    assert alices.get("sign-ups/999999").status_code == 404


def test_an_erasure_changes_the_parts_that_stay(alice: User, alices: Program) -> None:
    begun = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
    with time_machine.travel(begun, tick=False):
        rows = one_of_each()
    later = begun + dt.timedelta(hours=1)
    with time_machine.travel(later, tick=False):
        asked = erasure.ask_erasure(person=rows.person, actor=alice, reason="by mail")
        erasure.carry_out(erasure=asked, confirmed=rows.person.name, actor=alice)
    since = later.isoformat().replace("+00:00", "Z")
    for kind, number in (
        ("tasks", rows.task.pk),
        ("progresses", rows.progress.pk),
        ("awards", rows.award.pk),
    ):
        told = alices.get(f"{kind}?updated_since={since}").json()["results"]
        assert [(one["id"], one["updated_at"]) for one in told] == [(number, "2027-01-10T13:00:00Z")], kind


def table(program: Program, path: str) -> list[dict[str, str]]:
    answer = program.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_requests_as_tables(alice: User, alices: Program, program: ProgramOf) -> None:
    rows = one_of_each(1)
    one_of_each(2)
    rows.request.name = "=1+1"
    rows.request.version.fields = [
        {"key": "about", "label": "About you", "kind": "text", "help": "", "choices": []}
    ]
    rows.request.version.save()
    rows.request.save()
    (line,) = table(alices, f"requests.csv?form={rows.request.form.slug}")
    assert (line["name"], line["about"], line["score"]) == ("'=1+1", "grew up in Oran", "3")
    assert len(table(alices, "requests.csv")) == 2
    answer = alices.get("request-scores.csv")
    assert answer.content.decode().splitlines()[0] == "request_id,score_manual,score_notes"
    assert [one["score_notes"] for one in table(alices, "request-scores.csv")] == ["note on points"] * 2
    assert alices.get("request-scores.csv", If_None_Match=answer["ETag"]).status_code == 304
    narrow = program(alice, "requests:read")
    assert [one["score_notes"] for one in table(narrow, "request-scores.csv")] == [""] * 2
    assert narrow.get("requests.csv?nosuch=1").status_code == 422


def test_rows_are_told_whole(alices: Program) -> None:
    """One row of some kinds, field by field: what stands there is what the pages say."""
    rows: Rows = one_of_each()
    event = alices.get(f"events/{rows.event.pk}").json()
    assert (event["public_url"], event["host_id"], len(event["sessions"]), len(event["links"])) == (
        "",
        rows.event.host_id,
        1,
        1,
    )
    assert event["tasks"][0]["part"] == "learner"
    agreement = alices.get(f"agreements/{rows.agreement.pk}").json()
    (allowance,) = agreement["allowances"]
    assert (allowance["granted"], allowance["planned"], allowance["left"], allowance["code"]) == (
        2,
        1,
        1,
        "seat-code-1",
    )
    assert (agreement["code"], agreement["holder"]) == ("leeds-code-1", "Two of them")
    assert len(agreement["party_ids"]) == len(agreement["contacts"]) == 1
    assert alices.get("consents").json()["results"][0]["holds"] is True
    (certificate,) = alices.get("certificates").json()["results"]
    assert (certificate["about"], certificate["url"]) == (
        "A workshop",
        "http://localhost:8000/events/certificates/certificate-1/",
    )
    assert "svg" not in certificate
    (opening,) = alices.get("openings").json()["results"]
    assert opening["sought"] == [{"part": "instructor", "number": 1, "found": 0, "missing": 1, "pending": 1}]
