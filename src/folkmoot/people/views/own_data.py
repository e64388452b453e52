"""A person's own side: photograph, consents, all that is stored, and being forgotten."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.toasts import toast
from folkmoot.people.actions import consents, erasure, own
from folkmoot.people.forms.own import EraseForm, PhotoForm
from folkmoot.people.models import ConsentKind, ConsentText
from folkmoot.people.queries.erasure import what_goes
from folkmoot.people.queries.export_person import document, stored
from folkmoot.people.queries.history import history
from folkmoot.people.views.base import answer_form, back, user_of
from folkmoot.people.views.own import act_and_tell, home, own_record
from folkmoot.people.views.photos import photo_response

HISTORY_PAGE = 100


# --- the photograph


@requires("people.own")
@never_cache
@require_GET
def photo(request: HttpRequest) -> FileResponse:
    return photo_response(own_record(request), small=request.GET.get("size") == "small")


@requires("people.own")
@require_http_methods(["GET", "POST"])
def set_photo(request: HttpRequest) -> HttpResponse:
    person = own_record(request)

    def act(form: PhotoForm) -> str:
        own.set_photo(person=person, upload=form.cleaned_data["photo"], actor=user_of(request))
        return home()

    return answer_form(
        request,
        lambda data=None: PhotoForm(data, request.FILES if data is not None else None),
        act,
        title=_("My photograph"),
        submit=_("Upload"),
        cancel=home(),
        said=_("Saved."),
        template="own/upload.html",
    )


@requires("people.own")
@require_POST
def remove_photo(request: HttpRequest) -> HttpResponse:
    person, user = own_record(request), user_of(request)
    return act_and_tell(
        request, lambda: own.remove_photo(person=person, actor=user), _("The photograph is deleted.")
    )


# --- consents


@requires("people.own")
@require_POST
def give(request: HttpRequest, pk: int) -> HttpResponse:
    text = get_object_or_404(ConsentText.objects.select_related("kind"), pk=pk)
    person, user = own_record(request), user_of(request)
    return act_and_tell(
        request,
        lambda: consents.give(person=person, text=text, actor=user),
        _("You consent: %(kind)s.") % {"kind": text.kind},
        reverse("own:withdraw", args=[text.kind_id]),
    )


@requires("people.own")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    kind = get_object_or_404(ConsentKind, pk=pk)
    person, user = own_record(request), user_of(request)
    return act_and_tell(
        request,
        lambda: consents.withdraw(person=person, kind=kind, actor=user),
        _("Withdrawn: %(kind)s. It holds from now on.") % {"kind": kind},
    )


# --- all that is stored


@requires("people.own")
@never_cache
@require_GET
def everything(request: HttpRequest) -> HttpResponse:
    return render(request, "own/everything.html", {"tables": stored(own_record(request))})


@requires("people.own")
@never_cache
@require_GET
def download(request: HttpRequest) -> StreamingHttpResponse:
    person = own_record(request)
    response = StreamingHttpResponse(document(person), content_type="application/json")
    day = clock.today().isoformat()
    response["Content-Disposition"] = f'attachment; filename="my-record-{day}.json"'
    return response


@requires("people.own")
@never_cache
@require_GET
def edits(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("page", "")
    number = min(max(int(typed), 1), 1000) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 1
    entries, more = history(
        own_record(request), with_notes=False, limit=HISTORY_PAGE, offset=(number - 1) * HISTORY_PAGE
    )
    context = {"entries": entries, "newer": number - 1, "older": number + 1 if more else 0}
    return render(request, "own/history.html", context)


# --- being forgotten


@requires("people.own")
@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    person, user = own_record(request), user_of(request)

    def act(form: EraseForm) -> str:
        erasure.ask_erasure(person=person, actor=user)
        return home()

    return answer_form(
        request,
        EraseForm,
        act,
        title=_("Ask to be forgotten"),
        submit=_("Ask for erasure"),
        cancel=home(),
        said=_("Asked. You can take this back until it is carried out."),
        template="own/erase.html",
        plan=what_goes(person),
        days=erasure.LEGAL_DAYS,
    )


@requires("people.own")
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    person, user = own_record(request), user_of(request)
    try:
        erasure.withdraw_erasure(person=person, actor=user)
        toast(request, _("Taken back: nothing is erased."))
    except ValidationError as error:
        toast(request, " ".join(error.messages), failed=True)
    return back(request, home())
