"""A post that a person puts there: its pictures, and the two answers."""

from __future__ import annotations

import mimetypes
from io import BytesIO
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.outbox import actions, by_hand, queries
from folkmoot.outbox.engine.context import read
from folkmoot.outbox.models import Delivery
from folkmoot.outbox.views.base import act, user_of


def _delivery(request: HttpRequest, pk: int) -> Delivery:
    return get_object_or_404(queries.deliveries_for(user_of(request)), pk=pk)


def _to_tell(request: HttpRequest, pk: int) -> Delivery:
    found = _delivery(request, pk)
    demand(request.user, "outbox.tell", found)
    return found


@requires("outbox.view")
@require_safe
def picture(request: HttpRequest, pk: int, number: int) -> HttpResponse | FileResponse:
    found = by_hand.shown(_delivery(request, pk))
    media = dict(found.pictures).get(number) if found is not None else None
    if media is None:
        raise Http404
    try:
        content = read(media.file)
    except LookupError:
        raise Http404 from None
    name = f"{pk}-{number}{mimetypes.guess_extension(media.type) or ''}"
    return FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=media.type)


@requires("outbox.tell")
@require_POST
def posted(request: HttpRequest, pk: int) -> HttpResponse:
    found = _to_tell(request, pk)
    url = request.POST.get("url", "").strip()[:500]

    def do() -> None:
        if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc):
            raise ValidationError(_("This is no address of the web. Paste it as the browser shows it."))
        actions.it_is_there(delivery=found, actor=user_of(request), url=url)

    return act(request, do, _("Noted, thank you."), reverse("outbox:delivery", args=[pk]))


@requires("outbox.tell")
@require_POST
def not_posted(request: HttpRequest, pk: int) -> HttpResponse:
    found = _to_tell(request, pk)
    return act(
        request,
        lambda: actions.not_posted(delivery=found, actor=user_of(request)),
        _("Noted: it is not posted. You can give it another time."),
        reverse("outbox:delivery", args=[pk]),
    )
