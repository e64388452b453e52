"""Mail rules about people who sign up for a part that an opening seeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.text import fold
from folkmoot.mailing.public import (
    DATE,
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
from folkmoot.training.addresses import event_page
from folkmoot.training.mail_rules import common
from folkmoot.training.mail_rules.parts import does
from folkmoot.training.models import Event, Opening, SignUp, SignUpState

RECENT = dt.timedelta(days=400)


@dataclass
class Signed:
    """A sign-up with its event and person."""

    sign_up: SignUp
    emails: Mapping[int, str]
    tags: set[str]
    curricula: set[str]

    @property
    def event(self) -> Event:
        """The event for which people are sought."""
        return self.sign_up.opening.event


def load(ids: Sequence[int]) -> dict[int, Signed]:
    """Sign-ups with all that rules may ask; five queries."""
    related = ("kind", "programme", "host", "organizer", "owner")
    rows = list(
        SignUp.objects.filter(pk__in=ids).select_related(
            "person", "kind", "opening__owner", "decided_by", *(f"opening__event__{name}" for name in related)
        )
    )
    emails = best_addresses(row.person_id for row in rows)
    wanted = {row.opening.event_id for row in rows}
    tags: dict[int, set[str]] = {pk: set() for pk in wanted}
    for pk, tag in Event.tags.through.objects.filter(event__in=wanted).values_list("event_id", "tag_id"):
        tags[pk].add(str(tag))
    curricula: dict[int, set[str]] = {pk: set() for pk in wanted}
    chosen = Event.curricula.through.objects.filter(event__in=wanted)
    for pk, slug in chosen.values_list("event_id", "curriculum__slug"):
        curricula[pk].add(slug)
    return {
        row.pk: Signed(row, emails, tags[row.opening.event_id], curricula[row.opening.event_id])
        for row in rows
    }


def states() -> list[tuple[str, Any]]:
    """What became of a sign-up."""
    return list(SignUpState.choices)


def _values(one: Signed) -> dict[str, str]:
    return {
        **common.event_values(one.event),
        "registered": "",
        "person": one.sign_up.person.name,
        "part": one.sign_up.kind.name,
        "interest": one.sign_up.interest,
    }


def _person(one: Signed) -> Iterable[Address]:
    return common.people([one.sign_up.person], one.emails)


def _owner(one: Signed) -> Iterable[Address]:
    owner = one.sign_up.opening.owner
    if owner is not None and owner.is_active:
        return [Address(owner.name, owner.email, language=owner.language)]
    return common.owner_of(one.event)


def find(words: str) -> list[tuple[int, str]]:
    """Sign-ups for previews, the newest first."""
    wanted = fold(words)
    rows = SignUp.objects.filter(
        Q(person__folded__contains=wanted) | Q(opening__event__folded__contains=wanted)
    )
    told = rows.order_by("-pk").values_list("pk", "person__name", "opening__event__title")[:20]
    return [(pk, f"{name} – {title}") for pk, name, title in told]


def swept(now: dt.datetime) -> Any:
    """Sign-ups for events that are ahead, have no day, or are over for about a year."""
    ends = "opening__event__ends_at"
    return SignUp.objects.filter(Q(**{ends: None}) | Q(**{f"{ends}__gte": now - RECENT}))


def of_events(ids: Sequence[int]) -> Iterable[int]:
    """Sign-ups for these events."""
    return SignUp.objects.filter(opening__event__in=ids).values_list("pk", flat=True)


def of_openings(ids: Sequence[int]) -> Iterable[int]:
    """Sign-ups for these openings."""
    return SignUp.objects.filter(opening__in=ids).values_list("pk", flat=True)


def of_people(ids: Sequence[int]) -> Iterable[int]:
    """Sign-ups of these people."""
    return SignUp.objects.filter(person__in=ids).values_list("pk", flat=True)


def _page(pk: int) -> str:
    return event_page(SignUp.objects.values_list("opening__event_id", flat=True).get(pk=pk))


declare(
    Subject(
        key="training.signup",
        label=_("Somebody who signed up for a part that is sought"),
        area="training",
        model=SignUp,
        load=load,
        name=lambda one: f"{one.sign_up.person.name} – {one.sign_up.kind.name} – {one.event.title}",
        url=_page,
        facts=(
            Fact("state", _("what became of it"), ONE, lambda one: one.sign_up.state, states),
            Fact("own", _("they signed up themselves"), YES, lambda one: one.sign_up.is_own),
            Fact("part", _("part"), ONE, lambda one: one.sign_up.kind.slug, common.part_kinds),
            Fact("does", _("what they would do"), ONE, lambda one: one.sign_up.kind.does, does),
            Fact("open", _("the opening is open"), YES, lambda one: one.sign_up.opening.is_open),
            Fact("signed_up", _("when they signed up"), DATE, lambda one: one.sign_up.signed_up_at),
            Fact("decided", _("when it was decided"), DATE, lambda one: one.sign_up.decided_at),
            Fact(
                "has_email",
                _("a mail address is known"),
                YES,
                lambda one: bool(one.emails.get(one.sign_up.person_id)),
            ),
            Fact(
                "event_status", _("status of the event"), ONE, lambda one: one.event.status, common.statuses
            ),
            Fact("event_kind", _("kind of event"), ONE, lambda one: one.event.kind.slug, common.kinds),
            Fact(
                "programme",
                _("programme of the event"),
                ONE,
                lambda one: one.event.programme.slug if one.event.programme else "",
                common.programmes,
            ),
            Fact("curricula", _("curricula of the event"), SOME, lambda one: one.curricula, common.curricula),
            Fact("tags", _("tags of the event"), SOME, lambda one: one.tags, common.tags),
            Fact(
                "organizer",
                _("organiser of the event"),
                ONE,
                lambda one: str(one.event.organizer_id or ""),
                common.organizers,
            ),
            Fact("starts", _("the event begins"), DATE, lambda one: one.event.starts_at),
        ),
        moments=(
            Moment("signed_up", _("when they signed up"), lambda one: one.sign_up.signed_up_at),
            Moment("decided", _("when it was decided"), lambda one: one.sign_up.decided_at),
            Moment("starts", _("the first day of the event"), lambda one: one.event.starts_on),
        ),
        recipients=(
            Recipient("person", _("the person"), _person),
            Recipient("contact", _("the event's contact"), lambda one: common.contact_of(one.event)),
            Recipient("owner", _("whoever looks after the opening"), _owner),
        ),
        variables=(
            Variable("person", _("the person's name"), "Lio Brandt"),
            Variable("part", _("the part"), "Instructor"),
            Variable("interest", _("what they say"), "I taught this lesson twice."),
            *common.EVENT_VARIABLES,
        ),
        values=_values,
        find=find,
        sweep=swept,
        zone=lambda one: one.event.time_zone,
        watched=(
            Watched(SignUp),
            Watched(Opening, "id", of_openings),
            Watched(Event, "id", of_events),
            Watched(Event.tags.through, "event_id", of_events),
            Watched(Event.curricula.through, "event_id", of_events),
            Watched(Identity, "person_id", of_people),
            Watched(Person, "id", of_people),
        ),
        shown_on=(
            ("training.event", lambda event: SignUp.objects.filter(opening__event=event.pk).values("pk")),
            ("people.person", lambda person: SignUp.objects.filter(person=person.pk).values("pk")),
        ),
        topic="training",
        has_cards=False,
        order=3,
    )
)
