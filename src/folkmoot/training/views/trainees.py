"""Who is on the way to a badge."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, user_of
from folkmoot.kernel.ui.lists import BulkAction, ChoiceFilter, Column, Done, Empty, FlagFilter, GoTo, List
from folkmoot.people.public import Person
from folkmoot.training.actions import awards
from folkmoot.training.models import Badge, Requirement
from folkmoot.training.queries import lists, trainees
from folkmoot.training.queries.standing import LOOKS
from folkmoot.training.views.base import selection, undo_url

MANAGE, CONTRIBUTE = "training.manage", "training.contribute"
#: From so many rows on, those of one page are found person by person.
MANY = 1000
#: Names that a message says before it says how many more there are.
NAMED = 5
#: Most who are awarded a badge with one click.
AT_ONCE = 500


def some_names(people: Sequence[Person]) -> str:
    """The first names of several, and how many more there are."""
    names = ", ".join(person.name for person in people[:NAMED])
    more = len(people) - NAMED
    return names if more <= 0 else _now("%(names)s and %(n)d more") % {"names": names, "n": more}


def awarded_words(badge: Badge, number: int) -> str:
    """How many were awarded a badge."""
    words = ngettext("%(n)d person is awarded: %(badge)s.", "%(n)d people are awarded: %(badge)s.", number)
    return words % {"n": number, "badge": badge}


def award_complete(
    badge: Badge, requirements: Sequence[Requirement], *, user: Any, queryset: QuerySet[Any]
) -> Done:
    """Award the badge to the selected people who are complete; who is not is named."""
    people = list(queryset.order_by("sort_key", "pk"))
    missing = trainees.incomplete(people, requirements)
    left = {person.pk for person in missing}
    made, undo = awards.award_many(
        people=[person for person in people if person.pk not in left], badge=badge, actor=user
    )
    text = awarded_words(badge, len(made)) if made else ""
    if missing:
        words = _now("Not complete yet: %(names)s.") % {"names": some_names(missing)}
        if not made:
            raise ValidationError(words, code="incomplete")
        text = f"{text} {words}"
    return Done(text or _now("They have it already."), undo_url(user, undo, MANAGE))


def note_progress(*, user: Any, queryset: QuerySet[Any]) -> GoTo:
    """What is noted is said on a page of its own."""
    chosen = selection(list(queryset.values_list("pk", flat=True)))
    return GoTo(reverse("training:note_chosen", args=[chosen]))


class TraineeList(List):
    """Trainees on the way to one badge, with a column for each requirement."""

    title = _("Trainees")
    default_sort = "person"
    search_label = _("Name, handle, address")
    tabs = (
        (_("In training"), "awarded=0"),
        (_("Complete, without badge"), "complete=1&awarded=0"),
        (_("To evaluate"), "submitted=1"),
        (_("Overdue"), "due=overdue"),
    )
    empty = Empty(
        _("No trainees yet"),
        _("Who learns at a training, or of whom progress was noted, stands here."),
        _("Note progress"),
        "training:note",
        CONTRIBUTE,
        icon="mortarboard",
    )

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        badge: Badge = context["badge"]
        self.badge = badge
        self.requirements: list[Requirement] = context["requirements"]
        self.key = f"trainees_{badge.slug}"  # type: ignore[misc]
        self.columns = (  # type: ignore[misc]
            Column(
                "person",
                _("Person"),
                "name",
                link=lambda row: reverse("training:trainee", args=[row.pk]),
                sort="sort_key",
                avatar=True,
            ),
            *(self._column(row) for row in self.requirements),
            Column("passed", _("Passed"), "number_passed", sort="number_passed", number=True, shown=False),
            Column(
                "due",
                _("Due"),
                "due_on",
                template="training/cells/due.html",
            ),
            Column("training", _("Event"), "training"),
            Column(
                "badge",
                badge.name,
                "awarded_on",
                template="people/cells/day.html",
            ),
        )
        self.filters = self._filters()  # type: ignore[misc]
        self.bulk_actions = (  # type: ignore[misc]
            BulkAction("note", _("Note progress"), CONTRIBUTE, note_progress, icon="check2-square"),
            BulkAction(
                "award",
                _("Award the badge"),
                MANAGE,
                partial(award_complete, badge, self.requirements),
                icon="patch-check",
            ),
        )

    @staticmethod
    def _column(requirement: Requirement) -> Column:
        return Column(
            f"r_{requirement.slug}",
            requirement.name,
            lambda row: row.standing[requirement.pk],
            template="training/cells/requirement.html",
            export=lambda row: row.standing[requirement.pk].word,
        )

    def _filters(self) -> tuple[Any, ...]:
        badge, requirements = self.badge, self.requirements
        states = [
            ("passed", LOOKS["passed"][0]),
            ("missing", LOOKS[""][0]),
            *((one, LOOKS[one][0]) for one in ("submitted", "repeat", "failed")),
        ]
        return (
            FlagFilter("complete", _("Complete"), lambda qs, on: trainees.complete(qs, requirements, on)),
            FlagFilter("awarded", _("Has the badge"), lambda qs, on: trainees.have(qs, badge, on)),
            ChoiceFilter(
                "due",
                _("Due"),
                lambda qs, chosen: trainees.due(qs, badge, requirements, chosen),
                [("overdue", _("overdue")), ("soon", _("within 30 days"))],
            ),
            ChoiceFilter(
                "training",
                _("Training"),
                lambda qs, chosen: trainees.at_events(qs, requirements, lists.numbers(chosen)),
                lambda: self.choices[0],
            ),
            FlagFilter("submitted", _("To evaluate"), lambda qs, on: trainees.waiting(qs, requirements, on)),
            *(
                ChoiceFilter(f"r_{row.slug}", row.name, partial(_in_states, row), states)
                for row in requirements
            ),
            ChoiceFilter(
                "programme",
                _("Programme"),
                lambda qs, slugs: trainees.of_programmes(qs, requirements, slugs),
                lambda: self.choices[1],
            ),
        )

    @cached_property
    def choices(self) -> tuple[Any, Any]:
        """Trainings and programmes that can be chosen."""
        return trainees.training_choices(self.requirements)

    @cached_property
    def ready(self) -> int:
        """How many can be awarded the badge, where the list shows these and no others."""
        asked = self.query(sort=self.default_sort).split("&")
        return self.page.count if sorted(asked) == ["awarded=0", "complete=1"] else 0

    def queryset(self) -> QuerySet[Person]:
        # Who is complete has begun: nobody has to look for the others first.
        complete = any(one.filter.key == "complete" and one.raw == ["1"] for one in self.bound)
        return self._beside(trainees.everybody() if complete else trainees.trainees(self.requirements))

    def to_show(self) -> QuerySet[Any]:
        if self.page.count < MANY:
            return self.matching
        return self.narrowed(self._beside(trainees.one_by_one(self.requirements)))

    def _beside(self, rows: QuerySet[Person]) -> QuerySet[Person]:
        counts = self.sort.endswith("passed") or any(one.key == "passed" for one in self.columns_shown)
        return trainees.with_number_passed(rows, self.requirements) if counts else rows

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return trainees.named(queryset, words)

    def decorate(self, rows: list[Any]) -> None:
        trainees.with_standing(rows, self.badge, self.requirements)


def _in_states(requirement: Requirement, queryset: QuerySet[Any], states: Sequence[str]) -> QuerySet[Any]:
    return trainees.in_states(queryset, requirement, states)


@requires("training.view")
def trainees_first(request: HttpRequest) -> HttpResponse:
    """To the trainees of the first badge; a word about it where nothing leads to any."""
    ways = trainees.ways()
    if not ways:
        return render(request, "training/trainees/none.html")
    return HttpResponseRedirect(reverse("training:trainees", args=[ways[0][0].slug]))


@requires("training.view")
@require_http_methods(["GET", "POST"])
def trainees_of(request: HttpRequest, badge: str) -> HttpResponseBase:
    """Trainees on the way to a badge, with filters, files, and noting and awarding for many."""
    ways, chosen, requirements = trainees.way_to(badge)
    if chosen is None:
        raise Http404
    shown = TraineeList(request, badge=chosen, requirements=requirements)
    return shown.respond("training/trainees/list.html", ways=ways)


@requires(MANAGE)
@require_POST
def award_all(request: HttpRequest, badge: str) -> HttpResponse:
    """Awards a badge to everybody who is complete and never had it."""
    user = user_of(request)
    _ways, chosen, requirements = trainees.way_to(badge)
    if chosen is None:
        raise Http404
    ready = trainees.complete_without(chosen, requirements)

    def act() -> tuple[str, str]:
        people = list(ready.order_by("pk")[:AT_ONCE])
        made, undo = awards.award_many(people=people, badge=chosen, actor=user)
        return awarded_words(chosen, len(made)), undo_url(user, undo, MANAGE)

    return answer_action(request, act, reverse("training:trainees", args=[badge]))
