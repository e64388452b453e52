"""The list of submissions, and the board of the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, user_of
from folkmoot.kernel.ui.boards import Board, Card, Lane, lane_asked
from folkmoot.kernel.ui.chosen import selection
from folkmoot.kernel.ui.lists import BulkAction, ChoiceFilter, Column, Empty, FlagFilter, GoTo, List
from folkmoot.reviews import actions
from folkmoot.reviews.models import Assignment, Kind, Stage, Submission
from folkmoot.reviews.queries import lists
from folkmoot.reviews.views.base import page_of, seen, undo_seen_url
from folkmoot.reviews.views.chosen import SALT

Role = Assignment.Role


def _go(name: str, queryset: QuerySet[Submission]) -> GoTo:
    chosen = selection(list(queryset.values_list("pk", flat=True)), salt=SALT)
    return GoTo(reverse(f"reviews:{name}", args=[chosen]))


def move_many(*, user: Any, queryset: QuerySet[Submission]) -> GoTo:
    """The stage is chosen on a page of its own."""
    return _go("move_many", queryset)


def hold_many(*, user: Any, queryset: QuerySet[Submission]) -> GoTo:
    """The reason is given on a page of its own."""
    return _go("hold_many", queryset)


def assign_many(*, user: Any, queryset: QuerySet[Submission]) -> GoTo:
    """The editor is chosen on a page of its own."""
    return _go("assign_many", queryset)


class SubmissionList(List):
    """Everything that is or was under review."""

    key = "submissions"
    title = gettext_lazy("Submissions")
    columns = (
        Column("package", gettext_lazy("Package"), "title", link=page_of, sort="folded"),
        Column("kind", gettext_lazy("Kind"), "get_kind_display", sort="kind", shown=False),
        Column(
            "stage",
            gettext_lazy("Stage"),
            "stage.name",
            sort="stage__position",
            template="reviews/cells/stage.html",
        ),
        Column(
            "since",
            gettext_lazy("In stage since"),
            "stage_since",
            sort="stage_since",
            template="people/cells/day.html",
        ),
        Column(
            "over",
            gettext_lazy("Over its limit by"),
            lambda row: max(row.over_by, 0) if row.over_by is not None else None,
            sort="due_at",
            template="reviews/cells/over.html",
            export=lambda row: row.over_by,
        ),
        Column("turn", gettext_lazy("Whose turn"), lambda row: lists.turn_words(row.whose)),
        Column("editors", gettext_lazy("Editors"), lambda row: lists.names(row, Role.EDITOR)),
        Column("eic", gettext_lazy("Editor-in-chief"), lambda row: lists.names(row, Role.EIC), shown=False),
        Column("reviewers", gettext_lazy("Reviewers"), lambda row: lists.names(row, Role.REVIEWER)),
        Column(
            "last_word",
            gettext_lazy("Last word"),
            "last_word_at",
            sort="last_word_at",
            shown=False,
            template="people/cells/when.html",
        ),
        Column(
            "opened",
            gettext_lazy("Submitted"),
            "opened_at",
            sort="opened_at",
            shown=False,
            template="people/cells/day.html",
        ),
        Column("outcome", gettext_lazy("Outcome"), lists.outcome_words, sort="outcome", shown=False),
        Column("programme", gettext_lazy("Programme"), "programme.name", shown=False),
        Column(
            "accepted",
            gettext_lazy("Accepted"),
            "accepted_on",
            sort="accepted_on",
            shown=False,
            template="people/cells/day.html",
        ),
        Column("issue", gettext_lazy("Issue"), "issue_url", shown=False),
        Column("repository", gettext_lazy("Repository"), "repository", shown=False),
    )
    tabs = (
        (gettext_lazy("Open"), "state=open"),
        (gettext_lazy("Seeking an editor"), "needs=editor"),
        (gettext_lazy("Seeking reviewers"), "needs=reviewers"),
        (gettext_lazy("Held up"), "held=1"),
        (gettext_lazy("Mine"), "mine=1"),
        (gettext_lazy("Accepted"), "state=accepted"),
        (gettext_lazy("Pre-submissions"), "kind=presubmission"),
    )
    default_sort = "-opened"
    search_label = gettext_lazy("Package, person, number of the issue")
    bulk_actions = (
        BulkAction(
            "move",
            gettext_lazy("Move to a stage"),
            "reviews.contribute",
            move_many,
            icon="arrow-right-circle",
        ),
        BulkAction("hold", gettext_lazy("Put on hold"), "reviews.contribute", hold_many, icon="pause-circle"),
        BulkAction(
            "assign",
            gettext_lazy("Assign an editor"),
            "reviews.manage",
            assign_many,
            icon="person-check",
        ),
    )
    empty = Empty(
        gettext_lazy("Nothing is under review yet"),
        gettext_lazy("Submissions come from an import, from the tracker, from authors, or one by one."),
        gettext_lazy("New submission"),
        "reviews:new",
        "reviews.manage",
        icon="clipboard-check",
    )

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        self.known = lists.office()
        user = request.user
        known = self.known
        self.filters = (  # type: ignore[misc]
            ChoiceFilter("state", gettext_lazy("State"), choices=lists.state_choices, apply=lists.in_states),
            ChoiceFilter(
                "stage",
                gettext_lazy("Stage"),
                choices=lists.stage_choices(known),
                apply=lambda qs, ids: qs.filter(stage__in=lists.numbers(ids)),
            ),
            ChoiceFilter(
                "editor",
                gettext_lazy("Editor"),
                choices=[(str(pk), name) for pk, name in known.editors],
                apply=lambda qs, ids: lists.edited_by(qs, lists.numbers(ids)),
            ),
            ChoiceFilter(
                "turn", gettext_lazy("Whose turn"), choices=lists.turn_choices, apply=known.with_turn
            ),
            ChoiceFilter(
                "kind",
                gettext_lazy("Kind"),
                choices=Kind.choices,
                apply=lambda qs, kinds: qs.filter(kind__in=kinds),
            ),
            ChoiceFilter(
                "programme",
                gettext_lazy("Programme"),
                choices=[(one.slug, one.name) for one in known.programmes],
                apply=lambda qs, slugs: qs.filter(programme__slug__in=slugs),
            ),
            ChoiceFilter(
                "year",
                gettext_lazy("Year of submission"),
                choices=lists.year_choices(known),
                apply=lists.opened_in,
            ),
            ChoiceFilter(
                "needs",
                gettext_lazy("Seeking"),
                choices=[
                    ("editor", gettext_lazy("an editor")),
                    ("reviewers", gettext_lazy("reviewers")),
                ],
                apply=lists.needs,
            ),
            FlagFilter("held", gettext_lazy("Held up"), apply=known.held_up),
            FlagFilter("mine", gettext_lazy("Mine"), apply=lambda qs, on: lists.of_user(qs, user, on)),
        )

    def queryset(self) -> QuerySet[Submission]:
        return lists.submissions()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return lists.found(queryset, words)

    def decorate(self, rows: list[Any]) -> None:
        self.known.decorate(rows)


class BoardList(SubmissionList):
    """What is on its way; the address may ask for anything else."""

    key = "submissions_board"
    default_sort = "over"

    def queryset(self) -> QuerySet[Submission]:
        rows = super().queryset().filter(programme=self.context["programme"])
        return rows if self.request.GET.get("state") else lists.on_board(rows)


@requires("reviews.view")
def submissions(request: HttpRequest) -> HttpResponseBase:
    """Everything that is or was under review, with filters, tabs, bulk actions and files."""
    listing = SubmissionList(request)
    return listing.respond("reviews/list.html", has_programme=bool(listing.known.programmes))


# ----------------------------------------------------------------- the board

#: The lane of what stands in no stage.
NOWHERE = "none"


def _lanes(stages: list[Stage]) -> list[Lane]:
    return [
        Lane(
            str(stage.pk),
            stage.name,
            ngettext("limit %(n)d day", "limit %(n)d days", stage.limit_days) % {"n": stage.limit_days}
            if stage.limit_days
            else "",
        )
        for stage in stages
    ]


@requires("reviews.view")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Submissions by stage, moved by mouse, keyboard or menu."""
    probe = SubmissionList(request)
    used = [one for one in probe.known.programmes if not one.is_archived]
    wished = request.GET.get("programme", "")
    programme = next((one for one in probe.known.programmes if one.slug == wished), None)
    programme = programme or next(iter(used or probe.known.programmes), None)
    if programme is None:
        return render(request, "reviews/board.html", {"board": None})
    listing = BoardList.__new__(BoardList)
    listing.__dict__.update(probe.__dict__)
    listing.context = {"programme": programme}
    stages = [stage for stage in probe.known.used_stages if stage.programme_id == programme.pk]
    may_move = request.user.has_perm("reviews.contribute") and not programme.is_archived

    def lanes(rows: Sequence[Any]) -> list[Lane]:
        nowhere = [Lane(NOWHERE, _("No stage yet"))] if any(row.stage_id is None for row in rows) else []
        return [*nowhere, *_lanes(stages)]

    ways = {
        enquiry: tuple(str(stage.pk) for stage in stages if stage.is_presubmission == enquiry)
        for enquiry in (True, False)
    }

    def card(row: Any) -> Card:
        return _card(row, ways[row.kind == Kind.PRESUBMISSION] if may_move else ())

    made = Board(listing, lanes=lanes, card=card, list_url=reverse("reviews:list"))
    return render(
        request,
        "reviews/board.html",
        {"board": made, "programme": programme, "programmes": used, "may_move": may_move},
    )


