"""Bluesky against a real server (PDS, from npm): what our own stand-in claims, the real one is asked as well.

Faults come from a relay in between: it hands a request on, and then loses the answer or tells another.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from folkmoot.connectors.base import Access, CannotOpen, MustConnect
from folkmoot.connectors.bluesky import Bluesky
from folkmoot.connectors.bluesky.record import tid
from folkmoot.connectors.bluesky.sender import BlueskySender
from folkmoot.connectors.bluesky.server import COLLECTION, Xrpc, error_of
from folkmoot.connectors.posts import Card, Content, Media, Mention
from folkmoot.kernel import clock
from folkmoot.kernel.http import Verdict
from folkmoot.outbox.models import Channel, State
from tests.connectors.house import make_channel, sending, sent, tried
from tests.platforms.base import Asked, Fault, Platform, Reply

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tests" / "platforms" / "pds" / "server.mjs"
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


class Relay(Platform):
    """Between us and the real server: hands on, and goes wrong as told."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self.target = target

    def _act(self, asked: Asked) -> Reply:
        headers = {name: value for name, value in asked.headers.items() if name not in ("host", "connection")}
        answer = httpx.request(
            asked.method,
            self.target + asked.path,
            params=[(name, each) for name, values in asked.query.items() for each in values],
            headers=headers,
            content=asked.body,
            timeout=30,
            trust_env=False,
        )
        dropped = ("connection", "transfer-encoding", "content-length", "content-encoding")
        given = {name: value for name, value in answer.headers.items() if name not in dropped}
        return Reply(answer.status_code, answer.content, given)

    def broken(self, asked: Asked) -> Reply:
        return Reply(500, {"error": "InternalServerError", "message": "Internal Server Error"})


@pytest.fixture(scope="module")
def pds() -> Iterator[str]:
    """The address of a running server."""
    where = subprocess.run([ROOT / "scripts" / "pds.sh", "where"], capture_output=True, text=True, check=True)
    folder = Path(where.stdout.strip())
    if not (folder / ".ready").exists():
        pytest.skip("there is no Bluesky server to ask: scripts/pds.sh installs it")
    (node,) = folder.glob("node_modules/node-linux-*/bin/node")
    with tempfile.TemporaryDirectory() as data, SCRIPT.open() as script:
        process = subprocess.Popen(
            [node, "--input-type=module", "-", data],
            cwd=folder,  # where the packages are
            stdin=script,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LOG_ENABLED": "false", "PATH": "/usr/bin:/bin"},
            text=True,
        )
        watch = threading.Timer(240, process.kill)
        watch.start()
        assert process.stdout is not None
        line = process.stdout.readline()
        watch.cancel()
        assert line, "the server ended before it listened"
        yield str(json.loads(line)["url"])
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.fixture(scope="module")
def people(pds: str) -> dict[str, dict[str, str]]:
    """Accounts by name: handle, did, and an app password."""
    found = {}
    for name in ("moot", "ada", "leaver"):
        given = {
            "handle": f"{name}.test",
            "email": f"{name}@example.org",
            "password": f"the-own-one-of-{name}",
        }
        made = httpx.post(
            f"{pds}/xrpc/com.atproto.server.createAccount", json=given, timeout=30, trust_env=False
        ).json()
        app = httpx.post(
            f"{pds}/xrpc/com.atproto.server.createAppPassword",
            json={"name": "folkmoot"},
            headers={"authorization": f"Bearer {made['accessJwt']}"},
            timeout=30,
            trust_env=False,
        ).json()
        found[name] = {"handle": given["handle"], "did": made["did"], "password": app["password"]}
    return found


@pytest.fixture
def relay(pds: str, settings: Any) -> Iterator[Relay]:
    with Relay(pds) as platform:
        settings.HTTP_ALLOW = [platform.host, pds.removeprefix("http://")]
        yield platform


def blank(relay: Relay, who: dict[str, str]) -> Access:
    return Access(
        1,
        {"handle": who["handle"], "server": relay.url, "appview": relay.url},
        {"password": who["password"]},
    )


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    """One session for all: it begins at most 30 times in five minutes."""
    return {}


