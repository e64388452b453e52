"""A made-up community of The Carpentries' size, or a multiple of it, written straight into the database.

At size 1: 12,000 people, 4,000 events, 36,000 parts, 10,000 progresses, 98,000 consents, and what goes with them.
:data:`BUSY` teaches at 179 events and :data:`CROWDED` has 850 learners, whatever the size. The same for ever.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection

from folkmoot.kernel.changes.models import ChangedRow
from folkmoot.kernel.search import index, spelling
from folkmoot.people.models import Consent, ConsentKind, ConsentText, Identity, Person, Project
from folkmoot.people.public import load_seeds
from folkmoot.people.seeds.consents import load_consents
from folkmoot.training.mail_plugs import load_mail_rules
from folkmoot.training.models import (
    Award,
    Badge,
    Event,
    EventKind,
    Opening,
    Progress,
    Qualification,
    Requirement,
    SignUp,
    SoughtPart,
    Task,
    TaskKind,
    TeachingProfile,
)
from folkmoot.training.seeds import load
from folkmoot.training.seeds.progress import load_progress
from tests.bench.generate import insert

PEOPLE, EVENTS, TASKS, PROGRESSES, CONSENTS = 12_000, 4_000, 36_000, 10_000, 98_000
#: Somebody who teaches at 179 events, and an event with 850 learners.
BUSY, CROWDED = 1, 1
PARTS, LEARNERS = 179, 850
#: Events of the coming months at size 1, and those of them that seek people.
AHEAD, SEEKING = 160, 90
LESSONS = 30
SYLLABLES = "ka ri mo ne ta lu si ven dor pel ga hin zo wa qui bra sto fen ly ras".split()  # noqa: SIM905
COUNTRIES = "US GB DE AU ZA CA NZ KE BR NL".split()  # noqa: SIM905
MADE = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
TODAY = MADE.date()


def fill(size: int) -> None:
    """Fill the default database, which is migrated and empty."""
    load_seeds()
    load_consents()
    load()
    load_progress()
    load_mail_rules()
    chance = random.Random(7)
    _people(chance, size)
    days = _events(chance, size)
    _tasks(chance, size, days)
    _trainees(chance, size)
    _openings(chance, size, days)
    _settle()
    for kind, count in (("person", PEOPLE), ("event", EVENTS)):
        index.index(kind, range(1, count * size + 1))
    spelling.learn_all()
    ChangedRow.objects.all().delete()  # what rules were told of all this
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def name_of(number: int) -> str:
    """What somebody is called: two made-up words, each shared by some."""
    chance = random.Random(number)
    return " ".join("".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))).title() for _word in "ab")


def _rows(model: type[Any], columns: str, rows: Iterator[Sequence[Any]]) -> None:
    insert(model._meta.db_table, columns, rows)


def _people(chance: random.Random, size: int) -> None:
    people = range(1, PEOPLE * size + 1)
    _rows(
        Person,
        "id name sort_key country created_at updated_at",
        ((n, name_of(n), name_of(n).lower(), COUNTRIES[n % 10], MADE, MADE) for n in people),
    )
    _rows(
        Identity,
        "id person_id system value folded created_at",
        ((n, n, "email", f"p{n}@example.org", f"p{n}@example.org", MADE) for n in people),
    )
    kinds = list(ConsentKind.objects.order_by("pk").values_list("pk", flat=True))
    texts = dict(ConsentText.objects.filter(language="en").values_list("kind_id", "pk"))
    _rows(
        Consent,
        "id person_id kind_id text_id is_given decided_at updated_at",
        (
            (
                n + 1,
                1 + n % (PEOPLE * size),
                kind := kinds[n // (PEOPLE * size) % len(kinds)],
                texts[kind],
                n % 19 != 0,
                said := MADE - dt.timedelta(days=2_000 - n // (PEOPLE * size)),
                said,
            )
            for n in range(CONSENTS * size)
        ),
    )
    places = (TeachingProfile(person_id=n, languages=["en"]) for n in people if n % 3)

    def reckoned() -> Iterator[Sequence[Any]]:
        for row in places:
            row.latitude, row.longitude = chance.uniform(-50, 60), chance.uniform(-180, 180)
            row.reckon()
            yield (row.person_id, row.person_id, row.latitude, row.longitude, row.x, row.y, row.z, '["en"]',
                   row.languages_key, MADE)  # fmt: skip

    columns = "id person_id latitude longitude x y z languages languages_key updated_at"
    _rows(TeachingProfile, columns, reckoned())
    lessons = Project.objects.count()
    _rows(
        Project,
        "id kind name folded created_at updated_at",
        ((lessons + n, "lesson", f"Lesson {n}", f"lesson {n}", MADE, MADE) for n in range(1, LESSONS + 1)),
    )
    _rows(
        Qualification,
        "id person_id lesson_id created_at",
        ((n, n, lessons + 1 + n % LESSONS, MADE) for n in people if n % 2),
    )


def _events(chance: random.Random, size: int) -> list[dt.date]:
    """Twelve years of them; every fortieth lies ahead. Returns the first day of each, by number from 0."""
    kinds = {row.slug: row.pk for row in EventKind.objects.all()}
    count = EVENTS * size
    days = [TODAY - dt.timedelta(days=1 + int(4_300 * chance.random() ** 1.5)) for _n in range(count)]
    for n in range(10, count, EVENTS // AHEAD):
        days[n] = TODAY + dt.timedelta(days=7 + chance.randrange(170))

    def rows() -> Iterator[Sequence[Any]]:
        for n, day in enumerate(days, 1):
            kind = kinds["instructor-training" if n % 10 == 0 else "workshop"]
            status = "announced" if day > TODAY else "done"
            title = f"{name_of(-n)} workshop"
            begins = dt.datetime.combine(day, dt.time(), dt.UTC)
            yield (n, f"{day}-{n}", title, title.lower(), kind, status, day, day + dt.timedelta(days=1), begins,
                   begins + dt.timedelta(days=2), COUNTRIES[n % 10], 40.0 + n % 10, float(n % 90), "[]", "{}",
                   MADE, MADE, MADE)  # fmt: skip

    columns = (
        "id slug title folded kind_id status starts_on ends_on starts_at ends_at country latitude longitude"
        " languages detail announced_at created_at updated_at"
    )
    _rows(Event, columns, rows())
    return days


def _tasks(chance: random.Random, size: int, days: Sequence[dt.date]) -> None:
    """Who teaches, helps, hosts and learns: the busy one, the crowded event, then as chance has it."""
    kinds = {row.slug: row.pk for row in TaskKind.objects.all()}
    people, events = PEOPLE * size, EVENTS * size

    def all_of_them() -> Iterator[tuple[int, int, str]]:
        for n in range(PARTS):
            yield 2 + n * (events // PARTS - 1), BUSY, "instructor"
        for n in range(LEARNERS):
            yield CROWDED, 2 + n, "learner"
        yield CROWDED, LEARNERS + 2, "instructor"
        n = 0
        while True:
            n += 1
            part = ("instructor", "instructor", "helper", "host", *["learner"] * 6)[n % 10]
            yield 2 + n % (events - 1), 2 + chance.randrange(people - 1), part

    def rows() -> Iterator[Sequence[Any]]:
        taken: set[tuple[int, int, str]] = set()
        for one in all_of_them():
            if one in taken:
                continue
            taken.add(one)
            event, person, part = one
            came = None if days[event - 1] > TODAY else True
            yield len(taken), event, person, kinds[part], came, MADE, MADE
            if len(taken) == TASKS * size:
                return

    _rows(Task, "id event_id person_id kind_id attended created_at updated_at", rows())


def _trainees(chance: random.Random, size: int) -> None:
    """Four requirements each; four of five have passed them all, and most of those the badge."""
    needs = list(Requirement.objects.order_by("order").values_list("pk", "needs_event"))
    number = PROGRESSES * size // len(needs)

    def rows() -> Iterator[Sequence[Any]]:
        for n in range(number):
            for place, (need, is_training) in enumerate(needs):
                passed = n % 5 or place == 0
                event = 10 * (1 + n % (EVENTS * size // 10)) if is_training else None
                yield (n * len(needs) + place + 1, n * 4 + 2, need, event, "passed" if passed else "submitted",
                       MADE if passed else None, MADE, MADE)  # fmt: skip

    columns = "id person_id requirement_id event_id state evaluated_at created_at updated_at"
    _rows(Progress, columns, rows())
    badge = Badge.objects.get(slug="instructor").pk
    _rows(
        Award,
        "id person_id badge_id awarded_on created_at updated_at",
        (
            (n + 1, n * 4 + 2, badge, TODAY - dt.timedelta(days=n % 3_000), MADE, MADE)
            for n in range(number)
            if n % 5 and n % 7
        ),
    )


def _openings(chance: random.Random, size: int, days: Sequence[dt.date]) -> None:
    """Of the events ahead, the first ones seek two instructors and a helper each; three people wish to come."""
    seeking = [n for n, day in enumerate(days, 1) if day > TODAY][: SEEKING * size]
    kinds = {row.slug: row.pk for row in TaskKind.objects.all()}
    _rows(
        Opening,
        "id event_id opened_at updated_at",
        ((n, event, MADE, MADE) for n, event in enumerate(seeking, 1)),
    )
    sought = [(n, slug) for n in range(1, len(seeking) + 1) for slug in ("instructor", "helper")]
    _rows(
        SoughtPart,
        "id opening_id kind_id number",
        ((at, n, kinds[slug], 2 if slug == "instructor" else 1) for at, (n, slug) in enumerate(sought, 1)),
    )
    wishes = [
        (n, chance.randrange(PEOPLE * size // 3) * 3 + 1 + step)
        for n in range(1, len(seeking) + 1)
        for step in range(3)
    ]
    _rows(
        SignUp,
        "id opening_id person_id kind_id signed_up_at",
        ((at, n, person, kinds["instructor"], MADE) for at, (n, person) in enumerate(wishes, 1)),
    )


def _settle() -> None:
    """Keys that come next lie behind those that were given."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for sql in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
                cursor.execute(sql)
