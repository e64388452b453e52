"""AMY's community roles: kinds of role, and who held which from when to when."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.seen import Wanted, bring, rows_of
from folkmoot.kernel.imports.sources import Row, source_parts
from folkmoot.kernel.text import clean, fold, fold_accents
from folkmoot.people.imports import values
from folkmoot.people.imports.amy.mapped import amy_models, left
from folkmoot.people.imports.amy.part import AmyPart, moment, thing_of, things_of
from folkmoot.people.imports.amy.source import AMY
from folkmoot.people.imports.amy.things import Sorted, Thing
from folkmoot.people.imports.amy.who import amy_people
from folkmoot.people.models import Note, RoleKind, Term

CONFIG, REASON, ROLE = (
    "communityroles.communityroleconfig",
    "communityroles.communityroleinactivation",
    "communityroles.communityrole",
)


@source_parts.declare
class RoleKinds(AmyPart):
    """Kinds of role; one is the same as one here by its short name or name."""

    key: ClassVar[str] = "amy.people.role_kinds"
    order: ClassVar[int] = 130
    models: ClassVar[tuple[str, ...]] = (CONFIG,)
    counters: ClassVar[tuple[str, ...]] = ("role_kinds",)

    def problem(self, thing: Thing) -> tuple[str, str] | None:
        """A kind has a name of Latin letters or digits."""
        if not _slug(thing):
            return "name", _("has no name that can be used: the role is left out")
        return None

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Make kinds that are not here."""
        here: dict[str, RoleKind] = {}
        for kind in RoleKind.objects.order_by("-order", "-pk"):
            here |= {fold(kind.name): kind, fold(kind.slug): kind}
        wanted = []
        for row, thing in things_of(rows, CONFIG):
            name = _name(thing)
            found = here.get(fold(name)) or here.get(_slug(thing))
            wanted.append(
                Wanted(
                    thing.key, {"name": name}, found, {"slug": _slug(thing)}, row, {"name": "display_name"}
                )
            )
        bring(changes, source=AMY, model=RoleKind, wanted=wanted, counter="role_kinds")


def _name(thing: Thing) -> str:
    return clean(str(thing.fields.get("display_name") or thing.fields.get("name") or ""))[:100]


def _slug(thing: Thing) -> str:
    return slugify(fold_accents(str(thing.fields.get("name") or _name(thing))).replace("_", "-"))[:60]


