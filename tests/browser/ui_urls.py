"""The list of the kernel's tests, and a page with every component on it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template import engines
from django.urls import path
from django_cotton.compiler_regex import CottonCompiler

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.boards import Board, Card, Lane, lane_asked
from folkmoot.kernel.ui.links import safe_next
from folkmoot.kernel.ui.toasts import toast
from folkmoot.people.models import Person
from tests.kernel.ui_urls import Somebody, handler400, handler403, handler404, urlpatterns  # noqa: F401

SPEC: dict[str, Any] = {
    "data": {
        "values": [{"month": "Jan", "n": 3, "who": "staff"}, {"month": "Feb", "n": 5, "who": "volunteers"}]
    },
    "mark": "bar",
    "height": 120,
    "encoding": {
        "x": {"field": "month", "type": "nominal", "title": None},
        "y": {"field": "n", "type": "quantitative", "title": "items"},
        "color": {"field": "who", "type": "nominal"},
    },
    "transform": [{"calculate": "datum.n * 2", "as": "twice"}],
}
PAGE = """
{% extends "base.html" %}
{% block title %}Components{% endblock %}
{% block content %}
<c-page-header title="Every component" subtitle="once">
  <c-slot name="picture"><c-avatar name="Ana Pérez" size="lg" /></c-slot>
  <c-slot name="primary"><c-button tone="primary" href="/">Write to Ana</c-button></c-slot>
  <c-slot name="secondary"><c-button icon="download" href="/">PDF</c-button></c-slot>
  <c-slot name="more"><c-menu-item href="/">Archive</c-menu-item>
    <c-action url="/accounts/preferences/" menu="1" confirm="Everything goes." confirm_label="Remove">
      Remove</c-action></c-slot>
</c-page-header>
<c-tabs label="Kinds"><c-tab href="/" current="1" count="41">All</c-tab><c-tab href="/">Reviews</c-tab></c-tabs>
<c-columns>
  <c-card flush="1" title="Timeline" level="2">
    <c-timeline>
      <c-entry icon="pencil-square" :when="now" by="Ilse Marten"><strong>Note</strong> Would like to mentor.</c-entry>
      <c-entry icon="git" note="merged">Opened <a href="/">Translate the lesson</a></c-entry>
    </c-timeline>
  </c-card>
  <c-card title="Chart">
    <c-chart name="months" title="Volunteers do more" subtitle="Items by month" :spec="spec"
             description="Bars: January 3, February 5">
      <c-slot name="table"><table class="table-plain">
        <thead><tr><th>Month</th><th class="number">Items</th></tr></thead>
        <tbody><tr><td>January</td><td class="number">3</td></tr></tbody></table></c-slot>
      <c-fold summary="How it is counted"><p>Items opened.</p></c-fold>
    </c-chart>
  </c-card>
  <c-card title="Form"><c-form :form="form" submit="Save" cancel="/" draft="test" /></c-card>
  <c-slot name="aside">
    <c-card title="Roles" count="2" href="/">
      <c-facts><c-fact label="Reviewer"><c-date :value="now" /></c-fact></c-facts></c-card>
    <c-card title="Words">
      <p><c-badge tone="overdue">50 days over</c-badge> <c-badge tone="due">in 3 hours</c-badge>
      <c-badge tone="done">on time</c-badge> <c-badge tone="new">new</c-badge> <c-badge>17 rows</c-badge></p>
      <p><c-person name="Tunde Okafor" href="/" note="first review" /></p>
      <p>{% for tone in tones %}<c-avatar initials="AB" :tone="tone" />{% endfor %}</p>
      <c-progress :done="3" :total="12" label="Import" />
      <c-notice tone="due" title="Stale" icon="clock">The last check failed.</c-notice>
      <c-empty title="Nothing yet" action_label="Import" action_url="/">People would be here.</c-empty>
    </c-card>
  </c-slot>
</c-columns>
<c-figures><c-figure value="58" label="people took part" change="6 more than last quarter" tone="done" href="/" />
<c-figure value="38 days" label="in review" change="limit 21" tone="overdue" /></c-figures>
{% endblock %}
"""


class AllFields(forms.Form):
    folded = ("website",)
    name = forms.CharField(label="Name", help_text="As the person writes it.")
    about = forms.CharField(label="About", widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")])
    size = forms.ChoiceField(label="Size", choices=[("s", "small"), ("l", "large")], widget=forms.RadioSelect)
    days = forms.MultipleChoiceField(
        label="Days",
        choices=[("1", "Monday"), ("2", "Tuesday")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agreed = forms.BooleanField(label="Agreed")
    website = forms.CharField(label="Website", required=False)


@requires("home.view_today")
def components(request: HttpRequest) -> HttpResponse:
    form = AllFields(request.POST if request.method == "POST" else None)
    if request.GET.get("toast"):
        messages.success(request, "Archived.", extra_tags="undo:/later/undo/?key=x")
        messages.error(request, "It could not be sent.")
    template = engines["django"].from_string(CottonCompiler().process(PAGE))
    tones = [*map(str, range(8)), "accent", "quiet"]
    return HttpResponse(
        template.render({"form": form, "spec": SPEC, "now": clock.now(), "tones": tones}, request)
    )


BOARD = """
{% extends "base.html" %}
{% block title %}Board{% endblock %}
{% block styles %}<link rel="stylesheet" href="{% static 'folkmoot/boards.css' %}">{% endblock %}
{% block head %}<script src="{% static 'folkmoot/boards.js' %}" defer></script>{% endblock %}
{% block content %}<c-page-header title="Who is where" /><c-board :board="board" label="Places" />{% endblock %}
"""
PLACES = (Lane("Quito", "Quito"), Lane("Lagos", "Lagos", "limit 21 days"), Lane("Oslo", "Oslo"))


def _card(person: Person) -> Card:
    """Whoever is called Fixed stays; Ana goes to Lagos only."""
    return Card(
        key=str(person.pk),
        title=person.name,
        lane=person.location,
        url=f"/people/{person.pk}/",
        icon="person",
        note="since spring",
        badge="50 days over",
        tone="overdue",
        move_url="" if person.name == "Fixed" else f"/board/{person.pk}/",
        lanes=("Lagos",) if person.name == "Ana" else (),
    )


@requires("people.view")
def board(request: HttpRequest) -> HttpResponse:
    shown = Board(Somebody(request), lanes=PLACES, card=_card, list_url="/somebody/")
    template = engines["django"].from_string(CottonCompiler().process(BOARD))
    return HttpResponse(template.render({"board": shown}, request))


@requires("people.manage")
def move(request: HttpRequest, pk: int, back: str = "") -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)
    try:
        before, to = person.location, back or lane_asked(request, PLACES)
        Person.objects.filter(pk=pk).update(location=to)
        toast(request, f"{person.name} is in {to}.", undo_url="" if back else f"/board/{pk}/back/{before}/")
    except ValidationError as problem:
        toast(request, " ".join(problem.messages), failed=True)
    return HttpResponseRedirect(safe_next(request))


urlpatterns = [
    *urlpatterns,
    path("components/", components, name="components"),
    path("board/", board, name="board"),
    path("board/<int:pk>/", move, name="move"),
    path("board/<int:pk>/back/<str:back>/", move, name="move_back"),
]
