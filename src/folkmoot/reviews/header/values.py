"""Single values as headers of issues and files of reviews write them: read, or a sentence why they cannot be.

A reader returns the value, or what stands for "none" where the text says that there is none yet ("TBD"). Where a value
can be read without doubt though it is badly written, it is read and ``note`` says so. Nothing is guessed.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from folkmoot.kernel.text import clean, fold

#: What people write where there is nothing to write yet (compared folded).
NOTHING_YET = frozenset(
    {"", "tbd", "tba", "none", "null", "nil", "nan", "-", "--", "–", "—", "?", "missing", "pending", "todo"}
)
NO_VALUE = NOTHING_YET | {"n/a", "na", "not applicable"}
#: Placeholders of templates where a login should be.
PLACEHOLDERS = frozenset(
    {"github_handle", "github_username", "githubhandle", "github-handle", "handle", "username", "login"}
)
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
_LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(\s*<?([^()\s>]*)>?[^()]*\)")
_DOI = re.compile(r"10\.\d{4,9}/[^\s\[\]()<>\"'`|,;]+")
_ADDRESS = re.compile(r"https?://[^\s\[\]()<>\"'`|]+")
_is_url = URLValidator(schemes=["http", "https"])
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",),
            ("june", "jun"), ("july", "jul"), ("august", "aug"), ("september", "sep", "sept"),
            ("october", "oct"), ("november", "nov"), ("december", "dec"),
        ),
        1,
    )
    for name in names
}  # fmt: skip


class Unreadable(ValueError):
    """The value cannot be used; its text is the reason, for a person."""


@dataclass(frozen=True)
class Day:
    """A day that was read; ``note`` says how, where it was badly written."""

    day: dt.date | None
    note: str = ""


@dataclass(frozen=True)
class Named:
    """Somebody named by a GitHub login, with the name beside it where there is one."""

    login: str
    name: str = ""


def plain(text: str) -> str:
    """One line without the marks of Markdown around it."""
    found = clean(text)
    while len(found) > 1 and found[0] == found[-1] and found[0] in "*_`\"'":
        found = found[1:-1].strip()
    return found.strip("*`").strip()


def is_nothing(text: str) -> bool:
    """Whether this says that there is no value."""
    return fold(plain(text)).rstrip(".!") in NO_VALUE


# ------------------------------------------------------------------------------------------------------------- days


def day(text: str) -> Day:
    """A date in any of the forms that headers have.

    Year first in any spelling; ``month/day/year`` as the template asks; words ("May 10, 2023", "10 May 2023").

    Raises:
        Unreadable: no date, no such day, or one whose month and day cannot be told apart.
    """
    found = plain(text)
    if is_nothing(found):
        return Day(None)
    bare = re.sub(r"[T ]+\d{1,2}:\d{2}.*$", "", found).strip()
    if parts := re.fullmatch(r"(\d{4})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{1,2})", bare):
        year, month, number = int(parts[1]), int(parts[3]), int(parts[4])
        known = _exists(year, month, number, found)
        return Day(known, "" if known.isoformat() == bare else _note(known))
    if parts := re.fullmatch(r"(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})", bare):
        month, number, year = int(parts[1]), int(parts[3]), int(parts[4])
        if parts[2] == "." and month != number:
            raise Unreadable(
                _("“%(text)s” may be day.month or month.day: write year-month-day") % {"text": found[:60]}
            )
        year += 2000 if year < 100 else 0
        known = _exists(year, month, number, found)
        is_well = parts[2] == "/" and len(parts[4]) == 4
        return Day(known, "" if is_well else _note(known))
    words = re.sub(r"[,.]", " ", re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", fold(bare))).split()
    words = [one for one in words if one not in ("of", "the") and not one.endswith("day")]
    words = [
        one for one in words if one not in ("mon", "tue", "tues", "wed", "thu", "thurs", "fri", "sat", "sun")
    ]
    if len(words) == 3:
        numbers = [int(one) for one in words if one.isascii() and one.isdigit()]
        months = [_MONTHS[one] for one in words if one in _MONTHS]
        years = [one for one in numbers if one > 31]
        if len(numbers) == 2 and len(months) == 1 and len(years) == 1:
            number = next(one for one in numbers if one <= 31)
            return Day(_exists(years[0], months[0], number, found))
    raise Unreadable(
        _("“%(text)s” is no date: write it as year-month-day, such as 2026-04-30") % {"text": found[:60]}
    )


def _exists(year: int, month: int, number: int, text: str) -> dt.date:
    if not 1990 <= year <= 2199:
        raise Unreadable(_("the year of “%(text)s” cannot be right") % {"text": text[:60]})
    try:
        return dt.date(year, month, number)
    except ValueError:
        if month > 12 and 1 <= number <= 12:
            raise Unreadable(
                _("there is no month %(month)s in “%(text)s”: are month and day swapped?")
                % {"month": month, "text": text[:60]}
            ) from None
        raise Unreadable(_("there is no day “%(text)s”") % {"text": text[:60]}) from None


def _note(known: dt.date) -> str:
    return _("was read as %(day)s: write it so") % {"day": known.isoformat()}


# ----------------------------------------------------------------------------------------------------------- people


def people(text: str, *, bare: bool = False) -> list[Named]:
    """Whom a text names, in its order, each once: ``Name (@x)``, ``(@x)``, ``@x``, ``[Name](address)``, several.

    Args:
        bare: words without "@" are logins, as in files.

    Raises:
        Unreadable: "N/A", a placeholder, a name without a login, an account elsewhere than on GitHub.
    """
    named, problems = people_of(text, bare=bare)
    if problems:
        raise Unreadable(problems[0])
    return named


def people_of(text: str, *, bare: bool = False) -> tuple[list[Named], list[str]]:
    """As :func:`people`, with what cannot be read told beside those who can."""
    found = clean(text).replace("**", "")
    if fold(plain(found)) in NOTHING_YET:
        return [], []
    if is_nothing(found):
        return [], [_("“%(text)s” names nobody: write TBD until somebody is found") % {"text": found[:60]}]
    linked = _LINK.sub(_as_handle, found)
    named: list[Named] = []
    problems: list[str] = []
    for part in re.split(r"[,;&]|\s/\s|\s(?:and|y|et|und)\s", linked):
        part = plain(part)
        if fold(part) in NOTHING_YET:
            continue
        try:
            named += _named(part, bare)
        except Unreadable as problem:
            problems.append(str(problem))
    return list({fold(one.login): one for one in reversed(named)}.values())[::-1], problems


def _as_handle(link: re.Match[str]) -> str:
    words, address = link[1].strip(), urlsplit(link[2])
    host = (address.hostname or "").removeprefix("www.")
    login = address.path.strip("/").split("/")[0]
    if host == "github.com" and login:
        return f"{words.lstrip('@')} (@{login})" if fold(words.lstrip("@")) != fold(login) else f"@{login}"
    return f"{words} ({link[2]})"


def _named(part: str, bare: bool) -> list[Named]:
    handles = list(re.finditer(r"@([A-Za-z0-9][\w-]*)", part))
    if not handles and bare and _LOGIN.fullmatch(part):
        return [Named(_login(part))]
    if not handles and (address := _ADDRESS.search(part)):
        place = urlsplit(address[0])
        if (place.hostname or "").removeprefix("www.") == "github.com" and place.path.strip("/"):
            return [Named(_login(place.path.strip("/").split("/")[0]))]
        raise Unreadable(_("“%(text)s” is no account on GitHub") % {"text": part[:60]})
    if fold(part.strip("()@")) in PLACEHOLDERS:
        raise Unreadable(_("“%(text)s” is the template's own word, not a login") % {"text": part[:60]})
    if not handles:
        raise Unreadable(_("“%(text)s” names nobody by a login, such as @login") % {"text": part[:60]})
    named = []
    start = 0
    for handle in handles:
        before = part[start : handle.start()].strip(" ()[]:-–")
        named.append(Named(_login(handle[1]), before[:200] if not before.startswith("http") else ""))
        start = handle.end()
    return named


def _login(text: str) -> str:
    if fold(text) in PLACEHOLDERS:
        raise Unreadable(_("“%(text)s” is the template's own word, not a login") % {"text": text[:60]})
    if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", text):
        raise Unreadable(_("“%(text)s” is a date, not a login") % {"text": text})
    if not _LOGIN.fullmatch(text):
        raise Unreadable(_("“%(text)s” is no login on GitHub") % {"text": text[:60]})
    return text


# ---------------------------------------------------------------------------------------------- addresses, versions


def doi(text: str) -> str:
    """The DOI in a text, without anything around it; ``""`` where it has none."""
    for found in _DOI.finditer(text):
        known = found[0].rstrip(".:*_").removesuffix(".svg").rstrip(".")
        if known.split("/", 1)[1]:
            return known
    return ""


def archive(text: str) -> str:
    """The address of an archive: of a DOI, a badge, a link.

    Raises:
        Unreadable: neither a DOI nor an address.
    """
    found = plain(text)
    if is_nothing(found):
        return ""
    addresses = [link[2] for link in _LINK.finditer(_without_images(found))] or _ADDRESS.findall(found)
    pages = [one.rstrip(".,") for one in addresses if not one.lower().endswith((".svg", ".png"))]
    for one in pages:
        if len(one) <= 500 and _is_address(one):
            return one
    if known := doi(found):
        return f"https://doi.org/{known}"[:500]
    raise Unreadable(_("“%(text)s” is neither a DOI nor an address") % {"text": found[:60]})


def _without_images(text: str) -> str:
    return re.sub(r"!\[[^\[\]]*\]\([^()]*\)", "image", text)


def journal(text: str) -> str:
    """The DOI of a paper, from its address or badge.

    Raises:
        Unreadable: there is none in it.
    """
    found = plain(text)
    if is_nothing(found):
        return ""
    known = doi(_without_images(found)) or doi(found)
    if not known:
        raise Unreadable(_("“%(text)s” holds no DOI") % {"text": found[:60]})
    if "zenodo" in known.lower():
        raise Unreadable(_("“%(text)s” is the DOI of an archive, not of a paper") % {"text": found[:60]})
    return known[:200]


def _is_address(text: str) -> bool:
    try:
        _is_url(text)
    except ValidationError:
        return False
    return True


def address(text: str) -> str:
    """A web address, from a link or written out; ``https://`` is put before one without.

    Raises:
        Unreadable: it is none, or too long.
    """
    found = plain(text)
    if is_nothing(found):
        return ""
    link = _LINK.search(found)
    candidate = link[2] if link else next(iter(_ADDRESS.findall(found)), found)
    candidate = candidate.strip("<>").rstrip(".,")
    if "://" not in candidate:
        candidate = f"https://{candidate}"
    if len(candidate) > 500 or not _is_address(candidate):
        raise Unreadable(_("“%(text)s” is no web address: https://example.org") % {"text": found[:60]})
    return candidate


def version(text: str) -> str:
    """A version, links taken out (``v [0.2.7](address)`` is ``v0.2.7``).

    Raises:
        Unreadable: longer than a version is.
    """
    found = plain(_LINK.sub(r"\1", clean(text)))
    if is_nothing(found):
        return ""
    found = re.sub(r"^([vV]\.?)\s+(?=\d)", r"\1", found)
    if len(found) > 100:
        raise Unreadable(_("“%(text)s” is longer than a version is") % {"text": found[:60]})
    return found


def line(text: str, most: int = 300) -> str:
    """A line of text.

    Raises:
        Unreadable: it is too long.
    """
    found = plain(text)
    if is_nothing(found):
        return ""
    if len(found) > most:
        raise Unreadable(_("is longer than %(limit)s characters") % {"limit": most})
    return found
