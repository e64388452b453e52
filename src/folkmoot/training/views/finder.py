"""Finding people for events: by place, language, lesson, badge, role, availability."""

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
from folkmoot.kernel.ui.lists import (
    BulkAction,
    ChoiceFilter,
    Column,
    Empty,
    FlagFilter,
    GoTo,
    List,
    TextFilter,
)
from folkmoot.kernel.ui.lists.filters import words
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import Change, Undo, last_change
from folkmoot.people.public import Person, country_name
from folkmoot.training import places
from folkmoot.training.actions import base, signing_up
from folkmoot.training.forms.finder import PutForwardForm
from folkmoot.training.models import SignUp
from folkmoot.training.queries import finder as queries
from folkmoot.training.recruiting_telling import opening_page
from folkmoot.training.views.base import chosen_numbers, selection, undo_url

CONTRIBUTE, MANAGE = "training.contribute", "training.manage"
#: Whom a page of its own puts forward at once, and of how many the toast says why not.
AT_ONCE, NAMED = 200, 3


def _far(row: Any) -> str:
    return "" if row.chord is None else _now("%(n)s km") % {"n": f"{places.of_chord(row.chord):,.0f}"}


def put_forward(*, user: Any, queryset: QuerySet[Person]) -> GoTo:
    """For what they are put forward is chosen on a page of its own."""
    chosen = list(queryset.values_list("pk", flat=True))
    if len(chosen) > AT_ONCE:
        raise ValidationError(_now("Choose at most %(n)d people at once.") % {"n": AT_ONCE})
    return GoTo(reverse("training:put_forward", args=[selection(chosen)]))


class Finder(List):
    """People who could come to an event."""

    key = "people_finder"
    title = _("Find people")
    search_label = _("Name")
    default_sort = "name"
    bulk_actions = (
        BulkAction(
            "put_forward", _("Put forward for an opening"), CONTRIBUTE, put_forward, icon="person-plus"
        ),
    )
    empty = Empty(
        _("Nobody found"),
        _(
            "People who agreed to be contacted stand here: they say so under “My record”, or you note it on their "
            "page. Who signs in can also sign up for an opening by themselves."
        ),
        _("Openings"),
        "training:openings",
        icon="people",
    )

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        user: Any = request.user
        self.near, self.problem = _near(request)
        if self.near is not None:
            self.default_sort = "distance"  # type: ignore[misc]
        sees_people, manages = user.has_perm("people.view"), user.has_perm(MANAGE)
        self.columns = (  # type: ignore[misc]
            Column(
                "name",
                _("Person"),
                "name",
                link=(lambda row: reverse("people:person", args=[row.pk])) if sees_people else None,
                sort="sort_key",
                avatar=True,
            ),
            Column("place", _("Sets out from"), "profile.place"),
            Column(
                "distance",
                _("How far"),
                _far,
                sort="chord",
                number=True,
                export=lambda row: "" if row.chord is None else round(places.of_chord(row.chord)),
            ),
            Column("languages", _("Languages"), "profile.languages", export=lambda row: _codes(row)),
            Column("lessons", _("Lessons"), lambda row: ", ".join(row.lessons)),
            Column("badges", _("Badges"), lambda row: ", ".join(row.badges)),
            Column("taught", _("Has taught"), "taught", sort="taught", number=True),
            Column(
                "taught_last", _("Last"), "taught_last", sort="taught_last", template="people/cells/day.html"
            ),
            Column(
                "availability",
                _("Availability"),
                lambda row: row.get_availability_display() if row.availability else "",
                sort="availability",
                template="training/cells/availability.html",
            ),
            Column(
                "country", _("Country"), lambda row: country_name(row.country), sort="country", shown=False
            ),
            *((Column("email", _("E-mail"), "email", shown=False),) if manages else ()),
        )
        consent = FlagFilter(
            "consent",
            _("Agreed to be contacted"),
            lambda qs, on: qs.filter(may_be_asked=on),
            default=True,
        )
        self.filters = (  # type: ignore[misc]
            TextFilter("near", _("Near"), lambda qs, _word: qs),
            ChoiceFilter(
                "within",
                _("Within"),
                lambda qs, chosen: queries.within(qs, chosen, self.near),
                [(str(n), _("%(n)s km") % {"n": f"{n:,}"}) for n in queries.WITHIN],
                many=False,
            ),
            ChoiceFilter("lesson", _("Lesson"), queries.teaching, queries.lesson_choices),
            ChoiceFilter("badge", _("Badge"), queries.bearing, queries.badge_choices),
            TextFilter("language", _("Language (code)"), queries.speaking),
            ChoiceFilter("part", _("Has been"), queries.having_been, queries.part_choices),
            ChoiceFilter("role", _("Role today"), queries.holding, queries.role_choices),
            ChoiceFilter(
                "country",
                _("Country"),
                lambda qs, codes: qs.filter(country__in=codes),
                queries.country_choices,
            ),
            FlagFilter("available", _("Can be asked now"), queries.can_be_asked_now),
            *((consent,) if manages else ()),
        )

    def queryset(self) -> QuerySet[Any]:
        """Those who did not agree to be contacted are there only for who manages."""
        rows = queries.people(self.near)
        return rows if self.user.has_perm(MANAGE) else rows.filter(may_be_asked=True)

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queries.named(queryset, words)

    def decorate(self, rows: list[Any]) -> None:
        queries.with_more(rows)


