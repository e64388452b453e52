"""The calendar of posts as an address that other programs subscribe to, with a secret in it that can be withdrawn."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import public, requires
from folkmoot.kernel.tokens.actions import make_token, note_use, revoke_token
from folkmoot.kernel.tokens.models import ApiToken
from folkmoot.kernel.tokens.queries import shown, tokens_of
from folkmoot.kernel.ui.answers import answer_action, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.publishing.calendars import CalendarList
from folkmoot.publishing.exports.feed import SCOPE
from folkmoot.publishing.exports.feed import feed as feed_of
from folkmoot.publishing.queries.plans import post_channels


def _mine(request: HttpRequest) -> list[ApiToken]:
    now = clock.now()
    return [token for token in tokens_of(user_of(request)) if SCOPE in token.scopes and token.holds(now)]


@requires("publishing.view")
@require_http_methods(["GET", "POST"])
def feeds(request: HttpRequest) -> HttpResponse:
    """One's addresses of the calendar; a new one is shown once. Narrowed as the calendar was that one came from."""
    address = ""
    narrowed = CalendarList(request, channels=list(post_channels())).query()
    if request.method == "POST":
        user = user_of(request)
        try:
            _token, word = make_token(
                owner=user, name=_("Calendar of posts"), scopes=[SCOPE], actor=user, days=None
            )
            address = request.build_absolute_uri(reverse("publishing:feed", args=[word]))
            address = f"{address}?{narrowed}" if narrowed else address
        except ValidationError as error:
            toast(request, " ".join(error.messages), failed=True)
    context = {"tokens": _mine(request), "address": address, "narrowed": narrowed}
    response = render(request, "publishing/calendar/feeds.html", context)
    response["Cache-Control"] = "no-store"
    return response


@requires("publishing.view")
@require_POST
def end_feed(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraws an address: whoever has it sees nothing any more."""
    user = user_of(request)
    token = get_object_or_404(tokens_of(user), pk=pk)

    def act() -> tuple[str, str]:
        if SCOPE in token.scopes:
            revoke_token(token=token, actor=user)
        return _("The address is withdrawn."), ""

    return answer_action(request, act, reverse("publishing:feeds"))


@public
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The posts as a calendar, for who has the address; narrowed by the same words as the calendar's page."""
    row = shown(token)
    if row is None or not row.holds(clock.now()) or SCOPE not in row.scopes:
        raise Http404
    owner = row.owner
    if not owner.is_active or not owner.has_perm("publishing.view"):
        raise Http404
    note_use(row)
    # A calendar program has to be told of what is cancelled.
    listing = CalendarList(request, channels=list(post_channels()), with_cancelled=True)
    with translation.override(owner.language or None):
        content = feed_of(listing.matching)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="posts.ics"'
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
