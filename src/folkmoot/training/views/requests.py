"""The list of requests, and what is done with several at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_form, user_of
from folkmoot.kernel.ui.lists import (
    BulkAction,
    ChoiceFilter,
    Column,
    Done,
    Empty,
    FlagFilter,
    GoTo,
    List,
    TextFilter,
)
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import Undo
from folkmoot.people.public import country_name
from folkmoot.training.actions import base
from folkmoot.training.actions import requests as actions
from folkmoot.training.forms.requests import AssignForm, DecideForm
from folkmoot.training.models import Request, RequestState
from folkmoot.training.queries import codes
from folkmoot.training.queries import requests as queries
from folkmoot.training.queries.asking import in_words
from folkmoot.training.views.base import chosen_numbers, selection, undo_url

MANAGE = "training.manage"


def page_of(row: Request) -> str:
    """The address of a request's page."""
    return reverse("training:request", args=[row.pk])


def accept_many(*, user: Any, queryset: QuerySet[Request]) -> Done:
    """Say yes to those that nothing has to be made for; all of them or none."""
    undo = actions.all_or_none(queryset.order_by("pk"), lambda row: actions.accept(request=row, actor=user))
    return Done(
        _told(undo, ngettext("%(n)d request is accepted.", "%(n)d requests are accepted.", _n(undo))),
        _url(user, undo),
    )


def withdraw_many(*, user: Any, queryset: QuerySet[Request]) -> Done:
    """Note that nobody wants them any more; all of them or none."""
    undo = actions.all_or_none(queryset.order_by("pk"), lambda row: actions.withdraw(request=row, actor=user))
    return Done(
        _told(undo, ngettext("%(n)d request is withdrawn.", "%(n)d requests are withdrawn.", _n(undo))),
        _url(user, undo),
    )


def _n(undo: Undo) -> int:
    return len(undo.changes)


def _told(undo: Undo, words: str) -> str:
    return words % {"n": _n(undo)}


def _url(user: Any, undo: Undo) -> str:
    return undo_url(user, undo, MANAGE)


def _more(name: str) -> Any:
    """A bulk action that asks for more on a page of its own."""

    def run(*, user: Any, queryset: QuerySet[Request]) -> GoTo:
        return GoTo(
            reverse(f"training:{name}", args=[selection(list(queryset.values_list("pk", flat=True)))])
        )

    return run


