"""How many sessions were proposed, who voted, and how many took place."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Figure, Scope, metrics
from folkmoot.training.metrics.base import TrainingMetric
from folkmoot.training.models import Proposal, ProposalState, Status, Unconference, Vote, Voter

COUNTING = (ProposalState.OPEN, ProposalState.MERGED)


def held(scope: Scope) -> QuerySet[Unconference]:
    """Unconferences whose event is done and began in the period."""
    rows = Unconference.objects.filter(
        event__status=Status.DONE, event__starts_at__gte=scope.start, event__starts_at__lt=scope.end
    ).select_related("event")
    if scope.source:
        rows = rows.filter(event__source=scope.source)
    return rows.none() if scope.project else rows


@metrics.declare
class SessionsProposed(TrainingMetric):
    """Proposals of the unconferences of the period."""

    key = "sessions_proposed"
    label = _("sessions were proposed at unconferences")
    order = 390
    excludes = _(
        "Events that are not marked as done; proposals that were hidden, withdrawn or never confirmed."
    )
    definition = _(
        "Proposals, those that became part of others too, for unconferences that are done and began in the period. "
        "Rows: these proposals."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each proposal."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Proposal]:
        """These proposals."""
        return Proposal.objects.filter(
            unconference__in=held(scope).values("pk"), state__in=COUNTING
        ).select_related("unconference__event")


@metrics.declare
class SessionVoters(TrainingMetric):
    """Who chose sessions at the unconferences of the period."""

    key = "session_voters"
    label = _("people chose sessions")
    order = 391
    excludes = _(
        "Events that are not marked as done. A browser that nobody signed in with counts as a person."
    )
    definition = _(
        "Voters with at least one vote for a proposal that counts, for unconferences that are done and began in the "
        "period; somebody who voted at two counts twice. Rows: the unconferences, since nobody is shown who voted."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each voter of each unconference."""
        voters = Voter.objects.filter(
            unconference__in=held(scope).values("pk"), votes__proposal__state__in=COUNTING
        )
        return Figure(voters.distinct().count(), self.rows(scope).count())

    def rows(self, scope: Scope) -> QuerySet[Unconference]:
        """These unconferences."""
        return held(scope)


@metrics.declare
class SessionVotes(TrainingMetric):
    """How often sessions were chosen at the unconferences of the period."""

    key = "session_votes"
    label = _("votes for sessions were given")
    order = 392
    excludes = _("Events that are not marked as done; votes for proposals that were hidden or withdrawn.")
    definition = _(
        "Votes for proposals that count, for unconferences that are done and began in the period. Rows: the "
        "unconferences."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each vote."""
        votes = Vote.objects.filter(
            voter__unconference__in=held(scope).values("pk"), proposal__state__in=COUNTING
        )
        return Figure(votes.count(), self.rows(scope).count())

    def rows(self, scope: Scope) -> QuerySet[Unconference]:
        """These unconferences."""
        return held(scope)


@metrics.declare
class SessionsPlaced(TrainingMetric):
    """Sessions that took place at the unconferences of the period."""

    key = "sessions_placed"
    label = _("sessions took place at unconferences")
    order = 393
    excludes = _("Events that are not marked as done; sessions that were cancelled.")
    definition = _(
        "Proposals with a place in the published grid that was not cancelled, for unconferences that are done and "
        "began in the period. Rows: these proposals."
    )

    def compute(self, scope: Scope) -> Figure:
        """One for each session."""
        number = self.rows(scope).count()
        return Figure(number, number)

    def rows(self, scope: Scope) -> QuerySet[Proposal]:
        """These proposals."""
        return Proposal.objects.filter(
            unconference__in=held(scope).values("pk"), state=ProposalState.OPEN, session__isnull=False
        ).select_related("unconference__event")
