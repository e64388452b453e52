"""How publishing joins the house."""

from __future__ import annotations

from folkmoot.publishing import agreement_plugs as _agreement  # noqa: F401 - approval, policy, links
from folkmoot.publishing import calendar_plugs as _calendar  # noqa: F401 - channels, the house's calendar, gaps
from folkmoot.publishing import core_plugs as _core  # noqa: F401 - posts: kind of message, jobs, erasure, settling
from folkmoot.publishing import figures_plugs as _figures  # noqa: F401 - readings, metrics, sections of reports
from folkmoot.publishing import pages_plugs as _pages  # noqa: F401 - navigation, commands, cards on pages
from folkmoot.publishing import series_plugs as _series  # noqa: F401 - series, templates, cards
from folkmoot.publishing import site_plugs as _site  # noqa: F401 - articles and websites
from folkmoot.publishing import today_plugs as _today  # noqa: F401 - Today, good news
from folkmoot.publishing.api import kinds as _api  # noqa: F401 - the API
