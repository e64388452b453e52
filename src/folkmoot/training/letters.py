"""Mails about places at events and certificates: which kinds there are, and what their gaps are filled with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.saving import Actor
from folkmoot.kernel.text import fold
from folkmoot.outbox.public import File, MessageTemplate, Variable, queue_mail, unwrapped
from folkmoot.people.public import Person, country_name, languages_of, write_to
from folkmoot.training.exports.calendar import calendar_of
from folkmoot.training.models import Event, Registration
from folkmoot.training.seeds.texts import texts

log = structlog.get_logger(__name__)

PROVE, AGAIN = "training.prove", "training.registered_already"
PLACE, WAITING, MOVED_UP = "training.place", "training.waiting", "training.moved_up"
DECLINED, CANCELLED, CERTIFICATE = "training.declined", "training.event_cancelled", "training.certificate"
MOVED = "training.event_moved"

KINDS: tuple[tuple[str, Any], ...] = (
    (PROVE, _("Registration: confirm your address")),
    (AGAIN, _("Registration: you are registered already")),
    (PLACE, _("Registration: you have a place")),
    (WAITING, _("Registration: you are on the waiting list")),
    (MOVED_UP, _("Registration: a place fell free")),
    (DECLINED, _("Registration: no place for you")),
    (CANCELLED, _("An event is cancelled")),
    (CERTIFICATE, _("Your certificate")),
    (MOVED, _("An event is on other days, or elsewhere")),
)

VARIABLES: tuple[Variable, ...] = (
    Variable("recipient", _("their name"), "Lio Brandt"),
    Variable("event", _("the event"), "Packaging workshop"),
    Variable("days", _("when it is"), "1 March 2027, 09:00 to 2 March 2027, 16:30 (Europe/London)"),
    Variable("place", _("where it is"), "Library, Leeds, United Kingdom"),
    Variable("link", _("their own page about it"), "https://example.org/events/place/x/", is_url=True),
    Variable("page", _("the event's page"), "https://example.org/events/leeds/", is_url=True),
    Variable("reason", _("why"), "The instructor is ill"),
    Variable("before", _("when and where it was, if it moved"), "22 February 2027; Town hall, Leeds"),
    Variable("contact", _("whom to ask"), "workshops@example.org"),
    Variable("community", _("the community's name"), "Open Moot"),
)


@dataclass(frozen=True)
class Letter:
    """An event, and who is written to about it."""

    event: Event
    name: str = ""
    link: str = ""
    reason: str = ""
    before: str = ""

    def __str__(self) -> str:
        return self.event.title


def absolute(path: str) -> str:
    """A path of this installation as a whole address."""
    return settings.BASE_URL.rstrip("/") + path


def when(event: Event) -> str:
    """The days and times of an event as said at the place, with its zone where there are times; ``""``: not known."""
    if event.starts_on is None:
        return ""
    last = event.ends_on or event.starts_on
    first_day, last_day = (date_format(day, "DATE_FORMAT") for day in (event.starts_on, last))
    if event.starts_time is None or event.ends_time is None:
        if last == event.starts_on:
            return first_day
        return _now("%(first)s to %(last)s") % {"first": first_day, "last": last_day}
    begins, ends = (time_format(time, "H:i") for time in (event.starts_time, event.ends_time))
    if last == event.starts_on:
        text = _now("%(day)s, %(from)s to %(to)s (%(zone)s)")
        return text % {"day": first_day, "from": begins, "to": ends, "zone": event.time_zone}
    text = _now("%(first)s, %(from)s to %(last)s, %(to)s (%(zone)s)")
    said = {"first": first_day, "from": begins, "last": last_day, "to": ends, "zone": event.time_zone}
    return text % said


def where(event: Event) -> str:
    """Venue, city and country of an event; "online" where it is that; ``""``: not known."""
    parts = [event.venue, event.city, country_name(event.country) if event.country else ""]
    if event.is_online:
        parts.append(_now("online"))
    return ", ".join(part for part in parts if part)


def page_of(event: Event) -> str:
    """The path of an event's public page; of its form where there is no such page."""
    for name in ("events:event", "events:register"):
        try:
            return reverse(name, args=[event.slug])
        except NoReverseMatch:
            continue
    return "/events/"


def values(user: User | None, letter: Letter) -> Mapping[str, str]:
    """What fills the gaps; ``""`` for what is not known."""
    return {
        "recipient": letter.name,
        "event": letter.event.title,
        "days": when(letter.event),
        "place": where(letter.event),
        "link": letter.link,
        "page": absolute(page_of(letter.event)),
        "reason": letter.reason,
        "before": letter.before,
        "contact": letter.event.contact,
        "community": Community.current().name,
    }


