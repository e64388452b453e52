"""The pages of one event."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.panels import Panels
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.rows import together
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import Undo, last_change
from folkmoot.people.public import Asked
from folkmoot.training import moving
from folkmoot.training.actions import base, events
from folkmoot.training.actions.deleting import delete_event
from folkmoot.training.actions.pieces import duplicate as duplicate_event
from folkmoot.training.forms.events import DuplicateForm, EventForm, ReasonForm, StallForm
from folkmoot.training.models import Event, EventKind
from folkmoot.training.queries import pages
from folkmoot.training.views.base import history_page, page_of, undo_url

MANAGE = "training.manage"


@requires("training.view")
@require_GET
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """One event: where it stands, who takes part, what happened."""
    user = user_of(request)
    row = pages.read(pk)
    if row is None:
        raise Http404
    asked = Asked(
        user, row, group=request.GET.get("about", "")[:60], before=request.GET.get("before", "")[:200]
    )
    cards = Panels(user, row)
    rows = together({**asked.rows(), **cards.rows(), **pages.rows_of(row)})
    page = pages.event_page(row, rows)
    context = {
        "event": row,
        "record": row,
        "page": page,
        "line": pages.in_one_line(row, page),
        "panels": cards.told(rows),
        "timeline": asked.told(rows),
        "is_first_page": not request.GET.get("before"),
    }
    return render(request, "training/event.html", context)


@requires("training.contribute")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Enters an event; it is planned until somebody announces it."""
    user = user_of(request)
    kind = EventKind.objects.filter(slug=base.line(request.GET.get("kind", "")[:60])).first()

    def make(*args: Any) -> EventForm:
        return EventForm(*args, initial={"kind": kind.pk} if kind else {})

    @transaction.atomic
    def act(form: EventForm) -> str:
        values: Any = form.values()
        return page_of(events.save_event(values=values, actor=user))

    return answer_form(
        request,
        make,
        act,
        title=_("New event"),
        submit=_("Add event"),
        cancel=reverse("training:list"),
        template="training/form.html",
        draft="event-new",
    )


@requires("training.contribute")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes what is said of an event."""
    row, user = get_object_or_404(Event, pk=pk), user_of(request)

    @transaction.atomic
    def act(form: EventForm) -> str:
        values: Any = form.values()
        was = moving.Whereabouts.of(row)
        saved = events.save_event(event=row, values=values, actor=user, seen=form.version)
        told = form.tells and moving.tell(event=saved, was=was, actor=user)
        said = _("Saved; those who take part are told.") if told else _("Saved.")
        undo = last_change(saved) if base.current_version(saved) != form.version else Undo()
        toast(request, said, undo_url=undo_url(user, undo))
        return page_of(row)

    return answer_form(
        request,
        partial(EventForm, instance=row),
        act,
        title=_("Edit %(name)s") % {"name": row.title},
        submit=_("Save"),
        cancel=page_of(row),
        template="training/form.html",
    )


@requires("training.contribute")
@require_http_methods(["GET", "POST"])
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    """Plans another event like this one."""
    row, user = get_object_or_404(Event.objects.select_related("kind"), pk=pk), user_of(request)

    def act(form: DuplicateForm) -> str:
        made = duplicate_event(event=row, actor=user, **form.cleaned_data)
        toast(request, _("Planned, like “%(name)s”.") % {"name": row.title})
        return page_of(made)

    return answer_form(
        request,
        partial(DuplicateForm, initial={"title": row.title}),
        act,
        title=_("Plan another like %(name)s") % {"name": row.title},
        submit=_("Plan it"),
        cancel=page_of(row),
        template="training/form.html",
    )


@requires(MANAGE)
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes an event that was only planned and that nobody has a part in."""
    row, user = get_object_or_404(Event, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        undo = delete_event(event=row, actor=user)
        return _("“%(name)s” is deleted.") % {"name": row.title}, undo_url(user, undo, MANAGE)

    response = answer_action(request, act, page_of(row))
    if not Event.objects.filter(pk=pk).exists():
        response["Location"] = reverse("training:list")
    return response


@requires("training.view")
@require_GET
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what of an event, of who takes part, of its sessions, links and questions."""
    row = get_object_or_404(Event, pk=pk)
    return history_page(request, row, page_of(row))


# -------------------------------------------------------------------- status


def _step(request: HttpRequest, pk: int, do: Callable[..., Event], said: Any) -> HttpResponse:
    """Change the status by one button; the toast takes it back."""
    row, user = get_object_or_404(Event, pk=pk), user_of(request)

    @transaction.atomic
    def act() -> tuple[str, str]:
        before = base.current_version(row)
        saved = do(event=row, actor=user)
        undo = last_change(saved) if base.current_version(saved) != before else Undo()
        return said % {"name": saved.title}, undo_url(user, undo, MANAGE)

    return answer_action(request, act, page_of(row))


@requires(MANAGE)
@require_POST
def announce(request: HttpRequest, pk: int) -> HttpResponse:
    """Announces an event."""
    return _step(request, pk, events.announce, gettext_lazy("“%(name)s” is announced."))


@requires(MANAGE)
@require_POST
def plan_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an event back to being planned."""
    return _step(request, pk, events.plan_again, gettext_lazy("“%(name)s” is planned again."))


@requires(MANAGE)
@require_POST
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Says that an event has taken place."""
    return _step(request, pk, events.finish, gettext_lazy("“%(name)s” has taken place."))


def _because(
    request: HttpRequest, pk: int, make: Any, do: Callable[..., Event], **words: Any
) -> HttpResponse:
    """Change the status with a reason, on a page of its own."""
    row, user = get_object_or_404(Event, pk=pk), user_of(request)

    @transaction.atomic
    def act(form: Any) -> str:
        before = base.current_version(row)
        saved = do(event=row, reason=form.cleaned_data["reason"], actor=user)
        undo = last_change(saved) if base.current_version(saved) != before else Undo()
        toast(request, words["said"] % {"name": row.title}, undo_url=undo_url(user, undo, MANAGE))
        return page_of(row)

    return answer_form(
        request,
        make,
        act,
        title=words["title"] % {"name": row.title},
        submit=words["submit"],
        cancel=page_of(row),
        cancel_label=words.get("cancel_label", ""),
        template="training/form.html",
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancels an event, with a reason."""
    return _because(
        request,
        pk,
        ReasonForm,
        events.cancel,
        title=_("Cancel %(name)s"),
        submit=_("Cancel the event"),
        cancel_label=_("Keep the event"),
        said=_("“%(name)s” is cancelled."),
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def stall(request: HttpRequest, pk: int) -> HttpResponse:
    """Says that an event does not move, and why."""
    return _because(
        request,
        pk,
        StallForm,
        events.stall,
        title=_("%(name)s does not move"),
        submit=_("Mark as stalled"),
        said=_("“%(name)s” is stalled."),
    )
