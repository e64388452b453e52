"""Addresses with junk in them; what the forms of a page ask for, and what is posted to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT

from tests.bad_input.junk import HUGE, IN_ADDRESS, REAL
from tests.test_walk import BY_CONVERTER, Stop


def made_up(stop: Stop) -> list[str]:
    """The made-up arguments as they stand in the address of a stop."""
    return [quoted for value in BY_CONVERTER.values() if (quoted := quote(str(value))) in stop.url]


def variants(stop: Stop, real_word: str = "") -> list[str]:
    """The address of a stop with everything in the place of its arguments; the first one leads to a real row.

    Args:
        real_word: what names a real row where a word does that is not its id: a signed one, or that of a table.
    """
    words = made_up(stop)
    if not words:
        return [stop.url]
    real = stop.url.replace(str(BY_CONVERTER["IntConverter"]), str(REAL))
    found = []
    if real_word:
        before, _word, behind = real.rpartition("no-such-thing")
        found.append(f"{before.replace('no-such-thing', str(REAL))}{quote(real_word)}{behind}")
    for junk in IN_ADDRESS:
        url = stop.url
        for word in words:
            url = url.replace(word, junk)
        found.append(url)
    kinds = ("person", "project", "organisation") if len(words) > 1 else ()
    return [*found, *(real.replace("no-such-thing", kind) for kind in kinds)]


@dataclass
class Fields(HTMLParser):
    """The fields of a page's forms: their names, with the values that the page gives them."""

    found: dict[str, list[str]] = field(default_factory=dict)
    _select: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {key: value or "" for key, value in attrs}
        name = said.get("name", "")
        if tag in ("input", "textarea", "button", "select") and name and name != "csrfmiddlewaretoken":
            values = self.found.setdefault(name, [])
            if said.get("value"):
                values.append(said["value"])
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self.found.setdefault(self._select, []).append(said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def fields_of(html: str) -> dict[str, list[str]]:
    """The fields of a page, by name."""
    parser = Fields()
    parser.feed(html)
    return parser.found


@dataclass(frozen=True)
class Body:
    """What is posted."""

    data: bytes | dict[str, Any]
    content_type: str = MULTIPART_CONTENT

    def __str__(self) -> str:
        if isinstance(self.data, bytes):
            return f"{self.data[:200]!r} as {self.content_type}"
        return str({key: _short(value) for key, value in self.data.items()})


def _short(value: Any) -> str:
    said = f"a file {value.name!r}" if isinstance(value, SimpleUploadedFile) else repr(value)
    return said if len(said) < 60 else f"{said[:50]}… ({len(said)})"


def junk_file(name: str = "x\0.csv", content: bytes = b"\xff\xfe\0name\n\x80") -> SimpleUploadedFile:
    """A file that is none."""
    return SimpleUploadedFile(
        name.replace("\0", ""), content, content_type="text/\x00plain".replace("\0", "")
    )


def plain_bodies(asked: dict[str, list[str]]) -> Iterator[Body]:
    """The posts that every form gets: the page's own, then each kind of junk in all fields at once."""
    if not asked:  # all of these would be the same: nothing
        yield from (Body({}), Body(b"", "application/x-www-form-urlencoded"))
        return
    names = list(asked)
    own = {name: (values[-1] if values else "x") for name, values in asked.items()}
    yield Body(own)
    for value in ("\0", HUGE, str(2**63), "²", "http://[::1"):
        yield Body(dict.fromkeys(names, value))
    yield Body({name: junk_file() for name in names})
    yield Body({name: [own[name], "a\0b", str(REAL)] for name in names})
    broken = "&".join(f"{quote(name)}=%ff%00%ed%a0%80" for name in names)
    yield Body(broken.encode(), "application/x-www-form-urlencoded")


def query_string(pairs: list[tuple[str, str]]) -> str:
    """The parameters of an address."""
    return urlencode(pairs)
