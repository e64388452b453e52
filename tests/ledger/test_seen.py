"""When an identity was first and last seen is reckoned from activity: no edit that its history would tell."""

from __future__ import annotations

import datetime as dt

import pytest

from folkmoot.kernel import audit
from folkmoot.people.models import Identity
from tests.factories import IdentityFactory

pytestmark = pytest.mark.django_db


def test_being_seen_leaves_no_history_but_a_new_handle_does() -> None:
    identity = IdentityFactory()
    before = identity.history.count()
    identity.last_seen_at = dt.datetime(2026, 5, 4, tzinfo=dt.UTC)
    audit.bulk_update(Identity, [identity], ["last_seen_at"], reason="test")
    assert identity.history.count() == before
    identity.value = "other"
    audit.bulk_update(Identity, [identity], ["value", "last_seen_at"], reason="test")
    assert identity.history.count() == before + 1
    assert Identity.objects.get().last_seen_at == identity.last_seen_at
