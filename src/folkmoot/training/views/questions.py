"""What people are asked when they register for an event."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.training.actions import questions as actions
from folkmoot.training.forms.places import QuestionForm
from folkmoot.training.models import Event, Question
from folkmoot.training.queries.places import questions_of
from folkmoot.training.views.registrations import MANAGE, event_page


def _page(event: Event) -> str:
    return reverse("training:questions", args=[event.pk])


@requires(MANAGE)
@require_GET
def questions(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions of an event, in their order; at most a page of them."""
    event = get_object_or_404(Event, pk=pk)
    context = {
        "event": event,
        "questions": list(questions_of(event)),
        "archived": list(event.questions.filter(is_archived=True).order_by("position", "pk")[: actions.MOST]),
        "back": event_page(event),
    }
    return render(request, "training/places/questions.html", context)


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def new_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks something more."""
    event, user = get_object_or_404(Event, pk=pk), user_of(request)

    def act(form: QuestionForm) -> str:
        values: actions.QuestionFields = form.values()  # type: ignore[assignment]
        actions.save_question(event=event, values=values, actor=user)
        return _page(event)

    return answer_form(
        request,
        QuestionForm,
        act,
        title=_("New question"),
        about=event.title,
        submit=_("Ask it"),
        cancel=_page(event),
        template="training/places/form.html",
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def edit_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes what is asked."""
    row, user = get_object_or_404(Question.objects.select_related("event"), pk=pk), user_of(request)

    def act(form: QuestionForm) -> str:
        values: actions.QuestionFields = form.values()  # type: ignore[assignment]
        actions.save_question(event=row.event, question=row, values=values, actor=user, seen=form.version)
        return _page(row.event)

    return answer_form(
        request,
        partial(QuestionForm, instance=row),
        act,
        title=_("Question"),
        about=row.event.title,
        submit=_("Save"),
        said=_("Saved."),
        cancel=_page(row.event),
        template="training/places/form.html",
    )


@requires(MANAGE)
@require_POST
def place_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Moves a question up or down."""
    row, user = get_object_or_404(Question.objects.select_related("event"), pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        actions.place_question(question=row, up=request.POST.get("to") == "up", actor=user)
        return _("Moved."), ""

    return answer_action(request, act, _page(row.event))


@requires(MANAGE)
@require_POST
def drop_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks something no more; answers that were given stay."""
    row, user = get_object_or_404(Question.objects.select_related("event"), pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        if actions.drop_question(question=row, actor=user):
            return _("It is asked no more. The answers stay."), reverse("training:ask_again", args=[row.pk])
        return _("Removed."), ""

    return answer_action(request, act, _page(row.event))


@requires(MANAGE)
@require_POST
def ask_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks an archived question again."""
    row, user = get_object_or_404(Question.objects.select_related("event"), pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        actions.ask_again(question=row, actor=user)
        return _("It is asked again."), ""

    return answer_action(request, act, _page(row.event))
