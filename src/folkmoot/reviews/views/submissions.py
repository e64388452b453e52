"""The pages of one submission."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.panels import Panels
from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.kernel.rows import together
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import last_change
from folkmoot.people.public import Asked, history
from folkmoot.reviews import actions
from folkmoot.reviews.forms.chosen import DecideForm, HoldForm
from folkmoot.reviews.forms.submissions import NewSubmissionForm, SubmissionForm, SubmissionNoteForm
from folkmoot.reviews.models import ChecklistItem, Kind, Outcome, Programme, Submission, SubmissionNote
from folkmoot.reviews.queries import pages
from folkmoot.reviews.views.base import page_of, seen, undo_seen_url, undo_url

HISTORY_PAGE = 100


@requires("reviews.view")
@require_GET
def submission(request: HttpRequest, pk: int) -> HttpResponse:
    """One submission: where it stands, whose turn it is, what there is to do, what happened."""
    user = user_of(request)
    row = pages.read(pk)
    if row is None:
        raise Http404
    page = pages.submission_page(user, row)
    asked = Asked(
        user, row, group=request.GET.get("about", "")[:60], before=request.GET.get("before", "")[:200]
    )
    cards = Panels(user, row)
    rows = together({**asked.rows(), **cards.rows()})
    context = {
        "submission": row,
        "record": row,
        "page": page,
        "line": pages.in_one_line(row, page),
        "step": pages.next_step(row, page, user),
        "tags": list(row.tags.all()),
        "panels": cards.told(rows),
        "timeline": asked.told(rows),
        "is_first_page": not request.GET.get("before"),
    }
    return render(request, "reviews/submission.html", context)


@requires("reviews.manage")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Takes a submission in by hand."""
    if not Programme.objects.filter(is_archived=False).exists():
        return render(request, "reviews/no_programme.html")

    def act(form: NewSubmissionForm) -> str:
        made = actions.open_submission(actor=user_of(request), **form.values())
        return page_of(made)

    def make(*args: Any) -> NewSubmissionForm:
        return NewSubmissionForm(*args, initial={"title": request.GET.get("title", "")[:300]})

    return answer_form(
        request,
        make,
        act,
        title=_("New submission"),
        submit=_("Add submission"),
        cancel=reverse("reviews:list"),
        template="reviews/form.html",
        draft="submission-new",
    )


@requires("reviews.contribute")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes what is known of a submission."""
    row = get_object_or_404(Submission.objects.select_related("project", "programme"), pk=pk)

    def act(form: SubmissionForm) -> str:
        actions.edit_submission(submission=row, actor=user_of(request), seen=form.version, **form.values())
        return page_of(row)

    return answer_form(
        request,
        partial(SubmissionForm, instance=row),
        act,
        title=_("Edit %(name)s") % {"name": row.title},
        submit=_("Save"),
        said=_("Saved."),
        cancel=page_of(row),
        template="reviews/form.html",
    )


@requires("reviews.manage")
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a review: accepted, out of scope, closed, answered."""
    row = get_object_or_404(Submission.objects.select_related("stage"), pk=pk)
    user = user_of(request)

    def act(form: DecideForm) -> str:
        before = actions.beside(row)
        made = actions.close(
            submission=row,
            outcome=form.cleaned_data["outcome"],
            actor=user,
            on=form.cleaned_data["on"],
            reason=form.cleaned_data["reason"],
        )
        label = Outcome(form.cleaned_data["outcome"]).label
        toast(
            request,
            _("“%(name)s”: %(outcome)s.") % {"name": row.title, "outcome": label},
            undo_url=undo_seen_url(user, seen(made, row, before), "reviews.manage"),
        )
        return page_of(row)

    return answer_form(
        request,
        partial(DecideForm, submission=row),
        act,
        title=_("Decide %(name)s") % {"name": row.title},
        submit=_("Decide"),
        cancel=page_of(row),
        template="reviews/decide.html",
        submission=row,
    )


