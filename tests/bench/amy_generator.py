"""A made-up dump of AMY of The Carpentries' size, written object by object: people, organisations, consents, roles.

Whoever reads more of AMY adds its models to :data:`MODELS`: a function from the number of people to its objects.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.amy import dump
from tests.amy.dump import Made
from tests.amy.dump_training import ADMINISTRATORS
from tests.bench.amy_training import training

#: How many of each for a person, as at The Carpentries: 12,000 people, 98,000 consents.
CONSENTS = 98_000 / 12_000
FIRST = ["Ana", "Ben", "Chen", "Dora", "Eve", "Farid", "Gita", "Hugo", "Ines", "Jun", "Kofi", "Lena", "Mara"]
LAST = ["Torres", "Li", "Novak", "Okafor", "Silva", "Kim", "Meyer", "Rossi", "Khan", "Lopez"]


def people(number: int) -> Iterator[Made]:
    """A third has a GitHub login, half belong to an organisation, few wrote a note."""
    chance = random.Random(20261130)
    for pk in range(1, number + 1):
        yield dump.person(
            pk,
            personal=chance.choice(FIRST),
            middle="",
            family=f"{chance.choice(LAST)} {pk}",
            github=f"login{pk}" if pk % 3 == 0 else "",
            twitter="",
            bluesky="",
            mastodon="",
            secondary_email="",
            affiliation=f"University {chance.randrange(max(number // 12, 1))}" if pk % 2 else "",
            user_notes="I like soil." if pk % 20 == 0 else "",
        )


def organizations(number: int) -> Iterator[Made]:
    """One for twelve people; those that administer are made with the training."""
    return (dump.organization(pk) for pk in range(1, number // 12 + 1) if pk not in ADMINISTRATORS)


def terms(number: int) -> Iterator[Made]:
    """Four terms, each with yes and no."""
    for pk, slug in enumerate(("privacy-policy", "may-contact", "public-profile", "may-publish-name"), 1):
        yield dump.term(pk, slug=slug, content=f"May we, {slug}?")
        yield dump.term_option(2 * pk - 1, term=pk)
        yield dump.term_option(2 * pk, term=pk, option_type="decline", content="No")


def consents(number: int) -> Iterator[Made]:
    """About eight a person: half are archived, a fifth were never answered."""
    for pk in range(1, int(number * CONSENTS) + 1):
        person, term = (pk - 1) // 8 % number + 1, pk % 4 + 1
        yield dump.consent(
            pk,
            person=person,
            term=term,
            term_option=None if pk % 5 == 0 else 2 * term - (pk % 3 > 0),
            archived_at="2022-01-01T00:00:00Z" if pk % 8 < 4 else None,
            created_at=f"202{pk % 8 // 4 * 2 + 1}-02-01T00:00:00Z",
        )


def roles(number: int) -> Iterator[Made]:
    """One for five people."""
    yield dump.role_config(1, name="instructor", display_name="Instructor")
    yield dump.role_inactivation(1)
    for pk in range(1, number // 5 + 1):
        yield dump.role(
            pk, person=pk * 5 - 4, url="", custom_keys=[], end="2024-01-01" if pk % 4 == 0 else None
        )


def words(number: int) -> Iterator[Made]:
    """Words that others are made of."""
    yield dump.knowledge_domain(1)
    yield dump.language(1)


MODELS: list[Callable[[int], Iterator[Made]]] = [
    words,
    organizations,
    people,
    terms,
    consents,
    roles,
    training,
]


def write(path: Path, number: int) -> Path:
    """Write a dump with so many people, in one line as ``dumpdata`` does without ``--indent``."""
    with path.open("w", encoding="utf-8") as file:
        mark = "["
        for made in MODELS:
            for thing in made(number):
                file.write(mark + json.dumps(thing))
                mark = ", "
        file.write("]")
    return path
