"""Saving a record never waits for mails by rule: what they become is a job's to find out, however many parts somebody
has.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel.changes.models import ChangedRow
from folkmoot.mailing.models import MailRule, PlannedMail
from folkmoot.training.models import Event, Task
from tests.factories import EventFactory
from tests.mailing.conftest import NOW, person, work
from tests.training.conftest import part

pytestmark = pytest.mark.usefixtures("world")
#: The form's page and what saving it asks, together.
MOST = 30


def saved(client: Client, pk: int, bio: str) -> int:
    """Open a person's form and save it: how many queries that takes."""
    address = reverse("people:edit_person", args=[pk])
    with CaptureQueriesContext(connection) as asked:
        form = client.get(address).context["form"]
        said: dict[str, Any] = {field.html_name: field.value() for field in form}
        said = {name: value for name, value in said.items() if value not in (None, False, "")}
        assert client.post(address, said | {"bio": bio}).status_code == 302
    return len(asked)


def test_saving_a_person_who_teaches_everywhere(as_alice: Client, workshop: Event) -> None:
    ina = person("Ina")
    few = saved(as_alice, ina.pk, "Teaches.")
    events = [EventFactory(kind=workshop.kind, starts_on=workshop.starts_on) for _n in range(40)]
    Task.objects.bulk_create(Task(event=event, person=ina, kind=part("instructor")) for event in events)
    MailRule.objects.update(is_active=True, active_since=NOW, ready_at=NOW)
    ChangedRow.objects.all().delete()
    assert saved(as_alice, ina.pk, "Teaches everywhere.") == few <= MOST
    assert (PlannedMail.objects.count(), ChangedRow.objects.exists()) == (0, True)
    work()
    assert ChangedRow.objects.count() == 0


def test_saving_an_event_and_a_part(as_alice: Client, workshop: Event) -> None:
    """Equal queries with all rules switched on and with none: what is planned comes with the job."""
    task = Task.objects.create(event=workshop, person=person("Ina"), kind=part("instructor"))
    address = reverse("training:edit_part", args=[task.pk])
    costs = []
    for number, is_active in enumerate((False, True)):
        MailRule.objects.update(is_active=is_active, active_since=NOW, ready_at=NOW)
        said = {"kind": task.kind_id, "state": "confirmed", "attended": "unknown", "note": f"Note {number}"}
        with CaptureQueriesContext(connection) as asked:
            assert as_alice.post(address, said).status_code == 302
        costs.append(len(asked))
        assert PlannedMail.objects.count() == 0
    assert costs[0] == costs[1]
    work()
    assert set(PlannedMail.objects.values_list("rule__slug", flat=True)) == {
        "training.ask-for-website",
        "training.instructor-part-noted",
    }
