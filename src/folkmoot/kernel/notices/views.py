"""A person's notices, how they want to be told, and the end of mails."""

from __future__ import annotations

from typing import cast

from django.core import signing
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices import actions, hours, mail, mentions, queries
from folkmoot.kernel.notices.forms import WishesForm
from folkmoot.kernel.notices.kinds import notice_kinds
from folkmoot.kernel.notices.lists import UNDO_SALT, NoticesList, marked_read
from folkmoot.kernel.permissions.access import public, requires
from folkmoot.kernel.ui.links import safe_next
from folkmoot.kernel.ui.toasts import toast


@requires("notices.own")
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponseBase:
    return NoticesList(request).respond("notices/list.html")


@requires("notices.own")
@require_http_methods(["GET", "POST"])
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a notice as read and go where it leads, which is always a page of this installation."""
    user = cast(User, request.user)
    notice = get_object_or_404(queries.notices_for(user), pk=pk)
    if notice.is_unread:
        actions.mark_read(notices=queries.notices_for(user).filter(pk=pk), actor=user)
    if not url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None):
        return redirect("notices:list")
    return HttpResponseRedirect(notice.url)


@requires("notices.own")
@require_POST
def mark_all_read(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    done = marked_read(user=user, queryset=queries.notices_for(user))
    toast(request, done.text, undo_url=done.undo_url)
    return HttpResponseRedirect(safe_next(request, "notices:list"))


@requires("notices.own")
@require_POST
def unread_again(request: HttpRequest, token: str) -> HttpResponse:
    """Take back what a toast told of."""
    user = cast(User, request.user)
    try:
        owner, moment = signing.loads(token, salt=UNDO_SALT, max_age=24 * 60 * 60)
    except signing.BadSignature:
        owner, moment = None, ""
    if owner == user.pk:
        number = actions.mark_unread_again(actor=user, moment=clock.parse_datetime(moment))
        toast(
            request,
            ngettext("%(n)d notice is unread again.", "%(n)d notices are unread again.", number)
            % {"n": number},
        )
    else:
        toast(request, _("This can no longer be undone."), failed=True)
    return HttpResponseRedirect(safe_next(request, "notices:list"))


@requires("notices.own")
@require_safe
@never_cache
def count(request: HttpRequest) -> HttpResponse:
    """The number in the bell."""
    return render(request, "notices/count.html", {"unread": queries.unread_count(cast(User, request.user))})


@requires("notices.own")
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = WishesForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_wishes(user=user, actor=user, **form.wished())
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            toast(request, _("Saved."))
            return redirect("notices:preferences")
    return render(request, "notices/preferences.html", {"form": form, "zone": hours.zone_of(user).key})


@requires("notices.mention")
@require_safe
def people(request: HttpRequest, kind: str) -> HttpResponse:
    """Whom one can mention: the choices below a text field."""
    if kind not in notice_kinds or not notice_kinds.get(kind).area:
        raise Http404
    declared = notice_kinds.get(kind)
    user = cast(User, request.user)
    found = (
        mentions.people_to_mention(declared, request.GET.get("q", "")[:100])
        if declared.may_see(user, declared.area)
        else []
    )
    return render(request, "notices/people.html", {"people": found})


@csrf_exempt
@public
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop somebody's mail: by a mail program's one click (RFC 8058) or the button here, never by a mere visit.

    The token is the proof, so no cookie is asked for.
    """
    user = mail.user_of_token(token)
    if user is None:
        raise BadRequest(
            _(
                "This address is not complete. Follow the link in the mail again, or sign in and choose what is mailed."
            )
        )
    if request.method == "POST":
        actions.stop_mail(user=user)
    return render(request, "notices/unsubscribe.html", {"is_done": request.method == "POST"})
