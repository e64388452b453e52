"""Pages of events on a website made by Hugo or Jekyll become events; each page is kept letter by letter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import front
from folkmoot.kernel.front import FrontProblem
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import (
    FileProblem,
    Part,
    Reading,
    Rejection,
    Row,
    Source,
    source_parts,
    sources,
)
from folkmoot.kernel.text import clean, fold
from folkmoot.people.public import ensure_identities
from folkmoot.training.actions.base import moments
from folkmoot.training.imports import making
from folkmoot.training.models import Event, EventKind, EventPage, TaskKind
from folkmoot.training.site import saying
from folkmoot.training.site.saying import Unsaid

SUFFIXES = (".md", ".markdown")
#: The longest file that is taken for a page, in bytes.
LARGEST = 2_000_000
#: The kind of events whose page names none.
USUAL_KIND = "workshop"

sources.register(
    Source(
        key="event-pages",
        label=gettext_lazy("Events of a website"),
        help=gettext_lazy(
            "A folder of Markdown files with front matter, one for each event, as Hugo and Jekyll have them."
        ),
        takes="folder",
        permission="training.manage",
        files=("*.md", "*.markdown"),
        order=80,
    )
)


class _Pages(Part):
    """Every file becomes an event, or a page of lists that is kept beside them."""

    order: ClassVar[int] = 350
    chunk_size: ClassVar[int] = 100
    counters: ClassVar[tuple[str, ...]] = (
        "events",
        "pages",
        "parts",
        "kinds",
        "activities",
        "people",
        "identities",
        "bots",
    )

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One row for each file, by its path within the website's folder."""
        for path in self._files(reading.root):
            yield _read(path, path.relative_to(reading.root).as_posix())

    def _files(self, root: Path) -> list[Path]:
        raise NotImplementedError

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Make events, or bring those of before to what their pages say newly."""
        _Applying(self.source, rows, changes).run()


@source_parts.declare
class WebsitePages(_Pages):
    """The folder of a website's events."""

    key: ClassVar[str] = "event-pages.training.pages"
    source: ClassVar[str] = "event-pages"

    def _files(self, root: Path) -> list[Path]:
        found = _markdown(root) if root.is_dir() else []
        if not found:
            raise FileProblem(root.name, _("holds no Markdown files"))
        return found


@source_parts.declare
class PyOpenSciPages(_Pages):
    """The folder ``events`` among pyOpenSci's files, where it is there."""

    key: ClassVar[str] = "pyopensci.training.pages"
    source: ClassVar[str] = "pyopensci"

    def _files(self, root: Path) -> list[Path]:
        return _markdown(root / "events") if (root / "events").is_dir() else []


def _markdown(folder: Path) -> list[Path]:
    return sorted(
        each
        for each in folder.rglob("*")
        if each.is_file() and each.suffix.casefold() in SUFFIXES and not each.name.startswith(".")
    )


def _read(path: Path, shown_as: str) -> Row | Rejection:
    if path.stat().st_size > LARGEST:
        return Rejection(shown_as, None, "", _("is larger than 2 MB: it is left out"))
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        return Rejection(
            shown_as, data[: problem.start].count(b"\n") + 1, "", _("is no UTF-8: it is left out")
        )
    if len(shown_as) > 300:
        return Rejection(shown_as, None, "", _("has a path of more than 300 characters: it is left out"))
    try:
        if not path.name.startswith("_"):
            saying.fields_of(front.read(text))
    except FrontProblem as problem:
        return Rejection(shown_as, problem.line, "", _("the front matter cannot be read: %s") % problem.words)
    except Unsaid as problem:
        return Rejection(
            shown_as, 1, problem.name, _("%(why)s; the event is left out") % {"why": str(problem)}
        )
    return Row(shown_as, 1, {"path": shown_as, "text": text, "is_event": not path.name.startswith("_")})


