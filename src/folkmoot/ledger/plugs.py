"""How the ledger joins the house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.plugs import Command, NavEntry, PublicFigures, commands, navigation, public_figures
from folkmoot.ledger import credit_plug as _credit  # noqa: F401 - registers itself
from folkmoot.ledger import erasing as _erasing  # noqa: F401 - registers how the ledger forgets
from folkmoot.ledger import imports as _imports  # noqa: F401 - registers what it reads
from folkmoot.ledger import sections as _sections  # noqa: F401 - declare themselves
from folkmoot.ledger import timeline_plug as _timeline  # noqa: F401 - registers itself
from folkmoot.ledger import writer as _writer  # noqa: F401 - registers itself
from folkmoot.ledger.api import kinds as _api  # noqa: F401 - registers itself
from folkmoot.ledger.github import plugs as _github  # noqa: F401 - declares its own
from folkmoot.ledger.metrics import contributions as _contributions  # noqa: F401 - declare themselves
from folkmoot.ledger.metrics import organizations as _organizations  # noqa: F401
from folkmoot.ledger.metrics import people as _people  # noqa: F401
from folkmoot.ledger.queries import public

activity_kinds.register(
    ActivityKind("item.opened", _("Opened"), "record-circle", _("Contributions"), is_item_opening=True)
)
navigation.register(
    NavEntry("ledger.activity", _("Activity"), "ledger:activity", "", "ledger.view", "people", 60)
)
commands.register(Command("ledger.activity", _("Activity"), "ledger:activity", "ledger.view", "activity"))
public_figures.register(PublicFigures("ledger.contributions", public.figures))
