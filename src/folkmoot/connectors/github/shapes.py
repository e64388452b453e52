"""What GitHub's answers hold, as far as it is used. A row that says something else is a ``ValueError`` in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from folkmoot.kernel.text import clean

S = TypeVar("S")
#: The account that stands for all deleted ones: nobody in particular.
GHOST = "10137"


@dataclass(frozen=True)
class Account:
    """Who did something; the number never changes, the login may."""

    number: str
    login: str
    is_bot: bool = False


@dataclass(frozen=True)
class Repository:
    """A repository as its page shows it. ``watchers`` is ``None`` where only a list was read."""

    number: str
    full_name: str
    url: str
    description: str = ""
    website: str = ""
    is_archived: bool = False
    is_private: bool = False
    is_fork: bool = False
    stars: int | None = None
    forks: int | None = None
    watchers: int | None = None
    open_issues: int | None = None
    licence: str = ""
    created_at: dt.datetime | None = None

    @property
    def name(self) -> str:
        """Without its owner."""
        return self.full_name.rpartition("/")[2]


@dataclass(frozen=True)
class Issue:
    """An issue or pull request; ``author`` is ``None`` when the account was deleted."""

    number: int
    is_pull: bool
    title: str
    state: str
    labels: tuple[str, ...]
    url: str
    author: Account | None
    opened_at: dt.datetime
    updated_at: dt.datetime
    closed_at: dt.datetime | None
    comments: int = 0
    is_draft: bool = False


@dataclass(frozen=True)
class Review:
    """A review of a pull request that was handed in."""

    pull: int
    number: str
    state: str
    author: Account | None
    submitted_at: dt.datetime


@dataclass(frozen=True)
class Discussion:
    """A discussion, as it was opened."""

    number: int
    title: str
    category: str
    url: str
    is_closed: bool
    author: Account | None
    opened_at: dt.datetime
    updated_at: dt.datetime
    closed_at: dt.datetime | None
    comments: int = 0


@dataclass(frozen=True)
class Star:
    """Somebody's star."""

    author: Account
    starred_at: dt.datetime


@dataclass(frozen=True)
class Release:
    """A published release."""

    number: str
    tag: str
    title: str
    url: str
    author: Account | None
    published_at: dt.datetime
    is_prerelease: bool


def each(rows: Any, read: Callable[[Mapping[str, Any]], S | None]) -> tuple[list[S], list[str]]:
    """Rows as read, and what could not be read, in words. ``read`` gives ``None`` for what is passed over.

    Raises:
        ValueError: this is no list.
    """
    if not isinstance(rows, list):
        raise ValueError(f"a list was expected, not {type(rows).__name__}")
    good: list[S] = []
    bad: list[str] = []
    for row in rows:
        try:
            if not isinstance(row, Mapping):
                raise ValueError(f"an object was expected, not {type(row).__name__}")
            found = read(row)
        except (KeyError, TypeError, ValueError) as error:
            number = row.get("number") or row.get("id") if isinstance(row, Mapping) else ""
            why = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
            bad.append(f"{number or '?'}: {why}"[:200])
        else:
            if found is not None:
                good.append(found)
    return good, bad


def moment(value: Any) -> dt.datetime:
    """A time of GitHub's, ``2026-05-04T10:11:12Z``.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no time")
    found = dt.datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError(f"{value!r} lacks its zone")
    return found.astimezone(dt.UTC)


def text(value: Any, most: int = 500) -> str:
    """One clean line, cut where a column would be too short; NUL is left out."""
    found = clean(str(value or "").replace("\x00", ""))
    return found if len(found) <= most else found[: most - 1] + "…"


def _maybe(value: Any) -> dt.datetime | None:
    return moment(value) if value else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


def account(found: Any) -> Account | None:
    """An account in a REST answer; ``None`` for a deleted one."""
    if not found or str(found["id"]) == GHOST:
        return None
    return Account(str(int(found["id"])), text(found["login"], 100), found.get("type") == "Bot")


def actor(found: Any) -> Account | None:
    """An account in a GraphQL answer, where an app's login comes without ``[bot]``; ``None`` for a deleted one."""
    if not found or found.get("databaseId") is None or str(found["databaseId"]) == GHOST:
        return None
    is_bot = found.get("__typename") == "Bot"
    login = text(found["login"], 100)
    if is_bot and not login.endswith("[bot]"):
        login += "[bot]"
    return Account(str(int(found["databaseId"])), login, is_bot)


