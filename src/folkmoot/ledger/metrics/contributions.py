"""How many items were opened, by whom, and on how few people they rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import STAFF, Figure, Scope, metrics
from folkmoot.kernel.reporting import Better
from folkmoot.ledger.metrics.base import NO_UNKNOWN, ItemMetric
from folkmoot.ledger.models import Activity
from folkmoot.ledger.queries import items
from folkmoot.ledger.queries.facts import BOT, SORTS, VOLUNTEER, facts, kinds_of_items, possible_staff
from folkmoot.people.public import Identity

#: The parts of all items that a core, and a core with its regulars, make (GrimoireLab's onion).
CORE_PART, REGULAR_PART = 80, 95


@metrics.declare
class ItemsVolunteer(ItemMetric):
    """Items that neither staff nor a bot opened."""

    key = "items_volunteer"
    label = _("items opened by volunteers")
    order = 40
    definition = _(
        "Items (issues and pull requests) opened in the period by people who did not, on that UTC day, hold a role "
        "that counts as staff. Rows: these items."
    )
    excludes = _("Bots, staff, and items whose author is unknown.")

    def compute(self, scope: Scope) -> Figure:
        """One for each item."""
        number = facts(scope).number(VOLUNTEER)
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Activity]:
        """These items."""
        return items.volunteers(scope)

    def excluded(self, scope: Scope) -> str:
        """The same with or without staff."""
        return str(self.excludes)


@metrics.declare
class ItemsStaff(ItemMetric):
    """Items that staff opened."""

    key = "items_staff"
    label = _("items opened by staff")
    better = Better.NEITHER
    order = 50
    definition = _(
        "Items opened in the period by people who held, on that UTC day, a role that counts as staff; a term without "
        "dates holds always. Rows: these items."
    )
    excludes = _("Bots, volunteers, and items whose author is unknown.")

    def compute(self, scope: Scope) -> Figure:
        """One for each item."""
        number = facts(scope).number(STAFF)
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Activity]:
        """These items."""
        return items.staff(scope)


@metrics.declare
class ItemsBot(ItemMetric):
    """Items that bots opened."""

    key = "items_bot"
    label = _("items opened by bots")
    better = Better.NEITHER
    order = 60
    definition = _("Items opened in the period by identities that are marked as bots. Rows: these items.")
    excludes = _("People, and items whose author is unknown.")

    def compute(self, scope: Scope) -> Figure:
        """One for each item."""
        number = facts(scope).number(BOT)
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Activity]:
        """These items."""
        return items.bots(scope)

    def excluded(self, scope: Scope) -> str:
        """The same with or without staff."""
        return str(self.excludes)


def smallest_group(numbers: Sequence[int], part: int) -> int:
    """How many of ``numbers`` it takes, largest first, to make at least ``part`` hundredths of their sum.

    Of nothing, none. Whole numbers throughout: exactly half is half.
    """
    whole, so_far = sum(numbers), 0
    for place, number in enumerate(sorted(numbers, reverse=True)):
        if so_far * 100 >= whole * part:
            return place
        so_far += number
    return len(numbers)


@metrics.declare
class ContributorAbsenceFactor(ItemMetric):
    """The smallest number of people who make at least half of the items."""

    key = "contributor_absence_factor"
    label = _("people opened half of the items")
    order = 70
    source = "CHAOSS, Contributor Absence Factor"
    definition = _(
        "The smallest number of people whose items together make at least half of the period's items, bots' left out; "
        "0 when there were none. Rows: the period's items without bots'."
    )

    def compute(self, scope: Scope) -> Figure:
        """A number of people."""
        numbers = list(facts(scope).by_person.values())
        return Figure(smallest_group(numbers, 50), sum(numbers))

    def rows(self, scope: Scope) -> QuerySet[Activity]:
        """The period's items without bots'."""
        return items.humans(scope)


@metrics.declare
class ContributorGroups(ItemMetric):
    """Core, regular and casual contributors."""

    key = "contributor_groups"
    label = _("core, regular and casual contributors")
    better = Better.NEITHER
    order = 110
    source = "GrimoireLab, Onion study; CHAOSS, Conversion Rate: casual, regular, core"
    definition = _(
        "The period's people by how much they opened, most first: the core makes at least 80 % of the items, core and "
        "regulars together at least 95 %, the others are casual. Among equals at an edge, as few as it takes are "
        "counted to the inner group. Rows: the period's items without bots'."
    )

    def compute(self, scope: Scope) -> Figure:
        """Group to number of people."""
        numbers = list(facts(scope).by_person.values())
        core, inner = smallest_group(numbers, CORE_PART), smallest_group(numbers, REGULAR_PART)
        return Figure({"core": core, "regular": inner - core, "casual": len(numbers) - inner}, sum(numbers))

    def rows(self, scope: Scope) -> QuerySet[Activity]:
        """The period's items without bots'."""
        return items.humans(scope)


@metrics.declare
class ItemsByMonth(ItemMetric):
    """Items of each month by who opened them."""

    key = "items_by_month"
    label = _("items by month")
    better = Better.NEITHER
    order = 120
    definition = _(
        "Items opened in each month of the period, by volunteers, staff and bots, as the three figures of those names "
        "count them; of a month that the period only touches, the days within it. Rows: all these items."
    )
    excludes = NO_UNKNOWN

    def compute(self, scope: Scope) -> Figure:
        """Month (``2026-04``) to counts by ``volunteer``, ``staff`` and ``bot``; every month, zeros included."""
        found = facts(scope).months
        none = dict.fromkeys(SORTS, 0)
        return Figure(
            {str(month): dict(found.get(str(month), none)) for month in scope.period.months},
            sum(sum(counts.values()) for counts in found.values()),
        )

    def rows(self, scope: Scope) -> QuerySet[Activity]:
        """The period's items."""
        return items.counted(scope)


@metrics.declare
class ItemsByKind(ItemMetric):
    """Issues and pull requests."""

    key = "items_by_kind"
    label = _("items by kind")
    better = Better.NEITHER
    order = 130
    source = "CHAOSS, Issues New, Change Requests"
    definition = _(
        "Items opened in the period by kind (issue, pull_request; other where it is not known), without bots'. An item "
        "is a pull request when any file lists it as one. Rows: these items."
    )

    def compute(self, scope: Scope) -> Figure:
        """Kind to number of items: all, less the few that bots (and staff, where they are left out) opened."""
        counted = Counter(kinds_of_items(items.within(scope)))
        machines = Identity.objects.filter(is_bot=True).values("pk")
        counted.subtract(kinds_of_items(items.within(scope).filter(identity__in=machines)))
        if STAFF in scope.exclude:
            counted.subtract(kinds_of_items(possible_staff(scope)))
        found: dict[str, int] = {
            "issue": counted.pop("issue", 0),
            "pull_request": counted.pop("pull_request", 0),
        }
        if others := sum(counted.values()):
            found["other"] = others
        return Figure(found, sum(found.values()))

    def rows(self, scope: Scope) -> QuerySet[Activity]:
        """The period's items without bots'."""
        return items.humans(scope)
