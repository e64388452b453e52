"""How Today joins the house: the first entry of the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.plugs import Command, NavEntry, commands, navigation

navigation.register(NavEntry("today", _("Today"), "home:today", "sun", "home.view_today", order=10))
commands.register(Command("home.today", _("Go to Today"), "home:today", "home.view_today", "sun"))
commands.register(Command("home.help", _("Help"), "home:help", "home.view_today", "question-circle"))
commands.register(
    Command("accounts.profile", _("Your profile"), "accounts:profile", "accounts.own_profile", "person")
)
