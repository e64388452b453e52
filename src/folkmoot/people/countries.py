"""Countries by their ISO 3166-1 code, named in the reader's language (Unicode CLDR, as Babel ships it)."""

from __future__ import annotations

from functools import cache

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language, to_locale

from folkmoot.kernel.text import fold_accents

#: Codes of two letters that CLDR knows and that are no country (regions without one, the union, made-up ones).
_NO_COUNTRY = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"})


@cache
def _names(language: str) -> dict[str, str]:
    try:
        locale = Locale.parse(to_locale(language))
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("en")
    return {
        code: name
        for code, name in locale.territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY
    }


def country_name(code: str) -> str:
    """The country's name in the language of this moment; the code where nobody knows it, nothing for nothing."""
    return _names(get_language() or "en").get(code, code)


def country_choices() -> list[tuple[str, str]]:
    """Code and name of each country, by name."""
    return sorted(_names(get_language() or "en").items(), key=lambda pair: fold_accents(pair[1]))


def is_country(code: str) -> bool:
    """Whether it is the code of a country."""
    return code in _names("en")


#: What people write for a country beside its name in English.
_ALSO = {"USA": "US", "U.S.A.": "US", "UNITED STATES OF AMERICA": "US", "UK": "GB", "GREAT BRITAIN": "GB"}


@cache
def _codes() -> dict[str, str]:
    named = {fold_accents(name).upper(): code for code, name in _names("en").items()}
    return named | {code: code for code in _names("en")} | _ALSO


def country_code(text: str) -> str:
    """The code of a country that somebody wrote as its code or its name in English; ``""``: it is none."""
    return _codes().get(fold_accents(text.strip()).upper(), "")
