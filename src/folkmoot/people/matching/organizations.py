"""Organisations and projects that may be one. There are few of them: all are compared each time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from urllib.parse import urlsplit

from rapidfuzz.distance import OSA

from folkmoot.kernel.text import fold, fold_accents
from folkmoot.people.matching.profiles import acronym, organization_words, public_domains
from folkmoot.people.matching.scoring import Reason, as_score
from folkmoot.people.matching.store import Found
from folkmoot.people.models import Organization, OrganizationDomain, OtherName, Project

#: As many records as may share a key.
MOST = 30
#: Bits that are needed before two of them are likelier one than two.
NEEDED = 10.0

_HOSTS = ("github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "sr.ht")


def _pairs(keys: dict[str, set[int]]) -> Iterator[tuple[int, int]]:
    seen: set[tuple[int, int]] = set()
    for key in sorted(keys):
        members = keys[key]
        if len(members) <= MOST:
            for pair in combinations(sorted(members), 2):
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def _found(first: int, second: int, reasons: list[Reason]) -> Found:
    reasons.sort(key=lambda reason: -abs(reason.weight))
    score = as_score(sum(reason.weight for reason in reasons) - NEEDED)
    return Found(first, second, round(score, 4), [reason.as_json() for reason in reasons])


def _alike(one: str, other: str) -> bool:
    allowed = max(len(one), len(other)) // 8
    return bool(allowed) and OSA.distance(one, other, score_cutoff=allowed) <= allowed


def host_of(address: str) -> str:
    """The host of a web address, as domains are compared: ``https://www.Example.org/x`` -> ``example.org``."""
    return (urlsplit(address).hostname or "").removeprefix("www.").casefold()


class _Organization:
    """An organisation as it is compared."""

    def __init__(self, pk: int, name: str, website: str, country: str) -> None:
        self.pk, self.name, self.country = pk, name, country
        self.words = organization_words(name)
        self.plain = fold_accents(name)
        tail = organization_words(name.partition(",")[2].strip())
        #: What stands after a comma: a campus, or a place; legal forms are none.
        self.tail = (
            tail if name.partition(",")[2] and organization_words("x " + " ".join(tail)) != ("x",) else ()
        )
        self.letters = acronym(name)
        host = host_of(website)
        shared = (
            *_HOSTS,
            "linkedin.com",
            "facebook.com",
            "twitter.com",
            "x.com",
            "github.io",
            "wikipedia.org",
        )
        self.domains = (
            {host} if host and host not in public_domains() and not host.endswith(shared) else set[str]()
        )

    def keys(self) -> Iterator[str]:
        yield " ".join(self.words)
        yield from (f"@{domain}" for domain in self.domains)
        if self.letters:
            yield self.letters
        if len(self.words) == 1:
            yield self.words[0]
        if len(self.plain) > 5:
            yield f"{self.plain[:6]}>"
            yield f"<{self.plain[-6:]}"


def organization_pairs() -> Iterator[Found]:
    """Organisations that may be one: the same name but for its form, the same domain, first letters. Two queries."""
    rows = {
        pk: _Organization(pk, name, website, country)
        for pk, name, website, country in Organization.objects.order_by("pk").values_list(
            "pk", "name", "website", "country"
        )
    }
    for pk, domain in OrganizationDomain.objects.values_list("organization_id", "domain"):
        rows[pk].domains.add(domain)
    keys: dict[str, set[int]] = defaultdict(set)
    for row in rows.values():
        for key in row.keys():  # noqa: SIM118 - a method of its own
            keys[key].add(row.pk)
    for first, second in _pairs(keys):
        yield _found(first, second, organization_reasons(rows[first], rows[second]))


