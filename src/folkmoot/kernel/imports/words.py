"""What imports count, in words for people; code says ``organizations``, people read "organisations"."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

_LABELS: dict[str, Any] = {
    "people": _("people"),
    "terms": _("terms"),
    "identities": _("identities"),
    "organizations": _("organisations"),
    "organization_kinds": _("kinds of organisation"),
    "kinds_given": _("kinds of organisations, given"),
    "domains": _("domains"),
    "affiliations": _("affiliations"),
    "tags": _("tags"),
    "role_kinds": _("kinds of role"),
    "teams": _("teams"),
    "bots": _("bots"),
    "consents": _("consents"),
    "consent_kinds": _("kinds of consent"),
    "consent_texts": _("texts of consents"),
    "records": _("records of the source"),
    "projects": _("projects"),
    "items": _("items"),
    "activities": _("activities"),
    "notes": _("notes"),
    "posts": _("posts"),
    "submissions": _("submissions"),
    "assignments": _("parts in reviews"),
    "sightings": _("sightings"),
    "stage_changes": _("stage changes"),
    "flags": _("flags"),
}


def counter_label(name: str) -> str:
    """A counter as people read it; one that nobody named goes by its key."""
    return str(_LABELS.get(name, name.replace("_", " ")))
