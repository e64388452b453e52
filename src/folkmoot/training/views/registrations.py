"""Who registered for an event: the list, one registration, and deciding about them."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.lists import BulkAction, ChoiceFilter, Column, Done, Empty, GoTo, List
from folkmoot.training.actions import registrations as actions
from folkmoot.training.forms.places import ReasonForm
from folkmoot.training.models import Event, Question, Registration, RegistrationState
from folkmoot.training.queries import places

SALT = "training.selection"
MANAGE = "training.manage"


def event_page(event: Event) -> str:
    """The path of an event's page for those who run it."""
    try:
        return reverse("training:event", args=[event.pk])
    except NoReverseMatch:
        return reverse("training:registrations", args=[event.pk])


def accept_many(*, user: Any, queryset: QuerySet[Registration]) -> Done:
    """Gives places to those who wait, the first first, as far as there are places."""
    accepted = left = 0
    for row in queryset.order_by("queued_at", "pk"):
        try:
            actions.accept(registration=row, actor=user)
            accepted += 1
        except ValidationError:
            left += 1
    said = ngettext("%(n)d has a place.", "%(n)d have a place.", accepted) % {"n": accepted}
    if left:
        said += " " + ngettext(
            "%(n)d could not get one: the event is full, or the address is not confirmed.",
            "%(n)d could not get one: the event is full, or their addresses are not confirmed.",
            left,
        ) % {"n": left}
    return Done(said)


def decline_some(*, user: Any, queryset: QuerySet[Registration]) -> GoTo:
    """The reason is given on a page of its own."""
    numbers = list(queryset.values_list("pk", "event"))
    chosen = signing.dumps([pk for pk, _event in numbers], salt=SALT, compress=True)
    return GoTo(reverse("training:decline_many", args=[numbers[0][1], chosen]))


def _answer(question: Question) -> Any:
    return lambda row: places.answer_words(question, row.answers.get(str(question.pk)))


class RegistrationList(List):
    """Who registered for an event. Addresses, answers and needs are for those who manage events."""

    key = "registrations"
    title = gettext_lazy("Registrations")
    columns = (
        Column("name", gettext_lazy("Name"), "name", sort="name", avatar=True),
        Column("state", gettext_lazy("State"), "get_state_display", sort="state"),
        Column(
            "since",
            gettext_lazy("Waits since"),
            "queued_at",
            sort="queued_at",
            template="people/cells/when.html",
        ),
        Column(
            "registered",
            gettext_lazy("Registered"),
            "registered_at",
            sort="registered_at",
            template="people/cells/when.html",
        ),
        Column("affiliation", gettext_lazy("Organisation"), "affiliation", sort="affiliation"),
    )
    filters = (
        ChoiceFilter(
            "state",
            gettext_lazy("State"),
            choices=RegistrationState.choices,
            apply=lambda qs, states: qs.filter(state__in=states),
        ),
    )
    tabs = (
        (gettext_lazy("Has a place"), "state=confirmed"),
        (gettext_lazy("Waiting list"), "state=waiting&sort=since"),
    )
    bulk_actions = (
        BulkAction(
            "accept",
            gettext_lazy("Give a place"),
            MANAGE,
            accept_many,
            confirm=gettext_lazy("Everybody who gets a place is told by mail."),
        ),
        BulkAction("decline", gettext_lazy("Decline…"), MANAGE, decline_some),
    )
    default_sort = "registered"
    search_label = gettext_lazy("Name or organisation")
    empty = Empty(
        gettext_lazy("Nobody has registered yet"),
        gettext_lazy("People register with the form of the event once it is announced."),
    )

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        if self.user.has_perm(MANAGE):
            event: Event = self.context["event"]
            asked = list(event.questions.order_by("is_archived", "position", "pk"))
            first = Column(
                "name",
                gettext_lazy("Name"),
                "name",
                sort="name",
                avatar=True,
                link=lambda row: reverse("training:registration", args=[row.pk]),
            )
            more = [
                Column("email", gettext_lazy("E-mail"), "email", sort="email_folded"),
                *(Column(f"q{one.pk}", one.text, _answer(one), shown=not one.is_archived) for one in asked),
                Column("needs", gettext_lazy("Needs"), "needs"),
            ]
            # The columns of this one list: what is asked differs from event to event.
            vars(self)["columns"] = (first, *type(self).columns[1:], *more)

    def queryset(self) -> QuerySet[Registration]:
        return places.registrations(self.context["event"])

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        found = Q(name__icontains=words) | Q(affiliation__icontains=words)
        if self.user.has_perm(MANAGE):
            found |= Q(email_folded__contains=fold(words))
        return queryset.filter(found)


