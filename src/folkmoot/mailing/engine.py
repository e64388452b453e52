"""What rules make of records: which mails are planned, moved, cancelled. Many records in a fixed number of queries.

The records' changes are learnt from the database (``kernel.changes``); whoever changed them has long gone on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import translation
from django.utils.translation import gettext as _

from folkmoot.kernel import bulk, clock
from folkmoot.mailing import facts, languages, moments, texts
from folkmoot.mailing.models import MailRule, MailState, PlannedMail
from folkmoot.mailing.subjects import Subject
from folkmoot.outbox.public import PLANNED as NOT_LEFT
from folkmoot.outbox.public import Delivery, named
from folkmoot.outbox.public import cancel as cancel_delivery
from folkmoot.people.public import languages_of

#: Records that are looked at together.
BATCH = 100
#: What the engine writes of a mail that is there.
WRITTEN = (
    *(
        "record_name",
        "state",
        "due_at",
        "reckoned_at",
        "true_since",
        "holds",
        "reason",
        "problem",
        "question",
    ),
    *(
        "to",
        "cc",
        "bcc",
        "by_hand",
        "fingerprint",
        "languages",
        "approved_print",
        "approved_at",
        "handed_at",
        "changed_at",
    ),
)
#: A person as a planned mail remembers them: name, address, number.
Seen = list[Any]


def rules_of(subject: Subject) -> list[MailRule]:
    """The rules that are switched on, with their texts; two queries."""
    rows = MailRule.objects.filter(subject=subject.key, is_active=True)
    return list(rows.select_related("template").prefetch_related("texts").order_by("pk"))


def people_of(rule: MailRule, subject: Subject, loaded: Any) -> dict[str, list[Seen]]:
    """Whom a rule's mail about a record is to, each once, in the order of the rule."""
    found: dict[str, list[Seen]] = {}
    known: set[str] = set()
    for name in ("to", "cc", "bcc"):
        rows: list[Seen] = []
        for key in getattr(rule, name):
            recipient = subject.by_recipient.get(key)
            for address in recipient.read(loaded) if recipient is not None else ():
                if address.email and address.email.casefold() not in known:
                    known.add(address.email.casefold())
                    rows.append([address.name, address.email, address.person])
        found[name] = rows
    return found