@pytest.fixture
def line(relay: Relay, people: dict[str, dict[str, str]], kept: dict[str, str]) -> Iterator[BlueskySender]:
    access = blank(relay, people["moot"])
    if not kept:
        found = Bluesky().renew(access)
        assert found is not None
        kept.update(found.secrets)
    login = f"moot.test {relay.url}"
    sender = Bluesky().open(replace(access, secrets={**access.secrets, **kept, "login": login}))
    assert isinstance(sender, BlueskySender)
    yield sender
    sender.close()


_pictures: dict[str, bytes] = {}


def picture(name: str = "lake.png", side: int = 64) -> Media:
    content = BytesIO()
    Image.effect_noise((side, side), 100).save(content, "PNG")
    _pictures[name] = content.getvalue()
    return Media(name, "image/png", "A lake", width=side, height=side, size=len(_pictures[name]))


def payload(text: str = "A moot in Lyon", **more: Any) -> dict[str, Any]:
    return Content(text, **more).as_payload()


def now(key: str, **more: Any) -> Any:
    return sending(key, **{"planned_id": tid(clock.now(), key), "read": lambda name: _pictures[name], **more})


def value(pds: str, outcome: Any) -> dict[str, Any]:
    """The record that really stands there."""
    did, _collection, key = outcome.remote_id.removeprefix("at://").split("/")
    params = {"repo": did, "collection": COLLECTION, "rkey": key}
    answer = httpx.get(f"{pds}/xrpc/com.atproto.repo.getRecord", params=params, trust_env=False)
    found: dict[str, Any] = answer.json()["value"]
    return found


def how_many(pds: str, did: str) -> int:
    """Posts that stand there."""
    params = {"repo": did, "collection": COLLECTION, "limit": 100}
    answer = httpx.get(f"{pds}/xrpc/com.atproto.repo.listRecords", params=params, trust_env=False)
    return len(answer.json()["records"])


def test_a_post_with_all_that_belongs_to_it(
    pds: str, line: BlueskySender, people: dict[str, dict[str, str]]
) -> None:
    given = payload(
        "Señor @ada.test and @nobody.test: https://example.org/a/rather/long/path #Moot 👩\u200d👧",
        language="es",
        media=(picture(),),
        mentions=(Mention("@ada.test", "ada.test"), Mention("@nobody.test", "nobody.test")),
    )
    outcome = line.send(given, now("all"))
    assert outcome.verdict is Verdict.YES, outcome.words
    assert outcome.rate is not None
    found = value(pds, outcome)
    octets = found["text"].encode()
    told = [
        (octets[each["index"]["byteStart"] : each["index"]["byteEnd"]].decode(), each["features"][0])
        for each in found["facets"]
    ]
    assert [text for text, _ in told] == ["@ada.test", "example.org/a/rather/lon...", "#Moot"]
    assert told[0][1]["did"] == people["ada"]["did"]
    assert told[1][1]["uri"] == "https://example.org/a/rather/long/path"
    assert found["langs"] == ["es"]
    (image,) = found["embed"]["images"]
    assert (image["alt"], image["aspectRatio"]) == ("A lake", {"width": 64, "height": 64})
    assert image["image"]["size"] == len(_pictures["lake.png"])


def test_the_same_again_is_no_second_post_and_other_words_are_kept_out(
    pds: str, line: BlueskySender, people: dict[str, dict[str, str]]
) -> None:
    before = how_many(pds, people["moot"]["did"])
    stamped = now("again")
    first = line.send(payload("Once"), stamped)
    assert line.send(payload("Once"), stamped).remote == first.remote
    assert line.send(payload("Once, in other words"), stamped).remote == first.remote
    assert value(pds, first)["text"] == "Once"
    assert how_many(pds, people["moot"]["did"]) == before + 1


