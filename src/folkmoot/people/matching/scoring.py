"""How alike two records are, and why: weights in bits, as information adds up.

What two records share counts by how rare it is here: the same name that one in a thousand has is 10 bits. Against them
stands how many others each could be: with a million records 20 bits are needed before the same person is likelier than
another one. So a name that is proof enough among 300 people is none among a million. The score is the logistic function
of what is left, flattened: 0.5 where it is as likely as not.

Source of the idea: I. P. Fellegi, A. B. Sunter, "A Theory for Record Linkage" (1969), with frequencies by value.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from folkmoot.people.matching.blocking import is_made_of
from folkmoot.people.matching.naming import Words, alike
from folkmoot.people.matching.profiles import Profile, compact
from folkmoot.people.matching.short_names import is_short_for

#: Raised when weights change: all records are then compared anew.
VERSION = 1
#: People who are not in the register and could be meant: keeps what is seen twice among ten from counting as common.
BACKGROUND = 2000
#: Bits for one step from 0.5 to 0.67 and so on: the evidence is not independent, so it counts less than it says.
FLAT = 4.0

# Weights in bits.
MOST_OF_NAME, MOST_OF_WORD = 26.0, 15.0
#: Given and family names go together by language, so two of them tell less than their sum.
NOT_ALONE = -3.0
#: A name or user of this weight needs no login made of the name beside it.
STRONG = 11.0
TYPO, SHORTENED, INITIAL_MOST, EXTRA_WORD = -3.0, -1.5, 4.0, -0.7
NAMES_DIFFER, PART_DIFFERS, ONE_WORD = -12.0, -7.0, -1.0
SAME_ADDRESS, SAME_LOGIN_THERE, MOST_OF_USER, USER_ALIKE, LOGIN_FROM_NAME = 18.0, 16.0, 16.0, -4.0, -2.0
#: The same word as a login here and there says more than as the user of an address, which an organisation gives.
SAME_USER = {"same_login_elsewhere": 0.5, "user_is_login": -0.5, "same_user": -2.5}
#: Name and user say the same twice when the user is made of the name: the weaker of the two counts by this much.
WEAKER = 0.35
MOST_OF_HOME, MOST_OF_SECOND_HOME, HOMES_DIFFER, HOME_ALIKE = 9.0, 2.0, -1.0, -2.0
MOST_OF_COUNTRY, COUNTRIES_DIFFER, SAME_LOCATION = 3.5, -2.0, 3.0
OTHER_NUMBER, OTHER_LOGIN, OTHER_ORCID, OTHER_USER_THERE = -9.0, -6.0, -15.0, -2.0


#: What place and organisation can add at most; a pair that lacks more than this and six bits is looked at no further.
MOST_BESIDE, HOPELESS = MOST_OF_HOME + MOST_OF_SECOND_HOME + MOST_OF_COUNTRY + SAME_LOCATION, 6.0


class Reason(NamedTuple):
    """Why: a code that has words, its weight in bits (below 0: against), the facts that the words need."""

    code: str
    weight: float
    facts: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """As a candidate keeps it."""
        return {"code": self.code, "weight": round(self.weight, 2), "facts": self.facts}


class Scored(NamedTuple):
    """How alike, from 0 to 1, and the reasons, the weightiest first."""

    score: float
    reasons: list[Reason]


class Frequencies:
    """How many records have each word, user, organisation, domain, country."""

    def __init__(self, records: Iterable[Profile]) -> None:
        self.count = 0
        self._seen: dict[str, Counter[Any]] = {
            kind: Counter() for kind in ("word", "letter", "user", "home", "domain", "country")
        }
        for record in records:
            self.add(record)

    def add(self, record: Profile) -> None:
        """Count one more record."""
        self.count += 1
        seen = self._seen
        told = {word for name in record.names for word in name}
        seen["word"].update(told)
        seen["letter"].update({word[0] for word in told})
        seen["user"].update(record.users)
        seen["home"].update(record.organizations)
        seen["domain"].update(record.domains)
        if record.country:
            seen["country"][record.country] += 1

    def bits(self, kind: str, value: object, most: float = 60.0) -> float:
        """How much it tells that two records share this value."""
        seen = self._seen[kind].get(value, 1)
        return min(most, math.log2((self.count + BACKGROUND) / seen))

    @property
    def needed(self) -> float:
        """Bits that make the same person as likely as another one."""
        return math.log2((self.count + BACKGROUND) / 2)


class Scorer:
    """Compares records of one register."""

    def __init__(self, frequencies: Frequencies) -> None:
        self._bits = frequencies.bits
        self._needed = frequencies.needed
        self._words: dict[str, float] = {}

    def score(self, one: Profile, other: Profile, *, whole: bool = False) -> Scored:
        """How alike two records are; the same whichever comes first, but for which fact is called the first.

        Args:
            whole: give all reasons, for those too who are not alike.
        """
        reasons: list[Reason] = []
        who = self._who(one, other, reasons)
        if not whole and who + MOST_BESIDE < self._needed - HOPELESS:
            return Scored(as_score(who - self._needed), reasons)
        total = who + self._where(one, other, reasons) + self._against(one, other, reasons)
        reasons.sort(key=lambda reason: -abs(reason.weight))
        return Scored(as_score(total - self._needed), reasons)

    # ------------------------------------------------------------ who it is

    def _who(self, one: Profile, other: Profile, reasons: list[Reason]) -> float:
        """Name, addresses, logins: the strongest, and a part of the next, since one is often made of the other."""
        name = self._best_name(one, other)
        if (
            name is not None
            and name.weight <= PART_DIFFERS / 2
            and set(one.users).isdisjoint(other.users)
            and set(one.emails).isdisjoint(other.emails)
        ):
            reasons.append(name)
            return name.weight
        user = self._best_user(one, other)
        if user is None or (user.weight < STRONG and (name is None or name.weight < STRONG)):
            user = _best([user, self._made_of_name(one, other), self._made_of_name(other, one)])
        found = [reason for reason in (name, user) if reason is not None]
        reasons += found
        if name is None or user is None:
            return sum(reason.weight for reason in found)
        low, high = sorted((name.weight, user.weight))
        if low < 0:
            return low + high
        return high if _says_the_same(user, one, other) else high + WEAKER * low

    def _best_name(self, one: Profile, other: Profile) -> Reason | None:
        return _best(self._names(*sorted((a, b), key=_shorter)) for a in one.names for b in other.names)

    def _word(self, word: str) -> float:
        known = self._words.get(word)
        if known is None:
            known = self._words[word] = (
                min(self._bits("letter", word), INITIAL_MOST)
                if len(word) == 1
                else self._bits("word", word, MOST_OF_WORD)
            )
        return known

    def _names(self, mine: Words, theirs: Words) -> Reason:
        if mine == theirs:
            weight = sum(map(self._word, mine))
            if len(mine) == 1:
                return Reason("first_name", weight + ONE_WORD, {})
            return Reason("same_name", min(weight + NOT_ALONE, MOST_OF_NAME), {})
        facts = {"first": " ".join(mine), "second": " ".join(theirs)}
        rest, others = list(mine), list(theirs)
        weight, whole = 0.0, 0
        for word in mine:
            if word in others:
                weight += self._word(word)
                whole += len(word) > 1
                rest.remove(word)
                others.remove(word)
        if not weight and not _may_fit(mine, theirs):
            return Reason("other_name", NAMES_DIFFER, facts)
        if not rest and not others:
            return Reason("name_turned", min(weight + NOT_ALONE, MOST_OF_NAME), {})
        code = ""
        for word in tuple(rest):
            fit, value, how = self._fit(word, others)
            if fit is not None:
                weight += value
                code = code or how
                whole += how != "initials"
                rest.remove(word)
                others.remove(fit)
        if rest and others and "".join(rest) == "".join(others):
            weight += max(sum(map(self._word, rest)), sum(map(self._word, others))) + TYPO
            whole, rest, others = whole + 1, [], []
        open_here = [word for word in rest if len(word) > 1]
        open_there = [word for word in others if len(word) > 1]
        if open_here and open_there:
            differ = NAMES_DIFFER if not whole else PART_DIFFERS
            return Reason("other_name", min(weight * (0.5 if whole else 0), 10.0) + differ, facts)
        if not whole:
            return Reason(
                "initials" if weight else "other_name", weight + (0 if weight else PART_DIFFERS), facts
            )
        weight += EXTRA_WORD * len(rest + others) + (NOT_ALONE if len(mine) > 1 < len(theirs) else 0)
        if len(mine) == 1 or len(theirs) == 1:
            weight += ONE_WORD
        return Reason(code or "part_of_name", min(weight, MOST_OF_NAME), facts)

    def _fit(self, word: str, others: Sequence[str]) -> tuple[str | None, float, str]:
        """The other's word that this one may stand for, what that weighs, and how it stands."""
        for their in others:
            if (len(word) == 1 or len(their) == 1) and word[0] == their[0]:
                return their, min(self._word(word[0]), INITIAL_MOST), "initials"
        for their in others:
            if is_short_for(word, their):
                return their, min(self._word(word), self._word(their)) + SHORTENED, "short_name"
        for their in others:
            if min(len(word), len(their)) > 3 and alike(word, their):
                return their, min(self._word(word), self._word(their)) + TYPO, "alike_name"
        return None, 0.0, ""

    def _best_user(self, one: Profile, other: Profile) -> Reason | None:
        for address in sorted(one.emails):
            if address in other.emails:
                return Reason("same_address", SAME_ADDRESS, {"value": address})
        if one.accounts and other.accounts:
            logins = {(account.system, account.login) for account in one.accounts if account.login}
            for account in sorted(other.accounts, key=lambda each: (each.system, each.login)):
                if (account.system, account.login) in logins:
                    return Reason(
                        "same_login_there",
                        SAME_LOGIN_THERE,
                        {"system": account.system, "value": account.login},
                    )
        return _best(
            self._users(min(a, b), max(a, b), one, other)
            for a in one.users
            for b in other.users
            if a == b or (len(a) > 5 and len(b) > 5)
        )

    def _users(self, mine: str, theirs: str, one: Profile, other: Profile) -> Reason | None:
        if mine == theirs:
            code = _where_users_stand(mine, one, other)
            weight = min(self._bits("user", mine), MOST_OF_USER, 3.0 * len(mine)) + SAME_USER[code]
            return Reason(code, weight, {"value": mine})
        if min(len(mine), len(theirs)) > 5 and alike(mine, theirs):
            weight = min(self._bits("user", mine), self._bits("user", theirs), MOST_OF_USER) + USER_ALIKE
            low, high = sorted((mine, theirs))
            if low.rstrip("0123456789") == high.rstrip("0123456789"):
                weight += USER_ALIKE
            return Reason("alike_login", weight, {"first": low, "second": high})
        return None

    def _made_of_name(self, record: Profile, named: Profile) -> Reason | None:
        """A login or address that is made of the other's name; of little weight where the names themselves agree."""
        found: list[Reason | None] = []
        for said in record.users:
            user = said.rstrip("0123456789") or said
            for name in named.names:
                if not is_made_of(user, name):
                    continue
                ends = sum(self._word(word) for word in (name[0], name[-1]) if len(word) > 1 and word in user)
                weight = ends + LOGIN_FROM_NAME + (INITIAL_MOST if ends <= MOST_OF_WORD else 0) * 0.5
                found.append(Reason("login_is_name", weight, {"value": user}))
        return _best(found)

    # ------------------------------------------------------ where they belong

    def _where(self, one: Profile, other: Profile, reasons: list[Reason]) -> float:
        homes = [
            Reason("same_domain", self._bits("domain", domain, MOST_OF_HOME), {"value": domain})
            for domain in one.domains
            if domain in other.domains
        ]
        if one.organizations and other.organizations:
            homes.append(self._organizations(one, other))
        homes.sort(key=lambda reason: -reason.weight)
        total = sum(
            min(reason.weight, MOST_OF_HOME if place == 0 else MOST_OF_SECOND_HOME)
            for place, reason in enumerate(homes)
        )
        if one.country and other.country:
            if one.country == other.country:
                weight = self._bits("country", one.country, MOST_OF_COUNTRY)
                homes.append(Reason("same_country", weight, {"value": one.country}))
            else:
                weight = COUNTRIES_DIFFER
                homes.append(Reason("other_country", weight, {}))
            total += weight
        if one.location and one.location == other.location:
            homes.append(Reason("same_location", SAME_LOCATION, {"value": one.location}))
            total += SAME_LOCATION
        reasons += homes
        return total

    def _organizations(self, one: Profile, other: Profile) -> Reason:
        shared = [home for home in one.organizations if home in other.organizations]
        if shared:
            return Reason(
                "same_organization", max(self._bits("home", home, MOST_OF_HOME) for home in shared), {}
            )
        found = [
            Reason(
                "alike_organization",
                min(self._bits("home", home), self._bits("home", theirs), MOST_OF_HOME) + HOME_ALIKE,
                dict(zip(("first", "second"), sorted((" ".join(home), " ".join(theirs))), strict=True)),
            )
            for home in one.organizations
            for theirs in other.organizations
            if _alike_homes(home, theirs, one, other)
        ]
        return _best(found) or Reason("other_organization", HOMES_DIFFER, {})

    # ------------------------------------------------------------ against it

    def _against(self, one: Profile, other: Profile, reasons: list[Reason]) -> float:
        total = 0.0
        if one.orcids and other.orcids and not set(one.orcids) & set(other.orcids):
            reasons.append(Reason("other_orcid", OTHER_ORCID, {}))
            total += OTHER_ORCID
        for system, first, second, is_proven in clashes(one, other):
            weight = OTHER_NUMBER if is_proven else OTHER_LOGIN
            reasons.append(
                Reason("other_account", weight, {"system": system, "first": first, "second": second})
            )
            total += weight
        return total


