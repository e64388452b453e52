"""What AMY's events and trainees are made of: programmes, kinds, tags, parts, lessons, curricula, badges, requirements.

What is here already under the same short name or name is the same, and keeps what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.db import models
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _

from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.kernel.imports.sources import Reading, Rejection, Row, source_parts
from folkmoot.kernel.text import fold
from folkmoot.people.public import Project, Tag, projects_by_name
from folkmoot.training.imports.amy.common import SOURCE, Chunk, Names, Said, TrainingPart, key_of
from folkmoot.training.imports.amy.words import means, words
from folkmoot.training.models import (
    Badge,
    Curriculum,
    EventKind,
    Involvement,
    Programme,
    Requirement,
    TaskKind,
)


def label(name: str) -> str:
    """A short name as people read it: ``community_session`` -> "Community session"."""
    return str(capfirst(name.replace("_", " ").replace("-", " "))) if name == name.lower() else name


def slug_of(name: str, fallback: str) -> str:
    """A short name of a name."""
    return slugify(name.replace("_", "-").replace("/", "-"))[:60].strip("-") or fallback


class Known:
    """Rows of a small table by short name and by name; one statement."""

    def __init__(self, model: type[models.Model]) -> None:
        self.by_word: dict[str, models.Model] = {}
        self.slugs: set[str] = set()
        for row in model._default_manager.order_by("is_archived", "order", "pk"):
            one: Any = row
            self.slugs.add(one.slug)
            for word in (one.slug, one.name):
                self.by_word.setdefault(fold(word), row)

    def find(self, *named: str) -> Any:
        """The row that has one of these words."""
        return next((found for word in named if word and (found := self.by_word.get(fold(word)))), None)

    def free(self, slug: str) -> str:
        """A short name that no row has; it is taken then."""
        found, number = slug, 2
        while found in self.slugs:
            found, number = f"{slug[:54]}-{number}", number + 1
        self.slugs.add(found)
        return found


class RowsPart(TrainingPart):
    """A small table of AMY that becomes a small table here: rows with a short name and a name."""

    model: ClassVar[type[models.Model]]
    counter: ClassVar[str]

    def bring(self, chunk: Chunk) -> None:
        known = Known(self.model)
        self.prepare(chunk)
        wanted: list[Wanted] = []
        for said in chunk.said:
            named = self.named(said)
            values = dict(self.values(chunk, said))
            name = str(values.get("name") or label(named))[:100]
            slug = slug_of(means_here(self.words_table, named), f"amy-{slug_of(said.pk, 'x')[:40]}")
            found = known.find(slug, name)
            values["name"] = name
            told = said.only_said(values, self.columns)
            fixed = {"slug": slug if found is not None else known.free(slug), **self.fixed(chunk, said)}
            fixed |= {column: value for column, value in values.items() if column not in told}
            if self.is_left_out(chunk, said, values):
                continue
            wanted.append(Wanted(said.key, told, found=found, fixed=fixed, row=said.row, names=self.columns))
        bring(chunk.changes, source=SOURCE, model=self.model, wanted=wanted, counter=self.counter)

    words_table: ClassVar[str] = ""
    #: Column -> the column of AMY that says it, where it has another name. The API tells but a word of such a row: what
    #: it does not tell stays as it is here.
    columns: ClassVar[Mapping[str, str]] = {}

    def prepare(self, chunk: Chunk) -> None:
        """Look up what the rows name."""

    def named(self, said: Said) -> str:
        """By what AMY knows it."""
        return said.line("name", 100)

    def values(self, chunk: Chunk, said: Said) -> Mapping[str, Any]:
        """What AMY says of it."""
        return {}

    def fixed(self, chunk: Chunk, said: Said) -> Mapping[str, Any]:
        """What a new row has beside."""
        return {}

    def is_left_out(self, chunk: Chunk, said: Said, values: Mapping[str, Any]) -> bool:
        """Whether it cannot be a row here; what is wrong is listed."""
        return False


def means_here(table: str, word: str) -> str:
    """What a word of AMY means here, where there is a table of such words."""
    return means(table, word) if table else word


@source_parts.declare
class Programmes(TrainingPart):
    """The organisations that AMY knows by their domains as lesson programmes."""

    key: ClassVar[str] = "amy.training.programmes"
    order: ClassVar[int] = 300
    models: ClassVar[tuple[str, ...]] = ("workshops.organization",)
    counters: ClassVar[tuple[str, ...]] = ("programmes",)

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """Those few organisations only; what is wrong with others, the register's part says."""
        for row in super().read(reading):
            if isinstance(row, Row) and row.payload["fields"].get("domain") in words()["programmes"]:
                yield row

    def bring(self, chunk: Chunk) -> None:
        known = Known(Programme)
        wanted = []
        for said in chunk.said:
            slug = words()["programmes"][said.fields["domain"]]["slug"]
            name = said.line("fullname", 200) or label(slug)
            wanted.append(
                Wanted(
                    f"{said.key}#programme",
                    {"name": name},
                    found=known.find(slug, name),
                    fixed={"slug": slug, "website": _website(said.line("domain", 200))},
                    row=said.row,
                    names={"name": "fullname"},
                )
            )
        bring(chunk.changes, source=SOURCE, model=Programme, wanted=wanted, counter="programmes")


