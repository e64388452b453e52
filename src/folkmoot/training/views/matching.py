"""Giving those who applied a place in a training: chosen, looked at, done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import refuse, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.training.actions import matching
from folkmoot.training.models import Event, Outcome, Request, RequestForm
from folkmoot.training.queries.lists import days_words, place_words
from folkmoot.training.views.base import chosen_numbers, selection, undo_url
from folkmoot.training.views.requests import MANAGE, page_of

#: At most so many at once: each is tried before.
MOST = 200


class _Trainings(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        words = [obj.title, days_words(obj.starts_on, obj.ends_on), place_words(obj)]
        return " · ".join(word for word in words if word)


class MatchForm(forms.Form):
    """In which training, with which seats."""

    event = _Trainings(Event.objects.none(), label=gettext_lazy("Training"), empty_label=None)
    seat = forms.ChoiceField(
        label=gettext_lazy("Seats"), choices=matching.Seat.choices, initial=matching.Seat.CODE
    )
    beyond = forms.CharField(
        label=gettext_lazy("Where nothing is left, or the days are over: why all the same"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Empty: who has no seat by their code gets none."),
    )
    reason = forms.CharField(
        label=gettext_lazy("A word to those who asked"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("It stands on their own page about the request."),
    )

    def __init__(self, *args: Any, form: RequestForm | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["event"].queryset = matching.trainings_for(form)


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def match_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives one who applied a place in a training."""
    row = Request.objects.filter(pk=pk, form__outcome=Outcome.TRAINING).exclude(state="draft").first()
    if row is None:
        raise Http404
    return HttpResponseRedirect(reverse("training:match_requests", args=[selection([row.pk])]))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def match(request: HttpRequest, chosen: str) -> HttpResponse:
    """Gives those who were chosen places in a training; says for each what will happen before anything does."""
    user = user_of(request)
    found = Request.objects.filter(pk__in=chosen_numbers(chosen)).exclude(state="draft")
    rows = list(found.select_related("form", "version", "person").order_by("received_at", "pk")[: MOST + 1])
    if not rows:
        raise Http404
    forms_of = {row.form_id: row.form for row in rows}
    back = page_of(rows[0]) if len(rows) == 1 else reverse("training:requests")
    form = MatchForm(request.POST or None, form=next(iter(forms_of.values())) if len(forms_of) == 1 else None)
    outlook: list[matching.Outlook] = []
    if len(rows) > MOST:
        toast(request, _("Choose at most %(n)d at once.") % {"n": MOST}, failed=True)
        return HttpResponseRedirect(back)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        word = said.pop("reason")
        outlook = matching.rehearse(rows=rows, actor=user, **said)
        able = [one.request for one in outlook if not one.problem]
        if request.POST.get("do") == "apply" and able and _seen(request) == [row.pk for row in able]:
            try:
                number, undo = matching.match_many(rows=able, actor=user, reason=word, **said)
                words = ngettext("%(n)d has a place in %(event)s.", "%(n)d have places in %(event)s.", number)
                toast(
                    request,
                    words % {"n": number, "event": said["event"].title},
                    undo_url=undo_url(user, undo, MANAGE),
                )
                return HttpResponseRedirect(back)
            except ValidationError as error:
                refuse(form, error)
        elif request.POST.get("do") == "apply":
            form.add_error(None, _("Something changed meanwhile: look at what will happen now."))
    context = {
        "form": form,
        "rows": rows,
        "outlook": outlook,
        "able": [one.request.pk for one in outlook if not one.problem],
        "back": back,
        "about": ", ".join(row.name for row in rows[:5]) + (", …" if len(rows) > 5 else ""),
    }
    return render(request, "training/requests/match.html", context, status=422 if form.errors else 200)


def _seen(request: HttpRequest) -> list[int]:
    """Who would get a place, as the page said."""
    typed = request.POST.get("able", "")[:10_000].split(",")
    return [int(one) for one in typed if one.isascii() and one.isdigit() and len(one) < 19]
