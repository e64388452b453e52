"""How posts are planned on each channel: its plan, its weekly slots, its goals."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui import times
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.lists import Column, Empty, List
from folkmoot.outbox.public import Channel
from folkmoot.publishing import options
from folkmoot.publishing.actions import plans as actions
from folkmoot.publishing.calendars import matter_of
from folkmoot.publishing.content import connector_of
from folkmoot.publishing.forms.plans import GoalForm, PlanForm, SlotsForm
from folkmoot.publishing.models import CadenceGoal
from folkmoot.publishing.queries import channels as queries
from folkmoot.publishing.queries.cadence import windows
from folkmoot.publishing.queries.plans import plans_of, post_channels
from folkmoot.publishing.queries.post_lists import platform_of
from folkmoot.publishing.queries.slots import weekly_of


def page_of(channel: Channel) -> str:
    """The address of a channel's plan."""
    return reverse("publishing:channel_plan", args=[channel.pk])


def _limit(row: Any) -> str:
    limits = row.known.limits
    if limits is None:
        return ""
    words = []
    if limits.text:
        words.append(f"{formats.number_format(limits.text)} {limits.unit.label}")
    if limits.images:
        words.append(_("%(n)d pictures") % {"n": limits.images})
    return ", ".join(words)


class ChannelList(List):
    """The channels that posts go to."""

    key = "post_channels"
    title = gettext_lazy("Channels")
    columns = (
        Column("name", gettext_lazy("Channel"), "name", link=page_of, sort="name"),
        Column("state", gettext_lazy("State"), "matter", template="publishing/cells/matter.html"),
        Column("free", gettext_lazy("Next free slot"), "free", template="publishing/cells/free.html"),
        Column("limits", gettext_lazy("Takes"), _limit),
        Column("followers", gettext_lazy("Followers"), lambda row: row.followers, number=True),
        Column("zone", gettext_lazy("Time zone"), "known.plan.zone"),
        Column(
            "expires",
            gettext_lazy("Access until"),
            "expires_at",
            sort="expires_at",
            template="people/cells/when.html",
        ),
        Column("owner", gettext_lazy("Who looks after it"), "known.plan.owner.name", shown=False),
    )
    default_sort = "name"
    empty = Empty(
        gettext_lazy("No channels yet"),
        gettext_lazy(
            "Here are the accounts and places that posts go to, with their times. Connect the first one."
        ),
        gettext_lazy("Connect a channel"),
        "outbox:channels",
        "outbox.admin",
        icon="broadcast",
    )

    def queryset(self) -> QuerySet[Channel]:
        return post_channels().select_related("plan__owner")

    def decorate(self, rows: list[Any]) -> None:
        known = queries.known_of(rows)
        for row in rows:
            row.known = known[row.pk]
            row.matter, row.tone = matter_of(row)
            row.free = row.known.free.instant if row.known.free else None
            row.followers = row.known.followers.followers if row.known.followers else None


@requires("publishing.view")
def channel_list(request: HttpRequest) -> HttpResponseBase:
    """The channels that posts go to, with their limits, access, next free slot and followers."""
    return ChannelList(request).respond()


def _row(pk: int) -> Channel:
    return get_object_or_404(post_channels(), pk=pk)


@requires("publishing.view")
@require_GET
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """One channel: its plan, its week, its goals and how they are kept."""
    row = _row(pk)
    known = queries.known_of([row])[row.pk]
    form = SlotsForm(slots=weekly_of([row])[row.pk])
    goals = list(CadenceGoal.objects.filter(channel=row))
    today = times.local_today()
    matter, tone = matter_of(row)
    connector = connector_of(row)
    context = {
        "channel": row,
        "known": known,
        "limits": known.limits,
        "week": [(field.label, field.initial) for field in form],
        "goals": goals,
        "windows": windows(row, today, today),
        "matter": matter,
        "tone": tone,
        "is_known": platform_of(row) is not None,
        "options": options.told(connector.options, known.plan.options) if connector is not None else [],
    }
    return render(request, "publishing/channel.html", context)


@requires("publishing.admin")
@require_http_methods(["GET", "POST"])
def edit_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a channel's zone, language, distance between posts, what only its platform knows, who looks after it."""
    row, user = _row(pk), user_of(request)
    plan = plans_of([row])[row.pk]

    def act(form: PlanForm) -> str:
        values: Any = form.values()
        seen = form.cleaned_data.get("seen") if plan.pk else None
        actions.save_plan(channel=row, values=values, actor=user, seen=seen)
        return page_of(row)

    return answer_form(
        request,
        partial(PlanForm, instance=plan),
        act,
        title=_("How posts are planned on %(name)s") % {"name": row.name},
        submit=_("Save"),
        said=_("Saved."),
        cancel=page_of(row),
    )


@requires("publishing.manage")
@require_http_methods(["GET", "POST"])
def edit_slots(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a channel's weekly slots."""
    row, user = _row(pk), user_of(request)

    def act(form: SlotsForm) -> str:
        actions.set_slots(channel=row, slots=form.slots, actor=user)
        return page_of(row)

    return answer_form(
        request,
        partial(SlotsForm, slots=weekly_of([row])[row.pk]),
        act,
        title=_("Weekly slots of %(name)s") % {"name": row.name},
        submit=_("Save"),
        said=_("Saved."),
        cancel=page_of(row),
        template="publishing/slots.html",
        zone=plans_of([row])[row.pk].zone,
    )


def _goal(request: HttpRequest, row: Channel, goal: CadenceGoal | None) -> HttpResponse:
    user = user_of(request)

    def act(form: GoalForm) -> str:
        typed = form.cleaned_data
        actions.save_goal(
            channel=row,
            goal=goal,
            since=typed["since"],
            posts=typed["posts"],
            days=typed["days"],
            actor=user,
            seen=typed.get("seen") if goal is not None else None,
        )
        return page_of(row)

    def make(*args: Any) -> GoalForm:
        if goal is not None:
            return GoalForm(*args, instance=goal)
        return GoalForm(*args, initial={"since": times.local_today(), "posts": 1, "days": 7})

    return answer_form(
        request,
        make,
        act,
        title=_("Goal of %(name)s") % {"name": row.name},
        submit=_("Save"),
        said=_("Saved."),
        cancel=page_of(row),
    )


@requires("publishing.manage")
@require_http_methods(["GET", "POST"])
def new_goal(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a goal: so many posts in so many days, from a day on."""
    return _goal(request, _row(pk), None)


@requires("publishing.manage")
@require_http_methods(["GET", "POST"])
def edit_goal(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a goal."""
    goal = get_object_or_404(CadenceGoal.objects.select_related("channel"), pk=pk)
    return _goal(request, goal.channel, goal)


@requires("publishing.manage")
@require_POST
def remove_goal(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a goal away; the one before it goes on."""
    goal, user = get_object_or_404(CadenceGoal.objects.select_related("channel"), pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        actions.remove_goal(goal=goal, actor=user)
        return _("The goal is gone."), ""

    return answer_action(request, act, page_of(goal.channel))