def _website(domain: str) -> str:
    return f"https://{domain}" if "." in domain else ""


@source_parts.declare
class Tags(TrainingPart):
    """Tags of events."""

    key: ClassVar[str] = "amy.training.tags"
    order: ClassVar[int] = 301
    models: ClassVar[tuple[str, ...]] = ("workshops.tag",)
    counters: ClassVar[tuple[str, ...]] = ("tags",)

    def bring(self, chunk: Chunk) -> None:
        names = {said.key: said.line("name", 100) for said in chunk.said}
        rows = Tag.objects.filter(facet="tag", folded__in={fold(name) for name in names.values()})
        known = {row.folded: row for row in rows}
        wanted = [
            Wanted(key, {"name": name}, found=known.get(fold(name)), fixed={"facet": "tag"}, row=said.row)
            for said in chunk.said
            if (name := names[key := said.key])
        ]
        bring(
            chunk.changes,
            source=SOURCE,
            model=Tag,
            wanted=wanted,
            counter="tags",
            reckon=lambda row: {"folded": fold(row.name)},
        )


@source_parts.declare
class Categories(RowsPart):
    """Categories of events: kinds of events here."""

    key: ClassVar[str] = "amy.training.categories"
    order: ClassVar[int] = 302
    models: ClassVar[tuple[str, ...]] = ("workshops.eventcategory",)
    counters: ClassVar[tuple[str, ...]] = ("kinds",)
    model = EventKind
    counter = "kinds"
    words_table = "kinds"
    columns: ClassVar[Mapping[str, str]] = {"is_archived": "active"}

    def named(self, said: Said) -> str:
        return said.line("name", 100).replace("_", "-")

    def values(self, chunk: Chunk, said: Said) -> Mapping[str, Any]:
        values: dict[str, Any] = {"description": said.text("description")}
        if said.has("active"):
            values["is_archived"] = not said.is_true("active")
        return values


@source_parts.declare
class Parts(RowsPart):
    """Roles at events: kinds of parts here."""

    key: ClassVar[str] = "amy.training.parts"
    order: ClassVar[int] = 303
    models: ClassVar[tuple[str, ...]] = ("workshops.role",)
    counters: ClassVar[tuple[str, ...]] = ("part_kinds",)
    model = TaskKind
    counter = "part_kinds"
    words_table = "parts"
    columns: ClassVar[Mapping[str, str]] = {"name": "verbose_name"}

    def values(self, chunk: Chunk, said: Said) -> Mapping[str, Any]:
        return {"name": said.line("verbose_name", 100) or label(said.line("name", 100))}


@source_parts.declare
class Lessons(TrainingPart):
    """Lessons: projects of the register of that kind."""

    key: ClassVar[str] = "amy.training.lessons"
    order: ClassVar[int] = 304
    models: ClassVar[tuple[str, ...]] = ("workshops.lesson",)
    counters: ClassVar[tuple[str, ...]] = ("lessons",)

    def bring(self, chunk: Chunk) -> None:
        names = {said.key: said.line("name", 200) for said in chunk.said}
        known = projects_by_name(names.values(), kind=Project.Kind.LESSON)
        wanted = [
            Wanted(
                said.key,
                {"name": name},
                found=known.get(fold(name)),
                fixed={"kind": Project.Kind.LESSON},
                row=said.row,
            )
            for said in chunk.said
            if (name := names[said.key])
        ]
        bring(
            chunk.changes,
            source=SOURCE,
            model=Project,
            wanted=wanted,
            counter="lessons",
            reckon=lambda row: {"folded": fold(row.name)},
        )


