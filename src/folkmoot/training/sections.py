"""What training and events tell in the community report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel.area_reports import AreaSection
from folkmoot.kernel.metrics import Scope
from folkmoot.kernel.reporting import Block, Column, Table, Unit, report_sections
from folkmoot.people.public import country_name
from folkmoot.training.metrics.unconferences import held as held_unconferences
from folkmoot.training.models import Agreement, Award, Event, Progress, Request, Status, Unconference
from folkmoot.training.queries import figures
from folkmoot.training.queries import grid as grids
from folkmoot.training.queries import unconferences as unconference_queries

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User

KEYS = (
    "events_held",
    "people_taught",
    "instructors",
    "attendance_rate",
    "event_countries",
    "sprint_contributions",
    "sprint_people",
    "openings_filled",
    "days_to_fill",
)
#: Beside them where there are agreements.
AGREEMENT_KEYS = ("running_agreements", "seats_used", "renewal_rate")
#: Told where the community notes progress or awards badges.
PROGRESS_KEYS = ("awards_given", "training_completion")
#: Told where people ask for something by a form.
REQUEST_KEYS = ("requests_received", "requests_accepted", "days_to_decision")
#: Told where events are unconferences.
UNCONFERENCE_KEYS = ("sessions_proposed", "session_voters", "session_votes", "sessions_placed")
#: Events that the table lists at most.
MOST = 50


@report_sections.declare
class Training(AreaSection):
    """Training and events in the community report."""

    key = "training.summary"
    title = gettext_lazy("Training & events")
    order = 60
    area_permission = "training.view"

    def is_empty(self, scope: Scope) -> bool:
        """No event was ever held, and there is no agreement."""
        held = scope.remember("training.any", lambda: Event.objects.filter(status=Status.DONE).exists())
        return not held and not _has_agreements(scope)

    def blocks(self, scope: Scope, user: User | None) -> tuple[Block, ...]:
        """Figures of the period, and its events."""
        noted = scope.remember(
            "training.progress", lambda: Award.objects.exists() or Progress.objects.exists()
        )
        asked = scope.remember("training.requests", lambda: Request.objects.exists())
        unconferences = scope.remember("training.unconferences", lambda: Unconference.objects.exists())
        keys = (
            *KEYS,
            *(AGREEMENT_KEYS if _has_agreements(scope) else ()),
            *(PROGRESS_KEYS if noted else ()),
            *(REQUEST_KEYS if asked else ()),
            *(UNCONFERENCE_KEYS if unconferences else ()),
        )
        _found, shown = self.figures(scope, user, *keys)
        tables = (events_table(scope), *((unconferences_table(scope),) if unconferences else ()))
        return (*shown, *(table for table in tables if table.rows))


def _has_agreements(scope: Scope) -> bool:
    return scope.remember("training.agreements", lambda: Agreement.objects.exists())


def events_table(scope: Scope) -> Table:
    """The events of the period, in their order; private ones are counted above and not named here."""
    rows = (
        figures.with_taken_part(figures.held(scope).filter(visibility="public"))
        .annotate(number_contributed=Count("contributions", distinct=True))
        .select_related("kind")
        .order_by("starts_at", "pk")
    )
    listed = [
        (
            row.title,
            date_format(row.starts_on, "j M Y") if row.starts_on else "",
            row.kind.name,
            ", ".join(filter(None, (row.city, country_name(row.country) if row.country else "")))
            or (_("online") if row.is_online else ""),
            row.taken_part or None,
            row.number_contributed or None,
        )
        for row in rows[:MOST]
    ]
    number = rows.count()
    title = ngettext("%(number)d public event", "%(number)d public events", number) % {"number": number}
    if number > MOST:
        title = _("The first %(most)d of %(number)d public events") % {"most": MOST, "number": number}
    return Table(
        "training_events",
        title,
        (
            Column(_("Event")),
            Column(_("Day")),
            Column(_("Kind")),
            Column(_("Place")),
            Column(_("Took part"), Unit.COUNT),
            Column(_("Contributions"), Unit.COUNT),
        ),
        tuple(listed),
    )


#: Unconferences that the table lists at most: each is read as a whole.
MOST_UNCONFERENCES = 10


def unconferences_table(scope: Scope) -> Table:
    """The unconferences of the period: what was proposed, chosen and placed, and which wishes could not be met."""
    rows = held_unconferences(scope).filter(event__visibility="public").order_by("event__starts_at", "pk")
    listed = []
    for row in rows[:MOST_UNCONFERENCES]:
        found = unconference_queries.figures(row)
        left = grids.left_over(grids.load(row))
        listed.append((row.event.title, found.proposals, found.voters, found.votes, found.placed, left))
    return Table(
        "training_unconferences",
        _("Unconferences"),
        (
            Column(_("Event")),
            Column(_("Proposals"), Unit.COUNT),
            Column(_("Voters"), Unit.COUNT),
            Column(_("Votes"), Unit.COUNT),
            Column(_("Placed"), Unit.COUNT),
            Column(_("Clashes left"), Unit.COUNT),
        ),
        tuple(listed),
    )
