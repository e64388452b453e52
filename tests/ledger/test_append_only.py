"""What happened stays as it was: the database refuses, in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from folkmoot.ledger.models import Activity, AppendOnly
from tests.factories import ActivityFactory, IdentityFactory, ItemFactory, ProjectFactory

pytestmark = pytest.mark.django_db

FIXED = [
    ("kind", "item.closed"),
    ("occurred_at", dt.datetime(2020, 1, 1, tzinfo=dt.UTC)),
    ("source", "elsewhere"),
    ("external_id", "another"),
]


@pytest.mark.parametrize(("field", "value"), FIXED)
def test_a_fixed_field_cannot_be_saved_anew(field: str, value: Any) -> None:
    activity = ActivityFactory()
    before = Activity.objects.values().get()
    setattr(activity, field, value)
    with pytest.raises(AppendOnly, match="record a new activity"), transaction.atomic():
        activity.save()
    assert Activity.objects.values().get() == before


@pytest.mark.parametrize(("field", "value"), FIXED)
def test_a_fixed_field_cannot_be_updated_in_bulk(field: str, value: Any) -> None:
    activity = ActivityFactory()
    before = Activity.objects.values().get()
    with pytest.raises(AppendOnly), transaction.atomic():
        Activity.objects.update(**{field: value})
    setattr(activity, field, value)
    with pytest.raises(AppendOnly), transaction.atomic():
        Activity.objects.bulk_update([activity], [field])
    assert Activity.objects.values().get() == before


def test_an_activity_stays_with_its_identity() -> None:
    activity = ActivityFactory()
    for other in (IdentityFactory().pk, None):
        with pytest.raises(AppendOnly), transaction.atomic():
            Activity.objects.filter(pk=activity.pk).update(identity_id=other)
    assert Activity.objects.get().identity_id == activity.identity_id


def test_sql_that_passes_by_the_models_is_refused_too() -> None:
    ActivityFactory()
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE ledger_activity SET kind = 'other'")
    assert Activity.objects.get().kind == "item.opened"


def test_references_and_details_may_follow_a_merge() -> None:
    activity = ActivityFactory()
    project, item = ProjectFactory(), ItemFactory()
    activity.project, activity.item, activity.detail = project, item, {"note": "moved"}
    activity.save()
    found = Activity.objects.get()
    assert (found.project_id, found.item_id, found.detail) == (project.pk, item.pk, {"note": "moved"})


def test_an_import_can_be_undone_so_rows_may_go() -> None:
    ActivityFactory()
    Activity.objects.all().delete()
    assert Activity.objects.count() == 0


def test_other_refusals_of_the_database_keep_their_own_name() -> None:
    ActivityFactory(external_id="one")
    with pytest.raises(IntegrityError), transaction.atomic():
        ActivityFactory(external_id="one")
