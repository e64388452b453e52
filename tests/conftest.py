"""The cast: alice runs the house, bob works in one area, charlie is signed in without a right, nobody is not."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from folkmoot.kernel.accounts.actions import add_user, grant, grant_all
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.welcome import gate
from folkmoot.outbox.models import Channel
from tests import databases

PASSWORD = "correct horse battery"

#: A test that reaches the database does it by one of these fixtures, or by the mark `django_db`.
DATABASE = {"db", "transactional_db", "django_db_setup", "live_server"}

#: As many as Redis has where nobody says otherwise.
REDIS_DATABASES = 16

gc.disable()  # until everything is imported


def pytest_configure() -> None:
    """A database of Redis for each test process's cache: what one counts another neither clears nor counts on."""
    address = urlsplit(settings.REDIS_URL)
    if address.scheme in ("redis", "rediss"):  # beside the queue's own, which its tests empty
        worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
        number = (int(address.path.strip("/") or 0) + 1 + worker) % REDIS_DATABASES
        settings.CACHES["default"]["LOCATION"] = address._replace(path=f"/{number}").geturl()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What reaches no database says the same whichever there is: it runs once, with SQLite. What needs PostgreSQL says
    so where there is none.
    """
    has_postgres = os.environ.get("FOLKMOOT_DATABASE_URL", "").startswith("postgres")
    for item in items:
        if item.get_closest_marker("postgres") and not has_postgres:
            item.add_marker(pytest.mark.skip(reason="FOLKMOOT_DATABASE_URL names no PostgreSQL"))
        marks = {mark.name for mark in item.iter_markers()}
        if not marks & {"django_db", "postgres", "redis"} and not DATABASE & set(
            getattr(item, "fixturenames", ())
        ):
            item.add_marker(pytest.mark.sqlite)


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: the garbage collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_unconfigure() -> None:
    """At the end everything is taken apart again."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    """pytest-django's, from a template: no run waits for migrations that an earlier one has seen."""
    with django_db_blocker.unblock():
        databases.set_up()
    yield
    with django_db_blocker.unblock():
        databases.tear_down()


@pytest.fixture(autouse=True)
def _set_up() -> Iterator[None]:
    """The installation is no fresh one, even without users, and speaks English; tests of other states say otherwise."""
    gate.assume(True)
    with translation.override("en"):  # a request leaves its language behind in its thread
        yield
    gate.assume(False)


@pytest.fixture
def alice(db: None) -> User:
    """Holds every area at the highest level."""
    user = add_user(email="alice@example.org", name="Alice Admin", password=PASSWORD)
    grant_all(user=user, level=Level.ADMIN)
    return user


@pytest.fixture
def bob(db: None) -> User:
    """May only look at people."""
    user = add_user(email="bob@example.org", name="Bob Member", password=PASSWORD)
    grant(user=user, area=Area.PEOPLE, level=Level.VIEW)
    return user


@pytest.fixture
def charlie(db: None) -> User:
    """Signed in, without a right."""
    return add_user(email="charlie@example.org", name="Charlie Stranger", password=PASSWORD)


@pytest.fixture
def mail_channel(db: None) -> Channel:
    """Django's own backend: what leaves is in ``mailoutbox``."""
    return Channel.objects.create(
        kind="house",
        name="Mail",
        medium="mail",
        is_default=True,
        settings={"from": "Moot <moot@example.org>"},
    )


def signed_in(user: User) -> Client:
    """A browser in which this user is signed in."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def as_alice(alice: User) -> Client:
    return signed_in(alice)


@pytest.fixture
def as_bob(bob: User) -> Client:
    return signed_in(bob)


@pytest.fixture
def as_charlie(charlie: User) -> Client:
    return signed_in(charlie)


@pytest.fixture
def as_nobody(db: None) -> Client:
    return Client()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The real communities' files, where they are at hand (``FOLKMOOT_REAL_DATA`` or beside the project)."""
    folder = Path(os.environ.get("FOLKMOOT_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the real communities' files are not beside the project")
    return folder
