"""Proposals of an unconference, for those who run it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.lists import BulkAction, ChoiceFilter, Column, Done, Empty, FlagFilter, List
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import Change, Undo
from folkmoot.training.actions import proposals as actions
from folkmoot.training.forms.places import ReasonForm
from folkmoot.training.forms.unconference import MergeForm, ProposalForm
from folkmoot.training.models import Format, Placement, Proposal, ProposalState, Unconference
from folkmoot.training.queries.unconferences import with_votes
from folkmoot.training.views.base import history_page, undo_url
from folkmoot.training.views.unconference import CONTRIBUTE, MANAGE, VIEW, unconference_of


def page_of(row: Proposal) -> str:
    """The address of a proposal's page."""
    return reverse("training:proposal", args=[row.pk])


def list_of(event: int) -> str:
    """The address of an event's proposals."""
    return reverse("training:proposals", args=[event])


def show_many(*, user: Any, queryset: QuerySet[Proposal]) -> Done:
    """Let proposals in, or bring them back."""
    changes: list[Change] = []
    for row in queryset.order_by("pk"):
        changes += actions.show(proposal=row, actor=user).changes
    words = ngettext("%(n)d proposal is shown.", "%(n)d proposals are shown.", len(changes))
    return Done(words % {"n": len(changes)}, undo_url(user, Undo(tuple(changes)), MANAGE))


def _place(row: Proposal) -> str:
    at: Placement | None = getattr(row, "placement", None)
    if at is None:
        return ""
    return _now("cancelled") if at.is_cancelled else f"{at.round}, {at.space}"


class ProposalList(List):
    """What people would like to do."""

    key = "proposals"
    title = _("Proposals")
    columns = (
        Column("title", _("Title"), "title", link=page_of, sort="folded"),
        Column("votes", _("Votes"), "number_of_votes", sort="number_of_votes", number=True),
        Column("state", _("State"), "get_state_display", sort="state"),
        Column("leader", _("Who leads it"), lambda row: row.leader_name or row.leader, sort="leader_name"),
        Column("place", _("Place"), _place),
        Column("format", _("Format"), "get_format_display", sort="format"),
        Column(
            "proposed", _("Proposed"), "proposed_at", sort="proposed_at", template="people/cells/when.html"
        ),
        Column("needs", _("Needs"), lambda row: "; ".join(row.needs), shown=False),
        Column("expected", _("How many may come"), "expected", sort="expected", number=True, shown=False),
        Column("description", _("What it is about"), "description", shown=False),
        Column("notes", _("Notes"), "notes_url", shown=False),
        Column("proposer", _("Proposed by"), lambda row: row.person or row.proposer_name, shown=False),
        Column("email", _("E-mail"), "email", sort="email_folded", shown=False),
        Column("reason", _("Why it is hidden"), "hidden_because", shown=False),
        Column("into", _("Part of"), "merged_into.title", shown=False),
    )
    filters = (
        ChoiceFilter(
            "state",
            _("State"),
            choices=ProposalState.choices,
            apply=lambda qs, said: qs.filter(state__in=said),
        ),
        FlagFilter(
            "placed",
            _("In the grid"),
            lambda qs, on: qs.filter(placement__isnull=not on),
        ),
        ChoiceFilter(
            "format", _("Format"), choices=Format.choices, apply=lambda qs, said: qs.filter(format__in=said)
        ),
    )
    tabs = (
        (_("Shown"), "state=open&sort=-votes"),
        (_("To look at"), "state=waiting&sort=proposed"),
    )
    default_sort = "-votes"
    search_label = _("Title, description, who leads it")
    bulk_actions = (BulkAction("show", _("Show"), MANAGE, show_many, icon="eye"),)
    empty = Empty(
        _("No proposals yet"),
        _("Whoever has the address of the event can propose something; a title is enough."),
        icon="lightbulb",
    )

    def queryset(self) -> QuerySet[Proposal]:
        unconference: Unconference = self.context["unconference"]
        rows = unconference.proposals.select_related(
            "leader", "person", "merged_into", "placement__round", "placement__space"
        )
        return with_votes(rows)

    def search(self, queryset: QuerySet[Proposal], words: str) -> QuerySet[Proposal]:
        return (
            queryset.filter(folded__contains=fold(words))
            | queryset.filter(description__icontains=words)
            | queryset.filter(leader_name__icontains=words)
        )


