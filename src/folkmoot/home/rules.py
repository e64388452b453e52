"""Who may see Today: everybody who is signed in; each sees what their areas allow."""

import rules

from folkmoot.kernel.permissions.predicates import is_signed_in

rules.add_perm("home.view_today", is_signed_in)
