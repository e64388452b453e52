"""What an area declares so that rules can write mail about its records: facts, dates, recipients, variables.

A subject reads many records at once (:attr:`Subject.load`), in a fixed number of queries; everything else is told from
what was read and runs none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.changes.watching import watch
from folkmoot.kernel.plugs import RecordPanel, record_panels
from folkmoot.kernel.registry import Registry
from folkmoot.outbox.public import File, MessageKind, Variable, message_kinds
from folkmoot.people.public import Person

#: What notes changes for this app.
LISTENER = "mailing"
#: Types of facts.
NUMBER, DATE, YES, ONE, SOME, TEXT = "number", "date", "yes", "one", "some", "text"


@dataclass(frozen=True)
class Address:
    """Somebody to write to.

    Attributes:
        person: their number in the register, where they are in it.
        language: the one that they chose where the address comes from; empty: as the register says.
    """

    name: str
    email: str
    person: int | None = None
    language: str = ""


@dataclass(frozen=True)
class Fact:
    """Something that a rule may ask of a record.

    Attributes:
        type: ``number``, ``date``, ``yes``, ``one`` (one of rows), ``some`` (any of rows) or ``text``.
        read: the value, from what :attr:`Subject.load` read: an ``int``, a day or an aware moment, a ``bool``, the
            key of a row (``""``: none), a set of keys, text. ``None``: not known.
        choices: for ``one`` and ``some``: pairs of key and label; at most one query.
    """

    key: str
    label: Any
    type: str
    read: Callable[[Any], Any]
    choices: Callable[[], Iterable[tuple[str, Any]]] | None = None


@dataclass(frozen=True)
class Moment:
    """A date that a rule may count from: a day as said at the record's place, or an aware moment."""

    key: str
    label: Any
    read: Callable[[Any], dt.date | dt.datetime | None]


@dataclass(frozen=True)
class Recipient:
    """Whom a rule may address."""

    key: str
    label: Any
    read: Callable[[Any], Iterable[Address]]


@dataclass(frozen=True)
class Watched:
    """Rows that a subject's records are made of.

    Attributes:
        column: the column that names the record (``event_id``), or what ``records`` begins with.
        records: the numbers of the records that the values of that column mean; the values themselves when absent.
    """

    model: type[models.Model]
    column: str = "id"
    records: Callable[[Sequence[int]], Iterable[int]] | None = None


@dataclass(frozen=True)
class Subject:
    """A kind of record that mails can be written about by rule.

    Attributes:
        key: the label of the model, or what tells it apart: ``training.event``.
        load: ``load(ids)``: what was read of each record that there is, by its number; a fixed number of queries.
        name: how a record is called.
        url: its page.
        watched: whatever changes a fact, a date or a recipient.
        zone: the IANA zone in which its days are meant; empty: the community's.
        values: what fills a text's gaps, ``""`` for what is not known.
        find: records by words, newest first: at most 20 pairs of number and name, for previews.
        sweep: ``sweep(now)``: the records for which time alone may make something so; asked daily, and by a dry run.
        files: what goes with each mail, by the keys of ``attachments``.
        has_cards: its records have a page with cards of other apps.
        shown_on: for further pages that show the mails: the model's label, and from its record the numbers of ours
            (a queryset; no query is run).
    """

    key: str
    label: Any
    area: str
    model: type[models.Model]
    load: Callable[[Sequence[int]], Mapping[int, Any]]
    name: Callable[[Any], str]
    url: Callable[[int], str]
    facts: tuple[Fact, ...]
    moments: tuple[Moment, ...]
    recipients: tuple[Recipient, ...]
    variables: tuple[Variable, ...]
    values: Callable[[Any], Mapping[str, str]]
    find: Callable[[str], Iterable[tuple[int, str]]]
    sweep: Callable[[dt.datetime], QuerySet[Any]]
    watched: tuple[Watched, ...] = ()
    zone: Callable[[Any], str] = lambda _record: ""
    files: Callable[[Any], Sequence[File]] = lambda _record: ()
    shown_on: tuple[tuple[str, Callable[[Any], QuerySet[Any, Any]]], ...] = ()
    topic: str = ""
    has_cards: bool = True
    order: int = 0
    #: Reckoned: by key.
    sources: tuple[tuple[str, Watched], ...] = field(default=(), init=False)

    @cached_property
    def by_fact(self) -> dict[str, Fact]:
        """Facts by key."""
        return {fact.key: fact for fact in self.facts}

    @cached_property
    def by_moment(self) -> dict[str, Moment]:
        """Dates by key."""
        return {moment.key: moment for moment in self.moments}

    @cached_property
    def by_recipient(self) -> dict[str, Recipient]:
        """Recipients by key."""
        return {recipient.key: recipient for recipient in self.recipients}

    @property
    def kind(self) -> str:
        """The kind of message that its texts are of."""
        return f"rule.{self.key}"

    def touched(self, noted: Mapping[str, set[int]]) -> set[int]:
        """The records that noted changes are about; at most one query for each source."""
        found: set[int] = set()
        for source, watched in self.sources:
            ids = noted.get(source)
            if ids:
                found |= set(watched.records(sorted(ids))) if watched.records else ids
        return found


