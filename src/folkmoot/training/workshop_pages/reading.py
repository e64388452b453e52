"""Reading the pages of workshops: of coming events every night, of one event or request when somebody asks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.http import Client, HttpProblem, Limits
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.saving import Actor
from folkmoot.training.models import AHEAD, Event, Fills, PageReading, Request, RequestState
from folkmoot.training.workshop_pages import metadata

JOB = "training.read_pages"
#: Of one page, in seconds and bytes: a host that dawdles or sends without end holds nobody up.
LIMITS = Limits(connect=5, read=10, write=10, total=20, size=1_000_000, tries=1)
#: Events and requests that are read in one night.
MOST = 2000


def address_of(row: Event | Request) -> str:
    """Where the page of an event is, or the one that a request names; ``""``: nowhere that is known."""
    if isinstance(row, Event):
        return row.website or row.repository
    for one in row.version.fields:
        if one.get("fills") == Fills.WEBSITE and isinstance(said := row.answers.get(one["key"]), str):
            return said.strip()
    return ""


def ask(*, about: Event | Request, actor: Actor) -> None:
    """Queue reading the page of one event or request; once while it waits to be read."""
    arguments = {"event" if isinstance(about, Event) else "request": about.pk}
    if not Job.objects.filter(kind=JOB, arguments=arguments, state=JobState.QUEUED).exists():
        enqueue(kind=JOB, arguments=arguments, created_by=actor)


def coming() -> QuerySet[Event]:
    """Events ahead whose page is on GitHub, or was read before."""
    there = Q(website__icontains="github.") | Q(repository__icontains="github.com/")
    return Event.objects.filter(there | Q(page_reading__isnull=False), status__in=AHEAD)


def read_all(context: JobContext) -> dict[str, int]:
    """The job: the pages of all coming events and of requests that wait, or the one that its arguments name."""
    said = context.arguments
    if "event" in said or "request" in said:
        model: Any = Event if "event" in said else Request
        wanted = [(model, said.get("event") or said.get("request"))]
    else:
        waits = Request.objects.filter(state=RequestState.PENDING, page_reading__isnull=False)
        wanted = [(Event, pk) for pk in coming().order_by("pk").values_list("pk", flat=True)[:MOST]]
        wanted += [(Request, pk) for pk in waits.order_by("pk").values_list("pk", flat=True)[:MOST]]
    at = (context.cursor or [0])[0]
    read = 0
    with Client(limits=LIMITS) as client:
        for number in range(at, len(wanted)):
            model, pk = wanted[number]
            row = model._default_manager.filter(pk=pk).first()
            if row is not None:
                read += read_page(row, client)
            context.checkpoint([number + 1], done=number + 1, total=len(wanted))
    return {"read": read, "asked": len(wanted) - at}


def read_page(row: Event | Request, client: Client) -> bool:
    """Read the page of an event or request and keep what it says.

    Returns:
        whether it says anything of a workshop.
    """
    address = address_of(row)
    if (
        isinstance(row, Event)
        and not metadata.is_of_github(address)
        and metadata.is_of_github(row.repository)
    ):
        address = row.repository
    if not address:
        return False
    said, problem = fetch(address, client)
    now = clock.now()
    owner = {"event": row} if isinstance(row, Event) else {"request": row}
    reading = PageReading.objects.filter(**owner).first() or PageReading(**owner)
    reading.tried_at, reading.problem = now, problem
    if said or reading.url != address:
        if reading.said != said:
            reading.changed_at = now
        fields = metadata.values(said).fields
        reading.said, reading.read_at = said, now if said else None
        reading.starts_on = fields.get("starts_on")
        reading.ends_on = fields.get("ends_on") or reading.starts_on
    reading.url = address[:500]
    reading.save()
    return bool(said)


def fetch(address: str, client: Client) -> tuple[dict[str, str], str]:
    """What the page says, by key, or why nothing could be read."""
    problem = ""
    for url in metadata.addresses(address):
        try:
            answer = client.get(url, headers={"accept": "text/html, text/plain"})
        except HttpProblem as error:
            problem = problem or str(error)
            continue
        if answer.status != 200:
            problem = problem or _("%(url)s answers %(status)s") % {"url": url, "status": answer.status}
            continue
        if said := metadata.read(answer.text):
            return said, ""
        problem = problem or _("%(url)s says nothing of a workshop: it has no “startdate”") % {"url": url}
    return {}, problem[:300]


def nightly(now: dt.datetime) -> str:
    """A slot for each night, at three o'clock UTC."""
    at = now.astimezone(dt.UTC)
    return f"{at:%Y-%m-%d}" if at.hour >= 3 else ""


def days_differ() -> Q:
    """Readings whose days are others than the event's."""
    last = Q(event__ends_on__isnull=False) & ~Q(ends_on=F("event__ends_on"))
    first = Q(event__starts_on=None) | ~Q(starts_on=F("event__starts_on"))
    return Q(starts_on__isnull=False) & (first | last)
