"""The list of posts, one post, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.publishing.actions import planning, posts
from folkmoot.publishing.actions.deleting import delete_post
from folkmoot.publishing.forms.agreement import CommentForm
from folkmoot.publishing.forms.posts import WhenForm
from folkmoot.publishing.lists import PostList
from folkmoot.publishing.models import Post, PostState
from folkmoot.publishing.queries import post_pages as pages
from folkmoot.publishing.views.base import history_page, undo_delete_url, undo_rows_url
from folkmoot.publishing.views.pages import page_of


@requires("publishing.view")
def post_list(request: HttpRequest) -> HttpResponseBase:
    """Everything that is planned, was published, or is still being written."""
    return PostList(request).respond("publishing/list.html")


@requires("publishing.view")
@require_GET
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """One post: where it stands, whose turn it is, and what each channel's readers see."""
    row = pages.read(pk)
    if row is None:
        raise Http404
    page = pages.post_page(row, user_of(request))
    context = {
        "post": row,
        "page": page,
        "record": row,
        "comment_form": CommentForm(post=row) if page.agreement.may_contribute else None,
    }
    return render(request, "publishing/post.html", context)


@requires("publishing.view")
@require_GET
def post_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what of a post, its texts and pictures."""
    row = get_object_or_404(Post, pk=pk)
    return history_page(request, row, page_of(row))


def done(
    request: HttpRequest, pk: int, act: Callable[[Post], tuple[str, str]], fallback: str = ""
) -> HttpResponse:
    """Do something with a post that one button asks for."""
    row = get_object_or_404(Post, pk=pk)
    return answer_action(request, partial(act, row), fallback or page_of(row))


@requires("publishing.manage")
@require_http_methods(["GET", "POST"])
def set_time(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives a post a time, or another one; what is scheduled is moved."""
    row, user = get_object_or_404(Post, pk=pk), user_of(request)

    def act(form: WhenForm) -> str:
        was = planning.move(post=row, wall_time=form.wall_time, zone=form.zone_name, actor=user)
        wall = was.wall_time.isoformat(timespec="minutes") if was.wall_time else ""
        toast(
            request,
            _("“%(title)s” has another time.") % {"title": row.title},
            undo_url=undo_rows_url(user, "time", [[row.pk, wall, was.zone]], "publishing.manage"),
        )
        return page_of(row)

    return answer_form(
        request,
        lambda *args: WhenForm(*args, post=row, is_required=row.state == PostState.SCHEDULED),
        act,
        title=_("When “%(title)s” leaves") % {"title": row.title},
        submit=_("Set the time"),
        cancel=page_of(row),
    )


@requires("publishing.manage")
@require_POST
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Plans that a post leaves at its time."""
    user = user_of(request)

    def act(row: Post) -> tuple[str, str]:
        planning.schedule(post=row, actor=user)
        undo = undo_rows_url(user, "schedule", [[row.pk]], "publishing.manage")
        return _("“%(title)s” is scheduled.") % {"title": row.title}, undo

    return done(request, pk, act)


@requires("publishing.manage")
@require_POST
def unschedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a post out of the schedule."""

    def act(row: Post) -> tuple[str, str]:
        planning.unschedule(post=row, actor=user_of(request))
        return _("“%(title)s” does not leave; it keeps its time.") % {"title": row.title}, ""

    return done(request, pk, act)


@requires("publishing.manage")
@require_POST
def publish_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets a post leave as soon as it may."""

    def act(row: Post) -> tuple[str, str]:
        planning.publish_now(post=row, actor=user_of(request))
        return _("“%(title)s” leaves now.") % {"title": row.title}, ""

    return done(request, pk, act)


@requires("publishing.contribute")
@require_POST
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes a draft with the same content."""
    row = get_object_or_404(Post, pk=pk)
    made = posts.duplicate_post(post=row, actor=user_of(request))
    toast(request, _("A copy, as a draft without a time."))
    return HttpResponseRedirect(reverse("publishing:edit_post", args=[made.pk]))


@requires("publishing.manage")
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancels a post: it does not leave."""
    user = user_of(request)

    def act(row: Post) -> tuple[str, str]:
        posts.cancel_post(post=row, actor=user)
        undo = undo_rows_url(user, "cancel", [[row.pk]], "publishing.manage")
        return _("“%(title)s” is cancelled.") % {"title": row.title}, undo

    return done(request, pk, act)


@requires("publishing.manage")
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a cancelled post up again, as a draft."""

    def act(row: Post) -> tuple[str, str]:
        posts.reopen_post(post=row, actor=user_of(request))
        return _("“%(title)s” is a draft again.") % {"title": row.title}, ""

    return done(request, pk, act)


@requires("publishing.contribute")
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes a draft."""

    def act(row: Post) -> tuple[str, str]:
        title, user = row.title, user_of(request)
        deleted = delete_post(post=row, actor=user)
        return _("“%(title)s” is deleted.") % {"title": title}, undo_delete_url(user, deleted)

    row = get_object_or_404(Post, pk=pk)
    response = answer_action(request, partial(act, row), reverse("publishing:posts"))
    if Post.objects.filter(pk=pk).exists():
        return HttpResponseRedirect(page_of(row))
    return response
