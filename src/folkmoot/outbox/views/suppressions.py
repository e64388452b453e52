"""Addresses that get no mail."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.toasts import toast
from folkmoot.outbox import actions
from folkmoot.outbox.forms import ReasonForm, SuppressionForm
from folkmoot.outbox.lists import SuppressionList
from folkmoot.outbox.models import Suppression
from folkmoot.outbox.views.base import answer_form, user_of


@requires("outbox.suppress")
@require_http_methods(["GET", "HEAD", "POST"])
def suppressions(request: HttpRequest) -> HttpResponseBase:
    return SuppressionList(request).respond("outbox/suppressions.html")


@requires("outbox.suppress")
@require_http_methods(["GET", "POST"])
def new_suppression(request: HttpRequest) -> HttpResponse:
    def do(form: SuppressionForm) -> str:
        actions.suppress(
            address=form.cleaned_data["address"],
            words=form.cleaned_data["words"],
            why=Suppression.Why.MANUAL,
            source="person",
            actor=user_of(request),
        )
        toast(request, _("No more mail to this address."))
        return reverse("outbox:suppressions")

    return answer_form(
        request,
        lambda data=None: SuppressionForm(data),
        do,
        title=_("An address that gets no mail"),
        submit=_("Stop mail to it"),
        cancel=reverse("outbox:suppressions"),
    )


@requires("outbox.suppress")
@require_http_methods(["GET", "POST"])
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Suppression.objects.select_related("by", "lifted_by", "delivery"), pk=pk)

    def do(form: ReasonForm) -> str:
        actions.lift(suppression=found, why=form.cleaned_data["why"], actor=user_of(request))
        toast(request, _("Mail goes to this address again."))
        return reverse("outbox:suppressions")

    return answer_form(
        request, lambda data=None: ReasonForm(data), do, "outbox/suppression.html", suppression=found
    )
