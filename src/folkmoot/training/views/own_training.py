"""A trainee's own page: what is required, what is done and missing, what they submit; their badges and lessons."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel import saving
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.people.public import Person
from folkmoot.training.actions import own_progress as actions
from folkmoot.training.forms.progress import SubmitForm
from folkmoot.training.models import Progress, Requirement
from folkmoot.training.queries.record import record_of
from folkmoot.training.views.trainee import lessons_form


def _person(request: HttpRequest) -> Person:
    person = Person.objects.filter(user=user_of(request), erased_at=None).first()
    if person is None:
        raise Http404
    return person


def _page() -> str:
    return reverse("training:own_training")


@requires("people.own")
@require_GET
def own_training(request: HttpRequest) -> HttpResponse:
    """What is required of the person who is signed in, how they stand, their badges and lessons."""
    person = Person.objects.filter(user=user_of(request), erased_at=None).first()
    record = record_of(person) if person is not None else None
    return render(request, "training/trainees/own.html", {"person": person, "record": record})


@requires("people.own")
@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, requirement: str) -> HttpResponse:
    """Says what one did for a requirement."""
    person, user = _person(request), user_of(request)
    row = get_object_or_404(Requirement, slug=requirement, is_own=True, is_archived=False)

    def act(form: SubmitForm) -> str:
        actions.submit(person=person, requirement=row, user=user, **form.values())
        return _page()

    return answer_form(
        request,
        partial(SubmitForm, requirement=row),
        act,
        title=row.name,
        about=row.description,
        submit=_("Submit"),
        said=_("Submitted: somebody looks at it. Until then you can change it."),
        cancel=_page(),
        template="training/form.html",
        draft=f"training.submit.{row.slug}",
    )


def _mine(request: HttpRequest, pk: int) -> Progress:
    rows = Progress.objects.select_related("requirement", "person").filter(
        person=_person(request), submitted_at__isnull=False
    )
    return get_object_or_404(rows, pk=pk)


@requires("people.own")
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Corrects what one submitted, until somebody evaluated it."""
    row, user = _mine(request, pk), user_of(request)
    initial: dict[str, Any] = {
        "involvement": row.involvement_id,
        "happened_on": row.happened_on,
        "url": row.url,
        "note": row.own_note,
        "seen": saving.current_version(row),
    }

    def act(form: SubmitForm) -> str:
        actions.change_submission(
            progress=row, user=user, seen=form.cleaned_data.get("seen"), **form.values()
        )
        return _page()

    return answer_form(
        request,
        partial(SubmitForm, requirement=row.requirement, initial=initial),
        act,
        title=row.requirement.name,
        about=row.requirement.description,
        submit=_("Save"),
        said=_("Saved."),
        cancel=_page(),
        template="training/form.html",
    )


@requires("people.own")
@require_POST
def take_back_submission(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes back what one submitted, until somebody evaluated it."""
    row, user = _mine(request, pk), user_of(request)

    def act() -> tuple[str, str]:
        actions.take_back_submission(progress=row, user=user)
        return _("Taken back. You can submit again."), ""

    return answer_action(request, act, _page())


@requires("people.own")
@require_http_methods(["GET", "POST"])
def own_lessons(request: HttpRequest) -> HttpResponse:
    """Says which lessons one can teach."""
    return lessons_form(request, _person(request), _page())
