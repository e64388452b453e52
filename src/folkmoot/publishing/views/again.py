"""What is done with a post that has left: once more, corrected, taken away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import user_of
from folkmoot.publishing.actions import leaving_again
from folkmoot.publishing.models import Post, Variant
from folkmoot.publishing.views.posts import done


@requires("publishing.manage")
@require_POST
def publish_again(request: HttpRequest, pk: int, variant: int) -> HttpResponse:
    """Publishes on one channel once more what is there already, or did not arrive."""
    found = get_object_or_404(Variant.objects.select_related("post", "channel"), pk=variant, post=pk)

    def act(row: Post) -> tuple[str, str]:
        leaving_again.publish_again(variant=found, actor=user_of(request))
        return _("It leaves for %(channel)s again.") % {"channel": found.channel}, ""

    return done(request, pk, act)


@requires("publishing.manage")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a post away from every channel that allows it."""

    def act(row: Post) -> tuple[str, str]:
        told = leaving_again.withdraw_everywhere(post=row, actor=user_of(request))
        words = _("“%(title)s” is being taken away, where the platforms allow it.") % {"title": row.title}
        return " ".join([words, *told.problems]), ""

    return done(request, pk, act)


@requires("publishing.manage")
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends the saved text to every channel that takes corrections."""

    def act(row: Post) -> tuple[str, str]:
        told = leaving_again.correct_everywhere(post=row, actor=user_of(request))
        words = _("The correction of “%(title)s” leaves, where the platforms take it.") % {"title": row.title}
        return " ".join([words, *told.problems]), ""

    return done(request, pk, act)
