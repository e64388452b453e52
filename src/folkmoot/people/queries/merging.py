"""What became of records that were merged; the merges themselves, for their list and pages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Count, Min, QuerySet
from django.utils.translation import gettext as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.rows import Rows, whole
from folkmoot.kernel.text import clean
from folkmoot.people.actions.merging.kinds import MergeKind
from folkmoot.people.models import Merge, MergedRow, Organization, Person, Project
from folkmoot.people.queries.candidates import candidates

R = TypeVar("R", Person, Organization, Project)


def current_numbers(model: type[models.Model], ids: Iterable[int]) -> dict[int, int]:
    """Where records are found now: number -> number of the record that stayed, along chains of merges.

    Only numbers that were merged away are in it; at most one query for each link of the longest chain.
    """
    found: dict[int, int] = {}
    open_ends = {pk: pk for pk in ids if pk <= models.BigIntegerField.MAX_BIGINT}
    while open_ends:  # a chain has an end: whoever went can stay for nobody
        rows = Merge.objects.filter(
            model=model._meta.label_lower, gone_id__in=set(open_ends.values()), undone_at=None
        ).order_by("pk")
        next_of = dict(rows.values_list("gone_id", "survivor_id"))
        open_ends = {asked: next_of[at] for asked, at in open_ends.items() if at in next_of}
        found |= open_ends
    return found


def find_current(model: type[R], pk: int) -> R | None:
    """The record with this number, or the one that it was merged into; ``None`` when there never was one, or it is
    gone. At most one query more than :func:`current_numbers`.
    """
    row: R | None = model._default_manager.filter(pk=pk).first()
    if row is not None:
        return row
    now = current_numbers(model, [pk]).get(pk)
    return None if now is None else model._default_manager.filter(pk=now).first()


def merged_away(model: type[models.Model], ids: Collection[int]) -> dict[int, str]:
    """Rows that are not there since a merge that can be undone has them, with the reason in words; two queries."""
    words = _("“%(merge)s” was merged: undo merge %(number)d first, and it is a record of its own again")
    aside = _("merge %(number)d laid it aside: undo that first")
    found = {}
    parked = MergedRow.objects.filter(
        model=model._meta.label_lower,
        row_id__in=[str(pk) for pk in ids],
        what=MergedRow.What.PARKED,
        merge__undone_at=None,
    )
    for row_id, number in parked.values_list("row_id", "merge"):
        found[int(row_id)] = aside % {"number": number}
    for merge in Merge.objects.filter(model=model._meta.label_lower, gone_id__in=ids, undone_at=None):
        found[merge.gone_id] = words % {"merge": merge, "number": merge.pk}
    return found


def merges() -> QuerySet[Merge]:
    """All merges, the newest first, with who made and undid them."""
    return Merge.objects.select_related("made_by", "undone_by").order_by("-made_at", "-pk")


def merges_of(record: Any) -> QuerySet[Merge]:
    """What was merged into this record, undone merges too."""
    return Merge.objects.filter(model=record._meta.label_lower, survivor_id=record.pk)


def waiting_since(kind: MergeKind) -> Rows:
    """How many candidates of a kind wait for a decision, and since when the oldest does: one row."""
    return Rows(whole(candidates(kind.word)), number=Count("pk"), oldest=Min("found_at"))


def found(queryset: QuerySet[Merge], words: str) -> QuerySet[Merge]:
    """Merges of records that are called so."""
    text = clean(words)
    return queryset.filter(models.Q(gone_name__icontains=text) | models.Q(survivor_name__icontains=text))


def decorate_merges(rows: list[Any]) -> None:
    """Set ``moved`` and ``parked`` (numbers of rows) on each merge; one query."""
    counted = (
        MergedRow.objects.filter(merge__in=[row.pk for row in rows])
        .order_by()
        .values_list("merge", "what")
        .annotate(Count("pk"))
    )
    numbers: dict[int, dict[str, int]] = defaultdict(dict)
    for merge, what, number in counted:
        numbers[merge][what] = number
    for row in rows:
        row.moved = numbers[row.pk].get(MergedRow.What.MOVED, 0)
        row.parked = numbers[row.pk].get(MergedRow.What.PARKED, 0)


def who_merged() -> list[tuple[str, str]]:
    """Number and name of everybody who ever merged; one query."""
    users = User.objects.filter(pk__in=Merge.objects.order_by().values("made_by"))
    return [(str(user.pk), str(user)) for user in users.order_by("name", "pk")]


@dataclass(frozen=True)
class Kept:
    """A row that a merge parked, for its page."""

    noun: str
    title: str
    left: str


@dataclass(frozen=True)
class MergePage:
    """What the page of one merge shows.

    Attributes:
        moved, parked: (what they are, how many), the most first.
        rows: the parked rows, at most ``SHOWN``.
        left: rows that an undo could not put back: what they are, and why.
    """

    merge: Merge
    survivor: Any
    gone: Any
    moved: list[tuple[str, int]]
    parked: list[tuple[str, int]]
    rows: list[Kept]
    left: list[Kept]
    batch: int


#: Rows shown one by one on the page of a merge.
SHOWN = 100


def merge_page(merge: Merge) -> MergePage:
    """What the page of a merge shows; a fixed number of queries, and one for each table that parked rows point at."""
    model: Any = apps.get_model(merge.model)
    there = model._default_manager.in_bulk([merge.survivor_id, merge.gone_id])
    survivor = there.get(merge.survivor_id) or find_current(model, merge.survivor_id)
    counted = (
        MergedRow.objects.filter(merge=merge)
        .order_by()
        .values_list("what", "model")
        .annotate(number=Count("pk"))
    )
    numbers: dict[str, Counter[str]] = defaultdict(Counter)
    for what, label, number in counted:
        numbers[what][noun_of(label, number)] += number
    parked = MergedRow.objects.filter(merge=merge, what=MergedRow.What.PARKED).order_by("number")
    left = MergedRow.objects.filter(merge=merge, data__has_key="left").order_by("number")
    batch = Merge.objects.filter(batch=merge.batch, undone_at=None).count() if merge.batch else 0
    return MergePage(
        merge=merge,
        survivor=survivor,
        gone=there.get(merge.gone_id),
        moved=numbers[MergedRow.What.MOVED].most_common(),
        parked=numbers[MergedRow.What.PARKED].most_common(),
        rows=_told(list(parked[:SHOWN])),
        left=_told(list(left[:SHOWN])),
        batch=batch,
    )


def noun_of(label: str, number: int = 2) -> str:
    """What the rows of a table are called, in the singular or plural; tags and kinds are links, called by what they
    lead to."""
    try:
        model = apps.get_model(label)
    except LookupError:
        return label
    if model._meta.auto_created:
        far = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)][-1]
        model = far.related_model
    return str(model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural)


def _told(rows: list[MergedRow]) -> list[Kept]:
    """Remembered rows by what they say of themselves and what they point at; one query for each table pointed at."""
    wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
    for row in rows:
        for target, value in _pointed_at(row):
            wanted[target].add(value)
    named = {target: target._base_manager.in_bulk(ids) for target, ids in wanted.items()}
    told = []
    for row in rows:
        names = [str(named[target][pk]) for target, pk in _pointed_at(row) if pk in named[target]]
        words = [
            str(value)
            for name, value in row.data.items()
            if isinstance(value, str) and value and name not in _SILENT
        ]
        title = " · ".join([*names, *words])[:200] or f"#{row.row_id}"
        told.append(Kept(noun_of(row.model, 1), title, row.data.get("left", "")))
    return told


#: What says nothing to a person about a row that was laid aside.
_SILENT = {"folded", "source", "created_at", "found_at", "asked_at", "made_at", "state", "left"}


def _pointed_at(row: MergedRow) -> list[tuple[type[models.Model], Any]]:
    """What a parked row points at, but people who use the house and the record that went."""
    try:
        model = apps.get_model(row.model)
    except LookupError:
        return []
    found: list[tuple[type[models.Model], Any]] = []
    for one in model._meta.concrete_fields:
        value = row.data.get(one.attname)
        target: Any = one.related_model
        if isinstance(one, models.ForeignKey) and value is not None and target is not User:
            found.append((target, value))
    return found
