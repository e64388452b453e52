"""What is done with several submissions that were chosen in the list."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_form, user_of
from folkmoot.kernel.ui.chosen import numbers_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import Change, Undo, last_change
from folkmoot.reviews import actions
from folkmoot.reviews.forms.chosen import AssignManyForm, HoldForm, MoveManyForm
from folkmoot.reviews.models import Submission
from folkmoot.reviews.views.base import seen, undo_seen_url, undo_url

SALT = "reviews.selection"


def chosen_rows(chosen: str) -> list[Submission]:
    """The submissions that the address names.

    Raises:
        Http404: it was altered, is older than a day, or none is there any more.
    """
    numbers = numbers_of(chosen, salt=SALT)
    rows = list(Submission.objects.filter(pk__in=numbers).select_related("programme", "stage").order_by("pk"))
    if not rows:
        raise Http404
    return rows


def _about(rows: list[Submission]) -> str:
    shown = ", ".join(row.title for row in rows[:5])
    more = len(rows) - 5
    return (
        shown
        if more <= 0
        else ngettext("%(shown)s and %(n)d more", "%(shown)s and %(n)d more", more)
        % {"shown": shown, "n": more}
    )


def _page(
    request: HttpRequest, rows: list[Submission], form: Any, do: Any, *, title: str, submit: str
) -> HttpResponse:
    @transaction.atomic
    def act(filled: Any) -> str:
        text, undo = do(filled)
        toast(request, text, undo_url=undo)
        return reverse("reviews:list")

    return answer_form(
        request,
        form,
        act,
        title=title,
        submit=submit,
        cancel=reverse("reviews:list"),
        template="reviews/form.html",
        about=_about(rows),
    )


@requires("reviews.contribute")
@require_http_methods(["GET", "POST"])
def move_many(request: HttpRequest, chosen: str) -> HttpResponse:
    """Moves the chosen submissions to a stage."""
    rows, user = chosen_rows(chosen), user_of(request)
    programmes = {row.programme_id for row in rows}

    def do(form: MoveManyForm) -> tuple[str, str]:
        stage, done = form.cleaned_data["stage"], []
        for row in rows:
            before = actions.beside(row)
            change = actions.move_to(submission=row, stage=stage, actor=user)
            if change is not None:
                done += seen(actions.sighting_of(change), row, before)
        text = ngettext(
            "%(n)d submission is in “%(stage)s” now.", "%(n)d submissions are in “%(stage)s” now.", len(done)
        )
        return text % {"n": len(done), "stage": stage}, undo_seen_url(user, done)

    def make(*args: Any) -> MoveManyForm:
        return MoveManyForm(*args, programmes=programmes)

    return _page(request, rows, make, do, title=_("Move to a stage"), submit=_("Move"))


@requires("reviews.contribute")
@require_http_methods(["GET", "POST"])
def hold_many(request: HttpRequest, chosen: str) -> HttpResponse:
    """Puts the chosen submissions on hold."""
    rows, user = chosen_rows(chosen), user_of(request)

    def do(form: HoldForm) -> tuple[str, str]:
        done = []
        for row in rows:
            if row.is_open:
                before = actions.beside(row)
                made = actions.hold(submission=row, reason=form.cleaned_data["reason"], actor=user)
                done += seen(made, row, before)
        text = ngettext("%(n)d submission is on hold.", "%(n)d submissions are on hold.", len(done))
        return text % {"n": len(done)}, undo_seen_url(user, done)

    return _page(request, rows, HoldForm, do, title=_("Put on hold"), submit=_("Put on hold"))


@requires("reviews.manage")
@require_http_methods(["GET", "POST"])
def assign_many(request: HttpRequest, chosen: str) -> HttpResponse:
    """Gives the chosen submissions an editor."""
    from folkmoot.reviews.actions.assignments import assign

    rows, user = chosen_rows(chosen), user_of(request)

    def do(form: AssignManyForm) -> tuple[str, str]:
        person = form.cleaned_data["person"]
        changes: list[Change] = []
        refused: list[str] = []
        for row in rows:
            try:
                with transaction.atomic():
                    made = assign(submission=row, person=person, role="editor", actor=user)
                changes += last_change(made).changes
            except ValidationError as error:
                refused += error.messages
        if refused and not changes:
            raise ValidationError(refused)
        text = ngettext(
            "%(name)s edits %(n)d submission.", "%(name)s edits %(n)d submissions.", len(changes)
        ) % {"name": person, "n": len(changes)}
        return " ".join([text, *refused]), undo_url(user, Undo(tuple(changes)), "reviews.manage")

    return _page(request, rows, AssignManyForm, do, title=_("Assign an editor"), submit=_("Assign"))
