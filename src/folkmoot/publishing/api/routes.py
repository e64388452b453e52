"""All operations of publishing, in the order of the reference."""

from __future__ import annotations

from ninja import Router

from folkmoot.publishing.api import drafts, places, published

router = Router()
# Drafts are written at the addresses of posts, so they share these posts' router.
for _part in (drafts, published, places):
    router.add_router("", _part.router, tags=["Publishing"])
