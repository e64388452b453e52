"""Checks files of Markdown with front matter, as Jekyll and Hugo read them: what is no prose is blanked first, so that
every line keeps its number.
"""

from __future__ import annotations

import datetime as dt
import html
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from folkmoot.connectors.posts import ADDRESS
from folkmoot.kernel import clock
from folkmoot.publishing.policy.engine import Finding, check_content
from folkmoot.publishing.policy.rules import BLOCK, Ruleset
from folkmoot.publishing.policy.subject import Link, Picture, Piece, Subject

#: Ends of names of files that are read, and folders that are not.
ENDINGS = (".md", ".markdown", ".mdown", ".mkd")
SKIPPED = frozenset({"node_modules", "_site", "public", "vendor", "resources"})
#: Rule of a file that cannot be read at all.
UNREADABLE = "front-matter"
#: Bytes of a file that is read.
LARGEST = 5_000_000

_FENCE = re.compile(
    r"\A(?:\ufeff)?(---|\+\+\+)[ \t]*\r?\n(.*?)(?:^\1[ \t]*(?:\r?\n|\Z))", re.DOTALL | re.MULTILINE
)
_KEY = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*[:=]", re.MULTILINE)
#: What is no prose, in this order.
_CODE = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (r"^[ \t]*(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE),
        (r"\{%-?\s*(highlight|raw)\b.*?%\}.*?\{%-?\s*end\1\s*-?%\}", re.DOTALL),
        (r"<(script|style|pre|code|kbd|samp|var|tt|svg|iframe)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE),
        (r"<!--.*?-->", re.DOTALL),
        # What somebody else wrote elsewhere, and was embedded.
        (
            r"<(blockquote)\b[^>]*class=[^>]*(?:twitter|mastodon|bluesky|instagram)[^>]*>.*?</\1\s*>",
            re.DOTALL,
        ),
        (r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL),
        (r"\$\$.+?\$\$", re.DOTALL),
    )
)
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{:[^}\n]*\}", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>", re.DOTALL)
_IMAGE = re.compile(
    r"!\[(?P<alt>[^\]]*)\]\(\s*<?(?P<src>[^)\s>]*)>?(?:\s+[\"'(](?P<title>.*?)[\"')])?\s*\)", re.DOTALL
)
_IMG = re.compile(r"<img\b[^>]*>", re.IGNORECASE | re.DOTALL)
_FIGURE = re.compile(r"\{\{[<%]\s*figure\b.*?[>%]\}\}", re.DOTALL)
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|`([^`]*)`|([^\s\"'>]+))", re.DOTALL)
_TARGET = re.compile(
    r"\]\(\s*<?(?P<url>[^)(\s>]*(?:\([^)(\s]*\)[^)(\s>]*)*)>?[^)]*\)|\]\[[^\]]*\]", re.DOTALL
)
_DEFINED = re.compile(r"^[ ]{0,3}\[[^\]\n]+\]:[ \t]*<?(?P<url>\S+?)>?(?:[ \t].*)?$", re.MULTILINE)
_TITLES = ("title", "excerpt", "summary", "description", "subtitle")


class CannotReadFile(Exception):
    """A file cannot be read; ``line`` says where."""

    def __init__(self, words: str, line: int = 1) -> None:
        super().__init__(words)
        self.line = line


@dataclass(frozen=True)
class Front:
    """What a file says of itself, and on which line; ``body`` begins at ``line``."""

    values: Mapping[str, Any]
    lines: Mapping[str, int]
    body: str
    line: int


@dataclass
class _Found:
    pictures: list[Picture] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


def files_under(path: Path) -> Iterator[Path]:
    """The files of Markdown in a folder, or the one file, in the order of their names."""
    if path.is_file():
        yield path
        return
    for folder, inner, names in os.walk(path):
        inner[:] = sorted(name for name in inner if name not in SKIPPED and not name.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(ENDINGS):
                yield Path(folder, name)


def check_file(path: Path, ruleset: Ruleset, now: dt.datetime | None = None) -> list[Finding]:
    """What the rules find in a file; one that cannot be read is a finding of its own."""
    try:
        subject = subject_of(read(path), now=now or clock.now())
    except CannotReadFile as error:
        return [Finding(UNREADABLE, BLOCK, str(error), line=error.line)]
    return [_at(each) for each in check_content(subject, ruleset)]


def _at(finding: Finding) -> Finding:
    from dataclasses import replace

    return replace(finding, line=finding.line or 1, part=0, where="")


def read(path: Path) -> str:
    """The text of a file.

    Raises:
        CannotReadFile: it is not UTF-8, too large, or not there.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise CannotReadFile(_("The file is larger than %(n)s bytes.") % {"n": LARGEST})
        raw = path.read_bytes()
        return raw.decode("utf-8")
    except OSError as error:
        raise CannotReadFile(
            _("The file cannot be read: %(why)s") % {"why": error.strerror or error}
        ) from None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CannotReadFile(_("The file is not UTF-8."), line) from None


def front_of(text: str) -> Front:
    """The front matter of a text, in YAML (between ``---``) or TOML (between ``+++``); none is empty.

    Raises:
        CannotReadFile: it is neither, or not closed.
    """
    match = _FENCE.match(text)
    if match is None:
        if re.match(r"\A(?:\ufeff)?---[ \t]*\r?\n", text) and _KEY.match(text.split("\n", 1)[1]):
            raise CannotReadFile(_("The front matter is not closed by a line “---”."))
        return Front({}, {}, text, 1)
    try:
        found = _toml(match[2]) if match[1] == "+++" else yaml.safe_load(match[2])
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        words = _("The front matter cannot be read: %(why)s") % {"why": error.problem or ""}
        raise CannotReadFile(words, mark.line + 2 if mark else 1) from None
    except (yaml.YAMLError, ValueError) as error:
        raise CannotReadFile(_("The front matter cannot be read: %(why)s") % {"why": error}) from None
    if not isinstance(found, dict | None):
        raise CannotReadFile(_("The front matter is no list of names and values."))
    lines = {key[1]: match[2].count("\n", 0, key.start()) + 2 for key in _KEY.finditer(match[2])}
    values = {str(name): value for name, value in (found or {}).items()}
    return Front(values, lines, text[match.end() :], text.count("\n", 0, match.end()) + 1)


def _toml(text: str) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(text)


def subject_of(text: str, *, now: dt.datetime) -> Subject:
    """What checks look at, of a file's text.

    Raises:
        CannotReadFile: its front matter cannot be read.
    """
    front = front_of(text)
    values = front.values
    pieces = [
        Piece(words, line=front.lines.get(name, 1))
        for name in _TITLES
        if isinstance(values.get(name), str) and (words := " ".join(str(values[name]).split()))
    ]
    day = _moment(values.get("date"))
    names = [*_names(values.get("author")), *_names(values.get("authors"))]
    return Subject(
        parts=(*pieces, prose(front.body, line=front.line)),
        source="file",
        title=str(values.get("title") or ""),
        language=str(values.get("lang") or values.get("language") or values.get("locale") or ""),
        kind=str(values.get("type") or values.get("layout") or ""),
        tags=frozenset([*_names(values.get("tags")), *_names(values.get("categories"))]),
        author="\n".join(names),
        due_at=day,
        now=now,
        fields={name: value not in (None, "", [], {}) for name, value in values.items()},
        lines=front.lines,
    )


def _moment(value: Any) -> dt.datetime | None:
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return dt.datetime.combine(value, dt.time(12), dt.UTC) if isinstance(value, dt.date) else None


def _names(value: Any) -> list[str]:
    """Names as front matter writes them: a text, a list, or a list of names with more about each."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return _names(value.get("name") or value.get("title"))
    return [name for each in value for name in _names(each)] if isinstance(value, list) else []


def prose(body: str, *, line: int = 1) -> Piece:
    """A text of Markdown as its readers see it: its pictures and links are set apart, code and markup are blank."""
    found = _Found()
    for pattern in _CODE:
        body = pattern.sub(_blank, body)
    body = _FIGURE.sub(_taking(found, _figure), body)
    body = _IMAGE.sub(_taking(found, _image), body)
    body = _IMG.sub(_taking(found, _img), body)
    for pattern in (_DEFINED, _TARGET):
        body = pattern.sub(_target(found), body)
    for match in re.finditer(r"<a\b[^>]*>", body, re.IGNORECASE | re.DOTALL):
        url = _attributes(match[0]).get("href", "")
        if ADDRESS.fullmatch(url):
            found.links.append(Link(url, match.start()))
    for match in ADDRESS.finditer(_TAG.sub(_keep_autolinks, body)):
        found.links.append(Link(match[0], match.start()))
    body = _TEMPLATE.sub(_blank, ADDRESS.sub(_blank, _TAG.sub(_keep_autolinks, body)))
    links = tuple(sorted(found.links, key=lambda each: each.at))
    return Piece(body, tuple(found.pictures), links, line=line)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _keep_autolinks(match: re.Match[str]) -> str:
    """Blank for a tag; ``<https://…>`` is an address."""
    return f" {match[0][1:-1]} " if ADDRESS.fullmatch(match[0][1:-1]) else _blank(match)


def _taking(found: _Found, make: Callable[[re.Match[str]], Picture | None]) -> Callable[[re.Match[str]], str]:
    def one(match: re.Match[str]) -> str:
        picture = make(match)
        if picture is not None:
            found.pictures.append(picture)
        return _blank(match)

    return one


def _target(found: _Found) -> Callable[[re.Match[str]], str]:
    def one(match: re.Match[str]) -> str:
        url = match.groupdict().get("url") or ""
        if ADDRESS.fullmatch(url) or url.startswith(("http://", "https://")):
            found.links.append(Link(url, match.start()))
        return _blank(match)

    return one


def _attributes(tag: str) -> dict[str, str]:
    return {
        name.lower(): html.unescape(" ".join(next(filter(None, values), "").split()))
        for name, *values in _ATTRIBUTE.findall(tag)
    }


def _name(src: str) -> str:
    return src.split("?")[0].rstrip("/").rsplit("/", 1)[-1]


def _image(match: re.Match[str]) -> Picture:
    alt = " ".join(match["alt"].split())
    return Picture(_name(match["src"]), alt, caption=match["title"] or "", at=match.start())


def _img(match: re.Match[str]) -> Picture | None:
    """``alt=""`` says that the picture is decoration; no ``alt`` says nothing."""
    given = _attributes(match[0])
    is_decoration = re.search(r"\balt(?:\s*=\s*(?:\"\s*\"|'\s*'))?(?=[\s/>])", match[0], re.IGNORECASE)
    if is_decoration and not given.get("alt"):
        return None
    return Picture(_name(given.get("src", "")), given.get("alt"), at=match.start())


def _figure(match: re.Match[str]) -> Picture:
    """Hugo's own figure takes its caption where there is no other description."""
    given = _attributes(match[0])
    alt = given.get("alt") or given.get("caption", "")
    caption = given.get("caption", "") if given.get("alt") else ""
    return Picture(_name(given.get("src", "")), alt, caption=caption, at=match.start())


def findings_in(path: Path, ruleset: Ruleset) -> Sequence[tuple[Path, list[Finding]]]:
    """Each file under a path, with what the rules find in it."""
    now = clock.now()
    return [(each, check_file(each, ruleset, now)) for each in files_under(path)]
