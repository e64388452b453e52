"""What the page of a person, project or organisation costs when everything is there that any app knows of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.panels import panels_of
from folkmoot.kernel.plugs import record_panels, timeline_sources
from folkmoot.people.models import Person, ProjectFacts
from folkmoot.training.models import Event
from tests.factories import PersonFactory
from tests.known import FILLS, RECORDS, TELLS, fill
from tests.people.conftest import Register

pytestmark = pytest.mark.django_db

#: Session, user, rights, the community; the record; for a person identities, roles, organisations, tags, what sources
#: say, and all that other apps know of them in one; two more since a note mentions somebody. The others likewise.
QUERIES = {"person": 13, "project": 11, "organization": 14}


def test_every_source_and_card_has_its_line() -> None:
    assert sorted(TELLS) == sorted(source.key for source in timeline_sources)
    assert sorted(FILLS) == sorted(panel.key for panel in record_panels)


@pytest.mark.parametrize(
    ("key", "label"), [(source.key, label) for source in timeline_sources for label in sorted(source.records)]
)
def test_a_timeline_source_asks_nothing_beside_its_rows(
    key: str, label: str, alice: User, django_assert_num_queries: Any
) -> None:
    record = RECORDS[label]()
    for _number in range(2):
        TELLS[key](record)
    source = timeline_sources.get(key)
    assert alice.has_perm(source.permission)
    record = type(record).objects.prefetch_related(*_prefetched(record)).get()
    with django_assert_num_queries(0):
        counts, rows = source.counts(alice, record), source.rows(alice, record, "", None, 10)
    assert counts is not None
    assert rows is not None
    with django_assert_num_queries(2):
        counted, found = counts.read(), rows.read()
    with django_assert_num_queries(0):
        assert [group.count for group in source.groups(counted)] == [2]
        assert len(list(source.tell(alice, record, found))) == 2


def _prefetched(record: Any) -> list[str]:
    """What its page has read of a record before timelines and cards are asked."""
    return {Person: ["identities"], Event: ["kind"]}.get(type(record), [])


@pytest.mark.parametrize("key", sorted(FILLS))
def test_a_card_asks_nothing_beside_its_rows(key: str, alice: User, django_assert_num_queries: Any) -> None:
    panel = record_panels.get(key)
    record = RECORDS[panel.record]()
    assert [one["panel"] for one in panels_of(alice, record)] == []
    FILLS[key](record)
    record = type(record).objects.prefetch_related(*_prefetched(record)).get(pk=record.pk)
    with django_assert_num_queries(0):
        asked = panel.rows(alice, record)
    assert asked is not None
    rows = asked.read()
    with django_assert_num_queries(0):
        assert panel.context(alice, record, rows) is not None


@pytest.mark.parametrize("rows", [1, 3])
def test_with_everything_there(
    rows: int, register: Register, alice: User, as_alice: Client, django_assert_num_queries: Any
) -> None:
    PersonFactory(name="Alice", user=alice)
    ProjectFacts.objects.create(project=register.project, source="github", stars=3, read_at=clock.now())
    for _number in range(rows):
        fill(register.person, register.project, register.organization, alice)
    for name, queries in QUERIES.items():
        record = getattr(register, name)
        url = reverse(f"people:{name}", args=[record.pk])
        as_alice.get(url)
        with django_assert_num_queries(queries, info=name):
            page = as_alice.get(url)
        label = record._meta.label_lower
        assert {one["panel"].key for one in page.context["panels"]} == {
            panel.key for panel in record_panels if panel.record == label
        }
        told = {entry.group for entry in page.context["timeline"].entries}
        assert told >= {"notes", "messages", "merges"} | (
            {"contributions"} if name != "organization" else set()
        )
        assert '<a class="mention"' in page.content.decode()
