"""Conflicts of interest: who should not review or edit what."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.saving import current_version
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.lists import Column, Empty, FlagFilter, List
from folkmoot.people.public import Person
from folkmoot.reviews.actions import conflicts
from folkmoot.reviews.forms.people import ConflictForm
from folkmoot.reviews.models import Conflict
from folkmoot.reviews.queries.people import conflicts_now, declared, find_conflicts
from folkmoot.reviews.views.base import undo_url


class ConflictList(List):
    """Conflicts of interest that somebody declared."""

    key = "review_conflicts"
    title = gettext_lazy("Conflicts of interest")
    columns = (
        Column(
            "person",
            gettext_lazy("Who"),
            "person.name",
            link=lambda row: reverse("reviews:edit_conflict", args=[row.pk]),
            sort="person__sort_key",
            avatar=True,
        ),
        Column("with", gettext_lazy("With"), lambda row: row.other_person or row.organization or row.project),
        Column("reason", gettext_lazy("Reason"), "reason"),
        Column("until", gettext_lazy("Until"), "until", sort="until", template="people/cells/day.html"),
        Column("by", gettext_lazy("Noted by"), lambda row: str(row.created_by or ""), shown=False),
        Column(
            "at",
            gettext_lazy("Noted"),
            "created_at",
            sort="created_at",
            shown=False,
            template="people/cells/day.html",
        ),
    )
    filters = (
        FlagFilter(
            "now", gettext_lazy("Counts today"), apply=lambda qs, on: conflicts_now(qs, on, clock.today())
        ),
    )
    default_sort = "-at"
    search_label = gettext_lazy("Name")
    empty = Empty(
        gettext_lazy("No conflict of interest is declared"),
        gettext_lazy(
            "Whoever has one with an author, their organisation or a project is not offered as reviewer or editor."
        ),
        gettext_lazy("Declare one"),
        "reviews:new_conflict",
        "reviews.manage",
        icon="shield-exclamation",
    )

    def queryset(self) -> QuerySet[Conflict]:
        return declared()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return find_conflicts(queryset, words)


@requires("reviews.manage")
def conflict_list(request: HttpRequest) -> HttpResponseBase:
    """Everybody's conflicts of interest."""
    return ConflictList(request).respond("reviews/conflicts.html")


@requires("reviews.manage")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Declares a conflict; ``?person=`` says whose."""
    user = user_of(request)
    pk = request.GET.get("person", "")
    person = (
        Person.objects.filter(pk=int(pk)).first() if pk.isascii() and pk.isdigit() and len(pk) < 19 else None
    )

    def act(form: ConflictForm) -> str:
        values = form.cleaned_data
        conflicts.declare_conflict(
            person=values["person"],
            other=values["other"],
            actor=user,
            reason=values["reason"],
            until=values["until"],
        )
        return reverse("people:person", args=[person.pk]) if person else reverse("reviews:conflicts")

    return answer_form(
        request,
        partial(ConflictForm, initial={"person": person.name if person else ""}),
        act,
        title=_("Declare a conflict of interest"),
        submit=_("Keep"),
        said=_("Kept. It counts whenever reviewers and editors are looked for."),
        cancel=reverse("reviews:conflicts"),
        template="reviews/form.html",
    )


@requires("reviews.manage")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes why and until when a conflict counts."""
    row = get_object_or_404(
        Conflict.objects.select_related("person", "other_person", "organization", "project"), pk=pk
    )
    user = user_of(request)
    version = request.POST.get("version", "")

    def act(form: ConflictForm) -> str:
        conflicts.edit_conflict(
            conflict=row,
            actor=user,
            reason=form.cleaned_data["reason"],
            until=form.cleaned_data["until"],
            seen=int(version) if version.isascii() and version.isdigit() and len(version) < 19 else None,
        )
        return reverse("reviews:conflicts")

    return answer_form(
        request,
        partial(ConflictForm, conflict=row),
        act,
        title=_("Conflict of interest"),
        about=str(row),
        submit=_("Save"),
        said=_("Saved."),
        cancel=reverse("reviews:conflicts"),
        template="reviews/conflict.html",
        conflict=row,
        version=current_version(row),
    )


@requires("reviews.manage")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Removes a conflict that is none."""
    row, user = get_object_or_404(Conflict, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        undo = conflicts.remove_conflict(conflict=row, actor=user)
        return _("Removed."), undo_url(user, undo, "reviews.manage")

    return answer_action(request, act, reverse("reviews:conflicts"))
