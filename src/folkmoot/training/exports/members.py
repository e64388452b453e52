"""What is told to everybody of members and partners."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from folkmoot.training.models import Agreement


def domain_of(website: str) -> str:
    """The host of a website with its path, as links are made of it: ``leeds.ac.uk``."""
    parts = urlsplit(website)
    return f"{parts.netloc}{parts.path}".removeprefix("www.").rstrip("/") if parts.netloc else ""


def row_of(row: Agreement) -> dict[str, Any]:
    """One agreement with the fields of ``all_public_memberships.json`` of ``feeds.carpentries.org``, and its kind and
    members beside them. Places of organisations are not known: latitude and longitude are empty.
    """
    return {
        "name": row.holder,
        "variant": row.tier.slug,
        "consortium": bool(row.consortium),
        "agreement_start": row.starts_on.isoformat(),
        "agreement_end": row.last_day.isoformat(),
        "country": row.organization.country,
        "domain": domain_of(row.organization.website),
        "latitude": None,
        "longitude": None,
        "kind": row.kind,
        "members": [row.organization.name, *members_of(row)],
    }


def members_of(row: Agreement) -> list[str]:
    """The other organisations of a consortium, in their order."""
    return [one.organization.name for one in row.parties.all() if one.organization_id != row.organization_id]
