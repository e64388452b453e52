"""From what GitHub shows to rows: accounts, items, activities; once, however often it is read."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from folkmoot.connectors.github.shapes import Account, Discussion, Issue, Release, Review, Star
from folkmoot.kernel import clock, events
from folkmoot.ledger.github.models import GithubRepository
from folkmoot.ledger.matching import LIVE, OPENED, Opening, Same, find_same, named
from folkmoot.ledger.models import Item, ItemKey
from folkmoot.people.public import Identity, SeenAccount, seen_accounts

#: What may change of an item.
_MUTABLE = ("kind", "title", "state", "url", "labels", "closed_at", "detail")


def identities_of(
    repository: GithubRepository, rows: Iterable[tuple[Account | None, dt.datetime]], *, make: bool = True
) -> dict[str, Identity]:
    """Account number -> identity of those who did something, and note when they were seen."""
    moments: dict[SeenAccount, list[dt.datetime]] = defaultdict(list)
    by_number: dict[str, SeenAccount] = {}
    for account, at in rows:
        if account is not None:
            seen = SeenAccount(repository.source, account.number, account.login, account.is_bot)
            moments[by_number.setdefault(account.number, seen)].append(at)
    return seen_accounts(moments, source=repository.source, make=make) if moments else {}


def _identity(identities: Mapping[str, Identity], account: Account | None) -> int | None:
    """``None`` for a deleted account: what it did belongs to nobody."""
    found = identities.get(account.number) if account else None
    return found.pk if found else None


# --- issues and pull requests


def issue_key(repository: GithubRepository, number: int) -> str:
    """The name of an issue or pull request: repository's and its own number, which no renaming changes."""
    return f"{repository.number}/{number}"


def put_issues(repository: GithubRepository, issues: Sequence[Issue]) -> None:
    """Make or update items, record who opened them; what an import knows already gets a second name instead."""
    latest = {issue.number: issue for issue in issues}
    rows = list(latest.values())
    identities = identities_of(repository, [(issue.author, issue.opened_at) for issue in rows])
    wanted = {issue_key(repository, issue.number): _issue_item(repository, issue) for issue in rows}
    known = named(repository.source, wanted)
    openings = [
        Opening(
            issue_key(repository, issue.number),
            repository.project_id,
            issue.opened_at,
            _identity(identities, issue.author),
            issue.title,
        )
        for issue in rows
        if repository.project_id is not None and issue_key(repository, issue.number) not in known
    ]
    same = find_same(openings, source=repository.source, among=~LIVE)
    _name_again(repository, same)
    items = _put_items(wanted, known | {key: one.item for key, one in same.items()})
    opened_elsewhere = {key for key, one in same.items() if one.opening is not None}
    events.record(
        *(
            _happening(
                repository, OPENED, key, issue.opened_at, _identity(identities, issue.author), items[key]
            )
            for issue in rows
            if (key := issue_key(repository, issue.number)) not in known and key not in opened_elsewhere
        )
    )


def _issue_item(repository: GithubRepository, issue: Issue) -> Item:
    said = {"number": issue.number, "comments": issue.comments}
    return Item(
        kind="pull_request" if issue.is_pull else "issue",
        title=issue.title,
        state=issue.state,
        labels=list(issue.labels),
        url=issue.url,
        project_id=repository.project_id,
        opened_at=issue.opened_at,
        closed_at=issue.closed_at,
        source=repository.source,
        external_id=issue_key(repository, issue.number),
        detail={"github": {**said, "draft": True} if issue.is_draft else said},
    )


def _name_again(repository: GithubRepository, same: Mapping[str, Same]) -> None:
    ItemKey.objects.bulk_create(
        [
            ItemKey(item=one.item, opening=one.opening, source=repository.source, external_id=key)
            for key, one in same.items()
        ],
        batch_size=500,
    )


