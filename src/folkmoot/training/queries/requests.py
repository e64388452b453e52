"""Reads of requests: the list and its filters, duplicates, what waits for whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import (
    Case,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    When,
)
from django.db.models.functions import Coalesce

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.search.find import ids_matching
from folkmoot.people.public import country_name
from folkmoot.training.models import RECEIVED, Request, RequestForm, RequestState
from folkmoot.training.queries.lists import numbers

State = RequestState
#: Requests that a twin may hide behind.
OPEN = (State.UNPROVEN, State.PENDING)


def received(*, merged: bool = False) -> QuerySet[Request]:
    """Requests that reached those who decide, with form, person, organisation and whose they are; ``points`` counts.

    Args:
        merged: those that went into another one, too.
    """
    rows = Request.objects.filter(state__in=[*RECEIVED, State.UNPROVEN])
    return (
        (rows if merged else rows.filter(merged_into=None))
        .select_related("form", "version", "person", "organization", "assigned_to", "event")
        .annotate(points=Coalesce("score_manual", "score_auto"), has_twin=Exists(_twins(OuterRef("pk"))))
    )


def _twins(pk: Any) -> QuerySet[Request]:
    """Other open requests of the same address, or of the same organisation for the same days."""
    same = Q(email_folded=OuterRef("email_folded")) | Q(
        organization=OuterRef("organization"),
        starts_on=OuterRef("starts_on"),
        organization__isnull=False,
        starts_on__isnull=False,
    )
    return Request.objects.filter(same, state__in=OPEN, merged_into=None, form=OuterRef("form")).exclude(
        pk=pk
    )


def duplicates_of(row: Request, limit: int = 10) -> list[Request]:
    """Other requests that may be the same: of the same address, or of the same organisation for days that meet."""
    same = Q(email_folded=row.email_folded)
    if row.organization_id and row.starts_on:
        same |= Q(
            organization=row.organization_id,
            starts_on__lte=row.ends_on or row.starts_on,
            ends_on__gte=row.starts_on,
        )
    rows = Request.objects.filter(same, merged_into=None).exclude(pk=row.pk).exclude(state=State.DRAFT)
    # Those that wait come first.
    waits = Case(When(state__in=OPEN, then=0), default=1, output_field=IntegerField())
    found = rows.select_related("form").annotate(waits=waits).order_by("waits", "-received_at", "-pk")
    return list(found[:limit])


# ------------------------------------------------------------------- filters


def form_choices() -> list[tuple[str, str]]:
    """The forms; one query."""
    return list(RequestForm.objects.values_list("slug", "title"))


def country_choices() -> list[tuple[str, str]]:
    """The countries from which requests came; one query."""
    codes = Request.objects.exclude(country="").order_by().values_list("country", flat=True).distinct()
    return sorted(((code, country_name(code)) for code in codes), key=lambda pair: pair[1])


def assigned_choices() -> list[tuple[str, str]]:
    """Whose requests are; one query."""
    users = Request.objects.exclude(assigned_to=None).order_by().values("assigned_to")
    rows = User.objects.filter(pk__in=users).order_by("name", "pk").values_list("pk", "name")
    return [("none", "–"), *((str(pk), name) for pk, name in rows[:300])]


def assigned(queryset: QuerySet[Request], chosen: Sequence[str]) -> QuerySet[Request]:
    """Those of these people, or of nobody."""
    wanted = Q(assigned_to__in=numbers(chosen))
    if "none" in chosen:
        wanted |= Q(assigned_to=None)
    return queryset.filter(wanted)


def with_code(queryset: QuerySet[Request], on: bool) -> QuerySet[Request]:
    """Those with a member code, or without."""
    return queryset.exclude(member_code="") if on else queryset.filter(member_code="")


def matched(queryset: QuerySet[Request], on: bool) -> QuerySet[Request]:
    """Those that belong to a record of the register, or not yet."""
    return queryset.exclude(person=None) if on else queryset.filter(person=None)


def doubled(queryset: QuerySet[Any], on: bool) -> QuerySet[Any]:
    """Those beside which another one waits."""
    return queryset.filter(has_twin=on)


def at_least(queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Those with so many points."""
    typed = words.strip()
    if not typed.lstrip("-").isascii() or not typed.lstrip("-").isdigit() or len(typed) > 6:
        return queryset
    return queryset.filter(points__gte=int(typed))


def of_user(queryset: QuerySet[Request], user: Any, on: bool) -> QuerySet[Request]:
    """Those of somebody, or the others."""
    return queryset.filter(assigned_to=user) if on else queryset.exclude(assigned_to=user)


def found(queryset: QuerySet[Request], words: str) -> QuerySet[Request]:
    """Those that the search finds by these words."""
    return queryset.filter(pk__in=ids_matching("request", words))


def possible_owners(also: int | None = None) -> QuerySet[User]:
    """Who may look after requests.

    Args:
        also: somebody who looks after one already.
    """
    may = Q(is_active=True, grants__area=Area.TRAINING, grants__level__gte=Level.MANAGE)
    return User.objects.filter(may | Q(pk=also)).distinct().order_by("name", "pk")


# --------------------------------------------------------------------- Today


def nobodys() -> QuerySet[Request]:
    """Requests that wait for a decision, and are nobody's."""
    return Request.objects.filter(state=State.PENDING, assigned_to=None, merged_into=None)


def overdue(now: dt.datetime) -> QuerySet[Request]:
    """Requests that are somebody's and wait for longer than their form allows."""
    return Request.objects.filter(
        state=State.PENDING, assigned_to__isnull=False, merged_into=None, due_at__lte=now
    )


def fields_of_forms(slugs: Iterable[str]) -> list[dict[str, Any]]:
    """What the versions of one form ever asked, the newest labels, in their order; one query."""
    chosen = list(slugs)
    if len(chosen) != 1:
        return []
    form = RequestForm.objects.filter(slug=chosen[0]).prefetch_related("versions").first()
    if form is None:
        return []
    found: dict[str, dict[str, Any]] = {}
    for version in sorted(form.versions.all(), key=lambda one: -one.number):
        for field in version.fields:
            if field["kind"] != "heading":
                found.setdefault(field["key"], field)
    return list(found.values())
