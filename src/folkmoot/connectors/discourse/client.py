"""Asking Discourse.

Sources: the Discourse API Documentation (docs.discourse.org, openapi.json); "Available settings for global rate limits"
(60 requests a minute for all keys of administrators together; 429 with ``Retry-After`` and ``extras.wait_seconds``);
its source for what the documentation leaves out: site_controller.rb (``/site/settings.json``), topic.rb (an external
id has at most 50 characters), routes.rb (of letters, digits, ``_`` and ``-``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _now

from folkmoot.connectors.base import Outcome
from folkmoot.kernel.http import Answer, Client, HttpProblem, Limits, NotSent, OutcomeUnknown, Verdict
from folkmoot.kernel.text import clean


class Said(HttpProblem):
    """Discourse's no.

    Attributes:
        status: of HTTP.
        detail: its own words.
        wait: how many seconds it asks to wait.
    """

    def __init__(self, method: str, path: str, answer: Answer) -> None:
        self.status, self.detail = answer.status, _reasons(answer)
        self.wait = _wait(answer) if answer.status == 429 else None
        super().__init__(method, path, f"{self.status} {self.detail}".strip())

    @property
    def words(self) -> str:
        """For people, with Discourse's own behind."""
        return f"{_meaning(self)} {self.status} {self.detail}".strip()

    def outcome(self) -> Outcome:
        """What it means for the post: 401 and a 403 of the key are the channel's, a 404 of the address too."""
        if self.wait is not None:
            return Outcome.no(self.words, transient=True, wait=self.wait)
        if self.status in (401, 403, 404):
            return Outcome.no(self.words, transient=True, channel=True)
        return Outcome.no(self.words)


def _meaning(problem: Said) -> str:
    if problem.wait is not None:
        return _now("Discourse asks to wait.")
    if problem.status in (401, 403):
        return _now("Discourse does not let this key, or its user, do this.")
    if problem.status == 404:
        return _now("It is not there, or there is no Discourse at this address.")
    return _now("Discourse does not take this.")


def _wait(answer: Answer) -> float:
    """How long to wait, as the header or the body says; else a minute, after which every count begins anew."""
    asked = answer.retry_after()
    if asked is not None:
        return max(1.0, asked)
    try:
        extras = answer.json().get("extras")
        return max(1.0, float(extras["wait_seconds"]))
    except (OutcomeUnknown, AttributeError, KeyError, TypeError, ValueError):
        return 60.0


def _reasons(answer: Answer) -> str:
    """Its ``errors``, else the beginning of the body."""
    try:
        found = answer.json()
    except OutcomeUnknown:
        return clean(answer.text)[:100]
    errors = found.get("errors") if isinstance(found, dict) else None
    if isinstance(errors, list):
        return clean("; ".join(map(str, errors)))[:300]
    return clean(answer.text)[:200]


class Discourse:
    """One forum, asked with one key in the name of one user."""

    def __init__(self, address: str, key: str, user: str) -> None:
        headers = {"api-key": key, "api-username": user, "accept": "application/json"}
        self.address, self.user = address.rstrip("/"), user
        self._http = Client(base_url=self.address, headers=headers, limits=Limits(tries=2))

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def read(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Ask something; asked again when the answer breaks off.

        Raises:
            Said: Discourse says no.
            NotSent, OutcomeUnknown: there is no answer.
        """
        return self._judged(self._http.get(path, params=params), path)

    def seen(self, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """A thing, or ``None`` when it is not there. Raises as :meth:`read`."""
        try:
            found = self.read(path, params)
        except Said as problem:
            if problem.status in (404, 410):
                return None
            raise
        return found if isinstance(found, dict) else None

    def write(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Have something done: sent once.

        Raises:
            Said: Discourse did not do it.
            NotSent: it got nothing.
            OutcomeUnknown: it may have been done.
        """
        return self._judged(self._http.request(method, path, json=dict(body)), path)

    def upload(self, name: str, content: bytes, kind: str) -> dict[str, Any]:
        """Hand over a picture for a post: the same one twice is the same one there. Raises as :meth:`write`."""
        answer = self._http.post(
            "/uploads.json",
            data={"type": "composer", "synchronous": "true"},
            files={"file": (name, content, kind)},
        )
        found = self._judged(answer, "/uploads.json")
        return found if isinstance(found, dict) else {}

    def _judged(self, answer: Answer, path: str) -> Any:
        if answer.verdict is Verdict.UNKNOWN:
            raise OutcomeUnknown(answer.method, path, f"{answer.status} {clean(answer.text)[:200]}".strip())
        if answer.verdict is Verdict.NO:
            raise Said(answer.method, path, answer)
        return answer.json() if answer.content.strip() else {}


def outcome_of(problem: HttpProblem) -> Outcome:
    """What a request that came to nothing means for the post."""
    if isinstance(problem, Said):
        return problem.outcome()
    assert isinstance(problem, NotSent | OutcomeUnknown)  # noqa: S101 - there are no others
    return Outcome.of_problem(problem)
