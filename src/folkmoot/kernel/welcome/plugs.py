"""How the community's settings join the house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.plugs import NavEntry, navigation

navigation.register(
    NavEntry(
        "settings.community", _("Community"), "welcome:community", "house", "settings.manage", "settings", 5
    )
)
