"""What the policy finds while somebody writes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.publishing.checking import Checked, check
from folkmoot.publishing.models import Post
from folkmoot.publishing.views.desk import Desk, desk_of, kept_post


@requires("publishing.contribute")
@require_POST
def check_draft(request: HttpRequest) -> HttpResponse:
    """Tells what the policy finds in what is being written, and saves nothing.

    Nothing is answered where the page shows the same already, so that nobody hears it twice.
    """
    desk = desk_of(request, kept_post(request))
    checked = _checked(desk)
    if request.POST.get("told", "")[:20] == checked.digest:
        return HttpResponse(status=204)
    return render(request, "publishing/composer/findings.html", {"checked": checked})


def _checked(desk: Desk) -> Checked:
    post = desk.post or Post(written_by=desk.user, owner=desk.user)
    desk.form.is_valid()
    is_timed = desk.when.is_valid()
    return check(
        post=post,
        said=desk.form.cleaned_data,
        wall_time=desk.when.wall_time if is_timed else None,
        zone=desk.when.zone_name if is_timed else "",
        draft=desk.draft,
        channels=desk.channels,
    )
