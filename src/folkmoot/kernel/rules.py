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
rules.add_perm("accounts.own_profile", is_signed_in)
#: A token never opens more than its owner may at that moment, so that everybody may have some.
rules.add_perm("tokens.own", is_signed_in)


@rules.predicate
def sees_some_jobs(user: object) -> bool:
    """The user may see at least one kind of job; each job asks for its kind's permission beside."""
    from folkmoot.kernel.jobs.registry import job_kinds

    return any(user.has_perm(kind.permission) for kind in job_kinds)  # type: ignore[attr-defined]


rules.add_perm("jobs.view", sees_some_jobs)
