"""One sign-up, for those who decide about it; putting somebody forward; what the register knows for teaching."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import Undo, last_change
from folkmoot.people.public import Person, consents_of
from folkmoot.training.actions import base, openings, signing_up
from folkmoot.training.forms.recruitment import ProfileForm, SignUpForm, SignUpNoteForm
from folkmoot.training.models import Opening, SignUp, TeachingProfile
from folkmoot.training.queries import clashes, lists
from folkmoot.training.recruiting_telling import opening_page
from folkmoot.training.views.base import undo_url

MANAGE = "training.manage"


def _read(pk: int) -> SignUp:
    rows = SignUp.objects.select_related("opening__event", "person", "kind", "decided_by", "task")
    return get_object_or_404(rows, pk=pk)


def sign_up_page(pk: int) -> str:
    """The address of a sign-up."""
    return reverse("training:sign_up", args=[pk])


@requires("training.view")
@require_GET
def sign_up(request: HttpRequest, pk: int) -> HttpResponse:
    """One sign-up: what somebody says, what else they have around the event, and the decision."""
    row = _read(pk)
    event = row.opening.event
    found = clashes.clashes_of(row.person_id, event)
    context = {
        "row": row,
        "event": event,
        "days": lists.days_words(event.starts_on, event.ends_on),
        "clashes": found,
        "overlapping": clashes.overlapping(found),
        "may_be_asked": consents_of([row.person_id], [signing_up.CONTACT])[row.person_id][signing_up.CONTACT],
        "profile": TeachingProfile.objects.filter(person=row.person_id).first(),
        "opening_url": opening_page(row.opening_id),
    }
    return render(request, "training/sign_up.html", context)


@requires("training.contribute")
@require_http_methods(["GET", "POST"])
def new_sign_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts somebody forward for a part that an opening seeks."""
    opening = get_object_or_404(Opening.objects.select_related("event"), pk=pk)
    user = user_of(request)
    given = lists.numbers([request.GET.get("person", "")])
    person = Person.objects.filter(pk__in=given, erased_at=None).first()

    def act(form: SignUpForm) -> str:
        row = signing_up.sign_up(opening=opening, actor=user, **form.cleaned_data)
        toast(
            request,
            _("%(person)s is put forward: %(part)s.") % {"person": row.person.name, "part": row.kind.name},
            undo_url=undo_url(user, last_change(row)),
        )
        return opening_page(opening.pk)

    return answer_form(
        request,
        partial(SignUpForm, opening=opening, initial={"person": person.name if person else ""}),
        act,
        title=_("Put somebody forward for %(event)s") % {"event": opening.event.title},
        submit=_("Put them forward"),
        cancel=opening_page(opening.pk),
        template="training/form.html",
    )


def _decide(
    request: HttpRequest,
    pk: int,
    do: Callable[..., tuple[SignUp, Undo]],
    said: Any,
    *,
    may: str = MANAGE,
    **more: Any,
) -> HttpResponse:
    row, user = _read(pk), user_of(request)

    def act() -> tuple[str, str]:
        _saved, undo = do(sign_up=row, actor=user, **more)
        words = said % {"person": row.person.name, "event": row.opening.event.title}
        return words, undo_url(user, undo, may)

    return answer_action(request, act, sign_up_page(pk))


@requires(MANAGE)
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Accepts a sign-up: they take the part."""
    even_so = request.POST.get("even_so") == "1"
    said = gettext_lazy("%(person)s takes part in %(event)s.")
    return _decide(request, pk, signing_up.accept, said, even_so=even_so)


@requires(MANAGE)
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Declines a sign-up."""
    return _decide(request, pk, signing_up.decline, gettext_lazy("%(person)s is declined."))


@requires(MANAGE)
@require_POST
def wait_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a decision back: the sign-up waits again."""
    return _decide(request, pk, signing_up.wait_again, gettext_lazy("%(person)s waits for an answer again."))


@requires("training.contribute")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes that somebody has withdrawn."""
    said = gettext_lazy("%(person)s has withdrawn.")
    return _decide(request, pk, signing_up.withdraw, said, may="training.contribute")


@requires("training.contribute")
@require_http_methods(["GET", "POST"])
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes something about a sign-up, for those who run events."""
    row, user = _read(pk), user_of(request)

    def act(form: SignUpNoteForm) -> str:
        before = base.current_version(row)
        saved = signing_up.note(sign_up=row, note=form.values()["note"], actor=user, seen=form.version)
        undo = last_change(saved) if base.current_version(saved) != before else Undo()
        toast(request, _("Saved."), undo_url=undo_url(user, undo))
        return sign_up_page(row.pk)

    return answer_form(
        request,
        partial(SignUpNoteForm, instance=row),
        act,
        title=_("Note on %(person)s") % {"person": row.person.name},
        submit=_("Save"),
        cancel=sign_up_page(row.pk),
        template="training/form.html",
    )


@requires("training.contribute")
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a person sets out from, and in which languages they teach."""
    person, user = get_object_or_404(Person, pk=pk, erased_at=None), user_of(request)
    row = TeachingProfile.objects.filter(person=person).first()
    back = reverse("people:person", args=[person.pk])

    def act(form: ProfileForm) -> str:
        before = base.current_version(row) if row is not None else 0
        values: Any = form.cleaned_data
        saved = openings.save_profile(person=person, values=values, actor=user)
        undo = last_change(saved) if base.current_version(saved) != before else Undo()
        toast(request, _("Saved."), undo_url=undo_url(user, undo))
        return back

    return answer_form(
        request,
        partial(ProfileForm, profile=row),
        act,
        title=_("Where %(person)s sets out from") % {"person": person.name},
        submit=_("Save"),
        cancel=back,
        template="training/form.html",
    )
