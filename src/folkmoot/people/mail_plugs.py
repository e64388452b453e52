"""How the register joins the outbox: its kind of mail, whom no mail goes to, messages on timelines."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.plugs import TimelineSource, counted, one_group, timeline_sources
from folkmoot.kernel.text import fold_accents
from folkmoot.outbox.public import (
    MessageKind,
    RecipientCheck,
    Topic,
    Variable,
    message_kinds,
    recipient_checks,
    topics,
)
from folkmoot.people.actions.writing import LETTER
from folkmoot.people.models import Person
from folkmoot.people.queries.correspondence import (
    MESSAGES,
    address_of,
    message_rows,
    tell_messages,
    why_not,
)


def _values(user: User | None, person: Person) -> Mapping[str, str]:
    return {
        "person": person.name,
        "pronouns": person.pronouns,
        "email": address_of(person),
        "location": person.location,
        "website": person.website,
        "community": Community.current().name,
        "sender": str(user) if user else "",
        "sender_email": user.email if user else "",
    }


def _records(words: str) -> list[tuple[int, str]]:
    found = Person.objects.filter(sort_key__contains=fold_accents(words), erased_at=None)
    return [(person.pk, person.name) for person in found.order_by("sort_key", "pk")[:20]]


def _record(pk: int) -> Person | None:
    return Person.objects.filter(pk=pk, erased_at=None).first()


message_kinds.register(
    MessageKind(
        LETTER,
        _("Mail to a person"),
        "people",
        (
            Variable("person", _("their name"), "Ana Quintanar"),
            Variable("pronouns", _("their pronouns"), "she/her"),
            Variable("email", _("their mail address"), "ana@example.org"),
            Variable("location", _("where they are"), "Quito"),
            Variable("website", _("their web page"), "https://ana.example.org", is_url=True),
            Variable("community", _("the community's name"), "Open Moot"),
            Variable("sender", _("your name"), "Alice Admin"),
            Variable("sender_email", _("your mail address"), "alice@example.org"),
        ),
        _values,
        _records,
        _record,
        is_personal=True,
        topic="community",
        order=10,
    )
)
topics.register(Topic("community", _("mails about the community")))
recipient_checks.register(RecipientCheck("people.consent", why_not, order=10))
timeline_sources.register(
    TimelineSource(
        key="people.messages",
        records=frozenset({"people.person", "people.organization", "people.project"}),
        permission="people.contribute",
        counts=lambda user, record: counted(record.correspondences.all()),
        groups=one_group(MESSAGES, _("Messages")),
        rows=message_rows,
        tell=tell_messages,
    )
)
