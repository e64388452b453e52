"""What the register's lists show, and how they are narrowed. Nothing here costs more when the register grows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from folkmoot.kernel import clock
from folkmoot.kernel.counting import ManyRows
from folkmoot.kernel.search.find import ids_matching
from folkmoot.people.models import (
    Affiliation,
    Identity,
    Organization,
    Person,
    Project,
    RoleKind,
    Tag,
    Team,
    Term,
)
from folkmoot.people.queries.organizations import on_day


def people() -> QuerySet[Person]:
    """Everybody in the register, archived people and bots too, by sort name."""
    return ManyRows(Person).order_by("sort_key", "pk")


def archived(queryset: QuerySet[Person], on: bool) -> QuerySet[Person]:
    """Only archived people, or only the others."""
    return queryset.filter(archived_at__isnull=not on)


def bots(queryset: QuerySet[Person], on: bool) -> QuerySet[Person]:
    """Only those with an identity under which a machine acts, or only the others.

    Machines are few: one look at them all is twice as fast, when everybody is counted, as a look for each person.
    """
    machines = Identity.objects.filter(is_bot=True).values("person")
    return queryset.filter(pk__in=machines) if on else queryset.exclude(pk__in=machines)


def holding(
    queryset: QuerySet[Person],
    *,
    slugs: Sequence[str] = (),
    teams: Sequence[int] = (),
    projects: Sequence[int] = (),
    staff: bool = False,
    day: dt.date | None = None,
) -> QuerySet[Person]:
    """Those who hold, on this day (today when ``None``), one of these roles, in one of these teams or projects."""
    terms = Term.objects.on(day or clock.today())
    if slugs:
        terms = terms.filter(role_kind__slug__in=slugs)
    if teams:
        terms = terms.filter(team__in=teams)
    if projects:
        terms = terms.filter(project__in=projects)
    if staff:
        terms = terms.filter(role_kind__is_staff=True)
    return queryset.filter(pk__in=terms.values("person"))


def without_staff(queryset: QuerySet[Person], day: dt.date | None = None) -> QuerySet[Person]:
    """Those who hold no staff role on this day (today when ``None``)."""
    terms = Term.objects.on(day or clock.today()).filter(role_kind__is_staff=True)
    return queryset.exclude(pk__in=terms.values("person"))


def tagged(queryset: QuerySet[Any], tags: Sequence[int]) -> QuerySet[Any]:
    """Records that have one of these tags."""
    through: Any = queryset.model.tags.through
    column = f"{queryset.model._meta.model_name}_id"
    return queryset.filter(pk__in=through.objects.filter(tag__in=tags).values(column))


def belonging_to(queryset: QuerySet[Person], organizations: Sequence[int]) -> QuerySet[Person]:
    """Those who belong to one of these organisations, now or before."""
    return queryset.filter(pk__in=Affiliation.objects.filter(organization__in=organizations).values("person"))


def known_on(queryset: QuerySet[Person], systems: Sequence[str]) -> QuerySet[Person]:
    """Those with a handle or address on one of these systems."""
    return queryset.filter(Exists(Identity.objects.filter(person=OuterRef("pk"), system__in=systems)))


def joined_since(queryset: QuerySet[Person], day: dt.date) -> QuerySet[Person]:
    """Those who are in the community since this day or a later one."""
    return queryset.filter(joined_on__gte=day)


def found(queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Records that the search finds by these words; typing errors are forgiven."""
    return queryset.filter(pk__in=ids_matching(str(queryset.model._meta.model_name), text))


def decorate_people(rows: Sequence[Person], day: dt.date | None = None) -> None:
    """Give each person what a list shows beside the name, in three queries however many there are.

    Sets ``roles_now`` (names of the roles held on ``day``, today when ``None``), ``organizations_now`` (names),
    ``last_seen`` (UTC, the newest of all identities) and ``is_bot``.
    """
    day = day or clock.today()
    ids = [row.pk for row in rows]
    roles: dict[int, list[str]] = defaultdict(list)
    terms = Term.objects.on(day).filter(person__in=ids).order_by("role_kind__order", "role_kind__name", "pk")
    for person, name in terms.values_list("person_id", "role_kind__name"):
        if name not in roles[person]:
            roles[person].append(name)
    homes: dict[int, list[str]] = defaultdict(list)
    affiliations = Affiliation.objects.filter(on_day(day), person__in=ids)
    for person, name in affiliations.order_by("organization__folded").values_list(
        "person_id", "organization__name"
    ):
        if name not in homes[person]:
            homes[person].append(name)
    seen: dict[int, tuple[dt.datetime | None, int]] = {
        person: (last, machines)
        for person, last, machines in Identity.objects.filter(person__in=ids)
        .order_by()
        .values("person_id")
        .annotate(last=Max("last_seen_at"), machines=Count("pk", filter=Q(is_bot=True)))
        .values_list("person_id", "last", "machines")
    }
    shown: Any
    for shown in rows:
        last, machines = seen.get(shown.pk, (None, 0))
        shown.roles_now = roles[shown.pk]
        shown.organizations_now = homes[shown.pk]
        shown.last_seen = last
        shown.is_bot = bool(machines)