@source_parts.declare
class Curricula(RowsPart):
    """Curricula, with the programme whose letters they bear."""

    key: ClassVar[str] = "amy.training.curricula"
    order: ClassVar[int] = 305
    models: ClassVar[tuple[str, ...]] = ("workshops.curriculum",)
    counters: ClassVar[tuple[str, ...]] = ("curricula",)
    model = Curriculum
    counter = "curricula"
    columns: ClassVar[Mapping[str, str]] = {"programme_id": "carpentry", "is_archived": "active"}

    def prepare(self, chunk: Chunk) -> None:
        slugs = {
            one["carpentry"]: one["slug"] for one in words()["programmes"].values() if one.get("carpentry")
        }
        rows = dict(Programme.objects.filter(slug__in=slugs.values()).values_list("slug", "pk"))
        self._programmes = {letters: rows.get(slug) for letters, slug in slugs.items()}

    def named(self, said: Said) -> str:
        return said.line("slug", 60) or said.line("name", 200)

    def values(self, chunk: Chunk, said: Said) -> Mapping[str, Any]:
        values: dict[str, Any] = {
            "name": said.line("name", 200),
            "programme_id": self._programmes.get(said.line("carpentry", 10)),
            "description": said.text("description"),
            "website": said.url("website", 500),
        }
        if said.has("active"):
            values["is_archived"] = not said.is_true("active") or said.is_true("unknown")
        return values


@source_parts.declare
class Badges(RowsPart):
    """Badges."""

    key: ClassVar[str] = "amy.training.badges"
    order: ClassVar[int] = 306
    models: ClassVar[tuple[str, ...]] = ("workshops.badge",)
    counters: ClassVar[tuple[str, ...]] = ("badges",)
    model = Badge
    counter = "badges"
    words_table = "badges"
    columns: ClassVar[Mapping[str, str]] = {"name": "title", "description": "criteria"}

    def values(self, chunk: Chunk, said: Said) -> Mapping[str, Any]:
        return {"name": said.line("title", 100), "description": said.text("criteria")}


@source_parts.declare
class Requirements(RowsPart):
    """What trainees have to do."""

    key: ClassVar[str] = "amy.training.requirements"
    order: ClassVar[int] = 307
    models: ClassVar[tuple[str, ...]] = ("workshops.trainingrequirement",)
    counters: ClassVar[tuple[str, ...]] = ("requirements",)
    model = Requirement
    counter = "requirements"
    columns: ClassVar[Mapping[str, str]] = {"needs_url": "url_required", "needs_event": "event_required"}

    def values(self, chunk: Chunk, said: Said) -> Mapping[str, Any]:
        return {"needs_url": said.is_true("url_required"), "needs_event": said.is_true("event_required")}


@source_parts.declare
class Involvements(RowsPart):
    """Ways to get involved: of the requirement that asks for one."""

    key: ClassVar[str] = "amy.training.involvements"
    order: ClassVar[int] = 308
    models: ClassVar[tuple[str, ...]] = ("trainings.involvement",)
    looks_up: ClassVar[tuple[str, ...]] = ("workshops.trainingrequirement",)
    counters: ClassVar[tuple[str, ...]] = ("involvements",)
    model = Involvement
    counter = "involvements"
    columns: ClassVar[Mapping[str, str]] = {
        "name": "display_name",
        "needs_url": "url_required",
        "needs_date": "date_required",
        "needs_note": "notes_required",
        "is_archived": "archived_at",
    }

    def beside(self, model: str, pk: str, fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
        asking = names["workshops.trainingrequirement"].items()
        return {"requirement": next((pk for pk, one in asking if one.get("involvement_required")), "")}

    def prepare(self, chunk: Chunk) -> None:
        asking = {said.beside["requirement"] for said in chunk.said}
        chunk.find(more={key_of("workshops.trainingrequirement", pk) for pk in asking if pk})

    def named(self, said: Said) -> str:
        return str(words()["involvements"].get(fold(said.line("name", 100)), said.line("name", 100)))

    def values(self, chunk: Chunk, said: Said) -> Mapping[str, Any]:
        values: dict[str, Any] = {
            "name": said.line("display_name", 100) or label(said.line("name", 100)),
            "needs_url": said.is_true("url_required"),
            "needs_date": said.is_true("date_required"),
            "needs_note": said.is_true("notes_required"),
        }
        if said.has("archived_at"):
            values["is_archived"] = bool(said.fields["archived_at"])
        return values

    def fixed(self, chunk: Chunk, said: Said) -> Mapping[str, Any]:
        asked = key_of("workshops.trainingrequirement", said.beside["requirement"])
        return {"requirement_id": chunk.rows.get(asked)}

    def is_left_out(self, chunk: Chunk, said: Said, values: Mapping[str, Any]) -> bool:
        if self.fixed(chunk, said)["requirement_id"] is not None:
            return False
        said.leave("", _("no requirement of AMY asks for a way to get involved: left out"))
        return True
