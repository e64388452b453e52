"""Addresses of records."""

from __future__ import annotations

from django.urls import reverse

from folkmoot.publishing.models import Post


def page_of(post: Post) -> str:
    """The address of a post's page."""
    return reverse("publishing:post", args=[post.pk])
