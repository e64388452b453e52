"""What could not be read and waits for somebody."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from folkmoot.reviews.models import Flag


def open_flags() -> QuerySet[Flag]:
    """Flags that nobody and nothing has settled."""
    return Flag.objects.filter(settled_at=None)


def meaning_url(programme: int, label: str) -> str:
    """Where to give a label a meaning."""
    page = reverse("reviews:new_label", args=[programme])
    return f"{page}?{urlencode({'label': label})}"
