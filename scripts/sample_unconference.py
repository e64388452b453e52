"""The unconference of the sample community: the last day of its conference."""

from __future__ import annotations

import datetime as dt
from typing import Any

EVENT = "Low & High: the Tidewater conference"
#: The last of its days, counted from the anchor.
DAY = 77
ROUNDS = (
    ("Opening", "break", "09:30", "10:00"),
    ("Round 1", "talk", "10:00", "10:45"),
    ("Tea", "break", "10:45", "11:15"),
    ("Round 2", "talk", "11:15", "12:00"),
    ("Lunch", "break", "12:00", "13:30"),
    ("Round 3", "talk", "13:30", "14:15"),
    ("What we take home", "break", "14:15", "14:45"),
)
SPACES: tuple[dict[str, Any], ...] = (
    {"name": "Harbour hall", "seats": 80, "has": ["Projector", "Step-free access", "Power sockets"]},
    {"name": "Net loft", "seats": 24, "has": ["Whiteboard", "Power sockets"]},
    {"name": "Boathouse", "seats": 16, "has": ["Whiteboard", "Step-free access"]},
    {"name": "Online room", "url": "https://meet.tidewater.example/low-and-high", "has": ["Online"]},
)
PROPOSALS: tuple[dict[str, Any], ...] = (
    {
        "title": "What do we do with packages that nobody looks after?",
        "description": "Bring one that you use. We sort them into *keep*, *hand over* and *let go*.",
        "format": "discussion",
        "github": "maelletide35",
        "needs": ["Step-free access"],
        "expected": 40,
        "at": ["Round 1", "Harbour hall"],
    },
    {
        "title": "Your first release, side by side",
        "description": "Two hours of work in forty-five minutes: from a folder to a package index.",
        "format": "workshop",
        "github": "neemadune68",
        "needs": ["Power sockets"],
        "expected": 20,
        "at": ["Round 1", "Net loft"],
    },
    {
        "title": "Tide tables without tears",
        "format": "demo",
        "github": "BegonaSpray",
        "needs": ["Projector"],
        "at": ["Round 2", "Harbour hall"],
    },
    {
        "title": "Reviewing for the first time",
        "description": "Somebody who reviewed twenty packages, and somebody who reviewed one, answer questions.",
        "format": "discussion",
        "github": "wiebkeotter30",
        "at": ["Round 2", "Net loft"],
    },
    {
        "title": "Maps that people who see no colours can read",
        "format": "talk",
        "github": "TarangHeron",
        "needs": ["Projector"],
        "at": ["Round 3", "Harbour hall"],
    },
    {
        "title": "Documentation in five languages: how?",
        "format": "discussion",
        "github": "InesWeir",
        "needs": ["Whiteboard"],
        "at": ["Round 3", "Boathouse"],
    },
    {
        "title": "Bring your broken build",
        "description": "No slides. Somebody will have seen it before.",
        "format": "help",
        "github": "kekoa-shoal",
        "needs": ["Power sockets"],
        "at": ["Round 3", "Net loft"],
    },
    {
        "title": "From notebook to library",
        "format": "workshop",
        "github": "FriederikeEddy",
        "at": ["Round 1", "Boathouse"],
    },
    {
        "title": "Water levels from space: what we can trust",
        "format": "talk",
        "name": "Saoirse Quay",
        "needs": ["Online"],
        "at": ["Round 2", "Online room"],
    },
    {
        "title": "Small grants, and how to ask for one",
        "format": "discussion",
        "name": "Oriol Vent",
        "at": ["Round 2", "Boathouse"],
        "cancelled": True,
    },
    {
        "title": "A walk along the pier",
        "description": "Whatever the weather. Meet at the door.",
        "format": "social",
        "github": "zeljkacove76",
        "at": ["Round 3", "Online room"],
        "moved": ["Round 2", "Boathouse"],
    },
    {
        "title": "A style guide for names of rivers",
        "format": "other",
        "name": "Hinemoa Kauri",
    },
)
#: What each voter would come to: numbers of proposals, from one.
VOTES = (
    "1 3 5 7 10", "1 2 3 9", "1 4 5 11", "2 4 7", "1 3 6 8", "2 3 5 10", "1 4 6 9 11", "3 5 7", "1 2 5 12",
    "4 8 11", "1 3 9 7", "2 5 6", "1 4 7 11", "3 8 5", "1 2 4 6 10", "7 9 3", "1 5 11 12", "1 3 4", "2 7 8", "1 6 5",
)  # fmt: skip


def said(anchor: dt.date) -> dict[str, Any]:
    """All of it, with days counted from the anchor; clocks as those at the place."""

    def day(days: int) -> dt.date:
        return anchor + dt.timedelta(days=days)

    return {
        "event": EVENT,
        "intro": "The last day is yours: propose what you want to talk about, show, or learn. A title is enough.",
        "proposals": [day(-20), day(70)],
        "votes": [day(-10), day(74)],
        "on": day(DAY),
        "rounds": [
            {"title": title, "kind": kind, "from": begins, "to": ends} for title, kind, begins, ends in ROUNDS
        ],
        "spaces": [dict(one) for one in SPACES],
        "proposed": [dict(one) for one in PROPOSALS],
        "voters": list(VOTES),
    }