def organization_reasons(one: _Organization, other: _Organization) -> list[Reason]:
    """What speaks for two organisations being one, and against it, in bits."""
    reasons: list[Reason] = []
    if one.words == other.words and one.tail and other.tail and one.tail != other.tail:
        reasons.append(Reason("alike_organization_name", 5.0, {}))
    elif one.words == other.words:
        reasons.append(Reason("same_organization_name", 14.0, {"value": " ".join(one.words)}))
    elif one.letters == other.plain.replace(".", "") or other.letters == one.plain.replace(".", ""):
        short, long = sorted((one.name, other.name), key=len)
        reasons.append(Reason("acronym", 9.0, {"first": short, "second": long}))
    elif _alike(one.plain, other.plain):
        reasons.append(Reason("alike_organization_name", 11.0, {}))
    elif set(one.words) < set(other.words) or set(other.words) < set(one.words):
        reasons.append(Reason("alike_organization_name", 5.0, {}))
    else:
        reasons.append(Reason("other_name", -4.0, {}))
    shared = sorted(one.domains & other.domains)
    if shared:
        reasons.append(Reason("same_web_domain", 14.0, {"value": shared[0]}))
    elif one.domains and other.domains:
        facts = {"first": min(one.domains), "second": min(other.domains)}
        reasons.append(Reason("other_web_domain", -3.0, facts))
    if one.country and other.country:
        same = one.country == other.country
        reasons.append(Reason("same_country" if same else "other_country", 1.0 if same else -4.0, {}))
    return reasons


class _Project:
    """A project as it is compared."""

    def __init__(
        self, pk: int, kind: str, name: str, repository: str, website: str, renamed: Iterable[str]
    ) -> None:
        self.pk, self.kind, self.name = pk, kind, fold(name)
        self.words = fold_accents(name).replace("-", "").replace("_", "").replace(" ", "")
        self.host, _slash, self.path = repository.partition("/")
        self.website = fold(website).split("://", 1)[-1].removeprefix("www.").rstrip("/")
        self.formerly = set(renamed)

    @property
    def repository(self) -> str:
        return self.path.rpartition("/")[2]

    def keys(self) -> Iterator[str]:
        yield f"n{self.words}"
        if self.path.count("/"):
            yield f"p{self.path}"
            yield f"r{self.repository}"
        if self.website:
            yield f"w{self.website}"


def project_pairs() -> Iterator[Found]:
    """Projects that may be one: the same path on another host, under another owner, another kind. Two queries."""
    former: dict[int, list[str]] = defaultdict(list)
    for pk, key in OtherName.objects.filter(project__isnull=False).values_list(
        "project_id", "repository_key"
    ):
        former[pk].append(key)
    rows = {
        pk: _Project(pk, kind, name, repository, website, former[pk])
        for pk, kind, name, repository, website in Project.objects.order_by("pk").values_list(
            "pk", "kind", "name", "repository_key", "website"
        )
    }
    keys: dict[str, set[int]] = defaultdict(set)
    for row in rows.values():
        for key in row.keys():  # noqa: SIM118 - a method of its own
            keys[key].add(row.pk)
    for first, second in _pairs(keys):
        yield _found(first, second, project_reasons(rows[first], rows[second]))


def project_reasons(one: _Project, other: _Project) -> list[Reason]:
    """What speaks for two projects being one, and against it, in bits."""
    reasons: list[Reason] = []
    if one.path and one.path == other.path:
        reasons.append(Reason("same_path", 15.0, {"value": one.path}))
    elif one.repository and one.repository == other.repository:
        weight = 8.0 if len(one.repository) > 4 else 4.0
        reasons.append(Reason("repository_moved", weight, {"value": one.repository}))
    elif one.path and other.path:
        reasons.append(Reason("other_repository", -7.0, {}))
    if one.name == other.name and one.kind != other.kind:
        facts = {"first": str(one.kind), "second": str(other.kind)}
        reasons.append(Reason("other_kind", 12.0, facts))
    elif one.words == other.words:
        reasons.append(Reason("alike_project_name", 11.0, {}))
    if one.website and one.website == other.website:
        reasons.append(Reason("same_website", 5.0, {"value": one.website}))
    return reasons
