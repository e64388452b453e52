"""Writing to people: the mail is the outbox's, and stands on the pages of whom and what it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.outbox.public import Delivery, File, MessageTemplate, Withheld, message_kinds, queue_mail
from folkmoot.people.actions.base import Actor
from folkmoot.people.models import Correspondence, Organization, Person, Project
from folkmoot.people.queries.correspondence import address_of, why_no_mail

#: The kind of mail that is written from a person's page.
LETTER = "people.letter"


@transaction.atomic
def note_correspondence(delivery: Delivery, people: Iterable[int]) -> None:
    """A mail that went to several people stands on the page of each; who is gone by now is left out."""
    now = clock.now()
    known = set(Correspondence.objects.filter(delivery=delivery).values_list("person_id", flat=True))
    wanted = set(people) - known
    Correspondence.objects.bulk_create(
        Correspondence(delivery=delivery, person_id=pk, is_recipient=True, at=now)
        for pk in sorted(Person.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    )


@transaction.atomic
def write_to(
    *,
    person: Person,
    actor: Actor,
    template: MessageTemplate | None = None,
    subject: str = "",
    body: str = "",
    about: Iterable[Organization | Project | Person] = (),
    kind: str = LETTER,
    values: Mapping[str, str] | None = None,
    address: str = "",
    reply_to: str = "",
    is_personal: bool | None = None,
    wall_time: dt.datetime | None = None,
    zone: str = "",
    key: str = "",
    language: str = "",
    files: Sequence[File] = (),
) -> Delivery:
    """Queue a mail to a person; it shows on their page, and on those of what it is about.

    Args:
        template: the text; or give ``subject`` and ``body`` (Markdown), gaps included.
        about: what else it is about.
        values: what fills the gaps; those of the kind, read from the person, when absent.
        address: one of theirs; the best known when absent.
        wall_time: when, in ``zone``; as soon as it may when absent.
        key: who queues the same key again gets the mail that has it.
        language: of the mail's footer; the house's when absent.
        files: what goes with it.

    Raises:
        ValidationError: no address is known, something the text needs is not known, or the person wants no such mail.
    """
    declared = message_kinds.get(kind)
    to = address or address_of(person)
    if not to:
        raise ValidationError(_("No mail address of %(name)s is known.") % {"name": person.name})
    personal = is_personal
    if personal is None:
        personal = template.is_personal if template else declared.is_personal
    why_not = why_no_mail([person], is_personal=personal)
    if why_not:
        raise Withheld(why_not)
    delivery = queue_mail(
        kind=kind,
        to=to,
        to_name=person.name,
        template=template,
        subject=subject,
        body=body,
        values=dict(declared.values(actor, person)) if values is None else values,
        reply_to=reply_to or (actor.email if actor else ""),
        is_personal=personal,
        asked_by=actor,
        wall_time=wall_time,
        zone=zone,
        key=key,
        language=language,
        files=files,
        about_url=reverse("people:person", args=[person.pk]),
    )
    now = clock.now()
    Correspondence.objects.get_or_create(
        delivery=delivery, person=person, defaults={"is_recipient": True, "at": now}
    )
    for record in about:
        name = (
            "person"
            if isinstance(record, Person)
            else "project"
            if isinstance(record, Project)
            else "organization"
        )
        Correspondence.objects.get_or_create(delivery=delivery, **{name: record}, defaults={"at": now})
    return delivery
