"""Going to a platform to connect a channel, and coming back."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from folkmoot.connectors.base import Connector, connectors
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.text import clean
from folkmoot.kernel.ui.toasts import toast
from folkmoot.outbox import actions, connecting
from folkmoot.outbox.engine import access
from folkmoot.outbox.models import Channel
from folkmoot.outbox.views.base import act, user_of


def go(
    request: HttpRequest, connector: Connector, values: dict[str, Any], channel: Channel | None = None
) -> HttpResponse:
    """Lead to the platform by a page that goes on: a form may lead to this house only (the CSP's ``form-action``).

    Raises:
        ValidationError: by field; or the platform refuses.
    """
    url = connecting.leave(request.session, connector, values, channel)
    page = render(request, "outbox/leave.html", {"url": url, "platform": connector.label})
    page["Cache-Control"] = "no-store"
    return page


@requires("outbox.admin")
@require_POST
def reconnect(request: HttpRequest, pk: int) -> HttpResponse:
    channel = get_object_or_404(Channel, pk=pk)
    page = reverse("outbox:channel", args=[pk])
    if channel.kind not in connectors:
        return HttpResponseRedirect(page)
    try:
        return go(request, channel.connector, {}, channel)
    except ValidationError as error:
        toast(request, " ".join(error.messages), failed=True)
        return HttpResponseRedirect(page)


@requires("outbox.admin")
@require_safe
@never_cache
def connected(request: HttpRequest) -> HttpResponse:
    try:
        journey = connecting.come_back(request.session, request.GET.get("state", ""))
        channel = Channel.objects.filter(pk=journey.channel).first() if journey.channel else None
        if journey.kind not in connectors or (journey.channel and channel is None):
            raise connecting.CannotConnect(_("The channel is gone."))
        if request.GET.get("error"):
            said = request.GET.get("error_description") or request.GET["error"]
            raise connecting.CannotConnect(_("The platform says: %(words)s") % {"words": clean(said)[:300]})
        found = connecting.finish(journey, request.GET.get("code", ""), channel)
        made = actions.connect_channel(
            channel=channel, kind=journey.kind, found=found, actor=user_of(request), **journey.values
        )
    except ValidationError as error:
        return render(request, "outbox/not_connected.html", {"words": error.messages}, status=422)
    words = access.probe(made)
    if words:
        toast(request, _("It is connected, and yet: %(words)s") % {"words": words}, failed=True)
    else:
        handle = clean(made.settings.get("handle"))
        toast(request, _("Connected as %(who)s.") % {"who": handle} if handle else _("Connected."))
    return HttpResponseRedirect(reverse("outbox:channel", args=[made.pk]))


@requires("outbox.admin")
@require_POST
def probe(request: HttpRequest, pk: int) -> HttpResponse:
    channel = get_object_or_404(Channel, pk=pk)

    def do() -> None:
        words = access.probe(channel)
        if words:
            raise ValidationError(words)

    return act(
        request, do, _("It works: the platform knows this access."), reverse("outbox:channel", args=[pk])
    )