def clashes(one: Profile, other: Profile) -> list[tuple[str, str, str, bool]]:
    """Systems on which the two have different accounts and none in common: system, logins, whether numbers prove it."""
    if not one.accounts or not other.accounts:
        return []
    found = []
    for system in sorted({account.system for account in one.accounts}):
        mine = [account for account in one.accounts if account.system == system]
        theirs = [account for account in other.accounts if account.system == system]
        if not theirs:
            continue
        numbers, others = {a.number for a in mine if a.number}, {a.number for a in theirs if a.number}
        if numbers & others:
            continue
        is_proven = bool(numbers and others)
        if not is_proven and {a.login for a in mine} & {a.login for a in theirs}:
            continue
        found.append(
            (system, mine[0].login or mine[0].number, theirs[0].login or theirs[0].number, is_proven)
        )
    return found


def _may_fit(mine: Words, theirs: Words) -> bool:
    """Whether any word of one could stand for one of the other: cheap, and never wrong when it says no."""
    firsts, ends = {word[0] for word in theirs}, {word[-1] for word in theirs}
    return any(word[0] in firsts or word[-1] in ends for word in mine) or any(
        len(word) < 6 for word in (*mine, *theirs)
    )


def _alike_homes(home: Words, theirs: Words, one: Profile, other: Profile) -> bool:
    """Whether two names of organisations may be one: a typing error, most words shared, first letters."""
    shared = len(set(home) & set(theirs))
    return (
        alike(" ".join(home), " ".join(theirs))
        or (shared >= 2 and shared >= min(len(home), len(theirs)))
        or (len(home) == 1 and home[0] in other.acronyms)
        or (len(theirs) == 1 and theirs[0] in one.acronyms)
    )