class RequestList(List):
    """What people asked for."""

    key = "requests"
    title = _("Requests")
    columns = (
        Column("name", _("Name"), "name", link=page_of, sort="name", avatar=True),
        Column("form", _("Form"), "form.title", sort="form__order,form__title"),
        Column(
            "state",
            _("State"),
            "get_state_display",
            sort="state",
            template="training/cells/request_state.html",
        ),
        Column(
            "organization",
            _("Organisation"),
            lambda row: row.organization.name if row.organization else row.organization_name,
            sort="organization_name",
        ),
        Column("country", _("Country"), lambda row: country_name(row.country), sort="country"),
        Column("days", _("First day"), "starts_on", sort="starts_on", template="people/cells/day.html"),
        Column("assigned", _("Whose"), "assigned_to.name", sort="assigned_to__name"),
        Column("points", _("Points"), "points", sort="points", number=True),
        Column(
            "received", _("Received"), "received_at", sort="received_at", template="people/cells/when.html"
        ),
        Column(
            "until", _("Last day"), "ends_on", sort="ends_on", shown=False, template="people/cells/day.html"
        ),
        Column("email", _("E-mail"), "email", sort="email_folded", shown=False),
        Column("code", _("Member code"), "member_code", sort="member_code", shown=False),
        Column("person", _("Record"), "person.name", sort="person__sort_key", shown=False),
        Column("event", _("Event"), "event.title", sort="event__folded", shown=False),
        Column("reason", _("Why"), "reason", shown=False),
        Column("rules", _("Points by the rules"), "score_auto", sort="score_auto", number=True, shown=False),
        Column("hand", _("Points by hand"), "score_manual", sort="score_manual", number=True, shown=False),
        Column("note", _("Note on the points"), "score_notes", shown=False),
        Column(
            "decided",
            _("Decided"),
            "decided_at",
            sort="decided_at",
            shown=False,
            template="people/cells/when.html",
        ),
        Column("number", _("Number"), "pk", sort="pk", number=True, shown=False),
    )
    tabs = (
        (_("Waiting"), "state=pending&sort=received"),
        (_("Nobody’s"), "state=pending&assigned=none&sort=received"),
        (_("Mine"), "state=pending&mine=1&sort=received"),
        (_("Best first"), "state=pending&sort=-points"),
    )
    default_sort = "-received"
    search_label = _("Name, address, organisation, answer")
    bulk_actions = (
        BulkAction(
            "match", _("Accept, and give a place…"), MANAGE, _more("match_requests"), icon="mortarboard"
        ),
        BulkAction("accept", _("Accept"), MANAGE, accept_many, icon="check2"),
        BulkAction("assign", _("Say whose they are"), MANAGE, _more("assign_requests"), icon="person-check"),
        BulkAction("discard", _("Discard…"), MANAGE, _more("discard_requests"), icon="x-circle"),
        BulkAction("withdraw", _("They do not want it any more"), MANAGE, withdraw_many),
    )
    empty = Empty(
        _("Nobody has asked for anything yet"),
        _("What people send with the forms stands here, once they have confirmed their address."),
        _("The forms"),
        "training:request_forms",
        MANAGE,
        icon="inbox",
    )

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        user = request.user
        self.filters = (  # type: ignore[misc]
            ChoiceFilter(
                "form", _("Form"), lambda qs, slugs: qs.filter(form__slug__in=slugs), queries.form_choices
            ),
            ChoiceFilter(
                "state",
                _("State"),
                lambda qs, chosen: qs.filter(state__in=chosen),
                [pair for pair in RequestState.choices if pair[0] != RequestState.DRAFT],
            ),
            ChoiceFilter("assigned", _("Whose"), queries.assigned, queries.assigned_choices),
            ChoiceFilter(
                "country",
                _("Country"),
                lambda qs, codes: qs.filter(country__in=codes),
                queries.country_choices,
            ),
            TextFilter("points", _("Points at least"), queries.at_least),
            FlagFilter("mine", _("Mine"), lambda qs, on: queries.of_user(qs, user, on)),
            FlagFilter("code", _("With a member code"), queries.with_code),
            ChoiceFilter("code_is", _("The member code"), codes.by_use, codes.USES),
            FlagFilter("matched", _("Laid to a record"), queries.matched),
            FlagFilter("twins", _("May be twice"), queries.doubled),
        )
        #: With one form chosen, a column for each of its fields.
        self.asked = queries.fields_of_forms(map(base.line, request.GET.getlist("form")))
        taken = {column.key for column in type(self).columns}
        vars(self)["columns"] = (
            *type(self).columns,
            *(
                Column(
                    f"a-{one['key']}" if one["key"] in taken else one["key"],
                    one["label"],
                    _answer(one),
                    shown=False,
                )
                for one in self.asked
            ),
        )

    def queryset(self) -> QuerySet[Request]:
        return queries.received()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queries.found(queryset, words)

    @property
    def whole_file(self) -> str:
        """The address of a file with one column for each field of the form that is chosen."""
        pairs = [pair for pair in self.request.GET.lists() if pair[0] not in ("columns", "page", "export")]
        said = [(key, value) for key, values in pairs for value in values]
        keys = [column.key for column in self.columns]
        # A word of an address has a limit: three keys in each.
        columns = [("columns", ",".join(keys[n : n + 3])) for n in range(0, len(keys), 3)]
        return "?" + urlencode([*said, *columns, ("export", "csv")])


def _answer(field: dict[str, Any]) -> Any:
    return lambda row: in_words(field, row.answers.get(field["key"]))


@requires(MANAGE)
def requests(request: HttpRequest) -> HttpResponseBase:
    """All requests, with filters, saved views, bulk actions and files."""
    return RequestList(request).respond("training/requests/list.html")


def _chosen(chosen: str) -> list[Request]:
    rows = Request.objects.filter(pk__in=chosen_numbers(chosen)).select_related("form").order_by("pk")
    return list(rows)


def _about(rows: list[Request]) -> str:
    return ", ".join(row.name for row in rows[:5]) + (", …" if len(rows) > 5 else "")


def _many(
    request: HttpRequest, rows: list[Request], make: Any, do: Any, *, title: str, submit: str
) -> HttpResponse:
    """Do something to several requests that asks for more first."""
    user, back = user_of(request), reverse("training:requests")

    def act(form: Any) -> str:
        undo = actions.all_or_none(rows, lambda row: do(row, form))
        words = ngettext("%(n)d request is changed.", "%(n)d requests are changed.", _n(undo))
        toast(request, words % {"n": _n(undo)}, undo_url=_url(user, undo))
        return back

    return answer_form(
        request,
        make,
        act,
        title=title,
        submit=submit,
        cancel=back,
        template="training/form.html",
        about=_about(rows),
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def assign_many(request: HttpRequest, chosen: str) -> HttpResponse:
    """Give the requests that were selected to somebody."""
    rows, user = _chosen(chosen), user_of(request)
    return _many(
        request,
        rows,
        AssignForm,
        lambda row, form: actions.assign(request=row, user=form.cleaned_data["user"], actor=user),
        title=_now("Whose are these requests?"),
        submit=_now("Save"),
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def discard_many(request: HttpRequest, chosen: str) -> HttpResponse:
    """Say no to the requests that were selected, with one reason."""
    rows, user = _chosen(chosen), user_of(request)
    return _many(
        request,
        rows,
        DecideForm,
        lambda row, form: actions.discard(request=row, reason=form.cleaned_data["reason"], actor=user),
        title=_now("Discard these requests"),
        submit=_now("Discard"),
    )
