"""Who may do what in publishing."""

from __future__ import annotations

import rules

from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.predicates import has_level

views, contributes = has_level(Area.PUBLISHING, Level.VIEW), has_level(Area.PUBLISHING, Level.CONTRIBUTE)
manages, administers = has_level(Area.PUBLISHING, Level.MANAGE), has_level(Area.PUBLISHING, Level.ADMIN)

#: The calendar, posts, campaigns, figures.
rules.add_perm("publishing.view", views)
#: Writes drafts, comments, pictures, articles; hands them in for approval.
rules.add_perm("publishing.contribute", contributes)
#: Approves, schedules, moves, publishes, withdraws; campaigns, series, slots, the handle book.
rules.add_perm("publishing.manage", manages)
#: Policy, approval rules, plans of channels, cards, sites.
rules.add_perm("publishing.admin", administers)