class _Applying:
    """Applies the pages of one chunk."""

    def __init__(self, source: str, rows: Sequence[Row], changes: Changes) -> None:
        self.source, self.changes = source, changes
        self.rows = {str(row.payload["path"]): row for row in rows}
        self.documents = {path: front.read(row.payload["text"]) for path, row in self.rows.items()}
        self.said = {
            path: front.values(self.documents[path])
            for path, row in self.rows.items()
            if row.payload["is_event"]
        }
        self.known = {
            page.path: page
            for page in EventPage.objects.filter(source=source, path__in=list(self.rows)).select_related(
                "event__kind"
            )
        }

    def run(self) -> None:
        """Kinds, then events, then their pages, then who teaches."""
        words = {path: saying.word_of(said) or USUAL_KIND for path, said in self.said.items()}
        kinds = making.kinds_by_word(self.changes, words.values())
        new = self._make({path: kinds[fold(word)] for path, word in words.items()})
        changed = self._update({path: kinds[fold(word)] for path, word in words.items()})
        made = [
            EventPage(
                event=new.get(path),
                source=self.source,
                path=path,
                text=row.payload["text"],
                seen_at=self.changes.now,
            )
            for path, row in self.rows.items()
            if path not in self.known
        ]
        self.changes.create(EventPage, made, counter="pages")
        self._teach(new | changed)

    def _make(self, kinds: Mapping[str, EventKind]) -> dict[str, Event]:
        wanted = [path for path in self.said if path not in self.known]
        slugs = making.Slugs(wanted)
        new = {
            path: making.new_event(
                self.changes,
                announced=not saying.is_draft(self.said[path]),
                slug=slugs.free(Path(path).stem),
                kind=kinds[path],
                source=self.source,
                external_id=path,
                **saying.fields_of(self.documents[path]),
            )
            for path in wanted
        }
        self.changes.create(Event, list(new.values()), counter="events")
        return new

    def _update(self, kinds: Mapping[str, EventKind]) -> dict[str, Event]:
        """Three ways: what the page says newly is taken, unless somebody changed it here meanwhile."""
        pages: list[tuple[EventPage, Mapping[str, Any]]] = []
        events: list[tuple[Event, Mapping[str, Any]]] = []
        changed: dict[str, Event] = {}
        for path, page in self.known.items():
            text = self.rows[path].payload["text"]
            pages.append((page, {"text": text}))
            event = page.event
            if page.text == text or event is None or path not in self.said:
                if event is not None:
                    self.changes.unchanged("events")
                continue
            before, now = saying.fields_of(front.read(page.text)), saying.fields_of(self.documents[path])
            edited = set(saying.differing(event, before))
            values: dict[str, Any] = {}
            for name in saying.FIELDS:
                if now[name] == before[name] or getattr(event, name) == now[name]:
                    continue
                if name in edited:
                    why = _("was changed here and on the website: what stands here is kept")
                    self.changes.reject(self.rows[path], name, why)
                else:
                    values[name] = now[name]
            if kinds[path].pk != event.kind_id and saying.word_of(self.said[path]) != saying.word_of(
                front.values(front.read(page.text))
            ):
                values["kind_id"] = kinds[path].pk
            events.append((event, self._with_reckoned(event, values)))
            changed[path] = event
        self.changes.update(EventPage, pages, counter="pages")
        self.changes.update(Event, events, counter="events")
        return changed

    def _with_reckoned(self, event: Event, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values, and what saving would reckon from them."""
        trial = Event(
            **{name: getattr(event, name) for name in ("starts_time", "ends_time", "time_zone")},
            starts_on=values.get("starts_on", event.starts_on),
            ends_on=values.get("ends_on", event.ends_on),
        )
        found = dict(values)
        if "title" in found:
            found["folded"] = fold(found["title"])[:200]
        if {"starts_on", "ends_on"} & found.keys():
            found["starts_at"], found["ends_at"] = moments(trial)
        return found

    def _teach(self, events: Mapping[str, Event]) -> None:
        """Whoever a page names as instructor with a GitHub login has that part."""
        named = [
            (event, login)
            for path, event in events.items()
            for login in _logins(self.said[path].get("instructors"))
        ]
        kind = making.part_that(TaskKind.Does.TEACHES) if named else None
        if kind is None:
            return
        identities = ensure_identities(self.changes, handles=[login for _event, login in named])
        parts = [
            (event, identity, kind)
            for event, login in named
            if (identity := identities[fold(login)]).person.erased_at is None
        ]
        making.add_parts(self.changes, parts, source=self.source)


def _logins(value: Any) -> list[str]:
    rows = value if isinstance(value, list) else []
    found = [clean(str(row.get("github") or "")) for row in rows if isinstance(row, dict)]
    return [login for login in found if login and len(login) <= 100]
