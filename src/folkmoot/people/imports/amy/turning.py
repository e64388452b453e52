"""What AMY's API answers, as the things of a dump: names become numbers again, and what a list lacks stays unsaid.

API v2 names an organisation by its domain, a person by the username, an event by its slug, and a tag, role, badge,
language, curriculum or lesson by its name (``amy/api/v2/serializers.py``); a dump has numbers. Those of people,
organisations, events, memberships and requirements stand in their own lists. The small lists the API does not have:
their numbers are known from a dump that was imported before, and a word without one stands for itself.

API v2 tells no number of a task, which is one of its event, person and role there: those three are its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Record = Mapping[str, Any]
#: Model -> word -> number, as the dump before said.
Words = Mapping[str, Mapping[str, str]]

PERSON, ORGANIZATION, EVENT = "workshops.person", "workshops.organization", "workshops.event"
MEMBERSHIP, REQUIREMENT = "workshops.membership", "workshops.trainingrequirement"
CONSORTIUM = "fiscal.consortium"

#: Small lists that the API names by a word only: model -> the column that holds the word.
WORD_OF = {
    "workshops.tag": "name",
    "workshops.role": "name",
    "workshops.badge": "name",
    "workshops.language": "name",
    "workshops.curriculum": "slug",
    "workshops.lesson": "name",
    "workshops.knowledgedomain": "name",
    "trainings.involvement": "name",
    "fiscal.partnershiptier": "name",
}
#: Lists of the API whose records are named by a word elsewhere in it.
_NAMED_BY = {
    PERSON: "username",
    ORGANIZATION: "domain",
    EVENT: "slug",
    MEMBERSHIP: "name",
    REQUIREMENT: "name",
    CONSORTIUM: "name",
}


@dataclass(frozen=True)
class Listed:
    """A list of the API, and how its records become things.

    Attributes:
        path: where it is.
        model: of a dump.
        refs: column -> the model that it names one or several of.
        renamed: column of the API -> column of a dump.
        dropped: columns that AMY reckons from others.
        number: the column with the record's number.
    """

    path: str
    model: str
    refs: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    number: str = "pk"


_STATE = frozenset({"state_verbose"})
#: API v2, in the order in which it is read: what others name comes first.
V2: tuple[Listed, ...] = (
    Listed("/api/v2/organization", ORGANIZATION, {"affiliated_organizations": ORGANIZATION}),
    Listed("/api/v2/person", PERSON, renamed={"airport": "airport_iata"}, dropped=frozenset({"full_name"})),
    Listed("/api/v2/membership", MEMBERSHIP, dropped=frozenset({
        "workshops_without_admin_fee_total_allowed", "workshops_without_admin_fee_available",
        "workshops_without_admin_fee_completed", "workshops_without_admin_fee_planned",
        "workshops_without_admin_fee_remaining", "workshops_discounted_completed", "workshops_discounted_planned",
        "self_organized_workshops_completed", "self_organized_workshops_planned",
        "public_instructor_training_seats_total", "public_instructor_training_seats_utilized",
        "public_instructor_training_seats_remaining", "inhouse_instructor_training_seats_total",
        "inhouse_instructor_training_seats_utilized", "inhouse_instructor_training_seats_remaining",
        "rolled_from_membership",
    }), refs={"rolled_to_membership": MEMBERSHIP}),
    Listed("/api/v2/consortium", CONSORTIUM, {"organisations": ORGANIZATION}),
    Listed("/api/v2/partnership", "fiscal.partnership", {
        "tier": "fiscal.partnershiptier", "partner_consortium": CONSORTIUM, "partner_organisation": ORGANIZATION,
        "rolled_to_partnership": "fiscal.partnership",
    }),
    Listed("/api/v2/event", EVENT, {
        "host": ORGANIZATION, "sponsor": ORGANIZATION, "administrator": ORGANIZATION, "membership": MEMBERSHIP,
        "assigned_to": PERSON, "language": "workshops.language", "tags": "workshops.tag",
        "curricula": "workshops.curriculum", "lessons": "workshops.lesson",
    }, renamed={"workshop_reports_link": "instructors_pre"}, dropped=frozenset({
        "repository_url", "website_url", "human_readable_date", "eligible_for_instructor_recruitment", "main_tag",
    })),
    Listed("/api/v2/trainingrequirement", REQUIREMENT),
    Listed("/api/v2/task", "workshops.task", {
        "event": EVENT, "person": PERSON, "role": "workshops.role", "seat_membership": MEMBERSHIP,
    }, number=""),
    Listed("/api/v2/award", "workshops.award", {
        "person": PERSON, "badge": "workshops.badge", "event": EVENT, "awarded_by": PERSON,
    }),
    Listed("/api/v2/trainingprogress", "workshops.trainingprogress", {
        "trainee": PERSON, "requirement": REQUIREMENT, "involvement_type": "trainings.involvement", "event": EVENT,
    }, dropped=_STATE),
    Listed("/api/v2/selforganisedsubmission", "extrequests.selforganisedsubmission", {
        "event": EVENT, "workshop_types": "workshops.curriculum",
    }, dropped=_STATE),
    Listed("/api/v2/instructorrecruitmentsignup", "recruitment.instructorrecruitmentsignup", {"person": PERSON},
           dropped=_STATE | {"event"}),
)  # fmt: skip
#: API v1, for what v2 does not have: it needs the session or the password of an administrator.
V1: tuple[Listed, ...] = (
    Listed("/api/v1/communityroleconfigs", "communityroles.communityroleconfig", number="id"),
    Listed("/api/v1/instructorrecruitment", "recruitment.instructorrecruitment", number="id"),
)
#: Lists that not every AMY has: partnerships came in 2025. An AMY without them is read all the same.
LATER = frozenset({"/api/v2/consortium", "/api/v2/partnership", "/api/v2/selforganisedsubmission"})


class Turning:
    """Turns the records of one reading into things, list by list, in the order of :data:`V2` and :data:`V1`."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.numbers: dict[str, dict[str, str]] = {model: {} for model in _NAMED_BY}
        #: Names that several records have: whom they mean cannot be told.
        self.twice: dict[str, set[str]] = {model: set() for model in _NAMED_BY}
        self.said: set[tuple[str, str]] = set()
        #: (model, column) -> how many names led nowhere.
        self.lost: Counter[tuple[str, str]] = Counter()

    def learn(self, listed: Listed, records: Iterator[Record]) -> None:
        """Note by what other lists will name these records."""
        name = _NAMED_BY.get(listed.model)
        if name is None:
            return
        known = self.numbers[listed.model]
        for record in records:
            word, number = str(record.get(name) or ""), str(record.get("pk") or record.get("id") or "")
            if word and known.setdefault(word, number) != number:
                self.twice[listed.model].add(word)

    def things(self, listed: Listed, records: Iterator[Record]) -> Iterator[dict[str, Any]]:
        """The records as objects of a dump, with the words of small lists that they name first."""
        for record in records:
            fields: dict[str, Any] = {}
            for name, value in record.items():
                if name in listed.dropped or (name in ("pk", "id", "url") and name == listed.number):
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
                continue
            if listed.model == MEMBERSHIP:
                yield from self._members(number, fields)
            yield {"model": listed.model, "pk": number, "fields": fields}

    def _number(self, listed: Listed, record: Record, fields: Mapping[str, Any]) -> str:
        if listed.number:
            return str(record.get(listed.number) or "")
        named = [str(record.get(name) or "") for name in ("event", "person", "role")]
        return "/".join(named) if all(named) and {"event", "person", "role"} <= fields.keys() else ""

    def _words(self, model: str, value: Any) -> Iterator[dict[str, Any]]:
        """The small lists' own things: only those whose number no dump has told."""
        column = WORD_OF.get(model)
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
        if named in WORD_OF:
            return self.words.get(named, {}).get(word, word)
        number = self.numbers.get(named, {}).get(word)
        if number is None or word in self.twice[named]:
            self.lost[model, name] += 1
            return _LOST
        return number

    def _members(self, number: str, fields: dict[str, Any]) -> Iterator[dict[str, Any]]:
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


_LOST: Any = object()
Teller = Callable[[str], None]
