"""Campaigns: what posts belong together for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.publishing.actions import campaigns as actions
from folkmoot.publishing.actions import checklists
from folkmoot.publishing.composing import tags_named
from folkmoot.publishing.forms.campaigns import CampaignForm
from folkmoot.publishing.library_lists import CampaignList
from folkmoot.publishing.models import Campaign
from folkmoot.publishing.queries import campaigns as queries
from folkmoot.publishing.views.base import history_page


def _page(campaign: Campaign) -> str:
    return reverse("publishing:campaign", args=[campaign.pk])


@requires("publishing.view")
def campaign_list(request: HttpRequest) -> HttpResponseBase:
    """What posts belong together for."""
    return CampaignList(request).respond("publishing/campaigns.html")


@requires("publishing.view")
@require_GET
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """One campaign: its purpose, its posts in the order of time, what there is to do."""
    row = get_object_or_404(Campaign.objects.select_related("owner"), pk=pk)
    posts = queries.posts_of(row)
    checklist = list(row.checklist.select_related("done_by"))
    context = {
        "campaign": row,
        "posts": posts,
        "states": queries.states(posts),
        "tags": list(row.tags.all()),
        "checklist": checklist,
        "done": sum(entry.done_at is not None for entry in checklist),
    }
    return render(request, "publishing/campaign.html", context)


def _save(request: HttpRequest, row: Campaign | None) -> HttpResponse:
    user = user_of(request)

    def act(form: CampaignForm) -> str:
        values: Any = {**form.values(), "tags": tags_named(form.tag_names)}
        saved = actions.save_campaign(
            campaign=row, values=values, actor=user, seen=form.version if row is not None else None
        )
        return _page(saved)

    def make(*args: Any) -> CampaignForm:
        if row is not None:
            return CampaignForm(*args, instance=row)
        return CampaignForm(*args, initial={"name": request.GET.get("title", "")[:200], "owner": user.pk})

    return answer_form(
        request,
        make,
        act,
        title=_("Edit %(name)s") % {"name": row.name} if row is not None else _("New campaign"),
        submit=_("Save"),
        said=_("Saved."),
        cancel=_page(row) if row is not None else reverse("publishing:campaigns"),
    )


@requires("publishing.manage")
@require_http_methods(["GET", "POST"])
def new_campaign(request: HttpRequest) -> HttpResponse:
    """Begins a campaign."""
    return _save(request, None)


@requires("publishing.manage")
@require_http_methods(["GET", "POST"])
def edit_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a campaign."""
    return _save(request, get_object_or_404(Campaign, pk=pk))


@requires("publishing.manage")
@require_POST
def archive_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """Archives a campaign; its posts stay as they are."""
    row, user = get_object_or_404(Campaign, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        actions.archive_campaign(campaign=row, actor=user)
        undo = reverse("publishing:unarchive_campaign", args=[row.pk])
        return _("“%(name)s” is archived.") % {"name": row.name}, undo

    return answer_action(request, act, _page(row))


@requires("publishing.manage")
@require_POST
def unarchive_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """Brings a campaign back from the archive."""
    row, user = get_object_or_404(Campaign, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        actions.unarchive_campaign(campaign=row, actor=user)
        return _("“%(name)s” is in use again.") % {"name": row.name}, ""

    return answer_action(request, act, _page(row))


@requires("publishing.contribute")
@require_POST
def new_campaign_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds something to be done for a campaign."""
    row, user = get_object_or_404(Campaign, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        checklists.add_entry(campaign=row, text=request.POST.get("text", "")[:1000], actor=user)
        return _("Added."), ""

    return answer_action(request, act, _page(row))


@requires("publishing.view")
@require_GET
def campaign_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what of a campaign."""
    row = get_object_or_404(Campaign, pk=pk)
    return history_page(request, row, _page(row))