@requires("training.view")
def registrations(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Who registered for an event."""
    event = get_object_or_404(Event.objects.select_related("kind"), pk=pk)
    return RegistrationList(request, event=event).respond(
        "training/places/registrations.html", back=event_page(event)
    )


def _registration(pk: int) -> Registration:
    return get_object_or_404(Registration.objects.select_related("event__kind", "person", "task"), pk=pk)


@requires(MANAGE)
@require_GET
def registration(request: HttpRequest, pk: int) -> HttpResponse:
    """One registration: what they said, how it stands, and what can be decided."""
    row = _registration(pk)
    context = {
        "registration": row,
        "event": row.event,
        "queue": places.place_in_queue(row),
        "answers": places.answers_of(row, row.event.questions.all()),
        "has_room": places.learners_of(row.event).count() < row.event.capacity
        if row.event.capacity is not None
        else True,
    }
    return render(request, "training/places/registration.html", context)


def _back(row: Registration) -> str:
    return reverse("training:registration", args=[row.pk])


@requires(MANAGE)
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives somebody a place."""
    row, user = _registration(pk), user_of(request)

    def act() -> tuple[str, str]:
        actions.accept(registration=row, actor=user)
        return _("%(name)s has a place, and is told.") % {"name": row.name}, ""

    return answer_action(request, act, _back(row))


@requires(MANAGE)
@require_POST
def move_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts somebody at the head of the waiting list."""
    row, user = _registration(pk), user_of(request)

    def act() -> tuple[str, str]:
        actions.move_up(registration=row, actor=user)
        return _("%(name)s is the next to get a place.") % {"name": row.name}, ""

    return answer_action(request, act, _back(row))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a registration out, with the reason that the person is told."""
    row = _registration(pk)
    return _decline(request, row.event, [row], _back(row))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def decline_many(request: HttpRequest, pk: int, chosen: str) -> HttpResponse:
    """Takes the registrations that were chosen in the list out."""
    event = get_object_or_404(Event, pk=pk)
    try:
        numbers = signing.loads(chosen, salt=SALT, max_age=24 * 60 * 60)
    except signing.BadSignature:
        raise Http404 from None
    rows = list(places.registrations(event).filter(pk__in=numbers).order_by("pk"))
    if not rows:
        raise Http404
    return _decline(request, event, rows, reverse("training:registrations", args=[event.pk]))


def _decline(request: HttpRequest, event: Event, rows: list[Registration], back: str) -> HttpResponse:
    user = user_of(request)
    names = ", ".join(row.name for row in rows[:5]) + (", …" if len(rows) > 5 else "")

    def act(form: ReasonForm) -> str:
        for row in rows:
            actions.decline(registration=row, actor=user, reason=form.cleaned_data["reason"])
        return back

    return answer_form(
        request,
        partial(ReasonForm, help_text=_("They read it in their mail.")),
        act,
        title=_("Decline"),
        about=names,
        submit=_("Decline, and tell them"),
        said=_("Declined. Whoever waits first gets what fell free."),
        cancel=back,
        template="training/places/form.html",
    )
