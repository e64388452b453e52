"""Conditions: what may be asked of which type of fact, whether it is so, and how it is said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from folkmoot.kernel.saving import line
from folkmoot.mailing.subjects import DATE, NUMBER, ONE, SOME, TEXT, YES, Fact, Subject

#: What the value of a condition is.
NOTHING, COUNT, DAYS, KEYS, WORDS = "nothing", "count", "days", "keys", "words"
MOST = 20
LARGEST = 1_000_000


@dataclass(frozen=True)
class Operator:
    """A way to ask; ``holds(value of the fact, value of the condition, now)``."""

    key: str
    label: Any
    takes: str
    holds: Callable[[Any, Any, dt.datetime], bool]


def _left(value: Any, now: dt.datetime) -> float | None:
    """Days from now to a day or a moment; below zero: it is over. A day lasts until its end."""
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return (value - now).total_seconds() / 86400
    return float((value - now.astimezone(dt.UTC).date()).days)


def _day(compare: Callable[[float, Any], bool]) -> Callable[[Any, Any, dt.datetime], bool]:
    def holds(value: Any, days: Any, now: dt.datetime) -> bool:
        left = _left(value, now)
        return left is not None and compare(left, days)

    return holds


def _known(value: Any, _asked: Any, _now: dt.datetime) -> bool:
    return value is not None and value != ""


def _keys(value: Any) -> set[str]:
    if value is None or value == "":
        return set()
    return {str(one) for one in value} if isinstance(value, set | frozenset | list | tuple) else {str(value)}


OPERATORS: Mapping[str, tuple[Operator, ...]] = {
    NUMBER: (
        Operator("at_least", later("is at least"), COUNT, lambda v, n, _now: v is not None and v >= n),
        Operator("at_most", later("is at most"), COUNT, lambda v, n, _now: v is not None and v <= n),
        Operator("is", later("is exactly"), COUNT, lambda v, n, _now: v is not None and v == n),
    ),
    DATE: (
        Operator("ahead", later("is at least so many days ahead"), DAYS, _day(lambda left, n: left >= n)),
        Operator("near", later("is ahead, at most so many days"), DAYS, _day(lambda left, n: 0 <= left <= n)),
        Operator("ago", later("is at least so many days ago"), DAYS, _day(lambda left, n: -left >= n)),
        Operator(
            "recent", later("is over, less than so many days"), DAYS, _day(lambda left, n: 0 < -left < n)
        ),
        Operator("future", later("is still to come"), NOTHING, _day(lambda left, n: left > 0)),
        Operator("past", later("is over"), NOTHING, _day(lambda left, n: left <= 0)),
        Operator("known", later("is known"), NOTHING, _known),
        Operator("unknown", later("is not known"), NOTHING, lambda *asked: not _known(*asked)),
    ),
    YES: (
        Operator("yes", later("yes"), NOTHING, lambda v, _n, _now: v is True),
        Operator("no", later("no"), NOTHING, lambda v, _n, _now: v is False),
    ),
    ONE: (
        Operator("in", later("is one of"), KEYS, lambda v, n, _now: bool(_keys(v) & set(n))),
        Operator("not_in", later("is none of"), KEYS, lambda v, n, _now: not _keys(v) & set(n)),
        Operator("known", later("is known"), NOTHING, _known),
        Operator("unknown", later("is not known"), NOTHING, lambda *asked: not _known(*asked)),
    ),
    SOME: (
        Operator("in", later("has one of"), KEYS, lambda v, n, _now: bool(_keys(v) & set(n))),
        Operator("not_in", later("has none of"), KEYS, lambda v, n, _now: not _keys(v) & set(n)),
    ),
    TEXT: (
        Operator("known", later("is known"), NOTHING, _known),
        Operator("unknown", later("is not known"), NOTHING, lambda *asked: not _known(*asked)),
        Operator(
            "contains",
            later("contains"),
            WORDS,
            lambda v, n, _now: str(n).casefold() in str(v or "").casefold(),
        ),
        Operator(
            "lacks",
            later("does not contain"),
            WORDS,
            lambda v, n, _now: str(n).casefold() not in str(v or "").casefold(),
        ),
    ),
}


def operator_of(fact: Fact, key: Any) -> Operator | None:
    """The operator of that key, if the fact's type has it."""
    return next((one for one in OPERATORS[fact.type] if one.key == key), None)


def checked(subject: Subject, conditions: Any) -> list[dict[str, Any]]:
    """Conditions as they are stored.

    Raises:
        ValidationError: one asks what there is not, or in a way that does not fit; the message names the fact.
    """
    found, problems = [], []
    if not isinstance(conditions, list) or len(conditions) > MOST:
        raise ValidationError(_("At most %(n)d conditions.") % {"n": MOST})
    for condition in conditions:
        asked = condition if isinstance(condition, Mapping) else {}
        fact = subject.by_fact.get(str(asked.get("fact")))
        if fact is None:
            problems.append(_("There is no fact “%(fact)s”.") % {"fact": str(asked.get("fact"))[:60]})
            continue
        operator = operator_of(fact, asked.get("op"))
        if operator is None:
            problems.append(_("%(fact)s: choose how it is compared.") % {"fact": fact.label})
            continue
        try:
            value = _value(fact, operator, asked.get("value"))
        except ValidationError as error:
            problems += [f"{fact.label}: {words}" for words in error.messages]
            continue
        found.append({"fact": fact.key, "op": operator.key, "value": value})
    if problems:
        raise ValidationError(problems)
    return found


