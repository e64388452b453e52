"""The grid of an unconference: planned by the machine, moved by hand, published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, user_of
from folkmoot.kernel.undo import Undo
from folkmoot.training import unconference_planning as planning
from folkmoot.training.actions import grid as actions
from folkmoot.training.actions import grid_sessions
from folkmoot.training.forms.unconference import PlaceForm
from folkmoot.training.models import Proposal, Round, Space
from folkmoot.training.planning import per_round
from folkmoot.training.queries import grid as queries
from folkmoot.training.views.base import undo_url
from folkmoot.training.views.unconference import CONTRIBUTE, MANAGE, VIEW, unconference_of


def grid_page(event: int) -> str:
    """The address of an event's grid."""
    return reverse("training:grid", args=[event])


@requires(VIEW)
@require_GET
def grid(request: HttpRequest, pk: int) -> HttpResponse:
    """The grid as it stands: what is where, what waits, which clashes are left."""
    row = unconference_of(pk)
    found = queries.grid_of(queries.load(row))
    context = {
        "unconference": row,
        "event": row.event,
        "phase": row.phase(clock.now()),
        "grid": found,
        "plan": row.plan,
    }
    return render(request, "training/unconference/grid.html", context)


@requires(MANAGE)
@require_POST
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Queues planning, and leads to where one sees how far it is."""
    row = unconference_of(pk)
    typed = request.POST.get("seconds", "")
    seconds = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 5 else planning.SECONDS
    job = planning.plan(unconference=row, actor=user_of(request), seconds=seconds)
    return HttpResponseRedirect(reverse("jobs:job", args=[job.pk]))


def _do(request: HttpRequest, event: int, act: Callable[[], tuple[str, str]]) -> HttpResponse:
    return answer_action(request, act, grid_page(event))


@requires(MANAGE)
@require_POST
def take_plan_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything is where it was before the plan."""
    row = unconference_of(pk)

    def act() -> tuple[str, str]:
        number = actions.take_plan_back(unconference=row, actor=user_of(request))
        words = ngettext("%(n)d session is as before.", "%(n)d sessions are as before.", number)
        return words % {"n": number}, ""

    return _do(request, pk, act)


@requires(MANAGE)
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the grid to everybody."""
    row = unconference_of(pk)

    def act() -> tuple[str, str]:
        number = grid_sessions.publish(unconference=row, actor=user_of(request))
        words = ngettext("%(n)d session is on the board.", "%(n)d sessions are on the board.", number)
        return words % {"n": number}, ""

    return _do(request, pk, act)


@requires(MANAGE)
@require_POST
def unpublish(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes the grid back: it is a draft again."""
    row = unconference_of(pk)

    def act() -> tuple[str, str]:
        grid_sessions.withdraw_grid(unconference=row, actor=user_of(request))
        return _("The grid is a draft: nobody else sees it."), ""

    return _do(request, pk, act)


def _row(pk: int) -> Proposal:
    return get_object_or_404(
        Proposal.objects.select_related("unconference__event", "placement__round", "placement__space"), pk=pk
    )


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a session could go, with what that costs; posted, it goes there."""
    row = _row(pk)
    event = row.unconference.event_id
    if request.method == "POST":
        return _do(request, event, lambda: _moved(request, row))
    loaded = queries.load(row.unconference)
    moves = queries.moves_of(loaded, row.pk) if row.pk in loaded.proposals else []
    moves.sort(key=lambda found: (found[3] is not None, found[1], len(found[2])))
    context = {
        "proposal": row,
        "event": row.unconference.event,
        "place": getattr(row, "placement", None),
        "moves": moves,
    }
    return render(request, "training/unconference/move.html", context)


def _moved(request: HttpRequest, row: Proposal) -> tuple[str, str]:
    user, form = user_of(request), PlaceForm(request.POST)
    if not form.is_valid():
        raise ValidationError(_("Choose a place of the grid."))
    to = form.cleaned_data["to"]
    if to is None:
        undo = actions.take_out(proposal=row, actor=user)
        return _("“%(name)s” waits for a place.") % {"name": row}, undo_url(user, undo)
    round_ = Round.objects.filter(pk=to[0]).first()
    space = Space.objects.filter(pk=to[1]).first()
    if round_ is None or space is None:
        raise ValidationError(_("Choose a place of the grid."))
    undo = actions.place(proposal=row, round_=round_, space=space, actor=user)
    return _told(row, space), undo_url(user, undo)


def _told(row: Proposal, space: Space) -> str:
    """That it went there, how many clashes it has, and what is not as it should be."""
    loaded = queries.load(row.unconference)
    problem, found = queries.problem_of(loaded), loaded.arrangement
    at = found[row.pk]
    number = per_round(problem, found, row.pk).get(at.round, 0)
    words = ngettext(
        "“%(name)s” is in %(space)s: %(n)d clash there.",
        "“%(name)s” is in %(space)s: %(n)d clashes there.",
        number,
    ) % {"name": row, "space": space, "n": number}
    said = queries.warnings(loaded, problem, row.pk, at)
    return " ".join([words, *(f"{one[:1].upper()}{one[1:]}." for one in said)])


@requires(CONTRIBUTE)
@require_POST
def pin(request: HttpRequest, pk: int) -> HttpResponse:
    """Says that a session stays where it is, or that it may move."""
    row, user = _row(pk), user_of(request)
    is_pinned = request.POST.get("pinned") == "1"

    def act() -> tuple[str, str]:
        undo = actions.pin(proposal=row, is_pinned=is_pinned, actor=user)
        words = _("“%(name)s” stays where it is.") if is_pinned else _("“%(name)s” may move.")
        return words % {"name": row}, undo_url(user, undo)

    return _do(request, row.unconference.event_id, act)


@requires(CONTRIBUTE)
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Says that a session does not take place, or that it does after all."""
    row, user = _row(pk), user_of(request)
    is_cancelled = request.POST.get("cancelled") != "0"

    def act() -> tuple[str, str]:
        undo: Undo = actions.cancel(proposal=row, is_cancelled=is_cancelled, actor=user)
        words: Any = _("“%(name)s” is cancelled.") if is_cancelled else _("“%(name)s” takes place.")
        return words % {"name": row}, undo_url(user, undo)

    return _do(request, row.unconference.event_id, act)
