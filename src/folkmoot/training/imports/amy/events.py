"""Events of AMY: the event, its tags, curricula and lessons, its surveys, and the allowance that it is taken from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.kernel.imports.sources import Reading, Rejection, Row, source_parts
from folkmoot.kernel.text import fold
from folkmoot.training.actions.base import moments
from folkmoot.training.imports import making
from folkmoot.training.imports.amy import event_values, in_both
from folkmoot.training.imports.amy.common import (
    SOURCE,
    Chunk,
    Link,
    Names,
    Said,
    TrainingPart,
    key_of,
    moment_of,
    put_links,
)
from folkmoot.training.imports.amy.words import words
from folkmoot.training.models import Curriculum, Event, EventKind, EventLink, Programme, Status, Use

MODEL = "workshops.event"
#: Relations to many: the field of AMY, its model, and the counter.
MANY = (
    ("tags", "workshops.tag", Event.tags.through, "tag_id", "event_tags"),
    ("curricula", "workshops.curriculum", Event.curricula.through, "curriculum_id", "event_curricula"),
    ("lessons", "workshops.lesson", Event.lessons.through, "project_id", "event_lessons"),
)


@source_parts.declare
class Events(TrainingPart):
    """Events."""

    key: ClassVar[str] = "amy.training.events"
    order: ClassVar[int] = 340
    models: ClassVar[tuple[str, ...]] = (MODEL,)
    looks_up: ClassVar[tuple[str, ...]] = event_values.NEEDS
    counters: ClassVar[tuple[str, ...]] = (
        *("events", "kinds", "links", "uses"),
        *(counter for *_rest, counter in MANY),
    )

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """Events, with the requests that were accepted into them."""
        asked = in_both.asked_for(reading)
        for row in super().read(reading):
            if isinstance(row, Row) and (requests := asked.get(str(row.payload["pk"]))):
                row = replace(
                    row, payload={**row.payload, "beside": {**row.payload["beside"], "requests": requests}}
                )
            yield row

    def beside(self, model: str, pk: str, fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
        return event_values.beside(fields, names)

    def bring(self, chunk: Chunk) -> None:
        _Events(chunk).bring()


class _Events:
    """Brings the events of one chunk."""

    def __init__(self, chunk: Chunk) -> None:
        self.chunk = chunk
        named = {f"workshops.organization/{said.beside.get('programme')}#programme" for said in chunk.said}
        charged = {key for said in chunk.said for key in _charged(said).values()}
        chunk.find(
            {name: model for name, model, *_rest in MANY} | {"event_category": "workshops.eventcategory"},
            organizations=("host", "sponsor", "administrator"),
            users=("assigned_to",),
            more={said.key for said in chunk.said}
            | {f"{said.key}#use" for said in chunk.said}
            | named
            | charged,
        )
        self.kinds = making.kinds_by_word(chunk.changes, [words()["training_kind"], words()["usual_kind"]])
        self.names = dict(EventKind.objects.values_list("pk", "name"))
        curricula = {
            found
            for said in chunk.said
            for pk in said.many("curricula")
            if (found := chunk.rows.get(key_of("workshops.curriculum", pk))) is not None
        }
        taught = Curriculum.objects.filter(pk__in=curricula, is_archived=False).select_related("programme")
        self.curricula = {row.pk: row for row in taught}
        self.programmes = dict(Programme.objects.values_list("pk", "name"))
        slugs = {said.line("slug", 100) for said in chunk.said}
        self.by_slug = {event.slug: event for event in Event.objects.filter(slug__in=slugs)}
        self.made_here = in_both.events_made_here(
            key
            for said in chunk.said
            if said.key not in chunk.rows
            for key in said.beside.get("requests", ())
        )
        self.slugs: making.Slugs | None = None

    def bring(self) -> None:
        """Events, then what belongs to each."""
        wanted = [self._wanted(said) for said in self.chunk.said]
        events = bring(
            self.chunk.changes,
            source=SOURCE,
            model=Event,
            wanted=[one for one in wanted if one is not None],
            counter="events",
            reckon=reckoned,
        )
        self.chunk.list_nobodies("assigned_to", "owner_id", events)
        pairs = [(said, events[said.key]) for said in self.chunk.said if said.key in events]
        for name, model, through, other, counter in MANY:
            links = [
                Link(said, name, pk, event.pk, found)
                for said, event in pairs
                for pk in said.many(name)
                if (found := self._named(said, name, model, pk)) is not None
            ]
            owners = [event.pk for _said, event in pairs]
            put_links(self.chunk, through, "event_id", other, links, owners=owners, counter=counter)
        self._surveys(pairs)
        self._uses(pairs)

    def _named(self, said: Said, name: str, model: str, pk: str) -> int | None:
        found = self.chunk.rows.get(key_of(model, pk))
        if found is None:
            said.leave(name, _("%(what)s %(pk)s of AMY is not here: left out") % {"what": name, "pk": pk})
        return found

    def _wanted(self, said: Said) -> Wanted | None:
        chunk = self.chunk
        kind = self._kind(said)
        values = event_values.values(said, clock.today())
        values |= {
            "kind_id": kind,
            "programme_id": chunk.rows.get(
                f"workshops.organization/{said.beside.get('programme')}#programme"
            ),
            "host_id": chunk.organization(said, "host"),
            "organizer_id": self._organizer(said),
            "owner_id": chunk.user(said, "assigned_to"),
        }
        values = said.only_said(values, event_values.NAMES)
        slug = said.line("slug", 100)
        same = self.by_slug.get(slug)
        known = chunk.rows.get(said.key)
        found: Event | None = None
        if same is not None and known is None and _is_same(same, values):
            found = same
        elif known is None and (made := self._made_here(said, values)) is not None:
            found = made
        elif slug and (same is None or same.pk == known):
            values["slug"] = slug
        else:
            slug = self._another(said, slug, same, is_new=known is None)
        shown = values.get("status") in (Status.ANNOUNCED, Status.RUNNING, Status.DONE)
        was_shown = shown or (values.get("status") == Status.CANCELLED and event_values.is_published(said))
        fixed = {
            "slug": slug,
            "kind_id": kind,
            "title": self._title(said, kind, values.get("programme_id")),
            "announced_at": moment_of(values.get("starts_on")) if was_shown else None,
            "source": SOURCE,
            "external_id": said.key,
        }
        trial = Event(**{**fixed, **values})
        try:
            moments(trial)
        except ValidationError as problem:  # a day that no calendar has
            said.leave("start", " ".join(problem.messages))
            return None
        return Wanted(said.key, values, found, {name: value for name, value in fixed.items() if name not in values},
                      said.row, event_values.NAMES)  # fmt: skip

    def _title(self, said: Said, kind: int, programme: int | None) -> str:
        """What a new event is called; an event that is here keeps its title, whatever it is."""
        taught = [
            (row.programme.name if row.programme is not None else "", row.name)
            for pk in said.many("curricula")
            if (row := self.curricula.get(self.chunk.rows.get(key_of("workshops.curriculum", pk), 0)))
            is not None
        ]
        if event_values.has_tag(said, "trainings"):
            taught, programme = [], None
        return event_values.title(
            said, self.names.get(kind, ""), self.programmes.get(programme or 0, ""), taught
        )

    def _another(self, said: Said, slug: str, same: Event | None, *, is_new: bool) -> str:
        """A free short name for a new event whose own is in use."""
        if same is not None:
            why = _("“%(slug)s” is the short name of another event here, “%(title)s”") % {
                "slug": slug,
                "title": same.title,
            }
        else:
            why = _("there is no short name")
        if not is_new:
            said.leave("slug", _("%(why)s: this one keeps its own") % {"why": why})
            return slug
        if self.slugs is None:
            self.slugs = making.Slugs([slug or "event"])
        found = self.slugs.free(slug or f"amy-{said.pk}")
        said.leave("slug", _("%(why)s: this one became “%(found)s”") % {"why": why, "found": found})
        return found

    def _made_here(self, said: Said, values: Mapping[str, Any]) -> Event | None:
        """The event of the same day that was planned here for the request that AMY accepted into this one."""
        planned = (self.made_here.get(key) for key in said.beside.get("requests", ()))
        return next(
            (event for event in planned if event and event.starts_on == values.get("starts_on")), None
        )

    def _kind(self, said: Said) -> int:
        if event_values.has_tag(said, "trainings"):
            return self.kinds[fold(words()["training_kind"])].pk
        found = self.chunk.row(said, "event_category", "workshops.eventcategory")
        return found or self.kinds[fold(words()["usual_kind"])].pk

    def _organizer(self, said: Said) -> int | None:
        """Who organises it; of a workshop that is self-organised, nobody: rules for mails tell them apart by that."""
        if event_values.is_self_organised(said):
            return None
        return self.chunk.organization(said, "sponsor") or self.chunk.organizations.get(
            str(said.fields.get("administrator"))
        )

    def _surveys(self, pairs: Sequence[tuple[Said, Event]]) -> None:
        rows = EventLink.objects.filter(event__in=[event.pk for _said, event in pairs])
        there = {(row.event_id, row.kind, row.url): row for row in rows}
        wanted = [
            Wanted(
                f"{said.key}/{name}",
                {"url": url},
                there.get((event.pk, kind, url)),
                {"event_id": event.pk, "kind": kind, "label": label},
                said.row,
                {"url": name},
            )
            for said, event in pairs
            for name, kind, label, url in event_values.surveys(said)
        ]
        bring(self.chunk.changes, source=SOURCE, model=EventLink, wanted=wanted, counter="links")

    def _uses(self, pairs: Sequence[tuple[Said, Event]]) -> None:
        """What events take from allowances: workshops of a membership, or a benefit of an account."""
        there = {
            row.event_id: row for row in Use.objects.filter(event__in=[event.pk for _said, event in pairs])
        }
        wanted = []
        for said, event in pairs:
            key = f"{said.key}#use"
            found = self._allowance(said)
            if found is not None:
                given = moment_of(event.starts_on)
                fixed = {"event_id": event.pk, "amount": 1, "given_at": given}
                names = {"allowance_id": next(iter(_charged(said)))}
                wanted.append(
                    Wanted(key, {"allowance_id": found}, there.get(event.pk), fixed, said.row, names)
                )
            elif (
                event.pk in there
                and there[event.pk].pk == self.chunk.rows.get(key)
                and said.has("membership")
            ):
                said.leave(
                    "membership", _("AMY takes it from nothing any more: take it back here if that is right")
                )
        bring(self.chunk.changes, source=SOURCE, model=Use, wanted=wanted, counter="uses")

    def _allowance(self, said: Said) -> int | None:
        charged = _charged(said)
        if len(charged) > 1:
            said.leave("allocated_benefit", _("is counted by its membership here: left out"))
        for name, key in charged.items():
            found = self.chunk.rows.get(key)
            if found is None:
                said.leave(name, _("what it is taken from is not here: look why that was left out"))
            return found
        return None


def _charged(said: Said) -> dict[str, str]:
    """Field -> key of the allowance that an event is taken from. AMY counts for a membership what the community
    organises and what is not stalled; what is cancelled counts for nothing here either.
    """
    found: dict[str, str] = {}
    counts = event_values.is_central(said) and not event_values.has_tag(said, "stalled")
    if said.fields.get("membership") and counts:
        found["membership"] = f"workshops.membership/{said.fields['membership']}#workshops"
    if said.fields.get("allocated_benefit"):
        found["allocated_benefit"] = key_of("offering.accountbenefit", said.fields["allocated_benefit"])
    return found


def _is_same(event: Event, values: Mapping[str, Any]) -> bool:
    """Whether an event with the same short name, that AMY did not bring, is the same: it is on the same day."""
    return event.source != SOURCE and event.starts_on == values.get("starts_on")


def reckoned(row: Event) -> dict[str, Any]:
    """What follows from the other columns."""
    starts_at, ends_at = moments(row)
    return {"folded": fold(row.title)[:200], "starts_at": starts_at, "ends_at": ends_at}
