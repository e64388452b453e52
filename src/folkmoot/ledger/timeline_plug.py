"""What the ledger tells on the timelines of people and projects, and a project's newest items."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
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
    record_panels,
    timeline_sources,
)
from folkmoot.kernel.ui.times import day
from folkmoot.ledger.models import Activity, Item
from folkmoot.people.public import Person

#: Newest items that a project's page shows.
ITEMS_SHOWN = 8
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


def groups(user: Any, record: Any) -> Iterable[TimelineGroup]:
    """The groups of kinds and how many activities each holds; one query over an index; for a person whose
    identities were not prefetched, two."""
    numbers: dict[str, int] = defaultdict(int)
    labels: dict[str, Any] = {}
    counted = of(record).order_by().values_list("kind").annotate(Count("pk"))
    for key, number in counted:
        if key in activity_kinds:
            kind = activity_kinds.get(key)
            numbers[group_key(kind)] += number
            labels[group_key(kind)] = kind.group
    return [TimelineGroup(key, labels[key], numbers[key]) for key in sorted(numbers)]


def entries(
    user: Any, record: Any, group: str, before: tuple[dt.datetime, int] | None, limit: int
) -> Iterable[TimelineEntry]:
    """Activities, newest first; one query, for a person whose identities were not prefetched two."""
    kinds = [kind.key for kind in activity_kinds if not group or group_key(kind) == group]
    if not kinds:
        return []
    found = of(record).filter(kind__in=kinds).select_related("item", "project")
    if before is not None:
        at, number = before
        found = found.filter(occurred_at__lte=at).exclude(occurred_at=at, pk__gte=number)
    about_person = isinstance(record, Person)
    if not about_person:
        found = found.select_related("item", "project", "identity__person")
    return [_entry(activity, about_person) for activity in found.order_by("-occurred_at", "-pk")[:limit]]


def _entry(activity: Activity, about_person: bool) -> TimelineEntry:
    kind, detail, item = activity_kinds.get(activity.kind), activity.detail, activity.item
    verb, title, url = kind.label, str(detail.get("title") or ""), ""
    meta: list[str] = []
    if item is not None:
        verb = OPENED.get(item.kind, verb) if kind.is_item_opening else verb
        title, url = item.title or item.external_id, item.url
        meta = [urlsplit(item.url).hostname or item.source, _state(item)]
    place = (activity.project.name if activity.project else "") or str(detail.get("place") or "")
    if not about_person:
        place = ""
        meta.insert(0, activity.identity.person.name if activity.identity else "")
    return TimelineEntry(
        number=activity.pk,
        at=activity.occurred_at,
        group=group_key(kind),
        icon=kind.icon,
        verb=verb,
        title=title,
        url=url,
        after=_("in %(place)s") % {"place": place} if place else "",
        meta=tuple(filter(None, [*meta, *_days(detail), str(detail.get("by") or "")])),
    )


def _state(item: Item) -> str:
    state = str(item.get_state_display()) if item.state else ""
    if item.closed_at and item.state in (Item.State.CLOSED, Item.State.MERGED):
        return f"{state} {day(item.closed_at)}"
    return state


def _days(detail: dict[str, Any]) -> list[str]:
    """From when until when, where the detail says so."""
    words = []
    for key, text in (("started_on", _("from %(day)s")), ("ended_on", _("until %(day)s"))):
        try:
            words.append(text % {"day": day(dt.date.fromisoformat(detail.get(key) or ""))})
        except (TypeError, ValueError):
            continue
    return words


def newest_items(user: Any, record: Any) -> dict[str, Any] | None:
    """A project's newest issues and pull requests; one query."""
    items = list(Item.objects.filter(project=record).order_by("-opened_at", "-pk")[:ITEMS_SHOWN])
    return {"items": items} if items else None


timeline_sources.register(
    TimelineSource(
        key="ledger",
        records=frozenset({"people.person", "people.project"}),
        permission="people.view",
        groups=groups,
        entries=entries,
    )
)
record_panels.register(
    RecordPanel(
        key="ledger.items",
        record="people.project",
        title=gettext_lazy("Newest issues and pull requests"),
        permission="people.view",
        template="ledger/parts/newest_items.html",
        context=newest_items,
    )
)
