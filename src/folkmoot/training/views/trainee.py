"""One trainee, for the staff: how they stand, every try, awards, lessons that they can teach."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import Undo, last_change
from folkmoot.people.public import Person, find_current
from folkmoot.training.actions import awards, base, own_progress
from folkmoot.training.actions import progress as actions
from folkmoot.training.forms.places import ReasonForm
from folkmoot.training.forms.progress import LessonsForm, PersonAwardForm, ProgressForm
from folkmoot.training.models import Award, Badge, Progress
from folkmoot.training.queries.record import lessons_of, record_of
from folkmoot.training.views.base import undo_url
from folkmoot.training.views.trainees import CONTRIBUTE, MANAGE, awarded_words


def trainee_url(person: int) -> str:
    """The address of the page about a trainee."""
    return reverse("training:trainee", args=[person])


@requires("training.view")
@require_GET
def trainee(request: HttpRequest, pk: int) -> HttpResponse:
    """How somebody stands with every badge, every try, awards, lessons that they can teach."""
    person = Person.objects.filter(pk=pk, erased_at=None).first()
    if person is None:
        now = find_current(Person, pk)
        if now is not None and now.pk != pk:
            return redirect(trainee_url(now.pk))
    person = get_object_or_404(Person, pk=pk, erased_at=None)
    return render(request, "training/trainees/trainee.html", {"person": person, "record": record_of(person)})


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def new_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes a try of somebody."""
    person, user = get_object_or_404(Person, pk=pk, erased_at=None), user_of(request)
    asked = request.GET.get("what", "")[:40]

    def act(form: ProgressForm) -> str:
        row = actions.add_progress(person=person, actor=user, **form.values())
        said = _("%(person)s: %(what)s noted.") % {"person": person.name, "what": row.requirement.name}
        toast(request, said, undo_url=undo_url(user, last_change(row)))
        return trainee_url(person.pk)

    return answer_form(
        request,
        partial(ProgressForm, initial={"what": asked}),
        act,
        title=_("Note progress"),
        about=person.name,
        submit=_("Note it"),
        cancel=trainee_url(person.pk),
        template="training/form.html",
    )


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def edit_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Corrects a try, or evaluates it."""
    row = get_object_or_404(Progress.objects.select_related("person"), pk=pk)
    user = user_of(request)

    def act(form: ProgressForm) -> str:
        before = base.current_version(row)
        saved = actions.edit_progress(progress=row, actor=user, seen=form.version, **form.values())
        undo = last_change(saved) if base.current_version(saved) != before else Undo()
        toast(request, _("Saved."), undo_url=undo_url(user, undo))
        return trainee_url(row.person_id)

    return answer_form(
        request,
        partial(ProgressForm, instance=row),
        act,
        title=_("Progress"),
        about=row.person.name,
        submit=_("Save"),
        cancel=trainee_url(row.person_id),
        template="training/piece.html",
        remove=reverse("training:remove_progress", args=[row.pk]),
    )


@requires(CONTRIBUTE)
@require_POST
def remove_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes out a try that was entered by mistake."""
    row, user = get_object_or_404(Progress.objects.select_related("person"), pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        return _("Taken out."), undo_url(user, actions.remove_progress(progress=row, actor=user))

    return answer_action(request, act, trainee_url(row.person_id))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def award(request: HttpRequest, pk: int) -> HttpResponse:
    """Awards a badge to somebody."""
    person, user = get_object_or_404(Person, pk=pk, erased_at=None), user_of(request)

    def act(form: PersonAwardForm) -> str:
        said: dict[str, Any] = form.values()
        row, undo = awards.award(person=person, actor=user, **said)
        text = awarded_words(row.badge, 1) if undo.changes else _("They have it already.")
        toast(request, text, undo_url=undo_url(user, undo, MANAGE))
        return trainee_url(person.pk)

    asked = Badge.objects.filter(slug=base.line(request.GET.get("badge", "")[:60])).first()
    return answer_form(
        request,
        partial(PersonAwardForm, initial={"badge": asked.pk if asked else None}),
        act,
        title=_("Award a badge"),
        about=person.name,
        submit=_("Award"),
        cancel=trainee_url(person.pk),
        template="training/form.html",
    )


@requires(MANAGE)
@require_POST
def award_at_once(request: HttpRequest, pk: int, badge: str) -> HttpResponse:
    """Awards a badge to somebody who is complete, with one click."""
    person, user = get_object_or_404(Person, pk=pk, erased_at=None), user_of(request)
    chosen = get_object_or_404(Badge, slug=badge)

    def act() -> tuple[str, str]:
        row, undo = awards.award(person=person, badge=chosen, actor=user)
        if not undo.changes:
            return _("They have it already."), ""
        return awarded_words(row.badge, 1), undo_url(user, undo, MANAGE)

    return answer_action(request, act, trainee_url(person.pk))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def revoke_award(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a badge back, with the reason."""
    row = get_object_or_404(Award.objects.select_related("person", "badge"), pk=pk)
    user, back = user_of(request), trainee_url(row.person_id)

    def act(form: ReasonForm) -> str:
        awards.revoke_award(award=row, reason=form.cleaned_data["reason"], actor=user)
        return back

    return answer_form(
        request,
        partial(
            ReasonForm,
            required=True,
            help_text=_("The role ends today. Everybody who looks the certificate up reads the reason."),
        ),
        act,
        title=_("Take a badge back"),
        about=str(row),
        submit=_("Take it back"),
        said=_("Taken back."),
        cancel=back,
        template="training/places/form.html",
    )


@requires(MANAGE)
@require_POST
def remove_award(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes out an award that was entered by mistake."""
    row, user = get_object_or_404(Award, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        return _("Taken out."), undo_url(user, awards.remove_award(award=row, actor=user), MANAGE)

    return answer_action(request, act, trainee_url(row.person_id))


@requires(MANAGE)
@require_POST
def certify(request: HttpRequest, pk: int) -> HttpResponse:
    """Issues the certificate of an award that has none."""
    row, user = get_object_or_404(Award, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        made = awards.certify(award=row, actor=user)
        return _("The certificate is issued."), undo_url(user, last_change(made), MANAGE)

    return answer_action(request, act, trainee_url(row.person_id))


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def lessons(request: HttpRequest, pk: int) -> HttpResponse:
    """Says which lessons somebody can teach."""
    person = get_object_or_404(Person, pk=pk, erased_at=None)
    return lessons_form(request, person, trainee_url(person.pk))


def lessons_form(request: HttpRequest, person: Person, back: str) -> HttpResponse:
    """The form of the lessons that somebody can teach, for the staff and for themselves."""
    user = user_of(request)

    def act(form: LessonsForm) -> str:
        undo = own_progress.set_lessons(person=person, lessons=form.cleaned_data["lessons"], actor=user)
        may = user.has_perm("training.contribute")
        toast(request, _("Saved."), undo_url=undo_url(user, undo) if may else "")
        return back

    known = [row.lesson for row in lessons_of(person)] if request.method == "GET" else []
    return answer_form(
        request,
        partial(LessonsForm, initial={"lessons": known}),
        act,
        title=_("Lessons to teach"),
        about=person.name,
        submit=_("Save"),
        cancel=back,
        template="training/form.html",
    )
