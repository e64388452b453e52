"""Who may look after the house itself."""

import rules

from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.predicates import has_any_level, has_level, is_signed_in

rules.add_perm("settings.view", has_level(Area.SETTINGS, Level.VIEW))
rules.add_perm("settings.manage", has_level(Area.SETTINGS, Level.MANAGE))
rules.add_perm("settings.admin", has_level(Area.SETTINGS, Level.ADMIN))
#: Imports and their jobs: whoever manages some area; each importer asks for its own area beside.
rules.add_perm("imports.run", has_any_level(Level.MANAGE))
#: Search finds for each person only what they may see.
rules.add_perm("search.use", is_signed_in)
