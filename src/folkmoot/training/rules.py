"""Who may do what in training and events."""

from __future__ import annotations

from typing import Any

import rules

from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.predicates import has_level

views, contributes = has_level(Area.TRAINING, Level.VIEW), has_level(Area.TRAINING, Level.CONTRIBUTE)
manages, administers = has_level(Area.TRAINING, Level.MANAGE), has_level(Area.TRAINING, Level.ADMIN)


@rules.predicate
def wrote(user: Any, note: Any) -> bool:
    """The user wrote this note."""
    return note is not None and note.author_id == user.pk


#: Events, who takes part, figures. Answers and needs of people who register: whoever manages.
rules.add_perm("training.view", views)
#: Enters events and parts, records who was there.
rules.add_perm("training.contribute", contributes)
rules.add_perm("training.change_note", (contributes & wrote) | manages)
#: Announces, cancels, decides about registrations, issues certificates.
rules.add_perm("training.manage", manages)
#: Programmes, kinds, curricula, patterns of certificates.
rules.add_perm("training.admin", administers)