def _put_items(wanted: Mapping[str, Item], known: Mapping[str, Item]) -> dict[str, Item]:
    """Make the items that are not known, update those that are; what an import said of them stays in ``detail``."""
    now = clock.now()
    changed: list[Item] = []
    found: dict[str, Item] = {}
    for key, item in wanted.items():
        row = known.get(key)
        if row is None:
            item.updated_at = now
            found[key] = item
            continue
        found[key] = row
        values = {name: getattr(item, name) for name in _MUTABLE}
        values["detail"] = {**row.detail, **item.detail}
        if any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.updated_at = now
            changed.append(row)
    Item.objects.bulk_create([item for key, item in found.items() if key not in known], batch_size=500)
    Item.objects.bulk_update(changed, [*_MUTABLE, "updated_at"], batch_size=500)
    return found


def _happening(
    repository: GithubRepository,
    kind: str,
    key: str,
    at: dt.datetime,
    identity_id: int | None,
    item: Item | None = None,
    **detail: Any,
) -> events.Happening:
    return events.Happening(
        kind,
        identity_id,
        occurred_at=at,
        item_id=item.pk if item else None,
        project_id=repository.project_id,
        source=repository.source,
        external_id=key,
        detail=detail,
    )


# --- reviews, discussions, releases, stars


def put_reviews(repository: GithubRepository, reviews: Sequence[Review]) -> None:
    """Record reviews of pull requests; each stands with its pull request, where that is known."""
    identities = identities_of(repository, [(review.author, review.submitted_at) for review in reviews])
    items = named(repository.source, {issue_key(repository, review.pull) for review in reviews})
    events.record(
        *(
            _happening(
                repository,
                "pull_request.reviewed",
                f"{key}/review/{review.number}",
                review.submitted_at,
                _identity(identities, review.author),
                items.get(key),
                state=review.state,
                pull=review.pull,
            )
            for review in reviews
            if (key := issue_key(repository, review.pull))
        )
    )


def put_discussions(repository: GithubRepository, discussions: Sequence[Discussion]) -> None:
    """Make or update discussions, record who opened them."""
    rows = list({one.number: one for one in discussions}.values())
    done = [(one.author, one.opened_at) for one in rows]
    identities = identities_of(repository, done)
    wanted = {
        f"{repository.number}/discussion/{one.number}": Item(
            kind="discussion",
            title=one.title,
            state=Item.State.CLOSED if one.is_closed else Item.State.OPEN,
            labels=[one.category] if one.category else [],
            url=one.url,
            project_id=repository.project_id,
            opened_at=one.opened_at,
            closed_at=one.closed_at,
            source=repository.source,
            external_id=f"{repository.number}/discussion/{one.number}",
            detail={"github": {"number": one.number, "comments": one.comments}},
        )
        for one in rows
    }
    _put_new_kind(repository, "discussion.opened", wanted, done, identities)


def put_releases(repository: GithubRepository, releases: Sequence[Release]) -> None:
    """Make or update releases, record who published them."""
    rows = list({one.number: one for one in releases}.values())
    done = [(one.author, one.published_at) for one in rows]
    identities = identities_of(repository, done)
    wanted = {
        f"{repository.number}/release/{one.number}": Item(
            kind="release",
            title=one.title,
            labels=["pre-release"] if one.is_prerelease else [],
            url=one.url,
            project_id=repository.project_id,
            opened_at=one.published_at,
            source=repository.source,
            external_id=f"{repository.number}/release/{one.number}",
            detail={"github": {"tag": one.tag}},
        )
        for one in rows
    }
    _put_new_kind(repository, "release.published", wanted, done, identities)


def _put_new_kind(
    repository: GithubRepository,
    kind: str,
    wanted: Mapping[str, Item],
    done: Sequence[tuple[Account | None, dt.datetime]],
    identities: Mapping[str, Identity],
) -> None:
    items = _put_items(wanted, named(repository.source, wanted))
    events.record(
        *(
            _happening(repository, kind, key, at, _identity(identities, author), items[key])
            for key, (author, at) in dict(zip(wanted, done, strict=True)).items()
        )
    )


def put_stars(repository: GithubRepository, stars: Sequence[Star]) -> None:
    """Record stars. Who is in the register is named; nobody gets into it by a star, and no other login is kept."""
    identities = identities_of(repository, [(star.author, star.starred_at) for star in stars], make=False)
    events.record(
        *(
            _happening(
                repository,
                "repository.starred",
                f"{repository.number}/star/{star.author.number}",
                star.starred_at,
                _identity(identities, star.author),
            )
            for star in stars
        )
    )
