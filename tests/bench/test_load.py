"""Fifty requests at once for a minute against ``folkmoot serve`` on two web workers, in a community of 100,000 people.

No request may fail; how long they take is printed. The database is SQLite in a temporary folder, or, where
``FOLKMOOT_DATABASE_URL`` names a PostgreSQL server, a database of its own on it that is dropped afterwards. Everything
stays on this machine. ``FOLKMOOT_BENCH_SECONDS`` and ``FOLKMOOT_BENCH_PEOPLE`` set another length and size.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rich.console import Console
from rich.table import Table

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.actions import add_user, grant_all
from folkmoot.kernel.permissions.areas import Level
from folkmoot.kernel.search.jobs import index_new_kinds
from folkmoot.people.models import RoleKind, Term
from tests.bench.generate import fill
from tests.bench.test_metrics import ROOT, _on_server
from tests.bench.test_people import NOISE, SLOWER, seconds
from tests.conftest import signed_in

PEOPLE = int(os.environ.get("FOLKMOOT_BENCH_PEOPLE", "100000"))
#: Five minutes at the longest: a load test is no endurance test.
SECONDS = min(300.0, float(os.environ.get("FOLKMOOT_BENCH_SECONDS", "60")))
AT_ONCE = 50
#: The longest from the command to the first page, in seconds.
COLD_START = 3.0
HOST = "127.0.0.1"
#: What people look at, and how often beside each other.
PAGES = {
    "Today": ("/", 3),
    "people list": ("/people/", 3),
    "people, by name": ("/people/?q=person+42", 1),
    "person": ("/people/{person}/", 5),
    "search": ("/search/?q=person+{person}", 2),
    "palette": ("/search/palette/?q=per", 2),
    "calendar": ("/calendar/", 1),
}
SESSION = """
import django; django.setup()
from django.conf import settings
from django.test import Client
from folkmoot.kernel.accounts.actions import add_user, grant_all
from folkmoot.kernel.permissions.areas import Level
user = add_user(email="alice@example.org", name="Alice Admin", password="correct horse battery")
grant_all(user=user, level=Level.ADMIN)
client = Client()
client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
print(client.cookies[settings.SESSION_COOKIE_NAME].value)
"""


@dataclass
class House:
    """A filled installation: its environment, and the cookie of somebody who is signed in."""

    environment: dict[str, str]
    cookie: str = ""


def run(environment: dict[str, str], *command: str) -> str:
    """What a Python command prints."""
    done = subprocess.run(
        [sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("load")
    here = urlsplit(os.environ.get("FOLKMOOT_DATABASE_URL", ""))
    name = f"folkmoot_load_{os.getpid()}"
    with_postgres = here.scheme.startswith("postgres")
    made = House(
        {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "folkmoot.settings",
            "FOLKMOOT_DATABASE_URL": urlunsplit(here._replace(path=f"/{name}"))
            if with_postgres
            else f"sqlite:///{folder}/load.sqlite3",
            "FOLKMOOT_DATA_DIR": str(folder),
            "FOLKMOOT_REDIS_URL": "",
            "FOLKMOOT_WEB_WORKERS": "2",
            "FOLKMOOT_LOG_FORMAT": "json",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        }
    )
    if with_postgres:
        _on_server(here.geturl(), f'CREATE DATABASE "{name}"')
    try:
        began = time.perf_counter()
        run(
            made.environment, "-m", "tests.bench.generate", f"--activities={PEOPLE * 2}", f"--people={PEOPLE}"
        )
        run(made.environment, "-m", "folkmoot.cli", "init")
        made.cookie = run(made.environment, "-c", SESSION).strip()
        print(f"\n{PEOPLE:,} people made and indexed in {time.perf_counter() - began:.0f} s")
        yield made
    finally:
        if with_postgres:
            _on_server(here.geturl(), f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def serving(house: House, log: Path) -> Iterator[tuple[str, float]]:
    """``folkmoot serve`` on a free port: its address, and the seconds until the first page was answered."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    base = f"http://{HOST}:{port}"
    with log.open("wb") as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "folkmoot.cli", "serve", "--host", HOST, "--port", str(port)],
            env=house.environment | {"FOLKMOOT_BASE_URL": f"http://localhost:{port}"},
            cwd=ROOT,
            stdout=said,
            stderr=said,
        )
        try:
            while True:
                try:
                    answer = httpx.get(f"{base}/accounts/login/", timeout=10)
                    took = time.perf_counter() - began
                    break
                except httpx.TransportError:
                    assert process.poll() is None, log.read_text("utf-8")[-2000:]
                    assert time.perf_counter() - began < 30, "no answer within 30 seconds"
                    time.sleep(0.02)
            assert answer.status_code == 200
            yield base, took
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


