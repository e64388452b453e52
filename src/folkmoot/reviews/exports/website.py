"""The facts of reviews in a website's ``packages.yml``: what is known now stands where it is newer than what was read.

A value of the file stays exactly as it was written while it still means what reviews hold. Accepted packages that the
file does not name yet are added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from folkmoot.kernel.text import fold
from folkmoot.people.public import Identity, PackageLayer, named_on_site, package_layers
from folkmoot.reviews.header import values
from folkmoot.reviews.header.values import Unreadable
from folkmoot.reviews.imports.packages import BUCKET, FIELDS, issue_of, moment_of
from folkmoot.reviews.models import Assignment, Kind, Outcome, Submission

_Role, _State = Assignment.Role, Assignment.State
#: Key of the record, the part in the review, whether the file always has a list.
PEOPLE = (("editor", _Role.EDITOR, False), ("eic", _Role.EIC, False), ("reviewers", _Role.REVIEWER, True))
#: Keys whose value the register owns.
_OTHERS = frozenset({"package_name", "package_description", "repository_link"})


def lay(entries: Sequence[tuple[int, dict[str, Any]]], keys: Sequence[str]) -> Iterable[dict[str, Any]]:
    """Lay the facts of reviews over the records; give records of accepted packages that are not among them."""
    accepted = Submission.objects.filter(outcome=Outcome.ACCEPTED).exclude(kind=Kind.PRESUBMISSION)
    rows = list(accepted.select_related("project").prefetch_related("tags").order_by("accepted_on", "pk"))
    by_issue = {_issue(row.issue_url): row for row in rows if row.issue_url}
    by_project = {row.project_id: row for row in rows if row.project_id}
    parts = _parts(rows)
    people = named_on_site(pk for several in parts.values() for pk in several)
    logins = _logins(pk for several in parts.values() for pk in several)
    met: set[int] = set()
    for project, entry in entries:
        row = by_issue.get(_issue(entry.get("issue_link"))) or by_project.get(project)
        if row is None:
            continue
        met.add(row.pk)
        _facts(entry, row)
        _tracker(entry, row)
        for key, role, is_list in PEOPLE:
            _people(entry, key, row, parts[row.pk, role], people, logins, role, is_list=is_list)
    for row in rows:
        if row.pk not in met and row.issue_url:
            yield _entry(row, keys, parts, people)


def _issue(address: Any) -> tuple[str, int] | None:
    return issue_of({"issue_link": address}) if isinstance(address, str) else None


def _parts(rows: Sequence[Submission]) -> dict[tuple[int, str], list[int]]:
    """Who has which part in which submission, in order; authors and maintainers, too."""
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    held = Assignment.objects.filter(submission__in=rows, state__in=(_State.ACCEPTED, _State.DONE))
    for row in held.order_by("submission", "role", "position", "pk"):
        found[row.submission_id, row.role].append(row.person_id)
    return found


def _logins(people: Iterable[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    rows = Identity.objects.filter(person__in=set(people), system="github")
    for person, folded in rows.values_list("person_id", "folded"):
        found[person].add(folded)
    return found


def _meant(read: Callable[[str], Any], raw: Any) -> Any:
    try:
        return read(str(raw)) if raw not in (None, "") else None
    except Unreadable:
        return None


def _facts(entry: dict[str, Any], row: Submission) -> None:
    for key, name, read in FIELDS:
        held = getattr(row, name)
        if key in _OTHERS or not held or _meant(read, entry.get(key)) == held:
            continue
        said = row.said.get(BUCKET, {})
        written = moment_of(entry)
        repeats = said.get("fields", {}).get(name) == held and entry.get(key) not in (None, "")
        if repeats and written is not None and said.get("at", "") <= written.isoformat():
            continue  # reviews only repeat a file that is no newer than this one
        entry[key] = paper(held) if key == "joss" else held
    day = _meant(values.day, entry.get("date_accepted"))
    if row.accepted_on is not None and (day is None or day.day != row.accepted_on):
        entry["date_accepted"] = row.accepted_on.isoformat()


def paper(doi: str) -> str:
    """Where a paper stands."""
    if doi.lower().startswith("10.21105/joss."):
        return f"https://joss.theoj.org/papers/{doi}"
    return f"https://doi.org/{doi}"


def _tracker(entry: dict[str, Any], row: Submission) -> None:
    """What the issue says, where it was seen later than the record was written."""
    if row.issue_url and _issue(entry.get("issue_link")) is None:
        entry["issue_link"] = row.issue_url
    written = moment_of(entry)
    if written is None or row.seen_at is None or row.seen_at <= written:
        return
    if row.labels and entry.get("labels") != row.labels:
        entry["labels"] = list(row.labels)
    if row.closed_at is not None and entry.get("closed_at") in (None, ""):
        entry["closed_at"] = row.closed_at.isoformat(sep=" ")


def _people(
    entry: dict[str, Any],
    key: str,
    row: Submission,
    now: Sequence[int],
    people: Mapping[int, dict[str, Any]],
    logins: Mapping[int, set[str]],
    role: str,
    *,
    is_list: bool,
) -> None:
    """Those whom the file names stay as they are written while they have the part; others are added."""
    raw = entry.get(key)
    written = raw if isinstance(raw, list) else [raw] if raw else []
    told = {login for one in row.said.values() for login in one.get("people", {}).get(role, ())}
    kept, there = [], set()
    for one in written:
        login = fold(str(one.get("github_username") or "")) if isinstance(one, dict) else fold(str(one))
        person = next((pk for pk in now if login in logins.get(pk, ())), None)
        if person is not None:
            there.add(person)
        if person is not None or login not in told or not now:
            kept.append(one)
    added = [dict(people[pk]) for pk in now if pk not in there and pk in people]
    if added:  # somebody is known now where the file said that nobody was
        kept = [one for one in kept if not _names_nobody(one)]
    if len(kept) == len(written) and not added:
        return
    found = [*kept, *added]
    entry[key] = found if is_list or len(found) > 1 else found[0] if found else None


def _names_nobody(one: Any) -> bool:
    login = one.get("github_username") if isinstance(one, dict) else one
    return values.is_nothing(str(login or ""))


def _entry(
    row: Submission,
    keys: Sequence[str],
    parts: Mapping[tuple[int, str], list[int]],
    people: Mapping[int, dict[str, Any]],
) -> dict[str, Any]:
    """A record of a package that the file does not name yet, as the site's files write it."""

    def named(role: str) -> list[dict[str, Any]]:
        return [dict(people[pk]) for pk in parts.get((row.pk, role), ()) if pk in people]

    def one_or_all(role: str) -> Any:
        found = named(role)
        return found if len(found) > 1 else found[0] if found else None

    tags: dict[str, list[str]] = defaultdict(list)
    for tag in row.tags.all():
        tags[tag.facet].append(tag.name)
    repository = row.repository or (row.project.repository if row.project else "")
    found: dict[str, Any] = {
        "package_name": row.title,
        "package_description": row.description or None,
        "submitting_author": one_or_all(_Role.AUTHOR),
        "all_current_maintainers": named(_Role.MAINTAINER) or None,
        "repository_link": repository or None,
        "repository_host": _host(repository),
        "version_submitted": row.version_submitted or None,
        "categories": tags["category"] or None,
        "editor": one_or_all(_Role.EDITOR),
        "eic": one_or_all(_Role.EIC),
        "reviewers": named(_Role.REVIEWER) or None,
        "archive": row.archive or None,
        "version_accepted": row.version_accepted or None,
        "date_accepted": row.accepted_on.isoformat() if row.accepted_on else None,
        "created_at": row.opened_at.isoformat(),
        "updated_at": (row.seen_at or row.opened_at).replace(microsecond=0).isoformat(),
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "issue_link": row.issue_url,
        "joss": paper(row.joss_doi) if row.joss_doi else None,
        "partners": tags["partner"] or None,
        "gh_meta": None,
        "labels": list(row.labels),
        "active": not (row.project is not None and row.project.is_archived),
    }
    return {key: found.get(key) for key in keys}


def _host(repository: str) -> str:
    for host in ("github", "gitlab", "codeberg", "bitbucket"):
        if f"//{host}." in repository:
            return host
    return "other"


package_layers.register(PackageLayer("reviews.packages", lay))
