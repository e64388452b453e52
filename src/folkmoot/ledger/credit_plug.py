"""What was done for organisations, on their pages and in the report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock
from folkmoot.kernel.metrics import Scope, measure, metrics
from folkmoot.kernel.periods import Period
from folkmoot.kernel.plugs import RecordPanel, record_panels
from folkmoot.kernel.reporting import Column, ReportSection, Section, Table, Text, Unit, report_sections
from folkmoot.kernel.rows import Row, Rows
from folkmoot.ledger.queries.credit import credit, credit_of

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User

#: Most organisations that the report names; the others are told together.
MOST = 20


@report_sections.declare
class Organizations(ReportSection):
    """For which organisations people did what they did."""

    key = "ledger.organizations"
    title = gettext_lazy("Contributions by organisation")
    order = 35

    def build(self, scope: Scope, user: User | None) -> Section | None:
        """The organisations with most items; nothing where nobody belonged to one."""
        found = credit(scope)
        if not found.organizations:
            return None
        measured = measure(metrics.get("items_by_organization"), scope, is_compared=False)
        rest = found.organizations[MOST:]
        rows: list[tuple[str, int, int | None]] = [
            (line.name, line.items, line.people) for line in found.organizations[:MOST]
        ]
        if rest:
            rows.append((_("%(n)d others") % {"n": len(rest)}, sum(line.items for line in rest), None))
        rows.append((_("All together, each item once"), found.items, found.people))
        table = Table(
            "items_by_organization",
            _("%(name)s comes first, with %(items)d of %(all)d items")
            % {
                "name": found.organizations[0].name,
                "items": found.organizations[0].items,
                "all": found.items,
            },
            (Column(_("Organisation")), Column(_("Items"), Unit.COUNT), Column(_("People"), Unit.COUNT)),
            tuple(rows),
        )
        definition = _("%(definition)s Left out: %(excludes)s") % {
            "definition": measured.definition,
            "excludes": measured.excludes,
        }
        return Section(self.key, str(self.title), (table, Text(definition)))


def _spans() -> list[tuple[str, dt.datetime, dt.datetime, str]]:
    """The last full quarter, the one before, and since a year ago: label, start, end, and the period in an address."""
    today = clock.today()
    last = Period.last_quarter()
    return [
        (_("last quarter, %(period)s") % {"period": last}, last.start, last.end, str(last)),
        (_("the quarter before"), last.previous.start, last.previous.end, str(last.previous)),
        (
            _("in the last 365 days"),
            clock.start_of_day(today - dt.timedelta(days=364)),
            clock.start_of_day(today + dt.timedelta(days=1)),
            f"{today - dt.timedelta(days=364)}..{today}",
        ),
    ]


def done_for(user: Any, record: Any) -> Rows:
    """What people did for an organisation lately."""
    return credit_of(record, [(start, end) for _label, start, end, _period in _spans()])


def show_credit(user: Any, record: Any, rows: Sequence[Row]) -> dict[str, Any] | None:
    """A figure for each span of time, when there is any."""
    spans = _spans()
    items = [row[f"items_{number}"] for row in rows for number in range(len(spans))]
    if not any(items):
        return None
    may_open = user.has_perm("ledger.view")
    return {
        "figures": [
            {
                "label": label,
                "items": items[number],
                "people": rows[0][f"people_{number}"],
                "url": _rows_of(record.name, period) if may_open and items[number] else "",
            }
            for number, (label, _start, _end, period) in enumerate(spans)
        ]
    }


def _rows_of(name: str, period: str) -> str:
    said = {"metric": "items_by_organization", "period": period, "organisation": name}
    return f"{reverse('ledger:activity')}?{urlencode(said)}"


record_panels.register(
    RecordPanel(
        key="ledger.credit",
        record="people.organization",
        title=gettext_lazy("What its people contributed"),
        permission="people.view",
        template="ledger/parts/credit.html",
        rows=done_for,
        context=show_credit,
        wide=True,
    )
)
