"""Public pages about places: the form, one's own page behind a signed link, certificates for everybody to check."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from folkmoot.kernel import clock
from folkmoot.kernel.markdown import as_html
from folkmoot.kernel.permissions.access import public
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.answers import refuse
from folkmoot.kernel.ui.guarded import counted_over, stamp, too_many
from folkmoot.people.public import laid_aside
from folkmoot.training import certifying, letters
from folkmoot.training.actions import place_letters, registering, voting
from folkmoot.training.forms.places import RegisterForm
from folkmoot.training.models import (
    Badge,
    Certificate,
    Event,
    Registration,
    RegistrationState,
    Unconference,
)
from folkmoot.training.queries import places

View = Callable[..., HttpResponse]
#: Registrations from one network address, and mails to one address, in an hour; certificates drawn in a minute.
MOST_SENT, MOST_MAILS, MOST_DRAWN = 60, 5, 30


def open_to_all(view: View) -> View:
    """Open to all, in no cache and no search engine; the link is told to nobody."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "same-origin"
        return response

    return public(never_cache(answer))


def _about(event: Event) -> dict[str, Any]:
    return {
        "event": event,
        "when": letters.when(event),
        "where": letters.where(event),
        "page": letters.page_of(event),
    }


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """The form by which people register for an event, or why they cannot."""
    event = get_object_or_404(places.events_with_a_form().select_related("kind"), slug=slug)
    stands = places.door(event)
    shown = {**_about(event), "door": stands.value, "closes_at": places.closes_at(event)}
    if request.method != "POST" and request.GET.get("sent") == "1":
        return render(request, "training/places/sent.html", shown)
    if not stands.is_open:
        status = 409 if request.method == "POST" else 200
        return render(request, "training/places/closed.html", shown, status=status)
    form = RegisterForm(request.POST or None, event=event, initial={"began": stamp()})
    if request.method == "POST" and form.is_valid():
        try:
            _not_too_often(request, form.cleaned_data["email"])
            registering.register(event=event, values=_values(form))
            return HttpResponseRedirect(f"{request.path}?sent=1")
        except ValidationError as error:
            refuse(form, error)
    if form.non_field_errors():
        data = request.POST.copy()
        data["began"] = stamp()
        form.data = data
    shown |= {"form": form, "note": as_html(event.registration_note)}
    return render(request, "training/places/register.html", shown, status=422 if form.errors else 200)


def _values(form: RegisterForm) -> registering.RegistrationFields:
    said = form.cleaned_data
    return {
        "name": said["name"],
        "email": said["email"],
        "affiliation": said["affiliation"],
        "needs": said["needs"],
        "answers": form.answers(),
        "language": (get_language() or "en")[:12],
    }


def _not_too_often(request: HttpRequest, email: str) -> None:
    if too_many(request, "training.register", MOST_SENT, 3600):
        raise ValidationError(_("Very many registered from your network just now. Try again in an hour."))
    digest = hashlib.sha256(fold(email).encode()).hexdigest()
    if counted_over(f"training.register.{digest}", MOST_MAILS, 3600):
        raise ValidationError(
            {
                "email": _(
                    "Several mails are on their way to this address already. Look there, or wait an hour."
                )
            }
        )


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody's own page: confirm the address, see how it stands, give the place back. Only the buttons change it."""
    row = place_letters.read(token)
    if row is None:
        return render(request, "training/places/no_place.html", status=404)
    problem = ""
    if request.method == "POST":
        try:
            if request.POST.get("do") == "confirm":
                registering.prove(registration=row)
            elif request.POST.get("do") == "withdraw":
                registering.withdraw(registration=row)
            return HttpResponseRedirect(request.path)
        except ValidationError as error:
            problem = " ".join(error.messages)
    return render(
        request,
        "training/places/place.html",
        _standing(row) | {"problem": problem},
        status=409 if problem else 200,
    )


def _standing(row: Registration) -> dict[str, Any]:
    event = row.event
    has_place = row.state == RegistrationState.CONFIRMED
    return {
        **_about(event),
        "registration": row,
        "door": places.door(event).value,
        "queue": places.place_in_queue(row),
        "links": list(places.links_for(event)) if has_place else [],
        "answers": places.answers_of(row, event.questions.all()),
        "vote_url": _vote_url(row),
    }


def _vote_url(row: Registration) -> str:
    """Where somebody who registered chooses sessions, while they can; ``""``: they cannot. At most one query."""
    if row.person_id is None or row.state != RegistrationState.CONFIRMED:
        return ""
    found = Unconference.objects.filter(event=row.event_id).first()
    if found is None:
        return ""
    found.event = row.event
    if not found.takes_votes(clock.now()):
        return ""
    return reverse("events:vote_as", args=[row.event.slug, voting.token_for(found, row.person_id)])


def _certificate(code: str) -> Certificate:
    """The certificate with this code; one of an award that a merge laid aside holds as it was issued."""
    rows = Certificate.objects.select_related("task__event__kind", "award__badge")
    row = rows.filter(code=code).first() or laid_aside(Certificate, code=code)
    if row is None:
        raise Http404
    return row


@open_to_all
@require_GET
def certificate(request: HttpRequest, code: str) -> HttpResponse:
    """Whether a certificate holds, for whoever has its address."""
    row = _certificate(code)
    return render(
        request,
        "training/places/certificate.html",
        {
            "certificate": row,
            "facts": row.facts,
            "moved": row.award_id is not None and not Certificate.objects.filter(pk=row.pk).exists(),
        },
    )


@open_to_all
@require_GET
def certificate_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """A certificate as PDF; one that was taken back has none any more."""
    row = _certificate(code)
    if row.revoked_at is not None:
        return HttpResponseRedirect(reverse("events:certificate", args=[code]))
    if too_many(request, "training.certificate", MOST_DRAWN, 60):
        return HttpResponse(_("Wait a minute, then try again."), status=429, content_type="text/plain")
    try:
        content = certifying.pdf(row)
    except ValidationError:
        raise Http404 from None
    name = slugify(f"{row.facts.get('event', '')} {row.facts.get('name', '')}")[:80] or "certificate"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}.pdf"'},
    )


@public
@require_GET
def badge_picture(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture of a badge, a PNG that :mod:`folkmoot.training.badge_pictures` has drawn."""
    file = get_object_or_404(Badge.objects.exclude(picture=""), slug=slug).picture
    try:
        with file.open("rb") as opened:
            content = opened.read()
    except OSError:
        raise Http404 from None
    return HttpResponse(content, content_type="image/png", headers={"X-Content-Type-Options": "nosniff"})
