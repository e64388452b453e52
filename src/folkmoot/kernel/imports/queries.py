"""Every read of imports that pages, commands and Today share."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports.changes import Counts, counters_of, no_counts
from folkmoot.kernel.imports.models import ImportChange, ImportRun, RejectedRow, RunState
from folkmoot.kernel.imports.sources import Source, parts_of, sources
from folkmoot.kernel.rows import Rows


def sources_for(user: User) -> list[Source]:
    """The sources that the user may import."""
    return [source for source in sources if user.has_perm(source.permission)]


def runs_for(user: User, *, source: str = "", state: str = "") -> QuerySet[ImportRun]:
    """The imports of sources that the user may import, newest first, with ``open_rejected`` counted."""
    runs = ImportRun.objects.filter(source__in=[s.key for s in sources_for(user)])
    if source:
        runs = runs.filter(source=source)
    if state:
        runs = runs.filter(state=state)
    counted = Count("rejected", filter=Q(rejected__dismissed_at=None))
    return (
        runs.select_related("created_by", "job")
        .annotate(open_rejected=counted)
        .order_by("-created_at", "-pk")
    )


def rejected_of(run: ImportRun) -> QuerySet[RejectedRow]:
    """The rows and values that an import left out, in the order of its files."""
    return RejectedRow.objects.filter(run=run).order_by("file", F("line").asc(nulls_first=True), "pk")


def kept_of(run: ImportRun) -> QuerySet[ImportChange]:
    """What an undo left as it is."""
    return ImportChange.objects.filter(run=run).exclude(kept_reason="").order_by("-pk")


def describe(changes: list[ImportChange]) -> list[dict[str, str]]:
    """What each change is about, in words: its kind, its name, the reason it was kept. One query for each model."""
    ids: dict[str, set[int]] = {}
    for change in changes:
        ids.setdefault(change.model, set()).add(change.object_id)
    rows: dict[tuple[str, int], Any] = {}
    kinds: dict[str, str] = {}
    for label, wanted in ids.items():
        try:
            model = apps.get_model(label)
        except LookupError:
            kinds[label] = label
            continue
        kinds[label] = str(model._meta.verbose_name)
        foreign = [f.name for f in model._meta.concrete_fields if f.many_to_one]
        for pk, row in model._base_manager.select_related(*foreign).in_bulk(wanted).items():
            rows[label, pk] = row
    return [
        {
            "kind": kinds[change.model],
            "name": str(rows.get((change.model, change.object_id), f"#{change.object_id}")),
            "reason": change.kept_reason,
        }
        for change in changes
    ]


def counts_of(run: ImportRun) -> Counts:
    """What an import did, or would do while it waits, in the order in which its parts declare their counters."""
    kept = (run.preview if run.state == RunState.STAGED and run.preview else run.counts) or {}
    # PostgreSQL keeps JSON's keys in an order of its own: first the declared counters, in their parts' order.
    names = list(counters_of(parts_of(sources.get(run.source)))) if run.source in sources else []
    names += sorted({name for numbers in kept.values() for name in numbers} - set(names))
    return {
        what: {name: kept[what][name] for name in names if name in kept.get(what, {})} for what in no_counts()
    }


def result(run: ImportRun) -> dict[str, Any]:
    """``{"created", "updated", "unchanged", "rejected": [{"file", "line", "field", "reason"}, …]}``.

    For an import that was only tried out: what applying would do. For a refused one: the file's problem is the one
    rejection.
    """
    rejected: list[Any] = list(rejected_of(run).values("file", "line", "field", "reason"))
    if run.state == RunState.REFUSED and run.error:
        rejected = [run.error]
    return {**counts_of(run), "rejected": rejected}


def to_mend(user: User) -> Rows:
    """Applied imports with rejected rows that nobody has laid aside, oldest first: how many (``number``), and where the
    first is (``file``, ``line``).
    """
    first = RejectedRow.objects.filter(run=OuterRef("pk"), dismissed_at=None).order_by(
        "file", F("line").asc(nulls_first=True), "pk"
    )
    number = first.order_by().values("run").annotate(number=Count("pk")).values("number")
    runs = ImportRun.objects.filter(source__in=[s.key for s in sources_for(user)], state=RunState.APPLIED)
    return Rows(
        runs.filter(Exists(first)).order_by("applied_at", "pk"),
        *("pk", "origin", "applied_at", "created_at", "created_by_id"),
        number=Subquery(number),
        file=Subquery(first.values("file")[:1]),
        line=Subquery(first.values("line")[:1]),
    )
