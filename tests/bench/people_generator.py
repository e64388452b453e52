"""Made-up records of made-up people, with the truth beside them: what the matching is measured on.

A fixed seed gives the same records for ever. Nothing here knows how records are matched. Shares (of all records):
name missing 14 %, e-mail 33 %, login 38 %, organisation 58 %; a typing error in 6 % of the names. The names come from
small tables of many languages, the frequent ones first (Zipf), and family names built of two parts for the long tail;
so some names are shared by hundreds, and most by nobody.
"""

from __future__ import annotations

import random
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

import yaml

SOURCES = ("github", "git", "slack", "discourse", "form")


@dataclass(slots=True)
class Record:
    """What one source says of somebody; ``truth`` is who it really is."""

    truth: int
    source: str
    name: str = ""
    email: str = ""
    is_verified: bool = False
    #: The system of login and number.
    system: str = ""
    login: str = ""
    number: str = ""
    orcid: str = ""
    organization: str = ""
    country: str = ""


@dataclass(frozen=True)
class Culture:
    """Names of one language: the frequent ones first; ``stems`` and ``ends`` make the rarer family names."""

    countries: str
    share: int
    given: list[str]
    family: list[str]
    stems: list[str]
    ends: list[str]
    doubles: bool = False


_TABLES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "names.yml").read_text(encoding="utf-8"))
CULTURES = [
    Culture(
        row["countries"],
        row["share"],
        *(row[name].split() for name in ("given", "family", "stems", "ends")),
        doubles=row["doubles"],
    )
    for row in _TABLES["cultures"]
]
#: Given names and the forms under which their bearers sign, too.
SHORT: dict[str, str] = _TABLES["short"]
WORDS: list[str] = _TABLES["words"].split()
PLACES: list[str] = _TABLES["places"].split()
HOSTS = ["gmail.com"] * 60 + ["outlook.com"] * 9 + ["yahoo.com"] * 7 + ["proton.me"] * 7 + ["hotmail.com"] * 6
HOSTS += (
    ["icloud.com"] * 5
    + ["gmx.de"] * 3
    + ["qq.com"] * 2
    + ["163.com"] * 2
    + ["web.de", "mail.ru", "posteo.de"]
)
SHAPES = (
    "University of {}",
    "{} University",
    "{} Institute of Technology",
    "{} State University",
    "Technical University of {}",
    "{} Research Centre",
    "{} Labs",
    "{} Software Inc.",
    "Institute for {} Studies",
    "{} National Laboratory",
    "{} GmbH",
    "{} College",
    "{} Foundation",
    "{} Observatory",
    "{} Medical School",
    "{} Analytics Ltd",
)
GENERIC_NAMES = [
    "Admin",
    "Test User",
    "Anonymous",
    "Webmaster",
    "Info",
    "Unknown",
    "Guest",
    "Administrator",
    "User",
]
GENERIC_MAILBOXES = ["info", "contact", "admin", "office", "hello", "support", "webmaster"]
KEYS_NEAR = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuioplsdfghjkzmxcvbnaq", strict=True))


@dataclass(slots=True)
class Somebody:
    """A made-up person."""

    number: int
    given: str
    family: str
    middle: str
    short: str
    country: str
    organizations: list[int]
    emails: list[str] = field(default_factory=list)
    logins: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    orcid: str = ""
    handle: str = ""


def plain(text: str) -> str:
    """Without accents, as people type where they have no such keys."""
    text = text.translate(
        str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "ß": "s"})
    )
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def ascii_word(text: str) -> str:
    """The letters of a word as they stand in logins and addresses."""
    return "".join(c for c in plain(text).lower() if c.isalnum() and c.isascii())


class Zipf:
    """Draws numbers from 0 to ``size`` - 1, the small ones more often."""

    def __init__(self, size: int, steep: float, flat: float = 2.0) -> None:
        self._sums = list(accumulate(1 / (rank + flat) ** steep for rank in range(size)))

    def draw(self, chance: random.Random) -> int:
        return bisect_left(self._sums, chance.random() * self._sums[-1])


