"""People for the reports' tests."""

from __future__ import annotations

import pytest
from django.test import Client

from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from tests.conftest import signed_in


@pytest.fixture
def rita(db: None) -> User:
    """May only look at reports."""
    user = add_user(email="rita@example.org", name="Rita Reader")
    grant(user=user, area=Area.REPORTS, level=Level.VIEW)
    return user


@pytest.fixture
def as_rita(rita: User) -> Client:
    return signed_in(rita)
