"""Pages of events as a website has them: those that were read, letter by letter where nobody edited, and new ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import front
from folkmoot.kernel.exports import Site, SiteFile, sites
from folkmoot.kernel.front import FrontProblem
from folkmoot.kernel.text import clean
from folkmoot.training.models import EventPage, Session, Visibility
from folkmoot.training.queries.public import shown
from folkmoot.training.site import saying
from folkmoot.training.site.saying import Unsaid


def written(page: EventPage, gone: Collection[str] = ()) -> tuple[str, str]:
    """A page as it is to be written, and a remark where it could not be brought to what its event says.

    Args:
        gone: titles of sessions that its event had.
    """
    if page.event is None:
        return page.text, ""
    try:
        return saying.page_with(front.read(page.text), page.event, gone).text, ""
    except (FrontProblem, Unsaid) as problem:
        return page.text, _("left as it was read: %(why)s") % {"why": str(problem)}


def read_pages() -> QuerySet[EventPage]:
    """Pages that a website has already; those of events that became private are not written any more."""
    pages = EventPage.objects.select_related("event__kind").prefetch_related("event__sessions")
    return pages.exclude(event__visibility=Visibility.PRIVATE).order_by("path", "source", "pk")


def withdrawn(pages: Iterable[EventPage]) -> dict[int, set[str]]:
    """Titles of the sessions that events had and have no more, where they have none at all: a grid that was taken back,
    an unconference that is none any more. By the event's number; at most one query.
    """
    empty = {page.event_id for page in pages if page.event is not None and not page.event.sessions.all()}
    history: Any = Session.history
    found: dict[int, set[str]] = {}
    rows = history.filter(event_id__in=empty).values_list("event_id", "title").distinct() if empty else ()
    for pk, title in rows:
        found.setdefault(pk, set()).add(clean(title))
    return found


def new_pages(pattern: str, *, layout: str = "", but: frozenset[int] = frozenset()) -> Iterator[SiteFile]:
    """A page for each event that everybody may see.

    Args:
        pattern: where it stands, with ``{slug}``.
        but: events that have one already.
    """
    events = shown().exclude(pk__in=but).select_related("kind").prefetch_related("sessions")
    for event in events.order_by("starts_at", "pk"):
        yield SiteFile(pattern.format(slug=event.slug), saying.new_page(event, layout=layout).text, 1)


@sites.declare
class EventPages(Site):
    """The pages of a website whose events were read, and beside them those of events that it has not yet."""

    key: ClassVar[str] = "events"
    label: ClassVar[Any] = gettext_lazy("Pages of events")
    order: ClassVar[int] = 50

    def files(self) -> Iterator[SiteFile]:
        """The files by their path, where it was read; nothing where no website's events were."""
        met: dict[str, SiteFile] = {}
        pages = list(read_pages())
        gone = withdrawn(pages)
        for page in pages:
            if page.path not in met:
                text, remark = written(page, gone.get(page.event_id or 0, ()))
                met[page.path] = SiteFile(page.path, text, 1, (remark,) if remark else ())
                continue
            first = met[page.path]
            remark = _("a page of “%(source)s” has the same path and is left out") % {"source": page.source}
            met[page.path] = replace(first, remarks=(*first.remarks, remark))
        yield from met.values()
        if not met:
            return
        have = frozenset(EventPage.objects.exclude(event=None).values_list("event_id", flat=True))
        # The first page's folder is the website's.
        folder = PurePosixPath(min(met)).parent.as_posix()
        yield from new_pages("{slug}.md" if folder == "." else f"{folder}/{{slug}}.md", but=have)


@sites.declare
class Hugo(Site):
    """All events that everybody may see, for a website made by Hugo."""

    key: ClassVar[str] = "hugo"
    label: ClassVar[Any] = gettext_lazy("Events for Hugo")
    order: ClassVar[int] = 51
    only_asked: ClassVar[bool] = True

    def files(self) -> Iterator[SiteFile]:
        """One in ``content/events`` for each event."""
        yield from new_pages("content/events/{slug}.md")


@sites.declare
class Jekyll(Site):
    """All events that everybody may see, for a website made by Jekyll: the collection ``events``."""

    key: ClassVar[str] = "jekyll"
    label: ClassVar[Any] = gettext_lazy("Events for Jekyll")
    order: ClassVar[int] = 52
    only_asked: ClassVar[bool] = True

    def files(self) -> Iterator[SiteFile]:
        """One in ``_events`` for each event."""
        yield from new_pages("_events/{slug}.md", layout="event")
