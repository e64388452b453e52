"""What of a picture stays visible, set from within the composer."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from folkmoot.connectors.posts import Media as Picture
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.saving import current_version
from folkmoot.kernel.ui.answers import user_of
from folkmoot.publishing.actions.media import MediaFields, save_media
from folkmoot.publishing.drafting import BASE
from folkmoot.publishing.forms.media import FocusForm
from folkmoot.publishing.models import Media, Post
from folkmoot.publishing.previews import Crop, crop
from folkmoot.publishing.queries import media as queries
from folkmoot.publishing.views.desk import kept_post


@requires("publishing.contribute")
@require_http_methods(["GET", "POST"])
def focus(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows and sets what of a picture stays visible when it is cropped, within the composer."""
    media = get_object_or_404(Media, pk=pk)
    key, part = request.GET.get("key", "")[:20], request.GET.get("part", "")[:3]
    if (key != BASE and not key.isdecimal()) or not part.isdecimal():
        key, part = BASE, "1"
    context: dict[str, Any] = {"key": key, "part": part, "said": "", "problem": "", "seen": ""}
    if request.method == "POST":
        context |= _set(request, media)
        media.refresh_from_db()
    form = FocusForm(initial={"focus_x": media.focus_x, "focus_y": media.focus_y})
    context |= {
        "media": media,
        "fields": [(form[f"focus_{name}"], name, f"{getattr(media, f'focus_{name}'):.2f}") for name in "xy"],
        "url": queries.url_of(media.sha256),
        "crops": crops_of(media),
        "agreed": queries.agreed_with(media),
    }
    response = render(request, "publishing/composer/focus.html", context)
    if context["said"]:
        response["HX-Trigger-After-Settle"] = "focused"
    return response


def crops_of(media: Media) -> list[tuple[str, Crop]]:
    """What frames of usual shapes show of a picture."""
    seen = Picture(media.file, media.type, media.alt, media.width, media.height, sha256=media.sha256)
    focus, url = (media.focus_x, media.focus_y), queries.url_of(media.sha256)
    return [
        (label, crop(seen, ratio, focus=focus, url=url))
        for label, ratio in ((_("wide"), 16 / 9), (_("square"), 1.0), (_("tall"), 8 / 9))
    ]


def _set(request: HttpRequest, media: Media) -> dict[str, str]:
    """Keep the point; what is to be said, and the version of the post that the composer shows since."""
    form = FocusForm(request.POST)
    if not form.is_valid():
        return {"problem": " ".join(str(words) for errors in form.errors.values() for words in errors)}
    post = kept_post(request)
    opened_on = request.POST.get("seen", "")[:20]
    is_newest = post is not None and opened_on == str(current_version(post))
    values: MediaFields = {
        "focus_x": form.cleaned_data["focus_x"],
        "focus_y": form.cleaned_data["focus_y"],
    }
    try:
        save_media(media=media, values=values, actor=user_of(request))
    except ValidationError as error:
        return {"problem": " ".join(error.messages)}
    return {"said": _("Set."), "seen": _version(post) if post is not None and is_newest else ""}


def _version(post: Post) -> str:
    """Its version since: what was written into its history by this is no edit of somebody else."""
    return str(current_version(post))
