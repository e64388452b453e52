"""pyOpenSci's website: ``contributors.yml``, ``packages.yml`` and the two files of its editorial team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel.exports import Site, SiteFile, sites
from folkmoot.kernel.text import fold
from folkmoot.people import seeds
from folkmoot.people.exports.layers import package_layers
from folkmoot.people.exports.records import as_yaml, filled, lay, lay_words, parsed
from folkmoot.people.exports.register import Held, held_by, maintainers, words_of
from folkmoot.people.imports import values
from folkmoot.people.imports.editorial import FILES as TEAM_FILES
from folkmoot.people.imports.editorial import PART as TEAM
from folkmoot.people.imports.pyopensci import CONTRIBUTORS, PACKAGES, same_tag
from folkmoot.people.models import Person, Project, ProjectFacts, SourceRecord
from folkmoot.people.queries.consents import PUBLIC_PROFILE, PUBLISH_NAME, consents_of

SOURCE = "pyopensci"

#: ``gh_meta`` and what the register knows of it.
FACTS = {
    "stargazers_count": "stars",
    "watchers_count": "watchers",
    "open_issues_count": "open_issues",
    "forks_count": "forks",
    "documentation": "documentation",
    "contrib_count": "contributors",
}


def _by_owner(part: str, about: str) -> dict[int, list[SourceRecord]]:
    """A file's records by the person or project they are about, in the file's order; several after a merge."""
    found: dict[int, list[SourceRecord]] = defaultdict(list)
    rows = SourceRecord.objects.filter(source=SOURCE, part=part, **{f"{about}__isnull": False})
    for record in rows.order_by("pk"):
        found[getattr(record, f"{about}_id")].append(record)
    return found


@sites.declare
class PyOpenSci(Site):
    """The data folder of pyopensci.org (read as in the importer of the same name)."""

    key: ClassVar[str] = "pyopensci"
    label: ClassVar[Any] = gettext_lazy("pyOpenSci's website")
    order: ClassVar[int] = 10

    def files(self) -> Iterator[SiteFile]:
        """Files of which an import read some, or for which the register has entries."""
        meaning: dict[str, Any] = seeds.data(SOURCE)
        for file in (contributors(meaning["contributors"]), packages(meaning["packages"])):
            if file.entries:
                yield file
        yield from editorial_team()


# ------------------------------------------------------------- contributors


def contributors(meaning: Mapping[str, Any]) -> SiteFile:
    """``contributors.yml``: everybody it named before, and who joined since and agreed to be named."""
    records = _by_owner(CONTRIBUTORS, "person")
    newcomers = _newcomers(meaning, records.keys())
    people = held_by([*records, *newcomers])
    vocabulary = _vocabulary(records.values(), meaning["tags"])
    entries, hidden = [], 0
    for pk in [*records, *newcomers]:
        held = people.get(pk)
        if held is None or PUBLIC_PROFILE in held.refused or held.person.archived_at is not None:
            hidden += 1
            continue
        entry = filled([record.payload for record in records.get(pk, [])], meaning["keys"])
        if not entry:
            entry = dict.fromkeys(meaning["keys"]) | {"name": held.person.name}
        entries.append(_contributor(entry, held, meaning, vocabulary))
    return SiteFile(CONTRIBUTORS, as_yaml(entries), len(entries), _hidden(hidden))


def _hidden(number: int) -> tuple[str, ...]:
    if not number:
        return ()
    return (
        ngettext(
            "%(n)d person is left out: erased, archived, or does not want to be public.",
            "%(n)d people are left out: erased, archived, or do not want to be public.",
            number,
        )
        % {"n": number},
    )


def _newcomers(meaning: Mapping[str, Any], known: Iterable[int]) -> list[int]:
    """Who holds a role that the file knows, has a GitHub account, agreed to be public, and is not in the file yet."""
    roles = {said["role"] for said in [*meaning["flags"].values(), *meaning["titles"].values()]}
    found = (
        Person.objects.filter(
            terms__role_kind__slug__in=roles,
            identities__system="github",
            archived_at=None,
            erased_at=None,
        )
        .exclude(pk__in=list(known))
        .order_by("pk")
        .distinct()
        .values_list("pk", flat=True)
    )
    agreed = consents_of(found, [PUBLIC_PROFILE])
    return [pk for pk, said in agreed.items() if said[PUBLIC_PROFILE]]


def _vocabulary(records: Iterable[list[SourceRecord]], fields: Mapping[str, str]) -> dict[str, set[str]]:
    """For each field, the folded words that the file uses anywhere."""
    found: dict[str, set[str]] = {field: set() for field in fields}
    for several in records:
        for record in several:
            for field, facet in fields.items():
                for word in parsed(values.words, record.payload.get(field)) or []:
                    found[field].add(fold(same_tag(facet, word)))
    return found


def _contributor(
    entry: dict[str, Any], held: Held, meaning: Mapping[str, Any], vocabulary: Mapping[str, set[str]]
) -> dict[str, Any]:
    person = held.person
    _login(entry, held)
    if not held.stands_in:
        lay(entry, "name", parsed(values.name, entry.get("name")), person.name)
    if PUBLISH_NAME in held.refused:
        entry["name"] = entry.get("github_username")
    for field, parse, now in (
        ("bio", values.paragraphs, person.bio),
        ("location", values.short, person.location),
        ("website", values.web_address, person.website),
    ):
        if now:
            lay(entry, field, parsed(parse, entry.get(field)), now)
    day = parsed(values.day, entry.get("date_added"))
    if person.joined_on and person.joined_on != day:
        entry["date_added"] = person.joined_on.isoformat()
    _organization(entry, held)
    for field, system in meaning["handles"].items():
        _handle(entry, held, field, system)
    _roles(entry, held, meaning)
    for field, facet in meaning["tags"].items():
        words = [name for held_facet, name in held.tags if held_facet == facet]
        lay_words(
            entry,
            field,
            same=partial(same_tag, facet),
            now=words,
            vocabulary=vocabulary[field],
        )
    return entry


def _login(entry: dict[str, Any], held: Held) -> None:
    accounts = held.handles("github")
    written = parsed(lambda raw: fold(values.handle("github", raw)), entry.get("github_username"))
    account = next((one for one in accounts if one.folded == written), accounts[0] if accounts else None)
    if account is None:
        return
    if account.folded != written:
        entry["github_username"] = account.value
    if account.number and account.number != parsed(values.number, entry.get("github_image_id")):
        entry["github_image_id"] = int(account.number)


def _organization(entry: dict[str, Any], held: Held) -> None:
    """The file has room for one: the one it names while the person belongs to it, else the newest."""
    names = [one.name for one in held.organizations]
    meant = parsed(values.organization, entry.get("organization"))
    if meant is not None and fold(meant) in {fold(name) for name in names}:
        return
    lay(entry, "organization", meant, names[0] if names else None)


def _handle(entry: dict[str, Any], held: Held, field: str, system: str) -> None:
    """What the file gives stays while it is the person's; mail addresses are never added."""
    raw = entry.get(field)
    written = parsed(lambda value: fold(values.handle(system, value)), raw)
    if (written and held.has_handle(system, written)) or (raw and written is None):
        return
    mine = held.handles(system)
    now = mine[0].value if mine and system != "email" else None
    if now or raw:
        entry[field] = now


