"""Single values as files write them: cleaned, or a plain sentence why they cannot be read.

A parser returns the value, ``""`` or ``None`` when the file says that there is none ("TBD", "N/A"), and raises
``Unreadable`` otherwise.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import translation
from django.utils.translation import gettext as _
from django_countries import countries

from folkmoot.kernel import clock
from folkmoot.kernel.text import clean, fold, fold_accents
from folkmoot.people import systems
from folkmoot.people.countries import country_choices
from folkmoot.people.domains import normal_domain

#: What people write where there is nothing to write (compared folded).
NO_VALUE = frozenset({"", "n/a", "tbd", "tba", "none", "null", "nil", "-", "--", "–", "—", "?", "missing"})
#: Placeholders where a name should be.
NO_NAME = NO_VALUE | {"name", "your name", "full name"}
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_YES = frozenset({"yes", "true", "y", "1"})
_NO = frozenset({"no", "false", "n", "0"})
_url = URLValidator(schemes=["http", "https"])


class Unreadable(ValueError):
    """The value cannot be used; its text is the reason, for a person."""


def text(value: Any, limit: int | None = None) -> str:
    """One line of text; ``""`` for what says "no value".

    Raises:
        Unreadable: a list or mapping, or longer than ``limit`` characters.
    """
    if isinstance(value, (list, dict)):
        raise Unreadable(_("text is expected here, not a list or a mapping"))
    found = clean(value)
    if fold(found) in NO_VALUE:
        return ""
    if limit is not None and len(found) > limit:
        raise Unreadable(_("is longer than %(limit)s characters") % {"limit": limit})
    return found


def paragraphs(value: Any) -> str:
    """Text that may have several lines."""
    if isinstance(value, (list, dict)):
        text(value)
    lines = [clean(line) for line in str(value or "").splitlines()]
    found = "\n".join(lines).strip()
    return "" if fold(found) in NO_VALUE else found


def short(value: Any) -> str:
    """One line that fits the register's columns (200 characters)."""
    return text(value, 200)


def pronouns(value: Any) -> str:
    """Pronouns (40 characters)."""
    return text(value, 40)


def role_name(value: Any) -> str:
    """What a role is called (100 characters)."""
    return text(value, 100)


def quoted(value: Any) -> str:
    """A name without the quotation marks that some files put around it."""
    return text(value, 200).strip("\"'`“”").strip()


def name(value: Any, limit: int = 200) -> str:
    """A person's name; ``""`` for placeholders such as "Name"."""
    found = text(value, limit)
    return "" if fold(found) in NO_NAME else found


