"""The register's pages cost the same with 100,000 people as with 10,000: at most 15 queries, flat in time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from folkmoot.kernel.accounts.actions import add_user, grant_all
from folkmoot.kernel.permissions.areas import Level
from tests.bench.generate import fill
from tests.conftest import signed_in

PAGES = {
    "people list": "/people/",
    "staff": "/people/?staff=1",
    "backwards": "/people/?sort=-name",
    "person": "/people/5000/",
    "project": "/people/projects/200/",
}
#: How much slower a page may be with ten times as many people.
SLOWER = 1.5
#: Differences below this are noise of the machine, in seconds.
NOISE = 0.02


def seconds(visit: Callable[[], object], times: int = 9) -> float:
    """The quickest of several visits, after two that fill the caches: what else the machine does is left out."""
    taken = []
    for number in range(times + 2):
        started = time.perf_counter()
        visit()
        if number >= 2:
            taken.append(time.perf_counter() - started)
    return min(taken)


def measure(people: int) -> dict[str, tuple[int, float]]:
    """Queries and seconds of each page in a community of this size, ten activities each."""
    fill(activities=people * 10, people=people)
    user = add_user(email="alice@example.org", name="Alice Admin", password="correct horse battery")
    grant_all(user=user, level=Level.ADMIN)
    client = signed_in(user)
    found = {}
    for name, url in PAGES.items():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        found[name] = (len(queries), seconds(lambda url=url: client.get(url)))
    return found


_measured: dict[int, dict[str, tuple[int, float]]] = {}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("people", [10_000, 100_000])
def test_pages_stay_flat(people: int) -> None:
    _measured[people] = measure(people)
    small = _measured.get(10_000, {})
    for name, (queries, took) in _measured[people].items():
        print(f"{people:>7} people  {name:<14} {queries:>2} queries  {took * 1000:6.1f} ms")
        assert queries <= 15, name
        if people > 10_000 and name in small:
            before = small[name][1]
            assert took <= before * SLOWER + NOISE, (
                f"{name}: {before:.3f} s with 10,000, {took:.3f} s with {people:,}"
            )
