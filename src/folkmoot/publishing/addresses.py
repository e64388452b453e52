"""Pages of this installation that posts lead to, for whoever stands below the pages."""

from __future__ import annotations

from django.urls import reverse


def post_page(pk: int) -> str:
    """The page of a post."""
    return reverse("publishing:post", args=[pk])


def campaign_page(pk: int) -> str:
    """The page of a campaign."""
    return reverse("publishing:campaign", args=[pk])
