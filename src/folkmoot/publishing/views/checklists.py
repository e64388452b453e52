"""What there is to do for a post or a campaign."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, user_of
from folkmoot.publishing.actions import checklists
from folkmoot.publishing.models import ChecklistEntry, Post
from folkmoot.publishing.views.base import undo_url
from folkmoot.publishing.views.pages import page_of
from folkmoot.publishing.views.posts import done


@requires("publishing.contribute")
@require_POST
def new_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds something to be done for a post."""

    def act(row: Post) -> tuple[str, str]:
        checklists.add_entry(post=row, text=request.POST.get("text", "")[:1000], actor=user_of(request))
        return _("Added."), ""

    return done(request, pk, act)


def _entry(pk: int) -> ChecklistEntry:
    return get_object_or_404(ChecklistEntry.objects.select_related("post", "campaign"), pk=pk)


def _owner_page(entry: ChecklistEntry) -> str:
    if entry.post is not None:
        return f"{page_of(entry.post)}#checklist"
    return f"{reverse('publishing:campaign', args=[entry.campaign_id])}#checklist"


@requires("publishing.contribute")
@require_POST
def tick(request: HttpRequest, pk: int) -> HttpResponse:
    """Ticks an entry of a checklist, or takes the tick off; answers with the list alone when a script asks."""
    entry, user = _entry(pk), user_of(request)

    def act() -> tuple[str, str]:
        checklists.tick(entry=entry, done=request.POST.get("done") == "1", actor=user)
        return _("Done.") if request.POST.get("done") == "1" else _("Open again."), ""

    if getattr(request, "htmx", False):
        act()
        owner: Any = entry.post or entry.campaign
        rows = list(owner.checklist.select_related("done_by"))
        return render(request, "publishing/parts/checklist.html", {"checklist": rows, "owner": owner})
    return answer_action(request, act, _owner_page(entry))


@requires("publishing.contribute")
@require_POST
def remove_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an entry off a checklist."""
    entry, user = _entry(pk), user_of(request)
    page = _owner_page(entry)

    def act() -> tuple[str, str]:
        return _("Taken off the list."), undo_url(user, checklists.remove_entry(entry=entry, actor=user))

    return answer_action(request, act, page)
