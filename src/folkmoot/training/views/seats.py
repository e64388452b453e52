"""Giving seats to learners, one by one or many at once, and taking an event from an allowance."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import Undo, last_change
from folkmoot.training.actions import base
from folkmoot.training.actions import seats as actions
from folkmoot.training.addresses import event_page
from folkmoot.training.forms.agreements import ChargeForm, SeatForm
from folkmoot.training.models import Event, Task, Use
from folkmoot.training.queries.seats import choices_for
from folkmoot.training.views.base import chosen_numbers, undo_url

MANAGE = "training.manage"


def _parts_of(event: Event) -> str:
    return reverse("training:parts", args=[event.pk])


def _give(
    request: HttpRequest, event: Event, tasks: list[Task], cancel: str, initial: Any = None
) -> HttpResponse:
    user = user_of(request)

    def act(form: SeatForm) -> str:
        if not tasks:
            raise ValidationError(_("None of these takes part any more."))
        undo = actions.give_seats(tasks=tasks, actor=user, **form.values())
        number = len(undo.changes)
        words = ngettext("%(n)d seat is given.", "%(n)d seats are given.", number) % {"n": number}
        toast(request, words, undo_url=undo_url(user, undo, MANAGE))
        return cancel

    names = ", ".join(task.person.name for task in tasks[:5]) + (", …" if len(tasks) > 5 else "")
    title = ngettext("A seat for %(n)d learner", "Seats for %(n)d learners", len(tasks)) % {"n": len(tasks)}
    return answer_form(
        request,
        partial(SeatForm, choices=choices_for(event, seat=True), initial=initial or {}),
        act,
        title=title,
        about=f"{names} · {event.title}",
        submit=_("Give"),
        cancel=cancel,
        template="training/form.html",
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def give_many(request: HttpRequest, pk: int, chosen: str) -> HttpResponse:
    """Seats for the learners that were selected, all or none."""
    event = get_object_or_404(Event.objects.select_related("kind"), pk=pk)
    rows = Task.objects.filter(event=event, pk__in=chosen_numbers(chosen))
    tasks = list(rows.select_related("person", "kind", "event__kind").order_by("person__sort_key", "pk"))
    return _give(request, event, tasks, _parts_of(event))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """A seat for one learner."""
    task = get_object_or_404(Task.objects.select_related("person", "kind", "event__kind"), pk=pk)
    use = Use.objects.filter(task=task).first()
    initial = {"allowance": use.allowance_id, "is_open": use.allowance_id is None} if use is not None else {}
    return _give(request, task.event, [task], _parts_of(task.event), initial)


@requires(MANAGE)
@require_POST
def release_seat(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a learner's seat back."""
    task = get_object_or_404(Task.objects.select_related("person", "event"), pk=pk)
    user = user_of(request)

    def act() -> tuple[str, str]:
        undo = actions.release_seat(task=task, actor=user)
        return _("The seat of %(person)s is given back.") % {"person": task.person.name}, undo_url(
            user, undo, MANAGE
        )

    return answer_action(request, act, _parts_of(task.event))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def charge(request: HttpRequest, pk: int) -> HttpResponse:
    """Says which allowance an event is taken from."""
    event = get_object_or_404(Event.objects.select_related("kind"), pk=pk)
    user = user_of(request)
    use = Use.objects.filter(event=event).first()

    def act(form: ChargeForm) -> str:
        before = base.current_version(use) if use is not None else 0
        made = actions.charge_event(event=event, actor=user, **form.cleaned_data)
        undo = last_change(made) if base.current_version(made) != before else Undo()
        toast(request, _("It is taken from the agreement."), undo_url=undo_url(user, undo, MANAGE))
        return event_page(pk)

    return answer_form(
        request,
        partial(
            ChargeForm,
            choices=choices_for(event, seat=False),
            initial={"allowance": use.allowance_id} if use is not None else {},
        ),
        act,
        title=_("What %(event)s is taken from") % {"event": event.title},
        submit=_("Take it from there"),
        cancel=event_page(pk),
        template="training/form.html",
    )


@requires(MANAGE)
@require_POST
def release_event(request: HttpRequest, pk: int) -> HttpResponse:
    """An event is taken from no agreement any more."""
    event = get_object_or_404(Event, pk=pk)
    user = user_of(request)

    def act() -> tuple[str, str]:
        undo = actions.release_event(event=event, actor=user)
        return _("%(event)s is taken from no agreement.") % {"event": event.title}, undo_url(
            user, undo, MANAGE
        )

    return answer_action(request, act, event_page(pk))