class Generator:
    """Makes people and their records, one after the other."""

    def __init__(self, records: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.wanted = records
        self.people = round(records * 0.545)
        count = max(300, records // 30)
        self.organizations = [self._organization(number) for number in range(count)]
        self.popular = Zipf(count, 1.0, 5.0)
        self.weights = [culture.share for culture in CULTURES]
        self.given = [Zipf(len(culture.given), 0.8) for culture in CULTURES]
        self.family = [Zipf(len(culture.family), 0.8) for culture in CULTURES]
        self.taken: set[tuple[str, str]] = set()
        self.next_number = 1000
        self.recycled: list[str] = []
        self.shared: list[str] = []

    def _organization(self, number: int) -> tuple[str, str, str]:
        """Name, domain, country."""
        place = PLACES[number % len(PLACES)]
        if number >= len(PLACES):
            place = f"{self.chance.choice(PLACES)} {self.chance.choice(PLACES)}"
        name = SHAPES[(number * 7 + number // len(PLACES)) % len(SHAPES)].format(place)
        ending = self.chance.choice(["edu", "org", "ac.uk", "com", "de", "fr", "io", "edu.au", "ac.in"])
        country = self.chance.choice(self.chance.choice(CULTURES).countries.split())
        return name, f"{ascii_word(name)[:14]}{number}.{ending}", country

    # ------------------------------------------------------------- people

    def somebody(self, number: int) -> Somebody:
        chance = self.chance
        index = chance.choices(range(len(CULTURES)), self.weights)[0]
        culture = CULTURES[index]
        given = self._given(index)
        middle = culture.given[self.given[index].draw(chance)] if chance.random() < 0.16 else ""
        family = self._family(index)
        if culture.doubles and chance.random() < 0.55:
            family = f"{family} {self._family(index)}"
        elif chance.random() < 0.02:
            family = f"{family}-{self._family(index)}"
        homes = [self.popular.draw(chance)] + ([self.popular.draw(chance)] if chance.random() < 0.2 else [])
        country = (
            self.organizations[homes[0]][2]
            if chance.random() < 0.4
            else chance.choice(culture.countries.split())
        )
        who = Somebody(number, given, family.replace("_", " "), middle, SHORT.get(given, ""), country, homes)
        who.handle = self._handle(who)
        who.emails = self._emails(who)
        chance.shuffle(who.emails)  # the first is the one that is used most
        if chance.random() < 0.25:
            who.orcid = _orcid(number + 150_000_000)
        return who

    def _given(self, index: int) -> str:
        """A frequent name, or a rarer one made of the beginning and the end of two of them."""
        culture, chance = CULTURES[index], self.chance
        if chance.random() < 0.55:
            return culture.given[self.given[index].draw(chance)]
        head, tail = chance.choice(culture.given), chance.choice(culture.given)
        return head[: max(2, len(head) - chance.randint(2, 3))] + tail[-chance.randint(2, 4) :].lower()

    def _family(self, index: int) -> str:
        culture, chance = CULTURES[index], self.chance
        if chance.random() < 0.4:
            return culture.family[self.family[index].draw(chance)]
        stem, end = chance.choice(culture.stems), chance.choice(culture.ends)
        if chance.random() < 0.5:
            stem += chance.choice(("a", "e", "i", "o", "er", "en", "el", "in"))
        return (stem + end).title().replace("_ ", "_")

    def _parts(self, who: Somebody) -> tuple[str, str]:
        return ascii_word(who.given), ascii_word(who.family.split()[0].split("-")[0]) or "x"

    def _handle(self, who: Somebody) -> str:
        """What somebody likes to be called where names are taken."""
        chance = self.chance
        given, family = self._parts(who)
        style = chance.random()
        if style < 0.55:
            shapes = (
                given + family,
                given[:1] + family,
                f"{given}-{family}",
                family + given[:1],
                given + family[:1],
                given[:3] + family[:3],
            )
            return chance.choice(shapes)
        if style < 0.7:
            return f"{given}{chance.randint(1, 99) if chance.random() < 0.6 else chance.randint(1970, 2006)}"
        joint = chance.choice(["", "-", "_", "", ""])
        return f"{chance.choice(WORDS)}{joint}{chance.choice(WORDS)}{chance.choice(['', '', chance.randint(1, 99)])}"

    def _free(self, system: str, wished: str) -> str:
        """The handle, or the first free one like it, as systems force people to choose."""
        value = wished
        while (system, value) in self.taken:
            value = f"{wished}{self.chance.randint(1, 9999)}"
        self.taken.add((system, value))
        return value

    def _emails(self, who: Somebody) -> list[str]:
        chance = self.chance
        given, family = self._parts(who)
        found = []
        for home in who.organizations:
            domain = self.organizations[home][1]
            style = home % 3  # each organisation has its habit
            user = (f"{given}.{family}", f"{given[:1]}{family}", family)[style]
            found.append(f"{self._free(domain, user)}@{domain}")
        if chance.random() < 0.75:
            host = chance.choice(HOSTS)
            user = chance.choice(
                (
                    who.handle,
                    f"{given}.{family}",
                    f"{given}{family}",
                    f"{given[:1]}{family}",
                    f"{family}.{given}",
                )
            )
            found.append(f"{self._free(host, user)}@{host}")
        if chance.random() < 0.0005 and self.shared:
            found.append(chance.choice(self.shared))
        elif chance.random() < 0.0005:
            self.shared.append(f"{chance.choice(WORDS)}lab@{self.organizations[who.organizations[0]][1]}")
        return found

    def login(self, who: Somebody, system: str) -> str:
        """The login on a system; now and then one that somebody else has given up."""
        if system not in who.logins:
            chance = self.chance
            if system == "github" and self.recycled and chance.random() < 0.1:
                who.logins[system] = self.recycled.pop()
            else:
                wished = who.handle if chance.random() < 0.72 else self._handle(who)
                who.logins[system] = self._free(system, wished)
            if system == "github" and chance.random() < 0.0003:
                self.recycled.append(who.logins[system])
            self.next_number += chance.randint(1, 40)
            who.numbers[system] = str(self.next_number)
        return who.logins[system]

    # ------------------------------------------------------------- records

    def records(self) -> list[Record]:
        """All of them, in no order."""
        chance = self.chance
        counts = chance.choices((1, 2, 3, 4, 5), (50, 27, 14.5, 6, 2.5), k=self.people)
        while (missing := self.wanted - sum(counts)) != 0:
            at = chance.randrange(self.people)
            if missing > 0 and counts[at] < 5:
                counts[at] += 1
            elif missing < 0 and counts[at] > 1:
                counts[at] -= 1
        made: list[Record] = []
        for number, count in enumerate(counts):
            who = self.somebody(number)
            sources = list(SOURCES)
            chance.shuffle(sources)
            for source in (
                (sources * 2)[:count] if chance.random() > 0.12 else chance.choices(SOURCES, k=count)
            ):
                made.append(getattr(self, f"_{source}")(who))  # noqa: PERF401
        chance.shuffle(made)
        return made

    def _github(self, who: Somebody) -> Record:
        """GitHub's API: the account, now and then a second one; the address that is shown."""
        chance = self.chance
        row = Record(who.number, "github", system="github", login=self.login(who, "github"), is_verified=True)
        row.number = who.numbers["github"] if chance.random() < 0.8 else ""
        if chance.random() < 0.02:
            self.next_number += 7
            row.login, row.number = self._free("github", self._handle(who)), str(self.next_number)
        self._name(row, who, missing=0.25)
        if chance.random() >= 0.55:
            row.email = self._address(who)
        self._home(row, who, missing=0.55)
        return row

    def _git(self, who: Somebody) -> Record:
        """The author line of a commit: a name and an address, often the one that GitHub makes."""
        chance = self.chance
        row = Record(who.number, "git", is_verified=True)
        self._name(row, who, missing=0.08)
        if chance.random() >= 0.02:
            row.email = self._address(who)
            if chance.random() < 0.3:
                login = self.login(who, "github")
                number = f"{who.numbers['github']}+" if chance.random() < 0.85 else ""
                row.email = f"{number}{login}@users.noreply.github.com"
        self._home(row, who, missing=0.9)
        return row

    def _slack(self, who: Somebody) -> Record:
        chance = self.chance
        row = Record(who.number, "slack", is_verified=True)
        if chance.random() >= 0.4:
            row.system, row.login = "slack", self.login(who, "slack")
            row.number = f"U{who.numbers['slack']}" if chance.random() < 0.5 else ""
        self._name(row, who, missing=0.12, casual=0.3)
        if chance.random() >= 0.4:
            row.email = self._address(who)
        self._home(row, who, missing=0.65)
        return row

    def _discourse(self, who: Somebody) -> Record:
        """A forum: half sign in with GitHub, and the forum shows that account."""
        chance = self.chance
        row = Record(who.number, "discourse", is_verified=True)
        if chance.random() >= 0.15:
            row.system = "github" if chance.random() < 0.5 else "discourse"
            row.login = self.login(who, row.system)
        self._name(row, who, missing=0.23, casual=0.2)
        if chance.random() >= 0.62:
            row.email = self._address(who)
        self._home(row, who, missing=0.65)
        return row

    def _form(self, who: Somebody) -> Record:
        """A registration form: all is typed by hand, and nothing of it proven."""
        chance = self.chance
        row = Record(who.number, "form")
        if chance.random() >= 0.35:
            row.system, row.login = "github", self.login(who, "github")
        self._name(row, who, missing=0.02)
        if chance.random() >= 0.06:
            row.email = self._address(who)
            if chance.random() < 0.03:
                user, _at, domain = row.email.partition("@")
                row.email = f"{self._typo(user)}@{domain}"
        if who.orcid and chance.random() < 0.4:
            row.orcid = chance.choice((who.orcid, f"https://orcid.org/{who.orcid}"))
        self._home(row, who, missing=0.15)
        if chance.random() < 0.6:
            row.country = who.country
        return row

    def _address(self, who: Somebody) -> str:
        if self.chance.random() < 0.008:
            home = self.organizations[who.organizations[0]]
            return f"{self.chance.choice(GENERIC_MAILBOXES)}@{home[1]}"
        address = who.emails[0] if self.chance.random() < 0.7 else self.chance.choice(who.emails)
        return address if self.chance.random() < 0.95 else address.title()

    def _home(self, row: Record, who: Somebody, *, missing: float) -> None:
        chance = self.chance
        if chance.random() < missing:
            return
        name = self.organizations[chance.choice(who.organizations)][0]
        style = chance.random()
        if style < 0.06:
            name = name.replace("University", "Univ.").replace("Institute", "Inst.")
        elif style < 0.12:
            name = name.lower()
        elif style < 0.15:
            name = self._typo(name)
        elif style < 0.18:
            name = "".join(word[0] for word in name.split() if word[0].isupper())
        elif style < 0.22:
            name = f"{name}, {chance.choice(PLACES)}"
        row.organization = name
        if chance.random() < 0.15:
            row.country = who.country

    def _name(self, row: Record, who: Somebody, *, missing: float, casual: float = 0.06) -> None:
        """The name as people write it here and there: casual, turned, abbreviated, in capitals, with a typing error."""
        chance = self.chance
        if chance.random() < missing:
            return
        if chance.random() < 0.006:
            row.name = chance.choice(GENERIC_NAMES)
            return
        given = who.short if who.short and chance.random() < casual else who.given
        family = who.family.split()[0] if " " in who.family and chance.random() < 0.35 else who.family
        middle = (
            who.middle
            if chance.random() < 0.4
            else (who.middle[:1] + "." if who.middle and chance.random() < 0.4 else "")
        )
        style = chance.random()
        if style < casual * 0.5:
            name = given
        elif style < casual * 0.5 + 0.05:
            name = f"{family}, {' '.join(filter(None, (given, middle)))}"
        elif style < casual * 0.5 + 0.09:
            name = f"{given[:1]}. {family}"
        else:
            name = " ".join(filter(None, (given, middle, family)))
        if chance.random() < 0.12:
            name = plain(name)
        if chance.random() < 0.06:
            name = self._typo(name)
        style = chance.random()
        row.name = name.lower() if style < 0.04 else name.upper() if style < 0.06 else name

    def _typo(self, text: str) -> str:
        """One key too many, too few, twice, in the wrong order, or beside the right one."""
        chance = self.chance
        spots = [at for at, c in enumerate(text) if c.isalpha()]
        if len(spots) < 4:
            return text
        at = chance.choice(spots[1:])
        kind = chance.randrange(4)
        if kind == 0:
            return text[:at] + text[at + 1 :]
        if kind == 1:
            return text[:at] + text[at] + text[at:]
        if kind == 2:
            return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
        return text[:at] + KEYS_NEAR.get(text[at].lower(), "e") + text[at + 1 :]


def _orcid(number: int) -> str:
    digits = f"{number:015d}"
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    digits += "X" if check == 10 else str(check)
    return "-".join(digits[at : at + 4] for at in range(0, 16, 4))


def generate(records: int = 100_000, seed: int = 20_261_121) -> list[Record]:
    """Records of about half as many people, the same for the same seed."""
    return Generator(records, seed).records()


def shares(records: Sequence[Record]) -> dict[str, float]:
    """How often a field is missing, from 0 to 1."""
    return {
        name: sum(not getattr(row, name) for row in records) / len(records)
        for name in ("name", "email", "login", "organization")
    }