def _best(reasons: Iterable[Reason | None]) -> Reason | None:
    """The weightiest; of equals always the same one."""
    best: Reason | None = None
    for reason in reasons:
        if reason is not None and (
            best is None
            or reason.weight > best.weight
            or (
                reason.weight == best.weight
                and (reason.code, str(reason.facts)) > (best.code, str(best.facts))
            )
        ):
            best = reason
    return best


def _shorter(name: Words) -> tuple[int, Words]:
    return len(name), name


def as_score(bits: float) -> float:
    """From 0 to 1; 0.5 for 0 bits."""
    return 1 / (1 + 2 ** (-max(-60.0, min(60.0, bits)) / FLAT))


def _says_the_same(user: Reason, one: Profile, other: Profile) -> bool:
    """Whether the shared user is but the name again."""
    value = user.facts.get("value", "")
    return user.code == "login_is_name" or any(
        value in name or is_made_of(value, name) for name in (*one.names, *other.names)
    )


def _where_users_stand(user: str, one: Profile, other: Profile) -> str:
    """Which reason it is that both have this user."""

    def stands(record: Profile) -> tuple[bool, bool]:
        mailed = any(compact(address.partition("@")[0]) == user for address in record.emails)
        signed = any(compact(account.login) == user for account in record.accounts)
        return mailed, signed

    (mail_here, login_here), (mail_there, login_there) = stands(one), stands(other)
    if login_here and login_there:
        return "same_login_elsewhere"
    if mail_here and mail_there:
        return "same_user"
    return "user_is_login"
