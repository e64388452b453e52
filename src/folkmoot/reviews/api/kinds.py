"""What tokens may do with reviews, and its kind of record."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.api.kinds import Kind, kinds
from folkmoot.kernel.plugs import ApiRouter, api_routers
from folkmoot.kernel.tokens.scopes import TokenScope, token_scopes
from folkmoot.reviews.models import Assignment, Submission

token_scopes.register(TokenScope("reviews:read", _("read submissions and reviews"), "reviews.view", order=70))
SUBMISSIONS = kinds.register(
    Kind("submissions", Submission, "reviews:read", [(Assignment, "submission")], order=90)
)


def _load() -> Any:
    from folkmoot.reviews.api.submissions import router  # needs the addresses, which are read later

    return router


api_routers.register(ApiRouter("reviews", "Reviews", _load, order=40))
