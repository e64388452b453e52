"""A GitHub of our own: a real server on this machine that answers as GitHub does, faults included.

What it knows is a :class:`World` that a test fills. Faults are queued by path and used up one by one.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

from tests import github_writes

TOKEN = "ghp_of-the-tests-0123456789"
Json = dict[str, Any]


def stamp(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class User:
    number: int
    login: str
    name: str = ""
    kind: str = "User"

    def rest(self) -> Json:
        login = f"{self.login}[bot]" if self.kind == "Bot" else self.login
        return {"login": login, "id": self.number, "type": self.kind}

    def graphql(self) -> Json:
        return {"__typename": self.kind, "login": self.login, "databaseId": self.number}


@dataclass
class Thing:
    """An issue, pull request or discussion; ``author`` ``None``: its account was deleted."""

    number: int
    title: str
    author: User | None
    opened: dt.datetime
    updated: dt.datetime
    is_pull: bool = False
    state: str = "open"
    merged: dt.datetime | None = None
    closed: dt.datetime | None = None
    labels: tuple[str, ...] = ()
    reviews: list[Json] = field(default_factory=list)
    body: str = ""
    assignees: tuple[User, ...] = ()
    #: How often it was commented on, where the comments themselves are not told.
    counted: int = 3
    #: Comments and what happened to it, as the timeline tells both, in their order.
    events: list[Json] = field(default_factory=list)
    is_locked: bool = False
    is_deleted: bool = False

    def happened(self, event: str, by: User | None, at: dt.datetime, **more: Any) -> Json:
        """Something on the timeline; the issue changes with it."""
        row: Json = {
            "id": self.number * 1000 + len(self.events) + 1,
            "event": event,
            "actor": by.rest() if by else None,
            "created_at": stamp(at),
            **more,
        }
        self.events.append(row)
        self.updated = max(self.updated, at)
        return row

    def label(self, name: str, by: User | None, at: dt.datetime) -> None:
        """A label is put on."""
        self.labels = (*self.labels, name)
        self.happened("labeled", by, at, label={"name": name, "color": "ededed"})

    def unlabel(self, name: str, by: User | None, at: dt.datetime) -> None:
        """A label is taken off."""
        self.labels = tuple(one for one in self.labels if one != name)
        self.happened("unlabeled", by, at, label={"name": name, "color": "ededed"})

    def assign(self, whom: User, by: User | None, at: dt.datetime) -> None:
        """Somebody is assigned."""
        self.assignees = (*self.assignees, whom)
        self.happened("assigned", by, at, assignee=whom.rest())

    def unassign(self, whom: User, by: User | None, at: dt.datetime) -> None:
        """Somebody is not assigned any more."""
        self.assignees = tuple(one for one in self.assignees if one != whom)
        self.happened("unassigned", by, at, assignee=whom.rest())

    def comment(self, by: User | None, at: dt.datetime, body: str) -> Json:
        """Somebody says something."""
        user = by.rest() if by else None
        row = self.happened("commented", by, at, user=user, body=body, updated_at=stamp(at))
        row["html_url"] = f"https://github.com/x/issues/{self.number}#issuecomment-{row['id']}"
        return row

    def close(self, by: User | None, at: dt.datetime) -> None:
        """It is closed."""
        self.state, self.closed = "closed", at
        self.happened("closed", by, at, state_reason="completed")

    def reopen(self, by: User | None, at: dt.datetime) -> None:
        """It is open again."""
        self.state, self.closed = "open", None
        self.happened("reopened", by, at)

    @property
    def comments(self) -> list[Json]:
        return [row for row in self.events if row["event"] == "commented"]

    def rest(self, repository: Repo) -> Json:
        place = "pull" if self.is_pull else "issues"
        row: Json = {
            "id": 10_000 + self.number,
            "number": self.number,
            "title": self.title,
            "state": self.state,
            "user": self.author.rest() if self.author else None,
            "labels": [{"name": name} for name in self.labels],
            "created_at": stamp(self.opened),
            "updated_at": stamp(self.updated),
            "closed_at": stamp(self.closed) if self.closed else None,
            "comments": len(self.comments) or self.counted,
            "body": self.body,
            "assignees": [one.rest() for one in self.assignees],
            "html_url": f"https://github.com/{repository.full_name}/{place}/{self.number}",
        }
        if self.is_pull:
            row["draft"] = False
            row["pull_request"] = {"merged_at": stamp(self.merged) if self.merged else None}
        return row

    def discussion(self, repository: Repo) -> Json:
        return {
            "number": self.number,
            "title": self.title,
            "url": f"https://github.com/{repository.full_name}/discussions/{self.number}",
            "createdAt": stamp(self.opened),
            "updatedAt": stamp(self.updated),
            "closed": self.state == "closed",
            "closedAt": stamp(self.closed) if self.closed else None,
            "category": {"name": "Ideas"},
            "comments": {"totalCount": 2},
            "author": self.author.graphql() if self.author else None,
        }


@dataclass
class Repo:
    number: int
    full_name: str
    archived: bool = False
    private: bool = False
    stars: int = 5
    issues: list[Thing] = field(default_factory=list)
    discussions: list[Thing] = field(default_factory=list)
    releases: list[Json] = field(default_factory=list)
    stargazers: list[tuple[User, dt.datetime]] = field(default_factory=list)
    contributors: int = 7
    commit: str | None = "2026-05-01T08:00:00Z"
    description: str = "A package"
    homepage: str = "https://docs.example.org"
    git: github_writes.Git = field(default_factory=github_writes.Git)
    talk: github_writes.Talk = field(default_factory=github_writes.Talk)

    def rest(self) -> Json:
        owner, _slash, name = self.full_name.partition("/")
        return {
            "id": self.number,
            "name": name,
            "full_name": self.full_name,
            "owner": {"login": owner},
            "html_url": f"https://github.com/{self.full_name}",
            "description": self.description,
            "homepage": self.homepage,
            "archived": self.archived,
            "private": self.private,
            "fork": False,
            "stargazers_count": self.stars,
            "watchers_count": self.stars,
            "subscribers_count": 4,
            "forks_count": 2,
            "open_issues_count": sum(one.state == "open" for one in self.issues),
            "license": {"spdx_id": "BSD-3-Clause", "name": "BSD 3-Clause"},
            "created_at": "2020-01-02T03:04:05Z",
        }


@dataclass
class World:
    """What this GitHub knows, how it misbehaves, and what it was asked."""

    users: list[User] = field(default_factory=list)
    repositories: list[Repo] = field(default_factory=list)
    #: owner/name as it was -> as it is now: renamed or given to another owner.
    moved: dict[str, str] = field(default_factory=dict)
    token: str = TOKEN
    #: A GitHub App: its ID, the key that its proofs are checked with, where it is installed, the tokens it was given.
    app_id: str = ""
    app_key: Any = None
    installations: dict[int, str] = field(default_factory=dict)
    app_tokens: list[str] = field(default_factory=list)
    #: For how many seconds an App's token is said to hold, and how many of the last ones are taken.
    app_token_seconds: int = 3600
    per_page: int = 100
    remaining: int = 5000
    reset: int = 0
    #: path, or "POST path" -> faults, used up one by one: a function that answers instead, or a status.
    faults: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    #: "GET /repos/o/n/issues?page=1 200"
    asked: list[str] = field(default_factory=list)
    #: the time there
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    #: called with each path before it is answered
    on_asked: Callable[[str], None] | None = None

    def user(self, number: int, login: str, **more: Any) -> User:
        self.users.append(found := User(number, login, **more))
        return found

    def repo(self, number: int, full_name: str, **more: Any) -> Repo:
        self.repositories.append(found := Repo(number, full_name, **more))
        return found

    def named(self, full_name: str) -> Repo | None:
        return next(
            (one for one in self.repositories if one.full_name.casefold() == full_name.casefold()), None
        )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world: World

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_PATCH(self) -> None:
        self._answer("PATCH")

    # --- sending

    def send(self, status: int, body: Any = None, **headers: str) -> None:
        world = self.world
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        given = {
            "content-type": "application/json; charset=utf-8",
            "content-length": str(len(content)),
            "x-ratelimit-limit": "5000",
            "x-ratelimit-remaining": str(world.remaining),
            "x-ratelimit-reset": str(world.reset or int(time.time()) + 3600),
            "x-ratelimit-resource": "graphql" if self.path.endswith("/graphql") else "core",
            "x-oauth-scopes": "public_repo, read:org",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        for name, value in given.items():
            if not (status == 304 and name.startswith("content-")):
                self.send_header(name, value)
        world.asked.append(f"{self.command} {self.path} {status}")
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, method: str) -> None:
        world = self.world
        parts = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length) if length else b""
        self.given = json.loads(body) if body else {}
        if world.on_asked:
            world.on_asked(self.path)
        if faults := world.faults[f"{method} {parts.path}"] or world.faults[parts.path]:
            fault = faults.pop(0)
            if callable(fault):
                fault(self)
            else:
                self.send(int(fault), {"message": "Server Error"})
            return
        said = str(self.headers.get("authorization", "")).removeprefix("Bearer ")
        if parts.path.startswith("/app/") or parts.path == "/app":
            self._app(method, parts.path, said)
            return
        if said != world.token and said not in world.app_tokens[-1:]:
            self.send(401, {"message": "Bad credentials"})
            return
        if parts.path != "/rate_limit":
            if world.remaining <= 0:
                self.send(403, {"message": "API rate limit exceeded for user ID 1."})
                return
            world.remaining -= 1
        self.act()

    def act(self) -> None:
        """Do what is asked, and answer."""
        parts, method = urlsplit(self.path), self.command
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if method == "POST" and parts.path == "/graphql":
            self._graphql(self.given)
        elif method == "POST" and parts.path.endswith("/comments"):
            self._comment(parts.path)
        elif self._writes(parts.path, query):
            pass
        elif method == "GET":
            self._rest(parts.path, query)
        else:
            self.send(404, {"message": "Not Found"})

    def _writes(self, path: str, query: dict[str, str]) -> bool:
        """Branches, files and pull requests."""
        steps = path.strip("/").split("/")
        found = self.world.named("/".join(steps[1:3])) if steps[0] == "repos" and len(steps) > 3 else None
        if found is None or steps[5:] == ["reviews"]:
            return False
        return github_writes.act(self, found, steps[3:], query)

    # --- GitHub Apps

    def _app(self, method: str, path: str, proof: str) -> None:
        """What only an App is told; the proof is checked as GitHub checks it."""
        world = self.world
        try:
            said = jwt.decode(proof, world.app_key, algorithms=["RS256"], issuer=world.app_id)
            if said["exp"] - time.time() > 600:
                raise jwt.InvalidTokenError("'Expiration time' claim ('exp') is too far in the future")
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            self.send(401, {"message": f"A JSON web token could not be decoded: {error}"})
            return
        if (method, path) == ("GET", "/app/installations"):
            places = world.installations.items()
            self.send(200, [{"id": number, "account": {"login": name}} for number, name in places])
            return
        number = path.removeprefix("/app/installations/").removesuffix("/access_tokens")
        if method != "POST" or not number.isdecimal() or int(number) not in world.installations:
            self.send(404, {"message": "Not Found"})
            return
        world.app_tokens.append(f"ghs_{number}-{len(world.app_tokens)}")
        until = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=world.app_token_seconds)
        self.send(201, {"token": world.app_tokens[-1], "expires_at": stamp(until)})

    # --- REST

    def _rest(self, path: str, query: dict[str, str]) -> None:
        world = self.world
        steps = path.strip("/").split("/")
        if path == "/rate_limit":
            self.send(200, {"resources": {"core": {"remaining": world.remaining}}})
        elif path == "/user":
            if said_by_app(self):
                self.send(403, {"message": "Resource not accessible by integration"})
            else:
                self.send(200, {"login": "the-community", "id": 99, "type": "User"})
        elif steps[0] in ("orgs", "users") and steps[2:] == ["repos"]:
            owned = [
                one
                for one in world.repositories
                if one.full_name.casefold().startswith(f"{steps[1].casefold()}/")
            ]
            if not owned or (steps[0] == "orgs" and steps[1].startswith("person")):
                self.send(404, {"message": "Not Found"})
            else:
                self._pages([one.rest() for one in owned], path, query)
        elif steps[0] == "repositories":
            found = next((one for one in world.repositories if str(one.number) == steps[1]), None)
            self._repository(found, steps[2:], path, query)
        elif steps[0] == "repos" and len(steps) >= 3:
            name = f"{steps[1]}/{steps[2]}"
            if (target := world.moved.get(name.casefold())) and world.named(name) is None:
                now = world.named(target)
                assert now is not None
                rest = "".join(f"/{step}" for step in steps[3:])
                asked = f"?{urlencode(query)}" if query else ""
                self.send(
                    301, {"message": "Moved Permanently"}, location=f"/repositories/{now.number}{rest}{asked}"
                )
                return
            self._repository(world.named(name), steps[3:], path, query)
        else:
            self.send(404, {"message": "Not Found"})

    def _repository(self, found: Repo | None, steps: list[str], path: str, query: dict[str, str]) -> None:
        if found is None:
            self.send(404, {"message": "Not Found"})
        elif not steps:
            self._marked(found.rest())
        elif steps == ["issues"]:
            rows = sorted(found.issues, key=lambda one: (one.updated, one.number))
            rows = [one for one in rows if stamp(one.updated) >= query.get("since", "")]
            self._pages([one.rest(found) for one in rows], path, query)
        elif steps[0] == "issues" and len(steps) in (2, 3):
            self._issue(found, steps[1:], path, query)
        elif steps == ["releases"]:
            self._pages(found.releases, path, query)
        elif steps == ["contributors"]:
            self._pages([{"id": n} for n in range(found.contributors)], path, query)
        elif steps == ["commits"] and found.commit is None:
            self.send(409, {"message": "Git Repository is empty."})
        elif steps == ["commits"]:
            self._pages([{"commit": {"committer": {"date": found.commit}}}], path, query)
        elif steps[0] == "pulls" and steps[2:] == ["reviews"]:
            pull = next(one for one in found.issues if str(one.number) == steps[1])
            rows = [
                {
                    "id": one["number"],
                    "state": one["state"],
                    "submitted_at": one["at"],
                    "user": one["author"].rest(),
                    "pull_request_url": f"https://api.github.com/repos/{found.full_name}/pulls/{pull.number}",
                }
                for one in pull.reviews
            ]
            self._pages(rows, path, query)
        else:
            self.send(404, {"message": "Not Found"})

    def _issue(self, found: Repo, steps: list[str], path: str, query: dict[str, str]) -> None:
        issue = next((one for one in found.issues if str(one.number) == steps[0]), None)
        if issue is None:
            self.send(404, {"message": "Not Found"})
        elif issue.is_deleted:
            self.send(410, {"message": "This issue was deleted"})
        elif not steps[1:]:
            self._marked(issue.rest(found))
        elif steps[1:] == ["timeline"]:
            self._pages(issue.events, path, query)
        elif steps[1:] == ["comments"]:
            rows = [one for one in issue.comments if one["updated_at"] >= query.get("since", "")]
            self._pages(rows, path, query)
        else:
            self.send(404, {"message": "Not Found"})

    def _comment(self, path: str) -> None:
        """Somebody comments: with the token of the community's account."""
        steps = path.strip("/").split("/")
        name = "/".join(steps[1:3])
        found = self.world.named(name)
        if found is None and (target := self.world.moved.get(name.casefold())):
            now = self.world.named(target)
            assert now is not None
            address = f"http://{self.headers['host']}/repositories/{now.number}/issues/{steps[4]}/comments"
            self.send(307, {"message": "Temporary Redirect"}, location=address)
            return
        if steps[0] == "repositories":
            found = next((one for one in self.world.repositories if str(one.number) == steps[1]), None)
            steps = ["repos", "", *steps[1:]]
        issues = found.issues if found else []
        issue = next((one for one in issues if str(one.number) == steps[4]), None)
        body = str(self.given.get("body") or "")
        if issue is None:
            self.send(404, {"message": "Not Found"})
        elif issue.is_deleted:
            self.send(410, {"message": "This issue was deleted"})
        elif issue.is_locked:
            self.send(403, {"message": "Unable to create comment because issue is locked."})
        elif not body.strip() or len(body) > 65_536:
            said = "body is too long (maximum is 65536 characters)" if body.strip() else "body can't be blank"
            errors = [{"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": said}]
            self.send(422, {"message": "Validation Failed", "errors": errors})
        else:
            row = issue.comment(User(99, "the-community"), self.world.now(), body)
            row["html_url"] = f"https://github.com/{found.full_name}/issues/{issue.number}#{row['id']}"  # type: ignore[union-attr]
            self.send(201, row)

    def _pages(self, rows: list[Json], path: str, query: dict[str, str]) -> None:
        size = min(int(query.get("per_page", "30")), self.world.per_page)
        number = int(query.get("page", "1"))
        last = max(1, -(-len(rows) // size))
        links = []
        if number < last:
            for rel, page in (("next", number + 1), ("last", last)):
                address = f"http://{self.headers['host']}{path}?{urlencode({**query, 'page': page})}"
                links.append(f'<{address}>; rel="{rel}"')
        more = {"link": ", ".join(links)} if links else {}
        self._marked(rows[(number - 1) * size : number * size], **more)

    def _marked(self, body: Any, **headers: str) -> None:
        etag = f'W/"{hashlib.sha256(json.dumps(body).encode()).hexdigest()[:32]}"'
        if self.headers.get("if-none-match") == etag:
            self.world.remaining += 1  # costs nothing
            self.send(304, None, etag=etag)
        else:
            self.send(200, body, etag=etag, **headers)

    # --- GraphQL

    def _graphql(self, asked: Json) -> None:
        given = asked["variables"]
        if github_writes.graphql(self, self.world, asked):
            return
        if "owner" not in given:
            data: Json = {}
            for name, login in given.items():
                user = next((one for one in self.world.users if one.login == login), None)
                data[name] = {"databaseId": user.number, "name": user.name} if user else None
            errors = [
                {"type": "NOT_FOUND", "path": [n], "message": "Could not resolve"}
                for n in data
                if not data[n]
            ]
            self.send(200, {"data": data, **({"errors": errors} if errors else {})})
            return
        found = self.world.named(f"{given['owner']}/{given['name']}")
        if found is None:
            said = {
                "type": "NOT_FOUND",
                "path": ["repository"],
                "message": "Could not resolve to a Repository",
            }
            self.send(200, {"data": {"repository": None}, "errors": [said]})
            return
        if "pullRequests" in asked["query"]:
            pulls = sorted(
                (one for one in found.issues if one.is_pull), key=lambda one: one.updated, reverse=True
            )
            rows = [
                {
                    "number": one.number,
                    "updatedAt": stamp(one.updated),
                    "reviews": {
                        "pageInfo": {"hasNextPage": len(one.reviews) > 2},
                        "nodes": [
                            {
                                "databaseId": r["number"],
                                "state": r["state"],
                                "submittedAt": r["at"],
                                "author": r["author"].graphql() if r["author"] else None,
                            }
                            for r in one.reviews[:2]
                        ],
                    },
                }
                for one in pulls
            ]
            self._connection("pullRequests", "nodes", rows, given)
        elif "stargazers" in asked["query"]:
            stars = sorted(found.stargazers, key=lambda pair: pair[1])
            edges = [
                {"starredAt": stamp(at), "node": {"login": user.login, "databaseId": user.number}}
                for user, at in stars
            ]
            self._connection("stargazers", "edges", edges, given)
        else:
            discussions = sorted(found.discussions, key=lambda one: one.updated, reverse=True)
            self._connection("discussions", "nodes", [one.discussion(found) for one in discussions], given)

    def _connection(self, name: str, kind: str, rows: list[Json], given: Json) -> None:
        size = min(int(given["first"]), self.world.per_page)
        start = int(base64.b64decode(given["after"])) if given.get("after") else 0
        chosen = rows[start : start + size]
        end = base64.b64encode(str(start + len(chosen)).encode()).decode() if chosen else None
        page = {
            kind: chosen,
            "pageInfo": {"hasNextPage": start + size < len(rows), "endCursor": end},
        }
        self.send(200, {"data": {"repository": {name: page}}})


def said_by_app(handler: _Handler) -> bool:
    """The question came with an App's token."""
    return str(handler.headers.get("authorization", "")).startswith("Bearer ghs_")


# --- faults


def truncated(handler: _Handler) -> None:
    """Says more than it sends, and hangs up."""
    handler.world.asked.append(f"{handler.command} {handler.path} cut")
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", "5000")
    handler.end_headers()
    handler.wfile.write(b'[{"id": 1, "num')
    handler.close_connection = True


def no_json(handler: _Handler) -> None:
    """Half a body that claims to be whole."""
    handler.world.asked.append(f"{handler.command} {handler.path} half")
    content = b'[{"id": 1, "num'
    handler.send_response(200)
    handler.send_header("content-length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def answer(status: int, body: Any, **headers: str) -> Callable[[_Handler], None]:
    """This very answer."""
    return lambda handler: handler.send(status, body, **headers)


def hang_up(handler: _Handler) -> None:
    """Does nothing, and hangs up without a word."""
    handler.world.asked.append(f"{handler.command} {handler.path} hung up")
    handler.close_connection = True


def then(fault: Any) -> Callable[[_Handler], None]:
    """Does what is asked first; then this happens instead of the answer."""

    def do(handler: _Handler) -> None:
        sent = handler.send
        handler.send = lambda *given, **more: None  # type: ignore[method-assign]
        try:
            handler.act()
        finally:
            handler.send = sent  # type: ignore[method-assign]
        if callable(fault):
            fault(handler)
        else:
            handler.send(int(fault), {"message": "Server Error"})

    return do


@contextmanager
def serving(world: World) -> Iterator[str]:
    """The address of a server with this world."""

    class Handler(_Handler):
        pass

    Handler.world = world
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
