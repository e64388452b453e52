"""The register's pages and Today cost the same with 100,000 people as with 10,000: at most 15 queries, flat in time.

Everything that any app knows of a record is on the pages of records, and something waits in every source of Today.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from folkmoot.kernel.accounts.actions import add_user, grant_all
from folkmoot.kernel.permissions.areas import Level
from folkmoot.people.models import Person, Project
from tests import known, waiting
from tests.bench.generate import fill
from tests.conftest import signed_in
from tests.factories import IdentityFactory, OrganizationFactory

PERSON, PROJECT = 5000, 200
PAGES = {
    "Today": "/",
    "people list": "/people/",
    "staff": "/people/?staff=1",
    "backwards": "/people/?sort=-name",
    "person": f"/people/{PERSON}/",
    "project": f"/people/projects/{PROJECT}/",
    "organisation": "/people/organisations/{organization}/",
}
#: How much slower a page may be with ten times as many people.
SLOWER = 1.5
#: What one visit differs from the next by, in seconds: a ratio of a few milliseconds says nothing.
NOISE = 0.002


def seconds(visit: Callable[[], object], times: int = 25) -> float:
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
    IdentityFactory.reset_sequence(people * 2)  # past the made-up ones
    organization = OrganizationFactory()
    for _number in range(3):
        known.fill(Person.objects.get(pk=PERSON), Project.objects.get(pk=PROJECT), organization, user)
    waiting.let_everything_wait(5)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    client = signed_in(user)
    found = {}
    for name, address in PAGES.items():
        url = address.format(organization=organization.pk)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        asked = len(queries)  # now: the next request forgets them
        found[name] = (asked, seconds(lambda url=url: client.get(url)))
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
