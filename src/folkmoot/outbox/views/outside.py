"""What strangers may reach: the way out of mails, and the webhooks of mail providers."""

from __future__ import annotations

from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from folkmoot.connectors import provider
from folkmoot.kernel.permissions.access import public
from folkmoot.outbox import actions, hooks, mail, queries


@csrf_exempt
@public
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop mail of a topic: by a mail program's one click (RFC 8058) or the button here, never by a mere visit.

    The token is the proof, so no cookie is asked for.
    """
    found = mail.read_unsubscribe_token(token)
    if found is None:
        raise BadRequest(_("This address is not complete. Follow the link in the mail again."))
    address, topic = found
    if request.method == "POST":
        try:
            actions.unsubscribe(address=address, topic=topic)
        except ValidationError as error:
            raise BadRequest(" ".join(error.messages)) from None
    context = {"is_done": request.method == "POST", "address": address, "topic": queries.topic_label(topic)}
    return render(request, "outbox/unsubscribe.html", context)


@csrf_exempt
@public
@require_http_methods(["HEAD", "POST"])
@never_cache
def webhook(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What a mail provider tells of what was sent; signed, or with the channel's user and password."""
    channel = get_object_or_404(queries.channels(), pk=pk, kind=provider.MailProvider.key)
    with hooks.reading_for(channel):
        answer = provider.webhook(channel.access, request)
    if answer is None:
        raise Http404
    return answer
