"""``posts``: a table of posts, in our own layout or as Buffer's bulk upload has it, becomes drafts.

Nothing leaves by an import: whatever a file says of a post's state, here it is a draft that somebody has to plan.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import (
    Column,
    FileProblem,
    Option,
    Part,
    Reading,
    Rejection,
    Row,
    Source,
    source_parts,
    sources,
)
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.text import fold
from folkmoot.outbox.public import Channel, instant
from folkmoot.people.public import Tag
from folkmoot.publishing import content
from folkmoot.publishing.entries import Entry, Text, entries_of, number_of
from folkmoot.publishing.imports import fetching
from folkmoot.publishing.imports.reading import MOST_ROWS, Said, entry_of, grouped
from folkmoot.publishing.models import Campaign, Kind, Media, PartMedia, Post, Variant
from folkmoot.publishing.models import Part as TextPart
from folkmoot.publishing.queries.plans import community_zone, post_channels

SOURCE = sources.register(
    Source(
        key="posts",
        label=_("Posts from a table"),
        help=_(
            "A CSV or XLSX file with posts: in Folkmoot's own layout (a row for each post and channel), or as Buffer's "
            "bulk upload has it (Text, Image URL, Tags, Posting Time). They become drafts; nothing leaves by an import."
        ),
        takes="file",
        permission="publishing.contribute",
        files=("*.csv", "*.tsv", "*.txt", "*.xlsx"),
        options=(
            Option("channel", _("The channel that gets posts whose row names none, by its name."), many=True),
            Option("zone", _("The time zone of times whose row names none, such as Europe/Berlin.")),
        ),
        columns=(
            Column(
                "text",
                _("Text"),
                required=True,
                known_as=("post text", "content", "message"),
                example="Hello!",
            ),
            Column("post", _("Post"), known_as=("key",), example="welcome-1"),
            Column("channel", _("Channel"), known_as=("profile",), example="Mastodon"),
            Column("title", _("Title"), example="Welcome"),
            Column("link", _("Link"), known_as=("url",), example="https://example.org/"),
            Column("when", _("Posting time"), known_as=("posting time", "scheduled at", "due at")),
            Column("date", _("Date"), known_as=("day",), example="2027-03-29"),
            Column("time", _("Time"), example="09:00"),
            Column("zone", _("Time zone"), known_as=("time zone", "timezone"), example="Europe/Berlin"),
            Column("campaign", _("Campaign"), example="Spring release"),
            Column("tags", _("Tags"), known_as=("labels",), example="release, python"),
            Column("language", _("Language"), example="en"),
            Column("owner", _("Who looks after it"), known_as=("owner", "author")),
            Column("pictures", _("Pictures"), known_as=("image url", "image", "images", "media")),
            Column("alt", _("What they show"), known_as=("alt text", "alt")),
            Column("state", _("State"), known_as=("status",)),
        ),
        order=60,
        results=((_("Look at the posts"), "publishing:posts"),),
    )
)


@source_parts.declare
class Posts(Part):
    """Posts with their variants, parts and pictures."""

    key: ClassVar[str] = "posts.publishing.rows"
    source: ClassVar[str] = SOURCE.key
    order: ClassVar[int] = 300
    chunk_size: ClassVar[int] = 100
    counters: ClassVar[tuple[str, ...]] = ("posts",)

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One row for each post of the table.

        Raises:
            FileProblem: it has more than :data:`MOST_ROWS` rows, or a channel or zone that was said is not there.
        """
        table, mapping = reading.table(), reading.mapping
        channels, zone = _said(reading)
        met: dict[str, int] = {}
        rejected: list[Rejection] = []
        for group in grouped(_rows(table, mapping, rejected)):
            yield from rejected
            rejected.clear()
            entry = entry_of(group, channels=channels, zone=zone)
            for said in group:
                for column, why in said.problems:
                    heading = mapping.get(column, column)
                    yield Rejection(table.name, said.line, heading, why, dict(said.cells))
            line = group[0].line
            if not any(entry.base.parts) and not any(any(part) for part in entry.base.pictures):
                yield Rejection(
                    table.name,
                    line,
                    mapping["text"],
                    _now("is empty: the post is left out"),
                    dict(group[0].cells),
                )
                continue
            if entry.key in met:
                why = _now("is the same post as line %(line)s: it is read once") % {"line": met[entry.key]}
                yield Rejection(
                    table.name, line, mapping.get("post", mapping["text"]), why, dict(group[0].cells)
                )
                continue
            met[entry.key] = line
            yield Row(table.name, line, entry.as_json())
        yield from rejected

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Make drafts of the posts that are not here yet; those that are stay as they are."""
        entries = {row.payload["key"]: (row, Entry.of(dict(row.payload))) for row in rows}
        for key, there in _known(entries).items():
            row, entry = entries.pop(key)
            columns = entry.differences(there)
            changes.unchanged("posts")
            if columns:
                why = _now(
                    "the post is here already and says something else (%(columns)s): it stays; change it on its page"
                )
                changes.reject(row, columns[0], why % {"columns": ", ".join(columns)})
        if entries:
            _Making(changes, list(entries.values())).run()


def _said(reading: Reading) -> tuple[list[str], str]:
    zone = str(reading.options.get("zone") or "") or community_zone()
    if zone not in clock.zones():
        raise FileProblem("--zone", _now("there is no time zone “%(zone)s”") % {"zone": zone})
    names = {fold(channel.name): channel.name for channel in post_channels()}
    wanted = reading.options.get("channel") or []
    found = []
    for name in [wanted] if isinstance(wanted, str) else wanted:
        if fold(name) not in names:
            raise FileProblem(
                "--channel",
                _now("there is no channel “%(name)s” for posts; there are %(names)s")
                % {"name": name, "names": ", ".join(sorted(names.values())) or "–"},
            )
        found.append(names[fold(name)])
    return found, zone


def _rows(table: Any, mapping: Any, rejected: list[Rejection]) -> Iterator[Said]:
    for number, (line, cells) in enumerate(table.rows(), 1):
        if number > MOST_ROWS:
            raise FileProblem(
                table.name, _now("has more than %(most)d rows: split it") % {"most": MOST_ROWS}, line=line
            )
        if isinstance(cells, str):
            rejected.append(Rejection(table.name, line, "", cells))
            continue
        yield Said(line, {name: cells.get(heading, "") for name, heading in mapping.items()})


def _known(entries: dict[str, Any]) -> dict[str, Entry]:
    """The posts that are here already, by the file's key; a fixed number of queries."""
    numbers = {number: key for key in entries if (number := number_of(key)) is not None}
    rows = list(Post.objects.filter(import_key__in=list(entries)))
    rows += [row for row in Post.objects.filter(pk__in=list(numbers)) if row.import_key not in entries]
    keys = [row.import_key if row.import_key in entries else numbers[row.pk] for row in rows]
    return dict(zip(keys, entries_of(rows), strict=True))