def _roles(entry: dict[str, Any], held: Held, meaning: Mapping[str, Any]) -> None:
    """Flags and titles by the roles held today.

    A role that only this site's own files gave is not news for it: such a term raises no flag that the file has not.
    """
    for field, said in meaning["flags"].items():
        if _differs(held, said, parsed(values.truth, entry.get(field)) is True):
            entry[field] = parsed(values.truth, entry.get(field)) is not True
    raw = entry.get("title")
    titles = raw if isinstance(raw, list) else [raw] if raw else []
    kept = [
        title
        for title in titles
        if fold(title) not in meaning["titles"]
        or any(_is(term, meaning["titles"][fold(title)]) for term in held.terms)
    ]
    if len(kept) != len(titles):
        entry["title"] = kept[0] if len(kept) == 1 else kept or None


def _differs(held: Held, said: Mapping[str, str], written: bool) -> bool:
    """Whether the register says otherwise than a flag, on more than the word of this site's own files."""
    terms = [term for term in held.terms if _is(term, said)]
    if written:
        return not terms
    return any(term.source != SOURCE for term in terms)


def _is(term: Any, said: Mapping[str, str]) -> bool:
    team = fold(term.team.name) if term.team else ""
    return bool(term.role_kind.slug == said["role"] and team == fold(said["team"]))


# ----------------------------------------------------------------- packages


