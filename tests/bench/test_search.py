"""The search costs the same with 100,000 records as with 10,000: few queries, under 50 ms, flat in time."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports.models import ColumnMapping
from folkmoot.kernel.permissions.areas import Level
from folkmoot.kernel.search import spelling
from folkmoot.kernel.search.find import ids_matching, search
from folkmoot.kernel.search.kinds import Document, SearchKind, search_kinds
from folkmoot.kernel.search.models import SearchEntry
from folkmoot.kernel.search.words import entry_words, words
from tests.bench.test_people import SLOWER, seconds

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

SYLLABLES = "ka ri mo ne ta lu si ven dor pel ga hin zo wa qui bra sto fen ly ras".split()  # noqa: SIM905
SOUGHT = {
    "one person": "person0004711",
    "a name's beginning": "karimo",
    "two letters": "ka",
    "two words": "karimo ri",
    "a word that all hold": "common",
    "a typing error": "lusivne",
    "nothing": "xyzzyxyzzy",
}
MOST_SECONDS, MOST_QUERIES = 0.05, 3
#: A search as quick as this may be slower than with fewer records: its page, which takes ten times as long, may not
#: (``test_load``).
FAST = 0.005
#: A list counts all that match, so its filter takes longer the more do.
MOST_SECONDS_OF_A_FILTER = 0.25


def made_up(count: int) -> Iterator[SearchEntry]:
    """Records with a name, a handle, a few tags, and a word that all of them hold."""
    chance = random.Random(7)
    vocabulary = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(20_000)]
    for number in range(1, count + 1):
        title = f"{chance.choice(vocabulary)} {chance.choice(vocabulary)} person{number:07d}"
        text = f"common {chance.choice(vocabulary)}{number % 100} {chance.choice(vocabulary)}"
        kind = "mapping" if number % 2 else "other"
        yield SearchEntry(
            kind=kind,
            object_id=number,
            title=title,
            title_key=title,
            words=entry_words(kind, words(title), words(text)),
        )


def nothing(ids: object) -> list[Document]:
    return []


_took: dict[tuple[str, str, int], float] = {}


@pytest.mark.parametrize("count", [10_000, 100_000])
def test_search_stays_flat(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_kinds, "_items", {})
    search_kinds.register(
        SearchKind("mapping", "M", "table", "people.view", "people", ColumnMapping, nothing)
    )
    search_kinds.register(
        SearchKind("other", "O", "table", "settings.view", "settings", ColumnMapping, nothing)
    )
    SearchEntry.objects.bulk_create(made_up(count), batch_size=1_000)
    spelling.learn_all()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE kernel_searchentry, kernel_searchspelling")
    sees_all, sees_some = User(email="a@example.org"), User(email="b@example.org")
    sees_all.levels = {"people": Level.VIEW, "settings": Level.VIEW}
    sees_some.levels = {"people": Level.VIEW}
    for name, text in SOUGHT.items():
        for who, user in (("sees all", sees_all), ("sees half", sees_some)):
            with CaptureQueriesContext(connection) as queries:
                search(text, user)
            took = seconds(lambda text=text, user=user: search(text, user))
            _look_at(f"{name} ({who})", "search", count, len(queries), took)
        took = seconds(lambda text=text: ids_matching("mapping", text)[:50].count())
        _look_at(name, "filter", count, 0, took)


def _look_at(name: str, what: str, count: int, queries: int, took: float) -> None:
    print(f"{count:>7} records  {what}  {name:<32} {queries} queries  {took * 1000:6.1f} ms")
    assert queries <= MOST_QUERIES, name
    assert took < (MOST_SECONDS if what == "search" else MOST_SECONDS_OF_A_FILTER), name
    _took[name, what, count] = took
    before = _took.get((name, what, 10_000))
    if before is not None and what == "search":
        assert took <= max(before * SLOWER, FAST), (
            f"{name}: {before:.4f} s with 10,000, {took:.4f} s with {count:,}"
        )
