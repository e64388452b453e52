"""What all parts of "coming from AMY" share that training reads: what a thing says, whom and what it names."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.models import SeenRecord
from folkmoot.kernel.imports.seen import Wanted, bring, rows_of
from folkmoot.kernel.imports.sources import Reading, Rejection, Row
from folkmoot.kernel.saving import block
from folkmoot.kernel.text import clean
from folkmoot.people.public import AmyPart, Thing, amy_organizations, amy_people, amy_things, amy_users

SOURCE = "amy"
#: Of a model: what its things say, by their key.
Names = dict[str, dict[str, Mapping[str, Any]]]
_is_address = URLValidator(schemes=["http", "https"])


def key_of(model: str, pk: Any) -> str:
    """By what the house remembers a record of AMY."""
    return f"{model}/{pk}"


@dataclass(frozen=True)
class Said:
    """What AMY says of one record, and (field, why) of what is left out of it.

    Attributes:
        beside: what other records say that belongs with it, gathered when the files were read.
    """

    row: Row
    model: str
    pk: str
    fields: Mapping[str, Any]
    beside: Mapping[str, Any]
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Its own key."""
        return key_of(self.model, self.pk)

    def has(self, name: str) -> bool:
        """Whether it says anything of a field: what is fetched from AMY's API says less than a dump."""
        return name in self.fields

    def leave(self, name: str, why: str) -> None:
        """List that a value is left out, while the rest is used."""
        self.problems.append((name, why))

    def line(self, name: str, most: int) -> str:
        """A line of text; cut and listed where it is longer."""
        return self._cut(name, clean(str(self.fields.get(name) or "")), most)

    def text(self, name: str, most: int = 100_000) -> str:
        """A text of several lines."""
        return self._cut(name, block(str(self.fields.get(name) or "")), most)

    def _cut(self, name: str, text: str, most: int) -> str:
        if len(text) > most:
            self.leave(name, _("is longer than %(most)d characters: cut") % {"most": most})
        return text[:most]

    def url(self, name: str, most: int = 1000) -> str:
        """The address of a page; one that is none is listed and left out."""
        text = clean(str(self.fields.get(name) or ""))
        if not text:
            return ""
        try:
            _is_address(text)
        except ValidationError:
            self.leave(name, _("“%(said)s” is no address: left out") % {"said": text[:60]})
            return ""
        if len(text) > most:
            self.leave(name, _("is longer than %(most)d characters: left out") % {"most": most})
            return ""
        return text

    def day(self, name: str) -> dt.date | None:
        """A day."""
        text = str(self.fields.get(name) or "")[:10]
        if not text:
            return None
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            self.leave(name, _("“%(said)s” is no day: left out") % {"said": text})
            return None

    def moment(self, name: str) -> dt.datetime | None:
        """A moment, in UTC."""
        text = str(self.fields.get(name) or "")
        if not text:
            return None
        try:
            found = parse_datetime(text)
        except ValueError:
            found = None
        if found is None:
            self.leave(name, _("“%(said)s” is no moment: left out") % {"said": text[:60]})
            return None
        return found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)

    def number(self, name: str, least: int = 0, most: int = 2_147_483_647) -> int | None:
        """A whole number."""
        value = self.fields.get(name)
        if value is None or value == "":
            return None
        try:
            found = int(value)
        except (TypeError, ValueError):
            found = least - 1
        if not least <= found <= most:
            self.leave(name, _("“%(said)s” is no number that fits: left out") % {"said": str(value)[:60]})
            return None
        return found

    def is_true(self, name: str) -> bool:
        """Yes or no."""
        return self.fields.get(name) in (True, "true", "True", 1)

    def numbers(self, name: str) -> list[int]:
        """A list of numbers; a dump writes the arrays of PostgreSQL as text."""
        value = self.fields.get(name)
        if isinstance(value, str) and value.strip():
            try:
                value = json.loads(value)
            except ValueError:
                value = [value]
        try:
            return [int(one) for one in value or ()]
        except (TypeError, ValueError):
            self.leave(name, _("“%(said)s” is no list of numbers: left out") % {"said": str(value)[:60]})
            return []

    def texts(self, name: str) -> list[str]:
        """A list of words, or one."""
        value = self.fields.get(name)
        if isinstance(value, str) and value.strip().startswith("["):
            try:
                value = json.loads(value)
            except ValueError:
                value = [value]
        rows = value if isinstance(value, list) else [value]
        return [found for one in rows if (found := clean(str(one or "")))]

    def only_said(self, values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
        """The values whose field AMY says something of, if only that it is empty: an API says less than a dump.

        Args:
            names: column -> field, where it has another name.
        """
        return {name: value for name, value in values.items() if self.has(names.get(name, name))}

    def many(self, name: str) -> list[Any]:
        """What a field that names several says; each once."""
        value = self.fields.get(name)
        return list(dict.fromkeys(str(one) for one in value)) if isinstance(value, list) else []


def things_beside(reading: Reading, model: str) -> Iterator[Thing]:
    """The things of a model that a part reads beside its own."""
    return amy_things(reading, model)


def moment_of(day: dt.date | None) -> dt.datetime:
    """A day that is over as a moment: its noon in UTC; now at the latest."""
    now = clock.now()
    return min(now, dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)) if day else now