@requires("reviews.contribute")
@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts a submission on hold, with a reason."""
    row, user = get_object_or_404(Submission, pk=pk), user_of(request)

    def act(form: HoldForm) -> str:
        before = actions.beside(row)
        made = actions.hold(submission=row, reason=form.cleaned_data["reason"], actor=user)
        toast(
            request,
            _("“%(name)s” is on hold.") % {"name": row.title},
            undo_url=undo_seen_url(user, seen(made, row, before)),
        )
        return page_of(row)

    return answer_form(
        request,
        HoldForm,
        act,
        title=_("Put %(name)s on hold") % {"name": row.title},
        submit=_("Put on hold"),
        cancel=page_of(row),
        template="reviews/form.html",
    )


@requires("reviews.contribute")
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Goes on with what was on hold."""
    row, user = get_object_or_404(Submission, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        before = actions.beside(row)
        made = actions.resume(submission=row, actor=user)
        return _("“%(name)s” goes on.") % {"name": row.title}, undo_seen_url(user, seen(made, row, before))

    return answer_action(request, act, page_of(row))


@requires("reviews.manage")
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a decision back."""
    row, user = get_object_or_404(Submission, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        before = actions.beside(row)
        made = actions.reopen(submission=row, actor=user)
        undo = undo_seen_url(user, seen(made, row, before), "reviews.manage")
        return _("“%(name)s” is open again.") % {"name": row.title}, undo

    return answer_action(request, act, page_of(row))


@requires("reviews.view")
@require_GET
def submission_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what of a submission, of who takes part in it, and of the notes about it."""
    return history_page(request, get_object_or_404(Submission, pk=pk), page_of)


def history_page(request: HttpRequest, record: Any, address: Any) -> HttpResponse:
    """Edits of a record and of what belongs to it."""
    typed = request.GET.get("page", "")
    number = min(max(int(typed), 1), 1000) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 1
    entries, more = history(record, with_notes=True, limit=HISTORY_PAGE, offset=(number - 1) * HISTORY_PAGE)
    return render(
        request,
        "people/history.html",
        {
            "record": record,
            "record_url": address(record),
            "entries": entries,
            "newer": number - 1,
            "older": number + 1 if more else 0,
        },
    )


# ---------------------------------------------------------------- checklist


@requires("reviews.contribute")
@require_POST
def tick(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Ticks an entry of the checklist, or takes the tick off; answers with the list alone when a script asks."""
    row = get_object_or_404(Submission.objects.select_related("stage"), pk=pk)
    entry = get_object_or_404(ChecklistItem.objects.select_related("stage"), pk=item)
    user = user_of(request)
    try:
        if request.POST.get("done") == "1":
            actions.tick(submission=row, item=entry, actor=user)
        else:
            actions.untick(submission=row, item=entry, actor=user)
    except ValidationError as error:
        toast(request, " ".join(error.messages), failed=True)
    if getattr(request, "htmx", False):
        context = {"submission": row, "checklist": pages.checklist(row)}
        return render(request, "reviews/parts/checklist.html", context)
    return HttpResponseRedirect(f"{page_of(row)}#checklist")


# -------------------------------------------------------------------- notes


@requires("reviews.contribute")
@require_POST
def new_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps a note about a submission; those whom it mentions are told."""
    row, user = get_object_or_404(Submission, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        note = actions.add_note(submission=row, body=request.POST.get("body", ""), actor=user)
        return _("Note kept."), undo_url(user, last_change(note))

    return answer_action(request, act, page_of(row))


@requires("reviews.contribute")
@require_http_methods(["GET", "POST"])
def edit_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a note."""
    note = get_object_or_404(SubmissionNote.objects.select_related("submission"), pk=pk)
    demand(request.user, "reviews.change_note", note)

    def act(form: SubmissionNoteForm) -> str:
        actions.edit_note(
            note=note, body=form.cleaned_data["body"], actor=user_of(request), seen=form.version
        )
        return page_of(note.submission)

    return answer_form(
        request,
        partial(SubmissionNoteForm, instance=note),
        act,
        title=_("Note about %(name)s") % {"name": note.submission},
        submit=_("Save"),
        said=_("Saved."),
        cancel=page_of(note.submission),
        template="reviews/note.html",
        note=note,
    )


@requires("reviews.contribute")
@require_POST
def remove_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Removes a note."""
    note = get_object_or_404(SubmissionNote.objects.select_related("submission"), pk=pk)
    demand(request.user, "reviews.change_note", note)
    user, page = user_of(request), page_of(note.submission)

    def act() -> tuple[str, str]:
        return _("Note removed."), undo_url(user, actions.remove_note(note=note, actor=user))

    return answer_action(request, act, page)


@requires("reviews.manage")
@require_POST
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Opens the submission that follows a pre-submission, with its author and facts."""
    row = get_object_or_404(Submission.objects.select_related("programme", "project"), pk=pk)
    user = user_of(request)
    made: list[Submission] = []

    def act() -> tuple[str, str]:
        if row.kind != Kind.PRESUBMISSION:
            raise ValidationError(_("Only a pre-submission is followed by a submission."))
        known = row.followed_by.first()
        made.append(
            known
            or actions.open_submission(
                programme=row.programme,
                title=row.title,
                actor=user,
                authors=[part.person for part in row.assignments.filter(role="author")],
                description=row.description,
                repository=row.repository,
                project=row.project,
                follows=row,
            )
        )
        return _("“%(name)s” is a submission now.") % {"name": row.title}, ""

    response = answer_action(request, act, page_of(row))
    if made:
        response["Location"] = page_of(made[0])
    return response
