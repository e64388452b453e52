"""What a preview link opens: a draft as its readers will see it, for somebody without an account."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from folkmoot.connectors.posts import Content, Media
from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import public
from folkmoot.kernel.ui.answers import refuse
from folkmoot.publishing import content
from folkmoot.publishing.actions import agreement as actions
from folkmoot.publishing.forms.agreement import GuestForm, stamp
from folkmoot.publishing.models import Comment, Post, PreviewLink
from folkmoot.publishing.previews import Preview, preview_of
from folkmoot.publishing.views.media import file_response

#: So many comments from one address in an hour.
MOST_COMMENTS = 20


def _open(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Open to all, in no cache and no search engine; the link is told to nobody."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "same-origin"
        return response

    return public(never_cache(answer))


def _too_many(request: HttpRequest) -> bool:
    """Count one more comment from this address; whether these are too many now."""
    window = int(clock.now().timestamp() // 3600)
    key = f"publishing.guest.{request.META.get('REMOTE_ADDR', '')[:64]}.{window}"
    cache.add(key, 0, 7200)
    try:
        return cache.incr(key) > MOST_COMMENTS
    except ValueError:  # it left the cache between the two
        return False


def _link(secret: str) -> PreviewLink:
    link = actions.find_link(secret)
    if link is None:
        raise Http404
    return link


@_open
@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, secret: str) -> HttpResponse:
    """A draft by its private link: what each channel's readers will see, and what was said about it by guests."""
    link = _link(secret)
    post = link.post
    form: Any = None
    if link.may_comment and post.is_editable:
        form = GuestForm(request.POST or None, post=post, initial={"began": stamp()})
        if request.method == "POST" and form.is_valid():
            values = {
                name: form.cleaned_data[name] for name in ("name", "text", "part", "quote", "suggestion")
            }
            try:
                if _too_many(request):
                    raise ValidationError(
                        _("Very much was written from your network just now. Try again in an hour.")
                    )
                actions.add_guest_comment(link=link, **values)
                return HttpResponseRedirect(reverse("publishing:preview", args=[secret]) + "?said=1")
            except ValidationError as error:
                refuse(form, error)
        if form.errors:
            data = request.POST.copy()
            data["began"] = stamp()
            form.data = data
    context = {
        "post": post,
        "link": link,
        "previews": _previews(post, secret),
        "comments": Comment.objects.filter(post=post, resolved_at=None).exclude(guest=""),
        "form": form,
        "said": request.GET.get("said") == "1",
    }
    return render(
        request, "publishing/agreement/preview.html", context, status=422 if form and form.errors else 200
    )


def _previews(post: Post, secret: str) -> list[Preview]:
    def url_of(picture: Media) -> str:
        return reverse("publishing:preview_picture", args=[secret, picture.sha256 or "none"])

    rendered = content.rendered(post)
    return [
        preview_of(
            source.variant.channel, content.connector_of(source.variant.channel), contents, url_of=url_of
        )
        for source in content.sources([post])[post.pk]
        if source.variant.channel is not None and (contents := rendered.get(source.variant.pk))
    ]


def _shown(contents: dict[int, list[Content]]) -> set[str]:
    return {one.sha256 for mine in contents.values() for part in mine for one in part.media}


@_open
@require_GET
def preview_picture(request: HttpRequest, secret: str, digest: str) -> HttpResponseBase:
    """A picture of the draft that a private link opens; no other."""
    link = _link(secret)
    if digest not in _shown(content.rendered(link.post)):
        raise Http404
    return file_response(digest)
