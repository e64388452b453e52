"""Pages in Spanish hold no English: each is asked for in both languages, and what stays the same must be a name."""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.test import Client

from folkmoot.kernel.accounts.models import User
from tests.conftest import signed_in
from tests.factories import IdentityFactory, PersonFactory, RoleKindFactory, TermFactory
from tests.kernel.test_translations import NOT_READ, READ_OUT, SAME_EVERYWHERE, WORD
from tests.test_walk import BY_CONVERTER, STOPS

#: Words that English and Spanish share, names of services and languages, and what is made up below; in small letters.
SAME = {
    *(word.lower() for word in SAME_EVERYWHERE),
    *("actor", "bot", "bots", "error", "no", "roles", "series", "token", "total", "webhook", "webhooks"),
    *("bluesky", "discourse", "english", "español", "gitlab", "linkedin", "pybamm", "pyopensci", "slack"),
    *("alias", "km", "discussions", "editor", "hugo", "jekyll"),
    *("alice", "admin", "example", "org", "reviewer", "zoë", "quito"),
    *("ana", "quintanar", "ines", "halvorsen", "tomo", "arai", "milan", "okafor"),
}
#: Names of files that an import reads, and of the sources of a definition.
NAMES = re.compile(r"\.\w+(, |$)|^(CHAOSS|GrimoireLab|GrowthZone)\b")


#: Elements without an end.
VOID = {"br", "hr", "img", "input", "wbr"}

#: Addresses of something in particular, which is not there.
MADE_UP = tuple(str(value) for value in BY_CONVERTER.values())


def english(text: str) -> bool:
    """Whether a text has words that a Spanish page should not share with the English one."""
    words = {word.lower() for word in WORD.findall(text) if not word.isupper()}
    return bool(words - SAME) and not NAMES.search(text)


class Texts(HTMLParser):
    """Everything that is read on a page, but what says of itself that it is English."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: set[str] = set()
        self.inside: list[str] = []
        self.skip = NOT_READ | {"option"}
        self.stays_english: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "html" and tag not in VOID and (self.stays_english or ("lang", "en") in attrs):
            self.stays_english.append(tag)
        if self.stays_english:
            return
        if tag in self.skip:
            self.inside.append(tag)
        self.texts |= {(value or "").strip() for name, value in attrs if name in READ_OUT}

    def handle_endtag(self, tag: str) -> None:
        if self.stays_english:
            self.stays_english.pop()
        elif self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside and not self.stays_english:
            self.texts.add(" ".join(data.split()))


def texts_of(page: str) -> set[str]:
    reader = Texts()
    reader.feed(page)
    reader.close()
    return reader.texts


@pytest.fixture
def world(alice: User) -> None:
    person = PersonFactory(name="Zoë", location="Quito")
    IdentityFactory(person=person)
    TermFactory(person=person, role_kind=RoleKindFactory(name="Reviewer"), started_on=dt.date(2026, 1, 1))


def test_pages_without_a_word_of_english(alice: User, world: None) -> None:
    client: Client = signed_in(alice)
    left = {}
    asked = 0
    for stop in STOPS:
        if any(made_up in stop.url for made_up in MADE_UP):
            continue
        pages = {}
        for language in ("en", "es"):
            client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
            answer = client.get(stop.url)
            if answer.status_code == 200 and "html" in answer.headers["Content-Type"]:
                pages[language] = texts_of(answer.content.decode())
        if len(pages) == 2:
            asked += 1
            if same := sorted(filter(english, pages["en"] & pages["es"])):
                left[stop.url] = same
    assert asked > 30
    assert left == {}
