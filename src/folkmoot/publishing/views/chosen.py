"""What is done with several posts that were chosen in the list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_form, user_of
from folkmoot.kernel.ui.chosen import numbers_of, selection
from folkmoot.kernel.ui.lists import Done, GoTo
from folkmoot.kernel.ui.toasts import toast
from folkmoot.publishing.actions import planning, posts
from folkmoot.publishing.composing import tags_named
from folkmoot.publishing.forms.posts import CampaignManyForm, MoveManyForm, TagManyForm
from folkmoot.publishing.models import Post
from folkmoot.publishing.views.base import NAMED, before, each_of, told, undo_rows_url

SALT = "publishing.selection"


def chosen_rows(chosen: str) -> list[Post]:
    """The posts that the address names.

    Raises:
        Http404: it was altered, is older than a day, or none is there any more.
    """
    numbers = numbers_of(chosen, salt=SALT)
    rows = list(Post.objects.filter(pk__in=numbers).order_by("due_at", "pk"))
    if not rows:
        raise Http404
    return rows


def _go(name: str, queryset: QuerySet[Post]) -> GoTo:
    return GoTo(
        reverse(
            f"publishing:{name}", args=[selection(list(queryset.values_list("pk", flat=True)), salt=SALT)]
        )
    )


def to_move(*, user: User, queryset: QuerySet[Post]) -> GoTo:
    """The day is chosen on a page of its own."""
    return _go("move_many", queryset)


def to_tag(*, user: User, queryset: QuerySet[Post]) -> GoTo:
    """The tags are typed on a page of its own."""
    return _go("tag_many", queryset)


def to_campaign(*, user: User, queryset: QuerySet[Post]) -> GoTo:
    """The campaign is chosen on a page of its own."""
    return _go("campaign_many", queryset)


def schedule_many(*, user: User, queryset: QuerySet[Post]) -> Done:
    """Plan that posts leave at their times."""
    done, refused = each_of(list(queryset), lambda row: planning.schedule(post=row, actor=user))
    text = ngettext("%(n)d post is scheduled.", "%(n)d posts are scheduled.", len(done))
    undo = undo_rows_url(user, "schedule", [[row.pk] for row in done], "publishing.manage")
    return Done(told(text % {"n": len(done)}, refused), undo)


def cancel_many(*, user: User, queryset: QuerySet[Post]) -> Done:
    """Cancel posts."""
    done, refused = each_of(list(queryset), lambda row: posts.cancel_post(post=row, actor=user))
    text = ngettext("%(n)d post is cancelled.", "%(n)d posts are cancelled.", len(done))
    undo = undo_rows_url(user, "cancel", [[row.pk] for row in done], "publishing.manage")
    return Done(told(text % {"n": len(done)}, refused), undo)


# ------------------------------------------------------------- pages that ask


def _about(rows: list[Post]) -> str:
    shown = ", ".join(row.title for row in rows[:NAMED])
    more = len(rows) - NAMED
    if more <= 0:
        return shown
    return ngettext("%(shown)s and %(n)d more", "%(shown)s and %(n)d more", more) % {
        "shown": shown,
        "n": more,
    }


def _page(
    request: HttpRequest, rows: list[Post], form: Any, do: Callable[[Any], Done], *, title: str, submit: str
) -> HttpResponse:
    @transaction.atomic
    def act(filled: Any) -> str:
        done = do(filled)
        toast(request, done.text, undo_url=done.undo_url)
        return reverse("publishing:posts")

    return answer_form(
        request,
        form,
        act,
        title=title,
        submit=submit,
        cancel=reverse("publishing:posts"),
        template="publishing/many.html",
        about=_about(rows),
    )


@requires("publishing.manage")
@require_http_methods(["GET", "POST"])
def move_many(request: HttpRequest, chosen: str) -> HttpResponse:
    """Moves the chosen posts to another day; each keeps its time of day and zone."""
    rows, user = chosen_rows(chosen), user_of(request)

    def do(form: MoveManyForm) -> Done:
        day: dt.date = form.cleaned_data["day"]
        timed = [row for row in rows if row.wall_time]
        if not timed:
            raise ValidationError(_("None of these posts has a time yet: give each one first."))
        was = before(timed)
        moves = [
            (row, dt.datetime.combine(day, dt.datetime.fromisoformat(row.wall_time).time()), row.zone)
            for row in timed
        ]
        planning.move_many(moves=moves, actor=user)
        text = ngettext("%(n)d post is moved.", "%(n)d posts are moved.", len(timed)) % {"n": len(timed)}
        without = len(rows) - len(timed)
        left = [
            ngettext(
                "%(n)d without a time stays as it is.", "%(n)d without a time stay as they are.", without
            )
            % {"n": without}
        ]
        return Done(
            " ".join([text, *(left if without else [])]),
            undo_rows_url(user, "time", was, "publishing.manage"),
        )

    return _page(request, rows, MoveManyForm, do, title=_("Move to another day"), submit=_("Move"))


@requires("publishing.contribute")
@require_http_methods(["GET", "POST"])
def tag_many(request: HttpRequest, chosen: str) -> HttpResponse:
    """Adds tags to the chosen posts."""
    rows, user = chosen_rows(chosen), user_of(request)

    def do(form: TagManyForm) -> Done:
        tags = tags_named(form.cleaned_data["tags"])
        was = []
        for row in rows:
            had = list(row.tags.all())
            if posts.set_tags(post=row, tags=[*had, *tags], actor=user):
                was.append([row.pk, [tag.pk for tag in had]])
        text = ngettext("%(n)d post has other tags now.", "%(n)d posts have other tags now.", len(was))
        return Done(text % {"n": len(was)}, undo_rows_url(user, "tags", was, "publishing.contribute"))

    return _page(request, rows, TagManyForm, do, title=_("Add tags"), submit=_("Add"))


@requires("publishing.contribute")
@require_http_methods(["GET", "POST"])
def campaign_many(request: HttpRequest, chosen: str) -> HttpResponse:
    """Says to which campaign the chosen posts belong."""
    rows, user = chosen_rows(chosen), user_of(request)

    def do(form: CampaignManyForm) -> Done:
        campaign = form.cleaned_data["campaign"]
        was = []
        for row in rows:
            had = row.campaign_id
            if posts.set_campaign(post=row, campaign=campaign, actor=user):
                was.append([row.pk, had])
        text = ngettext(
            "%(n)d post belongs to another campaign now.",
            "%(n)d posts belong to another campaign now.",
            len(was),
        )
        return Done(text % {"n": len(was)}, undo_rows_url(user, "campaign", was, "publishing.contribute"))

    return _page(request, rows, CampaignManyForm, do, title=_("Set the campaign"), submit=_("Set"))
