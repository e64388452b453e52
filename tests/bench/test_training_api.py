"""A thousand events with all that belongs to them over the API: at most 10 queries, and as fast with ten times as many.

Made-up data of The Carpentries' size and ten times that: nine parts for each event, half of them learners; a session,
a link, a curriculum, two registrations, and the history that each row has.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from folkmoot.kernel import bulk
from folkmoot.kernel.accounts.actions import add_user, grant_all
from folkmoot.kernel.permissions.areas import Level
from folkmoot.kernel.tokens.actions import make_token
from folkmoot.people.models import Person
from folkmoot.training.models import (
    Curriculum,
    Event,
    EventKind,
    EventLink,
    Registration,
    Session,
    Task,
    TaskKind,
)

MADE = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
PARTS = 9
#: Addresses, and how many queries each may take.
READS = {
    "1,000 events": ("events?limit=1000", 10),
    "1,000 events of a country": ("events?limit=1000&country=GB", 10),
    "1,000 events since 2024": ("events?limit=1000&starts_since=2024-01-01&status=announced", 10),
    "one event": ("events/2000", 10),
    "1,000 tasks": ("tasks?limit=1000", 6),
    "what changed": ("events?limit=1000&updated_since=2026-11-20T00:00:00Z", 10),
}
#: How much slower a read may be with ten times as many events; what one visit differs from the next by, in seconds.
SLOWER, NOISE = 1.5, 0.01


def _insert(model: Any, rows: Iterable[Sequence[Any]], names: str) -> None:
    """Rows with all their columns, and an entry in the history for each."""
    wanted = names.split()
    usual = {
        field.attname: field.get_default()
        for field in model._meta.concrete_fields
        if field.attname not in wanted and not field.primary_key
    }
    kept = list(rows)
    bulk.insert_values(model, [*wanted, *usual], ([*row, *usual.values()] for row in kept))
    history = model.history.model
    tracked = [field.attname for field in history.tracked_fields]

    def entries() -> Iterator[list[Any]]:
        for row in kept:
            said = {**usual, **dict(zip(wanted, row, strict=True))}
            yield [*(said[name] for name in tracked), MADE, None, "+", None]

    extra = ["history_date", "history_change_reason", "history_type", "history_user_id"]
    bulk.insert_values(history, [*tracked, *extra], entries())


def fill(events: int) -> None:
    """So many events with parts, sessions, links, curricula and registrations, from 2018 to 2027."""
    kind = EventKind.objects.create(slug="workshop", name="Workshop")
    curriculum = Curriculum.objects.create(slug="core", name="Core")
    does = ("teaches", "helps", "hosts", "learns", "learns", "learns", "learns", "learns", "helps")
    parts = [TaskKind.objects.create(slug=f"{word}-{n}", name=word, does=word) for n, word in enumerate(does)]
    people = events * 3
    _insert(
        Person,
        ((n, f"Person {n}", f"person {n:07d}", MADE, MADE) for n in range(1, people + 1)),
        "id name sort_key created_at updated_at",
    )
    first, numbers = dt.date(2018, 1, 1), range(1, events + 1)

    def day(n: int) -> dt.date:
        return first + dt.timedelta(days=(n * 7919) % 3600)

    def moment(n: int, days: int = 0) -> dt.datetime:
        return dt.datetime.combine(day(n) + dt.timedelta(days=days), dt.time(), dt.UTC)

    _insert(
        Event,
        (
            (n, f"event-{n}", f"Event {n}", f"event {n}", kind.pk, "announced", day(n), day(n), moment(n),
             moment(n, 1), ("GB", "DE", "US", "ZA")[n % 4], MADE, MADE)
            for n in numbers
        ),
        "id slug title folded kind_id status starts_on ends_on starts_at ends_at country created_at updated_at",
    )  # fmt: skip
    _insert(
        Task,
        (
            (n * PARTS + p, n, (n * 31 + p * 977) % people + 1, parts[p].pk, "confirmed", MADE, MADE)
            for n in numbers
            for p in range(PARTS)
        ),
        "id event_id person_id kind_id state created_at updated_at",
    )
    _insert(Session, ((n, n, "Opening", f"s{n}", MADE) for n in numbers), "id event_id title uid updated_at")
    _insert(
        EventLink,
        ((n, n, "materials", f"https://example.org/{n}") for n in numbers),
        "id event_id kind url",
    )
    _insert(
        Registration,
        (
            (n * 2 + r, n, f"Somebody {n}", f"{n}.{r}@example.org", f"{n}.{r}@example.org", "unproven", MADE)
            for n in numbers
            for r in range(2)
        ),
        "id event_id name email email_folded state registered_at",
    )
    bulk.insert_values(
        Event.curricula.through, ["event_id", "curriculum_id"], ((n, curriculum.pk) for n in numbers)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure(events: int) -> dict[str, tuple[int, float, int]]:
    """Queries, seconds and bytes of each read: the quickest of five, after one that fills the caches."""
    begun = time.perf_counter()
    fill(events)
    print(f"{events:>7,} events made in {time.perf_counter() - begun:.1f} s")
    user = add_user(email="alice@example.org", name="Alice Admin", password="correct horse battery")
    grant_all(user=user, level=Level.ADMIN)
    scopes = ["training:read", "training.notes:read"]
    _row, token = make_token(owner=user, name="bench", scopes=scopes, actor=user)
    client, headers = Client(), {"Authorization": f"Bearer {token}"}
    found = {}
    for name, (path, _most) in READS.items():
        address, taken, size = f"/api/v1/{path}", [], 0
        for number in range(6):
            cache.clear()
            started = time.perf_counter()
            with CaptureQueriesContext(connection) as seen:
                answer = client.get(address, headers=headers)
            took = time.perf_counter() - started
            assert answer.status_code == 200, answer.content[:300]
            size = len(answer.content)
            if number:
                taken.append(took)
        if "1,000" in name:
            assert len(json.loads(answer.content)["results"]) == 1000, name
        asked = [one for one in seen.captured_queries if "pg_stat_activity" not in one["sql"]]
        found[name] = (len(asked), min(taken), size)
    return found


_measured: dict[int, dict[str, tuple[int, float, int]]] = {}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("events", [4_000, 40_000])
def test_reads_stay_flat(events: int) -> None:
    _measured[events] = measure(events)
    small = _measured.get(4_000, {})
    for name, (queries, took, size) in _measured[events].items():
        print(
            f"{events:>7,} events  {name:<26} {queries:>2} queries  {took * 1000:7.1f} ms  {size / 1024:7,.0f} KiB"
        )
        assert queries <= READS[name][1], name
        if events > 4_000 and name in small:
            assert took <= small[name][1] * SLOWER + NOISE, name