@dataclass
class Heard:
    """What fifty visitors saw."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: Counter[str] = field(default_factory=Counter)


async def visit(client: httpx.AsyncClient, heard: Heard, until: float, chance: random.Random) -> None:
    """One visitor, who opens page after page."""
    names, weights = list(PAGES), [weight for _url, weight in PAGES.values()]
    while time.perf_counter() < until:
        name = chance.choices(names, weights)[0]
        url = PAGES[name][0].format(person=chance.randint(1, PEOPLE))
        began = time.perf_counter()
        try:
            answer = await client.get(url)
        except httpx.HTTPError as error:
            heard.failures[f"{name}: {error!r}"] += 1
            continue
        heard.took[name].append(time.perf_counter() - began)
        if answer.status_code != 200:
            heard.failures[f"{name}: {answer.status_code} {answer.headers.get('Location', '')}"] += 1


async def rush(base: str, cookie: str) -> Heard:
    """All visitors at once, on connections that they keep."""
    heard = Heard()
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx.AsyncClient(
        base_url=base, cookies={"sessionid": cookie}, limits=limits, timeout=30, trust_env=False
    ) as client:
        until = time.perf_counter() + SECONDS
        await asyncio.gather(
            *(visit(client, heard, until, random.Random(number)) for number in range(AT_ONCE))
        )
    return heard


def share(values: list[float], of: float) -> float:
    """The value that so much of the values is not above (nearest rank), in seconds."""
    return sorted(values)[max(0, -(-int(len(values) * of * 1000) // 1000) - 1)]


def show(heard: Heard) -> None:
    """The table that a person reads."""
    table = Table("page", "requests", "a second", "median ms", "p99 ms", "longest ms", box=None)
    everything = [each for took in heard.took.values() for each in took]
    for name, took in [*sorted(heard.took.items()), ("all", everything)]:
        figures = (share(took, 0.5), share(took, 0.99), max(took))
        table.add_row(
            name,
            f"{len(took):,}",
            f"{len(took) / SECONDS:.1f}",
            *(f"{each * 1000:.0f}" for each in figures),
        )
    Console(width=100).print(table)


@pytest.mark.slow
def test_it_answers_soon_after_it_is_started(house: House, tmp_path: Path) -> None:
    starts = []
    for number in range(3):
        with serving(house, tmp_path / f"serve{number}.log") as (_base, took):
            starts.append(took)
    print("start to first page:", ", ".join(f"{took:.2f} s" for took in starts))
    assert min(starts) < COLD_START


@pytest.mark.slow
def test_fifty_at_once_without_an_error(house: House, tmp_path: Path) -> None:
    log = tmp_path / "serve.log"
    with serving(house, log) as (base, _took):
        heard = asyncio.run(rush(base, house.cookie))
    show(heard)
    assert dict(heard.failures) == {}
    assert [line for line in log.read_text("utf-8").splitlines() if '"level": "error"' in line] == []
    assert min(len(took) for took in heard.took.values()) > 0


_measured: dict[tuple[str, int], float] = {}
MEASURED = {
    "Today": "/",
    "calendar": "/calendar/",
    "search": "/search/?q=person+42",
    "palette": "/search/palette/?q=per",
}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("people", [10_000, 100_000])
def test_today_and_search_stay_flat(people: int) -> None:
    """At most 15 queries each, and no slower with ten times as many people; what waits is as much in both."""
    fill(activities=people, people=people)
    kind = RoleKind.objects.create(slug="bench-editor", name="Editor", notice_days=30)
    for number in range(100):
        ends = clock.today() + dt.timedelta(days=number % 28)
        Term.objects.create(person_id=1000 + number, role_kind=kind, ended_on=ends)
    index_new_kinds()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    user = add_user(email="alice@example.org", name="Alice Admin", password="correct horse battery")
    grant_all(user=user, level=Level.ADMIN)
    client = signed_in(user)
    for name, url in MEASURED.items():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        asked = len(queries)  # now: the next request forgets them
        took = _measured[name, people] = seconds(lambda url=url: client.get(url))
        print(f"{people:>7} people  {name:<10} {asked:>2} queries  {took * 1000:6.1f} ms")
        assert asked <= 15, name
        before = _measured.get((name, 10_000))
        if before is not None:
            assert took <= before * SLOWER + NOISE, (
                f"{name}: {before:.3f} s with 10,000, {took:.3f} s with {people:,}"
            )
