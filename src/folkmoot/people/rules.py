"""Who may do what in the register."""

from __future__ import annotations

from typing import Any

import rules

from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.predicates import has_level, is_signed_in

views, contributes = has_level(Area.PEOPLE, Level.VIEW), has_level(Area.PEOPLE, Level.CONTRIBUTE)
manages, administers = has_level(Area.PEOPLE, Level.MANAGE), has_level(Area.PEOPLE, Level.ADMIN)


@rules.predicate
def wrote(user: Any, note: Any) -> bool:
    """The user wrote this note."""
    return note is not None and note.author_id == user.pk


@rules.predicate
def is_member(user: Any) -> bool:
    """Signed in without any right: sees their own side only."""
    return bool(user.is_authenticated and user.is_active and not any(user.levels.values()))


#: One's own record: whoever is signed in.
rules.add_perm("people.own", is_signed_in)
#: The navigation of whoever has nothing but their own record.
rules.add_perm("people.own_only", is_member)
#: Everything that the register shows, but notes.
rules.add_perm("people.view", views)
#: Notes and tags: for those who work with the people they are about.
rules.add_perm("people.contribute", contributes)
rules.add_perm("people.view_notes", contributes)
rules.add_perm("people.change_note", (contributes & wrote) | manages)
rules.add_perm("people.manage", manages)
rules.add_perm("people.admin", administers)