def repository(found: Mapping[str, Any]) -> Repository:
    """A repository, in a list or by itself."""
    licence = found.get("license") or {}
    known = str(licence.get("spdx_id") or "")
    return Repository(
        number=str(int(found["id"])),
        full_name=text(found["full_name"], 200),
        url=text(found["html_url"]),
        description=text(found.get("description"), 2000),
        website=_website(found.get("homepage")),
        is_archived=found.get("archived") is True,
        is_private=found.get("private") is True,
        is_fork=found.get("fork") is True,
        stars=_count(found.get("stargazers_count")),
        forks=_count(found.get("forks_count")),
        watchers=_count(found.get("subscribers_count")),
        open_issues=_count(found.get("open_issues_count")),
        licence=text(known if known != "NOASSERTION" else licence.get("name"), 100),
        created_at=_maybe(found.get("created_at")),
    )


def _website(value: Any) -> str:
    found = text(value, 2000)
    if found and "://" not in found and "." in found.split("/")[0]:
        found = f"https://{found}"
    return (
        found if found.startswith(("http://", "https://")) and len(found) <= 500 and " " not in found else ""
    )


def issue(found: Mapping[str, Any]) -> Issue:
    """A row of ``/repos/…/issues``, which lists pull requests, too."""
    pull = found.get("pull_request")
    state = str(found["state"])
    if state not in ("open", "closed"):
        raise ValueError(f"the state {state[:30]!r} is not known")
    if pull and pull.get("merged_at"):
        state = "merged"
    names = (each.get("name") if isinstance(each, Mapping) else each for each in found.get("labels") or ())
    return Issue(
        number=int(found["number"]),
        is_pull=bool(pull),
        title=text(found["title"]),
        state=state,
        labels=tuple(text(name, 100) for name in names if name),
        url=text(found.get("html_url"), 1000),
        author=account(found.get("user")),
        opened_at=moment(found["created_at"]),
        updated_at=moment(found["updated_at"]),
        closed_at=_maybe(found.get("closed_at")),
        comments=_count(found.get("comments")) or 0,
        is_draft=found.get("draft") is True,
    )


def review(found: Mapping[str, Any]) -> Review | None:
    """A row of ``/repos/…/pulls/N/reviews``; one that is not handed in yet is passed over."""
    at = found.get("submitted_at")
    pull = str(found["pull_request_url"]).rpartition("/")[2]
    return (
        Review(
            int(pull),
            str(int(found["id"])),
            text(found["state"], 30).lower(),
            account(found.get("user")),
            moment(at),
        )
        if at
        else None
    )


def reviews_of(pull: Mapping[str, Any]) -> tuple[list[Review], list[str]]:
    """The reviews within a pull request of a GraphQL answer."""
    number = int(pull["number"])

    def one(found: Mapping[str, Any]) -> Review | None:
        at = found.get("submittedAt")
        return (
            Review(
                number, str(int(found["databaseId"])), text(found["state"], 30).lower(),
                actor(found.get("author")), moment(at),
            )
            if at
            else None
        )  # fmt: skip

    return each([row for row in pull["reviews"]["nodes"] if row is not None], one)


def discussion(found: Mapping[str, Any]) -> Discussion:
    """A node of ``discussions``."""
    return Discussion(
        number=int(found["number"]),
        title=text(found["title"]),
        category=text((found.get("category") or {}).get("name"), 100),
        url=text(found.get("url"), 1000),
        is_closed=found.get("closed") is True,
        author=actor(found.get("author")),
        opened_at=moment(found["createdAt"]),
        updated_at=moment(found["updatedAt"]),
        closed_at=_maybe(found.get("closedAt")),
        comments=_count((found.get("comments") or {}).get("totalCount")) or 0,
    )


def star(found: Mapping[str, Any]) -> Star | None:
    """An edge of ``stargazers``; a deleted account's is passed over."""
    who = actor({"__typename": "User", **(found.get("node") or {})})
    return Star(who, moment(found["starredAt"])) if who else None


def release(found: Mapping[str, Any]) -> Release | None:
    """A row of ``/repos/…/releases``; a draft is passed over."""
    if found.get("draft") or not found.get("published_at"):
        return None
    tag = text(found["tag_name"], 200)
    return Release(
        number=str(int(found["id"])),
        tag=tag,
        title=text(found.get("name")) or tag,
        url=text(found.get("html_url"), 1000),
        author=account(found.get("author")),
        published_at=moment(found["published_at"]),
        is_prerelease=found.get("prerelease") is True,
    )


def authors(rows: Iterable[Any]) -> list[tuple[Account, dt.datetime]]:
    """Who did these, and when."""
    found = []
    for row in rows:
        at = next(
            getattr(row, name)
            for name in ("opened_at", "submitted_at", "starred_at", "published_at")
            if hasattr(row, name)
        )
        if row.author is not None:
            found.append((row.author, at))
    return found
