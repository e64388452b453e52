"""Writing: the pages' actions and words, once for each idempotency key, and onto what was seen only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.tokens.models import ApiWrite
from folkmoot.people import actions
from folkmoot.people.models import Identity, Note, Person, Term
from tests.api.conftest import Program
from tests.factories import IdentityFactory, PersonFactory, ProjectFactory, RoleKindFactory, TeamFactory


def errors(answer: Any) -> dict[str, str]:
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json"), answer.content
    return {one["field"]: one["detail"] for one in answer.json()["errors"]}


def test_everything_that_can_be_added_and_changed(alices: Program, alice: User) -> None:
    role, team = RoleKindFactory(slug="editor"), TeamFactory()
    made: dict[str, int] = {}

    def add(path: str, data: dict[str, Any], **told: Any) -> Any:
        answer = alices.post(path, data)
        assert answer.status_code == 201, answer.content
        body = answer.json()
        assert {name: body[name] for name in told} == told
        if "Location" in answer:
            read = alices.get(answer["Location"])
            assert (read.json(), read["ETag"]) == (body, answer["ETag"])
        made[path] = body["id"]
        return body

    person = add(
        "people",
        {
            "name": "Ana Pérez",
            "time_zone": "Europe/Lisbon",
            "joined_on": "2026-01-02",
            "identities": [{"system": "github", "value": "https://github.com/ana", "number": "77"}],
        },
        name="Ana Pérez",
        joined_on="2026-01-02",
    )
    assert [(one["system"], one["value"], one["number"]) for one in person["identities"]] == [
        ("github", "ana", "77")
    ]
    organization = add("organizations", {"name": "INESC"}, name="INESC")
    add("projects", {"name": "pandas", "repository": "https://github.com/a/b"}, kind="package")
    add(
        "affiliations",
        {"person_id": person["id"], "organization_id": organization["id"], "started_on": "2026-01-01"},
        started_on="2026-01-01",
        ended_on=None,
    )
    add(
        "terms",
        {"person_id": person["id"], "role": "editor", "team_id": team.pk, "started_on": "2026-02-01"},
        role="editor",
        team_id=team.pk,
    )
    add("notes", {"person_id": person["id"], "body": "Speaks at three"}, author="Alice Admin")
    handle = add(f"people/{person['id']}/identities", {"system": "orcid", "value": "0000-0002-1825-0097"})

    for path, data in (
        (f"people/{person['id']}", {"name": "Ana P.", "joined_on": None}),
        (f"organizations/{organization['id']}", {"website": "https://inesc.example"}),
        (f"projects/{made['projects']}", {"is_archived": True}),
        (f"affiliations/{made['affiliations']}", {"ended_on": "2026-03-01"}),
        (f"terms/{made['terms']}", {"ended_on": "2026-12-31", "team_id": None}),
        (f"notes/{made['notes']}", {"body": "Speaks at four"}),
        (f"people/{person['id']}/identities/{handle['id']}", {"is_verified": True}),
    ):
        answer = alices.patch(path, data)
        assert answer.status_code == 200, (path, answer.content)
        assert {name: answer.json()[name] for name in data} == data
    newest = Person.objects.get().history.first()
    assert (newest.history_user, newest.history_change_reason) == (alice, "API: test")
    assert Term.objects.get().role_kind == role
    # The ledger heard of the role as it does from the page.
    assert [one["kind"] for one in alices.all("activities")] == ["people.term_started", "people.term_ended"]


def test_what_is_refused_is_told_at_its_field(alices: Program, alice: User) -> None:
    other = PersonFactory(name="Ben")
    IdentityFactory(person=other, value="ben")
    person = PersonFactory(name="Ana")
    role = RoleKindFactory(slug="editor")
    actions.start_term(person=person, role_kind=role, actor=alice, started_on=dt.date(2026, 1, 1))
    before = (Person.objects.count(), Identity.objects.count(), Term.objects.count())
    assert errors(alices.post("people", {"name": "A", "time_zone": "Mars/Olympus"})) == {
        "time_zone": "“Mars/Olympus” is no time zone: choose one such as Europe/Berlin."
    }
    taken = {"name": "A", "identities": [{"system": "github", "value": "ben"}]}
    assert errors(alices.post("people", taken)) == {"identities": "ben on GitHub is Ben already."}
    assert list(errors(alices.post("people", {}))) == ["name"]
    assert list(errors(alices.post("people", {"name": "A", "joined_on": "2026-02-30"}))) == ["joined_on"]
    assert list(errors(alices.patch(f"people/{person.pk}", {"name": None}))) == ["name"]
    term = {"person_id": person.pk, "role": "editor", "started_on": "2026-03-01"}
    assert list(errors(alices.post("terms", term))) == ["role"]
    assert errors(alices.post("terms", {**term, "role": "nobody"})) == {"role": "There is no role nobody."}
    assert list(errors(alices.post("terms", {**term, "person_id": 987654}))) == ["person_id"]
    ends = {"person_id": person.pk, "role": "editor", "started_on": "2025-03-01", "ended_on": "2025-01-01"}
    assert list(errors(alices.post("terms", ends))) == ["ended_on"]
    assert list(errors(alices.post("notes", {"body": "x"}))) == [""]
    assert (Person.objects.count(), Identity.objects.count(), Term.objects.count()) == before
    assert Note.objects.count() == 0


def test_the_same_request_again_makes_nothing_twice(alices: Program) -> None:
    first = alices.post("people", {"name": "Ana"}, Idempotency_Key="k-1")
    again = alices.post("people", {"name": "Ana"}, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = alices.post("people", {"name": "Ben"}, Idempotency_Key="k-1")
    assert (other.status_code, other.json()["title"]) == (
        422,
        "This idempotency key was used for something else",
    )
    assert alices.post("people", {"name": "Ana"}, Idempotency_Key="k-2").status_code == 201
    assert Person.objects.count() == 2
    # What was refused is not remembered: mended, the same key serves.
    assert alices.post("people", {"name": "A", "time_zone": "x"}, Idempotency_Key="k-3").status_code == 422
    assert alices.post("people", {"name": "A"}, Idempotency_Key="k-3").status_code == 201
    assert alices.post("people", {"name": "A"}, Idempotency_Key="ü" * 9).status_code == 400
    # After a day nothing of it is kept.
    ApiWrite.objects.update(created_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    alices.post("people", {"name": "C"}, Idempotency_Key="k-4")
    assert [row.key for row in ApiWrite.objects.all()] == ["k-4"]


def test_keys_of_two_tokens_do_not_meet(
    alices: Program, alice: User, program: Callable[..., Program]
) -> None:
    assert alices.post("people", {"name": "Ana"}, Idempotency_Key="k").status_code == 201
    assert program(alice).post("people", {"name": "Ana"}, Idempotency_Key="k").status_code == 201


def test_what_somebody_else_changed_is_not_overwritten(alices: Program, alice: User) -> None:
    project = ProjectFactory(name="pandas")
    seen = alices.get(f"projects/{project.pk}")["ETag"]
    actions.edit_project(project=project, actor=alice, description="by hand")
    refused = alices.patch(f"projects/{project.pk}", {"description": "by program"}, If_Match=seen)
    assert (refused.status_code, refused["Content-Type"]) == (412, "application/problem+json")
    now = alices.get(f"projects/{project.pk}")
    assert now.json()["description"] == "by hand"
    done = alices.patch(f"projects/{project.pk}", {"description": "by program"}, If_Match=now["ETag"])
    assert done.status_code == 200
    assert alices.get(f"projects/{project.pk}")["ETag"] == done["ETag"]
    assert alices.patch(f"projects/{project.pk}", {"website": ""}, If_Match="*").status_code == 200


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("people", {"name": "A"}),
        ("organizations", {"name": "A"}),
        ("projects", {"name": "A"}),
        ("affiliations", {"person_id": 1, "organization_id": 1}),
        ("terms", {"person_id": 1, "role": "x"}),
        ("notes", {"person_id": 1, "body": "x"}),
        ("people/1/identities", {"system": "github", "value": "x"}),
    ],
)
def test_reading_is_not_writing(
    path: str, data: dict[str, Any], alice: User, program: Callable[..., Program]
) -> None:
    from folkmoot.kernel.tokens.scopes import token_scopes

    reader = program(alice, *(scope.key for scope in token_scopes if scope.key.endswith(":read")))
    answer = reader.post(path, data)
    assert (answer.status_code, answer.json()["title"]) == (403, "The token may not do this")
    writes = 'Bearer error="insufficient_scope", scope="'
    assert answer["WWW-Authenticate"].startswith(writes)


def test_notes_of_others_are_theirs(alice: User, bob: User, program: Callable[..., Program]) -> None:
    from folkmoot.kernel.accounts.actions import grant
    from folkmoot.kernel.permissions.areas import Area, Level

    grant(user=bob, area=Area.PEOPLE, level=Level.CONTRIBUTE)
    person = PersonFactory()
    hers = actions.add_note(about=person, body="hers", actor=alice)
    bobs = program(bob, "notes:write")
    his = bobs.post("notes", {"person_id": person.pk, "body": "his"}).json()["id"]
    assert bobs.patch(f"notes/{his}", {"body": "his own"}).status_code == 200
    assert bobs.patch(f"notes/{hers.pk}", {"body": "mine now"}).status_code == 403
    assert program(alice, "notes:write").patch(f"notes/{his}", {"body": "edited"}).status_code == 200


def test_addresses_are_changed_only_by_who_may_read_them(
    alice: User, program: Callable[..., Program]
) -> None:
    handle = IdentityFactory(system="email", value="ana@example.org")
    path = f"people/{handle.person_id}/identities/{handle.pk}"
    assert program(alice, "people:write").patch(path, {"is_verified": True}).status_code == 422
    both = program(alice, "people:write", "people.contact:read")
    assert both.patch(path, {"is_verified": True}).json()["is_verified"] is True
    assert both.patch(f"people/{PersonFactory().pk}/identities/{handle.pk}", {}).status_code == 404
