"""Platforms that keep what they got, a writer, a channel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.outbox.models import Channel
from tests.publishing import platform
from tests.publishing.platform import Kept, make_channel


@pytest.fixture(autouse=True)
def platforms() -> Iterator[dict[str, Kept]]:
    """What each platform of :mod:`tests.publishing.platform` has got."""
    yield from platform.register()


@pytest.fixture
def channel(db: None) -> Channel:
    return make_channel()


@pytest.fixture
def wanda(db: None) -> User:
    """Writes drafts."""
    user = add_user(email="wanda@example.org", name="Wanda Writer", password="correct horse battery")
    grant(user=user, area=Area.PUBLISHING, level=Level.CONTRIBUTE)
    return user


@pytest.fixture
def mona(db: None) -> User:
    """Manages what is published."""
    user = add_user(email="mona@example.org", name="Mona Manager", password="correct horse battery")
    grant(user=user, area=Area.PUBLISHING, level=Level.MANAGE)
    return user


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Path:
    """A storage of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"
