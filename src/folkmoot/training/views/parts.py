"""Who takes part in an event: the list, parts one by one, who was there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.lists import BulkAction, ChoiceFilter, Column, Done, Empty, FlagFilter, GoTo, List
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import Change, Undo, last_change
from folkmoot.people.public import Person
from folkmoot.training.actions import base, tasks
from folkmoot.training.actions.events import save_event
from folkmoot.training.forms.pieces import AttendanceForm, EditPartForm, PartForm
from folkmoot.training.models import Event, Task, TaskKind, TaskState
from folkmoot.training.queries import clashes, lists, seats
from folkmoot.training.views.base import page_of, selection, undo_url

CONTRIBUTE = "training.contribute"


def parts_url(event: Event) -> str:
    """The address of the list of who takes part."""
    return reverse("training:parts", args=[event.pk])


def _changes(rows: list[Task], before: dict[int, int]) -> Undo:
    """What takes back the changes of rows whose history had these numbers before."""
    changes: list[Change] = []
    for row in rows:
        if base.current_version(row) != before[row.pk]:
            changes += last_change(row).changes
    return Undo(tuple(changes))


def _with_undo(user: Any, rows: list[Task], do: Callable[[], Any], words: Any) -> Done:
    """Do something with rows; the sentence counts those that changed."""
    with transaction.atomic():
        before = {row.pk: base.current_version(row) for row in rows}
        do()
        undo = _changes(rows, before)
    number = len(undo.changes)
    return Done(words % {"n": number}, undo_url(user, undo))


def _attendance(attended: bool | None, *, user: Any, queryset: QuerySet[Task]) -> Done:
    rows = list(queryset.order_by("pk"))
    event = rows[0].event if rows else None
    if event is None:
        raise ValidationError(_now("Select rows first."))
    words = {
        True: ngettext_lazy("%(n)d person was there.", "%(n)d people were there.", "n"),
        False: ngettext_lazy("%(n)d person was not there.", "%(n)d people were not there.", "n"),
        None: ngettext_lazy("%(n)d note is taken back.", "%(n)d notes are taken back.", "n"),
    }[attended]
    note = partial(tasks.note_attendance, event=event, tasks=rows, attended=attended, actor=user)
    return _with_undo(user, rows, note, words)


def _state(state: str, *, user: Any, queryset: QuerySet[Task]) -> Done:
    rows = list(queryset.order_by("pk"))
    words = ngettext_lazy("%(n)d part is changed.", "%(n)d parts are changed.", "n")

    def do() -> None:
        for row in rows:
            tasks.set_state(task=row, state=state, actor=user)

    return _with_undo(user, rows, do, words)


def _give_seats(*, user: Any, queryset: QuerySet[Task]) -> GoTo:
    """By what they sit is chosen on a page of its own."""
    rows = list(queryset.values_list("event_id", "pk"))
    if not rows:
        raise ValidationError(_now("Select rows first."))
    return GoTo(reverse("training:give_seats", args=[rows[0][0], selection([pk for _event, pk in rows])]))


SEATED = (
    ("agreement", _("by an agreement")),
    (seats.OPEN, _("open seat")),
    (seats.NONE, _("none yet")),
)
_ATTENDED = {True: _("yes"), False: _("no"), None: ""}


class PartList(List):
    """Who takes part in one event."""

    key = "event_parts"
    title = _("Who takes part")
    columns = (
        Column(
            "person",
            _("Person"),
            "person.name",
            link=lambda row: reverse("training:edit_part", args=[row.pk]),
            sort="person__sort_key",
            avatar=True,
        ),
        Column("part", _("Part"), "kind.name", sort="kind__order,kind__name"),
        Column("session", _("Session"), "session.title", sort="session__starts_at"),
        Column("state", _("State"), "get_state_display", sort="state"),
        Column("attended", _("Was there"), lambda row: _ATTENDED[row.attended], sort="attended"),
        Column("note", _("Note"), "note"),
        Column(
            "since",
            _("Entered"),
            "created_at",
            sort="created_at",
            shown=False,
            template="people/cells/when.html",
        ),
        Column("source", _("Source"), "source", sort="source", shown=False),
    )
    filters = (
        ChoiceFilter(
            "part", _("Part"), lambda qs, slugs: qs.filter(kind__slug__in=slugs), lists.part_kind_choices
        ),
        ChoiceFilter("state", _("State"), lambda qs, states: qs.filter(state__in=states), TaskState.choices),
        ChoiceFilter(
            "there",
            _("Was there"),
            lists.attended_in,
            [("yes", _("yes")), ("no", _("no")), ("unknown", _("not noted"))],
        ),
        FlagFilter("session", _("In one session only"), lambda qs, on: qs.filter(session__isnull=not on)),
    )
    bulk_actions = (
        BulkAction("there", _("Were there"), CONTRIBUTE, partial(_attendance, True), icon="person-check"),
        BulkAction("absent", _("Were not there"), CONTRIBUTE, partial(_attendance, False), icon="person-x"),
        BulkAction("unknown", _("Take the note back"), CONTRIBUTE, partial(_attendance, None), icon="eraser"),
        BulkAction(
            "confirm", _("Take part"), CONTRIBUTE, partial(_state, TaskState.CONFIRMED), icon="check2-circle"
        ),
        BulkAction(
            "withdraw",
            _("Have withdrawn"),
            CONTRIBUTE,
            partial(_state, TaskState.WITHDRAWN),
            icon="person-dash",
        ),
    )
    default_sort = "part"
    search_label = _("Name")
    empty = Empty(
        _("Nobody takes part yet"),
        _("Who teaches, helps, hosts, organises, speaks and learns stands here."),
        icon="people",
    )

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        if not context["event"].kind.takes_seats:
            return
        seat = Column("seat", _("Seat"), seats.seat_words, template="training/cells/seat.html")
        self.columns = (*type(self).columns[:4], seat, *type(self).columns[4:])  # type: ignore[misc,assignment]
        self.filters = (*type(self).filters, ChoiceFilter("seat", _("Seat"), seats.seated, SEATED))  # type: ignore[misc,assignment]
        give = BulkAction("seat", _("Give seats"), "training.manage", _give_seats, icon="ticket-perforated")
        self.bulk_actions = (give, *type(self).bulk_actions)  # type: ignore[misc,assignment]

    def queryset(self) -> QuerySet[Task]:
        event = self.context["event"]
        # Their people are read beside: PostgreSQL would join all whom it knows before it took a page.
        rows = (
            lists.parts(event)
            .select_related(None)
            .select_related("kind", "session")
            .prefetch_related("person")
        )
        return seats.with_seats(rows) if event.kind.takes_seats else rows

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(person__in=lists.people_named(words))


@requires("training.view")
def parts(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Who takes part in an event, with filters, files, and ticking who was there."""
    row = get_object_or_404(Event.objects.select_related("kind"), pk=pk)
    return PartList(request, event=row).respond(
        "training/parts.html", attendance=AttendanceForm(initial={"attendance": row.attendance})
    )


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def new_part(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives somebody a part in an event."""
    row, user = get_object_or_404(Event, pk=pk), user_of(request)
    kind = TaskKind.objects.filter(slug=base.line(request.GET.get("part", "")[:60])).first()
    given = lists.numbers([request.GET.get("person", "")])
    person = Person.objects.filter(pk__in=given, erased_at=None).first()

    def act(form: PartForm) -> str:
        task = tasks.add_task(event=row, actor=user, **form.values())
        said = _now("%(person)s: %(part)s.") % {"person": task.person.name, "part": task.kind.name}
        booked = clashes.overlapping(clashes.clashes_of(task.person_id, row)) if _leads(task) else []
        if booked:
            said += " " + _now("At the same time: %(events)s.") % {
                "events": "; ".join(str(clash) for clash in booked)
            }
        toast(request, said, undo_url=undo_url(user, last_change(task)))
        if "another" in request.POST:
            return f"{reverse('training:new_part', args=[row.pk])}?part={task.kind.slug}"
        return page_of(row)

    return answer_form(
        request,
        partial(
            PartForm,
            event=row,
            initial={"kind": kind.pk if kind else None, "person": person.name if person else ""},
        ),
        act,
        title=_now("Who takes part in %(name)s") % {"name": row.title},
        submit=_now("Add"),
        cancel=page_of(row),
        template="training/part_form.html",
        another=True,
    )


def _leads(task: Task) -> bool:
    return task.kind.does in lists.LEADS and task.is_taken


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def edit_part(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes somebody's part: whether they take it, whether they were there."""
    task = get_object_or_404(Task.objects.select_related("event", "person", "kind"), pk=pk)
    user = user_of(request)

    def act(form: EditPartForm) -> str:
        before = base.current_version(task)
        saved = tasks.edit_task(task=task, actor=user, seen=form.version, **form.values())
        undo = last_change(saved) if base.current_version(saved) != before else Undo()
        toast(request, _now("Saved."), undo_url=undo_url(user, undo))
        return page_of(task.event)

    return answer_form(
        request,
        partial(EditPartForm, instance=task),
        act,
        title=_now("%(person)s in %(event)s") % {"person": task.person.name, "event": task.event.title},
        submit=_now("Save"),
        cancel=page_of(task.event),
        template="training/part_form.html",
        task=task,
    )


@requires(CONTRIBUTE)
@require_POST
def remove_part(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes out a part that was entered by mistake."""
    task = get_object_or_404(Task.objects.select_related("event", "person", "kind"), pk=pk)
    user = user_of(request)

    def act() -> tuple[str, str]:
        undo = tasks.remove_task(task=task, actor=user)
        return _now("%(person)s is taken out.") % {"person": task.person.name}, undo_url(user, undo)

    return answer_action(request, act, page_of(task.event))


@requires(CONTRIBUTE)
@require_POST
def attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes how many came, where nobody noted who."""
    row, user = get_object_or_404(Event, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        form = AttendanceForm(request.POST)
        if not form.is_valid():
            raise ValidationError(form.errors["attendance"].as_text().lstrip("* "))
        before = base.current_version(row)
        saved = save_event(event=row, values={"attendance": form.cleaned_data["attendance"]}, actor=user)
        undo = last_change(saved) if base.current_version(saved) != before else Undo()
        if saved.attendance is None:
            return _now("The number is taken back."), undo_url(user, undo)
        words = ngettext("%(n)d person came.", "%(n)d people came.", saved.attendance)
        return words % {"n": saved.attendance}, undo_url(user, undo)

    return answer_action(request, act, parts_url(row))
