"""Who may look at mails by rule, decide about them, and write the rules."""

from __future__ import annotations

from typing import Any

import rules

from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.predicates import has_any_level

SEES, DECIDES = Level.CONTRIBUTE, Level.MANAGE


def area_of(record: Any) -> str:
    """The area that a rule, a planned mail or a subject belongs to; ``""`` for what this version does not know."""
    from folkmoot.mailing.subjects import Subject, subjects

    key = record.key if isinstance(record, Subject) else record.subject
    return subjects.get(key).area if key in subjects else ""


@rules.predicate
def decides(user: Any, record: Any) -> bool:
    """The user manages the area that it belongs to; without one, some area."""
    if not getattr(user, "is_active", False):
        return False
    if record is None:
        return any(user.level_in(area) >= DECIDES for area in Area)
    area = area_of(record)
    return bool(area and user.level_in(area) >= DECIDES)


#: Rules and planned mails; each sees those of areas that they contribute to.
rules.add_perm("mailing.view", has_any_level(SEES))
#: Approves, edits and cancels planned mails; writes rules and switches them on.
rules.add_perm("mailing.manage", decides)


def subjects_of(user: Any, level: Level = SEES) -> list[str]:
    """Keys of the subjects whose mails the user may see (or decide about)."""
    from folkmoot.mailing.subjects import subjects

    if not getattr(user, "is_active", False):
        return []
    return [subject.key for subject in subjects if user.level_in(subject.area) >= level]
