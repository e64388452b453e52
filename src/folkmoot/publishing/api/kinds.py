"""What tokens may do with posts, the kinds of records, and what webhooks are told of them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.api.kinds import Happening, Kind, happenings, kinds
from folkmoot.kernel.plugs import ApiRouter, api_routers
from folkmoot.kernel.tokens.scopes import TokenScope, token_scopes
from folkmoot.publishing.models import Campaign, Post, Variant
from folkmoot.publishing.settling import PUBLISHED

token_scopes.register(
    TokenScope(
        "publishing:read",
        _("read posts, campaigns, channels and how posts fare"),
        "publishing.view",
        order=80,
    )
)
token_scopes.register(
    TokenScope(
        "publishing:write",
        _("write drafts of posts and hand them in; nothing leaves by that alone"),
        "publishing.contribute",
        order=150,
    )
)
POSTS = kinds.register(
    Kind("posts", Post, "publishing:read", [(Variant, "post")], stamps=("changed_at",), order=100)
)
CAMPAIGNS = kinds.register(Kind("campaigns", Campaign, "publishing:read", order=101))
happenings.register(
    Happening(
        "posts.published", _("a post appeared on a channel"), PUBLISHED, record="post", says="published"
    )
)


def _load() -> Any:
    from folkmoot.publishing.api.routes import router  # needs the addresses, which are read later

    return router


api_routers.register(ApiRouter("publishing", "Publishing", _load, order=50))