def fingerprint(mail: PlannedMail, rule: MailRule, subject: Subject, loaded: Any) -> str:
    """Of what would leave: recipients, text in each of its languages, and what fills the gaps."""
    said: list[Any] = []
    for language in sorted(set(mail.languages)) or [rule.language]:
        words, body = text_of(mail, rule, language)
        with translation.override(language):
            values = texts.filled(subject, loaded, [])
        said += [words, body, {name: values.get(name, "") for name in sorted(named(words, body))}]
    beside = [mail.languages] if len(set(mail.languages)) > 1 else []
    told = json.dumps([mail.to, mail.cc, mail.bcc, *said, *beside], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def text_of(mail: PlannedMail, rule: MailRule, language: str) -> tuple[str, str]:
    """Subject and text of a mail, gaps included: its own, or the rule's in this language."""
    if mail.own_body:
        return mail.own_subject, mail.own_body
    return languages.text_of(rule, language)


@dataclass
class Pass:
    """One look at some records of a subject by some of its rules."""

    subject: Subject
    rules: Sequence[MailRule]
    now: dt.datetime
    counts: Counter[str] = field(default_factory=Counter)
    fresh: list[PlannedMail] = field(default_factory=list)
    changed: list[PlannedMail] = field(default_factory=list)
    #: Handed to the outbox, and their reason went.
    called_back: list[PlannedMail] = field(default_factory=list)
    zone: str = ""
    #: An import brings the records from a system that writes to people by itself.
    is_imported: bool = False
    #: What was read of the records, and the mails that are there.
    loaded: Mapping[int, Any] = field(default_factory=dict)
    known: Mapping[tuple[int, int], PlannedMail] = field(default_factory=dict)
    _spoken: languages.Spoken | None = None
    _labels: dict[str, dict[str, Any]] | None = None
    _noted: set[int] = field(default_factory=set)

    def labels(self) -> dict[str, dict[str, Any]]:
        """Labels of the rows that conditions name; asked only when something has to be said."""
        if self._labels is None:
            conditions = [one for rule in self.rules for one in rule.conditions]
            self._labels = facts.labels_of(self.subject, conditions)
        return self._labels

    def spoken(self) -> languages.Spoken:
        """What the recipients speak; asked only when a mail is planned or keeps step, and there is a choice."""
        if self._spoken is None:
            people = {one[2] for mail in self.known.values() if mail.own_recipients for one in mail.to}
            for rule in self.rules:
                keys = [key for key in rule.to if rule.texts.all() and key in self.subject.by_recipient]
                for key in keys:
                    read = self.subject.by_recipient[key].read
                    people |= {address.person for loaded in self.loaded.values() for address in read(loaded)}
            self._spoken = languages_of(pk for pk in people if pk)
        return self._spoken

    def look(self, pk: int, loaded: Any, rule: MailRule, mail: PlannedMail | None) -> None:
        """What one rule makes of one record; ``loaded`` is ``None`` where the record is gone."""
        if loaded is None:
            if mail is not None:
                self._not_so(mail, rule, _("The record is gone."))
            return
        asked = facts.ask(self.subject, rule.conditions, loaded, self.now)
        if all(one.holds for one in asked):
            self._so(pk, loaded, rule, mail)
        elif mail is not None and (mail.holds or mail.is_open):
            self._not_so(mail, rule, facts.why_not(asked, self.labels()))

    # ------------------------------------------------------------ it is so

    def _so(self, pk: int, loaded: Any, rule: MailRule, mail: PlannedMail | None) -> None:
        if mail is None:
            self._plan(self._new(pk, loaded, rule, 1), loaded, rule)
            return
        before = _state_of(mail)
        anew = not mail.holds
        mail.holds, mail.question = True, ""
        mail.record_name = self.subject.name(loaded)[:300]
        done = mail.state == MailState.HANDED or (mail.state == MailState.CANCELLED and mail.by_hand)
        if anew and done and rule.repeats:
            self._note(mail, before)
            self._plan(self._new(pk, loaded, rule, mail.occasion + 1), loaded, rule)
            return
        if anew and not done and not mail.is_open:
            mail.true_since = self.now
            self._plan(mail, loaded, rule)
        elif mail.is_open:
            self._move(mail, loaded, rule)
        elif mail.state == MailState.SKIPPED and not mail.by_hand:
            moment = moments.reckoned(rule, self.subject, loaded, mail.true_since, zone=self.zone)
            if moment is not None and moment != mail.reckoned_at and moment > self.now:
                self._plan(mail, loaded, rule)
        self._note(mail, before)

    def _new(self, pk: int, loaded: Any, rule: MailRule, occasion: int) -> PlannedMail:
        return PlannedMail(
            rule=rule,
            subject=self.subject.key,
            record_id=pk,
            occasion=occasion,
            record_name=self.subject.name(loaded)[:300],
            true_since=self.now,
        )

    def _plan(self, mail: PlannedMail, loaded: Any, rule: MailRule, *, is_ahead: bool = False) -> None:
        """Give it a moment, or say why it has none; one that was planned and is still ahead stays planned."""
        moment = moments.reckoned(rule, self.subject, loaded, mail.true_since, zone=self.zone)
        if moment is None:
            if mail.pk is not None and mail.is_open:
                mail.state, mail.due_at, mail.reason = MailState.CANCELLED, None, _no_date(rule, self.subject)
                mail.holds = False
            return
        mail.reckoned_at = moment
        mail.due_at, mail.reason = moments.planned(
            rule,
            moment,
            self.now,
            is_old=rule.ready_at is None and not is_ahead,
            is_imported=self.is_imported,
        )
        mail.by_hand, mail.question, mail.problem = False, "", ""
        if mail.due_at is None:
            mail.state = MailState.SKIPPED
            self.counts["skipped"] += 1
        else:
            mail.state = MailState.WAITING if rule.needs_approval else MailState.PLANNED
            self.counts["planned"] += 1
        self._fill(mail, loaded, rule)
        if mail.pk is None:
            self.fresh.append(mail)

    def _move(self, mail: PlannedMail, loaded: Any, rule: MailRule) -> None:
        """A mail that is planned keeps step with its record; what kept it from leaving is tried again."""
        mail.problem = ""
        if not mail.own_moment:
            moment = moments.reckoned(rule, self.subject, loaded, mail.true_since, zone=self.zone)
            was_over = rule.ready_at is None and mail.due_at is not None and mail.due_at < self.now
            if moment != mail.reckoned_at or was_over:
                self.counts["moved"] += 1
                self._plan(mail, loaded, rule, is_ahead=not was_over)
                return
        if rule.needs_approval and mail.state == MailState.PLANNED:
            mail.state = MailState.WAITING
        elif not rule.needs_approval and mail.state == MailState.WAITING:
            mail.state = MailState.PLANNED
        self._fill(mail, loaded, rule)

    def _fill(self, mail: PlannedMail, loaded: Any, rule: MailRule) -> None:
        if not mail.own_recipients:
            people = people_of(rule, self.subject, loaded)
            mail.to, mail.cc, mail.bcc = people["to"], people["cc"], people["bcc"]
        mail.languages = languages.of_mail(mail, rule, self.subject, loaded, self.spoken())
        if rule.needs_approval:
            mail.fingerprint = fingerprint(mail, rule, self.subject, loaded)
            if mail.approved_print and mail.approved_print == mail.fingerprint and mail.is_open:
                mail.state = MailState.APPROVED
            elif mail.state == MailState.APPROVED:
                mail.state = MailState.WAITING

    # -------------------------------------------------------- it is not so

    def _not_so(self, mail: PlannedMail, rule: MailRule, why: str) -> None:
        before = _state_of(mail)
        mail.holds = False
        if mail.is_open and mail.is_edited:
            if not mail.by_hand:
                mail.question = why[:400]
        elif mail.is_open and not mail.by_hand:
            mail.state, mail.reason, mail.due_at = MailState.CANCELLED, why[:400], None
            self.counts["cancelled"] += 1
        elif mail.state == MailState.HANDED:
            mail.reason = why[:400]
            self.called_back.append(mail)
        self._note(mail, before)

    def _note(self, mail: PlannedMail, before: tuple[Any, ...]) -> None:
        if mail.pk is not None and _state_of(mail) != before and mail.pk not in self._noted:
            self._noted.add(mail.pk)
            mail.changed_at = self.now
            self.changed.append(mail)

    # ---------------------------------------------------------------- write

    def write(self) -> None:
        """Keep what was found."""
        bulk.insert(PlannedMail, self.fresh)
        self._call_back()
        bulk.update(PlannedMail, self.changed, WRITTEN)

    def _call_back(self) -> None:
        """What was handed to the outbox and has not left does not leave."""
        if not self.called_back:
            return
        waiting: dict[int, list[Delivery]] = {}
        links: Any = PlannedMail.deliveries.through
        rows = links.objects.filter(plannedmail__in=self.called_back, delivery__state__in=NOT_LEFT)
        for link in rows.select_related("delivery"):
            waiting.setdefault(link.plannedmail_id, []).append(link.delivery)
        for mail in self.called_back:
            if mail.pk not in waiting:
                mail.reason = ""
                continue
            for delivery in waiting[mail.pk]:
                cancel_delivery(delivery=delivery, actor=None)
            mail.state, mail.handed_at, mail.due_at = MailState.CANCELLED, None, None
            self.counts["cancelled"] += 1


def _no_date(rule: MailRule, subject: Subject) -> str:
    moment = subject.by_moment.get(rule.anchor)
    return _("Not known any more: %(date)s.") % {"date": moment.label if moment else rule.anchor}


def _state_of(mail: PlannedMail) -> tuple[Any, ...]:
    return tuple(
        json.dumps(value) if isinstance(value := getattr(mail, name), list) else value
        for name in WRITTEN
        if name != "changed_at"
    )


@transaction.atomic
def evaluate(
    subject: Subject,
    ids: Iterable[int],
    *,
    rules: Sequence[MailRule] | None = None,
    now: dt.datetime | None = None,
    is_imported: bool = False,
) -> Counter[str]:
    """Bring the mails about these records in step with them, in the caller's transaction or its own.

    Costs for each hundred records what the subject takes to read them, and at most eight queries.

    Args:
        rules: those of the subject that are switched on, when absent.
        is_imported: an import brings them from a system that writes to people by itself.

    Returns:
        how many were planned, moved, cancelled, skipped.
    """
    rules = rules_of(subject) if rules is None else rules
    pending, counts = sorted(set(ids)), Counter[str]()
    zone = moments.house_zone() if rules and pending else ""
    if pending:
        prefetch_related_objects(rules, "texts")
    for start in range(0, len(pending) if rules else 0, BATCH):
        some = pending[start : start + BATCH]
        one = Pass(subject, rules, now or clock.now(), counts, zone=zone, is_imported=is_imported)
        one.loaded = loaded = subject.load(some)
        one.known = known = _latest(rules, some)
        for pk in some:
            for rule in rules:
                one.look(pk, loaded.get(pk), rule, known.get((rule.pk, pk)))
        one.write()
    return counts


def _latest(rules: Sequence[MailRule], ids: Sequence[int]) -> dict[tuple[int, int], PlannedMail]:
    rows = PlannedMail.objects.filter(rule__in=[rule.pk for rule in rules], record_id__in=ids)
    return {(mail.rule_id, mail.record_id): mail for mail in rows.select_for_update().order_by("occasion")}


@dataclass(frozen=True)
class Would:
    """What a rule would do about one record."""

    pk: int
    name: str
    due_at: dt.datetime | None
    why_not: str
    people: Mapping[str, list[Seen]]


@dataclass(frozen=True)
class Trial:
    """What a rule would do if it were switched on now."""

    looked_at: int
    is_all: bool
    would: Sequence[Would]
    sends: int
    skips: int


#: Records that a trial looks at; and those that it names.
TRIED, NAMED = 2000, 50


def trial(rule: MailRule, subject: Subject, *, now: dt.datetime | None = None) -> Trial:
    """What a rule would do, as if it were switched on at this moment; writes nothing.

    It looks at the newest records that time may still do something to.
    """
    now = now or clock.now()
    # A rule that is not kept yet has no number; switched on, it would count as new.
    fresh = rule.ready_at
    rule.ready_at = None
    try:
        ids = list(subject.sweep(now).order_by("-pk").values_list("pk", flat=True)[: TRIED + 1])
        found: list[Would] = []
        zone = moments.house_zone()
        for start in range(0, min(len(ids), TRIED), BATCH):
            some = ids[start : start + BATCH]
            loaded = subject.load(some)
            for pk in some:
                if pk in loaded:
                    found += _tried(rule, subject, pk, loaded[pk], now, zone)
    finally:
        rule.ready_at = fresh
    sends = sorted((one for one in found if one.due_at is not None), key=lambda one: (one.due_at, one.pk))
    skips = [one for one in found if one.due_at is None]
    return Trial(min(len(ids), TRIED), len(ids) <= TRIED, [*sends, *skips][:NAMED], len(sends), len(skips))


def _tried(
    rule: MailRule, subject: Subject, pk: int, loaded: Any, now: dt.datetime, zone: str
) -> list[Would]:
    if not all(one.holds for one in facts.ask(subject, rule.conditions, loaded, now)):
        return []
    moment = moments.reckoned(rule, subject, loaded, now, zone=zone)
    if moment is None:
        return []
    due, why = moments.planned(rule, moment, now, is_old=True)
    return [Would(pk, subject.name(loaded), due, why, people_of(rule, subject, loaded))]
