"""Which language a person is written to in."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.conf import settings
from django.conf.locale import LANG_INFO

from folkmoot.kernel.text import fold
from folkmoot.people.models import Person

#: The facet of the tags that say which languages somebody speaks.
FACET = "language"


@cache
def _codes() -> dict[str, str]:
    """Codes by what people write: the code itself, the name in English, the language's own name."""
    found: dict[str, str] = {}
    for code, info in sorted(LANG_INFO.items()):
        if "name" in info:
            for words in (info["name"], info["name_local"], code):
                found.setdefault(fold(words), code)
    return found


def language_code(words: str) -> str:
    """The code of a language as somebody wrote it (``Spanish``, ``español``, ``es``); ``""``: none that is known."""
    return _codes().get(fold(words), "")


def languages_of(people: Iterable[int]) -> dict[int, list[str]]:
    """The languages to write to people in, by their number, the best first; two queries.

    The one that somebody chose for their account; else those that the register says they speak, with the house's
    language before the others. Who is not in the answer has said nothing.
    """
    wanted = sorted(set(people))
    if not wanted:
        return {}
    rows: Any = Person.objects.filter(pk__in=wanted).exclude(user=None).exclude(user__language="")
    chosen = {pk: [language] for pk, language in rows.values_list("pk", "user__language")}
    spoken: dict[int, list[str]] = {}
    tags: Any = Person.tags.through.objects.filter(person__in=wanted, tag__facet=FACET)
    for pk, name in tags.order_by("pk").values_list("person_id", "tag__name"):
        if code := language_code(name):
            spoken.setdefault(pk, []).append(code)
    house = str(settings.LANGUAGE_CODE)
    return {pk: sorted(codes, key=lambda code: code != house) for pk, codes in spoken.items()} | chosen
