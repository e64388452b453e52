"""What lists, cards, Today and the calendar show of agreements; a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.search.find import ids_matching
from folkmoot.people.public import country_name
from folkmoot.training.models import (
    Agreement,
    AgreementContact,
    AgreementParty,
    Allowance,
    RegistrationCode,
    Standing,
    Tier,
)
from folkmoot.training.queries import allowances
from folkmoot.training.queries.lists import numbers

#: So many days before its end an agreement that nobody renewed stands on Today.
NEAR = 60


def agreements() -> QuerySet[Any]:
    """All agreements, with ``held_by`` for sorting, ``is_renewed`` and ``is_over_used``."""
    rows = Agreement.objects.select_related("organization", "tier", "owner").annotate(
        held_by=Case(
            When(consortium="", then=F("organization__folded")),
            default=Lower("consortium"),
            output_field=CharField(),
        ),
        is_renewed=Exists(Agreement.objects.filter(renews=OuterRef("pk"))),
    )
    return allowances.with_over_use(rows)


def with_balances(rows: Iterable[Any]) -> None:
    """Lay beside each agreement its allowances with what is left as ``balances``, and its own code as ``code``; two
    queries.
    """
    shown = list(rows)
    ids = [row.pk for row in shown]
    found: dict[int, list[Any]] = defaultdict(list)
    for one in allowances.with_balance(Allowance.objects.filter(agreement__in=ids)).select_related("benefit"):
        found[one.agreement_id].append(one)
    own = RegistrationCode.objects.filter(agreement__in=ids, allowance=None)
    codes = dict(own.values_list("agreement_id", "text"))
    for row in shown:
        row.balances = found[row.pk]
        row.code = codes.get(row.pk, "")


def balances_words(row: Any) -> str:
    """What is left of each allowance: "Workshops: 1 of 2 left; Credits: 2 beyond"."""
    return "; ".join(f"{one.benefit.name}: {left_words(one.left, one.given)}" for one in row.balances)


def left_words(left: int, given: int) -> str:
    """How much is left of how much: "3 of 10 left", "2 beyond 10"."""
    if left < 0:
        return _("%(over)d beyond %(given)d") % {"over": -left, "given": given}
    return _("%(left)d of %(given)d left") % {"left": left, "given": given}


def found(queryset: QuerySet[Agreement], words: str) -> QuerySet[Agreement]:
    """Those that the search finds by these words."""
    return queryset.filter(pk__in=ids_matching("agreement", words))


# ------------------------------------------------------------------- filters


def standing(chosen: Sequence[str], day: dt.date) -> Q:
    """Agreements that stand so on a day."""
    stands = {
        Standing.PLANNED: Q(starts_on__gt=day),
        Standing.RUNNING: Q(starts_on__lte=day, last_day__gte=day),
        Standing.GRACE: Q(last_day__lt=day, grace_until__gte=day),
        Standing.OVER: Q(grace_until__lt=day),
    }
    wanted = Q(pk__in=[])
    for word in chosen:
        if word in Standing.values:
            wanted |= stands[Standing(word)]
    return wanted


def stands(queryset: QuerySet[Agreement], chosen: Sequence[str]) -> QuerySet[Agreement]:
    """Those that stand so today."""
    return queryset.filter(standing(chosen, clock.today()))


def running(day: dt.date) -> QuerySet[Agreement]:
    """Those that run on a day."""
    return Agreement.objects.filter(standing([Standing.RUNNING], day))


def ends_within(queryset: QuerySet[Agreement], chosen: Sequence[str]) -> QuerySet[Agreement]:
    """Those that run and end within so many days."""
    days = max(numbers(chosen)[:1] or [0])
    today = clock.today()
    return queryset.filter(
        standing([Standing.RUNNING], today), last_day__lte=today + dt.timedelta(days=min(days, 3660))
    )


def tier_choices() -> list[tuple[str, str]]:
    """Tiers; one query."""
    return list(Tier.objects.values_list("slug", "name"))


def country_choices() -> list[tuple[str, str]]:
    """Countries of the main organisations; one query."""
    codes = Agreement.objects.exclude(organization__country="").order_by()
    found = codes.values_list("organization__country", flat=True).distinct()
    return sorted(((code, country_name(code)) for code in found), key=lambda pair: pair[1])


def owner_choices() -> list[tuple[str, str]]:
    """Who looks after agreements; one query."""
    owners = Agreement.objects.exclude(owner=None).order_by().values("owner")
    rows = User.objects.filter(pk__in=owners).order_by("name", "pk").values_list("pk", "name")
    return [("none", "–"), *((str(pk), name) for pk, name in rows[:300])]


# ------------------------------------------------------------- today, cards


def to_renew(day: dt.date) -> QuerySet[Agreement]:
    """Those that run, end within 60 days, and are not renewed."""
    renewed = Exists(Agreement.objects.filter(renews=OuterRef("pk")))
    return running(day).filter(last_day__lte=day + dt.timedelta(days=NEAR)).exclude(renewed)


def with_over_used(day: dt.date) -> QuerySet[Any]:
    """Those that are not over of which more is taken than they give."""
    rows = allowances.with_over_use(Agreement.objects.exclude(standing([Standing.OVER], day)))
    return rows.filter(is_over_used=True)


def without_contact(day: dt.date) -> QuerySet[Agreement]:
    """Those that run or will, and nobody speaks for."""
    contact = Exists(AgreementContact.objects.filter(agreement=OuterRef("pk")))
    return Agreement.objects.filter(last_day__gte=day).exclude(contact)


def unowned(day: dt.date) -> QuerySet[Agreement]:
    """Those that run or will, and are nobody's."""
    return Agreement.objects.filter(last_day__gte=day, owner=None)


def of_organization(organization: Any) -> QuerySet[Any]:
    """Agreements that an organisation holds, alone or with others; ``is_main`` says whether as the main party."""
    member = AgreementParty.objects.filter(agreement=OuterRef("pk"), organization=organization)
    return Agreement.objects.filter(Q(organization=organization) | Exists(member)).annotate(
        is_main=Case(When(organization=organization, then=Value(True)), default=Value(False))
    )


def held_by(organizations: Iterable[int]) -> QuerySet[Agreement]:
    """Agreements that one of these organisations holds, alone or with others."""
    ids = list(organizations)
    parties = AgreementParty.objects.filter(organization__in=ids)
    return Agreement.objects.filter(Q(organization__in=ids) | Q(pk__in=parties.values("agreement")))


def ends_between(first: dt.date, last: dt.date) -> QuerySet[Agreement]:
    """Those whose last day is one of these; with who holds them."""
    rows = Agreement.objects.filter(last_day__gte=first, last_day__lte=last)
    return rows.select_related("organization", "tier").order_by("last_day", "pk")