@pytest.mark.parametrize("fault", [Fault.ACCEPT_THEN_DROP, Fault.ACCEPT_THEN_500, Fault.ERROR, Fault.DROP])
def test_what_became_of_it_is_certain(
    pds: str, relay: Relay, line: BlueskySender, people: dict[str, dict[str, str]], fault: Fault
) -> None:
    before = how_many(pds, people["moot"]["did"])
    given, stamped = payload(f"Lost by {fault.value}", media=(picture("lost.png"),)), now(fault.value)
    relay.fault(fault, on="putRecord")
    assert line.send(given, stamped).verdict is Verdict.UNKNOWN
    lost = tried(fault.value, planned_id=stamped.planned_id)
    was_taken = fault in (Fault.ACCEPT_THEN_DROP, Fault.ACCEPT_THEN_500)
    assert line.reconcile(given, lost).verdict is (Verdict.YES if was_taken else Verdict.NO)
    assert line.send(given, stamped).verdict is Verdict.YES
    assert how_many(pds, people["moot"]["did"]) == before + 1


def test_a_thread_a_card_and_a_correction(pds: str, line: BlueskySender) -> None:
    card = Card("https://example.org/b", "B", "About b", picture("card.png"))
    first = line.send(payload("One", card=card), now("one"))
    second = line.send(payload("Tow"), now("two", previous=sent(first), root=sent(first)))
    assert value(pds, first)["embed"]["external"]["title"] == "B"
    assert value(pds, second)["reply"]["parent"]["cid"] == first.remote["cid"]
    before = value(pds, second)
    changed = line.correct(sent(second), payload("Two"), now("three"))
    assert changed.verdict is Verdict.YES, changed.words
    assert changed.remote["cid"] != second.remote["cid"]
    assert value(pds, changed) == {**before, "text": "Two"}
    assert line.correct(sent(second), payload("Two"), now("three")).remote == changed.remote
    assert line.withdraw(sent(changed)).verdict is Verdict.YES
    assert line.withdraw(sent(changed)).verdict is Verdict.YES
    gone = tried(planned_id=second.remote_id.rpartition("/")[2])
    assert line.reconcile(payload("Two"), gone).verdict is Verdict.NO
    assert line.correct(sent(second), payload("Two"), now("four")).verdict is Verdict.NO


def test_what_our_limits_say_the_server_says_too(line: BlueskySender) -> None:
    connector = Bluesky()
    family = "👩\u200d👩\u200d👧\u200d👦"  # one grapheme, 25 bytes
    for key, text, words in (("g", "x" * 301, "grapheme"), ("b", family * 121, "3000")):
        assert len(connector.problems(payload(text))) == 1
        outcome = line.send(payload(text), now(key))
        assert (outcome.verdict, outcome.transient, outcome.channel) == (Verdict.NO, False, False)
        assert words in outcome.words
    for key, text in (("g300", "é" * 300), ("b3000", family * 120)):
        assert connector.problems(payload(text)) == []
        assert line.send(payload(text), now(key)).verdict is Verdict.YES
    five = tuple(picture(f"{n}.png") for n in range(5))
    assert line.send(payload(media=five), now("five")).verdict is Verdict.NO
    large = picture("large.png", 1100)
    assert large.size > connector.limits.image_bytes
    outcome = line.send(payload(media=(large,)), now("large"))
    assert (outcome.verdict, outcome.words[:3]) == (Verdict.NO, "413")
    outcome = line.send(payload(), now("key", planned_id="no-tid"))
    assert (outcome.verdict, outcome.transient) == (Verdict.NO, False)