def _card(row: Any, lanes: tuple[str, ...]) -> Card:
    days, over = row.days_in_stage, row.over_by
    notes = []
    if days is not None:
        notes.append(ngettext("%(n)d day here", "%(n)d days here", days) % {"n": days})
    notes.append(lists.turn_words(row.whose))
    if (editors := lists.names(row, Role.EDITOR)) and editors not in notes[-1]:
        notes.append(_("editor: %(names)s") % {"names": editors})
    badge, tone = "", "quiet"
    if row.on_hold_since:
        badge, tone = _("on hold"), "quiet"
    elif over is not None and over > 0:
        badge, tone = ngettext("%(n)d day over", "%(n)d days over", over) % {"n": over}, "overdue"
    elif row.held is not None:
        badge, tone = _("held up"), "due"
    elif row.outcome:
        badge, tone = str(row.get_outcome_display()), "done"
    return Card(
        str(row.pk),
        row.title,
        str(row.stage_id) if row.stage_id else NOWHERE,
        url=page_of(row),
        icon="question-circle" if row.kind == Kind.PRESUBMISSION else "box-seam",
        note=" · ".join(note for note in notes if note),
        badge=badge,
        tone=tone,
        move_url=reverse("reviews:move", args=[row.pk]) if lanes else "",
        lanes=lanes,
    )


@requires("reviews.contribute")
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a submission to the stage that ``to`` names."""
    submission = get_object_or_404(Submission, pk=pk)
    user = user_of(request)

    def act() -> tuple[str, str]:
        stages = list(Stage.objects.filter(programme=submission.programme_id, is_archived=False))
        key = lane_asked(request, _lanes(stages))
        stage = next(one for one in stages if str(one.pk) == key)
        return moved(submission, stage, user)

    return answer_action(request, act, page_of(submission))


def moved(submission: Submission, stage: Stage, user: Any) -> tuple[str, str]:
    """Move it; what the toast says, and the address that takes it back."""
    before = actions.beside(submission)
    change = actions.move_to(submission=submission, stage=stage, actor=user)
    what = {"name": submission.title, "stage": stage.name}
    if change is None:
        return _("“%(name)s” stands in “%(stage)s” already.") % what, ""
    made = seen(actions.sighting_of(change), submission, before)
    return _("“%(name)s” is in “%(stage)s” now.") % what, undo_seen_url(user, made)
