"""AMY's terms, and what people said to them: kinds of consent with their words, and the history of answers.

In AMY an answer is archived when another takes its place, or when it was reset and nobody asked since. Here nothing is
edited: each answer is a consent of its day, and where AMY archived a "yes", a "no longer" of the day it was archived.
What a person said here themselves is never overruled.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.models import SeenRecord
from folkmoot.kernel.imports.seen import Wanted, bring, rows_of
from folkmoot.kernel.imports.sources import Reading, Rejection, Row, source_parts
from folkmoot.people.imports import values
from folkmoot.people.imports.amy.consents_now import (
    THEIR_OWN,
    Answer,
    Dated,
    bring_answers,
    day_of_answers,
    ended,
    key_now,
    newest_of,
)
from folkmoot.people.imports.amy.lists import CONSENT, OPTION, TERM
from folkmoot.people.imports.amy.mapped import amy_models, left
from folkmoot.people.imports.amy.part import AmyPart, moment, thing_of, things_of
from folkmoot.people.imports.amy.source import AMY
from folkmoot.people.imports.amy.things import Sorted, Thing, sorted_things
from folkmoot.people.imports.amy.who import amy_people
from folkmoot.people.models import Consent, ConsentKind, ConsentText

REQUEST_CONSENT, REQUEST = "consents.trainingrequestconsent", "workshops.trainingrequest"
#: What AMY's terms are called here; any other keeps its slug.
_KINDS = {"may-contact": "contact", "may-publish-name": "publish-name"}
#: AMY's words are English.
_LANGUAGE = "en"


@source_parts.declare
class Terms(AmyPart):
    """Terms as kinds of consent; their words as versions. New words in AMY are a new version here."""

    key: ClassVar[str] = "amy.people.terms"
    order: ClassVar[int] = 120
    models: ClassVar[tuple[str, ...]] = (TERM,)
    counters: ClassVar[tuple[str, ...]] = ("consent_kinds", "consent_texts")

    def problem(self, thing: Thing) -> tuple[str, str] | None:
        """A term is known by its slug."""
        if not re.fullmatch(r"[\w-]{1,50}", str(thing.fields.get("slug") or "")):
            return "slug", _("is no short name: the term is left out")
        return None

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Make the kinds, then those of their words that are new."""
        terms = things_of(rows, TERM)
        slugs = {thing.key: _slug(thing) for _row, thing in terms}
        here = {kind.slug: kind for kind in ConsentKind.objects.filter(slug__in=slugs.values())}
        kinds = bring(
            changes, source=AMY, model=ConsentKind, counter="consent_kinds",
            wanted=[_kind(row, thing, here.get(slugs[thing.key])) for row, thing in terms],
        )  # fmt: skip
        self._texts(changes, terms, kinds)

    def _texts(
        self, changes: Changes, terms: Sequence[tuple[Row, Thing]], kinds: Mapping[str, ConsentKind]
    ) -> None:
        words = {
            _words_key(thing.key, column, text): (kinds[thing.key], text)
            for _row, thing in terms
            if thing.key in kinds
            # the words of the training form first: those of the profile are the newest, which people are shown
            for column in ("training_request_content", "content")
            if (text := values.paragraphs(thing.fields.get(column)))
        }
        there = rows_of(AMY, words)
        newest: dict[int, int] = defaultdict(int)
        alike: dict[tuple[int, str], ConsentText] = {}
        for one in ConsentText.objects.filter(kind__in=kinds.values()).order_by("version"):
            newest[one.kind_id] = max(newest[one.kind_id], one.version)
            alike[one.kind_id, one.text] = one
        amys = set(
            SeenRecord.objects.filter(
                source=AMY,
                table=ConsentText._meta.label_lower,
                row__in=[str(one.pk) for one in alike.values()],
            ).values_list("row", flat=True)
        )
        fresh = []
        for key, (of, text) in words.items():
            if key in there:
                changes.unchanged("consent_texts")
                continue
            known = alike.get((of.pk, text))
            if (
                known is not None and str(known.pk) in amys
            ):  # the API and a dump tell the same words by two names
                fresh.append(Wanted(key, {}, known))
                continue
            newest[of.pk] += 1
            said = {"kind_id": of.pk, "text": text, "language": _LANGUAGE}
            fresh.append(Wanted(key, said, fixed={"version": newest[of.pk]}))
        bring(changes, source=AMY, model=ConsentText, wanted=fresh, counter="consent_texts")


def _words_key(term: str, column: str, text: str) -> str:
    """New words are a new record: a version never changes."""
    return f"{term}#{column}/{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _slug(thing: Thing) -> str:
    slug = str(thing.fields["slug"])
    return _KINDS.get(slug, slug)


