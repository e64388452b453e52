"""The board of an unconference on paper, and the code that phones read its address from."""

from __future__ import annotations

import io
from typing import Any

import qrcode
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from qrcode.image.svg import SvgPathImage

from folkmoot.training import letters, sheets
from folkmoot.training.models import Event
from folkmoot.training.queries.board import Board, Shown

#: Sheets that are offered, and how large their text is, in points.
PAPERS = {"a4": 9, "a3": 13}
#: Spaces beside each other on one sheet.
ABREAST = 6


def address_of(event: Event) -> str:
    """The whole address of an event's board."""
    return letters.absolute(reverse("events:board", args=[event.slug]))


def code(address: str) -> bytes:
    """An address as a QR code: an SVG with a white ground."""
    made = qrcode.make(address, image_factory=SvgPathImage, box_size=10, border=4)
    found = io.BytesIO()
    made.save(found)
    return found.getvalue().replace(b"<path ", b'<rect width="100%" height="100%" fill="#fff"/><path ', 1)


def note_of(one: Shown) -> str:
    """What has changed with a session, in words."""
    if one.is_cancelled:
        return _("cancelled")
    if one.moved_from:
        return _("moved, was %(place)s") % {"place": one.moved_from}
    return _("new") if one.is_late else ""


def pdf(board: Board, *, paper: str) -> bytes:
    """The whole board as PDF.

    Args:
        paper: one of :data:`PAPERS`.

    Raises:
        sheets.NotDrawn: it cannot be drawn.
    """
    event = board.unconference.event
    address = address_of(event)
    days: list[dict[str, Any]] = []
    for name, slots in board.days:
        used = [
            space for space in board.spaces if any(one.space == space for s in slots for one in s.sessions)
        ]
        parts = [used[at : at + ABREAST] for at in range(0, len(used), ABREAST)] or [[""]]
        days.append(
            {
                "name": name,
                "parts": [{"spaces": part} for part in parts],
                "slots": [
                    {
                        "from": f"{slot.begins:%H:%M}",
                        "to": f"{slot.ends:%H:%M}",
                        "title": slot.title,
                        "is_break": slot.is_break,
                        "sessions": [
                            {
                                "title": one.title,
                                "space": one.space,
                                "leader": one.leader,
                                "note": note_of(one),
                                "is_cancelled": one.is_cancelled,
                            }
                            for one in slot.sessions
                        ],
                    }
                    for slot in slots
                ],
            }
        )
    sheet = {
        "title": event.title,
        "about": " · ".join(part for part in (letters.when(event), letters.where(event)) if part),
        "address": address,
        "code": code(address).decode(),
        "paper": paper,
        "size": PAPERS[paper],
        "days": days,
        "lang": (get_language() or "en").partition("-")[0],
        "footer": _("Changes stand on the board: %(address)s") % {"address": address},
    }
    return sheets.pdf(
        sheets.FOLDER / "board.typ", sheet, moment=int(board.unconference.created_at.timestamp())
    )
