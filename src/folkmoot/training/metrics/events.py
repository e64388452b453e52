"""How many events, how many people, where, and what came of sprints."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Figure, Scope, metrics
from folkmoot.kernel.reporting import Unit
from folkmoot.training.metrics.base import TrainingMetric
from folkmoot.training.models import Contribution, Event, Task
from folkmoot.training.queries import figures


@metrics.declare
class EventsHeld(TrainingMetric):
    """Events of the period."""

    key = "events_held"
    label = _("events were held")
    order = 300
    definition = _(
        "Events marked as done whose last day (at their place) lies in the period, public and private, of all kinds. "
        "Rows: these events."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each event."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Event]:
        """Those that ended in the period."""
        return figures.held(scope)


@metrics.declare
class PeopleTaught(TrainingMetric):
    """Places that were taken at events."""

    key = "people_taught"
    label = _("times somebody took part in an event")
    order = 310
    definition = _(
        "For each event held in the period, the greater of the number that was counted there and the number of people "
        "entered as taking part who were not noted absent; added up, so that a person counts once for each event. Who "
        "teaches, helps, hosts, organises or speaks is not in it. Rows: the events where anybody took part."
    )

    def compute(self, scope: Scope) -> Figure:
        """The sum over the events."""
        rows = self.rows(scope)
        total = rows.aggregate(total=Sum("taken_part"))["total"]
        return Figure(total or 0, rows.count())

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Events where anybody took part."""
        return figures.with_taken_part(figures.held(scope)).filter(taken_part__gt=0)


@metrics.declare
class Instructors(TrainingMetric):
    """People who taught."""

    key = "instructors"
    label = _("people taught at events")
    order = 320
    definition = _(
        "People with a part that teaches in an event held in the period, who were not noted absent. A person counts "
        "once, however many events they taught at. Rows: these parts."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each person."""
        rows = self.rows(scope)
        return Figure(rows.order_by().values("person").distinct().count(), rows.count())

    def rows(self, scope: Scope) -> QuerySet[Task]:
        """Parts that teach."""
        return figures.teachers(scope)


@metrics.declare
class AttendanceRate(TrainingMetric):
    """Of those expected, who came."""

    key = "attendance_rate"
    label = _("of those expected were there")
    unit = Unit.SHARE
    order = 330
    definition = _(
        "Of the people entered as taking part in an event held in the period for whom somebody noted whether they were "
        "there, the share that was. Not known where nobody noted it. Rows: these people's parts."
    )

    def compute(self, scope: Scope) -> Figure:
        """A part between 0 and 1."""
        rows = self.rows(scope)
        noted, there = rows.count(), rows.filter(Q(attended=True)).count()
        return Figure(there / noted if noted else None, noted)

    def rows(self, scope: Scope) -> QuerySet[Task]:
        """Parts of which it was noted."""
        return figures.learners(scope).exclude(attended=None)

    def unknown_because(self, scope: Scope) -> str:
        """That nobody noted it."""
        return "" if self.rows(scope).exists() else gettext("Nobody noted who was there.")


@metrics.declare
class EventCountries(TrainingMetric):
    """Countries in which events were."""

    key = "event_countries"
    label = _("countries had events")
    order = 340
    definition = _(
        "Different countries of events held in the period; events that are only online or name no country are not in "
        "it. Rows: the events that name one."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each country."""
        rows = self.rows(scope)
        return Figure(rows.order_by().values("country").distinct().count(), rows.count())

    def rows(self, scope: Scope) -> QuerySet[Event]:
        """Those that name a country."""
        return figures.held(scope).exclude(country="")


@metrics.declare
class SprintContributions(TrainingMetric):
    """What came of sprints."""

    key = "sprint_contributions"
    label = _("contributions came from sprints")
    order = 350
    excludes = _("Bots; events that were cancelled or are not marked as done.")
    definition = _(
        "Issues and pull requests that belong to a sprint held in the period, by whoever opened them, whenever that "
        "was. Rows: these contributions."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each contribution."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Contribution]:
        """Contributions to the period's sprints."""
        return figures.contributions(scope)


@metrics.declare
class SprintPeople(TrainingMetric):
    """Who contributed at sprints."""

    key = "sprint_people"
    label = _("people contributed at sprints")
    order = 360
    excludes = _("Bots; events that were cancelled or are not marked as done.")
    definition = _(
        "People who opened an issue or pull request that belongs to a sprint held in the period; each counts once. "
        "Rows: these contributions."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each person."""
        rows = self.rows(scope)
        return Figure(len(set(rows.values_list("author", flat=True)) - {None}), rows.count())

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Contributions to the period's sprints."""
        return figures.contributions(scope)
