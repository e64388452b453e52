"""Merging two records, found in the queue or by hand; the list of merges, and taking them back."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.search.find import ids_matching
from folkmoot.kernel.text import clean
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, DateFilter, Empty, FlagFilter, List, TextFilter
from folkmoot.kernel.ui.toasts import toast
from folkmoot.people.actions import merging
from folkmoot.people.actions.merging import BY_LABEL, KINDS, MergeKind, blocking
from folkmoot.people.forms.merging import choices_in, seen_in
from folkmoot.people.matching.words import in_words
from folkmoot.people.models import Merge
from folkmoot.people.queries import candidates as candidate_queries
from folkmoot.people.queries import merging as queries
from folkmoot.people.queries.merge_preview import preview
from folkmoot.people.views.base import answer_action, page_of, user_of
from folkmoot.people.views.candidates import kind_or_404, pair_url, queue_url, reopen_url

#: Records offered at once by the search for the other one.
FOUND = 20


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def merge_pair(request: HttpRequest, kind: str, stays: int, goes: int) -> HttpResponse:
    """Two records side by side: choose the values, see what moves, merge."""
    chosen = kind_or_404(kind)
    gone_now = _moved_on(chosen, stays, goes)
    if gone_now is not None:
        toast(request, _("One of the two was merged already."))
        return HttpResponseRedirect(page_of(gone_now))
    survivor: Any = get_object_or_404(chosen.model._default_manager, pk=stays)
    gone: Any = get_object_or_404(chosen.model._default_manager, pk=goes)
    errors: list[str] = []
    choices: dict[str, str] = {}
    if request.method == "POST":
        choices = choices_in(request.POST)
        try:
            merge = merging.merge_records(
                survivor=survivor,
                gone=gone,
                actor=user_of(request),
                choices=choices,
                grounds=_grounds(chosen, survivor, gone),
                seen=seen_in(request.POST),
            )
            toast(
                request,
                _("“%(gone)s” and “%(stays)s” are one record now.")
                % {"gone": gone.name, "stays": survivor.name},
                undo_url=reverse("people:undo_merge", args=[merge.pk]),
            )
            return HttpResponseRedirect(page_of(survivor))
        except ValidationError as error:
            errors = error.messages
            there = chosen.model._default_manager.in_bulk([stays, goes])
            if len(there) < 2:
                toast(request, " ".join(errors), failed=True)
                return HttpResponseRedirect(queue_url(chosen))
            survivor, gone = there[stays], there[goes]
    try:
        shown = preview(chosen, survivor, gone, choices)
    except ValidationError:
        shown = preview(chosen, survivor, gone)
    verdict = shown.verdict.candidate if shown.verdict else None
    context = {
        "kind": chosen,
        "preview": shown,
        "errors": errors,
        "queue_url": queue_url(chosen),
        "stays_url": page_of(survivor),
        "goes_url": page_of(gone),
        "swap_url": reverse("people:merge_pair", args=[kind, goes, stays]),
        "is_different": verdict is not None and verdict.state == "different",
        "reopen_url": reopen_url(chosen, [verdict.pk]) if verdict is not None else "",
    }
    return render(request, "people/merge.html", context, status=422 if errors else 200)


def _moved_on(kind: MergeKind, stays: int, goes: int) -> Any:
    """The record that stayed when one of the two was merged since; ``None`` while both are there."""
    moved = queries.current_numbers(kind.model, [stays, goes])
    return kind.model._default_manager.filter(pk=next(iter(moved.values()))).first() if moved else None


def _grounds(kind: MergeKind, survivor: Any, gone: Any) -> dict[str, Any]:
    row = merging.pair(kind, survivor.pk, gone.pk)
    return {"score": row.score, "reasons": row.reasons} if row is not None else {}


@requires("people.manage")
@require_GET
def merge_with(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Find the other record by hand."""
    chosen = kind_or_404(kind)
    record: Any = get_object_or_404(chosen.model._default_manager, pk=pk)
    words = clean(request.GET.get("q", ""))[:200]
    found: list[Any] = []
    if words:
        ids = ids_matching(str(chosen.model._meta.model_name), words)
        rows: QuerySet[Any] = chosen.model._default_manager.filter(pk__in=ids).exclude(pk=pk)
        found = list(rows[: FOUND + 1])
    likely = [
        (other, pair_url(chosen, record, other), pair)
        for pair in candidate_queries.of_record(record)
        for other in (pair.second if pair.first.pk == record.pk else pair.first,)
    ]
    beside = candidate_queries.facts_beside(chosen.word, [row.pk for row in found])
    context = {
        "kind": chosen,
        "record": record,
        "record_url": page_of(record),
        "words": words,
        "found": [
            (row, reverse("people:merge_pair", args=[kind, pk, row.pk]), beside.get(row.pk))
            for row in found[:FOUND]
        ],
        "more": len(found) > FOUND,
        "likely": likely,
    }
    return render(request, "people/merge_with.html", context)


# -- what was merged -------------------------------------------------------------------------------------------------


