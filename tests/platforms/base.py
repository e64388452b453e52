"""Platforms of our own: real servers on this machine that answer as a platform does, its faults included.

A platform is a subclass with routes::

    class Moot(Platform):
        @route("POST", r"/posts")
        def publish(self, asked: Asked) -> Reply:
            return Reply(201, {"id": self.accept(asked.json["text"]).id})

What it took is in ``posts`` (what stands there now) and ``accepted`` (every write that was taken, for good): a test of
"once and only once" counts the latter. Faults are queued by :meth:`Platform.fault` and used up one by one, or chosen
for each request by ``chaos``.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, urlsplit

from tests.platforms.data import Asked, Fault, File, Json, Post, Reply

__all__ = ["Asked", "Fault", "File", "Json", "Platform", "Post", "Reply", "route"]


@dataclass
class _Queued:
    fault: Fault
    on: re.Pattern[str]
    times: int
    seconds: float


Route = tuple[str, re.Pattern[str], bool]


def route(method: str, pattern: str, *, is_open: bool = False) -> Callable[[Any], Any]:
    """This method answers what is asked for so; ``is_open``: without a token. Groups are handed over by name."""

    def mark(function: Any) -> Any:
        function.routes = [*getattr(function, "routes", ()), (method, re.compile(pattern), is_open)]
        return function

    return mark


class Platform:
    """A server; start it, or use it in a ``with``.

    Attributes:
        posts: what stands there, in the order in which it was taken.
        accepted: every write that was taken, also of what was deleted or changed since.
        asked: ``POST /api/v1/statuses 200`` for each request, in their order.
        chaos: chooses the fault of a request, where none is queued.
        seconds: of a delay that was not told otherwise.
    """

    _routes: ClassVar[list[tuple[Route, str]]] = []

    def __init_subclass__(cls) -> None:
        cls._routes = [
            (each, name)
            for name in dir(cls)
            for each in getattr(getattr(cls, name, None), "routes", ())
            if name != "_routes"
        ]

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.accepted: list[Post] = []
        self.asked: list[str] = []
        self.requests: list[Asked] = []
        self.chaos: Callable[[Asked], Fault | None] = lambda asked: None
        self.seconds = 60.0
        self.lock = threading.RLock()
        self._faults: list[_Queued] = []
        self._numbers = itertools.count(1)
        self._stopped = threading.Event()
        self._server: _Server | None = None
        self.url = ""

    # --- for tests and benches

    def start(self) -> Self:
        """Listen on a free port of 127.0.0.1."""
        platform = self

        class Handler(_Handler):
            pass

        Handler.platform = platform
        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Hear no more; whoever waits is let go."""
        self._stopped.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up()
            self._thread.join()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def host(self) -> str:
        """``127.0.0.1:PORT``, as the guard's exceptions name it."""
        return self.url.removeprefix("http://")

    def fault(self, fault: Fault, *, on: str = r"^(?!GET)", times: int = 1, seconds: float = 0.0) -> None:
        """The next so many requests whose ``METHOD /path`` matches go wrong; by default only what writes."""
        with self.lock:
            self._faults.append(_Queued(fault, re.compile(on), times, seconds or self.seconds))

    def count(self, on: str) -> int:
        """How often something was asked whose ``METHOD /path STATUS`` matches."""
        return sum(bool(re.search(on, line)) for line in self.asked)

    def doubles(self) -> dict[str, int]:
        """Texts that were taken more than once: what must never be."""
        return {text: n for text, n in Counter(each.text for each in self.accepted).items() if n > 1}

    # --- for platforms

    def now(self) -> dt.datetime:
        """The time there."""
        return dt.datetime.now(dt.UTC)

    def number(self) -> int:
        """The next number."""
        return next(self._numbers)

    def accept(self, text: str, content: Json | None = None, *, id: str = "", **data: Any) -> Post:
        """It is taken and stands there."""
        with self.lock:
            post = Post(id or str(self.number()), text, self.now(), content or {}, data)
            self.posts.append(post)
            self.accepted.append(post)
            return post

    def find(self, id: str) -> Post | None:
        """What stands there by this name."""
        return next((each for each in self.posts if each.id == id), None)

    def remove(self, post: Post) -> None:
        """It stands there no more."""
        self.posts.remove(post)

    def refused(self, asked: Asked) -> Reply | None:
        """The answer to who may not ask; ``None``: they may."""
        return None

    def limited(self, asked: Asked) -> Reply:
        """Too many."""
        return Reply(429, {"error": "Too many requests"}, {"retry-after": "30"})

    def expired(self, asked: Asked) -> Reply:
        """The access is over."""
        return Reply(401, {"error": "The access token expired"})

    def broken(self, asked: Asked) -> Reply:
        """Something is wrong over there."""
        return Reply(500, {"error": "Internal Server Error"})

    def missing(self, asked: Asked) -> Reply:
        """There is no such address."""
        return Reply(404, {"error": "Not found"})

    def headers(self, asked: Asked) -> Mapping[str, str]:
        """What goes with every answer: how much of the rate is left."""
        return {}

    # --- inside

    def _act(self, asked: Asked) -> Reply:
        for (method, pattern, is_open), name in self._routes:
            found = pattern.fullmatch(asked.path)
            if method == asked.method and found:
                with self.lock:
                    refused = None if is_open else self.refused(asked)
                    reply: Reply = refused or getattr(self, name)(asked, **found.groupdict())
                    return reply
        return self.missing(asked)

    def _fault_of(self, asked: Asked) -> tuple[Fault | None, float]:
        with self.lock:
            for each in self._faults:
                if each.times > 0 and each.on.search(f"{asked.method} {asked.path}"):
                    each.times -= 1
                    return each.fault, each.seconds
        return self.chaos(asked), self.seconds

    def reply(self, asked: Asked) -> tuple[Reply | None, Fault | None]:
        """What to say, if anything; with the fault that it goes with."""
        fault, seconds = self._fault_of(asked)
        if fault is Fault.DELAY:
            self._stopped.wait(seconds)
        if fault is Fault.DROP:
            return None, fault
        if fault is Fault.ERROR:
            return self.broken(asked), fault
        if fault is Fault.LIMIT:
            return self.limited(asked), fault
        if fault is Fault.EXPIRED:
            return self.expired(asked), fault
        reply = self._act(asked)
        if fault is Fault.ACCEPT_THEN_DROP:
            return None, fault
        if fault is Fault.ACCEPT_THEN_500:
            return self.broken(asked), fault
        return reply, fault


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, *given: Any) -> None:
        self._lines: set[socket.socket] = set()
        super().__init__(*given)

    def get_request(self) -> Any:
        """A connection; whoever keeps one open is cut off in the end."""
        line, address = super().get_request()
        self._lines.add(line)
        return line, address

    def shutdown_request(self, request: Any) -> None:
        self._lines.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every connection."""
        for line in list(self._lines):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hung up meanwhile is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    #: Head and body in one packet: the other way costs 40 ms for each answer.
    wbufsize = -1
    disable_nagle_algorithm = True
    platform: Platform

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        asked = Asked(
            self.command,
            parts.path,
            parse_qs(parts.query, keep_blank_values=True),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length) if length else b"",
        )
        reply, fault = self.platform.reply(asked)
        said = "dropped" if reply is None else str(reply.status)
        with self.platform.lock:
            self.platform.asked.append(f"{asked.method} {self.path} {said}")
            self.platform.requests.append(asked)
        if reply is None:
            self.close_connection = True
            return
        self._say(asked, reply, is_cut=fault is Fault.ACCEPT_THEN_CUT)

    def _say(self, asked: Asked, reply: Reply, *, is_cut: bool) -> None:
        is_bytes = isinstance(reply.body, bytes)
        content = reply.body if is_bytes else b"" if reply.body is None else json.dumps(reply.body).encode()
        kind = "application/octet-stream" if is_bytes else "application/json; charset=utf-8"
        self.send_response(reply.status)
        given = {"content-type": kind, **self.platform.headers(asked), **reply.headers}
        for name, value in given.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content) + 7 * is_cut))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if is_cut else content)
        if is_cut:
            self.close_connection = True

    def __getattr__(self, name: str) -> Any:
        """Every method is answered in the same way."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)
