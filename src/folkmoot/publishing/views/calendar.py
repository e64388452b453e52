"""The calendar of posts, and moving them on it."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui import times
from folkmoot.kernel.ui.answers import answer_action, user_of
from folkmoot.kernel.ui.boards import day_asked
from folkmoot.publishing.actions import planning
from folkmoot.publishing.calendars import PostCalendar
from folkmoot.publishing.exports.posts import as_csv
from folkmoot.publishing.lists import PostList
from folkmoot.publishing.models import Post
from folkmoot.publishing.moving import by_days, on_day
from folkmoot.publishing.views.base import before, undo_rows_url

#: Posts that are moved at once.
MOST_CHOSEN = 500
#: Days by which they are moved at most.
MOST_DAYS = 3660


@requires("publishing.view")
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """All channels' posts on days, with free places, goals, and what stands there in the other areas."""
    shown = PostCalendar(request, user_of(request))
    response = render(
        request,
        "publishing/calendar/calendar.html",
        {"shown": shown, "calendar": shown.calendar, "trouble": shown.list.known.trouble},
    )
    if getattr(request, "htmx", False):
        response["HX-Push-Url"] = shown.calendar.address()
    return response


@requires("publishing.view")
@require_GET
def export_posts(request: HttpRequest) -> StreamingHttpResponse:
    """Posts as a file that can be imported again, narrowed as the list of posts is."""
    rows = PostList(request).matching
    response = StreamingHttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="posts-{clock.today():%Y-%m-%d}.csv"'
    return response


@requires("publishing.manage")
@require_POST
def move_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Moves a post to the day that ``to`` names; it keeps its time of day in its zone."""
    post, user = get_object_or_404(Post, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        day = day_asked(request)
        if not post.wall_time:
            raise ValidationError(
                _("“%(title)s” has no time yet: give it one first.") % {"title": post.title}
            )
        was = before([post])
        wall = on_day(post.wall_time, post.zone, day, timezone.get_current_timezone())
        planning.move(post=post, wall_time=wall, zone=post.zone, actor=user)
        text = _("“%(title)s” leaves on %(day)s.") % {"title": post.title, "day": times.full(day)}
        return text, undo_rows_url(user, "time", was, "publishing.manage")

    return answer_action(request, act, reverse("publishing:calendar"))


@requires("publishing.manage")
@require_POST
def move_chosen(request: HttpRequest) -> HttpResponse:
    """Moves the posts that were ticked by some days, or all to one day; each keeps its time of day in its zone."""
    user = user_of(request)

    def act() -> tuple[str, str]:
        rows = _chosen(request)
        was = before(rows)
        if request.POST.get("how") == "to":
            day = day_asked(request)
            here = timezone.get_current_timezone()
            walls = [on_day(row.wall_time, row.zone, day, here) for row in rows]
        else:
            walls = [_later(row, _days_asked(request)) for row in rows]
        moves = [(row, wall, row.zone) for row, wall in zip(rows, walls, strict=True)]
        planning.move_many(moves=moves, actor=user)
        text = ngettext("%(n)d post is moved.", "%(n)d posts are moved.", len(rows)) % {"n": len(rows)}
        return text, undo_rows_url(user, "time", was, "publishing.manage")

    return answer_action(request, act, reverse("publishing:calendar"))


def _chosen(request: HttpRequest) -> list[Post]:
    numbers = {int(word) for word in request.POST.getlist("selected") if word.isdecimal() and len(word) < 19}
    if len(numbers) > MOST_CHOSEN:
        raise ValidationError(_("Select at most %(n)s posts at a time.") % {"n": MOST_CHOSEN})
    rows = list(Post.objects.filter(pk__in=numbers).exclude(wall_time="").order_by("due_at", "pk"))
    if not rows:
        raise ValidationError(_("Select posts first: tick the boxes before their titles."))
    return rows


def _days_asked(request: HttpRequest) -> int:
    word = request.POST.get("by", "").strip()
    bare = word.removeprefix("-").removeprefix("+")
    if not (bare.isascii() and bare.isdigit() and len(bare) < 5 and 0 < int(bare) <= MOST_DAYS):
        raise ValidationError(_("Say by how many days, such as 7, or -1 for the day before."))
    return -int(bare) if word.startswith("-") else int(bare)


def _later(row: Post, days: int) -> dt.datetime:
    try:
        return by_days(row.wall_time, days)
    except OverflowError:
        raise ValidationError(_("That is too far away.")) from None
