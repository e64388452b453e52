"""What the ledger and the areas may use of the register."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from folkmoot.kernel.text import fold
from folkmoot.people.actions.consents import record_consent
from folkmoot.people.actions.identities import (
    NewIdentity,
    home_identities,
    home_identity,
    rename_identity,
)
from folkmoot.people.actions.people import add_person, unarchive_people
from folkmoot.people.actions.terms import end_term, start_term
from folkmoot.people.actions.words import add_tag
from folkmoot.people.actions.writing import note_correspondence, write_to
from folkmoot.people.countries import country_choices, country_code, country_name, is_country
from folkmoot.people.exports.layers import PackageLayer, package_layers
from folkmoot.people.exports.layers import named as named_on_site
from folkmoot.people.fields import (
    LANGUAGES,
    LanguageField,
    OrganizationField,
    PeopleField,
    PersonField,
    ProjectField,
    TagsField,
    zone_choices,
)
from folkmoot.people.identities import ensure_identities, looks_like_bot
from folkmoot.people.imports.amy.mapped import amy_models, amy_pages, left
from folkmoot.people.imports.amy.mapped import inside as amy_inside
from folkmoot.people.imports.amy.part import AmyPart, amy_things, thing_of, things_of
from folkmoot.people.imports.amy.source import AMY
from folkmoot.people.imports.amy.things import Thing
from folkmoot.people.imports.amy.who import amy_organizations, amy_people, amy_users
from folkmoot.people.imports.claims import Claim
from folkmoot.people.imports.claims import Problem as ClaimProblem
from folkmoot.people.imports.reading import Record, yaml_records
from folkmoot.people.imports.tables.rows import PeopleRows, read_two_names
from folkmoot.people.imports.writing import PEOPLE_COUNTERS, own_identities
from folkmoot.people.live.accounts import (
    SeenAccount,
    SeenProfile,
    nameless_accounts,
    seen_accounts,
    seen_profiles,
)
from folkmoot.people.live.repositories import (
    SeenRepository,
    is_main,
    mark_facts_read,
    mark_facts_stale,
    put_facts,
    seen_repository,
)
from folkmoot.people.models import (
    Affiliation,
    ConsentKind,
    Correspondence,
    Identity,
    Merge,
    Organization,
    Person,
    Project,
    ProjectFacts,
    RoleKind,
    Tag,
    Team,
    Term,
    repository_key,
)
from folkmoot.people.queries.consents import consenting, consents_of
from folkmoot.people.queries.correspondence import address_of, addresses_of, best_addresses
from folkmoot.people.queries.history import belongs as belongs_to_history
from folkmoot.people.queries.history import history
from folkmoot.people.queries.history import in_words as history_in_words
from folkmoot.people.queries.laid_aside import laid_aside
from folkmoot.people.queries.languages import language_code, languages_of
from folkmoot.people.queries.merging import current_numbers, find_current
from folkmoot.people.queries.names import (
    former_project_names,
    former_repositories,
    organizations_by_name,
    repositories_taken_by_merges,
)
from folkmoot.people.queries.organizations import on_day, organizations_on
from folkmoot.people.queries.timeline import Asked, timeline
from folkmoot.people.seeds import load as load_seeds

__all__ = [
    "AMY",
    "LANGUAGES",
    "PEOPLE_COUNTERS",
    "Affiliation",
    "AmyPart",
    "Asked",
    "Claim",
    "ClaimProblem",
    "ConsentKind",
    "Correspondence",
    "Identity",
    "LanguageField",
    "Merge",
    "NewIdentity",
    "Organization",
    "OrganizationField",
    "PackageLayer",
    "PeopleField",
    "PeopleRows",
    "Person",
    "PersonField",
    "Project",
    "ProjectFacts",
    "ProjectField",
    "Record",
    "RoleKind",
    "SeenAccount",
    "SeenProfile",
    "SeenRepository",
    "Tag",
    "TagsField",
    "Team",
    "Term",
    "Thing",
    "add_person",
    "add_tag",
    "address_of",
    "addresses_of",
    "amy_inside",
    "amy_models",
    "amy_organizations",
    "amy_pages",
    "amy_people",
    "amy_things",
    "amy_users",
    "belongs_to_history",
    "best_addresses",
    "consenting",
    "consents_of",
    "country_choices",
    "country_code",
    "country_name",
    "current_numbers",
    "end_term",
    "ensure_identities",
    "find_current",
    "history",
    "history_in_words",
    "home_identities",
    "home_identity",
    "is_country",
    "is_main",
    "laid_aside",
    "language_code",
    "languages_of",
    "left",
    "load_seeds",
    "looks_like_bot",
    "mark_facts_read",
    "mark_facts_stale",
    "named_on_site",
    "nameless_accounts",
    "note_correspondence",
    "on_day",
    "organizations_by_name",
    "organizations_on",
    "own_identities",
    "package_layers",
    "projects_by_name",
    "projects_by_repository",
    "put_facts",
    "read_two_names",
    "record_consent",
    "rename_identity",
    "repositories_taken_by_merges",
    "repository_key",
    "seen_accounts",
    "seen_profiles",
    "seen_repository",
    "staff_terms",
    "start_term",
    "thing_of",
    "things_of",
    "timeline",
    "unarchive_people",
    "write_to",
    "yaml_records",
    "zone_choices",
]


def staff_terms() -> QuerySet[Term]:
    """Terms of all kinds of role that count as staff, past and future ones too; ``.on(day)`` narrows them to a day."""
    return Term.objects.filter(role_kind__is_staff=True)


def projects_by_name(names: Iterable[str], *, kind: str = "") -> dict[str, Project]:
    """Projects by folded name, their own or one they had before a merge; at most two queries.

    A package stands before a repository, a repository before a lesson, where several kinds share the name.

    Args:
        kind: only this kind.
    """
    folded = {fold(name) for name in names}
    found = Project.objects.filter(folded__in=folded)
    if kind:
        found = found.filter(kind=kind)
    rank = {Project.Kind.PACKAGE: 2, Project.Kind.REPOSITORY: 1, Project.Kind.LESSON: 0}
    own = {project.folded: project for project in sorted(found, key=lambda one: rank[Project.Kind(one.kind)])}
    once = former_project_names(folded - set(own)).items()
    by_rank = sorted(once, key=lambda pair: rank[Project.Kind(pair[0][0])])
    return {name: project for (of_kind, name), project in by_rank if kind in ("", of_kind)} | own


def projects_by_repository(addresses: Iterable[str]) -> dict[str, Project]:
    """Projects by repository key (:func:`repository_key`), theirs or one they had before a merge; at most two
    queries."""
    keys = {key for address in addresses if (key := repository_key(address))}
    own = {project.repository_key: project for project in Project.objects.filter(repository_key__in=keys)}
    return former_repositories(keys - set(own)) | own