@requires(VIEW)
@require_http_methods(["GET", "POST"])
def proposals(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What people proposed."""
    row = unconference_of(pk)
    return ProposalList(request, unconference=row).respond(
        "training/unconference/proposals.html", unconference=row, event=row.event
    )


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def new_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a session, on the day too."""
    return _proposal(request, unconference_of(pk), None)


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a proposal, and says what else can be done with it."""
    row = _row(pk)
    return _proposal(request, row.unconference, row)


def _row(pk: int) -> Proposal:
    rows = Proposal.objects.select_related(
        "unconference__event", "leader", "person", "merged_into", "placement__round", "placement__space"
    )
    return get_object_or_404(rows, pk=pk)


def _proposal(request: HttpRequest, at: Unconference, row: Proposal | None) -> HttpResponse:
    def act(form: ProposalForm) -> str:
        values: Any = form.values()
        made = actions.save_proposal(
            unconference=at,
            proposal=row,
            actor=user_of(request),
            seen=form.version if row else None,
            **values,
        )
        toast(request, _now("Saved.") if row else _now("“%(name)s” is there.") % {"name": made})
        return list_of(at.event_id) if row else page_of(made)

    return answer_form(
        request,
        partial(ProposalForm, instance=row or Proposal(unconference=at), unconference=at),
        act,
        title=row.title if row else _now("New session for %(name)s") % {"name": at},
        submit=_now("Save") if row else _now("Add"),
        cancel=list_of(at.event_id),
        template="training/unconference/proposal.html",
        proposal=row,
        unconference=at,
        place=getattr(row, "placement", None) if row else None,
    )


@requires(MANAGE)
@require_POST
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets a proposal in, or brings it back."""
    row, user = _row(pk), user_of(request)

    def act() -> tuple[str, str]:
        undo = undo_url(user, actions.show(proposal=row, actor=user), MANAGE)
        return _now("“%(name)s” is shown.") % {"name": row}, undo

    return answer_action(request, act, page_of(row))


@requires(MANAGE)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes that nobody wants it any more."""
    row, user = _row(pk), user_of(request)

    def act() -> tuple[str, str]:
        undo = undo_url(user, actions.withdraw(proposal=row, actor=user), MANAGE)
        return _now("“%(name)s” is withdrawn.") % {"name": row}, undo

    return answer_action(request, act, page_of(row))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def hide(request: HttpRequest, pk: int) -> HttpResponse:
    """Hides a proposal, with a reason."""
    row, user = _row(pk), user_of(request)

    def act(form: ReasonForm) -> str:
        undo = actions.hide(proposal=row, reason=form.cleaned_data["reason"], actor=user)
        toast(request, _now("“%(name)s” is hidden.") % {"name": row}, undo_url=undo_url(user, undo, MANAGE))
        return list_of(row.unconference.event_id)

    return answer_form(
        request,
        partial(ReasonForm, required=True, help_text=_("Who proposed it reads this.")),
        act,
        title=_now("Hide “%(name)s”") % {"name": row},
        submit=_now("Hide"),
        cancel=page_of(row),
        template="training/form.html",
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes a proposal part of another."""
    row, user = _row(pk), user_of(request)

    def act(form: MergeForm) -> str:
        into = form.cleaned_data["into"]
        undo = actions.merge(proposal=row, into=into, actor=user)
        words = _now("“%(name)s” is part of “%(into)s”.") % {"name": row, "into": into}
        toast(request, words, undo_url=undo_url(user, undo, MANAGE))
        return page_of(into)

    return answer_form(
        request,
        partial(MergeForm, proposal=row),
        act,
        title=_now("Make “%(name)s” part of another") % {"name": row},
        about=_now("Its votes count there, each voter once."),
        submit=_now("Merge"),
        cancel=page_of(row),
        template="training/form.html",
    )


@requires(VIEW)
@require_http_methods(["GET"])
def proposal_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Edits of a proposal."""
    row = _row(pk)
    return history_page(request, row, page_of(row))
