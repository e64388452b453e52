"""The library of pictures."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.publishing.actions import media as actions
from folkmoot.publishing.actions.renditions import make_rendition
from folkmoot.publishing.cards.faint import of_rows
from folkmoot.publishing.forms.media import MediaForm, UploadForm
from folkmoot.publishing.library_lists import PictureList
from folkmoot.publishing.models import Media, Rendition
from folkmoot.publishing.queries import media as queries
from folkmoot.publishing.views.base import history_page
from folkmoot.publishing.views.focus import crops_of


def _page(pk: int) -> str:
    return reverse("publishing:picture", args=[pk])


@requires("publishing.view")
def pictures(request: HttpRequest) -> HttpResponseBase:
    """All pictures that posts can show."""
    return PictureList(request).respond("publishing/pictures.html")


@requires("publishing.contribute")
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Uploads one or several pictures."""
    user = user_of(request)

    def act(form: UploadForm) -> str:
        files = form.cleaned_data["pictures"]
        kept = []
        with transaction.atomic():
            for file in files:
                alt = form.cleaned_data["alt"] if len(files) == 1 else ""
                try:
                    row = actions.upload_media(
                        upload=file, actor=user, alt=alt, credit=form.cleaned_data["credit"]
                    )
                except ValidationError as error:
                    raise ValidationError(
                        {"pictures": [f"{file.name}: {words}" for words in error.messages]}
                    ) from error
                make_rendition(media=row, limits=queries.THUMBNAIL)
                kept.append(row)
        text = ngettext("%(n)d picture is in the library.", "%(n)d pictures are in the library.", len(kept))
        toast(request, text % {"n": len(kept)})
        return _page(kept[0].pk) if len(kept) == 1 else f"{reverse('publishing:pictures')}?described=0"

    def make(*args: Any) -> UploadForm:
        return UploadForm(args[0], request.FILES) if args else UploadForm()

    return answer_form(
        request,
        make,
        act,
        title=_("Upload pictures"),
        submit=_("Upload"),
        cancel=reverse("publishing:pictures"),
        template="publishing/upload.html",
    )


@requires("publishing.view")
@require_http_methods(["GET", "POST"])
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """One picture: what it shows, what must stay visible, who is in it, where it is used."""
    row = get_object_or_404(Media.objects.select_related("uploaded_by", "card"), pk=pk)
    may_change = request.user.has_perm("publishing.contribute")
    if request.method == "POST":
        return _change(request, row)
    form = MediaForm(instance=row) if may_change else None
    return render(request, "publishing/picture.html", _shown(row, form))


@requires("publishing.contribute")
def _change(request: HttpRequest, row: Media) -> HttpResponse:
    user = user_of(request)

    def act(form: MediaForm) -> str:
        values: Any = form.values()
        actions.save_media(media=row, values=values, actor=user, seen=form.version)
        return _page(row.pk)

    return answer_form(
        request,
        partial(MediaForm, instance=row),
        act,
        title=str(row),
        submit=_("Save"),
        said=_("Saved."),
        cancel=reverse("publishing:pictures"),
        template="publishing/picture.html",
        **{name: value for name, value in _shown(row, None).items() if name != "form"},
    )


def _shown(row: Media, form: MediaForm | None) -> dict[str, Any]:
    return {
        "media": row,
        "form": form,
        "url": queries.url_of(row.sha256),
        "people": list(row.people.all()),
        "posts": queries.posts_with(row),
        "faint": of_rows(row.faint),
        "crops": crops_of(row),
    }


@requires("publishing.contribute")
@require_POST
def remove_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes a picture that nothing uses."""
    row, user = get_object_or_404(Media, pk=pk), user_of(request)
    gone: list[bool] = []

    def act() -> tuple[str, str]:
        name = str(row)
        actions.remove_media(media=row, actor=user)
        gone.append(True)
        return _("“%(name)s” is deleted.") % {"name": name}, ""

    response = answer_action(request, act, _page(pk))
    if gone:
        response["Location"] = reverse("publishing:pictures")
    return response


@requires("publishing.view")
@require_GET
def picture_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what of a picture."""
    row = get_object_or_404(Media, pk=pk)
    return history_page(request, row, _page(pk))


@requires("publishing.view")
@cache_control(private=True, max_age=7 * 24 * 60 * 60, immutable=True)
@require_GET
def picture_file(request: HttpRequest, digest: str) -> HttpResponseBase:
    """The file of a picture, or of one of its sizes, by its content's digest."""
    return file_response(digest)


def file_response(digest: str) -> FileResponse:
    """A picture's file as one that a browser shows and takes for nothing else.

    Raises:
        Http404: there is none.
    """
    found: Media | Rendition | None = (
        Media.objects.filter(sha256=digest).first() or Rendition.objects.filter(sha256=digest).first()
    )
    if found is None:
        raise Http404
    try:
        file = default_storage.open(found.file)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, content_type=found.type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    return response
