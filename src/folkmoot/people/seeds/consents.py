"""The kinds of consent that an installation starts with, and the first version of their words."""

from __future__ import annotations

from django.db import transaction

from folkmoot.kernel import audit
from folkmoot.people.models import ConsentKind, ConsentText
from folkmoot.people.seeds import data


@transaction.atomic
def load_consents() -> int:
    """Make the kinds of consent that are not there, with version 1 of their texts; others are left as they are.

    Returns:
        how many kinds were made.
    """
    rows = {row["slug"]: row for row in data("consents")}
    known = set(ConsentKind.objects.filter(slug__in=rows).values_list("slug", flat=True))
    fresh = [
        ConsentKind(slug=slug, name=row["name"], order=row["order"])
        for slug, row in rows.items()
        if slug not in known
    ]
    audit.bulk_create(ConsentKind, fresh, reason="seeds")
    made = ConsentKind.objects.filter(slug__in=[kind.slug for kind in fresh])
    ConsentText.objects.bulk_create(
        ConsentText(kind=kind, version=1, language=language, text=text)
        for kind in made
        for language, text in rows[kind.slug]["texts"].items()
    )
    return len(fresh)