def _codes(row: Any) -> str:
    return ", ".join(row.profile.languages) if row.profile is not None else ""


def _near(request: HttpRequest) -> tuple[places.Place | None, str]:
    """The place that the address names, and what is wrong with it."""
    said = next(iter(words(request.GET, "near")), "")
    if not said:
        return None, ""
    try:
        return places.find(said), ""
    except ValidationError as problem:
        return None, " ".join(problem.messages)


@requires(CONTRIBUTE)
def find_people(request: HttpRequest) -> HttpResponseBase:
    """People who could come to an event: filters, distance from a place, files."""
    found = Finder(request)
    bound = {one.filter.key: one for one in found.bound}
    return found.respond(
        "training/finder.html",
        near=found.near,
        problem=found.problem,
        said=bound["near"].value,
        within=bound["within"],
    )


@requires(CONTRIBUTE)
@require_http_methods(["GET", "POST"])
def put_forward_page(request: HttpRequest, chosen: str) -> HttpResponse:
    """Puts the people who were chosen in the finder forward for a part that an opening seeks."""
    user = user_of(request)
    people = list(
        Person.objects.filter(pk__in=chosen_numbers(chosen), erased_at=None).order_by("sort_key", "pk")
    )

    def act(form: PutForwardForm) -> str:
        part = form.cleaned_data["sought"]
        made: list[SignUp] = []
        changes: list[Change] = []
        refused: list[str] = []
        for person in people:
            try:
                with transaction.atomic():
                    there = SignUp.objects.filter(opening=part.opening, person=person, kind=part.kind).first()
                    before = base.current_version(there) if there is not None else 0
                    row = signing_up.sign_up(
                        opening=part.opening,
                        person=person,
                        kind=part.kind,
                        actor=user,
                        note=form.cleaned_data["note"],
                    )
                    if base.current_version(row) != before:
                        made.append(row)
                        changes += last_change(row).changes
            except ValidationError as problem:
                refused.append(f"{person.name}: {' '.join(problem.messages)}")
        _say(request, made, refused, undo_url(user, Undo(tuple(changes))))
        return opening_page(part.opening_id)

    title = ngettext("Put %(n)d person forward", "Put %(n)d people forward", len(people)) % {"n": len(people)}
    return answer_form(
        request,
        PutForwardForm,
        act,
        title=title,
        submit=_now("Put them forward"),
        cancel=reverse("training:find_people"),
        template="training/form.html",
        about=", ".join(person.name for person in people[:5]) + (", …" if len(people) > 5 else ""),
    )


def _say(request: HttpRequest, made: list[SignUp], refused: list[str], undo: str) -> None:
    number = len(made)
    text = ngettext("%(n)d person is put forward.", "%(n)d people are put forward.", number) % {"n": number}
    toast(request, text, undo_url=undo)
    if refused:
        left = len(refused) - NAMED
        more = ngettext("And %(n)d more.", "And %(n)d more.", left) % {"n": left} if left > 0 else ""
        toast(request, " ".join([*refused[:NAMED], more]).strip(), failed=True)
