"""The streams of a repository: how each asks for its next page, and what the page's rows become.

Each page is asked for outside any transaction and written within one, together with the cursor of the page after it.
Whoever is killed between the two has lost nothing but the asking.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from folkmoot.connectors.github import questions, shapes
from folkmoot.connectors.github.client import GitHub, Page
from folkmoot.connectors.github.problems import GitHubProblem, Trouble
from folkmoot.kernel import clock
from folkmoot.ledger.github import writing
from folkmoot.ledger.github.models import GithubRepository, Stream
from folkmoot.people.public import (
    ProjectFacts,
    SeenRepository,
    is_main,
    mark_facts_read,
    put_facts,
    seen_repository,
)

T = TypeVar("T")
PER_PAGE = 100
#: How many rows that could not be read are remembered.
LEFT_OUT = 20


@dataclass(frozen=True)
class Fetched:
    """A page, and where the next one begins.

    Attributes:
        rows: what was read.
        cursor: to go on from.
        etag: of the answer that the cursor leads to, where asking again is free when it is unchanged.
        is_end: there is no further page now.
        is_unchanged: nothing is new since the last time.
        left_out: rows that could not be read, with the reason.
    """

    rows: Sequence[Any]
    cursor: dict[str, Any]
    etag: str = ""
    is_end: bool = False
    is_unchanged: bool = False
    left_out: Sequence[str] = field(default=())


Fetch = Callable[[GitHub, GithubRepository, dict[str, Any], str], Fetched]
Put = Callable[[GithubRepository, Sequence[Any]], None]


def understood(read: Callable[[], T]) -> T:
    """What ``read`` gives.

    Raises:
        GitHubProblem: the answer is built otherwise than GitHub builds it.
    """
    try:
        return read()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        why = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
        raise GitHubProblem(Trouble.ODD, why) from None


# --- facts


@dataclass(frozen=True)
class Facts:
    """What is told of a repository itself."""

    repository: shapes.Repository
    contributors: int | None
    last_commit_at: dt.datetime | None


def fetch_facts(github: GitHub, repository: GithubRepository, cursor: dict[str, Any], etag: str) -> Fetched:
    """The repository, how many contributed, the last commit. Follows it where it was renamed or moved to."""
    page = github.get(f"/repos/{repository.full_name}", etag=etag if _has_its_facts(repository) else "")
    if page.is_unchanged:
        return Fetched([], cursor, etag, is_end=True, is_unchanged=True)
    found = understood(lambda: shapes.repository(page.data))
    if found.number != repository.number:  # somebody else has the name now
        page = github.get(f"/repositories/{repository.number}")
        found = understood(lambda: shapes.repository(page.data))
    facts = Facts(found, _contributors(github, found.full_name), _last_commit(github, found.full_name))
    return Fetched([facts], {}, page.etag, is_end=True)


def _has_its_facts(repository: GithubRepository) -> bool:
    """Whether what was read is kept still: after a merge, or when somebody removed the project, it is read anew."""
    project = repository.project
    if project is None:
        return False
    is_elsewhere = not is_main(project, f"https://{repository.host}/{repository.full_name}")
    facts = ProjectFacts.objects.filter(source=repository.source, number=repository.number, project=project)
    return is_elsewhere or facts.exists()


def _contributors(github: GitHub, full_name: str) -> int | None:
    """One on a page: then the number of the last page is their number. ``None`` where GitHub will not count them."""
    page = _or_none(github, f"/repos/{full_name}/contributors", {"per_page": 1, "anon": 1})
    return None if page is None else max(page.last_page, 1) if page.data else 0


def _last_commit(github: GitHub, full_name: str) -> dt.datetime | None:
    page = _or_none(github, f"/repos/{full_name}/commits", {"per_page": 1})
    if page is None or not page.data:
        return None
    return understood(lambda: shapes.moment(page.data[0]["commit"]["committer"]["date"]))


def _or_none(github: GitHub, path: str, params: dict[str, Any]) -> Page | None:
    """A page that not every repository has: an empty one has no commits, a huge one no count."""
    try:
        return github.get(path, params)
    except GitHubProblem as problem:
        if problem.trouble in (Trouble.SCOPE, Trouble.GONE, Trouble.ODD):
            return None
        raise


def put_repository(repository: GithubRepository, rows: Sequence[Facts]) -> None:
    """Bring the project in line, keep the facts; no row says that nothing has changed."""
    if not rows:
        mark_facts_read(source=repository.source, number=repository.number, read_at=clock.now())
    for facts in rows:
        found = facts.repository
        repository.full_name = found.full_name
        repository.project = seen_repository(
            seen(found), source=repository.source, project=repository.project
        )
        repository.save(update_fields=["full_name", "project"])
        if not is_main(repository.project, found.url):
            continue
        values = {
            "stars": found.stars,
            "forks": found.forks,
            "watchers": found.watchers,
            "open_issues": found.open_issues,
            "licence": found.licence,
            "documentation": found.website,
            "repository_created_at": found.created_at,
            "contributors": facts.contributors,
            "last_commit_at": facts.last_commit_at,
        }
        put_facts(
            project=repository.project,
            source=repository.source,
            number=repository.number,
            read_at=clock.now(),
            values={name: value for name, value in values.items() if value not in (None, "")},
        )


def seen(found: shapes.Repository) -> SeenRepository:
    """A repository as the register takes it."""
    return SeenRepository(
        number=found.number,
        full_name=found.full_name,
        repository=found.url,
        description=found.description,
        website=found.website,
        is_archived=found.is_archived,
    )


# --- releases


def fetch_releases(
    github: GitHub, repository: GithubRepository, cursor: dict[str, Any], etag: str
) -> Fetched:
    """The newest first; all of them whenever the first page has changed."""
    number = int(cursor.get("page", 1))
    page = github.get(
        f"/repos/{repository.full_name}/releases",
        {"per_page": PER_PAGE, "page": number},
        etag=etag if number == 1 else "",
    )
    if page.is_unchanged:
        return Fetched([], cursor, etag, is_end=True, is_unchanged=True)
    rows, bad = understood(lambda: shapes.each(page.data or [], shapes.release))
    kept = page.etag if number == 1 else etag
    return Fetched(rows, {"page": number + 1} if page.next_url else {}, kept, not page.next_url, left_out=bad)


def put_releases(repository: GithubRepository, rows: Sequence[shapes.Release]) -> None:
    """Record releases; the newest that is no pre-release is a fact of the project."""
    writing.put_releases(repository, rows)
    newest = max(
        (one for one in rows if not one.is_prerelease), key=lambda one: one.published_at, default=None
    )
    if newest is None:
        return
    facts = ProjectFacts.objects.filter(source=repository.source, number=repository.number)
    facts.exclude(latest_release_at__gt=newest.published_at).update(
        latest_release=newest.tag, latest_release_at=newest.published_at
    )


# --- issues and pull requests


@dataclass(frozen=True)
class IssuesPage:
    """A page of issues before its rows are understood; ``rows`` is ``None`` when there is nothing new."""

    rows: list[Any] | None
    cursor: dict[str, Any]
    etag: str = ""
    is_end: bool = True
    is_unchanged: bool = False

    def fetched(self, rows: Sequence[Any], left_out: Sequence[str] = ()) -> Fetched:
        """With its rows as they were understood."""
        return Fetched(rows, self.cursor, self.etag, self.is_end, self.is_unchanged, left_out)


def issues_page(
    github: GitHub,
    repository: GithubRepository,
    cursor: dict[str, Any],
    etag: str,
    *,
    per_page: int = PER_PAGE,
) -> IssuesPage:
    """Issues and pull requests, those changed longest ago first, from the moment of the last one read.

    Pages are not counted on: an issue that changes meanwhile moves to the end and all others up by one. So each page
    begins at the time of the last row before it; only within one and the same second are pages turned.
    """
    since, number = str(cursor.get("since", "")), int(cursor.get("page", 1))
    params = {"state": "all", "sort": "updated", "direction": "asc", "per_page": per_page}
    more = {"since": since} if since else {}
    try:
        page = github.get(
            f"/repos/{repository.full_name}/issues",
            {**params, **more, "page": number},
            etag=etag if number == 1 else "",
        )
    except GitHubProblem as problem:
        if problem.trouble == Trouble.GONE and problem.detail.startswith("410"):
            return IssuesPage(None, cursor)  # issues are switched off there
        raise
    if page.is_unchanged:
        return IssuesPage(None, cursor, etag, is_unchanged=True)
    rows = page.data or []
    known, _bad = understood(lambda: shapes.each(rows, shapes.issue))
    last = max((row.updated_at for row in known), default=None)
    reached = f"{last:%Y-%m-%dT%H:%M:%SZ}" if last else since
    is_end = not page.next_url
    if is_end or reached != since:
        following: dict[str, Any] = {"since": reached} if reached else {}
    else:
        following = {"since": since, "page": number + 1} if since else {"page": number + 1}
    kept = page.etag if is_end and number == 1 and reached == since else ""
    return IssuesPage(rows, following, kept, is_end)


def fetch_issues(github: GitHub, repository: GithubRepository, cursor: dict[str, Any], etag: str) -> Fetched:
    """Issues and pull requests that changed since the last reading."""
    page = issues_page(github, repository, cursor, etag)
    if page.rows is None:
        return page.fetched([])
    rows, bad = understood(lambda: shapes.each(page.rows, shapes.issue))
    return page.fetched(rows, bad)


# --- what only GraphQL tells


def _ask(
    github: GitHub, repository: GithubRepository, question: str, name: str, after: str | None
) -> dict[str, Any]:
    owner, _slash, short = repository.full_name.partition("/")
    variables = {"owner": owner, "name": short, "first": questions.FIRST[name], "after": after}
    data = github.graphql(question, variables)
    found = data.get("repository")
    if found is None:
        raise GitHubProblem(Trouble.GONE, repository.full_name)
    page = found.get(name) if isinstance(found, dict) else None
    if not isinstance(page, dict) or not isinstance(page.get("pageInfo"), dict):
        raise GitHubProblem(Trouble.ODD, f"{name} is missing in the answer")
    return page


def _newest_first(
    page: dict[str, Any], cursor: dict[str, Any], changed: Sequence[str]
) -> tuple[dict[str, Any], bool]:
    """The cursor after a page of what changed last, and whether it is the end: where the last reading began."""
    since, until = str(cursor.get("since", "")), str(cursor.get("until", "")) or max(changed, default="")
    after = page["pageInfo"].get("endCursor")
    is_end = not page["pageInfo"].get("hasNextPage") or not after or bool(changed and min(changed) < since)
    if is_end:
        return ({"since": max(since, until)} if since or until else {}), True
    return {"since": since, "until": until, "after": after}, False


def _nodes(page: dict[str, Any]) -> list[dict[str, Any]]:
    """The nodes that may be seen: GitHub leaves ``null`` where one may not."""
    return [node for node in page.get("nodes") or () if node is not None]


def fetch_reviews(github: GitHub, repository: GithubRepository, cursor: dict[str, Any], etag: str) -> Fetched:
    """Reviews of the pull requests that changed since the last reading, those changed last first."""
    page = _ask(github, repository, questions.REVIEWS, "pullRequests", cursor.get("after"))
    pulls = _nodes(page)
    rows: list[shapes.Review] = []
    bad: list[str] = []
    for pull in pulls:
        good, odd = understood(lambda pull=pull: shapes.reviews_of(pull))  # type: ignore[misc]
        if pull["reviews"].get("pageInfo", {}).get("hasNextPage"):
            good, odd = _all_reviews(github, repository, int(pull["number"]))
        rows += good
        bad += odd
    following, is_end = understood(
        lambda: _newest_first(page, cursor, [str(pull["updatedAt"]) for pull in pulls])
    )
    return Fetched(rows, following, is_end=is_end, left_out=bad)


def _all_reviews(
    github: GitHub, repository: GithubRepository, pull: int
) -> tuple[list[shapes.Review], list[str]]:
    """All reviews of a pull request that has more than one answer of GraphQL holds."""
    rows: list[shapes.Review] = []
    bad: list[str] = []
    page = github.get(f"/repos/{repository.full_name}/pulls/{pull}/reviews", {"per_page": PER_PAGE})
    while True:
        good, odd = understood(lambda page=page: shapes.each(page.data or [], shapes.review))  # type: ignore[misc]
        rows += good
        bad += odd
        if not page.next_url:
            return rows, bad
        page = github.get(page.next_url)


def fetch_discussions(
    github: GitHub, repository: GithubRepository, cursor: dict[str, Any], etag: str
) -> Fetched:
    """Discussions that changed since the last reading, those changed last first."""
    page = _ask(github, repository, questions.DISCUSSIONS, "discussions", cursor.get("after"))
    nodes = _nodes(page)
    rows, bad = understood(lambda: shapes.each(nodes, shapes.discussion))
    following, is_end = understood(
        lambda: _newest_first(page, cursor, [str(node["updatedAt"]) for node in nodes])
    )
    return Fetched(rows, following, is_end=is_end, left_out=bad)


def fetch_stars(github: GitHub, repository: GithubRepository, cursor: dict[str, Any], etag: str) -> Fetched:
    """Stars, the oldest first, from where the last reading ended."""
    page = _ask(github, repository, questions.STARS, "stargazers", cursor.get("after"))
    rows, bad = understood(
        lambda: shapes.each([edge for edge in page.get("edges") or () if edge is not None], shapes.star)
    )
    after = page["pageInfo"].get("endCursor") or cursor.get("after")
    is_end = not page["pageInfo"].get("hasNextPage")
    return Fetched(rows, {"after": after} if after else {}, is_end=is_end, left_out=bad)


READERS: dict[Stream, tuple[Fetch, Put]] = {
    Stream.FACTS: (fetch_facts, put_repository),
    Stream.RELEASES: (fetch_releases, put_releases),
    Stream.ISSUES: (fetch_issues, writing.put_issues),
    Stream.REVIEWS: (fetch_reviews, writing.put_reviews),
    Stream.DISCUSSIONS: (fetch_discussions, writing.put_discussions),
    Stream.STARS: (fetch_stars, writing.put_stars),
}
