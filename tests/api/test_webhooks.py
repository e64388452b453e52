"""Webhooks: what is told, signed how, tried again, paused; against a real server in this process."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from folkmoot.api.webhooks import actions, feed
from folkmoot.api.webhooks.models import Webhook
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import today_sources
from folkmoot.outbox.engine.loop import turn
from folkmoot.outbox.public import Delivery
from folkmoot.people import actions as register
from folkmoot.people.actions import NewIdentity
from tests.factories import PersonFactory, ProjectFactory, RoleKindFactory


class Listener:
    """A server that keeps what it is sent and answers with a status that the test sets."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                listener.got.append(
                    ({name.lower(): value for name, value in self.headers.items()}, self.rfile.read(length))
                )
                self.send_response(listener.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def told(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """Type and records of what came."""
        said = [json.loads(body) for _headers, body in self.got]
        return [(one["type"], one["data"]["records"]) for one in said]


@pytest.fixture
def listener(settings: Any) -> Iterator[Listener]:
    found = Listener()
    settings.HTTP_ALLOW = [f"127.0.0.1:{found.server.server_port}"]
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def settle(monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL what was written in the last seconds waits; in tests everything is that young."""
    monkeypatch.setattr(feed, "settled_until", lambda: dt.datetime(9999, 1, 1, tzinfo=dt.UTC))


def add(user: User, address: str, *events: str) -> tuple[Webhook, str]:
    return actions.add_webhook(name="build", address=address, events=events, actor=user)


@pytest.mark.usefixtures("settle")
def test_changes_are_told_and_signed(alice: User, listener: Listener, transactional_db: None) -> None:
    PersonFactory(name="was there before")
    _row, secret = add(alice, listener.address, "people.changed", "activity.recorded")
    assert feed.turn() == 0
    ana, ben = PersonFactory(name="Ana Pérez"), PersonFactory(name="Ben")
    ProjectFactory()  # nobody asked for projects
    register.edit_person(person=ana, actor=alice, name="Ana P.")
    term = register.start_term(person=ana, role_kind=RoleKindFactory(), actor=alice)
    register.remove_person(person=ben, actor=alice)
    assert feed.turn() == 3  # people, their handles, the ledger
    assert feed.turn() == 0
    while turn():
        pass
    by_type: dict[str, Any] = {}
    for kind, records in listener.told():
        by_type.setdefault(kind, []).append(records)
    assert by_type["people.changed"] == [
        [{"id": ana.pk, "what": "changed"}, {"id": ben.pk, "what": "gone"}],
        [{"id": ana.pk, "what": "changed"}],  # the internal handle that the term made
    ]
    assert [one["kind"] for one in by_type["activity.recorded"][0]] == ["people.term_started"]
    for headers, body in listener.got:
        said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        wanted = base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{wanted}"
        assert b"Ana" not in body  # which records, not what is in them
    assert len({headers["webhook-id"] for headers, _body in listener.got}) == len(listener.got)
    assert term.person_id == ana.pk


@pytest.mark.usefixtures("settle")
def test_what_fails_is_tried_again_under_the_same_id(
    alice: User, listener: Listener, transactional_db: None
) -> None:
    row, _secret = add(alice, listener.address, "projects.changed")
    ProjectFactory()
    feed.turn()
    listener.status = 500
    begun = dt.datetime.now(dt.UTC)
    turn()
    row.channel.refresh_from_db()
    assert (len(listener.got), row.channel.failures) == (1, 1)
    listener.status = 200
    with time_machine.travel(begun + dt.timedelta(seconds=1)):
        assert turn() == 0  # the address is left alone for a while
    with time_machine.travel(begun + dt.timedelta(minutes=10)):
        turn()
    assert len(listener.got) == 2
    assert len({headers["webhook-id"] for headers, _body in listener.got}) == 1
    row.channel.refresh_from_db()
    assert row.channel.failing_since is None
    again = actions.send_again(webhook=row, delivery=Delivery.objects.get(), actor=alice)
    turn()
    assert (again.pk != Delivery.objects.order_by("pk")[0].pk, len(listener.got)) == (True, 3)
    assert listener.got[2][0]["webhook-id"] == listener.got[0][0]["webhook-id"]
    assert listener.got[2][1] == listener.got[0][1]


def test_what_fails_for_days_is_paused_and_told_later(alice: User, db: None) -> None:
    row, _secret = add(alice, "https://hook.example.org/", "projects.changed")
    row.channel.failing_since = dt.datetime.now(dt.UTC) - dt.timedelta(days=4)
    row.channel.failing_words = "503"
    row.channel.save()
    assert actions.pause_failing() == 0
    row.channel.failing_since = dt.datetime.now(dt.UTC) - dt.timedelta(days=6)
    row.channel.save()
    assert actions.pause_failing() == 1
    source = today_sources.get("api.webhooks")
    shown = list(source.find(alice, dt.datetime.now(dt.UTC), 10))
    assert [(one.title, one.why) for one in shown] == [
        ("Webhook “build” is paused", "It failed for 5 days: 503")
    ]
    ProjectFactory()
    assert feed.behind() == []
    row.channel.refresh_from_db()
    actions.resume_webhook(webhook=row, actor=alice)
    assert feed.behind() == [row.pk]


@pytest.mark.parametrize(
    ("address", "events", "field"),
    [
        ("ftp://x.example/", ["people.changed"], "address"),
        ("https://user:pass@x.example/", ["people.changed"], "address"),
        ("https://[::1", ["people.changed"], "address"),
        ("", ["people.changed"], "address"),
        ("https://x.example/", [], "events"),
        ("https://x.example/", ["people.changed", "no.such"], "events"),
    ],
)
def test_what_can_be_no_webhook(address: str, events: list[str], field: str, alice: User) -> None:
    with pytest.raises(ValidationError) as refused:
        add(alice, address, *events)
    assert list(refused.value.message_dict) == [field]
    assert Webhook.objects.count() == 0


@pytest.mark.usefixtures("settle")
def test_private_addresses_are_not_asked(
    alice: User, listener: Listener, settings: Any, transactional_db: None
) -> None:
    settings.HTTP_ALLOW = []
    row, _secret = add(alice, listener.address, "projects.changed")
    ProjectFactory()
    feed.turn()
    turn()
    row.channel.refresh_from_db()
    assert (listener.got, row.channel.failures) == ([], 1)


@pytest.mark.usefixtures("settle")
def test_many_changes_are_few_messages(alice: User, db: None) -> None:
    row, _secret = add(alice, "https://hook.example.org/", "projects.changed")
    ProjectFactory.create_batch(feed.BATCH + 1)
    assert feed.turn() == 2
    first, second = Delivery.objects.order_by("pk")
    sizes = [len(json.loads(one.payload["body"])["data"]["records"]) for one in (first, second)]
    assert sizes == [feed.BATCH, 1]
    # Told again from the start (a restored backup): the same keys, so that nothing is queued twice.
    Webhook.objects.update(told={"people_historicalproject": row.told["people_historicalproject"]})
    feed.turn()
    assert Delivery.objects.count() == 2


def test_numbers_of_open_transactions_are_waited_for(alice: User, db: None) -> None:
    ProjectFactory.create_batch(3)
    source = feed.sources("projects.changed")[0]
    dates = list(source.rows.order_by("history_id").values_list("history_date", flat=True))
    found = feed.news(source, 0, dates[1])
    assert found is not None
    assert len(found.records) == 1
    assert feed.news(source, found.upto, dates[1]) is None


def test_a_look_when_nothing_happened_writes_nothing(alice: User, db: None) -> None:
    add(alice, "https://hook.example.org/", *feed.events())
    with CaptureQueriesContext(connection) as seen:
        assert feed.turn() == 0
    assert [one["sql"] for one in seen.captured_queries if not one["sql"].startswith("SELECT")] == []


def test_pages(as_alice: Client, as_bob: Client, alice: User, db: None) -> None:
    data = {"name": "build", "address": "https://hook.example.org/", "events": ["people.changed"]}
    made = as_alice.post("/settings/webhooks/new/", data)
    row = Webhook.objects.get()
    secret = row.channel.access.text("secret")
    assert (secret in made.content.decode(), made["Cache-Control"].split(",")[0]) == (True, "max-age=0")
    page = f"/settings/webhooks/{row.pk}/"
    delivery = actions.send_test(webhook=row)
    for url in ("/settings/webhooks/", page, f"{page}edit/", "/settings/webhooks/new/"):
        answer = as_alice.get(url)
        assert (answer.status_code, secret in answer.content.decode()) == (200, False), url
    assert as_bob.get(page).status_code == 403
    wrong = as_alice.post("/settings/webhooks/new/", {**data, "name": "x", "address": "mailto:x"})
    assert (wrong.status_code, b"Give a web address" in wrong.content) == (422, True)
    changed = {**data, "name": "site", "events": ["people.changed", "terms.changed"]}
    assert as_alice.post(f"{page}edit/", changed).status_code == 302
    row = Webhook.objects.get()
    assert (row.channel.name, row.events) == ("site", ["people.changed", "terms.changed"])
    assert row.channel.access.text("secret") == secret
    for act in ("pause/", "resume/", "test/", f"again/{delivery.pk}/"):
        assert as_alice.post(page + act).status_code == 302, act
    assert Delivery.objects.count() == 3
    renewed = as_alice.post(f"{page}secret/").content.decode()
    fresh = Webhook.objects.get().channel.access.text("secret")
    assert (fresh != secret, fresh in renewed) == (True, True)
    assert as_alice.post(f"{page}remove/").status_code == 302
    assert Webhook.objects.count() == 0
    assert as_alice.post("/settings/webhooks/new/", data).status_code == 200  # the name is free again


def test_the_list_asks_as_much_for_three(as_alice: Client, alice: User, db: None) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert as_alice.get("/settings/webhooks/").status_code == 200
        return len(seen.captured_queries)

    make: Callable[[str], Any] = lambda name: actions.add_webhook(  # noqa: E731
        name=name, address="https://hook.example.org/", events=["people.changed"], actor=alice
    )
    make("one")
    before = count()
    make("two")
    make("three")
    assert count() == before


def test_identities_count_as_changes_of_their_person(alice: User, db: None) -> None:
    person = PersonFactory()
    add(alice, "https://hook.example.org/", "people.changed")
    register.add_identity(person=person, new=NewIdentity("github", "ana"), actor=alice)
    assert len(feed.behind()) == 1
