"""Coming from AMY: what training reads of it. Importing this declares the parts, and where every column went."""

from folkmoot.training.imports.amy import (
    agreements,
    allowances,
    basics,
    benefits,
    comments,
    contacts,
    emails,
    events,
    mapped,
    mapped_requests,
    parts,
    profiles,
    progress,
    recruiting,
    requests,
)

__all__ = [
    "agreements",
    "allowances",
    "basics",
    "benefits",
    "comments",
    "contacts",
    "emails",
    "events",
    "mapped",
    "mapped_requests",
    "parts",
    "profiles",
    "progress",
    "recruiting",
    "requests",
]
