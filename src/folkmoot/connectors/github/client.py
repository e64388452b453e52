"""Asking GitHub: pages, conditional requests, its limits, GraphQL.

Sources: GitHub Docs, "Rate limits for the REST API", "Best practices for using the REST API", "Using pagination in the
REST API", "Rate limits and query limits for the GraphQL API".
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from folkmoot.connectors.github.problems import GitHubProblem, Trouble
from folkmoot.kernel import clock
from folkmoot.kernel.http import Answer, Client, Limits, NotSent, OutcomeUnknown, Refused, TooLarge, Verdict
from folkmoot.kernel.text import clean

API_URL = "https://api.github.com"
#: Seconds before the second and the third try of something that failed by accident.
WAITS = (1.0, 4.0)
#: How long a secondary limit lasts when GitHub does not say so, in seconds (its docs: "at least one minute").
SECONDARY_SECONDS = 60
#: A token that is to be renewed is so this long before its end.
RENEW_BEFORE = dt.timedelta(minutes=2)
_TRANSIENT = frozenset({500, 502, 503, 504})
_GONE = frozenset({404, 410, 451})
_LINK = re.compile(r"<([^<>]+)>\s*;[^,]*?\brel=\"?([a-z]+)\"?")


@dataclass(frozen=True)
class Page:
    """One answer of the REST interface.

    Attributes:
        data: the body; ``None`` when it is unchanged or empty.
        etag: its mark, to ask only for what is new.
        next_url: the following page, or ``""``.
        last_page: the number of the last page, 1 where there is only one.
    """

    data: Any
    etag: str = ""
    next_url: str = ""
    last_page: int = 1
    is_unchanged: bool = False


@dataclass
class GitHub:
    """One GitHub, asked with one token. Use it in a ``with``.

    Attributes:
        token: a personal access token (classic or fine-grained) or an app installation's.
        api_url: where the REST interface is; GitHub Enterprise: ``https://HOST/api/v3``.
        pause: waits between tries.
        renew: gives the next token and until when it holds (UTC), where tokens last for an hour only.
        token_until: until when the token holds, where ``renew`` is given.
    """

    token: str
    api_url: str = API_URL
    pause: Callable[[float], None] = time.sleep
    renew: Callable[[], tuple[str, dt.datetime]] | None = None
    token_until: dt.datetime | None = None
    #: What the last answers said of the token: its classic scopes, and when it expires.
    scopes: str = ""
    expires_at: dt.datetime | None = None
    _spent_until: dict[str, dt.datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._headers = {
            "authorization": f"Bearer {self.token}",
            "accept": "application/vnd.github+json",
            "x-github-api-version": "2022-11-28",
        }
        self._http = Client(
            base_url=self.api_url.rstrip("/"),
            headers=self._headers,
            limits=Limits(tries=1, redirects=3),
        )

    def __enter__(self) -> GitHub:
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.close()

    @property
    def graphql_url(self) -> str:
        """Where GraphQL is asked."""
        return self.api_url.rstrip("/").removesuffix("/v3") + "/graphql"

    def get(self, path: str, params: Mapping[str, Any] | None = None, *, etag: str = "") -> Page:
        """One page of the REST interface; 204 is an empty one.

        Args:
            path: ``/repos/…``, or the ``next_url`` of a page.
            etag: of an earlier answer; the page is then ``is_unchanged`` when nothing is new (which costs nothing of
                the limit).

        Raises:
            GitHubProblem: there is no usable answer.
        """
        self._leave_alone("core")
        self._same_host(path)
        headers = {"if-none-match": etag} if etag else {}
        answer, data = self._asked("GET", path, params=params, headers=headers)
        if answer.status == 304:
            return Page(None, etag=etag, is_unchanged=True)
        links = {rel: url for url, rel in _LINK.findall(answer.headers.get("link", ""))}
        return Page(
            data,
            etag=answer.headers.get("etag", ""),
            next_url=links.get("next", ""),
            last_page=_page_number(links.get("last", "")),
        )

    def create(self, path: str) -> Any:
        """Make what a POST without content makes, such as a token: harmless when it happens twice.

        Raises:
            GitHubProblem: as :meth:`get`.
        """
        return self._asked("POST", path)[1]

    def graphql(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The ``data`` of a GraphQL question. It only reads, so it is asked again when an answer breaks off.

        Raises:
            GitHubProblem: as :meth:`get`; also for errors that come with status 200.
        """
        self._leave_alone("graphql")
        body = {"query": query, "variables": dict(variables)}
        answer, found = self._asked("POST", self.graphql_url, json=body)
        if not isinstance(found, dict):
            raise GitHubProblem(Trouble.ODD, "GraphQL answered with no object")
        if errors := found.get("errors"):
            self._stop_at(errors, found.get("data"), answer)
        data = found.get("data")
        if not isinstance(data, dict):
            raise GitHubProblem(Trouble.ODD, "GraphQL answered without data")
        return data

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Write something by POST, as :meth:`write`."""
        return self.write("POST", path, body)

    def write(self, method: str, path: str, body: Mapping[str, Any]) -> Answer:
        """Write something: sent once. The answer, whatever its status; :meth:`problem_of` reads it.

        Raises:
            GitHubProblem: the limit is known to be spent; nothing was sent.
            NotSent: GitHub cannot be reached; nothing was sent.
            OutcomeUnknown: it was sent, and no complete answer came.
        """
        self._leave_alone("core")
        self._same_host(path)
        answer = self._http.request(method, path, json=dict(body))
        self._note(answer)
        return answer

    def mutate(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Write by GraphQL: sent once. The ``data`` of the answer.

        Raises:
            GitHubProblem: GitHub refuses, or its limit is spent: nothing was written.
            NotSent: GitHub cannot be reached; nothing was sent.
            OutcomeUnknown: it was sent, and what came back says neither yes nor no.
        """
        self._leave_alone("graphql")
        answer = self._http.post(self.graphql_url, json={"query": query, "variables": dict(variables)})
        self._note(answer)
        if answer.verdict is Verdict.UNKNOWN:
            raise OutcomeUnknown("POST", self.graphql_url, _said(answer))
        self._judge(answer)
        found = answer.json()
        data = found.get("data") if isinstance(found, dict) else None
        if isinstance(found, dict) and (errors := found.get("errors")):
            try:
                self._stop_at(errors, data, answer)
            except GitHubProblem as problem:
                if problem.trouble is Trouble.SERVER and not _is_of_the_question(errors):
                    raise OutcomeUnknown("POST", self.graphql_url, problem.detail or "no reason") from None
                raise
        if not isinstance(data, dict):
            raise OutcomeUnknown("POST", self.graphql_url, _said(answer))
        return data

    def problem_of(self, answer: Answer) -> GitHubProblem | None:
        """What an answer says is in the way; ``None`` for one that says yes."""
        try:
            self._judge(answer)
        except GitHubProblem as problem:
            return problem
        return None

    # --- one request

    def _asked(self, method: str, url: str, **options: Any) -> tuple[Answer, Any]:
        """The answer and its body, tried again after accidents; a token that GitHub has ended early is renewed once."""
        self._renew_in_time()
        try:
            return self._tried(method, url, **options)
        except GitHubProblem as problem:
            if problem.trouble != Trouble.TOKEN or self.renew is None:
                raise
            self._take(*self.renew())
            return self._tried(method, url, **options)

    def _renew_in_time(self) -> None:
        if self.renew is not None and (self.token_until or clock.now()) < clock.now() + RENEW_BEFORE:
            self._take(*self.renew())

    def _take(self, token: str, until: dt.datetime) -> None:
        self.token, self.token_until = token, until
        self._headers["authorization"] = f"Bearer {token}"

    def _tried(self, method: str, url: str, **options: Any) -> tuple[Answer, Any]:
        for wait in (*WAITS, None):
            try:
                answer = self._http.request(method, url, **options)
                self._note(answer)
                if answer.status not in _TRANSIENT:
                    self._judge(answer)
                    empty = answer.status in (204, 304) or not answer.content
                    return answer, None if empty else answer.json()
                problem = GitHubProblem(Trouble.SERVER, _said(answer))
            except Refused as error:
                raise GitHubProblem(Trouble.ADDRESS, error.why) from None
            except TooLarge as error:
                raise GitHubProblem(Trouble.ODD, error.why) from None
            except (NotSent, OutcomeUnknown) as error:
                problem = GitHubProblem(Trouble.NETWORK, error.why)
            if wait is None:
                raise problem
            self.pause(wait)
        raise AssertionError("the last try returns or raises")

    def _note(self, answer: Answer) -> None:
        """Remember what the headers say of limits and token."""
        headers = answer.headers
        resource = headers.get("x-ratelimit-resource", "core")
        remaining, reset = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-reset", "")
        if remaining == "0" and reset.isdigit():
            self._spent_until[resource] = dt.datetime.fromtimestamp(int(reset), dt.UTC)
        elif remaining.isdigit():
            self._spent_until.pop(resource, None)
        self.scopes = headers.get("x-oauth-scopes", self.scopes)
        if expires := headers.get("github-authentication-token-expiration", ""):
            self.expires_at = _token_date(expires)

    def _leave_alone(self, resource: str) -> None:
        until = self._spent_until.get(resource)
        if until is not None and until > clock.now():
            raise GitHubProblem(Trouble.LIMIT, resource, until=until)

    def _same_host(self, url: str) -> None:
        if url.startswith("/"):
            return
        asked, ours = urlsplit(url), urlsplit(self.api_url)
        if (asked.scheme, asked.netloc) != (ours.scheme, ours.netloc):
            raise GitHubProblem(Trouble.ODD, f"the next page is said to be at {asked.netloc}")

    def _judge(self, answer: Answer) -> None:
        """Stop at an answer that is none."""
        status = answer.status
        if 200 <= status < 300 or status == 304:
            return
        said = _said(answer)
        if status == 401:
            raise GitHubProblem(Trouble.TOKEN, said)
        if status in (403, 429):
            raise self._forbidden(answer, said)
        if status in _GONE:
            raise GitHubProblem(Trouble.GONE, said)
        raise GitHubProblem(Trouble.ODD, said)

    def _forbidden(self, answer: Answer, said: str) -> GitHubProblem:
        """A limit, or a right that is missing: GitHub answers 403 to both."""
        now = clock.now()
        after = answer.retry_after()
        if after is not None:
            return GitHubProblem(Trouble.LIMIT, said, until=now + dt.timedelta(seconds=after))
        resource = answer.headers.get("x-ratelimit-resource", "core")
        if answer.headers.get("x-ratelimit-remaining") == "0" and resource in self._spent_until:
            return GitHubProblem(Trouble.LIMIT, said, until=self._spent_until[resource])
        text = answer.text.casefold()
        if answer.status == 429 or "secondary rate limit" in text or "abuse detection" in text:
            return GitHubProblem(Trouble.LIMIT, said, until=now + dt.timedelta(seconds=SECONDARY_SECONDS))
        return GitHubProblem(Trouble.SCOPE, said)

    def _stop_at(self, errors: Any, data: Any, answer: Answer) -> None:
        """Errors of GraphQL: those that concern only some nodes leave the rest usable."""
        first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
        kind, said = str(first.get("type", "")).upper(), clean(first.get("message", ""))[:300]
        if kind in ("RATE_LIMITED", "RATE_LIMIT"):
            later = clock.now() + dt.timedelta(seconds=answer.retry_after() or SECONDARY_SECONDS)
            raise GitHubProblem(Trouble.LIMIT, said, until=self._spent_until.get("graphql", later))
        if "CURSOR" in kind or "valid cursor" in said:
            raise GitHubProblem(Trouble.CURSOR, said)
        if isinstance(data, dict) and any(value is not None for value in data.values()):
            return
        if kind == "NOT_FOUND":
            raise GitHubProblem(Trouble.GONE, said)
        if kind in ("FORBIDDEN", "INSUFFICIENT_SCOPES"):
            raise GitHubProblem(Trouble.SCOPE, said)
        raise GitHubProblem(Trouble.SERVER if data is None or "went wrong" in said else Trouble.ODD, said)


def _is_of_the_question(errors: Any) -> bool:
    """GraphQL names what is wrong with a question by a code, before anything is done."""
    first = errors[0] if isinstance(errors, list) and errors else None
    more = first.get("extensions") if isinstance(first, dict) else None
    return isinstance(more, dict) and bool(more.get("code"))


def _said(answer: Answer) -> str:
    """The status and GitHub's own message."""
    try:
        body = answer.json()
    except OutcomeUnknown:
        body = {}
    message = clean(body.get("message", "")) if isinstance(body, dict) else ""
    return f"{answer.status} {message}".strip()[:300]


def _page_number(url: str) -> int:
    found = parse_qs(urlsplit(url).query).get("page", ["1"])[0]
    return int(found) if found.isdigit() else 1


def _token_date(text: str) -> dt.datetime | None:
    """``2026-12-01 00:00:00 UTC`` or with an offset; ``None`` for anything else."""
    try:
        found = dt.datetime.fromisoformat(text.strip().removesuffix(" UTC"))
    except ValueError:
        return None
    return found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found.astimezone(dt.UTC)