class _Making:
    """Makes the posts of one chunk."""

    def __init__(self, changes: Changes, pairs: list[tuple[Row, Entry]]) -> None:
        self.changes, self.pairs = changes, pairs
        self.channels = {fold(channel.name): channel for channel in post_channels()}
        emails = {entry.owner for _row, entry in pairs if entry.owner}
        self.owners = {
            user.email.casefold(): user for user in User.objects.filter(email__in=emails, is_active=True)
        }
        digests = {
            name.removeprefix("sha256:")
            for _row, entry in pairs
            for text in [entry.base, *entry.channels.values()]
            if text is not None
            for shown in text.pictures
            for name, _alt in shown
            if name.startswith("sha256:")
        }
        self.media = {row.sha256: row for row in Media.objects.filter(sha256__in=digests)}
        self.to_fetch: list[list[Any]] = []

    def run(self) -> None:
        """Posts, then variants, then parts, then pictures; each in bulk."""
        campaigns, tags = self._campaigns(), self._tags()
        posts = self.changes.create(
            Post, [self._post(row, entry, campaigns) for row, entry in self.pairs], counter="posts"
        )
        variants: list[Variant] = []
        texts: list[tuple[Row, Text | None]] = []
        for post, (row, entry) in zip(posts, self.pairs, strict=True):
            variants.append(Variant(post=post, follows_base=False))
            texts.append((row, entry.base))
            for name, text in entry.channels.items():
                if (channel := self._channel(row, name)) is None:
                    continue
                variants.append(
                    Variant(
                        post=post, channel=channel, follows_base=text is None, **_time(entry.own.get(name))
                    )
                )
                texts.append((row, text))
        made = self.changes.create(Variant, variants, counter="")
        self._texts(made, texts)
        through: Any = Post.tags.through
        self.changes.create(
            through,
            [
                through(post_id=post.pk, tag_id=tags[fold(name)].pk)
                for post, (_row, entry) in zip(posts, self.pairs, strict=True)
                for name in {fold(name): name for name in entry.tags}.values()
            ],
            counter="",
        )
        written = content.sources(posts)
        for post in posts:
            post.content_sha256 = content.hash_of(post, written[post.pk])
        Post.objects.bulk_update(posts, ["content_sha256"])
        if self.to_fetch:
            enqueue(
                kind=fetching.JOB,
                arguments={"pictures": self.to_fetch},
                created_by=self.changes.run.created_by,
            )

    def _post(self, row: Row, entry: Entry, campaigns: dict[str, Campaign]) -> Post:
        owner = self.owners.get(entry.owner)
        if entry.owner and owner is None:
            self.changes.reject(row, "owner", _now("nobody has this address: the post is whose import it is"))
        return Post(
            title=entry.title,
            folded=fold(entry.title)[:200],
            kind=Kind.IMPORTED,
            campaign=campaigns.get(fold(entry.campaign)) if entry.campaign else None,
            owner=owner or self.changes.run.created_by,
            written_by=self.changes.run.created_by,
            language=entry.language,
            link=entry.link,
            import_key=entry.key,
            **_time([entry.when, entry.zone] if entry.when else None),
        )

    def _channel(self, row: Row, name: str) -> Channel | None:
        channel = self.channels.get(fold(name))
        if channel is None:
            names = ", ".join(sorted(each.name for each in self.channels.values())) or "–"
            why = _now("there is no channel “%(name)s” for posts: left out; there are %(names)s")
            self.changes.reject(row, "channel", why % {"name": name, "names": names})
        return channel

    def _texts(self, variants: Sequence[Variant], texts: Sequence[tuple[Row, Text | None]]) -> None:
        parts: list[TextPart] = []
        shown: list[tuple[Row, list[list[str]]]] = []
        for variant, (row, text) in zip(variants, texts, strict=True):
            for position, words in enumerate(text.parts if text else (), 1):
                parts.append(TextPart(variant=variant, position=position, text=words))
                shown.append((row, text.pictures[position - 1] if text else []))
        made = self.changes.create(TextPart, parts, counter="")
        uses: list[PartMedia] = []
        for part, (row, pictures) in zip(made, shown, strict=True):
            met: set[int] = set()
            for position, (name, alt) in enumerate(pictures, 1):
                if not name.startswith("sha256:"):
                    self.to_fetch.append([part.pk, name, alt])
                    continue
                media = self.media.get(name.removeprefix("sha256:"))
                if media is None:
                    self.changes.reject(
                        row, "pictures", _now("this picture is not in the library here: it is left out")
                    )
                elif media.pk not in met:
                    met.add(media.pk)
                    own = "" if alt == " ".join(media.alt.split()) else alt
                    uses.append(PartMedia(part=part, media=media, position=position, alt=own))
        self.changes.create(PartMedia, uses, counter="")

    def _campaigns(self) -> dict[str, Campaign]:
        wanted = {fold(entry.campaign): entry.campaign for _row, entry in self.pairs if entry.campaign}
        there = {fold(row.name): row for row in Campaign.objects.all()} if wanted else {}
        new = [
            Campaign(name=name, owner=self.changes.run.created_by)
            for key, name in wanted.items()
            if key not in there
        ]
        return there | {fold(row.name): row for row in self.changes.create(Campaign, new, counter="")}

    def _tags(self) -> dict[str, Tag]:
        wanted: dict[str, str] = defaultdict(str)
        for _row, entry in self.pairs:
            for name in entry.tags:
                wanted.setdefault(fold(name), name)
        there: dict[str, Tag] = {}
        for tag in Tag.objects.filter(folded__in=list(wanted)).order_by("pk"):
            if tag.folded not in there or tag.facet == "tag":
                there[tag.folded] = tag
        new = [Tag(name=name, folded=key) for key, name in wanted.items() if key not in there]
        return there | {tag.folded: tag for tag in self.changes.create(Tag, new, counter="")}


def _time(said: Sequence[str] | None) -> dict[str, Any]:
    if not said or not said[0]:
        return {}
    when, zone = said
    return {"wall_time": when, "zone": zone, "due_at": instant(dt.datetime.fromisoformat(when), zone)}
