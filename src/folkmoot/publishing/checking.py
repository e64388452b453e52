"""What the policy finds in what is being written; nothing of it is saved."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.outbox.public import Channel, instant
from folkmoot.publishing.content import whole_of
from folkmoot.publishing.drafting import BASE, Draft, TextDraft, sources_of
from folkmoot.publishing.models import Media, Post
from folkmoot.publishing.policy import engine, reading
from folkmoot.publishing.policy.engine import Finding
from folkmoot.publishing.queries.post_lists import icon_of

#: Characters of all texts together that are looked at while somebody types.
MOST_CHECKED = 50_000
#: What a form may say of a post that rules look at; its texts, tags, people and time come beside.
FIELDS = (
    "article",
    "campaign",
    "owner",
    "link",
    "language",
    "project",
    "sponsor",
    "embargo_until",
    "waits_for_link",
)


@dataclass(frozen=True)
class Told:
    """A finding, and the field where it is mended."""

    finding: Finding
    anchor: str
    tone: str
    word: str


@dataclass(frozen=True)
class OnChannel:
    """How much was found in what one channel gets."""

    name: str
    icon: str
    blocks: int
    warnings: int
    notes: int

    @property
    def words(self) -> str:
        """In words, the serious first."""
        found = [
            ngettext("%(n)d holds it up", "%(n)d hold it up", self.blocks) % {"n": self.blocks},
            ngettext("%(n)d to look at", "%(n)d to look at", self.warnings) % {"n": self.warnings},
            ngettext("%(n)d note", "%(n)d notes", self.notes) % {"n": self.notes},
        ]
        counts = (self.blocks, self.warnings, self.notes)
        return ", ".join(words for words, count in zip(found, counts, strict=True) if count) or _("nothing")


@dataclass(frozen=True)
class Checked:
    """Everything that was found; ``problem`` says why nothing was looked at."""

    channels: list[OnChannel] = field(default_factory=list)
    serious: list[Told] = field(default_factory=list)
    notes: list[Told] = field(default_factory=list)
    problem: str = ""

    @property
    def digest(self) -> str:
        """The same as long as the same is told."""
        told = repr((self.channels, self.serious, self.notes, self.problem))
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def check(
    *,
    post: Post,
    said: Mapping[str, Any],
    wall_time: dt.datetime | None,
    zone: str,
    draft: Draft,
    channels: Sequence[Channel],
) -> Checked:
    """What the policy in force finds in a draft as a form says it; a fixed number of queries, none of which writes.

    Args:
        post: as it is saved, or one that is not saved yet; it stays as it is.
        said: the fields of the form that could be read; the others stay as they are saved.
        wall_time, zone: the post's time; ``None``: none yet.
        channels: those that the form offers.
    """
    if draft.is_empty:
        return Checked(problem=_("Write something: what the policy finds in it stands here."))
    keys = [BASE, *(str(pk) for pk in draft.channels)]
    if sum(len(part.text) for key in keys for part in draft.text_of(key).parts) > MOST_CHECKED:
        return Checked(
            problem=_("This is too long to be looked at while you type; it is checked when you save it.")
        )
    looked = _looked(post, said, wall_time, zone, draft, channels)
    saved = [post] if post.pk is not None else []
    waivers = reading.waivers(reading.waiver_rows(saved)) if saved else {}
    found = engine.findings_of(looked, waivers=waivers.get(post.pk, {}))
    told = [_told(each, draft, channels) for each in found]
    return Checked(
        channels=_counted(found, [each for each in channels if each.pk in draft.channels]),
        serious=[each for each in told if each.finding.severity != engine.INFO],
        notes=[each for each in told if each.finding.severity == engine.INFO],
    )


def _looked(
    post: Post,
    said: Mapping[str, Any],
    wall_time: dt.datetime | None,
    zone: str,
    draft: Draft,
    channels: Sequence[Channel],
) -> reading.Looked:
    shown = Post(**{column.attname: getattr(post, column.attname) for column in Post._meta.concrete_fields})
    for name in ("written_by", *FIELDS):
        value = said.get(name, getattr(post, name)) if name in FIELDS else getattr(post, name)
        setattr(shown, name, value)
    shown.wall_time = wall_time.isoformat(timespec="minutes") if wall_time else ""
    shown.zone = zone if wall_time else ""
    shown.due_at = _moment(wall_time, zone)
    media = Media.objects.in_bulk(draft.media)
    sources = sources_of(draft, shown, channels, media, with_base=True)
    for source in sources:
        variant = source.variant
        text = draft.text_of(BASE if variant.channel_id is None else str(variant.channel_id))
        variant.zone = text.zone or shown.zone
        variant.due_at = _moment(_wall(text), variant.zone)
    (whole,) = whole_of([(shown, sources)])
    tags = said["tags"] if "tags" in said else [tag.name for tag in post.tags.all()] if post.pk else []
    people = said["people"] if "people" in said else post.people.all() if post.pk else []
    return reading.Looked(whole, frozenset(tags), bool(people))


def _wall(text: TextDraft) -> dt.datetime | None:
    """A channel's own time; what is none yet is none."""
    try:
        return dt.datetime.fromisoformat(f"{text.date}T{text.time}").replace(tzinfo=None)
    except ValueError:
        return None


def _moment(wall: dt.datetime | None, zone: str) -> dt.datetime | None:
    try:
        return instant(wall, zone) if wall is not None else None
    except (ValidationError, ValueError, OverflowError):
        return None


def _told(finding: Finding, draft: Draft, channels: Iterable[Channel]) -> Told:
    key = next((str(each.pk) for each in channels if each.name in finding.channels), BASE)
    key = key if draft.text_of(key).is_own else BASE
    tones = {engine.BLOCK: ("failed", _("holds it up")), engine.WARN: ("due", _("look at it"))}
    tone, word = tones.get(finding.severity, ("quiet", _("note")))
    return Told(finding, f"text-{key}-{min(max(finding.part, 1), len(draft.text_of(key).parts))}", tone, word)


def _counted(found: Sequence[Finding], chosen: Sequence[Channel]) -> list[OnChannel]:
    names = [(channel.name, icon_of(channel)) for channel in chosen] or [("", "")]
    counted = []
    for name, icon in names:
        mine = [each.severity for each in found if not name or name in each.channels]
        counts = (mine.count(engine.BLOCK), mine.count(engine.WARN), mine.count(engine.INFO))
        counted.append(OnChannel(name or _("The text"), icon, *counts))
    return counted