def packages(meaning: Mapping[str, Any]) -> SiteFile:
    """``packages.yml``: every package that it named before, and those that other areas add.

    Facts that the register does not own stay as they were said, unless another area knows better.
    """
    records = _by_owner(PACKAGES, "project")
    projects = Project.objects.in_bulk(list(records))
    facts = {one.project_id: one for one in ProjectFacts.objects.filter(project__in=projects)}
    role = next(role for role in meaning["people"].values() if role)
    keepers = maintainers(projects, role)
    words = words_of(projects.values())
    vocabulary = _vocabulary(records.values(), meaning["tags"])
    entries: list[tuple[int, dict[str, Any]]] = []
    for pk, several in records.items():
        entry = filled([record.payload for record in several], meaning["keys"])
        _package(entry, projects[pk], facts.get(pk))
        for field, facet in meaning["tags"].items():
            lay_words(
                entry,
                field,
                same=partial(same_tag, facet),
                now=[name for held_facet, name in words[pk] if held_facet == facet],
                vocabulary=vocabulary[field],
            )
        for field, held_role in meaning["people"].items():
            if held_role:
                _people(entry, field, keepers.get(pk, []))
        entries.append((pk, entry))
    whole = [entry for _pk, entry in entries]
    for layer in package_layers:
        whole += layer.lay(entries, meaning["keys"])
    return SiteFile(PACKAGES, as_yaml(whole), len(whole))


def _package(entry: dict[str, Any], project: Project, facts: ProjectFacts | None) -> None:
    for field, parse, now in (
        ("package_name", values.quoted, project.name),
        ("package_description", values.paragraphs, project.description),
        ("repository_link", values.web_address, project.repository),
    ):
        if now:
            lay(entry, field, parsed(parse, entry.get(field)), now)
    if project.is_archived != (entry.get("active") is False):
        entry["active"] = not project.is_archived
    about = dict(entry["gh_meta"]) if isinstance(entry.get("gh_meta"), dict) else {}
    if project.website and parsed(values.web_address, about.get("documentation")) != project.website:
        about["documentation"] = project.website
    if facts is not None:
        for key, name in FACTS.items():
            known = getattr(facts, name)
            if known not in (None, ""):
                about[key] = known
        if facts.last_commit_at is not None:
            about["last_commit"] = facts.last_commit_at.date().isoformat()
    if about:
        entry["gh_meta"] = about


def _people(entry: dict[str, Any], field: str, keepers: list[Held]) -> None:
    """Those listed who still hold the role stay as they are written; new ones are added."""
    raw = entry.get(field)
    written = raw if isinstance(raw, list) else [raw] if raw else []
    named: list[tuple[Any, Held | None]] = []
    for one in written:
        login = parsed(
            lambda value: fold(values.handle("github", value)),
            one.get("github_username") if isinstance(one, dict) else one,
        )
        keeper = next((held for held in keepers if login and held.has_handle("github", login)), None)
        if keeper is not None or login is None:
            named.append((one, keeper))
    there = [keeper.person.pk for _one, keeper in named if keeper is not None]
    added = [
        {"name": held.person.name, "github_username": held.handles("github")[0].value}
        for held in keepers
        if held.person.pk not in there and held.handles("github") and PUBLISH_NAME not in held.refused
    ]
    if len(named) != len(written) or added:
        entry[field] = [*(one for one, _keeper in named), *added] or None


# ----------------------------------------------------------- editorial team


def editorial_team() -> Iterator[SiteFile]:
    """``editorial-board.yml`` and ``emeritus-editors.yml``: login to what somebody does or did on the board."""
    meaning: dict[str, Any] = seeds.data(SOURCE)["editorial_team"]
    records = _by_owner(TEAM, "person")
    people = held_by(records)
    found: dict[str, dict[str, Any]] = {name: {} for name in TEAM_FILES}
    for pk, several in records.items():
        held = people.get(pk)
        if held is None or PUBLIC_PROFILE in held.refused:
            continue
        for record in several:
            entry = dict(record.payload["flags"])
            for flag, said in meaning.items():
                if flag in entry and _differs(held, said, entry[flag] is True):
                    entry[flag] = not entry[flag]
            found[record.payload["file"]][record.payload["login"]] = entry
    for name, entries in found.items():
        if entries:
            yield SiteFile(name, as_yaml(entries), len(entries))
