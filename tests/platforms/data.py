"""What platforms of the tests are asked and answer, what they keep, and what may go wrong."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from enum import Enum
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

Json = dict[str, Any]


class Fault(Enum):
    """What goes wrong with one request."""

    #: It is done, and the connection ends without an answer.
    ACCEPT_THEN_DROP = "accept then drop"
    #: It is done, and the answer is a 500.
    ACCEPT_THEN_500 = "accept then 500"
    #: It is done, and the answer breaks off in the middle.
    ACCEPT_THEN_CUT = "accept then cut"
    #: Nothing is done; a 500.
    ERROR = "500"
    #: Nothing is done; the connection ends without an answer.
    DROP = "drop"
    #: It waits for so many seconds first; then all is as usual.
    DELAY = "delay"
    #: Nothing is done; the platform's own way to say "too many".
    LIMIT = "429"
    #: Nothing is done; the platform's own way to say that the access is over.
    EXPIRED = "expired"


@dataclass(frozen=True)
class File:
    """A part of a form that is a file."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def json(self) -> Json:
        """The body as JSON; empty when it is none."""
        try:
            found = json.loads(self.body) if self.body else {}
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @cached_property
    def form(self) -> dict[str, list[str]]:
        """The fields of a form, of either encoding."""
        kind = self.headers.get("content-type", "")
        if kind.startswith("application/x-www-form-urlencoded"):
            return parse_qs(self.body.decode(), keep_blank_values=True)
        found: dict[str, list[str]] = {}
        for name, part in self._parts:
            if not part.get_filename():
                found.setdefault(name, []).append(part.get_payload(decode=True).decode())
        return found

    @cached_property
    def files(self) -> dict[str, File]:
        """The files of a form."""
        return {
            name: File(part.get_filename(), part.get_content_type(), part.get_payload(decode=True))
            for name, part in self._parts
            if part.get_filename()
        }

    @cached_property
    def _parts(self) -> list[tuple[str, Any]]:
        kind = self.headers.get("content-type", "")
        if not kind.startswith("multipart/form-data"):
            return []
        head = f"content-type: {kind}\r\nmime-version: 1.0\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + self.body)
        return [
            (str(part.get_param("name", header="content-disposition")), part) for part in message.iter_parts()
        ]

    def one(self, name: str, otherwise: str = "") -> str:
        """One value of the query."""
        return (self.query.get(name) or [otherwise])[0]

    @property
    def bearer(self) -> str:
        """The token that came along."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass(frozen=True)
class Reply:
    """An answer; ``body`` is JSON unless it is bytes."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Post:
    """Something that was taken: ``content`` is what was asked for, ``data`` what the platform made of it."""

    id: str
    text: str
    at: dt.datetime
    content: Json = field(default_factory=dict)
    data: Json = field(default_factory=dict)