def _noun(merge: Merge) -> str:
    kind = BY_LABEL.get(merge.model)
    return str(kind.noun) if kind else merge.model


class MergeList(List):
    """Everything that was merged."""

    key = "merges"
    title = gettext_lazy("Merges")
    columns = (
        Column("what", gettext_lazy("Merged"), str, link=lambda row: reverse("people:merge", args=[row.pk])),
        Column("kind", gettext_lazy("Kind"), _noun),
        Column("when", gettext_lazy("When"), "made_at", sort="made_at", template="people/cells/when.html"),
        Column("who", gettext_lazy("Who"), lambda row: str(row.made_by or "")),
        Column("moved", gettext_lazy("Moved"), "moved", number=True),
        Column("parked", gettext_lazy("Laid aside"), "parked", number=True),
        Column("undone", gettext_lazy("Undone"), "undone_at", sort="undone_at",
               template="people/cells/when.html"),
        Column("undone_by", gettext_lazy("Undone by"), lambda row: str(row.undone_by or ""), shown=False),
    )  # fmt: skip
    filters = (
        ChoiceFilter(
            "kind",
            gettext_lazy("Kind"),
            choices=[(kind.label, kind.plural) for kind in KINDS],
            apply=lambda qs, labels: qs.filter(model__in=labels),
        ),
        FlagFilter(
            "undone", gettext_lazy("Undone"), apply=lambda qs, on: qs.filter(undone_at__isnull=not on)
        ),
        ChoiceFilter(
            "who",
            gettext_lazy("Who"),
            choices=queries.who_merged,
            apply=lambda qs, ids: qs.filter(made_by__in=[int(pk) for pk in ids]),
        ),
        DateFilter("since", gettext_lazy("Since"), apply=lambda qs, day: qs.filter(made_at__date__gte=day)),
        TextFilter("batch", gettext_lazy("Done with one click"), apply=lambda qs, word: _of_batch(qs, word)),
    )
    default_sort = "-when"
    search_label = gettext_lazy("Name of one of the two")
    empty = Empty(
        gettext_lazy("Nothing was merged yet"),
        gettext_lazy("Each merge stands here with what it moved, and can be undone."),
        gettext_lazy("Likely duplicates"),
        "people:candidates_first",
        "people.manage",
        icon="sign-merge-left",
    )

    def queryset(self) -> QuerySet[Merge]:
        return queries.merges()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queries.found(queryset, words)

    def decorate(self, rows: list[Any]) -> None:
        queries.decorate_merges(rows)


def _of_batch(queryset: QuerySet[Any], word: str) -> QuerySet[Any]:
    try:
        return queryset.filter(batch=uuid.UUID(word))
    except ValueError:
        return queryset.none()


@requires("people.manage")
def merges(request: HttpRequest) -> HttpResponseBase:
    return MergeList(request).respond("people/merges.html")


@requires("people.manage")
@require_GET
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """One merge: what moved, what is laid aside, why, and its undo."""
    row = get_object_or_404(Merge.objects.select_related("made_by", "undone_by"), pk=pk)
    page = queries.merge_page(row)
    kind = BY_LABEL[row.model]
    reasons = [in_words(one) for one in row.grounds.get("reasons", []) if isinstance(one, dict)]
    context = {
        "merge": row,
        "page": page,
        "kind": kind,
        "reasons": reasons[:12],
        "blocking": None if row.undone_at else blocking(row),
        "survivor_url": page_of(page.survivor) if page.survivor is not None else "",
        "gone_url": page_of(page.gone) if page.gone is not None else "",
    }
    return render(request, "people/merged.html", context)


@requires("people.manage")
@require_POST
def undo_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Make two records again."""
    row = get_object_or_404(Merge, pk=pk)

    def act() -> tuple[str, str]:
        done = merging.unmerge(merge=row, actor=user_of(request))
        text = _("“%(gone)s” and “%(stays)s” are two records again.") % {
            "gone": row.gone_name,
            "stays": row.survivor_name,
        }
        if done.left:
            number = len(done.left)
            text += " " + ngettext(
                "%(n)d row could not go back: the page of the merge lists it.",
                "%(n)d rows could not go back: the page of the merge lists them.",
                number,
            ) % {"n": number}
        return text, ""

    return answer_action(request, act, reverse("people:merge", args=[pk]))


@requires("people.manage")
@require_POST
def undo_batch(request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
    """Take back all that was merged with one click."""

    def act() -> tuple[str, str]:
        done = merging.unmerge_several(batch=batch, actor=user_of(request))
        if done.job is not None:
            return _("The merges are being undone. You will be told when it is done."), ""
        text = ngettext("%(n)d merge is undone.", "%(n)d merges are undone.", done.number)
        return text % {"n": done.number}, ""

    return answer_action(request, act, reverse("people:merges"))


@requires("people.manage")
@require_GET
def candidates_first(request: HttpRequest) -> HttpResponse:
    """The queue of the first kind that waits; people when none does."""
    waiting = next((kind for kind in KINDS if candidate_queries.waiting(kind.word)), KINDS[0])
    return HttpResponseRedirect(queue_url(waiting))
