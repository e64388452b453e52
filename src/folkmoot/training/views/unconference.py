"""How an unconference goes, for those who run it: its page, phases, rounds and spaces."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.training.actions import unconferences as actions
from folkmoot.training.forms.unconference import RoundForm, RoundsForm, SpaceForm, UnconferenceForm
from folkmoot.training.models import Event, Phase, Round, Space, Unconference
from folkmoot.training.queries import unconferences as queries
from folkmoot.training.views.base import history_page, undo_url

VIEW, CONTRIBUTE, MANAGE = "training.view", "training.contribute", "training.manage"


def unconference_of(pk: int) -> Unconference:
    """The unconference of an event, with both read.

    Raises:
        Http404: it is none.
    """
    row = queries.of_event(pk)
    if row is None:
        raise Http404
    return row


def own_page(row: Unconference) -> str:
    """The address of its page."""
    return reverse("training:unconference", args=[row.event_id])


@requires(VIEW)
@require_GET
def unconference(request: HttpRequest, pk: int) -> HttpResponse:
    """How it stands; for an event that is none, the switch."""
    row = queries.of_event(pk)
    if row is None:
        event = get_object_or_404(Event, pk=pk)
        return render(request, "training/unconference/switch.html", {"event": event})
    rounds = list(row.rounds.all())
    phase = row.phase(clock.now())
    context = {
        "unconference": row,
        "event": row.event,
        "phase": phase,
        "phases": [(each, each.label) for each in Phase if each != Phase.BEFORE],
        "figures": queries.figures(row),
        "rounds": [(each, actions.round_words(each, row.event.time_zone)) for each in rounds],
        "spaces": list(row.spaces.all()),
    }
    return render(request, "training/unconference/page.html", context)


@requires(CONTRIBUTE)
@require_POST
def switch_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes an event an unconference."""
    event = get_object_or_404(Event, pk=pk)

    def act() -> tuple[str, str]:
        actions.switch_on(event=event, actor=user_of(request))
        return _("“%(name)s” is an unconference: add rounds and spaces.") % {"name": event}, ""

    return answer_action(request, act, reverse("training:unconference", args=[pk]))


@requires(MANAGE)
@require_POST
def switch_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes it an ordinary event again."""
    row, user = unconference_of(pk), user_of(request)

    def act() -> tuple[str, str]:
        undo = undo_url(user, actions.switch_off(unconference=row, actor=user), MANAGE)
        return _("“%(name)s” is an ordinary event.") % {"name": row}, undo

    return answer_action(request, act, own_page(row))


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes how it goes."""
    row = unconference_of(pk)

    def act(form: UnconferenceForm) -> str:
        values: Any = form.values()
        actions.save_unconference(unconference=row, actor=user_of(request), seen=form.version, **values)
        return own_page(row)

    return answer_form(
        request,
        partial(UnconferenceForm, instance=row),
        act,
        title=_("How %(name)s goes") % {"name": row},
        submit=_("Save"),
        said=_("Saved."),
        cancel=own_page(row),
        template="training/form.html",
    )


@requires(MANAGE)
@require_POST
def phase(request: HttpRequest, pk: int) -> HttpResponse:
    """Says by hand where it stands."""
    row, user = unconference_of(pk), user_of(request)

    def act() -> tuple[str, str]:
        undo = actions.set_phase(unconference=row, phase=request.POST.get("phase", "")[:20], actor=user)
        row.refresh_from_db()
        stands = row.phase(clock.now()).label
        return _("It stands at: %(phase)s.") % {"phase": stands}, undo_url(user, undo, MANAGE)

    return answer_action(request, act, own_page(row))


@requires(VIEW)
@require_GET
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Edits of the unconference, its rounds, spaces and proposals."""
    row = unconference_of(pk)
    return history_page(request, row, own_page(row))


# ------------------------------------------------------------ rounds, spaces


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def new_round(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a round or a break."""
    return _round(request, unconference_of(pk), None)


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def edit_round(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a round."""
    row = get_object_or_404(Round.objects.select_related("unconference__event"), pk=pk)
    return _round(request, row.unconference, row)


def _round(request: HttpRequest, at: Unconference, row: Round | None) -> HttpResponse:
    def act(form: RoundForm) -> str:
        values: Any = form.values()
        actions.save_round(
            unconference=at, round_=row, actor=user_of(request), seen=form.version if row else None, **values
        )
        return own_page(at) + "#rounds"

    return answer_form(
        request,
        partial(RoundForm, instance=row or Round(unconference=at), event=at.event),
        act,
        title=_("Edit %(name)s") % {"name": row} if row else _("New round of %(name)s") % {"name": at},
        submit=_("Save") if row else _("Add"),
        said=_("Saved.") if row else "",
        cancel=own_page(at),
        template="training/piece.html",
        remove=reverse("training:remove_round", args=[row.pk]) if row else "",
    )


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def new_rounds(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds several rounds of the same length."""
    at = unconference_of(pk)

    def act(form: RoundsForm) -> str:
        values: Any = form.values()
        made = actions.add_rounds(unconference=at, actor=user_of(request), **values)
        toast(request, _("%(n)d rounds are there.") % {"n": len(made)})
        return own_page(at) + "#rounds"

    return answer_form(
        request,
        partial(RoundsForm, event=at.event),
        act,
        title=_("Several rounds of %(name)s") % {"name": at},
        submit=_("Add rounds"),
        cancel=own_page(at),
        template="training/form.html",
    )


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def new_space(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a space."""
    return _space(request, unconference_of(pk), None)


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def edit_space(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a space."""
    row = get_object_or_404(Space.objects.select_related("unconference__event"), pk=pk)
    return _space(request, row.unconference, row)


def _space(request: HttpRequest, at: Unconference, row: Space | None) -> HttpResponse:
    def act(form: SpaceForm) -> str:
        values: Any = form.values()
        actions.save_space(
            unconference=at, space=row, actor=user_of(request), seen=form.version if row else None, **values
        )
        return own_page(at) + "#spaces"

    return answer_form(
        request,
        partial(SpaceForm, instance=row or Space(unconference=at), unconference=at),
        act,
        title=_("Edit %(name)s") % {"name": row} if row else _("New space of %(name)s") % {"name": at},
        submit=_("Save") if row else _("Add"),
        said=_("Saved.") if row else "",
        cancel=own_page(at),
        template="training/piece.html",
        remove=reverse("training:remove_space", args=[row.pk]) if row else "",
    )


@requires(CONTRIBUTE)
@require_POST
def remove_round(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a round out that has no sessions."""
    row, user = get_object_or_404(Round.objects.select_related("unconference"), pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        undo = undo_url(user, actions.remove_round(round_=row, actor=user))
        return _("“%(name)s” is deleted.") % {"name": row}, undo

    return answer_action(request, act, own_page(row.unconference))


@requires(CONTRIBUTE)
@require_POST
def remove_space(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a space out that has no sessions."""
    row, user = get_object_or_404(Space.objects.select_related("unconference"), pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        undo = undo_url(user, actions.remove_space(space=row, actor=user))
        return _("“%(name)s” is deleted.") % {"name": row}, undo

    return answer_action(request, act, own_page(row.unconference))
