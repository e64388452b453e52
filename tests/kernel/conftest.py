"""Whole databases for tests of operations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.kernel.houses import Houses


@pytest.fixture(scope="session")
def _all_houses(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[Houses]:
    made = Houses(tmp_path_factory.mktemp("houses"), connection.vendor)
    yield made
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        made.tear_down()


@pytest.fixture
def houses(_all_houses: Houses, db: None) -> Iterator[Houses]:
    """Makes databases of their own, empty or migrated."""
    _all_houses.lend()
    yield _all_houses
    _all_houses.take_back()
