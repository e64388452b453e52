"""Who may do what with notices."""

import rules

from folkmoot.kernel.permissions.areas import Level
from folkmoot.kernel.permissions.predicates import has_any_level, is_signed_in

#: One's own notices and wishes.
rules.add_perm("notices.own", is_signed_in)
#: Looking up whom one can mention: for those who write somewhere.
rules.add_perm("notices.mention", has_any_level(Level.CONTRIBUTE))
