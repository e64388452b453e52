"""Posts as a table: a row for the base text of each post, and one for each channel that gets it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import F, QuerySet

from folkmoot.publishing.entries import COLUMNS, Entry, Text, entries_of, joined, shielded
from folkmoot.publishing.models import Post

CHUNK = 200


class _Echo:
    def write(self, value: str) -> str:
        return value


def rows_of(entry: Entry) -> Iterator[dict[str, str]]:
    """The rows of a post, by column. A channel without a text says what the base says."""
    date, _t, time = entry.when.partition("T")
    yield {
        "post": entry.key,
        "channel": "",
        "title": entry.title,
        **_text(entry.base),
        "link": entry.link,
        "date": date,
        "time": time,
        "zone": entry.zone,
        "campaign": entry.campaign,
        "tags": ", ".join(entry.tags),
        "language": entry.language,
        "owner": entry.owner,
        "state": entry.state,
    }
    for name, text in entry.channels.items():
        when, zone = entry.own.get(name, ["", ""])
        date, _t, time = when.partition("T")
        row = {"post": entry.key, "channel": name, "date": date, "time": time, "zone": zone}
        yield {**row, **(_text(text) if text else {})}


def _text(text: Text) -> dict[str, str]:
    pictures, alts = [], []
    for number, shown in enumerate(text.pictures, 1):
        for name, alt in shown:
            pictures.append(f"{number} {name}" if number > 1 else name)
            alts.append(" ".join(alt.split()))
    return {"text": joined(text.parts), "pictures": "\n".join(pictures), "alt": "\n".join(alts)}


def as_csv(posts: QuerySet[Post]) -> Iterator[str]:
    """Posts as CSV (UTF-8), line by line, those without a time first; read back, it changes nothing."""
    writer: Any = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    ordered = posts.order_by(F("due_at").asc(nulls_first=True), "pk")
    rows = iter(ordered.iterator(chunk_size=CHUNK))
    while chunk := list(islice(rows, CHUNK)):
        for entry in entries_of(chunk):
            for row in rows_of(entry):
                yield writer.writerow([shielded(row.get(name, "")) for name in COLUMNS])