def test_sessions(relay: Relay, people: dict[str, dict[str, str]]) -> None:
    connector, access = Bluesky(), blank(relay, people["ada"])
    first = connector.renew(access)
    assert first is not None
    assert first.renew_at is not None
    assert 100 < (first.renew_at - clock.now()).total_seconds() / 60 < 115
    second = connector.renew(replace(access, secrets={**access.secrets, **first.secrets}))
    assert second is not None
    assert second.secrets["refresh"] != first.secrets["refresh"]
    assert (relay.count("createSession 200"), relay.count("refreshSession 200")) == (1, 1)
    line = connector.open(replace(access, secrets={**access.secrets, **second.secrets}))
    assert line.account() == "@ada.test"
    assert line.send(payload("From Ada"), now("ada")).verdict is Verdict.YES
    line.close()
    # An access that is none, and a token for renewing where the access should be.
    for token in ("refresh", "nonsense"):
        stale = {**second.secrets, "access": second.secrets.get(token, "a.eyJzdWIiOiJkaWQ6cGxjOmEifQ.c")}
        line = connector.open(replace(access, secrets={**access.secrets, **stale}))
        outcome = line.send(payload(), now("stale"))
        assert (outcome.verdict, outcome.expired) == (Verdict.NO, True), outcome.words
        line.close()
    wrong = replace(access, secrets={"password": "abcd-efgh-ijkl-mnop"})
    with pytest.raises(MustConnect):
        connector.renew(wrong)
    line = connector.open(wrong)
    with pytest.raises(CannotOpen):
        line.account()
    line.close()


def test_errors_are_named_as_our_stand_in_names_them(relay: Relay, people: dict[str, dict[str, str]]) -> None:
    open_line = Xrpc(relay.url)
    known = {"repo": people["moot"]["did"], "collection": COLLECTION, "rkey": tid(clock.now(), "nothing")}
    answer = open_line.query("com.atproto.repo.getRecord", **known)
    assert (answer.status, error_of(answer)) == (400, "RecordNotFound")
    answer = open_line.query("com.atproto.identity.resolveHandle", handle="nobody.test")
    assert answer.status == 400
    answer = open_line.call("com.atproto.repo.deleteRecord", known)
    assert answer.status == 401
    open_line.close()


def test_an_account_that_is_deactivated_is_the_channels_trouble(
    pds: str, relay: Relay, people: dict[str, dict[str, str]]
) -> None:
    access = blank(relay, people["leaver"])
    found = Bluesky().renew(access)
    assert found is not None
    own = httpx.post(
        f"{pds}/xrpc/com.atproto.server.createSession",
        json={"identifier": "leaver.test", "password": "the-own-one-of-leaver"},
        trust_env=False,
    ).json()
    done = httpx.post(
        f"{pds}/xrpc/com.atproto.server.deactivateAccount",
        json={},
        headers={"authorization": f"Bearer {own['accessJwt']}"},
        trust_env=False,
    )
    assert done.status_code == 200
    line = Bluesky().open(replace(access, secrets={**access.secrets, **found.secrets}))
    outcome = line.send(payload(), now("shut"))
    assert (outcome.verdict, outcome.channel, outcome.expired) == (Verdict.NO, True, False), outcome.words
    line.close()


def test_a_channel_sends_each_post_once(pds: str, relay: Relay, people: dict[str, dict[str, str]]) -> None:
    """The whole way: the outbox begins the session, loses an answer, and asks."""
    from folkmoot.outbox import actions
    from folkmoot.outbox.engine import loop
    from folkmoot.outbox.models import Delivery

    before = how_many(pds, people["moot"]["did"])
    who = people["moot"]
    given = {"handle": who["handle"], "server": relay.url, "appview": relay.url}
    channel = make_channel("bluesky", given, {"password": who["password"]})
    relay.fault(Fault.ACCEPT_THEN_DROP, on="putRecord")
    delivery = actions.queue(
        channel=channel,
        kind="test",
        area="people",
        title="A moot",
        payload=payload("A moot in Lyon, told by the outbox"),
        asked_by=None,
    )
    for _ in range(4):
        loop.turn()
    delivery.refresh_from_db()
    assert delivery.state == State.UNCERTAIN
    Delivery.objects.filter(pk=delivery.pk).update(next_at=clock.now())
    loop.turn()
    delivery.refresh_from_db()
    assert delivery.state == State.SENT
    assert delivery.remote_id.endswith(delivery.planned_id)
    assert how_many(pds, who["did"]) == before + 1
    assert Channel.objects.get().settings["account"] == "@moot.test"