def _value(fact: Fact, operator: Operator, value: Any) -> Any:
    if operator.takes == NOTHING:
        return None
    if operator.takes in (COUNT, DAYS):
        try:
            number = int(str(value).strip())
        except ValueError:
            raise ValidationError(_("Enter a whole number.")) from None
        if not 0 <= number <= LARGEST:
            raise ValidationError(_("Enter a number from 0 to %(n)d.") % {"n": LARGEST})
        return number
    if operator.takes == WORDS:
        words = line(value)[:200]
        if not words:
            raise ValidationError(_("Enter some words."))
        return words
    known = {str(key) for key, _label in fact.choices()} if fact.choices else set()
    wanted = [str(one) for one in (value if isinstance(value, list | tuple) else [value]) if one]
    if not wanted:
        raise ValidationError(_("Choose at least one."))
    gone = [one for one in wanted if one not in known]
    if gone:
        raise ValidationError(_("There is no “%(what)s” any more.") % {"what": gone[0][:60]})
    return list(dict.fromkeys(wanted))


@dataclass(frozen=True)
class Asked:
    """A condition with what it finds of a record."""

    fact: Fact
    operator: Operator
    wanted: Any
    value: Any
    holds: bool


def ask(
    subject: Subject, conditions: Iterable[Mapping[str, Any]], loaded: Any, now: dt.datetime
) -> list[Asked]:
    """Every condition, and whether it is so. One that asks what this version does not know never is."""
    found = []
    for condition in conditions:
        fact = subject.by_fact.get(condition["fact"])
        operator = operator_of(fact, condition["op"]) if fact is not None else None
        if fact is None or operator is None:
            unknown = Fact(condition["fact"], condition["fact"], TEXT, lambda _record: None)
            found.append(Asked(unknown, OPERATORS[TEXT][0], None, None, False))
            continue
        value = fact.read(loaded)
        found.append(
            Asked(fact, operator, condition["value"], value, operator.holds(value, condition["value"], now))
        )
    return found


def said(fact: Fact, operator: Operator, wanted: Any, labels: Mapping[str, Any]) -> str:
    """A condition in words; ``labels`` of keys, for facts that have choices."""
    if operator.takes == DAYS:
        days = ngettext("%(n)d day", "%(n)d days", wanted) % {"n": wanted}
        words = {
            "ahead": _("is at least %(days)s ahead"),
            "near": _("is ahead, at most %(days)s"),
            "ago": _("is at least %(days)s ago"),
            "recent": _("is over, less than %(days)s"),
        }[operator.key] % {"days": days}
        return f"{fact.label} {words}"
    if operator.takes == NOTHING:
        return f"{fact.label}: {operator.label}" if fact.type == YES else f"{fact.label} {operator.label}"
    if operator.takes == KEYS:
        names = [str(labels.get(key, key)) for key in wanted]
        return f"{fact.label} {operator.label} {get_text_list(names, _('or'))}"
    return f"{fact.label} {operator.label} {wanted}"


def shown(fact: Fact, value: Any, labels: Mapping[str, Any]) -> str:
    """The value of a fact in words."""
    if value is None or value == "" or value in (set(), frozenset()):
        return _("not known") if fact.type != SOME else _("none")
    if fact.type == YES:
        return _("yes") if value else _("no")
    if isinstance(value, dt.datetime):
        return date_format(value, "DATETIME_FORMAT") + " UTC"
    if isinstance(value, dt.date):
        return date_format(value, "DATE_FORMAT")
    if fact.type in (ONE, SOME):
        return ", ".join(str(labels.get(key, key)) for key in sorted(_keys(value)))
    return str(value)[:200]


def labels_of(subject: Subject, conditions: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """For the facts with choices that conditions name: labels by key; one query for each."""
    found: dict[str, dict[str, Any]] = {}
    for condition in conditions:
        fact = subject.by_fact.get(condition["fact"])
        if fact is not None and fact.choices is not None and fact.key not in found:
            found[fact.key] = {str(key): label for key, label in fact.choices()}
    return found


def in_words(subject: Subject, conditions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Conditions as a person reads them."""
    labels = labels_of(subject, conditions)
    found = []
    for condition in conditions:
        fact = subject.by_fact.get(condition["fact"])
        operator = operator_of(fact, condition["op"]) if fact is not None else None
        if fact is None or operator is None:
            found.append(_("something that this version does not know: %(fact)s") % condition)
        else:
            found.append(said(fact, operator, condition["value"], labels.get(fact.key, {})))
    return found


def why_not(asked: Sequence[Asked], labels: Mapping[str, Mapping[str, Any]]) -> str:
    """The first condition that is not so, with what is so instead."""
    one = next((one for one in asked if not one.holds), None)
    if one is None:
        return ""
    mine = labels.get(one.fact.key, {})
    return _("Not so any more: %(condition)s. It is: %(value)s.") % {
        "condition": said(one.fact, one.operator, one.wanted, mine),
        "value": shown(one.fact, one.value, mine),
    }


def depends_on_time(subject: Subject, conditions: Iterable[Mapping[str, Any]]) -> bool:
    """Whether time alone may change whether conditions hold."""
    facts = (subject.by_fact.get(condition["fact"]) for condition in conditions)
    return any(fact is not None and fact.type == DATE for fact in facts)
