"""Mail rules about agreements with members and partners."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.text import fold
from folkmoot.mailing.public import (
    DATE,
    NUMBER,
    ONE,
    SOME,
    YES,
    Address,
    Fact,
    Moment,
    Recipient,
    Subject,
    Watched,
    declare,
)
from folkmoot.outbox.public import Variable
from folkmoot.people.public import Identity, Person, best_addresses
from folkmoot.training.mail_rules import common
from folkmoot.training.models import Agreement, AgreementContact, AgreementKind, Allowance, ContactRole, Tier

RECENT = dt.timedelta(days=400)


@dataclass
class Agreed:
    """An agreement with whoever speaks for the other side, by role, and what it gives."""

    agreement: Agreement
    contacts: Mapping[str, list[Person]]
    emails: Mapping[int, str]
    gives: list[str]
    is_renewed: bool

    def people(self, *roles: str) -> list[Address]:
        """Contacts in one of these roles; all of them where none is named."""
        chosen = roles or tuple(self.contacts)
        return common.people([one for role in chosen for one in self.contacts.get(role, [])], self.emails)


def load(ids: Sequence[int]) -> dict[int, Agreed]:
    """Agreements with all that rules may ask; six queries."""
    rows = list(Agreement.objects.filter(pk__in=ids).select_related("organization", "tier", "owner"))
    contacts: dict[int, dict[str, list[Person]]] = defaultdict(lambda: defaultdict(list))
    people: set[int] = set()
    named = AgreementContact.objects.filter(agreement__in=ids).select_related("person", "role")
    for row in named.order_by("role__order", "pk"):
        contacts[row.agreement_id][row.role.slug].append(row.person)
        people.add(row.person_id)
    emails = best_addresses(people)
    gives: dict[int, list[str]] = defaultdict(list)
    allowed = Allowance.objects.filter(agreement__in=ids).select_related("benefit").order_by("pk")
    for each in allowed:
        number = each.granted + each.added + each.rolled
        gives[each.agreement_id].append(f"{each.benefit.name}: {number}")
    renewed = set(Agreement.objects.filter(renews__in=ids).values_list("renews_id", flat=True))
    return {row.pk: Agreed(row, contacts[row.pk], emails, gives[row.pk], row.pk in renewed) for row in rows}


def tiers() -> list[tuple[str, str]]:
    """Tiers; one query."""
    return list(Tier.objects.values_list("slug", "name"))


def roles() -> list[tuple[str, str]]:
    """Roles of contacts; one query."""
    return list(ContactRole.objects.values_list("slug", "name"))


def kinds() -> list[tuple[str, Any]]:
    """What the other side is."""
    return list(AgreementKind.choices)


def page(pk: int) -> str:
    """The agreement's page for those who run training; its organisation's where there is none."""
    try:
        return reverse("training:agreement", args=[pk])
    except NoReverseMatch:
        number = Agreement.objects.values_list("organization_id", flat=True).get(pk=pk)
        return reverse("people:organization", args=[number])


def _values(one: Agreed) -> dict[str, str]:
    row = one.agreement
    return {
        "holder": row.holder,
        "organisation": row.organization.name,
        "tier": row.tier.name,
        "first_day": date_format(row.starts_on, "DATE_FORMAT"),
        "last_day": date_format(row.last_day, "DATE_FORMAT"),
        "gives": get_text_list(one.gives, _now("and")),
        "contacts": get_text_list([address.name for address in one.people()], _now("and")),
        "owner": row.owner.name if row.owner else "",
        "document": row.document_url,
    }


def _owner(one: Agreed) -> Iterable[Address]:
    owner = one.agreement.owner
    return (
        [Address(owner.name, owner.email, language=owner.language)]
        if owner is not None and owner.is_active
        else []
    )


def _to(*slugs: str) -> Callable[[Agreed], Iterable[Address]]:
    return lambda one: one.people(*slugs)


def find(words: str) -> list[tuple[int, str]]:
    """Agreements for previews, the newest first."""
    wanted = fold(words)
    rows = Agreement.objects.filter(
        Q(organization__folded__contains=wanted) | Q(consortium__icontains=wanted)
    ).select_related("organization", "tier")
    return [(row.pk, str(row)) for row in rows.order_by("-starts_on", "-pk")[:20]]


def swept(now: dt.datetime) -> Any:
    """Agreements that run, are to begin, or ended in about the last year."""
    return Agreement.objects.filter(last_day__gte=(now - RECENT).date())


def of_people(ids: Sequence[int]) -> Iterable[int]:
    """Agreements for which these people speak."""
    return AgreementContact.objects.filter(person__in=ids).values_list("agreement_id", flat=True).distinct()


def renewed(ids: Sequence[int]) -> Iterable[int]:
    """Agreements themselves, by the number of one that continues them."""
    return ids


declare(
    Subject(
        key="training.agreement",
        label=_("An agreement with a member or partner"),
        area="training",
        model=Agreement,
        load=load,
        name=lambda one: str(one.agreement),
        url=page,
        facts=(
            Fact("kind", _("member or partner"), ONE, lambda one: one.agreement.kind, kinds),
            Fact("tier", _("tier"), ONE, lambda one: one.agreement.tier.slug, tiers),
            Fact("starts", _("begins"), DATE, lambda one: one.agreement.starts_on),
            Fact("ends", _("ends"), DATE, lambda one: one.agreement.last_day),
            Fact("contacts", _("number of contacts"), NUMBER, lambda one: len(one.people())),
            Fact("roles", _("roles that somebody has"), SOME, lambda one: set(one.contacts), roles),
            Fact("renewed", _("another one continues it"), YES, lambda one: one.is_renewed),
            Fact("consortium", _("held by several"), YES, lambda one: bool(one.agreement.consortium)),
            Fact("public", _("in the public list"), YES, lambda one: one.agreement.is_public),
        ),
        moments=(
            Moment("starts", _("the first day"), lambda one: one.agreement.starts_on),
            Moment("ends", _("the last day"), lambda one: one.agreement.last_day),
        ),
        recipients=(
            Recipient("contacts", _("all contacts"), _to()),
            Recipient("main", _("main contacts"), _to("main")),
            Recipient("coordinators", _("workshop coordinators"), _to("workshop-coordinator")),
            Recipient("programmatic", _("programmatic contacts"), _to("programmatic")),
            Recipient("signatories", _("contract signatories"), _to("contract-signatory")),
            Recipient("billing", _("billing contacts"), _to("billing")),
            Recipient("owner", _("whoever looks after it"), _owner),
        ),
        variables=(
            Variable("holder", _("who holds it"), "University of Leeds"),
            Variable("organisation", _("the main organisation"), "University of Leeds"),
            Variable("tier", _("its tier"), "Silver"),
            Variable("first_day", _("its first day"), "1 March 2027"),
            Variable("last_day", _("its last day"), "28 February 2028"),
            Variable("gives", _("what it gives"), "Workshops: 4 and Public instructor training: 6"),
            Variable("contacts", _("names of all contacts"), "Kit Moss and Lio Brandt"),
            Variable("owner", _("who looks after it"), "Maren Alder"),
            Variable("document", _("address of the document"), "https://example.org/agreement", is_url=True),
        ),
        values=_values,
        find=find,
        sweep=swept,
        watched=(
            Watched(Agreement),
            Watched(Agreement, "renews_id", renewed),
            Watched(AgreementContact, "agreement_id"),
            Watched(Allowance, "agreement_id"),
            Watched(Identity, "person_id", of_people),
            Watched(Person, "id", of_people),
        ),
        shown_on=(
            (
                "people.organization",
                lambda row: Agreement.objects.filter(organization=row.pk).values("pk"),
            ),
        ),
        topic="training",
        order=7,
    )
)
