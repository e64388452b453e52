"""Reading: who sees what, pages, what changed, what is gone, conditional requests, limits."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from folkmoot.api.webhooks.actions import add_webhook
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.tokens import actions as token_actions
from folkmoot.kernel.tokens.models import ApiToken
from folkmoot.outbox.public import Channel as OutboxChannel
from folkmoot.outbox.public import Delivery
from folkmoot.people import actions
from folkmoot.people.actions import NewIdentity, erasure, merging
from folkmoot.people.models import Merge, Person
from folkmoot.reviews.models import Programme, StageChange
from tests.api.conftest import Program
from tests.factories import (
    ActivityFactory,
    AssignmentFactory,
    CampaignFactory,
    IdentityFactory,
    OrganizationFactory,
    PersonFactory,
    ProgrammeFactory,
    ProjectFactory,
    RoleKindFactory,
    StageFactory,
    SubmissionFactory,
    TagFactory,
    TeamFactory,
    TermFactory,
)
from tests.publishing.published import make_published

ProgramOf = Callable[..., Program]


def rows_of_each_kind(user: User, number: int) -> None:
    for _n in range(number):
        person = PersonFactory()
        IdentityFactory(person=person)
        person.tags.add(TagFactory())
        actions.add_affiliation(person=person, organization=OrganizationFactory(), actor=user)
        TermFactory(person=person, team=TeamFactory(), role_kind=RoleKindFactory())
        actions.add_note(about=person, body=f"Note {person.pk}", actor=user)
        ActivityFactory(identity=person.identities.get(), project=ProjectFactory())
        actions.remove_record(record=ProjectFactory(), actor=user)
        submission = SubmissionFactory(programme=Programme.objects.first() or ProgrammeFactory())
        AssignmentFactory(submission=submission, person=person)
        StageChange.objects.create(
            submission=submission,
            position=0,
            stage=StageFactory(programme=submission.programme),
            at=clock.now(),
            source="test",
        )
        channel = OutboxChannel.objects.create(kind="manual", name=f"Channel {person.pk}", medium="post")
        published = make_published(channel, clock.now(), likes=3)
        published.variant.post.tags.add(TagFactory())
        published.variant.post.people.add(person)
        CampaignFactory()


#: How many queries each list takes, whatever the number of rows. One of them is the token, one its owner's rights.
QUERIES = {
    "people": 7,
    "affiliations": 5,
    "organizations": 8,
    "projects": 7,
    "teams": 5,
    "roles": 5,
    "terms": 6,
    "notes": 5,
    "activities": 4,
    "items": 4,
    "submissions": 10,
    "posts": 12,
    "published": 5,
    "readings": 4,
    "campaigns": 5,
    "channels": 5,
    "gone?kind=projects": 5,
}


def queries(program: Program, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert program.get(path).status_code == 200
    # PostgreSQL is asked for its open transactions as well.
    return len([one for one in seen.captured_queries if "pg_stat_activity" not in one["sql"]])


def test_a_list_asks_as_much_for_one_row_as_for_three(alice: User, alices: Program) -> None:
    rows_of_each_kind(alice, 1)
    alices.get("people")  # the token's use is noted once a minute
    assert {path: queries(alices, path) for path in QUERIES} == QUERIES
    rows_of_each_kind(alice, 2)
    assert {path: queries(alices, path) for path in QUERIES} == QUERIES
    assert {path: len(alices.get(path).json()["results"]) for path in QUERIES} == dict.fromkeys(QUERIES, 3)


def test_personal_things_need_their_own_scope(alice: User, program: ProgramOf) -> None:
    person = PersonFactory(name="Ana Pérez", location="Lisboa", pronouns="she/her", bio="Grew up in Évora")
    IdentityFactory(person=person, value="ana")
    IdentityFactory(person=person, system="email", value="ana@example.org")
    actions.add_note(about=person, body="Prefers mail", actor=alice)
    narrow, wide = program(alice, "people:read"), program(alice, "people:read", "people.contact:read")
    told = narrow.get(f"people/{person.pk}").json()
    assert [one["value"] for one in told["identities"]] == ["ana"]
    assert told["personal"] is None
    for path in ("people", f"people/{person.pk}"):
        answer = narrow.get(path).content.decode()
        assert [
            word for word in ("example.org", "Lisboa", "she/her", "vora", "Prefers") if word in answer
        ] == []
    told = wide.get(f"people/{person.pk}").json()
    assert [one["value"] for one in told["identities"]] == ["ana", "ana@example.org"]
    assert (told["personal"]["location"], told["personal"]["pronouns"]) == ("Lisboa", "she/her")
    # Nor can an address be guessed by asking for it.
    assert narrow.get("people?q=ana@example.org").json()["results"] == []
    assert narrow.get("people?system=email").status_code == 403
    assert [one["name"] for one in narrow.get("people?q=perez").json()["results"]] == ["Ana Pérez"]
    assert narrow.get("notes").status_code == 403


def test_a_token_never_does_more_than_its_owner(
    alice: User, bob: User, charlie: User, program: ProgramOf
) -> None:
    bobs = program(bob, "people:read")
    assert bobs.get("people").status_code == 200
    assert bobs.get("organizations").status_code == 403
    # A scope that was written in by hand opens nothing that its owner may not.
    ApiToken.objects.filter(owner=bob).update(scopes=["people:read", "people:write", "notes:read"])
    refused = bobs.post("people", {"name": "Eve"})
    assert (refused.status_code, refused.json()["title"]) == (403, "The token's owner may not do this")
    assert bobs.get("notes").status_code == 403
    grant(user=bob, area=Area.PEOPLE, level=Level.CONTRIBUTE)
    assert bobs.get("notes").status_code == 200
    bob.grants.all().delete()
    assert bobs.get("people").status_code == 403
    bob.is_active = False
    bob.save()
    assert bobs.get("people").status_code == 401
    assert Person.objects.count() == 0


def test_a_token_ends(alice: User, program: ProgramOf) -> None:
    alices = program(alice, "people:read")
    row = ApiToken.objects.get()
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=91)):
        assert alices.get("people").status_code == 401
    token_actions.revoke_token(token=row, actor=alice)
    refused = alices.get("people")
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')
    assert refused["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "shown", ["", "folkmoot_00000000_x", "Basic YTpi", "Bearer", "Bearer \x7f", "Bearer x y"]
)
def test_who_shows_no_token_reads_nothing(shown: str, db: None) -> None:
    answer = Program("").get("people", Authorization=shown)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


def test_the_last_use_is_written_once_a_minute(alice: User, program: ProgramOf) -> None:
    alices = program(alice, "people:read")
    begun = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    for seconds, noted in ((0, 0), (30, 0), (61, 61)):
        with time_machine.travel(begun + dt.timedelta(seconds=seconds), tick=False):
            ApiToken.objects.update(expires_at=None)
            alices.get("people")
        assert ApiToken.objects.get().last_used_at == begun + dt.timedelta(seconds=noted)


def test_pages_miss_nothing_while_rows_come_and_go(alice: User, alices: Program) -> None:
    people = [PersonFactory(name=f"P{n}") for n in range(6)]
    first = alices.get("people?limit=2").json()
    assert [one["name"] for one in first["results"]] == ["P0", "P1"]
    actions.edit_person(person=people[0], actor=alice, name="changed behind")
    actions.edit_person(person=people[5], actor=alice, name="changed ahead")
    gone = people[2]
    gone.delete()
    PersonFactory(name="new")
    second = alices.get(f"people?limit=2&cursor={first['next']}").json()
    third = alices.get(f"people?limit=2&cursor={second['next']}").json()
    found = [one["name"] for page in (second, third) for one in page["results"]]
    assert (found, third["next"]) == (["P3", "P4", "changed ahead", "new"], None)
    # What changed behind the cursor is in the next reading, which begins before anything here changed.
    later = alices.get(
        "people",
    ).json()["results"]
    since = first["updated_until"]
    assert first["updated_until"] == second["updated_until"] == third["updated_until"]
    assert [one["name"] for one in alices.all(f"people?updated_since={since}")] == [
        one["name"] for one in later
    ]


def test_the_address_of_the_next_page_is_in_the_link(alices: Program) -> None:
    PersonFactory.create_batch(3)
    answer = alices.get("people?limit=2&archived=false")
    address = answer["Link"].removesuffix('>; rel="next"').removeprefix("<")
    assert address.startswith("http://localhost:8000/api/v1/people?limit=2&archived=false&cursor=")
    rest = alices.get(address.removeprefix("http://localhost:8000"))
    assert (len(rest.json()["results"]), "Link" in rest) == (1, False)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("cursor=abc", 400),
        ("cursor=", 400),
        ("cursor=%00", 400),
        ("cursor={next}x", 400),
        ("cursor={next}&archived=true", 400),
        ("limit=0", 422),
        ("limit=1001", 422),
        ("limit=1.0", 422),
        ("team=9223372036854775808", 422),
        ("team=99999999999999999999999999", 422),
        ("team=-1", 422),
        ("updated_since=2026-11-20", 422),
        ("updated_since=0001-01-01T00:00:00%2B05:00", 422),
        ("updated_since=0001-01-01T00:00:00Z", 200),
        ("updated_since=9999-12-31T23:59:59Z", 200),
        ("archived=1", 422),
        ("joined_since=2026-02-30", 422),
        ("role=%ED%A0%80", 200),
        ("nosuch=1", 422),
        ("q=%22%27)(*", 200),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(query: str, status: int, alices: Program) -> None:
    PersonFactory.create_batch(2)
    following = alices.get("people?limit=1").json()["next"]
    answer = alices.get(f"people?{query.format(next=following)}")
    assert answer.status_code == status, answer.content
    if status != 200:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"]


def test_what_changed_is_told_and_what_went(alice: User, alices: Program) -> None:
    begun = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    with time_machine.travel(begun, tick=False):
        ana, ben, eve = (PersonFactory(name=name) for name in ("Ana", "Ben", "Eve"))
        organization = OrganizationFactory()
    with time_machine.travel(begun + dt.timedelta(hours=1), tick=False):
        actions.add_identity(person=ana, new=NewIdentity("github", "ana"), actor=alice)
        tag = actions.add_tag(name="mentor", actor=alice)
        actions.tag_records(model=Person, records=[ben.pk], tag=tag, actor=alice)
        actions.remove_record(record=organization, actor=alice)
    with time_machine.travel(begun + dt.timedelta(hours=2), tick=False):
        number = eve.pk
        actions.remove_person(person=eve, actor=alice)
        Merge.objects.create(
            model="people.person",
            gone_id=number,
            survivor_id=ana.pk,
            gone={},
            survivor_name="A",
            gone_name="E",
        )

    def changed(path: str, hour: float) -> list[Any]:
        since = (begun + dt.timedelta(hours=hour)).isoformat().replace("+00:00", "Z")
        return alices.all(f"{path}{'&' if '?' in path else '?'}updated_since={since}")

    assert [one["name"] for one in changed("people", 1)] == ["Ana", "Ben"]  # the moment itself is in it
    assert [one["name"] for one in changed("people", 1.1)] == []
    assert [(one["id"], one["merged_into"]) for one in changed("gone?kind=people", 0)] == [(number, ana.pk)]
    assert [one["id"] for one in changed("gone?kind=organizations", 1)] == [organization.pk]
    assert changed("gone?kind=organizations", 1.1) == []
    answer = alices.get(f"people/{number}")
    assert (answer.status_code, answer.json()["merged_into"]) == (410, ana.pk)
    assert alices.get(f"people/{number + 1000}").status_code == 404


def test_a_merge_is_told_of_all_that_it_moved(alice: User, alices: Program) -> None:
    begun = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    with time_machine.travel(begun, tick=False):
        ana, twin, other = PersonFactory(name="Ana"), PersonFactory(name="Ana P."), PersonFactory(name="Ben")
        for person in (ana, twin, other):
            IdentityFactory(person=person)
        term = TermFactory(person=twin)
        TermFactory(person=other)
        home = actions.add_affiliation(person=twin, organization=OrganizationFactory(), actor=alice)
    with time_machine.travel(begun + dt.timedelta(hours=1), tick=False):
        number = twin.pk
        merge = merging.merge_people(survivor=ana, gone=twin, actor=alice)
    since = "updated_since=2026-11-20T12:30:00Z"
    assert [one["id"] for one in alices.all(f"people?{since}")] == [ana.pk]
    assert [(one["id"], one["person_id"]) for one in alices.all(f"terms?{since}")] == [(term.pk, ana.pk)]
    assert [(one["id"], one["person_id"]) for one in alices.all(f"affiliations?{since}")] == [
        (home.pk, ana.pk)
    ]
    assert [(one["id"], one["merged_into"]) for one in alices.all(f"gone?kind=people&{since}")] == [
        (number, ana.pk)
    ]
    merging.unmerge(merge=merge, actor=alice)
    assert alices.all("gone?kind=people") == []
    assert {one["id"] for one in alices.all(f"people?{since}")} == {ana.pk, number}


def test_an_erasure_is_told(alice: User, alices: Program) -> None:
    add_webhook(name="build", address="https://hook.example.org/", events=["people.changed"], actor=alice)
    person = PersonFactory(name="Ana Pérez", pronouns="she/her")
    IdentityFactory(person=person, system="email", value="ana@example.org")
    PersonFactory(name="Ben")
    begun = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    with time_machine.travel(begun, tick=False):
        asked = erasure.ask_erasure(person=person, actor=alice, reason="by mail")
        erasure.carry_out(erasure=asked, actor=alice, confirmed="Ana Pérez")
    since = (begun - dt.timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    (told,) = alices.all(f"people?updated_since={since}")
    assert (told["id"], told["is_erased"], told["identities"]) == (person.pk, True, [])
    assert told["updated_at"][:16] == begun.isoformat()[:16]
    assert "Ana" not in str(told)
    assert "she/her" not in str(told)
    # Who is told by webhook hears of it although the history is gone.
    (delivery,) = Delivery.objects.all()
    assert json.loads(delivery.payload["body"])["data"] == {"records": [{"id": person.pk, "what": "changed"}]}


def test_what_came_back_is_not_gone(alice: User, alices: Program) -> None:
    project = ProjectFactory()
    undo = actions.remove_record(record=project, actor=alice)
    assert len(alices.all("gone?kind=projects")) == 1
    actions.undo(what=undo, actor=alice)
    assert alices.all("gone?kind=projects") == []


def test_what_did_not_change_is_not_sent_again(alice: User, alices: Program) -> None:
    person = PersonFactory()
    for path in ("people", f"people/{person.pk}", "openapi.json"):
        answer = alices.get(path)
        again = alices.get(path, If_None_Match=answer["ETag"])
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"]), path
    before = alices.get(f"people/{person.pk}")["ETag"]
    actions.edit_person(person=person, actor=alice, name="Other")
    assert alices.get(f"people/{person.pk}", If_None_Match=before).status_code == 200


def test_long_answers_are_compressed_for_who_asks(alices: Program) -> None:
    PersonFactory.create_batch(5)
    plain, packed = alices.get("people"), alices.get("people", Accept_Encoding="gzip")
    assert ("Content-Encoding" in plain, packed["Content-Encoding"]) == (False, "gzip")
    assert len(packed.content) < len(plain.content)
    assert alices.get("people", Accept_Encoding="gzip", If_None_Match=packed["ETag"]).status_code == 304


def test_a_minute_holds_so_many_requests(
    alices: Program, program: ProgramOf, alice: User, settings: Any
) -> None:
    settings.API_REQUESTS = 2
    with time_machine.travel(dt.datetime(2026, 11, 20, 12, 0, 15, tzinfo=dt.UTC), tick=False):
        ApiToken.objects.update(expires_at=None)
        answers = [alices.get("roles") for _n in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert [answer["RateLimit"] for answer in answers] == [
            '"minute";r=1;t=45',
            '"minute";r=0;t=45',
            '"minute";r=0;t=45',
        ]
        assert (answers[0]["RateLimit-Policy"], answers[2]["Retry-After"]) == ('"minute";q=2;w=60', "45")
        other = program(alice, "teams:read")
        assert other.get("roles").status_code == 200  # each token has its own
    with time_machine.travel(dt.datetime(2026, 11, 20, 12, 1, 0, tzinfo=dt.UTC), tick=False):
        assert alices.get("roles").status_code == 200


def test_other_sites_read_nothing_unless_named(alices: Program, settings: Any) -> None:
    settings.API_ORIGINS = ["https://dashboard.example.org"]
    ask = {"Origin": "https://dashboard.example.org", "Access-Control-Request-Method": "GET"}
    allowed = Program("").ask("OPTIONS", "people", **ask)
    assert (allowed.status_code, allowed["Access-Control-Allow-Origin"]) == (
        204,
        "https://dashboard.example.org",
    )
    assert "Access-Control-Allow-Credentials" not in allowed
    other = Program("").ask("OPTIONS", "people", **{**ask, "Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in other
    answer = alices.get("roles", Origin="https://evil.example")
    assert "Access-Control-Allow-Origin" not in answer
    settings.API_ORIGINS = []
    assert "Access-Control-Allow-Origin" not in alices.get("roles", Origin="https://dashboard.example.org")


def test_the_headers_alone(alices: Program) -> None:
    answer = alices.ask("HEAD", "people")
    assert (answer.status_code, answer.content, answer["ETag"]) == (200, b"", alices.get("people")["ETag"])


def test_a_browser_that_is_signed_in_reads_nothing_by_its_cookie(as_alice: Any) -> None:
    assert as_alice.get("/api/v1/people").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "kind", "body", "status"),
    [
        ("POST", "people", "text/plain", b"{}", 415),
        ("POST", "people", "multipart/form-data; boundary=x", b"--x--", 415),
        ("POST", "people", "application/json", b" ", 400),
        ("POST", "people", "application/json", b"{", 400),
        ("POST", "people", "application/json", b"\xff\xfe", 400),
        ("POST", "people", "application/json", b"[1]", 422),
        ("POST", "people", "application/json", b'{"name": "a\\u0000"}', 422),
        ("POST", "people", "application/json", b'{"name": "\\ud800"}', 422),
        ("POST", "people", "application/json", b'{"name": "A", "nosuch": 1}', 422),
        ("POST", "people", "application/json", b'{"name": NaN}', 422),
        ("POST", "people", "application/json", b"[" * 100_000, 400),
        ("DELETE", "people", "application/json", b"", 405),
        ("TRACE", "people", "", b"", 405),
        ("GET", "people/0", "", b"", 422),
        ("GET", "people/x", "", b"", 422),
        ("GET", "people/99999999999999999999", "", b"", 422),
        ("GET", "nothing/here", "", b"", 404),
        ("GET", "", "", b"", 404),
        ("GET", "metrics/no%00", "", b"", 400),
    ],
)
def test_bad_requests_are_problems(
    method: str, path: str, kind: str, body: bytes, status: int, alices: Program
) -> None:
    headers = {"Authorization": f"Bearer {alices.token}"}
    answer = alices.client.generic(method, f"/api/v1/{path}", data=body, content_type=kind, headers=headers)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), (
        answer.content
    )
    assert answer.json()["status"] == status
    if status == 405:
        assert answer["Allow"] == "GET, POST"


def test_a_request_that_is_too_large(alices: Program, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = alices.post("people", {"name": "A" * 200})
    assert answer.status_code == 413


def test_filters_are_those_of_the_lists(alice: User, alices: Program) -> None:
    """Each filter of the list pages is a parameter (by number or short name), and does what it does there."""
    from folkmoot.api.views import schema
    from folkmoot.people.views.lists import PeopleList
    from folkmoot.people.views.record_lists import OrganizationList, ProjectList, TeamList

    named = {"organisation": "organization", "since": "joined_since"}
    #: Not about the record itself: who is shown beside it, and what other lists of the API tell.
    beside = {"on", "maintained", "quiet"}
    for path, listed in (
        ("people", PeopleList),
        ("organizations", OrganizationList),
        ("projects", ProjectList),
        ("teams", TeamList),
    ):
        known = {one["name"] for one in schema()["paths"][f"/api/v1/{path}"]["get"]["parameters"]}
        assert {named.get(each.key, each.key) for each in listed.filters} - known <= beside, path
    ana, bot = PersonFactory(name="Ana", joined_on=dt.date(2026, 5, 1)), PersonFactory(name="Bot")
    IdentityFactory(person=bot, system="gitlab", is_bot=True)
    team, project, organization = TeamFactory(), ProjectFactory(), OrganizationFactory()
    role = RoleKindFactory(slug="editor", is_staff=True)
    TermFactory(person=ana, role_kind=role, team=team)
    TermFactory(person=ana, role_kind=role, project=project)
    actions.add_affiliation(person=ana, organization=organization, actor=alice)
    tag = TagFactory()
    ana.tags.add(tag)
    actions.archive_people(people=[bot.pk], actor=alice)
    for query, found in {
        "": ["Ana", "Bot"],
        "role=editor": ["Ana"],
        "role=editor&role=other": ["Ana"],
        "role=other": [],
        f"team={team.pk}": ["Ana"],
        f"project={project.pk}": ["Ana"],
        f"organization={organization.pk}": ["Ana"],
        f"tag={tag.pk}": ["Ana"],
        "staff=true": ["Ana"],
        "staff=false": ["Bot"],
        "system=gitlab": ["Bot"],
        "joined_since=2026-05-01": ["Ana"],
        "joined_since=2026-05-02": [],
        "bots=true": ["Bot"],
        "bots=false": ["Ana"],
        "archived=true": ["Bot"],
        "archived=false": ["Ana"],
    }.items():
        assert [one["name"] for one in alices.all(f"people?{query}")] == found, query


def test_fewer_fields(alice: User, alices: Program) -> None:
    """`fields` thins lists and single records, is refused in words where it names none, and keeps ETags as they are."""
    ana = PersonFactory(name="Ana")
    PersonFactory(name="Ben")
    answer = alices.get("people?fields=name,id&limit=1")
    body = answer.json()
    assert body["results"] == [{"id": ana.pk, "name": "Ana"}]
    assert sorted(body) == ["next", "results", "updated_until"]
    assert alices.get(f"people?fields=is_bot&limit=1&cursor={body['next']}").json()["results"] == [
        {"is_bot": False}
    ]
    assert "fields=name%2Cid" in answer["Link"]
    whole, thin = alices.get(f"people/{ana.pk}"), alices.get(f"people/{ana.pk}?fields=name&fields=joined_on")
    assert thin.json() == {"name": "Ana", "joined_on": None}
    assert thin["ETag"] == whole["ETag"]
    assert alices.get(f"people/{ana.pk}?fields=name", If_None_Match=whole["ETag"]).status_code == 304
    changed = alices.patch(f"people/{ana.pk}", {"name": "Ana P."}, If_Match=thin["ETag"])
    assert (changed.status_code, changed.json()["id"]) == (200, ana.pk)
    for query, named in (
        ("fields=", "“”"),
        ("fields=id,passwort", "“passwort”"),
        ("fields=results", "“results”"),
    ):
        refused = alices.get(f"people?{query}")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "fields")
        assert named in refused.json()["detail"]
    assert alices.patch(f"people/{ana.pk}?fields=name", {"name": "A"}).status_code == 422
    assert alices.get("metrics?fields=key").json()["results"][0].keys() == {"key"}


def test_every_reading_operation_knows_fields() -> None:
    from folkmoot.api.views import schema

    told = schema()
    for path, methods in told["paths"].items():
        names = {one["name"]: one for one in methods["get"]["parameters"]} if "get" in methods else {}
        if not names or "text/csv" in methods["get"]["responses"]["200"]["content"]:
            continue
        whole, thin = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"]
        record = told["components"]["schemas"][whole["$ref"].rsplit("/", 1)[1]]
        sparse = told["components"]["schemas"][thin["$ref"].rsplit("/", 1)[1]]
        if "results" in record["properties"]:
            record, sparse = (
                told["components"]["schemas"][one["properties"]["results"]["items"]["$ref"].rsplit("/", 1)[1]]
                for one in (record, sparse)
            )
        known = names["fields"]["schema"]["items"]["enum"]
        assert (list(record["properties"]), list(sparse["properties"])) == (known, known), path
        assert ("required" in record, "required" in sparse) == (True, False), path