def found(words: str) -> list[tuple[int, str]]:
    """Events to preview a text on."""
    some = Event.objects.filter(folded__contains=fold(words)).order_by("-starts_at", "-pk")
    return list(some.values_list("pk", "title")[:20])


def preview(pk: int) -> Letter | None:
    """A letter to look at a text with: to nobody, and with links that lead nowhere."""
    event = Event.objects.filter(pk=pk).first()
    known = {variable.name: variable.example for variable in VARIABLES}
    return (
        Letter(event, known["recipient"], known["link"], known["reason"], known["before"]) if event else None
    )


def text_in(kind: str, shipped: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The oldest text of a kind that is in use; the one that the house came with where somebody archived it.

    While nobody has edited that one, whoever reads another language in which the house has it gets it in that.
    """
    row = MessageTemplate.objects.filter(kind=kind, archived_at=None).order_by("pk").first()
    further = shipped.get("texts", {})
    other = further.get(language) or further.get(language.split("-")[0])
    as_it_came = (shipped["subject"], unwrapped(shipped["body"]))
    if other and (row is None or (row.subject, row.body) == as_it_came):
        return {"subject": other["subject"], "body": unwrapped(other["body"])}
    if row is not None:
        return {"template": row}
    return {"subject": shipped["subject"], "body": shipped["body"]}


def language_for(person: Person) -> str:
    """The language that somebody reads, of those that the house speaks; ``""``: nothing is known."""
    found = languages_of([person.pk]).get(person.pk, [])
    return next((code for code in found if code in dict(settings.LANGUAGES)), "")


def _reply_to(event: Event) -> str:
    try:
        validate_email(event.contact)
    except ValidationError:
        return ""
    return event.contact


def out_of_calendars(event: Event) -> list[File]:
    """The file that takes a cancelled event out of people's calendars; none for an event without a day."""
    return _calendar(event, "CANCEL")


def into_calendars(event: Event) -> list[File]:
    """The file that moves an event in people's calendars to where it is now; none for an event without a day."""
    return _calendar(event, "PUBLISH")


def _calendar(event: Event, method: str) -> list[File]:
    if event.starts_on is None:
        return []
    organizer = _reply_to(event) or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    content = calendar_of([event], method=method, organizer=organizer)
    return [File(f"{event.slug}.ics", content, f"text/calendar; method={method}; charset=utf-8")]


def send(
    kind: str,
    registration: Registration,
    *,
    key: str,
    link: str,
    reason: str = "",
    before: str = "",
    files: Sequence[File] = (),
) -> None:
    """Queue a mail about somebody's registration, to the address that they gave; the same ``key`` once.

    Raises:
        ValidationError: there is no channel for mail, the text needs what is not known, or the address gets no mail.
    """
    event = registration.event
    with translation.override(registration.language or settings.LANGUAGE_CODE):
        more: dict[str, Any] = {
            "values": dict(values(None, Letter(event, registration.name, link, reason, before))),
            "reply_to": _reply_to(event),
            "is_personal": True,
            "language": registration.language,
            "key": key,
            "files": files,
            **text_in(kind, texts()[kind], registration.language or settings.LANGUAGE_CODE),
        }
        if registration.person is None:
            queue_mail(kind=kind, to=registration.email, to_name=registration.name, asked_by=None, **more)
        else:
            write_to(person=registration.person, actor=None, kind=kind, address=registration.email, **more)


def write_person(
    kind: str,
    person: Person,
    event: Event,
    *,
    actor: Actor,
    key: str,
    link: str = "",
    reason: str = "",
    before: str = "",
    files: Sequence[File] = (),
) -> None:
    """Queue a mail to somebody who has a part in an event, in their language; the same ``key`` once.

    Raises:
        ValidationError: no address of theirs is known; as :func:`send`.
    """
    letter = Letter(event, person.name, link or absolute(page_of(event)), reason, before)
    language = language_for(person)
    with translation.override(language or settings.LANGUAGE_CODE):
        write_to(
            person=person,
            actor=actor,
            kind=kind,
            values=dict(values(actor, letter)),
            reply_to=_reply_to(event),
            is_personal=True,
            language=language,
            key=key,
            files=files,
            **text_in(kind, texts()[kind], language or settings.LANGUAGE_CODE),
        )


def try_to(kind: str, what: Any) -> bool:
    """Write a mail that must not hold up what it tells of; why it could not be written stands in the log.

    Args:
        what: writes it.

    Returns:
        whether it was queued.
    """
    try:
        with transaction.atomic():
            what()
    except ValidationError as problem:
        log.warning("a mail about an event was not queued", kind=kind, why=" ".join(problem.messages)[:300])
        return False
    return True