class TrainingPart(AmyPart):
    """A part of AMY that training reads. What other records say is gathered as the files are read."""

    source: ClassVar[str] = SOURCE

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """Rows as the register's parts read them, with what belongs to each beside it."""
        names: Names = {}
        for model in self.looks_up:
            names[model] = {thing.pk: thing.fields for thing in things_beside(reading, model)}
        for row in super().read(reading):
            if isinstance(row, Row) and self.looks_up:
                beside = self.beside(row.payload["model"], row.payload["pk"], row.payload["fields"], names)
                row = replace(row, payload={**row.payload, "beside": beside})
            yield row

    def beside(self, model: str, pk: str, fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
        """What other records say that belongs to this one."""
        return {}

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Bring one chunk, then list what was left out of it."""
        chunk = Chunk(rows, changes)
        self.bring(chunk)
        chunk.list_problems()

    def bring(self, chunk: Chunk) -> None:
        """Bring what a chunk says."""
        raise NotImplementedError


class Chunk:
    """What one chunk of rows says, and whom and what it names: four statements at most to find all of that."""

    def __init__(self, rows: Sequence[Row], changes: Changes) -> None:
        self.changes = changes
        self.said = [
            Said(
                row,
                str(row.payload["model"]),
                str(row.payload["pk"]),
                row.payload["fields"],
                row.payload.get("beside") or {},
            )
            for row in rows
        ]
        self.rows: dict[str, int] = {}
        self.people: dict[str, int] = {}
        self.organizations: dict[str, int] = {}
        self.users: dict[str, int] = {}

    def find(
        self,
        rows: Mapping[str, str] | None = None,
        *,
        people: Iterable[str] = (),
        organizations: Iterable[str] = (),
        users: Iterable[str] = (),
        more: Iterable[str] = (),
    ) -> None:
        """Look up what the chunk names.

        Args:
            rows: field -> model of AMY that it names one or several of.
            people, organizations, users: fields that name people, organisations, and people who use the house.
            more: keys to look up beside.
        """
        keys = {
            key_of(model, one)
            for name, model in (rows or {}).items()
            for said in self.said
            for one in _named(said.fields.get(name))
        }
        self.rows |= rows_of(SOURCE, keys | set(more))
        if people:
            self.people |= amy_people(self._pks(people))
        if organizations:
            self.organizations |= amy_organizations(self._pks(organizations))
        if users:
            self.users |= amy_users(self._pks(users))

    def add_organizations(self, pks: Iterable[str]) -> None:
        """Look up organisations that stand beside what is said."""
        self.organizations |= amy_organizations(pks)

    def _pks(self, fields: Iterable[str]) -> set[str]:
        return {one for name in fields for said in self.said for one in _named(said.fields.get(name))}

    def row(self, said: Said, name: str, model: str, *, why: str = "") -> int | None:
        """The row here of what a field names; listed where it names something that is not here."""
        pk = said.fields.get(name)
        if pk in (None, ""):
            return None
        found = self.rows.get(key_of(model, pk))
        if found is None:
            said.leave(name, why or _not_here(model, pk))
        return found

    def person(self, said: Said, name: str) -> int | None:
        """The record of the register of somebody whom a field names; listed where there is none."""
        return self._of(
            self.people, said, name, _("person %(pk)s of AMY is not here: look why it was left out")
        )

    def organization(self, said: Said, name: str) -> int | None:
        """The organisation that a field names; listed where there is none."""
        why = _("organisation %(pk)s of AMY is not here: look why it was left out")
        return self._of(self.organizations, said, name, why)

    def user(self, said: Said, name: str) -> int | None:
        """The user of somebody whom a field names; who has none, :meth:`list_nobodies` lists."""
        return self.users.get(str(said.fields.get(name)))

    def list_nobodies(self, name: str, column: str, rows: Mapping[str, models.Model]) -> None:
        """List whom AMY names in a field and who signs in nowhere here, so that nobody stands in the row: each person
        once a chunk, at the first record that names them.

        Args:
            column: of the row, for the user.
            rows: what became of the chunk's records, by their keys.
        """
        named: dict[str, list[Said]] = {}
        for said in self.said:
            pk = said.fields.get(name)
            row = rows.get(said.key)
            if pk not in (None, "") and str(pk) not in self.users and getattr(row, column, 0) is None:
                named.setdefault(str(pk), []).append(said)
        for pk, those in named.items():
            why = ngettext(
                "person %(pk)s of AMY has no user here, so nobody stands here: let them sign in and import again, or "
                "choose somebody",
                "person %(pk)s of AMY has no user here, so nobody stands here and in the next records that name them "
                "(%(number)d in all): let them sign in and import again, or choose somebody",
                len(those),
            )
            those[0].leave(name, why % {"pk": pk, "number": len(those)})

    def _of(self, known: Mapping[str, int], said: Said, name: str, why: str) -> int | None:
        pk = said.fields.get(name)
        if pk in (None, ""):
            return None
        found = known.get(str(pk))
        if found is None:
            said.leave(name, why % {"pk": pk})
        return found

    def list_problems(self) -> None:
        """List what was left out."""
        for said in self.said:
            for name, why in dict.fromkeys(said.problems):
                self.changes.reject(said.row, name, why)
            said.problems.clear()


def _named(value: Any) -> list[str]:
    if value in (None, ""):
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _not_here(model: str, pk: Any) -> str:
    return _("%(what)s %(pk)s of AMY is not here: look why it was left out") % {
        "what": model.partition(".")[2],
        "pk": pk,
    }


@dataclass(frozen=True)
class Link:
    """That a record of AMY names another one, for a many-to-many relation here."""

    said: Said
    #: The field that names it, and by what.
    name: str
    pk: str
    one: int
    other: int


def put_links(
    chunk: Chunk,
    through: type[models.Model],
    one: str,
    other: str,
    links: Sequence[Link],
    *,
    owners: Iterable[int],
    counter: str,
) -> None:
    """Rows of a many-to-many relation: what is there stays, what somebody removed here is not made again, and what AMY
    names no more is listed. Seven statements at most.

    Args:
        one, other: columns of the relation: ``event_id``, ``tag_id``.
        owners: the rows whose relations these are, those that name nothing too.
    """
    rows = list(through._default_manager.filter(**{f"{one}__in": list(owners)}))
    there = {(getattr(row, one), getattr(row, other)): row for row in rows}
    wanted = {
        f"{link.said.key}/{link.name}/{link.pk}": Wanted(
            f"{link.said.key}/{link.name}/{link.pk}",
            {},
            found=there.get((link.one, link.other)),
            fixed={one: link.one, other: link.other},
            row=link.said.row,
        )
        for link in links
    }
    unique: dict[tuple[int, int], Wanted] = {}
    for each in wanted.values():
        unique.setdefault((each.fixed[one], each.fixed[other]), each)
    bring(chunk.changes, source=SOURCE, model=through, wanted=list(unique.values()), counter=counter)
    said_once = SeenRecord.objects.filter(
        source=SOURCE, table=through._meta.label_lower, row__in=[str(row.pk) for row in rows]
    ).values_list("key", flat=True)
    by_key = {said.key: said for said in chunk.said}
    for key in said_once:
        head, _slash, pk = key.rpartition("/")
        owner, _slash, name = head.rpartition("/")
        if key not in wanted and (said := by_key.get(owner)) is not None and said.has(name):
            said.leave(name, _("AMY does not name %(pk)s any more: it was kept here; take it out if it is wrong")
                       % {"pk": pk})  # fmt: skip
