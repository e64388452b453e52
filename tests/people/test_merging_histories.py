"""Random histories of making, deciding, editing, merging (chains, all three kinds) and undoing newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from folkmoot.kernel import clock
from folkmoot.kernel.search.index import index
from folkmoot.kernel.search.kinds import search_kinds
from folkmoot.people.actions.merging import KINDS, MergeKind, keep_apart, merge_records, put_off, unmerge
from folkmoot.people.models import Merge
from tests.people.merging import SAMPLES, changes, dump, furniture
from tests.people.test_merging import FACTORIES, relations

#: Records of each kind, beside the third one that samples point at.
RECORDS = 4
number = st.integers(0, RECORDS - 1)
kind = st.sampled_from(KINDS)
made = st.tuples(st.just("make"), st.sampled_from(sorted(SAMPLES)), number)
decided = st.tuples(st.sampled_from(["apart", "later"]), kind, number, number)
edited = st.tuples(
    st.just("edit"), kind, number, st.sampled_from(["", "https://a.example", "https://b.example"])
)
merged = st.tuples(st.just("merge"), kind, number, number, st.sampled_from(["survivor", "gone", ""]))
histories = st.lists(st.one_of(made, made, decided, edited, merged, merged), min_size=5, max_size=18)
quick = settings(
    max_examples=10,
    phases=[Phase.explicit, Phase.generate],  # a history that fails is read as it is; shrinking takes minutes
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
Inverse = Callable[[], None]


class History:
    """A register of a few records of each kind; each step returns what takes it back, or ``None``: nothing was done."""

    def __init__(self) -> None:
        furniture()
        self.records = {
            kind: [FACTORIES[kind.model](name=f"{kind.word} {n}" + "x" * (n % 3)).pk for n in range(RECORDS)]
            for kind in KINDS
        }
        self.merges: list[Merge] = []
        self.made: set[tuple[str, Any]] = set()

    def row(self, kind: MergeKind, number: int) -> Any:
        return kind.model._default_manager.filter(pk=self.records[kind][number]).first()

    def do(self, step: tuple[Any, ...]) -> Inverse | None:
        inverse: Inverse | None = getattr(self, f"do_{step[0]}")(*step[1:])
        return inverse

    def do_make(self, name: str, number: int) -> Inverse | None:
        relation = relations()[name]
        owner = self.row(next(one for one in KINDS if one.model is relation.related_model), number)
        if owner is None:
            return None
        model: Any = relation.model
        there = set(model._base_manager.values_list("pk", flat=True))
        try:
            with transaction.atomic():
                row = SAMPLES[name][0](owner)
        except IntegrityError:  # it stands there already
            return None
        if row.pk in there:  # a link that is made twice is one
            return None
        self.made.add((row._meta.label_lower, row.pk))

        def back() -> None:
            type(row)._base_manager.filter(pk=row.pk).delete()
            find_everything()  # a link table's rows tell nobody when they are taken straight out of it

        return back

    def do_edit(self, kind: MergeKind, number: int, website: str) -> Inverse | None:
        row = self.row(kind, number)
        if row is None or row.website == website:
            return None
        before, row.website = row.website, website
        row.save()

        def back() -> None:
            row.website = before
            row.save()

        return back

    def _decide(self, what: str, kind: MergeKind, one: int, other: int) -> Inverse | None:
        first, second = self.row(kind, one), self.row(kind, other)
        if first is None or second is None or first == second:
            return None
        low, high = sorted((first.pk, second.pk))
        table: Any = kind.candidate.objects
        before = table.filter(first=low, second=high).values().first()
        if what == "apart":
            keep_apart(kind=kind, pairs=[(high, low)], actor=None)
        else:
            row, _made = table.get_or_create(first_id=low, second_id=high, defaults={"score": 0.5})
            put_off(kind=kind, candidates=[row.pk], until=clock.today() + dt.timedelta(days=9), actor=None)

        def back() -> None:
            rows = table.filter(first=low, second=high)
            rows.update(**before) if before else rows.delete()

        return back

    def do_apart(self, kind: MergeKind, one: int, other: int) -> Inverse | None:
        return self._decide("apart", kind, one, other)

    def do_later(self, kind: MergeKind, one: int, other: int) -> Inverse | None:
        return self._decide("later", kind, one, other)

    def do_merge(self, kind: MergeKind, one: int, other: int, choice: str) -> Inverse | None:
        survivor, gone = self.row(kind, one), self.row(kind, other)
        if survivor is None or gone is None:
            return None
        try:
            merge = merge_records(
                survivor=survivor, gone=gone, actor=None, choices={"name": choice} if choice else {}
            )
        except ValidationError as refusal:
            if refusal.code not in ("same", "different"):
                raise
            return None
        self.merges.append(merge)
        return lambda: unmerge(merge=merge, actor=None) and None


def find_everything() -> None:
    """Bring the search index up to date with rows that were laid straight into tables between records."""
    for kind in search_kinds:
        index(kind.key, list(kind.model._default_manager.values_list("pk", flat=True)))


def look() -> dict[str, Any]:
    """The register, the ledger and what the search knows."""
    return dump(only=("people", "ledger", "kernel.searchentry"))


def since(before: dict[str, Any]) -> dict[str, Any]:
    """What differs by now. Records of other areas that samples hang on, such as an event, are made when one is first
    needed and stay: only those that were there already are compared as the search knows them.
    """
    now, known = look(), {row[:2] for row in before["kernel.searchentry"]}
    areas = {kind.word for kind in KINDS}
    now["kernel.searchentry"] = [
        row for row in now["kernel.searchentry"] if row[0] in areas or row[:2] in known
    ]
    return changes(before, now)


@pytest.mark.django_db
@quick
@given(steps=histories)
def test_taken_back_step_by_step_the_database_is_as_it_was_at_each(steps: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        history = History()
        done: list[tuple[dict[str, Any] | None, Inverse]] = []
        for step in steps:
            before = None
            if step[0] == "merge":
                find_everything()
                before = look()
            inverse = history.do(step)
            if inverse is not None:
                done.append((before, inverse))
            elif before is not None:
                assert since(before) == {}
        for before, inverse in reversed(done):
            inverse()
            if before is not None:
                assert since(before) == {}
        transaction.set_rollback(True)


@pytest.mark.django_db
@quick
@given(
    setting=st.lists(st.one_of(made, made, decided), max_size=10),
    steps=st.lists(st.one_of(made, merged), max_size=12),
)
def test_what_was_added_meanwhile_stays_and_nothing_else_differs(
    setting: list[tuple[Any, ...]], steps: list[tuple[Any, ...]]
) -> None:
    with transaction.atomic():
        history = History()
        for step in setting:
            history.do(step)
        before = dump(only=("people", "ledger"))
        history.made.clear()
        for step in steps:
            history.do(step)
        for merge in reversed(history.merges):
            unmerge(merge=merge, actor=None)
        for label, (lost, added) in changes(before, dump(only=("people", "ledger"))).items():
            assert lost == []
            assert {(label, row[0]) for row in added} <= history.made
        transaction.set_rollback(True)
