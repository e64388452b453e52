"""Finding what a webhook was not told yet, and handing it to the outbox.

Nobody who changes something has to think of it: what changed stands in the histories, and in the ledger. A webhook
knows how far it was told of each; what is queued and how far it then is go into one transaction, so that nothing is
lost or told twice.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from folkmoot.api.webhooks.models import Webhook
from folkmoot.connectors.webhook import as_payload
from folkmoot.kernel import clock
from folkmoot.kernel.api.kinds import Kind, happenings, kinds, settled_until
from folkmoot.kernel.jobs.sharing import give_back
from folkmoot.kernel.permissions.areas import Area
from folkmoot.ledger.public import Activity
from folkmoot.outbox.public import Delivery, queue

log = structlog.get_logger(__name__)

ACTIVITY = "activity.recorded"
#: How many changes one message tells of.
BATCH = 100
#: How long a message may wait for an address that does not answer, before it is missed.
GRACE = dt.timedelta(days=3)
#: How often it is looked for changes, in seconds.
PACE = 5.0
KIND = "webhook"


@dataclass(frozen=True)
class Source:
    """A table that tells of changes, in the order of its numbers.

    Attributes:
        key: the table's name, under which it is kept how far a webhook was told.
        record: the column that names the record.
        what: the column that tells what happened to it; ``""``: what ``says`` says.
    """

    event: str
    key: str
    rows: QuerySet[Any]
    number: str
    record: str
    what: str
    at: str
    says: str = "changed"


@dataclass(frozen=True)
class News:
    """What a webhook is told in one message: records, and the number up to which all is told."""

    records: Sequence[dict[str, Any]]
    upto: int


def events() -> list[str]:
    """Everything that can be told."""
    return [*(f"{kind.key}.changed" for kind in kinds), *(one.key for one in happenings), ACTIVITY]


def sources(event: str) -> list[Source]:
    """Where an event is read: the histories of its kind of record and of its parts, or the ledger."""
    if event == ACTIVITY:
        return [Source(event, ACTIVITY, Activity.objects.all(), "pk", "pk", "kind", "recorded_at")]
    if event in happenings:
        one = happenings.get(event)
        rows = Activity.objects.filter(kind=one.kind, **{f"detail__{one.record}__isnull": False})
        return [Source(event, event, rows, "pk", f"detail__{one.record}", "", "recorded_at", one.says)]
    return [
        Source(
            event,
            history._meta.db_table,
            history.objects.all(),
            "history_id",
            column,
            "history_type" if column == "id" else "",
            "history_date",
        )
        for history, column in _kind(event).histories()
    ]


def _kind(event: str) -> Kind:
    return kinds.get(event.removesuffix(".changed"))


def newest(source: Source) -> int:
    """The number up to which there is something to tell now; 0 when there is nothing."""
    newest_first = source.rows.order_by(f"-{source.number}")
    return newest_first.values_list(source.number, flat=True).first() or 0


def from_now_on(names: Iterable[str]) -> dict[str, int]:
    """How far a webhook was told that is told of what happens from now on."""
    return {source.key: newest(source) for event in names for source in sources(event)}


def news(source: Source, after: int, settled: dt.datetime | None) -> News | None:
    """What happened after this number, at most ``BATCH`` lines; ``None`` when nothing did.

    Args:
        settled: what was written at this moment or later is left for the next time, with all that follows it: an open
            transaction may bring a smaller number. ``None`` where numbers come in the order of transactions.
    """
    rows = source.rows.filter(**{f"{source.number}__gt": after}).order_by(source.number)
    columns = (source.number, source.record, source.at, *([source.what] if source.what else []))
    records: dict[int, dict[str, Any]] = {}
    upto = after
    for number, pk, at, *what in list(rows.values_list(*columns)[:BATCH]):
        if settled is not None and at >= settled:
            break
        upto = number
        if source.event == ACTIVITY:
            records[pk] = {"id": pk, "kind": what[0]}
        else:
            records[pk] = {"id": pk, "what": "gone" if what == ["-"] else source.says}
    return News(list(records.values()), upto) if records else None


def body(event: str, data: dict[str, Any]) -> str:
    """A message as Standard Webhooks lays it out: type, timestamp, data."""
    return json.dumps({"type": event, "timestamp": clock.now().isoformat(), "data": data})


@transaction.atomic
def tell(webhook: Webhook, event: str, data: dict[str, Any], key: str) -> Delivery:
    """Hand one message to the outbox; ``key`` is its ``webhook-id``, by which the other side knows it again."""
    return queue(
        channel=webhook.channel,
        kind=KIND,
        area=Area.SETTINGS,
        title=f"{webhook.channel.name}: {event}",
        payload=as_payload(key, body(event, data)),
        asked_by=None,
        key=key,
        grace=GRACE,
    )


def look(number: int) -> int:
    """Tell one webhook what is new.

    Returns:
        how many messages were queued.
    """
    settled = settled_until() if connection.vendor == "postgresql" else None
    with transaction.atomic():
        row = Webhook.objects.select_for_update(of=("self",)).select_related("channel").get(pk=number)
        queued = 0
        for source in (each for event in row.events for each in sources(event)):
            # The rest, if there is more, at the next look: a transaction stays short.
            for _message in range(BATCH):
                found = news(source, row.told.get(source.key, 0), settled)
                if found is None:
                    break
                key = f"webhook-{row.pk}-{source.key}-{found.upto}"
                tell(row, source.event, {"records": list(found.records)}, key)
                row.told[source.key] = found.upto
                queued += 1
        if queued:
            Webhook.objects.filter(pk=row.pk).update(told=row.told)
    return queued


def behind() -> list[int]:
    """The webhooks that something is to be told to; nothing is written for those that know all."""
    rows = Webhook.objects.filter(channel__archived_at=None, channel__paused_at=None)
    known: dict[str, int] = {}
    found = []
    for pk, wanted, told in rows.values_list("pk", "events", "told"):
        for source in (each for event in wanted for each in sources(event)):
            if source.key not in known:
                known[source.key] = newest(source)
            if known[source.key] > told.get(source.key, 0):
                found.append(pk)
                break
    return found


def turn() -> int:
    """One look at all webhooks."""
    return sum(look(pk) for pk in behind())


def run(stopping: threading.Event) -> None:
    """Look until told to stop. What goes wrong is said and tried again: the loop itself never ends by an error."""
    while not stopping.is_set():
        try:
            close_old_connections()
            turn()
        except DatabaseError as error:
            log.warning("the webhooks wait for the database", error=str(error))
            connection.close()
        except Exception:
            log.exception("the webhooks stumbled")
        give_back()
        stopping.wait(PACE)
    connection.close()


def label(event: str) -> str:
    """An event in words."""
    if event == ACTIVITY:
        return _("something was recorded in the ledger")
    if event in happenings:
        return str(happenings.get(event).label)
    plural = _kind(event).model._meta.verbose_name_plural
    return _("%(records)s changed or went") % {"records": plural}
