"""How many agreements run, what of their seats is used, and how many are renewed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Figure, Scope, metrics
from folkmoot.kernel.reporting import Unit
from folkmoot.training.metrics.base import TrainingMetric
from folkmoot.training.models import Agreement, Allowance, Counts
from folkmoot.training.queries.agreements import running
from folkmoot.training.queries.allowances import with_balance


def last_day(scope: Scope) -> dt.date:
    """The last day of the period."""
    return (scope.end - dt.timedelta(microseconds=1)).date()


def narrowed(rows: QuerySet[Agreement], scope: Scope) -> QuerySet[Agreement]:
    """Those of the source that was asked for; none where a project was, since agreements belong to no project."""
    if scope.project or scope.end <= scope.start:
        return rows.none()
    return rows.filter(source=scope.source) if scope.source else rows


@metrics.declare
class RunningAgreements(TrainingMetric):
    """Agreements at the end of the period."""

    key = "running_agreements"
    label = _("agreements run")
    order = 400
    excludes = _("Agreements in their days of grace.")
    definition = _(
        "Agreements with members and partners that run on the last day of the period, extensions included. Rows: these "
        "agreements."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each agreement."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Agreement]:
        """Those that run on the last day."""
        return narrowed(running(last_day(scope)), scope)


@metrics.declare
class SeatsUsed(TrainingMetric):
    """Seats taken of those given."""

    key = "seats_used"
    label = _("of the seats of running agreements are taken")
    unit = Unit.SHARE
    order = 410
    excludes = _("Open seats; seats of cancelled events and of learners who withdrew; events and credits.")
    definition = _(
        "Of the seats that agreements give which run on the last day of the period (as agreed, added and taken over, "
        "less what the next agreement took over), the share that is taken as of now, at events that happened or are "
        "ahead. It can be above the whole where more was given than agreed. Rows: the allowances that are counted in "
        "seats."
    )

    def compute(self, scope: Scope) -> Figure:
        """A part of 1."""
        rows = list(self.rows(scope).values_list("given", "used", "planned", "rolled_over"))
        given = sum(row[0] - row[3] for row in rows)
        taken = sum(row[1] + row[2] for row in rows)
        return Figure(taken / given if given > 0 else None, len(rows))

    def rows(self, scope: Scope) -> QuerySet[Any]:
        """Allowances that are counted in seats."""
        agreements = narrowed(running(last_day(scope)), scope)
        return with_balance(
            Allowance.objects.filter(agreement__in=agreements.values("pk"), benefit__counts=Counts.SEAT)
        )

    def unknown_because(self, scope: Scope) -> str:
        """That no agreement gives seats."""
        return gettext("No running agreement gives seats.")


@metrics.declare
class RenewalRate(TrainingMetric):
    """Agreements that were continued, of those that ended."""

    key = "renewal_rate"
    label = _("of the agreements that ended were renewed")
    unit = Unit.SHARE
    order = 420
    excludes = _("Agreements that go on beyond the period.")
    source = "GrowthZone, Member Renewal Rates"
    definition = _(
        "Of the agreements whose last day, extensions included, lies in the period, the share that another agreement "
        "continues: renewals divided by those up for renewal. Rows: the agreements that ended."
    )

    def compute(self, scope: Scope) -> Figure:
        """A part between 0 and 1."""
        rows = self.rows(scope)
        ended = rows.count()
        renewed = rows.filter(Exists(Agreement.objects.filter(renews=OuterRef("pk")))).count()
        return Figure(renewed / ended if ended else None, ended)

    def rows(self, scope: Scope) -> QuerySet[Agreement]:
        """Those that ended in the period."""
        ended = Agreement.objects.filter(last_day__gte=scope.start.date(), last_day__lte=last_day(scope))
        return narrowed(ended, scope)

    def unknown_because(self, scope: Scope) -> str:
        """That none ended."""
        return gettext("No agreement ended in the period.")
