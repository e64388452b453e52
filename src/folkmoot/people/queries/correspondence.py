"""Where a person is written to, whether they may be, and what was written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.accounts.names import name_of
from folkmoot.kernel.plugs import TimelineEntry, older
from folkmoot.kernel.rows import Row, Rows
from folkmoot.kernel.text import fold
from folkmoot.outbox.public import Delivery, State, Suppression, suppressions_of
from folkmoot.people.models import Correspondence, Identity, Person
from folkmoot.people.queries.consents import CONTACT, consents_of

MESSAGES = "messages"
_NOREPLY = "noreply"


def addresses_of(person: Person) -> list[str]:
    """A person's mail addresses, the best first: proven ones, then the oldest; none that only receives for a robot."""
    rows = Identity.objects.filter(person=person, system="email").order_by("-is_verified", "pk")
    return [row.value for row in rows if _NOREPLY not in row.value]


def address_of(person: Person) -> str:
    """Where a person is written to; ``""`` when nothing is known, or mail comes back from all of it."""
    found = addresses_of(person)
    return next((one for one in found if not suppressions_of(one).exists()), found[0] if found else "")


def best_addresses(people: Iterable[int]) -> dict[int, str]:
    """Where each of these people is written to, as :func:`address_of` says, by their number; two queries."""
    wanted = sorted(set(people))
    found: dict[int, list[str]] = {}
    rows = Identity.objects.filter(person__in=wanted, system="email").order_by("-is_verified", "pk")
    for pk, value in rows.values_list("person_id", "value") if wanted else ():
        if pk is not None and _NOREPLY not in value:
            found.setdefault(pk, []).append(value)
    folded = {fold(value) for values in found.values() for value in values}
    suppressed = (
        set(Suppression.objects.filter(address__in=folded, lifted_at=None).values_list("address", flat=True))
        if folded
        else set()
    )
    return {
        pk: next((value for value in values if fold(value) not in suppressed), values[0])
        for pk, values in found.items()
    }


def why_no_mail(people: Sequence[Person], *, is_personal: bool) -> str:
    """Why these people get no such mail, in words; ``""`` when they do.

    An answer to one person always may leave; what goes to many only to those who agreed to be contacted.
    """
    for person in people:
        if person.erased_at is not None:
            return _("This person asked to be forgotten.")
    if is_personal or not people:
        return ""
    given = consents_of([person.pk for person in people], [CONTACT])
    for person in people:
        if not given[person.pk][CONTACT]:
            return _("%(name)s has not agreed to be contacted.") % {"name": person.name}
    return ""


def why_not(delivery: Delivery) -> str:
    """The outbox asks right before a mail leaves; people are known by the message's link and by their address."""
    linked = Correspondence.objects.filter(delivery=delivery.pk, is_recipient=True).values("person")
    owning = Identity.objects.filter(system="email", folded=delivery.recipient).values("person")
    people = list(Person.objects.filter(Q(pk__in=linked) | Q(pk__in=owning)))
    return why_no_mail(people, is_personal=delivery.is_personal)


def message_rows(
    user: Any, record: Any, group: str, before: tuple[dt.datetime, int] | None, limit: int
) -> Rows | None:
    """Messages about a record, newest first."""
    if group not in ("", MESSAGES):
        return None
    return Rows(
        older(Correspondence.objects.filter(**{record._meta.model_name: record}), "at", before),
        *("pk", "at", "is_recipient", "delivery_id"),
        most=limit,
        title="delivery__title",
        state="delivery__state",
        area="delivery__area",
        who=name_of("delivery__asked_by"),
    )


def tell_messages(user: Any, record: Any, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each message; its page is linked for those who may open it."""
    for row in rows:
        state = State(row["state"])
        may = user.has_perm("outbox.view") and user.level_in(row["area"]) >= 2
        yield TimelineEntry(
            number=row["pk"],
            at=row["at"],
            group=MESSAGES,
            icon="envelope",
            verb=gettext_lazy("Mail") if row["is_recipient"] else gettext_lazy("Mail about this"),
            title=row["title"],
            url=reverse("outbox:delivery", args=[row["delivery_id"]]) if may else "",
            after="" if state == State.SENT else f"({state.label})",
            meta=(row["who"],) if row["who"] else (),
        )
