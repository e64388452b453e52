"""The list of events."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_form, user_of
from folkmoot.kernel.ui.lists import BulkAction, ChoiceFilter, Column, Done, Empty, FlagFilter, GoTo, List
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import Change, Undo, last_change
from folkmoot.people.public import country_name
from folkmoot.training.actions import base
from folkmoot.training.actions.events import announce, save_event
from folkmoot.training.forms.events import OwnerForm
from folkmoot.training.models import Event, Status
from folkmoot.training.queries import lists
from folkmoot.training.views.base import chosen_numbers, page_of, selection, undo_url


def announce_many(*, user: Any, queryset: QuerySet[Event]) -> Done:
    """Announce the selected events that are planned; all of them or none."""
    changes: list[Change] = []
    with transaction.atomic():
        for event in queryset.order_by("pk"):
            before = base.current_version(event)
            row = announce(event=event, actor=user)
            if base.current_version(row) != before:
                changes += last_change(row).changes
    number = len(changes)
    text = ngettext("%(n)d event is announced.", "%(n)d events are announced.", number) % {"n": number}
    return Done(text, undo_url(user, Undo(tuple(changes)), "training.manage"))


def own_many(*, user: Any, queryset: QuerySet[Event]) -> GoTo:
    """Whose they are is chosen on a page of its own."""
    return GoTo(reverse("training:own_many", args=[selection(list(queryset.values_list("pk", flat=True)))]))


class EventList(List):
    """Workshops, trainings, sprints, conferences: everything that is planned, happens or took place."""

    key = "events"
    title = _("Events")
    columns = (
        Column("title", _("Event"), "title", link=page_of, sort="folded"),
        Column("kind", _("Kind"), "kind.name", sort="kind__order,kind__name"),
        Column(
            "status", _("Status"), "get_status_display", sort="status", template="training/cells/status.html"
        ),
        Column(
            "days",
            _("Days"),
            lambda row: lists.days_words(row.starts_on, row.ends_on),
            sort="starts_at",
            export=lambda row: row.starts_on,
        ),
        Column(
            "until", _("Last day"), "ends_on", sort="ends_at", shown=False, template="people/cells/day.html"
        ),
        Column("place", _("Place"), lists.place_words, sort="country,city"),
        Column("leads", _("Teaches or speaks"), lambda row: ", ".join(row.leads)),
        Column("learners", _("Have a place"), "learners", sort="learners", number=True),
        Column("places", _("Places"), "capacity", sort="capacity", number=True, shown=False),
        Column("host", _("Host"), "host.name", sort="host__folded"),
        Column("owner", _("Whose"), "owner.name", sort="owner__name", shown=False),
        Column("programme", _("Programme"), "programme.name", sort="programme__name", shown=False),
        Column("came", _("How many came"), "attendance", sort="attendance", number=True, shown=False),
        Column("visibility", _("Who sees it"), "get_visibility_display", sort="visibility", shown=False),
        Column("city", _("City"), "city", sort="city", shown=False),
        Column("country", _("Country"), lambda row: country_name(row.country), sort="country", shown=False),
        Column("zone", _("Time zone"), "time_zone", shown=False),
        Column("slug", _("Short name"), "slug", sort="slug", shown=False),
        Column("website", _("Website"), "website", shown=False),
        Column("source", _("Source"), "source", sort="source", shown=False),
    )
    tabs = (
        (_("Ahead"), "ahead=1&sort=days"),
        (_("To announce"), "status=planned&sort=days"),
        (_("Past"), "status=done"),
        (_("Mine"), "mine=1"),
        (_("Cancelled"), "status=cancelled"),
    )
    default_sort = "-days"
    search_label = _("Event, place, host, person")
    bulk_actions = (
        BulkAction("announce", _("Announce"), "training.manage", announce_many, icon="megaphone"),
        BulkAction("own", _("Say whose they are"), "training.manage", own_many, icon="person-check"),
    )
    empty = Empty(
        _("No events yet"),
        _("Workshops, trainings, sprints, talks and conferences stand here, from an import or one by one."),
        _("New event"),
        "training:new",
        "training.contribute",
        icon="easel",
    )

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        user = request.user
        self.filters = (  # type: ignore[misc]
            ChoiceFilter(
                "kind", _("Kind"), lambda qs, slugs: qs.filter(kind__slug__in=slugs), lists.kind_choices
            ),
            ChoiceFilter(
                "status", _("Status"), lambda qs, chosen: qs.filter(status__in=chosen), Status.choices
            ),
            ChoiceFilter("year", _("Year"), lists.in_years, lists.year_choices),
            ChoiceFilter(
                "country",
                _("Country"),
                lambda qs, codes: qs.filter(country__in=codes),
                lists.country_choices,
            ),
            FlagFilter("mine", _("Mine"), lambda qs, on: lists.of_user(qs, user, on)),
            ChoiceFilter(
                "programme",
                _("Programme"),
                lambda qs, slugs: qs.filter(programme__slug__in=slugs),
                lists.programme_choices,
            ),
            ChoiceFilter(
                "host",
                _("Host"),
                lambda qs, ids: qs.filter(host__in=lists.numbers(ids)),
                lists.host_choices,
            ),
            ChoiceFilter("owner", _("Whose"), lists.owned_by, lists.owner_choices),
            FlagFilter("ahead", _("Ahead"), lists.ahead),
            FlagFilter("online", _("Online"), lambda qs, on: qs.filter(is_online=on)),
            FlagFilter("full", _("Full"), lists.full),
            FlagFilter(
                "private",
                _("Private"),
                lambda qs, on: qs.filter(visibility="private") if on else qs.exclude(visibility="private"),
            ),
        )

    def queryset(self) -> QuerySet[Event]:
        return lists.events()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return lists.found(queryset, words)

    def decorate(self, rows: list[Any]) -> None:
        lists.with_leads(rows)


@requires("training.view")
def events(request: HttpRequest) -> HttpResponseBase:
    """All events, with filters, saved views, bulk actions and files."""
    return EventList(request).respond("training/list.html")


@requires("training.manage")
@require_http_methods(["GET", "POST"])
def own_many_page(request: HttpRequest, chosen: str) -> HttpResponse:
    """Give the events that were selected to somebody."""
    user = user_of(request)
    rows = list(Event.objects.filter(pk__in=chosen_numbers(chosen)).order_by("pk"))

    @transaction.atomic
    def act(form: OwnerForm) -> str:
        if not rows:
            raise ValidationError(_now("None of these events is there any more."))
        changes: list[Change] = []
        for event in rows:
            before = base.current_version(event)
            saved = save_event(event=event, values={"owner": form.cleaned_data["owner"]}, actor=user)
            if base.current_version(saved) != before:
                changes += last_change(saved).changes
        text = ngettext("%(n)d event has changed hands.", "%(n)d events have changed hands.", len(changes))
        toast(
            request,
            text % {"n": len(changes)},
            undo_url=undo_url(user, Undo(tuple(changes)), "training.manage"),
        )
        return reverse("training:list")

    title = ngettext("Whose is %(n)d event?", "Whose are %(n)d events?", len(rows)) % {"n": len(rows)}
    return answer_form(
        request,
        OwnerForm,
        act,
        title=title,
        submit=_now("Save"),
        cancel=reverse("training:list"),
        template="training/form.html",
        about=", ".join(row.title for row in rows[:5]) + (", …" if len(rows) > 5 else ""),
    )
