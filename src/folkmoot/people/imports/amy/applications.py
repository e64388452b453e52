"""Applications for trainings as API v1 lists them: their numbers found, words turned into the codes of a dump.

The list that says all of them does not say their number; the list for scoring by hand says the number and a part of
the same. What both say ties them together. Two that say the same are told apart by their order: numbers grow as
applications come. Where the two lists do not hold as many of them (one came in between), none of those is used.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from folkmoot.people.imports.amy.lists import Record

#: What both lists say (``TrainingRequestForManualScoringSerializer``).
_IN_BOTH = (
    "review_process", "member_code", "personal", "middle", "family", "affiliation", "nonprofit_teaching_experience",
    "previous_training", "previous_training_other", "previous_training_explanation", "previous_experience",
    "previous_experience_other", "previous_experience_explanation", "checkout_intent", "teaching_intent",
    "teaching_frequency_expectation", "teaching_frequency_expectation_other", "max_travelling_frequency",
    "max_travelling_frequency_other", "reason", "user_notes",
)  # fmt: skip
#: Names of people and what AMY reckons from other lists.
_DROPPED = frozenset({"person", "awards", "training_tasks"})
_HOW_MUCH = {"None": "none", "A few hours": "hours", "Other:": "other"}
_HOW_OFTEN = {"Not at all": "not-at-all", "Once a year": "yearly", "Other:": "other"}
_MAYBE = {"Yes": "yes", "No": "no", "Not sure": "unsure"}
#: What the API shows -> what a dump holds (the choices of ``workshops.TrainingRequest``).
CODES: Mapping[str, Mapping[str, str]] = {
    "state": {"Pending": "p", "Discarded": "d", "Accepted": "a", "Withdrawn": "w"},
    "previous_training": {
        **_HOW_MUCH,
        "A workshop": "workshop",
        "A certification or short course": "course",
        "A full degree": "full",
    },
    "previous_experience": {
        **_HOW_MUCH,
        "A workshop (full day or longer)": "workshop",
        "Teaching assistant for a full course": "ta",
        "Primary instructor for a full course": "courses",
    },
    "programming_language_usage_frequency": {
        "Every day": "daily",
        "A few times a week": "weekly",
        "A few times a month": "monthly",
        "A few times a year": "yearly",
        "Never or almost never": "not-much",
    },
    "checkout_intent": _MAYBE,
    "teaching_intent": {
        "Yes - I plan to teach Carpentries workshops in my local community or personal networks": "yes-local",
        "Yes - I plan to volunteer with The Carpentries to teach workshops for other communities": "yes-central",
        "Yes - either or both of the above": "yes-either",
        "No": "no",
        "Not sure": "unsure",
    },
    "teaching_frequency_expectation": {**_HOW_OFTEN, "Several times a year": "monthly"},
    "max_travelling_frequency": {**_HOW_OFTEN, "Several times a year": "often"},
}
#: Several names in one text.
NAMES = ("domains", "previous_involvement")


class Applications:
    """Which of the one list is which of the other."""

    def __init__(self) -> None:
        self._came: dict[str, list[str]] = defaultdict(list)
        self._scored: dict[str, list[Record]] = defaultdict(list)

    def learn(self, record: Record) -> None:
        """Note a record of the list that says all."""
        self._came[_mark(record)].append(str(record.get("created_at") or ""))

    def learn_score(self, record: Record) -> None:
        """Note a record of the list for scoring."""
        said = {
            name: record[name] for name in ("request_id", "score_manual", "score_notes") if name in record
        }
        self._scored[_mark(record)].append(said)

    def scored(self, record: Record) -> Record:
        """Number and score of a record of the list that says all; empty where it cannot be told."""
        came, scored = self._came[_mark(record)], self._scored[_mark(record)]
        if len(came) != len(scored) or len(set(came)) != len(came):
            return {}
        place = sorted(came).index(str(record.get("created_at") or ""))
        return sorted(scored, key=lambda one: int(one["request_id"]))[place]


def _mark(record: Record) -> str:
    said = json.dumps([record.get(name) for name in _IN_BOTH], ensure_ascii=False)
    return hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=16).hexdigest()


def coded(record: Record) -> tuple[dict[str, Any], list[str]]:
    """The record with the codes of a dump; and the columns whose words are not known, which are left out."""
    said: dict[str, Any] = {}
    odd: list[str] = []
    for name, value in record.items():
        if name in _DROPPED:
            continue
        codes = CODES.get(name)
        if codes is None or value in (None, ""):
            said["person" if name == "person_id" else name] = value
        elif value in codes:
            said[name] = codes[value]
        else:
            odd.append(name)
    return said, odd


def names_in(text: str, known: Collection[str]) -> list[str]:
    """The names in a text that AMY made by putting commas between them. A name may hold commas itself: known ones are
    found whole, the longest first; of others, a comma in brackets ends none.
    """
    found: list[str] = []
    longest = sorted(known, key=len, reverse=True)
    rest = text.strip()
    while rest:
        name = next((one for one in longest if rest == one or rest.startswith(f"{one}, ")), None) or _first(
            rest
        )
        found.append(name)
        rest = rest[len(name) :].removeprefix(",").strip()
    return found


def _first(text: str) -> str:
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0 and place:
            return text[:place]
    return text
