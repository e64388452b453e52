"""Where GitHub sends what happened: proven by its signature, taken in once, read from GitHub by a job."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from folkmoot.connectors.github import webhooks
from folkmoot.kernel.permissions.access import public
from folkmoot.kernel.secrets import CannotDecrypt
from folkmoot.ledger.github import actions
from folkmoot.ledger.github.models import GithubConnection
from folkmoot.ledger.github.sync import connections


def _refuse(status: int, why: str) -> JsonResponse:
    return JsonResponse({"error": why}, status=status)


@csrf_exempt
@public
@never_cache
@require_POST
def receive(request: HttpRequest, key: str) -> JsonResponse:
    """Take in one delivery. The signature is the proof, so no cookie is asked for; nothing is said of other keys."""
    connection = connections().filter(webhook_key=key).first()
    try:
        body = request.body
        rows = GithubConnection.objects.filter(webhook_key=key)
        secret = rows.values_list("webhook_secret", flat=True).first() or ""
    except RequestDataTooBig:
        return _refuse(413, "the delivery is too large: send fewer events")
    except CannotDecrypt:
        return _refuse(503, "the secret cannot be read here: make a new one")
    if connection is None or not webhooks.is_signed(
        secret, body, request.headers.get("X-Hub-Signature-256", "")
    ):
        return _refuse(401, "the signature does not fit: check address and secret of the webhook")
    event = request.headers.get("X-GitHub-Event", "")
    number = request.headers.get("X-GitHub-Delivery", "")
    if not event or not number:
        return _refuse(400, "X-GitHub-Event and X-GitHub-Delivery are missing")
    if request.content_type != "application/json":
        return _refuse(415, "choose application/json as the webhook's content type")
    try:
        delivery = webhooks.read(event, body)
    except ValueError:
        return _refuse(400, "the body is no JSON object")
    is_new = actions.take_delivery(connection=connection, number=number, delivery=delivery)
    return JsonResponse({"taken": is_new}, status=202 if is_new else 200)
