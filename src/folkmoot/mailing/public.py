"""What areas may use of mails by rule."""

from __future__ import annotations

from folkmoot.mailing.seeding import load_rules
from folkmoot.mailing.subjects import (
    DATE,
    NUMBER,
    ONE,
    SOME,
    TEXT,
    YES,
    Address,
    Fact,
    Moment,
    Recipient,
    Subject,
    Watched,
    declare,
)

__all__ = [
    "DATE",
    "NUMBER",
    "ONE",
    "SOME",
    "TEXT",
    "YES",
    "Address",
    "Fact",
    "Moment",
    "Recipient",
    "Subject",
    "Watched",
    "declare",
    "load_rules",
]
