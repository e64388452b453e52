"""Who may look at the ledger: whoever may see people, or the reports whose figures rest on it."""

import rules

from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.predicates import has_level

rules.add_perm("ledger.view", has_level(Area.PEOPLE, Level.VIEW) | has_level(Area.REPORTS, Level.VIEW))
