"""What the register holds now about the people and projects of a website's records, read in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from folkmoot.kernel import clock
from folkmoot.kernel.text import fold
from folkmoot.people.models import (
    Affiliation,
    Consent,
    FormerHandle,
    Identity,
    Organization,
    Person,
    Project,
    Term,
)
from folkmoot.people.queries.consents import PUBLIC_PROFILE, PUBLISH_NAME

BATCH = 500


@dataclass
class Held:
    """What is known of one person today."""

    person: Person
    identities: list[Identity] = field(default_factory=list)
    #: Handles that the person had before, as (system, folded).
    former: set[tuple[str, str]] = field(default_factory=set)
    organizations: list[Organization] = field(default_factory=list)
    #: facet and name
    tags: list[tuple[str, str]] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    #: Short names of consents to which the person's newest word is no.
    refused: set[str] = field(default_factory=set)

    def handles(self, system: str) -> list[Identity]:
        """The person's identities on a system, the proven and oldest first."""
        return sorted(
            (one for one in self.identities if one.system == system),
            key=lambda one: (not one.number, not one.is_verified, one.pk),
        )

    def has_handle(self, system: str, folded: str) -> bool:
        """Whether the handle is, or was, this person's."""
        return (system, folded) in self.former or any(
            one.system == system and one.folded == folded for one in self.identities
        )

    @property
    def stands_in(self) -> bool:
        """Whether the name is only a handle, since nobody knows a better one."""
        return fold(self.person.name) in {one.folded for one in self.identities}


def held_by(people: Iterable[int]) -> dict[int, Held]:
    """Everything about these people, in seven queries for each 500."""
    ids = list(dict.fromkeys(people))
    found: dict[int, Held] = {}
    for start in range(0, len(ids), BATCH):
        found |= _batch(ids[start : start + BATCH])
    return found


def _batch(ids: list[int]) -> dict[int, Held]:
    today = clock.today()
    found = {row.pk: Held(row) for row in Person.objects.filter(pk__in=ids, erased_at=None)}
    for one in Identity.objects.filter(person__in=found).order_by("pk"):
        found[one.person_id].identities.append(one)
    for person, system, folded in FormerHandle.objects.filter(identity__person__in=found).values_list(
        "identity__person_id", "identity__system", "folded"
    ):
        found[person].former.add((system, folded))
    homes = Affiliation.objects.filter(Q(ended_on=None) | Q(ended_on__gte=today), person__in=found)
    for home in homes.select_related("organization").order_by("-started_on", "-pk"):
        found[home.person_id].organizations.append(home.organization)
    words = Person.tags.through.objects.filter(person__in=found).order_by("tag__facet", "tag__folded")
    for person, facet, name in words.values_list("person_id", "tag__facet", "tag__name"):
        found[person].tags.append((facet, name))
    terms = Term.objects.on(today).filter(person__in=found).select_related("role_kind", "team")
    for term in terms.order_by("pk"):
        found[term.person_id].terms.append(term)
    newest: dict[tuple[int, str], bool] = {}
    said = Consent.objects.filter(person__in=found, kind__slug__in=(PUBLIC_PROFILE, PUBLISH_NAME))
    for person, slug, is_given in said.order_by("decided_at", "pk").values_list(
        "person_id", "kind__slug", "is_given"
    ):
        newest[person, slug] = is_given
    for (person, slug), is_given in newest.items():
        if not is_given:
            found[person].refused.add(slug)
    return found


def maintainers(projects: Iterable[int], role: str) -> dict[int, list[Held]]:
    """Who holds the role in each project today, in the order in which it was written down."""
    terms = (
        Term.objects.on(clock.today())
        .filter(project__in=list(projects), role_kind__slug=role)
        .order_by("pk")
        .values_list("project_id", "person_id")
    )
    rows = list(terms)
    people = held_by(person for _project, person in rows)
    found: dict[int, list[Held]] = defaultdict(list)
    for project, person in rows:
        if person in people and people[person] not in found[project]:
            found[project].append(people[person])
    return found


def words_of(projects: Iterable[Project]) -> dict[int, list[tuple[str, str]]]:
    """Facet and name of each project's tags."""
    rows = Project.tags.through.objects.filter(project__in=[one.pk for one in projects])
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for project, facet, name in rows.order_by("tag__facet", "tag__folded").values_list(
        "project_id", "tag__facet", "tag__name"
    ):
        found[project].append((facet, name))
    return found
