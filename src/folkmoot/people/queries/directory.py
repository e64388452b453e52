"""The public pages of contributors: who consented, and of each no more than they agreed to or chose to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from folkmoot.kernel import clock
from folkmoot.kernel.plugs import public_figures
from folkmoot.kernel.text import fold, fold_accents
from folkmoot.people.countries import country_name
from folkmoot.people.models import Affiliation, Identity, Person, SourceRecord, Tag, Term
from folkmoot.people.queries.consents import PHOTOGRAPH, PUBLIC_PROFILE, consenting, consents_of
from folkmoot.people.queries.own import CHOICE_PART, CHOICE_SOURCE, PublicChoice, choices_of
from folkmoot.people.queries.pages import Handle, handles

PAGE = 24
EXPERTISE = ("domain", "technical area")
LANGUAGE = "language"
#: Kinds of word that a choice of the filters offers at most.
MOST_CHOICES = 200


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; empty: everybody."""

    words: str = ""
    expertise: str = ""
    language: str = ""
    role: str = ""
    available: bool = False


@dataclass
class Contributor:
    """One person as everybody may see them."""

    pk: int
    name: str
    bio: str = ""
    pronouns: str = ""
    place: str = ""
    website: str = ""
    has_photo: bool = False
    availability: str = ""
    availability_note: str = ""
    can_be_asked: bool = False
    languages: list[str] = field(default_factory=list)
    expertise: list[str] = field(default_factory=list)
    #: Role and where: project or team, and its address for projects.
    roles: list[tuple[str, str]] = field(default_factory=list)
    organizations: list[str] = field(default_factory=list)
    handles: list[Handle] = field(default_factory=list)
    figures: list[tuple[Any, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The same for machines: nothing that the page does not show."""
        return {
            "id": self.pk,
            "name": self.name,
            "about": self.bio,
            "pronouns": self.pronouns,
            "place": self.place,
            "website": self.website,
            "availability": self.availability,
            "languages": self.languages,
            "expertise": self.expertise,
            "roles": [{"role": role, "in": where} for role, where in self.roles],
            "organizations": self.organizations,
            "handles": [
                {"system": one.identity.system, "value": one.identity.value, "url": one.url}
                for one in self.handles
            ],
        }


def everybody() -> QuerySet[Person]:
    """Who has a public page now: they consent, and are neither archived, erased nor a machine."""
    bots = Identity.objects.filter(person=OuterRef("pk"), is_bot=True)
    return consenting(PUBLIC_PROFILE).filter(~Exists(bots), archived_at=None).order_by("sort_key", "pk")


def find(wanted: Wanted) -> QuerySet[Person]:
    """Those whom somebody looks for, by name."""
    rows = everybody()
    for word in fold_accents(wanted.words).split()[:8]:
        tagged = Tag.objects.filter(
            people=OuterRef("pk"), facet__in=[*EXPERTISE, LANGUAGE], folded__contains=word
        )
        rows = rows.filter(Q(sort_key__contains=word) | Q(name__icontains=word) | Exists(tagged))
    for facets, name in ((EXPERTISE, wanted.expertise), ((LANGUAGE,), wanted.language)):
        if name:
            rows = rows.filter(
                Exists(Tag.objects.filter(people=OuterRef("pk"), facet__in=facets, folded=fold(name)))
            )
    if wanted.role:
        held = Term.objects.on(clock.today()).filter(person=OuterRef("pk"), role_kind__slug=wanted.role)
        rows = rows.filter(Exists(held))
    if wanted.available:
        shows = SourceRecord.objects.filter(
            person=OuterRef("pk"),
            source=CHOICE_SOURCE,
            part=CHOICE_PART,
            payload__parts__icontains='"availability"',
        )
        away = Q(available_from__isnull=True) | Q(available_from__lte=clock.today())
        rows = rows.filter(
            Exists(shows), away, availability__in=[Person.Availability.YES, Person.Availability.LIMITED]
        )
    return rows


def shown(people: Sequence[Person], *, full: bool = False) -> list[Contributor]:
    """People as everybody may see them; a fixed number of queries however many they are.

    Args:
        full: with organisations, handles and figures, for a page of one's own.
    """
    ids = [person.pk for person in people]
    choices = choices_of(ids)
    photos = consents_of(ids, [PHOTOGRAPH])
    found = {
        person.pk: _shown(person, choices.get(person.pk, PublicChoice()), photos[person.pk][PHOTOGRAPH])
        for person in people
    }
    for pk, facet, name in (
        Person.tags.through.objects.filter(person__in=ids, tag__facet__in=[*EXPERTISE, LANGUAGE])
        .order_by("tag__folded")
        .values_list("person_id", "tag__facet", "tag__name")
    ):
        (found[pk].languages if facet == LANGUAGE else found[pk].expertise).append(name)
    terms = (
        Term.objects.on(clock.today()).filter(person__in=ids).select_related("role_kind", "project", "team")
    )
    for term in terms.order_by("role_kind__order", "pk"):
        found[term.person_id].roles.append((term.role_kind.name, str(term.project or term.team or "")))
    if full:
        _more(found, choices)
    return [found[pk] for pk in ids]


def _shown(person: Person, choice: PublicChoice, photograph: bool) -> Contributor:
    row = Contributor(person.pk, person.name, person.bio, has_photo=photograph and bool(person.photo))
    if "pronouns" in choice.parts:
        row.pronouns = person.pronouns
    if "location" in choice.parts:
        country = country_name(person.country)
        row.place = ", ".join(filter(None, [person.location, country]))
    if "website" in choice.parts:
        row.website = person.website
    if "availability" in choice.parts and person.availability:
        away = person.available_from is not None and person.available_from > clock.today()
        row.availability = str(person.get_availability_display())
        row.availability_note = person.availability_note
        row.can_be_asked = person.availability != Person.Availability.NO and not away
    return row


def _more(found: dict[int, Contributor], choices: dict[int, PublicChoice]) -> None:
    """What a page of one's own shows beside: three queries, and those of the figures."""
    asked = [pk for pk in found if "organizations" in choices.get(pk, PublicChoice()).parts]
    day = clock.today()
    open_now = Q(ended_on=None) | Q(ended_on__gte=day)
    homes = Affiliation.objects.filter(open_now, person__in=asked).select_related("organization")
    for home in homes.order_by("-started_on", "pk"):
        found[home.person_id].organizations.append(home.organization.name)
    public = {pk for choice in choices.values() for pk in choice.identities}
    for one in handles(list(Identity.objects.filter(pk__in=public, person__in=found, is_bot=False))):
        # A merge may have moved the handle since it was chosen: it is shown where its person chose so.
        pk = one.identity.person_id
        if one.identity.pk in choices.get(pk, PublicChoice()).identities:
            found[pk].handles.append(one)
    counted = [pk for pk in found if "contributions" in choices.get(pk, PublicChoice()).parts]
    for source in public_figures if counted else ():
        for pk, pairs in source.find(counted).items():
            found[pk].figures.extend(pairs)


@dataclass(frozen=True)
class Choices:
    """What the filters offer: only what some public page shows."""

    expertise: list[str]
    languages: list[str]
    roles: list[tuple[str, str]]


def choices() -> Choices:
    """Three queries."""
    public = everybody().order_by().values("pk")
    tags = Tag.objects.filter(people__in=public).distinct().order_by("folded")
    roles = (
        Term.objects.on(clock.today())
        .filter(person__in=public)
        .order_by("role_kind__order", "role_kind__name")
        .values_list("role_kind__slug", "role_kind__name")
        .distinct()
    )
    return Choices(
        list(tags.filter(facet__in=EXPERTISE).values_list("name", flat=True)[:MOST_CHOICES]),
        list(tags.filter(facet=LANGUAGE).values_list("name", flat=True)[:MOST_CHOICES]),
        list(dict.fromkeys(roles))[:MOST_CHOICES],
    )
