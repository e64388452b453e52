"""How reviews join the house."""

from __future__ import annotations

from folkmoot.reviews import figures_plugs as _figures  # noqa: F401 - metrics, sections, public figures
from folkmoot.reviews import history_plugs as _history  # noqa: F401 - first rows, what imports read, flags
from folkmoot.reviews import live_plugs as _live  # noqa: F401 - trackers read live, accepted packages, DOIs
from folkmoot.reviews import pages_plugs as _pages  # noqa: F401 - navigation, search, calendar, timeline, panels
from folkmoot.reviews import people_plugs as _people  # noqa: F401 - parts, erasure, Today, the digest, mail