subjects: Registry[Subject] = Registry("subject of mail rules")

#: In every text: whom the mail is to, and the community.
COMMON = (
    Variable("recipients", _("whom it is to"), "Lio Brandt and Ana Pérez"),
    Variable("community", _("the community's name"), "Open Moot"),
)


def declare(subject: Subject) -> Subject:
    """Join the house: the subject, what it watches, its kind of message, its card on the pages of records."""
    from folkmoot.mailing import panels, texts

    watching = (*subject.watched, *_languages(subject))
    sources = tuple((watch(LISTENER, watched.model, watched.column), watched) for watched in watching)
    object.__setattr__(subject, "sources", sources)
    subjects.register(subject)
    message_kinds.register(
        MessageKind(
            subject.kind,
            texts.label_of(subject),
            subject.area,
            (*COMMON, *subject.variables),
            lambda user, record: texts.previewed(subject, record),
            subject.find,
            lambda pk: texts.one(subject, pk),
            is_personal=True,
            topic=subject.topic,
            order=600 + subject.order,
        )
    )
    own = (subject.model._meta.label_lower,) if subject.has_cards else ()
    for label in (*own, *(label for label, _ids in subject.shown_on)):
        key = f"mailing.{label}"
        if key not in record_panels:
            record_panels.register(
                RecordPanel(
                    key,
                    label,
                    _("Mails by rule"),
                    "mailing.view",
                    "mailing/panel.html",
                    panels.rows,
                    panels.told,
                    order=80,
                )
            )
    return subject


def _languages(subject: Subject) -> Iterable[Watched]:
    """What changes the language of the people whose records a subject watches: their account, what they speak."""
    for watched in subject.watched:
        if watched.model is Person and watched.column == "id" and watched.records is not None:
            yield Watched(Person.tags.through, "person_id", watched.records)
            yield Watched(User, "id", _of_accounts(watched.records))


def _of_accounts(
    records: Callable[[Sequence[int]], Iterable[int]],
) -> Callable[[Sequence[int]], Iterable[int]]:
    def found(ids: Sequence[int]) -> Iterable[int]:
        people = list(Person.objects.filter(user__in=ids).values_list("pk", flat=True))
        return records(people) if people else ()

    return found


def about(record: Any) -> Q:
    """The planned mails that stand on the page of a record; runs no query."""
    label = record._meta.label_lower
    found = Q(pk__in=[])
    for subject in subjects:
        if subject.model._meta.label_lower == label:
            found |= Q(subject=subject.key, record_id=record.pk)
        for other, ids in subject.shown_on:
            if other == label:
                found |= Q(subject=subject.key, record_id__in=ids(record))
    return found
