"""What the pages of reviews declare: kinds of activity, navigation, commands, search, calendar, timeline, panels."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.plugs import (
    CalendarEntry,
    CalendarSource,
    Command,
    NavEntry,
    RecordPanel,
    TimelineSource,
    TodayItem,
    TodaySource,
    calendar_sources,
    commands,
    counted,
    navigation,
    one_group,
    record_panels,
    timeline_sources,
    today_sources,
)
from folkmoot.kernel.rows import Row, Rows
from folkmoot.kernel.search.kinds import Document, Follow, Naming, SearchKind, search_kinds
from folkmoot.people.public import belongs_to_history
from folkmoot.reviews import mentions as _mentions  # noqa: F401 - registers the kind of notice
from folkmoot.reviews.models import (
    Assignment,
    HoldUpRule,
    LabelMeaning,
    Programme,
    Stage,
    Submission,
    SubmissionNote,
)
from folkmoot.reviews.queries import panels, timeline
from folkmoot.reviews.queries.calendar import holds_to_revisit, reviews_due

_REVIEWS = _("Reviews")

for _kind in (
    ActivityKind("reviews.opened", _("Submitted"), "box-arrow-in-right", _REVIEWS),
    ActivityKind("reviews.stage", _("Entered a stage:"), "arrow-right-circle", _REVIEWS),
    ActivityKind("reviews.accepted", _("Was accepted:"), "patch-check", _REVIEWS),
    ActivityKind("reviews.closed", _("Was closed:"), "x-circle", _REVIEWS),
    ActivityKind("reviews.reopened", _("Was reopened:"), "arrow-counterclockwise", _REVIEWS),
    ActivityKind("reviews.invited", _("Was asked to take part:"), "envelope", _REVIEWS),
    ActivityKind("reviews.answered", _("Answered whether to take part:"), "reply", _REVIEWS),
    ActivityKind("reviews.reviewed", _("Reviewed"), "clipboard-check", _REVIEWS),
):
    activity_kinds.register(_kind)


# ------------------------------------------------- navigation and commands

for _entry in (
    NavEntry("reviews", _("Reviews"), "reviews:list", "clipboard-check", "reviews.view", order=30),
    NavEntry("reviews.list", _("Submissions"), "reviews:list", "", "reviews.view", "reviews", order=1),
    NavEntry("reviews.board", _("Board"), "reviews:board", "", "reviews.view", "reviews", order=2),
    NavEntry(
        "settings.reviews",
        _("Programmes of review"),
        "reviews:programmes",
        "",
        "reviews.admin",
        "settings",
        order=40,
    ),
):
    navigation.register(_entry)

for _command in (
    Command("reviews.new", _("New submission"), "reviews:new", "reviews.manage", "clipboard-plus", True, 20),
    Command("reviews.list", _("Go to submissions"), "reviews:list", "reviews.view", order=110),
    Command("reviews.board", _("Go to the board of reviews"), "reviews:board", "reviews.view", order=111),
    Command(
        "reviews.programmes",
        _("Go to programmes of review"),
        "reviews:programmes",
        "reviews.admin",
        order=112,
    ),
):
    commands.register(_command)


# ------------------------------------------------------------------- search


def submission_documents(ids: Sequence[int]) -> Iterable[Document]:
    """Submissions by package, project, people who take part, number of the issue, repository, tags; three queries."""
    people: dict[int, list[str]] = defaultdict(list)
    parts = Assignment.objects.filter(submission__in=ids).order_by("role", "position", "pk")
    for pk, name in parts.values_list("submission_id", "person__name"):
        people[pk].append(name)
    tags: dict[int, list[str]] = defaultdict(list)
    for pk, name in sorted(
        Submission.tags.through.objects.filter(submission__in=ids).values_list("submission_id", "tag__name")
    ):
        tags[pk].append(name)
    for row in Submission.objects.filter(pk__in=ids).select_related("stage", "project"):
        number = f"#{row.issue_number} {row.issue_number}" if row.issue_number else ""
        shown = [str(row.get_kind_display()), row.stage.name if row.stage else ""]
        project = row.project.name if row.project is not None else ""
        text = " ".join([row.description, project, row.repository, number, *people[row.pk], *tags[row.pk]])
        yield Document(
            row.pk,
            row.title,
            " · ".join(word for word in shown if word),
            text,
            reverse("reviews:submission", args=[row.pk]),
        )


search_kinds.register(
    SearchKind(
        "submission",
        _("Submissions"),
        "clipboard-check",
        "reviews.view",
        "reviews",
        Submission,
        submission_documents,
        (Follow(Assignment, "submission_id"), Follow(Submission.tags.through, "submission_id")),
        (
            Naming("assignments__person"),
            Naming("project"),
            Naming("stage"),
            Naming("tags"),
        ),
        order=50,
    )
)


# ------------------------------------------------------------------- calendar


def due_entries(user: Any, first: dt.date, last: dt.date) -> list[CalendarEntry]:
    """Reviews that are due, and holds to look at again; three queries."""
    entries = [
        CalendarEntry(
            key=f"reviews.due:{part.pk}",
            day=part.due_on,
            title=_now("%(name)s: review of %(title)s")
            % {"name": part.person.name, "title": part.submission.title},
            area="reviews",
            url=reverse("reviews:submission", args=[part.submission_id]),
            icon="clipboard-check",
            badge=_("due"),
            tone="due",
        )
        for part in reviews_due(first, last)[:400]
        if part.due_on is not None
    ]
    for day, row in holds_to_revisit(first, last)[:100]:
        entries.append(
            CalendarEntry(
                key=f"reviews.hold:{row.pk}:{day.isoformat()}",
                day=day,
                title=_now("%(title)s: still on hold?") % {"title": row.title},
                area="reviews",
                url=reverse("reviews:submission", args=[row.pk]),
                icon="pause-circle",
                badge=_("look again"),
                tone="quiet",
            )
        )
    return entries


calendar_sources.register(
    CalendarSource("reviews.due", _("Reviews due"), "reviews", "reviews.view", due_entries, order=30)
)

# ---------------------------------------------------------- timeline and panels

_RECORD = frozenset({"reviews.submission"})
for _source in (
    TimelineSource(
        "reviews.stages",
        _RECORD,
        "reviews.view",
        timeline.stage_counts,
        one_group(timeline.STAGES, timeline.LABELS[timeline.STAGES]),
        timeline.stage_rows,
        timeline.tell_stages,
        order=10,
    ),
    TimelineSource(
        "reviews.people",
        _RECORD,
        "reviews.view",
        timeline.people_counts,
        one_group(timeline.PEOPLE, timeline.LABELS[timeline.PEOPLE]),
        timeline.people_rows,
        timeline.tell_people,
        order=12,
    ),
    TimelineSource(
        "reviews.notes",
        _RECORD,
        "reviews.view",
        lambda user, record: counted(record.notes.all()),
        one_group(timeline.NOTES, timeline.LABELS[timeline.NOTES]),
        timeline.note_rows,
        timeline.tell_notes,
        order=14,
    ),
    TimelineSource(
        "reviews.issue",
        _RECORD,
        "reviews.view",
        timeline.issue_counts,
        one_group(timeline.ISSUE, timeline.LABELS[timeline.ISSUE]),
        timeline.issue_rows,
        timeline.tell_issue,
        order=20,
    ),
):
    timeline_sources.register(_source)

belongs_to_history(Submission, (Assignment, "submission"), (SubmissionNote, "submission"))
belongs_to_history(Programme, (Stage, "programme"), (LabelMeaning, "programme"), (HoldUpRule, "programme"))


for _panel in (
    RecordPanel(
        "reviews.of_person",
        "people.person",
        _("Reviews"),
        "reviews.view",
        "reviews/parts/of_person.html",
        lambda user, record: panels.parts_of_person(record),
        lambda user, record, rows: panels.by_part(rows),
        order=20,
    ),
    RecordPanel(
        "reviews.of_project",
        "people.project",
        _("Peer review"),
        "reviews.view",
        "reviews/parts/of_project.html",
        lambda user, record: panels.submissions_of_project(record),
        lambda user, record, rows: panels.told(rows),
        order=20,
    ),
):
    record_panels.register(_panel)


# -------------------------------------------------------------------- Today


def tell_arrived(user: Any, now: dt.datetime, rows: Sequence[Row]) -> Iterator[TodayItem]:
    """What authors have submitted by the form and nobody looks after yet."""
    for row in rows:
        yield TodayItem(
            key=f"reviews.arrived:{row['pk']}",
            area="reviews",
            area_label=_("Reviews"),
            title=row["title"],
            why=_now("submitted by the author's form; no editor-in-chief looks after it yet"),
            since=row["opened_at"],
            action_label=_("Look at it"),
            action_url=reverse("reviews:submission", args=[row["pk"]]),
            badge=_now("new"),
            tone="new",
            over_by=float((now - row["opened_at"]).days),
            icon="clipboard-plus",
        )


ARRIVED = today_sources.register(
    TodaySource(
        "reviews.arrived",
        "reviews",
        "reviews.manage",
        lambda user, now: Rows(panels.arrived_by_form(), "pk", "title", "opened_at"),
        tell_arrived,
        order=29,
    )
)