def _kind(row: Row, thing: Thing, here: ConsentKind | None) -> Wanted:
    slug = _slug(thing)
    name = values.paragraphs(thing.fields.get("short_description")).replace("\n", " ")
    name = (name or slug.replace("-", " ").capitalize())[:100]
    fixed: dict[str, Any] = {"slug": slug}
    said: dict[str, Any] = {}
    if "short_description" in thing.fields:  # the API does not tell what a term is called
        said["name"] = name
    else:
        fixed["name"] = name
    is_ours = here is not None and slug in ("contact", "public-profile", "publish-name")
    if "archived_at" in thing.fields and not is_ours:
        said["archived_at"] = moment(thing.fields.get("archived_at"))
    return Wanted(thing.key, said, here, fixed=fixed, row=row, names={"name": "short_description"})


@source_parts.declare
class Consents(AmyPart):
    """What people said, each answer with its day."""

    key: ClassVar[str] = "amy.people.consents"
    order: ClassVar[int] = 125
    chunk_size: ClassVar[int] = 1000
    models: ClassVar[tuple[str, ...]] = (CONSENT, REQUEST_CONSENT)
    looks_up: ClassVar[tuple[str, ...]] = (TERM, OPTION, REQUEST)
    counters: ClassVar[tuple[str, ...]] = ("consents",)

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """Answers; how many were none is noted, not listed."""
        yield from super().read(reading)
        passed = sorted_things(reading, ()).passed
        if number := passed["unset"]:
            said = ngettext(
                "%(number)d consent was never answered: left out.",
                "%(number)d consents were never answered: left out.",
                number,
            )
            reading.notes.append(said % {"number": number})
        if number := passed["nobody"]:
            said = ngettext(
                "%(number)d consent on a training application that nobody was matched to stays with AMY.",
                "%(number)d consents on training applications that nobody was matched to stay with AMY.",
                number,
            )
            reading.notes.append(said % {"number": number})

    def things(self, found: Sorted) -> Iterator[Thing]:
        """Answers with what was answered; those on an application are its person's."""
        options, terms = found.lookup(OPTION), found.lookup(TERM)
        people: dict[str, str] = {}
        for request in found.things([REQUEST]):
            if request.fields.get("person") not in (None, ""):
                people[request.pk] = str(request.fields["person"])
        for thing in found.things(self.models):
            fields = dict(thing.fields)
            if fields.get("term_option") in (None, ""):
                found.pass_over(thing, "unset")
                if "read_at" not in fields:
                    continue
            if thing.model == REQUEST_CONSENT:
                fields["person"] = people.get(str(fields.get("training_request")))
                if fields["person"] is None:
                    found.pass_over(thing, "nobody")
                    continue
            option = options.get(str(fields["term_option"]), {})
            term = terms.get(str(fields.get("term")), {})
            column = "content" if thing.model == CONSENT else "training_request_content"
            words = values.paragraphs(term.get(column))
            fields |= {
                "option_type": option.get("option_type"),
                "option": option.get("content"),
                "text": _words_key(f"{TERM}/{fields.get('term')}", column, words) if words else "",
                "slug": str(term.get("slug") or ""),
            }
            yield Thing(thing.model, thing.pk, fields, thing.line)

    def problem(self, thing: Thing) -> tuple[str, str] | None:
        """An answer has a day, or the moment at which it was read, and is yes or no."""
        if _is_now(thing):
            return None
        if thing.fields.get("option_type") not in ("agree", "decline"):
            return "term_option", _("is neither “agree” nor “decline” in this dump: left out")
        if moment(thing.fields.get("created_at")) is None:
            return "created_at", _("says not when it was given: left out")
        return None

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Write down answers that are new, and those that AMY archived since."""
        things = [(row, thing_of(row)) for row in rows]
        kinds = rows_of(AMY, {f"{TERM}/{thing.fields.get('term')}" for _row, thing in things})
        people = amy_people(thing.fields.get("person") for _row, thing in things)
        texts = rows_of(AMY, {thing.fields["text"] for _row, thing in things} - {""})
        known: list[tuple[Row, Thing, int, int]] = []
        for row, thing in things:
            kind = kinds.get(f"{TERM}/{thing.fields.get('term')}")
            person = people.get(str(thing.fields.get("person")))
            if kind is None:
                changes.reject(row, "term", _("the term is not here: the answer is left out"))
            elif person is None:
                changes.reject(row, "person", _("the person is not here: the answer is left out"))
            else:
                known.append((row, thing, person, kind))
        bring_answers(changes, [_now(one, texts) for one in known if _is_now(one[1])])
        self._dated(changes, [one for one in known if not _is_now(one[1])], texts)

    def _dated(
        self, changes: Changes, known: Sequence[tuple[Row, Thing, int, int]], texts: Mapping[str, int]
    ) -> None:
        """Answers with their day."""
        if not known:
            return
        said_here = Consent.objects.filter(
            person__in={person for _row, _thing, person, _kind in known}, source__in=THEIR_OWN
        ).order_by("decided_at")
        own = {
            (person, kind): at
            for person, kind, at in said_here.values_list("person_id", "kind_id", "decided_at")
        }
        dated = [_dated_answer(thing) for _row, thing, *_who in known if thing.model == CONSENT]
        here = day_of_answers(changes, dated)
        wanted: list[Wanted] = []
        for row, thing, person, kind in known:
            for one in _answers(row, thing, person, kind, texts.get(thing.fields["text"])):
                theirs = own.get((person, kind))
                if one.key in here:
                    continue
                if theirs is None or one.values["decided_at"] <= theirs:
                    wanted.append(one)
                else:
                    why = _("the person has said so themselves since: their own word stands")
                    changes.reject(row, "term_option", why)
        rows = bring(changes, source=AMY, model=Consent, wanted=wanted, counter="consents")
        newest_of(changes, dated, rows)


def _is_now(thing: Thing) -> bool:
    """Whether it is an answer without a day, as the API tells it."""
    return "read_at" in thing.fields


def _words_of(thing: Thing) -> str:
    return values.paragraphs(thing.fields.get("option")).replace("\n", " ")


def _now(known: tuple[Row, Thing, int, int], texts: Mapping[str, int]) -> Answer:
    row, thing, person, kind = known
    given = {"agree": True, "decline": False}.get(str(thing.fields.get("option_type")))
    said = _words_of(thing)
    return Answer(
        row, thing.key, person, kind, given, said, f"{_('profile in AMY')}: {said}",
        moment(thing.fields["read_at"]) or clock.now(), texts.get(thing.fields["text"]),
    )  # fmt: skip


def _dated_answer(thing: Thing) -> Dated:
    at = moment(thing.fields["created_at"]) or clock.now()  # one without a day is listed as it is read
    return Dated(
        thing.key, key_now(thing.fields["person"], thing.fields["slug"]), thing.fields["option_type"] == "agree",
        _words_of(thing), at, moment(thing.fields.get("archived_at")),
    )  # fmt: skip


def _answers(row: Row, thing: Thing, person: int, kind: int, text: int | None) -> Iterator[Wanted]:
    """The answer; and its end, where AMY archived a yes."""
    at, archived = moment(thing.fields["created_at"]), moment(thing.fields.get("archived_at"))
    is_given = thing.fields["option_type"] == "agree"
    said = _words_of(thing)
    if thing.model == REQUEST_CONSENT:
        where = _("training application %(pk)s") % {"pk": thing.fields.get("training_request")}
    else:
        where = _("profile in AMY")
    yield Wanted(
        thing.key,
        {"person_id": person, "kind_id": kind, "is_given": is_given, "decided_at": at},
        fixed={
            "source": AMY,
            "note": f"{where}: {said}"[:200],
            "text_id": text if archived is None else None,
        },
        row=row,
    )
    if is_given and archived is not None:
        yield Wanted(
            f"{thing.key}#archived",
            {
                "person_id": person,
                "kind_id": kind,
                "is_given": False,
                "decided_at": max(at or archived, archived),
            },
            fixed={"source": AMY, "note": ended()},
            row=row,
        )


_READ_AT = gettext_lazy("Consent.decided_at of what API v1 tells: it gives no day, so that of the reading")
_BY_ARCHIVING = gettext_lazy("a new answer or new words are new rows here")
_STAMPS = {"created_at": left(gettext_lazy("when the row was made in AMY: of no use here")),
           "last_updated_at": left(gettext_lazy("when the row was last saved in AMY: of no use here"))}  # fmt: skip

amy_models.declare(
    TERM,
    "ConsentKind, ConsentText",
    {
        "slug": "ConsentKind.slug",
        "content": "ConsentText.text",
        "training_request_content": "ConsentText.text",
        "short_description": "ConsentKind.name",
        "archived_at": "ConsentKind.archived_at",
        "required_type": left(gettext_lazy("nobody is kept out for want of a consent here")),
        "help_text": left(gettext_lazy("the words themselves say what they mean")),
        **_STAMPS,
    },
)
amy_models.declare(
    OPTION,
    "Consent.is_given, Consent.note",
    {
        "term": "Consent.kind",
        "option_type": "Consent.is_given",
        "content": "Consent.note",
        "archived_at": left(_BY_ARCHIVING),
        **_STAMPS,
    },
)
for _model, _more in (
    (CONSENT, {}),
    (REQUEST_CONSENT, {"training_request": "Consent.note, Consent.person"}),
):
    amy_models.declare(
        _model,
        "Consent",
        {
            **({"person": "Consent.person", "read_at": _READ_AT} if _model == CONSENT else {}),
            **_more,
            "term": "Consent.kind",
            "term_option": "Consent.is_given, Consent.note",
            "created_at": "Consent.decided_at",
            "archived_at": gettext_lazy("a second Consent: no longer given, of that day"),
            "last_updated_at": left(gettext_lazy("when the row was last saved in AMY: of no use here")),
        },
    )
