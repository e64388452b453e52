"""How tokens join the house: below Settings."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.plugs import Command, NavEntry, commands, navigation

navigation.register(
    NavEntry("settings.tokens", _("API tokens"), "tokens:mine", "key", "tokens.own", "settings", 40)
)
commands.register(Command("tokens.new", _("New API token"), "tokens:new", "tokens.own", "key"))
