"""What tokens may do with mails by rule."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.plugs import ApiRouter, api_routers
from folkmoot.kernel.tokens.scopes import TokenScope, token_scopes

READ = "mailing:read"
token_scopes.register(
    TokenScope(
        READ, _("read which mails are planned about which record, and which left"), "mailing.view", order=95
    )
)


def _load() -> Any:
    from folkmoot.mailing.api.mails import router  # needs the addresses, which are read later

    return router


api_routers.register(ApiRouter("mailing", "Mails", _load, order=70))
