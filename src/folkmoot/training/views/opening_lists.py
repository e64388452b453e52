"""The lists of openings and of who signed up for one."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.ui.lists import BulkAction, ChoiceFilter, Column, Done, Empty, FlagFilter, List
from folkmoot.training.actions import signing_up
from folkmoot.training.models import (
    Event,
    Opening,
    OpeningState,
    Priority,
    SignUp,
    SignUpState,
)
from folkmoot.training.queries import clashes, lists
from folkmoot.training.queries import openings as queries
from folkmoot.training.recruiting_telling import opening_page
from folkmoot.training.views.base import undo_url

MANAGE = "training.manage"


def priority_words(row: Any) -> str:
    """How urgent it is, in words."""
    return str(Priority(row.urgency).label)


def lines_words(row: Any) -> str:
    """What is sought and found: "Instructor 1/2, Helper 0/3"."""
    return ", ".join(map(str, row.lines))


class OpeningList(List):
    """Events for which people are sought."""

    key = "openings"
    title = _("Openings")
    columns = (
        Column(
            "event",
            _("Event"),
            "event.title",
            link=lambda row: opening_page(row.pk),
            sort="event__folded",
        ),
        Column(
            "days",
            _("Days"),
            lambda row: lists.days_words(row.event.starts_on, row.event.ends_on),
            sort="event__starts_at",
            export=lambda row: row.event.starts_on,
        ),
        Column("place", _("Place"), lambda row: lists.place_words(row.event), sort="event__country"),
        Column("sought", _("Sought and found"), lines_words),
        Column("missing", _("Missing"), "missing_number", sort="missing_number", number=True),
        Column("pending", _("Wait for an answer"), "pending_number", sort="pending_number", number=True),
        Column(
            "priority",
            _("Priority"),
            priority_words,
            sort="-urgency,event__starts_at",
            template="training/cells/priority.html",
        ),
        Column("owner", _("Assigned to"), "owner.name", sort="owner__name"),
        Column(
            "state",
            _("State"),
            "get_state_display",
            sort="state",
            template="training/cells/opening_state.html",
        ),
        Column("kind", _("Kind"), "event.kind.name", sort="event__kind__order", shown=False),
        Column("host", _("Host"), "event.host.name", sort="event__host__folded", shown=False),
        Column(
            "opened",
            _("Opened"),
            "opened_at",
            sort="opened_at",
            shown=False,
            template="people/cells/when.html",
        ),
    )
    tabs = (
        (_("Open"), "ahead=1"),
        (_("With sign-ups that wait"), "pending=1"),
        (_("Mine"), "mine=1"),
        (_("Closed"), "state=closed&sort=-opened"),
    )
    default_sort = "priority"
    search_label = _("Event, place, host, person")
    empty = Empty(
        _("Nobody is sought"),
        _("Open an event’s page and say whom you seek: instructors, helpers."),
        _("Go to events"),
        "training:list",
        "training.view",
        icon="person-plus",
    )

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        user = request.user
        self.filters = (  # type: ignore[misc]
            ChoiceFilter(
                "state", _("State"), lambda qs, states: qs.filter(state__in=states), OpeningState.choices
            ),
            ChoiceFilter(
                "priority",
                _("Priority"),
                lambda qs, chosen: qs.filter(urgency__in=lists.numbers(chosen)),
                Priority.choices,
            ),
            ChoiceFilter("part", _("Misses"), queries.seeking, queries.sought_choices),
            ChoiceFilter(
                "country",
                _("Country"),
                lambda qs, codes: qs.filter(event__country__in=codes),
                lists.country_choices,
            ),
            ChoiceFilter("owner", _("Assigned to"), queries.owned_by, queries.owner_choices),
            FlagFilter("ahead", _("Open and ahead"), queries.ahead),
            FlagFilter(
                "mine",
                _("Mine"),
                lambda qs, on: qs.filter(owner=user) if on else qs.exclude(owner=user),
            ),
            FlagFilter(
                "pending",
                _("With sign-ups that wait"),
                lambda qs, on: qs.filter(pending_number__gt=0) if on else qs.filter(pending_number=0),
            ),
            FlagFilter("online", _("Online"), lambda qs, on: qs.filter(event__is_online=on)),
        )

    def queryset(self) -> QuerySet[Opening]:
        return queries.openings()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(event__in=lists.found(Event.objects.all(), words).values("pk"))

    def decorate(self, rows: list[Any]) -> None:
        queries.with_lines(rows)


def _decide(state: str, *, user: Any, queryset: QuerySet[SignUp]) -> Done:
    rows = list(queryset.select_related("opening__event", "person", "kind"))
    number, undo = signing_up.decide_many(sign_ups=rows, state=state, actor=user)
    words = {
        SignUpState.ACCEPTED: ngettext("%(n)d sign-up is accepted.", "%(n)d sign-ups are accepted.", number),
        SignUpState.DECLINED: ngettext("%(n)d sign-up is declined.", "%(n)d sign-ups are declined.", number),
        SignUpState.PENDING: ngettext("%(n)d sign-up waits again.", "%(n)d sign-ups wait again.", number),
    }[SignUpState(state)]
    return Done(words % {"n": number}, undo_url(user, undo, MANAGE))


class SignUpList(List):
    """Who signed up for one opening."""

    key = "sign_ups"
    title = _("Sign-ups")
    columns = (
        Column(
            "person",
            _("Person"),
            "person.name",
            link=lambda row: reverse("training:sign_up", args=[row.pk]),
            sort="person__sort_key",
            avatar=True,
        ),
        Column("part", _("Part"), "kind.name", sort="kind__order,kind__name"),
        Column(
            "state",
            _("State"),
            "get_state_display",
            sort="state",
            template="training/cells/sign_up_state.html",
        ),
        Column(
            "clashes",
            _("Other events around it"),
            lambda row: "; ".join(map(str, row.clashes)),
            template="training/cells/clashes.html",
        ),
        Column("interest", _("What they say"), "interest"),
        Column("note", _("Note"), "note", shown=False),
        Column(
            "since",
            _("Signed up"),
            "signed_up_at",
            sort="signed_up_at",
            template="people/cells/when.html",
        ),
        Column("own", _("Themselves"), lambda row: _now("yes") if row.is_own else _now("no"), shown=False),
        Column("by", _("Who decided"), "decided_by.name", shown=False),
    )
    filters = (
        ChoiceFilter(
            "state", _("State"), lambda qs, states: qs.filter(state__in=states), SignUpState.choices
        ),
        ChoiceFilter(
            "part", _("Part"), lambda qs, slugs: qs.filter(kind__slug__in=slugs), queries.sought_choices
        ),
    )
    bulk_actions = (
        BulkAction("accept", _("Accept"), MANAGE, partial(_decide, SignUpState.ACCEPTED), icon="check2"),
        BulkAction("decline", _("Decline"), MANAGE, partial(_decide, SignUpState.DECLINED), icon="x-lg"),
        BulkAction(
            "wait", _("Decide later"), MANAGE, partial(_decide, SignUpState.PENDING), icon="hourglass-split"
        ),
    )
    default_sort = "since"
    search_label = _("Name")
    empty = Empty(
        _("Nobody has signed up yet"),
        _("Whoever signs up, or is put forward, stands here, with what else they have around the event."),
        icon="person-plus",
    )

    def queryset(self) -> QuerySet[SignUp]:
        return queries.sign_ups(self.context["opening"])

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(person__in=lists.people_named(words))

    def decorate(self, rows: list[Any]) -> None:
        event = self.context["opening"].event
        engaged = clashes.engagements([row.person_id for row in rows], around=[event]) if rows else {}
        rules = self.context["rules"]
        for row in rows:
            row.clashes = clashes.clashes(event, engaged.get(row.person_id, []), rules)
