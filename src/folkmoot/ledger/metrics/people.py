"""How many people took part, who was new, who came back."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Figure, Scope, metrics
from folkmoot.kernel.reporting import Better, Unit
from folkmoot.ledger.metrics.base import ItemMetric
from folkmoot.ledger.models import Activity
from folkmoot.ledger.queries import items, returns
from folkmoot.ledger.queries.facts import facts, new_people


@metrics.declare
class ActivePeople(ItemMetric):
    """People with an item in the period."""

    key = "active_people"
    label = _("people took part")
    order = 10
    definition = _(
        "People who opened at least one item (an issue or a pull request) in the period, staff included. A person "
        "counts once, whatever number of identities they have. Rows: the items of these people in the period."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each person."""
        found = facts(scope).by_person
        return Figure(len(found), sum(found.values()))

    def rows(self, scope: Scope) -> QuerySet[Activity]:
        """The period's items without bots'."""
        return items.humans(scope)


@metrics.declare
class FirstTimers(ItemMetric):
    """Those whose first item ever lies in the period."""

    key = "first_timers"
    label = _("took part for the first time")
    order = 20
    source = "CHAOSS, New Contributors"
    definition = _(
        "Of the people active in the period, those whose first item ever lies in it. “Ever” looks back over the same "
        "source and project, at all of a person's identities that are no bots, and at what they did as staff. "
        "Rows: the items of these people in the period."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each person."""
        found = facts(scope).by_person
        new = new_people(scope)
        return Figure(len(new), sum(found[person] for person in new))

    def rows(self, scope: Scope) -> QuerySet[Activity]:
        """The period's items of people without an earlier one."""
        return items.newcomers(scope)


@metrics.declare
class ReturningPeople(ItemMetric):
    """Active people who had an item before the period."""

    key = "returning_people"
    label = _("had taken part before")
    order = 30
    definition = _(
        "Of the people active in the period, those who had an item before it: active people less first-timers. "
        "Rows: the items of these people in the period."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each person."""
        found = facts(scope).by_person
        back = found.keys() - new_people(scope)
        return Figure(len(back), sum(found[person] for person in back))

    def rows(self, scope: Scope) -> QuerySet[Activity]:
        """The period's items of people with an earlier one."""
        return items.returning(scope)


@metrics.declare
class ConversionRate(ItemMetric):
    """First-timers who stay."""

    key = "conversion_rate"
    label = _("of first-timers stayed")
    unit = Unit.SHARE
    order = 80
    source = "CHAOSS, Conversion Rate"
    definition = _(
        "Of the period's first-timers, the share with another item from 91 to 455 days after their first (counted from "
        "the moment of the first item, both ends included). Not known before the day 455 days after the period's last "
        "day has ended, since until then some still have time to come back; nor when there were no first-timers. "
        "Rows: the first-timers' items in the period."
    )

    def compute(self, scope: Scope) -> Figure:
        """A part between 0 and 1."""
        found = facts(scope).by_person
        new = new_people(scope)
        rows = sum(found[person] for person in new)
        if not new or scope.as_of < returns.known_on(scope):
            return Figure(None, rows)
        return Figure(len(returns.came_back(scope)) / len(new), rows)

    def rows(self, scope: Scope) -> QuerySet[Activity]:
        """The period's items of people without an earlier one."""
        return items.newcomers(scope)

    def unknown_because(self, scope: Scope) -> str:
        """When it will be known, or that nobody was new."""
        known_on = returns.known_on(scope)
        if scope.as_of < known_on:
            return gettext("Known at the end of %(day)s: until then first-timers have time to come back.") % {
                "day": date_format(known_on, "j M Y")
            }
        return "" if new_people(scope) else gettext("Nobody took part for the first time.")


@metrics.declare
class RetentionRate(ItemMetric):
    """People active in the previous period who are active in this one."""

    key = "retention_rate"
    label = _("of the people active before took part again")
    unit = Unit.SHARE
    order = 90
    definition = _(
        "Of the people active in the previous period of equal length (the quarter, year or month before; for a run of "
        "days as many days before it), the share that is active in this one. Not known when nobody was active before. "
        "Rows: the items of the previous period."
    )

    def compute(self, scope: Scope) -> Figure:
        """A part between 0 and 1."""
        before = facts(scope.over(scope.period.previous)).by_person
        rows = sum(before.values())
        if not before:
            return Figure(None, rows)
        return Figure(len(before.keys() & facts(scope).people) / len(before), rows)

    def rows(self, scope: Scope) -> QuerySet[Activity]:
        """The previous period's items without bots'."""
        return items.humans(scope.over(scope.period.previous))

    def unknown_because(self, scope: Scope) -> str:
        """That nobody was active before."""
        return (
            ""
            if facts(scope.over(scope.period.previous)).people
            else gettext("Nobody was active in the period before.")
        )


@metrics.declare
class InactivePeople(ItemMetric):
    """People active in the previous period who are not active in this one."""

    key = "inactive_people"
    label = _("people of the period before were not seen")
    better = Better.DOWN
    order = 100
    source = "CHAOSS, Inactive Contributors"
    definition = _(
        "People active in the previous period of equal length without an item in this one. It says that they were not "
        "seen, not that they left. Rows: these people's items in the previous period."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each person."""
        before = facts(scope.over(scope.period.previous)).by_person
        gone = before.keys() - facts(scope).people
        return Figure(len(gone), sum(before[person] for person in gone))

    def rows(self, scope: Scope) -> QuerySet[Activity]:
        """The previous period's items of people without one in this period."""
        return items.humans(scope.over(scope.period.previous)).filter(~items.active_in(scope))
