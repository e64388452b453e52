"""Who may do what with reports. A share is for people outside: making and withdrawing one needs "manage"."""

import rules

from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.predicates import has_level

rules.add_perm("reports.view", has_level(Area.REPORTS, Level.VIEW))
rules.add_perm("reports.contribute", has_level(Area.REPORTS, Level.CONTRIBUTE))
rules.add_perm("reports.manage", has_level(Area.REPORTS, Level.MANAGE))
rules.add_perm("reports.admin", has_level(Area.REPORTS, Level.ADMIN))
