"""A post as a record: the same content makes the same record, however often.

Sources: lexicons ``app.bsky.feed.post``, ``app.bsky.richtext.facet``, ``app.bsky.embed.images`` and ``.external``; AT
Protocol, "Timestamp identifiers (TIDs)". Addresses are shown as Bluesky's own app shows them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from folkmoot.connectors.bluesky.server import COLLECTION
from folkmoot.connectors.counting import byte_spans, graphemes, octets
from folkmoot.connectors.posts import Card, Content, Segment, pieces

_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
#: The path of an address is shown so far; a longer one is cut, and shown to _CUT.
_PATH, _CUT = 15, 13
#: Of a hashtag, in graphemes and bytes.
_TAG, _TAG_BYTES = 64, 640

#: A blob as a record names it: by the hash of its content.
Blob = Mapping[str, Any]


def tid(moment: dt.datetime, key: str) -> str:
    """An id of thirteen characters that sorts by time: microseconds (the last second's taken from the key) and the key.

    Two keys of the same second share one with a chance of one in 2**30.
    """
    noise = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big")
    micros = int(moment.timestamp() * 1_000_000)
    number = (((micros >> 20) << 20 | noise >> 12) << 10) | (noise & 0x3FF)
    number &= (1 << 63) - 1
    return "".join(_SORTABLE[(number >> shift) & 31] for shift in range(60, -1, -5))


def shown(content: Content) -> list[Segment]:
    """The text as it is posted, in its parts; addresses cut short, the whole one behind them."""
    link = page(content)
    text = content.text
    if link and content.media and link not in text:  # pictures take the place of the card
        text = f"{text.rstrip()}\n\n{link}".lstrip()
    return [
        replace(each, text=_short(each.text)) if each.kind == "link" else each
        for each in pieces(replace(content, text=text))
    ]


def page(content: Content) -> str:
    """The page it is about."""
    return content.link or (content.card.url if content.card else "")


def card_of(content: Content) -> Card | None:
    """The page that is shown beneath it; a post with pictures has none."""
    if content.media:
        return None
    if content.card is not None:
        return content.card
    if not content.link:
        return None
    return Card(content.link, content.title or urlsplit(content.link).hostname or content.link)


def _short(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:  # it looks like an address and is none
        return url
    path = ("" if parts.path == "/" else parts.path) + (f"?{parts.query}" if parts.query else "")
    path += f"#{parts.fragment}" if parts.fragment else ""
    return parts.netloc + (f"{path[:_CUT]}..." if len(path) > _PATH else path)


def record(
    content: Content,
    stamped_at: dt.datetime,
    *,
    people: Mapping[str, str],
    images: list[Blob],
    thumb: Blob | None = None,
    reply: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The record of a post.

    Args:
        stamped_at: what is shown as the moment of writing.
        people: DIDs by what stands in the text for them; who is not there stays text.
        images: blobs of the pictures, in their order.
        thumb: of the card.
        reply: ``root`` and ``parent``, each with ``uri`` and ``cid``.
    """
    parts = shown(content)
    found: dict[str, Any] = {
        "$type": COLLECTION,
        "text": "".join(each.text for each in parts),
        "createdAt": stamped_at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if facets := _facets(parts, people):
        found["facets"] = facets
    if content.language:
        found["langs"] = [content.language]
    if embed := _embed(content, images, thumb):
        found["embed"] = embed
    if reply:
        found["reply"] = dict(reply)
    return found


def _facets(parts: list[Segment], people: Mapping[str, str]) -> list[dict[str, Any]]:
    found = []
    for each, (start, end) in zip(parts, byte_spans(each.text for each in parts), strict=True):
        feature = _feature(each, people)
        if feature is not None:
            found.append({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]})
    return found


def _feature(part: Segment, people: Mapping[str, str]) -> dict[str, str] | None:
    kind = "app.bsky.richtext.facet#"
    if part.kind == "link":
        return {"$type": f"{kind}link", "uri": part.url}
    if part.kind == "mention" and part.text in people:
        return {"$type": f"{kind}mention", "did": people[part.text]}
    tag = part.text.removeprefix("#")
    if part.kind == "tag" and graphemes(tag) <= _TAG and octets(tag) <= _TAG_BYTES:
        return {"$type": f"{kind}tag", "tag": tag}
    return None


def _embed(content: Content, images: list[Blob], thumb: Blob | None) -> dict[str, Any] | None:
    if images:
        rows = []
        for blob, media in zip(images, content.media, strict=True):
            row: dict[str, Any] = {"image": dict(blob), "alt": media.alt}
            if media.width > 0 and media.height > 0:
                row["aspectRatio"] = {"width": media.width, "height": media.height}
            rows.append(row)
        return {"$type": "app.bsky.embed.images", "images": rows}
    card = card_of(content)
    if card is None:
        return None
    external: dict[str, Any] = {"uri": card.url, "title": card.title, "description": card.description}
    if thumb:
        external["thumb"] = dict(thumb)
    return {"$type": "app.bsky.embed.external", "external": external}
