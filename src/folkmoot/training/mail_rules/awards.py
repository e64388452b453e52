"""Mail rules about badges that were awarded, with their certificate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.text import fold
from folkmoot.mailing.public import (
    DATE,
    ONE,
    YES,
    Address,
    Fact,
    Moment,
    Recipient,
    Subject,
    Watched,
    declare,
)
from folkmoot.outbox.public import File, Variable
from folkmoot.people.public import Identity, Person, best_addresses
from folkmoot.training.actions.certificates import address_of
from folkmoot.training.certifying import pdf
from folkmoot.training.mail_rules import common
from folkmoot.training.models import Award, Badge, Certificate

RECENT = dt.timedelta(days=400)


@dataclass
class Awarded:
    """An award with its person and the certificate that holds."""

    award: Award
    emails: Mapping[int, str]
    certificate: Certificate | None


def load(ids: Sequence[int]) -> dict[int, Awarded]:
    """Awards with all that rules may ask; four queries."""
    rows = list(Award.objects.filter(pk__in=ids).select_related("person", "badge", "event", "awarded_by"))
    emails = best_addresses(row.person_id for row in rows)
    certificates = {
        row.award_id: row for row in Certificate.objects.filter(award__in=ids, revoked_at=None).order_by("pk")
    }
    return {row.pk: Awarded(row, emails, certificates.get(row.pk)) for row in rows}


def badges() -> list[tuple[str, str]]:
    """Badges; one query."""
    return list(Badge.objects.values_list("slug", "name"))


def _values(one: Awarded) -> dict[str, str]:
    row = one.award
    return {
        "person": row.person.name,
        "badge": row.badge.name,
        "description": row.badge.description,
        "day": date_format(row.awarded_on, "DATE_FORMAT"),
        "event": row.event.title if row.event else "",
        "certificate": address_of(one.certificate.code) if one.certificate else "",
    }


def _files(one: Awarded) -> list[File]:
    """The certificate as PDF, where there is one that holds."""
    if one.certificate is None:
        return []
    name = f"{one.award.badge.name} – {one.award.person.name}.pdf"
    return [File(name, pdf(one.certificate), "application/pdf")]


def _person(one: Awarded) -> Iterable[Address]:
    return common.people([one.award.person], one.emails)


def _awarder(one: Awarded) -> Iterable[Address]:
    user = one.award.awarded_by
    return (
        [Address(user.name, user.email, language=user.language)]
        if user is not None and user.is_active
        else []
    )


def find(words: str) -> list[tuple[int, str]]:
    """Awards for previews, the newest first."""
    rows = Award.objects.filter(person__folded__contains=fold(words)).order_by("-awarded_on", "-pk")
    return [
        (pk, f"{name} – {badge}")
        for pk, name, badge in rows.values_list("pk", "person__name", "badge__name")[:20]
    ]


def swept(now: dt.datetime) -> Any:
    """Awards of about the last year."""
    return Award.objects.filter(awarded_on__gte=(now - RECENT).date())


def of_people(ids: Sequence[int]) -> Iterable[int]:
    """Awards of these people."""
    return Award.objects.filter(person__in=ids).values_list("pk", flat=True)


declare(
    Subject(
        key="training.award",
        label=_("A badge that was awarded"),
        area="training",
        model=Award,
        load=load,
        name=lambda one: f"{one.award.person.name} – {one.award.badge.name}",
        url=lambda pk: reverse(
            "people:person", args=[Award.objects.values_list("person_id", flat=True).get(pk=pk)]
        ),
        facts=(
            Fact("badge", _("badge"), ONE, lambda one: one.award.badge.slug, badges),
            Fact("holds", _("it was not taken back"), YES, lambda one: one.award.revoked_at is None),
            Fact("awarded", _("the day of the award"), DATE, lambda one: one.award.awarded_on),
            Fact("certificate", _("there is a certificate"), YES, lambda one: one.certificate is not None),
            Fact(
                "has_email",
                _("a mail address is known"),
                YES,
                lambda one: bool(one.emails.get(one.award.person_id)),
            ),
        ),
        moments=(
            Moment("awarded", _("the day of the award"), lambda one: one.award.awarded_on),
            Moment("entered", _("when the award was entered"), lambda one: one.award.created_at),
        ),
        recipients=(
            Recipient("person", _("the person"), _person),
            Recipient("awarder", _("whoever awarded it"), _awarder),
        ),
        variables=(
            Variable("person", _("the person's name"), "Lio Brandt"),
            Variable("badge", _("the badge"), "Instructor"),
            Variable("description", _("what the badge says"), "Can teach our workshops."),
            Variable("day", _("the day of the award"), "1 March 2027"),
            Variable("event", _("the event at which they got it"), "Packaging workshop"),
            Variable(
                "certificate",
                _("the address of the certificate"),
                "https://example.org/events/certificates/x/",
                is_url=True,
            ),
        ),
        values=_values,
        find=find,
        sweep=swept,
        files=_files,
        watched=(
            Watched(Award),
            Watched(Certificate, "award_id"),
            Watched(Identity, "person_id", of_people),
            Watched(Person, "id", of_people),
        ),
        shown_on=(("people.person", lambda person: Award.objects.filter(person=person.pk).values("pk")),),
        topic="training",
        has_cards=False,
        order=5,
    )
)
