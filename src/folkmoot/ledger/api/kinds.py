"""What tokens may do with the ledger."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.plugs import ApiRouter, api_routers
from folkmoot.kernel.tokens.scopes import TokenScope, token_scopes

for _scope in (
    TokenScope(
        "activity:read",
        _("read what happened, and the issues and posts it is about"),
        "ledger.view",
        order=70,
    ),
    TokenScope("metrics:read", _("read figures"), "ledger.view", order=80),
):
    token_scopes.register(_scope)


def _router() -> object:
    from folkmoot.ledger.api.routes import router

    return router


api_routers.register(ApiRouter("ledger", "The ledger", _router, order=20))