def organizations() -> QuerySet[Organization]:
    """All organisations by name, with their kinds and domains (two queries more)."""
    return Organization.objects.prefetch_related("kinds", "domains").order_by("folded", "pk")


def archived_organizations(queryset: QuerySet[Organization], on: bool) -> QuerySet[Organization]:
    """Only archived organisations, or only the others."""
    return queryset.filter(archived_at__isnull=not on)


def decorate_organizations(rows: Sequence[Organization], day: dt.date | None = None) -> None:
    """Set ``people_count`` (who belongs to it on the day, today when ``None``) on each, in one query."""
    _set_counts(
        rows,
        "people_count",
        Affiliation.objects.filter(on_day(day or clock.today()), person__archived_at=None),
        "organization_id",
    )


def projects() -> QuerySet[Project]:
    """All projects by name, with what outside systems say of them."""
    return Project.objects.select_related("facts").order_by("folded", "pk")


def decorate_projects(rows: Sequence[Project], day: dt.date | None = None) -> None:
    """Set ``people_now`` and ``maintainers_now`` (names, by role) of the day, today when ``None``, and ``known``
    (the facts, or ``None``) on each, in one query.
    """
    held: dict[int, list[Term]] = defaultdict(list)
    terms = Term.objects.on(day or clock.today()).filter(project__in=[row.pk for row in rows])
    for term in terms.select_related("person", "role_kind").order_by(
        "role_kind__order", "person__sort_key", "pk"
    ):
        held[term.project_id or 0].append(term)
    shown: Any
    for shown in rows:
        here = held[shown.pk]
        shown.people_now = list(dict.fromkeys(term.person.name for term in here))
        shown.maintainers_now = list(
            dict.fromkeys(
                term.person.name
                for term in here
                if term.role_kind.is_maintaining and term.person.archived_at is None
            )
        )
        shown.known = getattr(shown, "facts", None)


def teams() -> QuerySet[Team]:
    """All teams by name."""
    return Team.objects.order_by("folded", "pk")


def decorate_teams(rows: Sequence[Team], day: dt.date | None = None) -> None:
    """Set ``people_count`` (who is on it on the day, today when ``None``) on each, in one query.

    Roles of the past are no membership: an emeritus member does not count.
    """
    terms = Term.objects.on(day or clock.today()).filter(role_kind__is_former=False)
    _set_counts(rows, "people_count", terms, "team_id")


def _set_counts(rows: Sequence[Any], name: str, queryset: QuerySet[Any], column: str) -> None:
    numbers = dict(
        queryset.filter(**{f"{column}__in": [row.pk for row in rows]})
        .order_by()
        .values_list(column)
        .annotate(Count("person", distinct=True))
    )
    for row in rows:
        setattr(row, name, numbers.get(row.pk, 0))


def tags() -> QuerySet[Tag]:
    """All tags by facet and name, each with how many people, organisations and projects have it."""
    queryset = Tag.objects.order_by("facet", "folded")
    for name, model in (
        ("people_count", Person),
        ("organizations_count", Organization),
        ("projects_count", Project),
    ):
        through: Any = model.tags.through
        counted = (
            through.objects.filter(tag=OuterRef("pk"))
            .order_by()
            .values("tag")
            .annotate(n=Count("pk"))
            .values("n")
        )
        queryset = queryset.annotate(
            **{name: Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))}
        )
    return queryset


def role_kinds(day: dt.date | None = None) -> QuerySet[RoleKind]:
    """All kinds of role in their order, each with how many hold it on this day (today when ``None``) and ever did."""
    return RoleKind.objects.order_by("order", "name", "pk").annotate(
        holders=_people_with(Term.objects.on(day or clock.today())),
        ever=_people_with(Term.objects.all()),
    )


def _people_with(terms: QuerySet[Term]) -> Any:
    counted = (
        terms.filter(role_kind=OuterRef("pk"))
        .order_by()
        .values("role_kind")
        .annotate(n=Count("person", distinct=True))
        .values("n")
    )
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def role_choices() -> list[tuple[str, str]]:
    """Short name and name of each kind of role, in their order."""
    return list(RoleKind.objects.order_by("order", "name").values_list("slug", "name"))


def choices(model: type[Team] | type[Project] | type[Organization]) -> list[tuple[str, str]]:
    """Number and name of each row, by name."""
    return [
        (str(pk), name) for pk, name in model._default_manager.order_by("folded").values_list("pk", "name")
    ]


def tag_choices() -> list[tuple[str, str]]:
    """Number and name of each tag, by facet and name; the facet is said when it is not the plain one."""
    return [
        (str(pk), name if facet == "tag" else f"{facet}: {name}")
        for pk, facet, name in Tag.objects.order_by("facet", "folded").values_list("pk", "facet", "name")
    ]


def system_choices() -> list[str]:
    """The systems on which somebody is known, most used first; one query over an index."""
    return list(
        Identity.objects.order_by()
        .values_list("system", flat=True)
        .annotate(n=Count("pk"))
        .order_by(F("n").desc(), "system")
        .values_list("system", flat=True)
    )


def numbers(values: Iterable[str]) -> list[int]:
    """Those of the texts that can be a row's number; others are left out."""
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) <= 18]
