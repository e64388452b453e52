"""Noting progress for many at once, and evaluating what trainees submitted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_form, refuse, user_of
from folkmoot.kernel.ui.lists import BulkAction, ChoiceFilter, Column, Done, Empty, List
from folkmoot.kernel.ui.toasts import toast
from folkmoot.people.public import Person
from folkmoot.training.actions import progress as actions
from folkmoot.training.forms.progress import EvaluateForm, NoteForm, NoteManyForm
from folkmoot.training.models import Progress, ProgressState
from folkmoot.training.queries import lists
from folkmoot.training.queries.pasted import Pasted
from folkmoot.training.queries.submissions import requirement_choices, submissions
from folkmoot.training.views.base import chosen_numbers, undo_url
from folkmoot.training.views.trainees import CONTRIBUTE, some_names


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def note(request: HttpRequest) -> HttpResponse:
    """Notes progress for people whose addresses, handles or names are pasted; who is not found is named, and stays in
    the form."""
    form = NoteManyForm(request.POST or None)
    told: list[str] = []
    if request.method == "POST" and form.is_valid():
        pasted = form.pasted
        if pasted.people or not pasted.left:
            told, left = _note(request, form, pasted.people, pasted)
            if not form.errors and not left:
                return HttpResponseRedirect(_back())
            if not form.errors:
                form = NoteManyForm(initial={**form.data.dict(), "people": "\n".join(left)})  # type: ignore[attr-defined]
        else:
            form.add_error("people", ValidationError(list(_not_found(pasted))))
    return _page(request, form, told)


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def note_chosen(request: HttpRequest, chosen: str) -> HttpResponse:
    """Notes progress for trainees that were selected in the list."""
    people = list(
        Person.objects.filter(pk__in=chosen_numbers(chosen), erased_at=None, archived_at=None).order_by(
            "sort_key", "pk"
        )
    )
    form = NoteForm(request.POST or None)
    told: list[str] = []
    if request.method == "POST" and form.is_valid():
        told, _left = _note(request, form, people, Pasted())
        if not form.errors and not told:
            return HttpResponseRedirect(_back())
    return _page(request, form, told, people)


def _page(
    request: HttpRequest, form: Any, told: list[str], people: list[Person] | None = None
) -> HttpResponse:
    words = ngettext("For %(n)d person", "For %(n)d people", len(people or ())) % {"n": len(people or ())}
    context = {
        "form": form,
        "title": _now("Note progress"),
        "about": f"{words}: {some_names(people)}" if people else "",
        "submit": _now("Note it"),
        "cancel": _back(),
        "draft": "",
        "told": told,
    }
    return render(request, "training/trainees/note.html", context, status=422 if form.errors else 200)


def _back() -> str:
    return reverse("training:trainees_first")


def _note(
    request: HttpRequest, form: Any, people: list[Person], pasted: Pasted
) -> tuple[list[str], list[str]]:
    """Note it for those who were found.

    Returns:
        what could not be done, in words, and the words of those for whom it could not.
    """
    user = user_of(request)
    try:
        noted = actions.note_many(people=people, actor=user, **form.values())
    except ValidationError as error:
        refuse(form, error)
        return [], []
    number = len(noted.rows)
    text = ngettext("Noted for %(n)d person.", "Noted for %(n)d people.", number) % {"n": number}
    if noted.known:
        text += " " + _now("So already: %(names)s.") % {"names": some_names(noted.known)}
    toast(request, text, undo_url=undo_url(user, noted.undo))
    told = list(_not_found(pasted))
    if noted.untrained:
        names = ", ".join(person.name for person in noted.untrained)
        told.append(
            _now("At no training that is over: %(names)s. Say which training, or add them to it first.")
            % {"names": names}
        )
    return told, [*pasted.left, *(person.name for person in noted.untrained)]


def _not_found(pasted: Pasted) -> Iterator[str]:
    if pasted.missing:
        yield _now(
            "Nobody in the register is known as: %(words)s. Correct the spelling, or add them under People first."
        ) % {"words": ", ".join(pasted.missing)}
    if pasted.several:
        yield _now("Several people are called: %(words)s. Give their e-mail address or @handle instead.") % {
            "words": ", ".join(pasted.several)
        }


# ------------------------------------------------------------- submissions


def _decide(state: str, *, user: Any, queryset: QuerySet[Progress]) -> Done:
    undo = actions.evaluate(rows=queryset.order_by("pk"), state=state, actor=user)
    number = sum(change.model == "training.progress" for change in undo.changes)
    words = ngettext("%(n)d submission is evaluated.", "%(n)d submissions are evaluated.", number)
    return Done(words % {"n": number}, undo_url(user, undo))


def _passed(*, user: Any, queryset: QuerySet[Progress]) -> Done:
    return _decide(ProgressState.PASSED, user=user, queryset=queryset)


def _repeat(*, user: Any, queryset: QuerySet[Progress]) -> Done:
    return _decide(ProgressState.REPEAT, user=user, queryset=queryset)


class SubmissionList(List):
    """What trainees submitted and nobody evaluated, the oldest first."""

    key = "submissions"
    title = _("Submissions to evaluate")
    columns = (
        Column(
            "person",
            _("Person"),
            "person.name",
            link=lambda row: reverse("training:evaluate", args=[row.pk]),
            sort="person__sort_key",
            avatar=True,
        ),
        Column("requirement", _("What"), "requirement.name", sort="requirement__order"),
        Column("how", _("How"), "involvement.name", sort="involvement__order"),
        Column("day", _("Day"), "happened_on", sort="happened_on", template="people/cells/day.html"),
        Column("url", _("Address"), "url", template="training/cells/url.html"),
        Column("note", _("Their note"), "own_note"),
        Column("since", _("Since"), "created_at", sort="created_at", template="people/cells/when.html"),
    )
    filters = (
        ChoiceFilter(
            "requirement",
            _("What"),
            lambda qs, slugs: qs.filter(requirement__slug__in=slugs),
            requirement_choices,
        ),
    )
    bulk_actions = (
        BulkAction("passed", _("Passed"), CONTRIBUTE, _passed, icon="check2-circle"),
        BulkAction("repeat", _("Ask to repeat"), CONTRIBUTE, _repeat, icon="arrow-repeat"),
    )
    default_sort = "since"
    search_label = _("Name")
    empty = Empty(
        _("Nothing to evaluate"), _("What trainees submit on their own page waits here."), icon="inbox"
    )

    def queryset(self) -> QuerySet[Progress]:
        return submissions()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(person__in=lists.people_named(words))


@requires("training.view")
@require_http_methods(["GET", "POST"])
def submission_list(request: HttpRequest) -> HttpResponseBase:
    """The queue of submissions."""
    return SubmissionList(request).respond("training/trainees/plain.html")


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def evaluate(request: HttpRequest, pk: int) -> HttpResponse:
    """Decides about one submission, with what was said; then the next one of the queue."""
    row = get_object_or_404(
        Progress.objects.select_related("person", "requirement", "involvement", "event"), pk=pk
    )
    user, back = user_of(request), reverse("training:submissions")

    def act(form: EvaluateForm) -> str:
        said = form.cleaned_data
        undo = actions.evaluate(rows=[row], state=said["state"], note=said["note"], actor=user)
        toast(
            request,
            _now("%(person)s: %(what)s evaluated.")
            % {"person": row.person.name, "what": row.requirement.name},
            undo_url=undo_url(user, undo),
        )
        return back

    return answer_form(
        request,
        EvaluateForm,
        act,
        title=row.person.name,
        about=str(row.requirement),
        submit=_now("Save"),
        cancel=back,
        template="training/trainees/evaluate.html",
        progress=row,
    )
