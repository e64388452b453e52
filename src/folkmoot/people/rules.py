"""Who may do what in the register."""

from __future__ import annotations

from typing import Any

import rules

from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.predicates import has_level

views, contributes = has_level(Area.PEOPLE, Level.VIEW), has_level(Area.PEOPLE, Level.CONTRIBUTE)
manages, administers = has_level(Area.PEOPLE, Level.MANAGE), has_level(Area.PEOPLE, Level.ADMIN)


@rules.predicate
def wrote(user: Any, note: Any) -> bool:
    """The user wrote this note."""
    return note is not None and note.author_id == user.pk


#: Everything that the register shows, but notes.
rules.add_perm("people.view", views)
#: Notes and tags: for those who work with the people they are about.
rules.add_perm("people.contribute", contributes)
rules.add_perm("people.view_notes", contributes)
rules.add_perm("people.change_note", (contributes & wrote) | manages)
rules.add_perm("people.manage", manages)
rules.add_perm("people.admin", administers)
