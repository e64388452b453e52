"""Who may do what in reviews."""

from __future__ import annotations

from typing import Any

import rules

from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.predicates import has_level

views, contributes = has_level(Area.REVIEWS, Level.VIEW), has_level(Area.REVIEWS, Level.CONTRIBUTE)
manages, administers = has_level(Area.REVIEWS, Level.MANAGE), has_level(Area.REVIEWS, Level.ADMIN)


@rules.predicate
def wrote(user: Any, note: Any) -> bool:
    """The user wrote this note."""
    return note is not None and note.author_id == user.pk


@rules.predicate
def runs(user: Any, submission: Any) -> bool:
    """The user is an editor or the editor-in-chief of this submission."""
    return (
        submission is not None
        and submission.assignments.filter(
            person__user=user, role__in=["editor", "eic"], state__in=["accepted", "done"]
        ).exists()
    )


#: Submissions, boards, figures.
rules.add_perm("reviews.view", views)
#: Moves a submission along, ticks checklists, writes notes and standard texts: editors.
rules.add_perm("reviews.contribute", contributes)
rules.add_perm("reviews.change_note", (contributes & wrote) | manages)
#: Assigns editors and reviewers, decides outcomes, conflicts, settles flags: editors-in-chief.
rules.add_perm("reviews.manage", manages)
#: Asks and assigns reviewers of a submission: its own editors, and editors-in-chief.
rules.add_perm("reviews.ask", manages | (contributes & runs))
#: Stages, labels, rules, checklists.
rules.add_perm("reviews.admin", administers)
