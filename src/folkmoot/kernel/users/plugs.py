"""How users and rights join the house: below Settings."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.plugs import Command, NavEntry, commands, navigation

for _entry in (
    NavEntry(
        "settings.users",
        _("People who sign in"),
        "users:users",
        "person-lock",
        "settings.manage",
        "settings",
        10,
    ),
    NavEntry(
        "settings.rights_log",
        _("Log of rights"),
        "users:log",
        "journal-text",
        "settings.manage",
        "settings",
        20,
    ),
):
    navigation.register(_entry)
for _command in (
    Command("users.invite", _("Invite somebody"), "users:invite", "settings.admin", "person-plus", True, 905),
    Command(
        "users.lend", _("Lend rights while away"), "users:lend", "accounts.own_profile", "calendar2-range"
    ),
    Command(
        "signin.security", _("Sign-in and security"), "signin:security", "accounts.own_profile", "shield-lock"
    ),
):
    commands.register(_command)
