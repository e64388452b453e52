"""What AMY's API answers, as the things of a dump: names become numbers again, and what a list lacks stays unsaid.

Numbers of people, organisations, events, memberships and requirements stand in their own lists. The small lists the
API does not have: their numbers are known from a dump that was imported before, and a word without one stands for
itself.

API v2 tells no number of a task, which is one of its event, person and role there: those three are its name. So it is
with what v1 alone tells: a consent is one of its person and term, a lesson that somebody can teach one of those two.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from folkmoot.people.imports.amy import lists
from folkmoot.people.imports.amy.applications import NAMES, Applications, coded, names_in
from folkmoot.people.imports.amy.lists import (
    APPLICATION,
    APPLICATIONS,
    CONSENT,
    CONSENTS,
    DOMAIN,
    EVENT,
    LESSON,
    MEMBERSHIP,
    MORE_OF_EVENTS,
    MORE_OF_PEOPLE,
    NAMED_BY,
    NUMBERED_BY_WORD,
    OPTION,
    ORGANIZATION,
    PERSON,
    QUALIFICATION,
    ROLE,
    SCORES,
    TASK,
    TERM,
    Listed,
    Record,
)

Thing = dict[str, Any]
#: Model -> word -> number, as the dump before said.
Words = Mapping[str, Mapping[str, str]]
#: How AMY shows what may be answered to a term: its words, then its kind (``consents.TermOption.__str__``).
_ANSWER = re.compile(r"(?P<content>.*) \((?P<kind>agree|decline)\)", re.DOTALL)
_LEARNED = (MORE_OF_PEOPLE, MORE_OF_EVENTS, SCORES)


class Turning:
    """Turns the records of one reading into things, list by list, in the order of :data:`V2` and :data:`V1`.

    Args:
        words: numbers that a dump told.
        read_at: when the reading began (ISO 8601): what has no day of its own was so at that moment.
    """

    def __init__(self, words: Words, read_at: str) -> None:
        self.words, self.read_at = words, read_at
        self.numbers: dict[str, dict[str, str]] = {model: {} for model in NAMED_BY}
        #: Names that several records have: whom they mean cannot be told.
        self.twice: dict[str, set[str]] = {model: set() for model in NAMED_BY}
        self.said: set[tuple[str, str]] = set()
        #: (model, column) -> how many names led nowhere.
        self.lost: Counter[tuple[str, str]] = Counter()
        self.applications = Applications()
        #: By username: fields of work, and lessons that they can teach.
        self.domains: dict[str, list[str]] = {}
        self.lessons: dict[str, list[str]] = {}
        #: By the event's slug: how many came, and how many of them have a part as a learner.
        self.came: dict[str, int] = {}
        self.learners: Counter[str] = Counter()

    def learn(self, listed: Listed, records: Iterator[Record]) -> None:
        """Note by what other lists will name these records, and what they tell of records of other lists."""
        learner = self._learner(listed)
        if learner is not None:
            for record in records:
                learner(record)
            return
        name = NAMED_BY.get(listed.model)
        if name is None:
            return
        known = self.numbers[listed.model]
        for record in records:
            word, number = str(record.get(name) or ""), str(record.get("pk") or record.get("id") or "")
            if word and known.setdefault(word, number) != number:
                self.twice[listed.model].add(word)

    def _learner(self, listed: Listed) -> Callable[[Record], None] | None:
        if listed.model == TASK:
            return self._learn_task
        return {
            MORE_OF_PEOPLE.name: self._learn_person,
            MORE_OF_EVENTS.name: self._learn_event,
            APPLICATIONS.name: self.applications.learn,
            SCORES.name: self.applications.learn_score,
        }.get(listed.name)

    def _learn_task(self, record: Record) -> None:
        self.learners[str(record.get("event"))] += record.get("role") == "learner"

    def _learn_person(self, record: Record) -> None:
        username = str(record.get("username") or "")
        self.domains[username] = [str(one) for one in record.get("domains") or ()]
        self.lessons[username] = [str(one) for one in record.get("lessons") or ()]

    def _learn_event(self, record: Record) -> None:
        if isinstance(record.get("attendance"), int):
            self.came[str(record.get("slug"))] = record["attendance"]

    def things(self, listed: Listed, records: Iterator[Record]) -> Iterator[Thing]:
        """The records as objects of a dump, with the words of small lists that they name first."""
        if listed in _LEARNED:
            return
        turn = {APPLICATIONS.name: self._application, CONSENTS.name: self._consent}.get(listed.name)
        for record in records:
            yield from turn(record) if turn is not None else self._thing(listed, record)

    def _thing(self, listed: Listed, record: Record) -> Iterator[Thing]:
        fields: dict[str, Any] = {}
        for name, value in record.items():
            if name in listed.dropped or (
                name in ("pk", "id", "url", "request_id") and name == listed.number
            ):
                continue
            column = listed.renamed.get(name, name)
            model = listed.refs.get(name)
            if model is None:
                fields[column] = value
                continue
            yield from self._words(model, value)
            found = self._named(listed.model, name, model, value)
            if found is not _LOST:
                fields[column] = found
        number = self._number(listed, record, fields)
        if not number:
            self.lost[listed.model, "pk"] += 1
            return
        if listed.model == MEMBERSHIP:
            yield from self._members(number, fields)
        elif listed.model == PERSON:
            yield from self._person(number, fields)
        elif listed.model == EVENT:
            self._attendance(fields)
        yield {"model": listed.model, "pk": number, "fields": fields}

    def _number(self, listed: Listed, record: Record, fields: Mapping[str, Any]) -> str:
        if listed.model == TERM:
            slug = str(record.get("slug") or "")
            return self.words.get(TERM, {}).get(slug, slug)
        if listed.number:
            return str(record.get(listed.number) or "")
        named = [str(record.get(name) or "") for name in ("event", "person", "role")]
        return "/".join(named) if all(named) and {"event", "person", "role"} <= fields.keys() else ""

    def _words(self, model: str, value: Any) -> Iterator[Thing]:
        """The small lists' own things: only those whose number no dump has told."""
        column = lists.WORD_OF.get(model)
        if column is None:
            return
        for word in value if isinstance(value, list) else [value]:
            if not word or not isinstance(word, str) or (model, word) in self.said:
                continue
            self.said.add((model, word))
            yield {"model": model, "pk": self.words.get(model, {}).get(word, word), "fields": {column: word}}

    def _named(self, model: str, name: str, named: str, value: Any) -> Any:
        if value is None or value == "":
            return None
        if isinstance(value, list):
            found = [self._named(model, name, named, one) for one in value]
            return [one for one in found if one is not _LOST]
        if isinstance(value, int):
            return value
        word = str(value)
        if named in NUMBERED_BY_WORD:
            return self.words.get(named, {}).get(word, word)
        number = self.numbers.get(named, {}).get(word)
        if number is None or word in self.twice[named]:
            self.lost[model, name] += 1
            return _LOST
        return number

    def _members(self, number: str, fields: dict[str, Any]) -> Iterator[Thing]:
        """A membership's organisations: a list of their own in a dump. v2 does not say what its people are for."""
        for domain in fields.pop("organizations", None) or ():
            organization = self.numbers[ORGANIZATION].get(str(domain))
            if organization is None:
                self.lost[MEMBERSHIP, "organizations"] += 1
                continue
            yield {
                "model": "workshops.member",
                "pk": f"{number}/{organization}",
                "fields": {"membership": number, "organization": organization},
            }
        fields.pop("persons", None)

    def _person(self, number: str, fields: dict[str, Any]) -> Iterator[Thing]:
        """What v1 tells of somebody: fields of work, and lessons, which are a list of their own in a dump."""
        username = str(fields.get("username") or "")
        if username in self.domains:
            yield from self._words(DOMAIN, self.domains[username])
            fields["domains"] = self._named(PERSON, "domains", DOMAIN, self.domains[username])
        for word in dict.fromkeys(self.lessons.get(username, ())):
            yield from self._words(LESSON, word)
            lesson = self._named(QUALIFICATION, "lesson", LESSON, word)
            pk = f"{number}/{lesson}".replace("#", "%23")  # that sign begins a part of a record in a key
            yield {"model": QUALIFICATION, "pk": pk, "fields": {"person": number, "lesson": lesson}}

    def _attendance(self, fields: dict[str, Any]) -> None:
        """v1 shows whichever is more: what was counted, or the learners who are named. Only the former is a column."""
        slug = str(fields.get("slug") or "")
        if self.came.get(slug, 0) > self.learners[slug]:
            fields["manual_attendance"] = self.came[slug]

    def _application(self, record: Record) -> Iterator[Thing]:
        scored = self.applications.scored(record)
        if not scored:
            self.lost[APPLICATION, "pk"] += 1
            return
        said, odd = coded(record)
        for name in odd:
            self.lost[APPLICATION, name] += 1
        for name, model in zip(NAMES, (DOMAIN, ROLE), strict=True):
            if isinstance(said.get(name), str):
                said[name] = names_in(said[name], self._known(model))
        listed = Listed(APPLICATIONS.path, APPLICATION, dict(zip(NAMES, (DOMAIN, ROLE), strict=True)),
                        number="request_id")  # fmt: skip
        yield from self._thing(listed, {**said, **scored})

    def _known(self, model: str) -> set[str]:
        """Words of a small list that were told before."""
        told = {word for named, word in self.said if named == model}
        return told | set(self.words.get(model, ()))

    def _consent(self, record: Record) -> Iterator[Thing]:
        """What somebody answers to a term now: neither its number nor its day is told."""
        term, answer = record.get("term"), record.get("term_option")
        slug = str(term.get("slug") or "") if isinstance(term, dict) else ""
        found = _ANSWER.fullmatch(str(answer)) if answer is not None else None
        if not slug or (answer is not None and found is None):
            self.lost[CONSENT, "term_option" if slug else "term"] += 1
            return
        number = self._named(CONSENT, "term", TERM, slug)
        option = f"{slug}/{answer}" if found else None
        if found and (OPTION, option) not in self.said:
            self.said.add((OPTION, str(option)))
            said = {"term": number, "option_type": found["kind"], "content": found["content"]}
            yield {"model": OPTION, "pk": option, "fields": said}
        fields = {"person": record["person"], "term": number, "term_option": option, "read_at": self.read_at}
        yield {"model": CONSENT, "pk": f"{record['person']}/{slug}", "fields": fields}


_LOST: Any = object()
