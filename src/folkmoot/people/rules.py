"""Who may do what in the register."""

import rules

from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.predicates import has_level

rules.add_perm("people.view", has_level(Area.PEOPLE, Level.VIEW))
rules.add_perm("people.contribute", has_level(Area.PEOPLE, Level.CONTRIBUTE))
rules.add_perm("people.manage", has_level(Area.PEOPLE, Level.MANAGE))
rules.add_perm("people.admin", has_level(Area.PEOPLE, Level.ADMIN))
