"""Making the search index anew: resumable, complete, and nothing left over."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from folkmoot.kernel.imports.models import ColumnMapping
from folkmoot.kernel.imports.signals import rows_changed
from folkmoot.kernel.jobs.context import JobContext, JobReleased
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.search import jobs
from folkmoot.kernel.search.index import index
from folkmoot.kernel.search.kinds import Document, SearchKind, search_kinds
from folkmoot.kernel.search.models import SearchEntry, SearchSpelling

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_kinds, "_items", {})
    monkeypatch.setattr(jobs, "BATCH", 3)
    search_kinds.register(
        SearchKind(
            "mapping",
            "Mappings",
            "table",
            "people.view",
            "people",
            ColumnMapping,
            lambda ids: [
                Document(row.pk, row.source)
                for row in ColumnMapping.objects.filter(pk__in=ids).exclude(name="hidden")
            ],
        )
    )


def rows(count: int) -> list[ColumnMapping]:
    return ColumnMapping.objects.bulk_create(
        [ColumnMapping(source=f"River {n}", name="x") for n in range(count)]
    )


def entries() -> list[str]:
    return sorted(SearchEntry.objects.values_list("title", flat=True))


def running(arguments: dict[str, Any] | None = None) -> Job:
    return Job.objects.create(kind="search.rebuild", arguments=arguments or {}, state="running")


def test_every_record_is_indexed_and_gone_ones_leave() -> None:
    made = rows(7)
    index("mapping", [made[0].pk, made[6].pk])
    ColumnMapping.objects.filter(pk=made[0].pk).delete()
    ColumnMapping.objects.filter(pk=made[6].pk).update(name="hidden")
    SearchEntry.objects.create(
        kind="mapping", object_id=10**9, title="Left over", title_key="left over", words="left"
    )
    assert jobs.run_rebuild(JobContext(running()))["changed"] == 5 + 2
    assert entries() == [f"River {n}" for n in range(1, 6)]
    assert jobs.run_rebuild(JobContext(running({"kind": "mapping"})))["changed"] == 0


def test_a_killed_rebuild_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    rows(7)
    job = running()
    calls = []

    class Killed(JobContext):
        def checkpoint(self, cursor: Any, **more: Any) -> None:
            calls.append(cursor)
            if len(calls) == 2:
                raise JobReleased
            super().checkpoint(cursor, **more)

    with pytest.raises(JobReleased):
        jobs.run_rebuild(Killed(job))
    assert entries() == ["River 0", "River 1", "River 2"]
    job.refresh_from_db()
    assert jobs.run_rebuild(JobContext(job))["changed"] == 7
    assert entries() == [f"River {n}" for n in range(7)]


def test_words_are_learned_and_forgotten() -> None:
    rows(1)
    SearchSpelling.objects.create(form="erased", word="erased")
    outcome = jobs.run_rebuild(JobContext(running()))
    assert outcome == {"changed": 1, "words_forgotten": 1}
    assert set(SearchSpelling.objects.values_list("word", flat=True)) == {"river"}


def test_rebuild_queues_a_job(alice: object) -> None:
    job = jobs.rebuild("mapping", actor=None)
    assert (job.kind, job.arguments, job.state) == ("search.rebuild", {"kind": "mapping"}, "queued")
    with pytest.raises(LookupError):
        jobs.rebuild("unknown")


def test_setting_up_indexes_kinds_without_entries() -> None:
    assert jobs.index_new_kinds() == ""
    rows(5)
    assert jobs.index_new_kinds() == "Indexed for search: 5 mappings."
    assert jobs.index_new_kinds() == ""


def test_an_import_tells_the_index() -> None:
    made = rows(2)
    rows_changed.send(sender=None, model=ColumnMapping, ids=[row.pk for row in made])
    assert entries() == ["River 0", "River 1"]
    ColumnMapping.objects.all().delete()
    rows_changed.send(sender=None, model=ColumnMapping, ids=[row.pk for row in made])
    assert entries() == []


def test_one_slot_a_week() -> None:
    assert jobs.weekly(dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)) == "2026-W01"
    assert jobs.weekly(dt.datetime(2027, 1, 3, 12, tzinfo=dt.UTC)) == "2026-W53"
