"""The first page after sign-in, and help."""

from __future__ import annotations

import datetime as dt
from typing import cast

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from folkmoot.home import actions, queries
from folkmoot.home.forms import NOBODY, AssignForm
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.kernel.ui import times
from folkmoot.kernel.ui.boards import Calendar
from folkmoot.kernel.ui.links import safe_next
from folkmoot.kernel.ui.toasts import toast


@requires("home.view_today")
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    if not user.has_perm("home.work"):
        return HttpResponseRedirect(reverse("own:record"))
    found = queries.today(user, area=request.GET.get("area", ""), all_of=request.GET.get("all", ""))
    now = clock.now()
    context = {
        "today": found,
        "area": found.area,
        "area_label": dict(found.area_choices).get(found.area, ""),
        "sentence": sentence(found, now),
        "tomorrow": times.local_today() + dt.timedelta(days=1),
        "later_choices": queries.later_choices(now),
        "assign_areas": queries.assign_areas(user),
        "good_news": [] if found.count else queries.good_news(user, now),
    }
    return render(request, "home/today.html", context)


@requires("home.view_today")
@require_POST
def later(request: HttpRequest) -> HttpResponse:
    """Put a row off; the toast takes it back."""
    user = cast(User, request.user)
    key = request.POST.get("key", "")
    try:
        until = until_asked(request)
        actions.put_off(actor=user, key=key, until=until)
    except ValidationError as problem:
        toast(request, " ".join(problem.messages), failed=True)
    else:
        undo = f"{reverse('home:later_undo')}?{urlencode({'key': key})}"
        toast(request, _("Put off: it comes back %(when)s.") % {"when": times.relative(until)}, undo_url=undo)
    return HttpResponseRedirect(safe_next(request))


@requires("home.view_today")
@require_POST
def later_undo(request: HttpRequest) -> HttpResponse:
    """Show a row again."""
    if actions.take_back(
        actor=cast(User, request.user), key=request.GET.get("key", "").replace("\0", "")[:200]
    ):
        toast(request, _("It is back on Today."))
    return HttpResponseRedirect(safe_next(request))


@requires("home.assign")
@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest) -> HttpResponse:
    """Give a row to somebody: a page with the people who may see it."""
    user = cast(User, request.user)
    key = request.GET.get("key", "").replace("\0", "")[:200]
    found = queries.find(user, key)
    if found is None:
        toast(request, _("This needs nobody any more."), failed=True)
        return HttpResponseRedirect(reverse("home:today"))
    item, permission = found
    demand(user, "home.assign", item.area)
    people = queries.may_be_given(permission, item.area)
    held = queries.assignee(key)
    form = AssignForm(
        request.POST or None, people=people, me=user, initial={"to": held.pk if held else NOBODY}
    )
    if request.method == "POST" and form.is_valid():
        return _give(request, key, form.cleaned_data["to"])
    return render(request, "home/assign.html", {"form": form, "item": item})


@requires("home.assign")
@require_POST
def assign_undo(request: HttpRequest) -> HttpResponse:
    """Give a row back to whom it was with before."""
    to = request.GET.get("to", "")
    before = (
        User.objects.filter(pk=int(to), is_active=True).first() if to.isdecimal() and len(to) < 19 else None
    )
    return _give(request, request.GET.get("key", "").replace("\0", "")[:200], before, is_undo=True)


def _give(request: HttpRequest, key: str, to: User | None, *, is_undo: bool = False) -> HttpResponse:
    try:
        before = actions.assign(actor=cast(User, request.user), key=key, user=to)
    except ValidationError as problem:
        toast(request, " ".join(problem.messages), failed=True)
    else:
        query = urlencode({"key": key, "to": before.pk if before else ""})
        text = (
            _("It is with %(name)s now.") % {"name": to} if to else _("It is with nobody in particular now.")
        )
        changed = before != to and not is_undo
        toast(request, text, undo_url=f"{reverse('home:assign_undo')}?{query}" if changed else "")
    return HttpResponseRedirect(safe_next(request))


@requires("home.view_today")
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "home/help.html")


def sentence(found: queries.Today, now: dt.datetime) -> str:
    """The line under the title: "Friday 20 November · 12 things need someone, 4 are yours"."""
    day = times.with_weekday(timezone.localtime(now), "MONTH_DAY_FORMAT")
    if not found.count:
        return f"{day} · {_('nothing needs anybody')}"
    need = ngettext("%(n)s thing needs someone", "%(n)s things need someone", found.count) % {
        "n": found.count
    }
    if not found.mine.count:
        return f"{day} · {need}"
    yours = ngettext("%(n)s is yours", "%(n)s are yours", found.mine.count) % {"n": found.mine.count}
    return f"{day} · {need}, {yours}"


def until_asked(request: HttpRequest) -> dt.datetime:
    """The moment that was chosen: by name, or a date.

    Raises:
        ValidationError: neither.
    """
    named = queries.later_choices(clock.now()).get(request.POST.get("until", ""))
    if named:
        return named
    try:
        return queries.morning(dt.date.fromisoformat(request.POST.get("date", "")))
    except (ValueError, OverflowError):
        raise ValidationError(_("Choose until when.")) from None


@requires("home.view_today")
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """What stands on which day, from every area that the person may see."""
    user = cast(User, request.user)
    areas = queries.calendar_areas(user)
    area = next((key for key, _label in areas if key == request.GET.get("area")), "")
    shown = Calendar(
        request,
        entries=lambda first, last: queries.calendar_entries(user, first, last, area=area),
        keep=[("area", area)] if area else [],
    )
    context = {"calendar": shown, "areas": areas, "area": area, "area_label": dict(areas).get(area, "")}
    return render(request, "home/calendar.html", context)
