"""A platform of one process that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from folkmoot.connectors.base import (
    Access,
    Connector,
    Outcome,
    Payload,
    Readback,
    Renewed,
    Sender,
    Sending,
    Sent,
    Setting,
    Tried,
    connectors,
)
from folkmoot.connectors.posts import Ability, Limits, PostConnector, Scope, SignIn

Answer = Outcome | Exception | Callable[[], Outcome]


class Script:
    """What it answers next, by what it is asked (``send``, ``correct``, ``withdraw``, ``look``, ``renew`` …)."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Any]] = {}
        self.asked: list[tuple[str, Any]] = []

    def will(self, what: str, *answers: Any) -> None:
        """Answer so, one after the other; what is not said is *yes*."""
        self.answers.setdefault(what, []).extend(answers)

    def told(self, what: str, about: Any, otherwise: Any) -> Any:
        self.asked.append((what, about))
        waiting = self.answers.get(what)
        answer = waiting.pop(0) if waiting else otherwise
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer

    def what(self) -> list[str]:
        """What it was asked, in order."""
        return [what for what, _about in self.asked]


class ScriptedSender(Sender):
    def __init__(self, script: Script, access: Access) -> None:
        self.script, self.access = script, access

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        yes = Outcome.yes("taken", remote_id=f"r-{payload['text']}", remote={"cid": "c1"})
        return self.script.told("send", (payload["text"], self.access.text("token")), yes)  # type: ignore[no-any-return]

    def reconcile(self, payload: Payload, tried: Tried) -> Outcome:
        return self.script.told("look", payload["text"], Outcome.no("not there"))  # type: ignore[no-any-return]

    def correct(self, sent: Sent, payload: Payload, sending: Sending) -> Outcome:
        yes = Outcome.yes("corrected", remote={"cid": "c2"})
        return self.script.told("correct", (sent.remote_id, payload["text"]), yes)  # type: ignore[no-any-return]

    def withdraw(self, sent: Sent) -> Outcome:
        return self.script.told("withdraw", sent.remote_id, Outcome.yes("gone"))  # type: ignore[no-any-return]

    def figures(self, sent: Sequence[Sent]) -> Mapping[str, Mapping[str, int]]:
        return self.script.told("figures", [one.remote_id for one in sent], {})  # type: ignore[no-any-return]

    def followers(self) -> int | None:
        return self.script.told("followers", None, None)  # type: ignore[no-any-return]

    def facts(self) -> Mapping[str, Any]:
        return self.script.told("facts", self.access.text("token"), {"text": 500})  # type: ignore[no-any-return]


class ScriptedBase(PostConnector):
    """Its answers are in ``script``."""

    readback = Readback.EXACT
    looks = (0, 60)
    abilities = frozenset({Ability.CORRECT, Ability.WITHDRAW, Ability.FIGURES, Ability.FOLLOWERS})
    limits = Limits(text=500, images=4)
    settings = (
        Setting("handle", "Handle"),
        Setting("token", "Token", is_secret=True),
        Setting("refresh", "Refresh", is_secret=True),
    )

    def __init__(self) -> None:
        self.script = Script()

    def open(self, access: Access) -> Sender:
        self.script.told("open", access.text("token"), None)
        return ScriptedSender(self.script, access)

    def renew(self, access: Access) -> Renewed | None:
        return self.script.told("renew", access.text("refresh"), None)  # type: ignore[no-any-return]


class Journey(SignIn):
    """Goes to the platform and comes back."""

    needs = ("server", "client_secret")

    def __init__(self, script: Script) -> None:
        self.script = script

    def start(self, access: Access, *, back: str, state: str) -> tuple[str, Mapping[str, Any]]:
        self.script.told("start", (access.text("server"), access.text("client_secret"), back), None)
        return f"https://platform.example/authorize?{urlencode({'state': state})}", {"verifier": "proof-key"}

    def finish(self, access: Access, *, code: str, back: str, kept: Mapping[str, Any]) -> Renewed:
        asked = (access.text("client_secret"), code, kept["verifier"])
        return self.script.told("finish", asked, Renewed({"token": "t1"}))  # type: ignore[no-any-return]


class Journeyed(ScriptedBase):
    """Is connected by going there."""

    key = "journeyed"
    label = "Journeyed"
    settings = (
        Setting("server", "Server", is_required=True),
        Setting("client_secret", "Secret of the app", is_secret=True),
        Setting("token", "Token", is_secret=True, is_required=True),
    )
    scopes = (Scope("write", "To publish."),)

    def __init__(self) -> None:
        super().__init__()
        self.sign_in = Journey(self.script)  # type: ignore[misc]


class Scripted(ScriptedBase):
    """Knows everything from its settings."""

    key = "scripted"
    label = "Scripted"


class Plain(Scripted):
    """Can neither correct nor take away."""

    key = "plain"
    label = "Plain"
    abilities = frozenset()


def register(*made: Connector) -> Iterator[None]:
    """Declare them while a test runs."""
    for one in made:
        connectors.register(one)
    yield
    for one in made:
        del connectors._items[one.key]
