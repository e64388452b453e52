"""The API is documented: every operation, scope and event; and what docs/api.md shows works as it stands there."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from ninja.responses import NinjaJSONEncoder

from folkmoot.api.views import schema
from folkmoot.api.webhooks import feed
from folkmoot.connectors.webhook import signature
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.tokens.actions import make_token
from folkmoot.kernel.tokens.scopes import open_to, token_scopes
from folkmoot.people import actions
from folkmoot.training.seeds import load as load_training
from folkmoot.training.seeds.progress import load_progress
from tests.api.conftest import Program
from tests.factories import ActivityFactory, PersonFactory, RoleKindFactory, TermFactory

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
SNAPSHOT = Path(__file__).with_name("openapi.json")


def blocks(language: str) -> list[str]:
    """The code of this language on the page, in its order."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.django_db(transaction=True)
def test_the_examples_in_python_work(
    alice: User, live_server: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    ana = PersonFactory(name="Ana")
    TermFactory(person=ana, role_kind=RoleKindFactory(slug="editor"))
    ActivityFactory()
    load_training()
    load_progress()
    actions.remove_record(record=actions.add_project(actor=alice, name="gone"), actor=alice)
    _row, token = make_token(
        owner=alice, name="docs", scopes=[scope.key for scope in open_to(alice)], actor=alice
    )
    monkeypatch.setenv("MOOT_URL", live_server.url)
    monkeypatch.setenv("MOOT_TOKEN", token)
    shared: dict[str, Any] = {}
    for block in blocks("python"):
        exec(compile(block, str(PAGE), "exec"), shared)
    assert capsys.readouterr().out.splitlines()[0] == "['Ana']"
    assert shared["figure"]["rows"] == 1
    assert shared["ana"]["name"] == "Ana Pérez"
    assert (shared["part"]["person_id"], len(shared["noted"]["progress_ids"])) == (shared["ana"]["id"], 1)
    assert shared["table"].splitlines() == ["request_id,score_manual,score_notes"]
    body, now = b'{"type": "test"}', int(time.time())
    secret = "whsec_c2VjcmV0IGJ5dGVzIQ=="
    for at, changed, ours in ((now, body, True), (now - 600, body, False), (now, b"{}", False)):
        headers = {
            "webhook-id": "m1",
            "webhook-timestamp": str(at),
            "webhook-signature": signature(secret, "m1", at, body),
        }
        assert shared["is_ours"](secret, headers, changed) is ours
    shared["moot"].close()


def test_the_example_in_r_names_what_there_is(alices: Program, db: None) -> None:
    (code,) = blocks("r")
    paths = re.findall(r'(?:read_moot|req_url_path_append)\("([^"]+)"', code)
    assert paths == ["api/v1", "people", "items", "metrics/active_people"]
    queries = re.findall(r'read_moot\("(\w+)", (.+)\)', code)
    assert len(queries) == 2
    for path, said in queries:
        asked = "&".join(f"{name}={value}" for name, value in re.findall(r'(\w+) = "([^"]*)"', said))
        assert dict(parse_qsl(asked)), said
        assert alices.get(f"{path}?{asked}&limit=500").status_code == 200, asked
    assert alices.get("metrics/active_people?period=2026Q2").status_code == 200
    assert "results" in alices.get("people").json()


def test_every_scope_and_event_is_on_the_page() -> None:
    page = PAGE.read_text()
    assert [scope.key for scope in token_scopes if f"`{scope.key}`" not in page] == []
    assert [event for event in ("people.changed", feed.ACTIVITY) if f"`{event}`" not in page] == []


#: Every endpoint of AMY's API, as its router names them.
AMY = {
    "v1 persons", "v1 persons/{id}", "v1 persons/{id}/awards", "v1 persons/{id}/tasks", "v1 persons/{id}/consents",
    "v1 persons/{id}/trainingprogress", "v1 events", "v1 events/{slug}", "v1 events/{slug}/tasks", "v1 organizations",
    "v1 airports", "v1 terms", "v1 training_requests", "v1 communityroleconfigs", "v1 instructorrecruitment",
    "v1 PATCH instructorrecruitment/{id}", "v1 export/person_data", "v2 attachment", "v2 award", "v2 consortium",
    "v2 event", "v2 instructorrecruitmentsignup", "v2 membership", "v2 organization", "v2 partnership", "v2 person",
    "v2 scheduledemail", "v2 scheduledemail/scheduled_to_run", "v2 POST scheduledemail/{id}/lock",
    "v2 selforganisedsubmission", "v2 task", "v2 trainingprogress", "v2 trainingrequirement",
}  # fmt: skip


def test_every_endpoint_of_amy_has_an_equivalent() -> None:
    """Each row of the table names an operation that is there, and parameters that it knows."""
    rows = re.findall(r"^\| (v[12]) `([^`]+)`[^|]* \| (\S.*?) \| (.*?) ?\|$", PAGE.read_text(), re.MULTILINE)
    assert {f"{version} {amy}" for version, amy, _ours, _more in rows} == AMY
    paths = schema()["paths"]
    for version, amy, ours, more in rows:
        if ours == "-":
            assert more, amy
            continue
        method, _space, path = ours.strip("`").rpartition(" ")
        operation = paths[f"/api/v1/{path}"][method.lower() or "get"]
        known = {one["name"] for one in operation["parameters"]}
        assert set(re.findall(r"`(\w+)=[\w]*`", more)) <= known, (version, amy)
        for other, _mark, query in (said.partition("?") for said in re.findall(r"`([^`]+)`", more)):
            if query or f"/api/v1/{other}" in paths:
                found = {one["name"] for one in paths[f"/api/v1/{other}"]["get"]["parameters"]}
                assert {pair.partition("=")[0] for pair in query.split("&") if pair} <= found, (amy, other)
        if "{" not in path and method in ("", "GET"):
            assert "updated_since" in known, amy


def test_every_operation_is_described() -> None:
    seen: set[str] = set()
    for path, methods in schema()["paths"].items():
        for method, said in methods.items():
            where = f"{method} {path}"
            assert re.fullmatch(r"[a-z_]+", said["operationId"]), where
            assert said["operationId"] not in seen, where
            seen.add(said["operationId"])
            assert said["summary"], where
            assert said["x-scope"] == "" or said["x-scope"] in token_scopes, where
            assert said["security"], where
            assert [
                one["name"]
                for one in said["parameters"]
                if not (one.get("description") or one["in"] == "path")
            ] == []
            problems = {status for status in said["responses"] if status >= "4"}
            assert {"401", "403", "422", "429"} <= problems, where
            for status in problems:
                assert said["responses"][status] == {"$ref": f"#/components/responses/Problem{status}"}, where
    for name, told in schema()["components"]["responses"].items():
        assert list(told["content"]) == ["application/problem+json"], name


def test_the_schema_is_the_one_that_was_looked_at() -> None:
    """What changes the schema changes this file: run with FOLKMOOT_WRITE_SCHEMA=1, and look at the difference."""
    import os

    said = json.dumps(schema(), cls=NinjaJSONEncoder, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get("FOLKMOOT_WRITE_SCHEMA") == "1":
        SNAPSHOT.write_text(said, encoding="utf-8")
    assert SNAPSHOT.read_text(encoding="utf-8") == said


def test_the_reference_page(as_charlie: Any, as_nobody: Any) -> None:
    page = as_charlie.get("/api/v1/reference").content.decode()
    for methods in schema()["paths"].values():
        for said in methods.values():
            assert f'id="{said["operationId"]}"' in page
    assert as_nobody.get("/api/v1/reference").status_code == 302
    assert as_nobody.get("/api/v1/openapi.json").json()["openapi"] == "3.1.0"