@source_parts.declare
class Roles(AmyPart):
    """Terms; why one ended, its address and AMY's own keys become a note on the person."""

    key: ClassVar[str] = "amy.people.roles"
    order: ClassVar[int] = 135
    models: ClassVar[tuple[str, ...]] = (ROLE,)
    looks_up: ClassVar[tuple[str, ...]] = (REASON, CONFIG)
    counters: ClassVar[tuple[str, ...]] = ("terms", "notes")

    def things(self, found: Sorted) -> Iterator[Thing]:
        """Roles with the names of their kinds and reasons."""
        reasons, kinds = found.lookup(REASON), found.lookup(CONFIG)
        for thing in found.things(self.models):
            kind = kinds.get(str(thing.fields.get("config")), {})
            words = {
                "inactivation_name": reasons.get(str(thing.fields.get("inactivation")), {}).get("name"),
                "config_name": kind.get("display_name") or kind.get("name"),
                "key_labels": kind.get("custom_key_labels"),
            }
            yield Thing(thing.model, thing.pk, {**thing.fields, **words}, thing.line)

    def problem(self, thing: Thing) -> tuple[str, str] | None:
        """Days that are days, in their order."""
        days = {}
        for column in ("start", "end"):
            try:
                days[column] = values.day(thing.fields.get(column))
            except values.Unreadable as problem:
                return column, str(problem)
        if days["start"] and days["end"] and days["end"] < days["start"]:
            return "end", _("is before the start: the role is left out")
        return None

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Bring terms in line, three ways."""
        things = [(row, thing_of(row)) for row in rows]
        kinds = rows_of(AMY, {f"{CONFIG}/{thing.fields.get('config')}" for _row, thing in things})
        people = amy_people(thing.fields.get("person") for _row, thing in things)
        known = rows_of(AMY, {thing.key for _row, thing in things})
        held: dict[tuple[int, int, dt.date | None], Term] = {}
        by_row: dict[int, Term] = {}
        for term in Term.objects.filter(person__in=set(people.values()), project=None, team=None).order_by(
            "-pk"
        ):
            held[term.person_id, term.role_kind_id, term.started_on] = by_row[term.pk] = term
        wanted: list[Wanted] = []
        twice: list[tuple[Row, Thing, tuple[int, int, dt.date | None]]] = []
        taken: set[tuple[int, int, dt.date | None]] = set()
        notes: list[Wanted] = []
        for row, thing in things:
            kind = kinds.get(f"{CONFIG}/{thing.fields.get('config')}")
            person = people.get(str(thing.fields.get("person")))
            if kind is None or person is None:
                column = "config" if kind is None else "person"
                changes.reject(row, column, _("is not here: the role is left out"))
                continue
            start, end = values.day(thing.fields.get("start")), values.day(thing.fields.get("end"))
            key = (person, kind, start)
            notes += _notes(row, thing, person)
            own = by_row.get(known.get(thing.key, 0))
            other = held.get(key)
            if key in taken or (own is None and other is not None and other.source == AMY):
                twice.append((row, thing, key))
                continue
            taken.add(key)
            said = {"person_id": person, "role_kind_id": kind, "started_on": start, "ended_on": end}
            wanted.append(
                Wanted(
                    thing.key, said, other, {"source": AMY}, row, {"started_on": "start", "ended_on": "end"}
                )
            )
        made = bring(changes, source=AMY, model=Term, wanted=wanted, counter="terms")
        self._twice(changes, twice, made.values(), held)
        bring(changes, source=AMY, model=Note, wanted=notes, counter="notes")

    def _twice(
        self, changes: Changes, twice: Sequence[tuple[Row, Thing, tuple[int, int, dt.date | None]]],
        made: Iterable[Term], held: Mapping[tuple[int, int, dt.date | None], Term],
    ) -> None:  # fmt: skip
        """The same role from the same day a second time (another lesson): one term; its note tells the rest."""
        terms = dict(held) | {(one.person_id, one.role_kind_id, one.started_on): one for one in made}
        wanted = [Wanted(thing.key, {}, terms.get(key), row=row) for row, thing, key in twice if key in terms]
        bring(changes, source=AMY, model=Term, wanted=wanted, counter="terms")


def _notes(row: Row, thing: Thing, person: int) -> Iterator[Wanted]:
    """What a term has no room for."""
    fields = thing.fields
    said = [clean(str(fields.get(column) or "")) for column in ("inactivation_name", "url")]
    said += [text for text in _own_keys(fields) if text]
    said = [text for text in said if text]
    if said:
        days = " – ".join(str(fields.get(column) or "…") for column in ("start", "end"))
        body = f"{clean(str(fields.get('config_name') or ''))} ({days}): {'; '.join(said)}"
        at = moment(fields.get("last_updated_at"))
        fixed = {"created_at": at} if at else {}
        yield Wanted(f"{thing.key}#note", {"person_id": person, "body": body}, fixed=fixed, row=row)


def _own_keys(fields: Mapping[str, Any]) -> Iterator[str]:
    """AMY's keys of a role, each with its label."""
    given = fields.get("custom_keys")
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            given = [given]
    if isinstance(given, dict):
        given = list(given.items())
    labels = fields.get("key_labels")
    try:
        labels = json.loads(labels) if isinstance(labels, str) else labels
    except ValueError:
        labels = []
    for number, one in enumerate(given if isinstance(given, list) else []):
        if isinstance(one, (list, tuple)) and len(one) == 2:
            yield f"{clean(str(one[0]))}: {clean(str(one[1]))}" if one[1] not in (None, "") else ""
        else:
            label = labels[number] if isinstance(labels, list) and number < len(labels) else ""
            yield f"{label}: {clean(str(one))}" if label and one else clean(str(one or ""))


_LINKS = gettext_lazy("the awards and agreements of AMY stand on the person and the organisation themselves")
_RULES = gettext_lazy("a rule of AMY's forms: a kind of role asks for nothing here")
_STAMPS = {
    "created_at": left(gettext_lazy("when the row was made in AMY: of no use here")),
    "last_updated_at": left(gettext_lazy("when the row was last saved in AMY: of no use here")),
}

amy_models.declare(
    CONFIG,
    "RoleKind",
    {
        "name": "RoleKind.slug",
        "display_name": "RoleKind.name",
        "custom_key_labels": "Note",
        **dict.fromkeys(
            (
                "link_to_award", "award_badge_limit", "autoassign_when_award_created", "link_to_membership",
                "link_to_partnership", "additional_url", "generic_relation_content_type",
                "generic_relation_multiple_items",
            ),
            left(_RULES),
        ),
        **_STAMPS,
    },
)  # fmt: skip
amy_models.declare(REASON, "Note", {"name": "Note", **_STAMPS})
amy_models.declare(
    ROLE,
    "Term, Note",
    {
        "config": "Term.role_kind",
        "person": "Term.person",
        "start": "Term.started_on",
        "end": "Term.ended_on",
        "inactivation": "Note",
        "url": "Note",
        "custom_keys": "Note",
        "award": left(_LINKS),
        "membership": left(_LINKS),
        "partnership": left(_LINKS),
        "generic_relation_m2m": left(
            gettext_lazy("numbers of AMY's rows; the person's own lessons tell the same")
        ),
        "created_at": _STAMPS["created_at"],
        "last_updated_at": "Note.created_at",
    },
)