def day(value: Any) -> dt.date | None:
    """A date written year-month-day.

    Raises:
        Unreadable: written otherwise, or no such day.
    """
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    found = text(value)
    if not found:
        return None
    parts = _DAY.fullmatch(re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", found))
    if not parts:
        raise Unreadable(
            _("“%(found)s” is no date written as year-month-day, such as 2026-04-30") % {"found": found[:60]}
        )
    try:
        return dt.date(*(int(part) for part in parts.groups()))
    except ValueError:
        raise Unreadable(_("there is no day %(found)s") % {"found": found[:60]}) from None


def web_address(value: Any, limit: int = 500) -> str:
    """A web address; ``https://`` is put before one written without.

    Raises:
        Unreadable: it is none, or holds an e-mail address or password.
    """
    found = text(value, limit)
    if not found:
        return ""
    if "://" not in found:
        found = f"https://{found}"
    host = found.split("://", 1)[1].split("/", 1)[0]
    if "@" in host:
        raise Unreadable(
            _("“%(found)s” is an e-mail address or holds a user name, not a website") % {"found": found[:100]}
        )
    try:
        _url(found)
    except ValidationError:
        raise Unreadable(
            _("“%(found)s” is no web address: https://example.org") % {"found": found[:100]}
        ) from None
    if len(found) > limit:
        raise Unreadable(_("is longer than %(limit)s characters") % {"limit": limit})
    return found


def handle(system: str, value: Any) -> str:
    """A handle as the system writes it (``people.systems``).

    Raises:
        Unreadable: the system can have no such handle.
    """
    found = text(value, 320)
    if not found:
        return ""
    if system == "github" and _DAY.fullmatch(found):
        raise Unreadable(_("“%(found)s” is a date, not a login") % {"found": found})
    try:
        known = systems.normalise(system, found)
    except ValidationError as error:
        raise Unreadable(
            _("“%(found)s”: %(error)s")
            % {"found": found[:60], "error": " ".join(str(message) for message in error.messages)}
        ) from None
    if len(known) > 320:
        raise Unreadable(_("is longer than 320 characters"))
    return known


def number(value: Any) -> str:
    """A system's own number of an account, as digits.

    Raises:
        Unreadable: anything else.
    """
    found = text(value, 64)
    if found and (isinstance(value, bool) or not found.isascii() or not found.isdigit()):
        raise Unreadable(_("“%(found)s” is no account number: digits only") % {"found": found})
    return found


def truth(value: Any) -> bool | None:
    """Yes or no in any of the forms that files use; ``None`` for no value.

    Raises:
        Unreadable: anything else.
    """
    if isinstance(value, bool):
        return value
    found = fold(text(value))
    if not found:
        return None
    if found in _YES or found in _NO:
        return found in _YES
    raise Unreadable(_("“%(found)s” is neither yes nor no") % {"found": found[:60]})


def words(value: Any, limit: int = 100) -> list[str]:
    """A list of short texts; a single text counts as a list of one.

    Raises:
        Unreadable: a mapping, something in the list that is no text, or one too long.
    """
    if value is None:
        return []
    entries = value if isinstance(value, list) else [value]
    return [found for entry in entries if (found := text(entry, limit))]


def package_names(value: Any) -> list[str]:
    """A list of package names.

    Raises:
        Unreadable: it holds single letters (a name that was spelled out) or a date.
    """
    found = words(value, 200)
    if found and all(len(entry) == 1 for entry in found):
        raise Unreadable(
            _("single letters (%(found)s) in place of package names: was a name spelled out?")
            % {"found": ", ".join(found)}
        )
    for entry in found:
        if _DAY.fullmatch(entry):
            raise Unreadable(_("“%(entry)s” is a date, not a package name") % {"entry": entry})
    return found


def separated(value: Any, mark: str, limit: int = 100) -> list[str]:
    """Words between marks: ``"a, b"`` -> ``["a", "b"]``.

    Raises:
        Unreadable: one is longer than ``limit``.
    """
    return [found for part in str(value or "").split(mark) if (found := text(part, limit))]


def between_commas(value: Any) -> list[str]:
    """Words between commas."""
    return separated(value, ",")


def between_semicolons(value: Any) -> list[str]:
    """Words between semicolons."""
    return separated(value, ";")


def organization(value: Any) -> str:
    """An organisation as written; a lone ``@handle`` loses its "@".

    Several names in one text stay one: where a name ends cannot be told from "University of California, Davis".
    """
    found = text(value, 200)
    return found[1:] if re.fullmatch(r"@[\w.-]+", found) else found


def domains(value: Any) -> list[str]:
    """Domains between semicolons, as they are compared.

    Raises:
        Unreadable: one is no domain, or one at which anybody can have an address.
    """
    try:
        return list(dict.fromkeys(normal_domain(part) for part in separated(value, ";", 253)))
    except ValidationError as error:
        raise Unreadable(" ".join(str(message) for message in error.messages)) from None


def country(value: Any) -> str:
    """The code of a country, from its code or its name in any language that Folkmoot speaks, or English.

    Raises:
        Unreadable: no such country.
    """
    found = text(value, 100)
    if not found:
        return ""
    code = _countries().get(fold_accents(found).replace(".", ""))
    if code is None:
        raise Unreadable(
            _("“%(found)s” is no country: write its name or its two letters (ISO 3166), such as PE")
            % {"found": found}
        )
    return code


@cache
def _countries() -> dict[str, str]:
    """Codes of two and three letters, names and common short names, folded, by what they mean."""
    found: dict[str, str] = {}
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            for code, name in country_choices():
                found.setdefault(fold_accents(name), code)
    for code, name in countries:
        found.setdefault(fold_accents(str(name)), code)
        found[fold_accents(countries.alpha3(code))] = code
        found[code.casefold()] = code
    return found | {
        "uk": "GB",
        "england": "GB",
        "usa": "US",
        "united states of america": "US",
        "russia": "RU",
    }


def availability(value: Any) -> str:
    """Whether somebody can be asked: ``yes``, ``limited``, ``no``.

    Raises:
        Unreadable: anything else.
    """
    found = fold(text(value, 60))
    if found not in ("", "yes", "limited", "no"):
        raise Unreadable(_("“%(found)s” is not known; known: yes, limited, no") % {"found": found})
    return found


def time_zone(value: Any) -> str:
    """A time zone as the IANA names it.

    Raises:
        Unreadable: there is none of that name.
    """
    found = text(value, 64)
    if found and found not in clock.zones():
        raise Unreadable(_("“%(found)s” is no time zone, such as America/Lima") % {"found": found})
    return found


def consent(value: Any) -> tuple[bool, dt.date | None] | None:
    """Whether somebody agreed: yes, no, or the day on which they did.

    Raises:
        Unreadable: anything else.
    """
    found = text(value, 60)
    if not found:
        return None
    if _DAY.match(found):
        return True, day(found)
    said = truth(found)
    return None if said is None else (said, None)
