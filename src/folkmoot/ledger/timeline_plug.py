"""What the ledger tells on the timelines of people and projects, and a project's newest items."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Count, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.plugs import (
    RecordPanel,
    TimelineEntry,
    TimelineGroup,
    TimelineSource,
    older,
    record_panels,
    timeline_sources,
)
from folkmoot.kernel.rows import Row, Rows
from folkmoot.kernel.ui.times import day
from folkmoot.ledger.models import Activity, Item
from folkmoot.people.public import Person

#: Newest items that a project's page shows.
ITEMS_SHOWN = 8
#: Items that are neither issues nor pull requests.
OTHER_KINDS = ("discussion", "release")
#: What has no day of its own stands below what has.
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
#: What is done to an item, by its kind, where a plain "Opened" would not say enough.
OPENED = {"issue": gettext_lazy("Opened issue"), "pull_request": gettext_lazy("Opened pull request")}


def group_key(kind: ActivityKind) -> str:
    """The group's word in an address, the same in every language."""
    with override("en"):
        return slugify(str(kind.group))


def of(record: Any) -> QuerySet[Activity]:
    """Everything that happened to a project, or that a person did under any identity."""
    if isinstance(record, Person):
        return Activity.objects.filter(identity__in=[one.pk for one in record.identities.all()])
    return Activity.objects.filter(project=record)


def counts(user: Any, record: Any) -> Rows:
    """How many activities of each kind there are; for a person whose identities were not prefetched, one query."""
    return Rows(of(record).order_by().values("kind"), "kind", most=None, number=Count("pk"))


def groups(rows: Sequence[Row]) -> Iterable[TimelineGroup]:
    """The groups of kinds and how many activities each holds."""
    numbers: dict[str, int] = defaultdict(int)
    labels: dict[str, Any] = {}
    for row in rows:
        if row["kind"] in activity_kinds:
            kind = activity_kinds.get(row["kind"])
            numbers[group_key(kind)] += row["number"]
            labels[group_key(kind)] = kind.group
    return [TimelineGroup(key, labels[key], numbers[key]) for key in sorted(numbers)]


def rows(
    user: Any, record: Any, group: str, before: tuple[dt.datetime, int] | None, limit: int
) -> Rows | None:
    """Activities, newest first; for a person whose identities were not prefetched, one query."""
    kinds = [kind.key for kind in activity_kinds if not group or group_key(kind) == group]
    if not kinds:
        return None
    people = {} if isinstance(record, Person) else {"person": "identity__person__name"}
    return Rows(
        older(of(record).filter(kind__in=kinds), "occurred_at", before),
        *("pk", "occurred_at", "kind", "detail", "item_id"),
        most=limit,
        project="project__name",
        item_kind="item__kind",
        title="item__title",
        external_id="item__external_id",
        url="item__url",
        source="item__source",
        state="item__state",
        closed_at="item__closed_at",
        **people,
    )


def tell(user: Any, record: Any, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each activity, on the page of whom or what it is about."""
    about_person = isinstance(record, Person)
    for row in rows:
        kind, detail = activity_kinds.get(row["kind"]), row["detail"]
        verb, title, url = kind.label, str(detail.get("title") or ""), ""
        meta: list[str] = []
        if row["item_id"] is not None:
            verb = OPENED.get(row["item_kind"], verb) if kind.is_item_opening else verb
            title, url = row["title"] or row["external_id"], row["url"]
            meta = [urlsplit(url).hostname or row["source"], _state(row)]
        place = ""
        if about_person:
            place = row["project"] or str(detail.get("place") or "")
        else:
            meta.insert(0, row["person"] or "")
        yield TimelineEntry(
            number=row["pk"],
            at=row["occurred_at"],
            group=group_key(kind),
            icon=kind.icon,
            verb=verb,
            title=title,
            url=url,
            after=_("in %(place)s") % {"place": place} if place else "",
            meta=tuple(filter(None, [*meta, *_days(detail), str(detail.get("by") or "")])),
        )


def _state(row: Row) -> str:
    state = Item.State(row["state"])
    label = str(state.label) if row["state"] else ""
    if row["closed_at"] and state in (Item.State.CLOSED, Item.State.MERGED):
        return f"{label} {day(row['closed_at'])}"
    return label


def _days(detail: dict[str, Any]) -> list[str]:
    """From when until when, where the detail says so."""
    words = []
    for key, text in (("started_on", _("from %(day)s")), ("ended_on", _("until %(day)s"))):
        try:
            words.append(text % {"day": day(dt.date.fromisoformat(detail.get(key) or ""))})
        except (TypeError, ValueError):
            continue
    return words


def newest_items(user: Any, record: Any) -> Rows:
    """A project's newest issues and pull requests."""
    items = Item.objects.filter(project=record).exclude(kind__in=OTHER_KINDS)
    return Rows(
        items.order_by("-opened_at", "-pk"),
        *("pk", "title", "source", "external_id", "url", "state", "opened_at"),
        most=ITEMS_SHOWN,
    )


def show_items(user: Any, record: Any, rows: Sequence[Row]) -> dict[str, Any] | None:
    """The card's lines, the newest first."""
    items = [
        {
            "title": row["title"] or f"{row['source']}/{row['external_id']}",
            "url": row["url"],
            "state": Item.State(row["state"]).label if row["state"] else "",
            "opened_at": row["opened_at"],
        }
        for row in sorted(rows, key=_newest, reverse=True)
    ]
    return {"items": items} if items else None


def _newest(row: Row) -> tuple[Any, int]:
    return row["opened_at"] or _NEVER, row["pk"]


timeline_sources.register(
    TimelineSource(
        key="ledger",
        records=frozenset({"people.person", "people.project"}),
        permission="people.view",
        counts=counts,
        groups=groups,
        rows=rows,
        tell=tell,
    )
)
record_panels.register(
    RecordPanel(
        key="ledger.items",
        record="people.project",
        title=gettext_lazy("Newest issues and pull requests"),
        permission="people.view",
        template="ledger/parts/newest_items.html",
        rows=newest_items,
        context=show_items,
    )
)
