"""How merging joins the house; loaded by ``plugs``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.names import name_of
from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.imports.undo import whereabouts
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.plugs import (
    Command,
    NavEntry,
    TimelineEntry,
    TimelineSource,
    TodayItem,
    TodaySource,
    commands,
    counted,
    navigation,
    older,
    one_group,
    timeline_sources,
    today_sources,
)
from folkmoot.kernel.rows import Row, Rows
from folkmoot.people.actions.merging import KINDS, batches
from folkmoot.people.actions.merging.kinds import MergeKind
from folkmoot.people.queries import merging as queries

_REGISTER = _("Register")

whereabouts.append(queries.merged_away)

for _kind in (
    ActivityKind("people.merged", _("Merged:"), "sign-merge-left", _REGISTER),
    ActivityKind("people.unmerged", _("Merge undone:"), "signpost-split", _REGISTER),
):
    activity_kinds.register(_kind)

navigation.register(
    NavEntry(
        "people.duplicates",
        _("Duplicates"),
        "people:candidates_first",
        "",
        "people.manage",
        "people",
        order=8,
    )
)
commands.register(
    Command(
        "people.duplicates",
        _("Go to likely duplicates"),
        "people:candidates_first",
        "people.manage",
        order=102,
    )
)
job_kinds.register(
    JobKind(
        batches.MERGE_JOB,
        _("Merging a large group"),
        batches.run_merges,
        permission="people.manage",
        url=lambda job: reverse("people:merges") + f"?batch={job.arguments['batch']}",
    )
)
job_kinds.register(
    JobKind(
        batches.UNDO_JOB,
        _("Undoing many merges"),
        batches.run_undo,
        permission="people.manage",
        url=lambda job: reverse("people:merges") + f"?batch={job.arguments['batch']}",
    )
)


def waiting_duplicates(kind: MergeKind) -> TodaySource:
    """Tells how many likely duplicates of a kind of record wait for a decision."""

    def tell(user: Any, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
        for row in rows:
            if row["number"]:
                yield _duplicates(kind, row["number"], row["oldest"])

    return TodaySource(
        f"people.duplicates.{kind.word}",
        "people",
        "people.manage",
        lambda user, now: queries.waiting_since(kind),
        tell,
        order=40,
    )


def _duplicates(kind: MergeKind, number: int, oldest: dt.datetime) -> TodayItem:
    title = {
        "person": ngettext("%(n)d pair of people may be one", "%(n)d pairs of people may be one", number),
        "organisation": ngettext(
            "%(n)d pair of organisations may be one", "%(n)d pairs of organisations may be one", number
        ),
        "project": ngettext(
            "%(n)d pair of projects may be one", "%(n)d pairs of projects may be one", number
        ),
    }[kind.word]
    return TodayItem(
        key=f"people.duplicates:{kind.word}",
        area="people",
        area_label=_("People"),
        title=title % {"n": number},
        why=_now("Records that look alike are never merged without a person."),
        since=oldest,
        action_label=_("Decide"),
        action_url=reverse("people:candidates", args=[kind.word]),
        badge=_now("duplicates"),
        tone="new",
        icon="sign-merge-left",
    )


for _kind_of_record in KINDS:
    today_sources.register(waiting_duplicates(_kind_of_record))

MERGES = "merges"


def merge_rows(
    user: Any, record: Any, group: str, before: tuple[dt.datetime, int] | None, limit: int
) -> Rows | None:
    """What was merged into this record, and when."""
    if group not in ("", MERGES):
        return None
    merges = older(queries.merges_of(record), "made_at", before)
    return Rows(merges, *("pk", "made_at", "gone_name", "undone_at"), most=limit, who=name_of("made_by"))


def tell_merges(user: Any, record: Any, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each merge."""
    for row in rows:
        yield TimelineEntry(
            number=row["pk"],
            at=row["made_at"],
            group=MERGES,
            icon="sign-merge-left",
            verb=_("Merged with"),
            title=row["gone_name"],
            url=reverse("people:merge", args=[row["pk"]]),
            after=_now("undone since") if row["undone_at"] else "",
            meta=(row["who"],) if row["who"] else (),
        )


timeline_sources.register(
    TimelineSource(
        key="people.merges",
        records=frozenset(kind.label for kind in KINDS),
        permission="people.manage",
        counts=lambda user, record: counted(queries.merges_of(record)),
        groups=one_group(MERGES, _("Merges")),
        rows=merge_rows,
        tell=tell_merges,
    )
)
