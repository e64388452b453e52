"""Bringing rows of any table in line with a source, again and again, while people edit them here."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.models import ImportRun, RunState, SeenRecord
from folkmoot.kernel.imports.seen import Wanted, bring, note_seen, rows_of
from folkmoot.kernel.imports.sources import Row
from folkmoot.kernel.text import fold
from folkmoot.people.models import Person, RoleKind, Team, Term
from tests.people.importing import undone

pytestmark = pytest.mark.django_db


def changes() -> Changes:
    return Changes(ImportRun.objects.create(source="amy", origin="amy.json", path="", state=RunState.APPLIED))


def teams(into: Changes, *wanted: Wanted) -> dict[str, Team]:
    return bring(
        into,
        source="amy",
        model=Team,
        wanted=wanted,
        counter="teams",
        reckon=lambda row: {"folded": fold(row.name)},
    )


def said(key: str = "t/1", found: Team | None = None, **values: Any) -> Wanted:
    values = {"name": "Council", "description": "Meets weekly.", "seats": None} | values
    return Wanted(key, values, found=found, row=Row("amy.json", 7, {"pk": "1"}), names={"seats": "chairs"})


def first(**values: Any) -> Team:
    return teams(changes(), said(**values))["t/1"]


def test_made_once_and_nothing_the_second_time() -> None:
    row = first()
    assert (row.name, row.folded, row.description) == ("Council", "council", "Meets weekly.")
    again = changes()
    assert teams(again, said()) == {"t/1": row}
    assert again.counts == {"created": {}, "updated": {}, "unchanged": {"teams": 1}}
    assert again.rejections == []
    assert rows_of("amy", ["t/1", "t/2"]) == {"t/1": row.pk}
    assert rows_of("other", ["t/1"]) == {}


def test_what_the_source_changed_is_taken_and_what_is_reckoned_follows() -> None:
    first()
    now = changes()
    row = teams(now, said(name="Board", seats=5))["t/1"]
    row.refresh_from_db()
    assert (row.name, row.folded, row.seats) == ("Board", "board", 5)
    assert now.counts["updated"] == {"teams": 1}


def test_what_the_source_takes_back_goes_too() -> None:
    first(seats=5)
    row = teams(changes(), said(description="", seats=None))["t/1"]
    row.refresh_from_db()
    assert (row.description, row.seats) == ("", None)


def test_what_a_reading_says_nothing_of_is_still_what_was_said_last() -> None:
    """An API says less than a dump: the dump after it is compared with the dump before."""
    row = first(seats=5)
    teams(changes(), Wanted("t/1", {"name": "Council"}))
    now = changes()
    teams(now, said(seats=6, description="Meets weekly."))
    row.refresh_from_db()
    assert (row.seats, now.rejections) == (6, [])


def test_what_was_edited_here_stays_while_the_source_says_the_same() -> None:
    row = first()
    Team.objects.filter(pk=row.pk).update(description="Meets monthly.", seats=3)
    now = changes()
    row = teams(now, said())["t/1"]
    row.refresh_from_db()
    assert (row.description, row.seats) == ("Meets monthly.", 3)
    assert now.counts["updated"] == {}
    assert now.rejections == []


def test_what_both_changed_stays_and_is_listed_once() -> None:
    row = first(seats=4)
    Team.objects.filter(pk=row.pk).update(seats=3)
    now = changes()
    row = teams(now, said(seats=9, description="New."))["t/1"]
    row.refresh_from_db()
    assert (row.seats, row.description) == (3, "New.")
    assert [(one.file, one.line, one.field) for one in now.rejections] == [("amy.json", 7, "chairs")]
    assert "“9” now; here it is “3”" in now.rejections[0].reason
    again = changes()
    teams(again, said(seats=9, description="New."))
    assert again.rejections == []
    assert again.counts["updated"] == {}


def test_what_both_changed_to_the_same_is_nothing_to_list() -> None:
    row = first(seats=4)
    Team.objects.filter(pk=row.pk).update(seats=9)
    now = changes()
    teams(now, said(seats=9))
    assert now.rejections == []
    teams(now, said(seats=10))  # and from here on it is the source's again
    row.refresh_from_db()
    assert row.seats == 10


def test_what_was_removed_here_stays_removed_until_it_is_back() -> None:
    row = first()
    pk = row.pk
    Team.objects.filter(pk=pk).delete()
    now = changes()
    assert teams(now, said(name="Board")) == {}
    assert not Team.objects.exists()
    assert SeenRecord.objects.get().is_gone
    assert rows_of("amy", ["t/1"]) == {}
    assert teams(changes(), said()) == {}
    Team.objects.create(pk=pk, name="Council")  # as an undo of a merge brings it back
    assert set(teams(changes(), said())) == {"t/1"}
    assert rows_of("amy", ["t/1"]) == {"t/1": pk}


def test_a_row_that_was_here_before_is_filled_and_not_replaced() -> None:
    here = Team.objects.create(name="Council", description="Ours.")
    now = changes()
    assert teams(now, said(found=here, seats=5)) == {"t/1": here}
    here.refresh_from_db()
    assert (here.description, here.seats) == ("Ours.", 5)
    assert now.rejections == []
    now = changes()
    teams(now, said(description="Theirs, later.", seats=6))
    here.refresh_from_db()
    assert (here.description, here.seats) == ("Ours.", 6)
    assert [one.field for one in now.rejections] == ["description"]


def test_undo_takes_back_rows_and_what_is_remembered_of_them() -> None:
    run = changes()
    teams(run, said(seats=4))
    later = changes()
    teams(later, said(seats=5), said("t/2", name="Other"))
    undone(later.run)
    assert list(Team.objects.values_list("name", "seats")) == [("Council", 4)]
    assert rows_of("amy", ["t/1", "t/2"]).keys() == {"t/1"}
    again = changes()
    teams(again, said(seats=5))
    assert again.rejections == []
    assert Team.objects.get().seats == 5
    undone(again.run)
    undone(run.run)
    assert not Team.objects.exists()
    assert not SeenRecord.objects.exists()


def test_dates_and_references_are_compared_as_what_they_are() -> None:
    ana, bo = (Person.objects.create(name=name) for name in ("Ana", "Bo"))
    kind = RoleKind.objects.create(slug="editor", name="Editor")

    def term(into: Changes, **values: Any) -> Term:
        values = {
            "person_id": ana.pk,
            "role_kind_id": kind.pk,
            "started_on": "2024-01-02",
            "ended_on": None,
        } | values
        return bring(
            into,
            source="amy",
            model=Term,
            counter="terms",
            wanted=[Wanted("r/1", values, fixed={"source": "amy"})],
        )["r/1"]

    row = term(changes())
    row.refresh_from_db()
    assert (row.started_on, row.source) == (dt.date(2024, 1, 2), "amy")
    again = changes()
    term(again, started_on=dt.date(2024, 1, 2))
    assert again.counts["unchanged"] == {"terms": 1}
    row = term(changes(), person_id=str(bo.pk), ended_on="2024-05-06")
    row.refresh_from_db()
    assert (row.person_id, row.ended_on) == (bo.pk, dt.date(2024, 5, 6))


def test_a_value_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError):
        teams(changes(), said(seats="many"))


def test_nothing_can_be_read_from_what_is_remembered() -> None:
    first(description="A secret of Ana's")
    kept = SeenRecord.objects.values().get()
    assert "secret" not in str(kept)
    assert kept["said"].keys() == {"name", "description", "seats"}


def test_rows_that_another_way_keeps_up_to_date_are_remembered_too() -> None:
    one, other = Team.objects.create(name="One"), Team.objects.create(name="Other")
    note_seen(changes(), source="amy", model=Team, rows={"t/1": one.pk})
    assert rows_of("amy", ["t/1"]) == {"t/1": one.pk}
    note_seen(changes(), source="amy", model=Team, rows={"t/1": other.pk})
    assert rows_of("amy", ["t/1"]) == {"t/1": other.pk}


@pytest.mark.parametrize("number", [3, 300])
def test_a_chunk_takes_a_fixed_number_of_statements(number: int) -> None:
    def all_of(word: str) -> list[Wanted]:
        return [said(f"t/{n}", name=f"Team {n}", description=word) for n in range(number)]

    counted = []
    for word in ("new", "new", "changed"):
        with CaptureQueriesContext(connection) as queries:
            teams(changes(), *all_of(word))
        counted.append(len(queries))
    assert counted == [9, 3, 12]
