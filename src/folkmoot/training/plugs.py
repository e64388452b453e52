"""How training joins the house."""

from __future__ import annotations

from folkmoot.training import agreement_plugs as _agreements  # noqa: F401 - agreements with members and partners
from folkmoot.training import core_plugs as _core  # noqa: F401 - kinds of activity, first rows, erasure
from folkmoot.training import due_plugs as _due  # noqa: F401 - what is due on a day, on the calendar
from folkmoot.training import event_plugs as _events  # noqa: F401 - navigation, search, calendar, Today, cards
from folkmoot.training import mail_plugs as _mails  # noqa: F401 - what mail rules may ask
from folkmoot.training import place_plugs as _places  # noqa: F401 - registrations and certificates
from folkmoot.training import progress_plugs as _progress  # noqa: F401 - trainees, badges, awards
from folkmoot.training import recruitment_plugs as _recruitment  # noqa: F401 - openings and sign-ups
from folkmoot.training import request_plugs as _requests  # noqa: F401 - forms, requests, points
from folkmoot.training import site_plugs as _sites  # noqa: F401 - files, public pages, figures
from folkmoot.training import unconference_plugs as _unconferences  # noqa: F401 - proposals, votes, the grid
from folkmoot.training import workshop_page_plugs as _pages  # noqa: F401 - what workshops' own pages say
from folkmoot.training.api import kinds as _api  # noqa: F401 - the API
