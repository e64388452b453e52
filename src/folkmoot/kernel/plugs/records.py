"""What other apps tell on the page of a record: entries of its timeline, cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, QuerySet

from folkmoot.kernel.registry import Registry
from folkmoot.kernel.rows import Row, Rows, whole

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User


@dataclass(frozen=True)
class TimelineEntry:
    """One line of a record's timeline: ``verb`` **title** ``after``, and below it the day and ``meta``.

    Attributes:
        number: positive and unique in its source; orders what happened at the same moment.
        group: the filter it stands under, a key that the source's ``groups`` names.
        url: where ``title`` leads, if anywhere.
        body: longer text (a note), shown as written, line breaks kept.
        actions: what the reader may do with it: (label, address of a form), most often none.
    """

    number: int
    at: dt.datetime
    group: str
    icon: str
    verb: Any
    title: str = ""
    url: str = ""
    after: str = ""
    meta: tuple[str, ...] = ()
    body: str = ""
    actions: tuple[tuple[Any, str], ...] = ()


@dataclass(frozen=True)
class TimelineGroup:
    """A filter of the timeline and how many entries it holds. Groups of the same key are added up."""

    key: str
    label: Any
    count: int


@dataclass(frozen=True)
class TimelineSource:
    """What one app knows of what happened to a record. A page reads the rows of all sources in one statement.

    Attributes:
        records: the labels of the models it tells of ("people.person", "people.project").
        counts: ``counts(user, record)``: rows from which ``groups`` makes the filters; it runs no query.
        groups: ``groups(rows)``: the filters, with their counts.
        rows: ``rows(user, record, group, before, limit)``: ``limit`` rows, newest first (by time, then number), of one
            group or (``""``) of all, older than ``before``: a pair of time and number that they must be smaller than,
            or ``None`` (see :func:`older`). ``None`` where the group is another source's. It runs no query.
        tell: ``tell(user, record, rows)`` makes an entry of each row, or several, and of what the record itself says;
            entries of other groups, and those not older than ``before``, are left out by whoever asks.
    """

    key: str
    records: frozenset[str]
    permission: str
    counts: Callable[[User, Any], Rows | None]
    groups: Callable[[Sequence[Row]], Iterable[TimelineGroup]]
    rows: Callable[[User, Any, str, tuple[dt.datetime, int] | None, int], Rows | None]
    tell: Callable[[User, Any, Sequence[Row]], Iterable[TimelineEntry]]
    order: int = 0


def older(queryset: QuerySet[Any], at: str, before: tuple[dt.datetime, int] | None) -> QuerySet[Any]:
    """For sources of timelines: the rows smaller than a pair of time and number, newest first.

    Args:
        at: the field with their time.
    """
    if before is not None:
        moment, number = before
        queryset = queryset.filter(**{f"{at}__lte": moment}).exclude(**{at: moment, "pk__gte": number})
    return queryset.order_by(f"-{at}", "-pk")


def counted(queryset: QuerySet[Any]) -> Rows:
    """For sources of timelines: how many rows there are, as the one row that :func:`one_group` reads."""
    return Rows(whole(queryset), number=Count("pk"))


def one_group(key: str, label: Any) -> Callable[[Sequence[Row]], list[TimelineGroup]]:
    """For sources of timelines with one filter."""
    return lambda rows: [TimelineGroup(key, label, sum(row["number"] for row in rows))]


timeline_sources: Registry[TimelineSource] = Registry("timeline source")


@dataclass(frozen=True)
class RecordPanel:
    """A card on the page of a record that another app fills: a project's items, a person's gifts.

    Attributes:
        record: the label of the model ("people.project").
        template: what the card holds, rendered with what ``context`` returns.
        rows: ``rows(user, record)``: what the card needs; it runs no query. A page reads the rows of all its cards, and
            of the timeline, in one statement.
        context: ``context(user, record, rows)``; ``None`` when there is nothing to show. It runs no query.
        wide: it stands in the middle, below the timeline, instead of at the side.
    """

    key: str
    record: str
    title: Any
    permission: str
    template: str
    rows: Callable[[User, Any], Rows | None]
    context: Callable[[User, Any, Sequence[Row]], dict[str, Any] | None]
    wide: bool = False
    order: int = 0


record_panels: Registry[RecordPanel] = Registry("record panel")
