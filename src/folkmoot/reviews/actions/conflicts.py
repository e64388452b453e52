"""Who should not review or edit what: declared, corrected, taken back."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import saving
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.saving import Actor
from folkmoot.kernel.undo import Undo, removed
from folkmoot.people.public import Organization, Person, Project
from folkmoot.reviews.models import Conflict

saving.say(
    {
        "conflict_with_one": ("other", gettext_lazy("Name one person, organisation or project.")),
        "conflict_not_with_oneself": ("other", gettext_lazy("Nobody has a conflict with themselves.")),
        "conflict_once_with_person": ("other", gettext_lazy("This conflict is declared already.")),
        "conflict_once_with_organization": ("other", gettext_lazy("This conflict is declared already.")),
        "conflict_once_with_project": ("other", gettext_lazy("This conflict is declared already.")),
    }
)


@transaction.atomic
def declare_conflict(
    *,
    person: Person,
    other: Person | Organization | Project,
    actor: Actor,
    reason: str = "",
    until: dt.date | None = None,
) -> Conflict:
    """Note that somebody should not review or edit what another person, an organisation or a project has a part in.

    Declared already: reason and day are written anew.

    Args:
        until: the last day on which it counts; for ever when absent.

    Raises:
        ValidationError: with themselves.
    """
    name = (
        "other_person"
        if isinstance(other, Person)
        else "project"
        if isinstance(other, Project)
        else "organization"
    )
    known = Conflict.objects.filter(person=person, **{name: other}).first()
    if known is not None:
        return edit_conflict(conflict=known, actor=actor, reason=reason, until=until)
    if other == person:
        raise ValidationError({"other": _("Nobody has a conflict with themselves.")})
    row = Conflict(
        person=person,
        reason=saving.line(reason)[:300],
        until=until,
        created_by=actor if isinstance(actor, User) else None,
        **{name: other},
    )
    return saving.write(row, actor=actor)


@transaction.atomic
def edit_conflict(
    *,
    conflict: Conflict,
    actor: Actor,
    reason: str,
    until: dt.date | None,
    seen: int | None = None,
) -> Conflict:
    """Correct reason and last day.

    Raises:
        ValidationError: ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    row = saving.locked(conflict, seen)
    if saving.put(row, {"reason": reason[:300], "until": until}):
        saving.write(row, actor=actor)
    return row


@transaction.atomic
def remove_conflict(*, conflict: Conflict, actor: Actor, reason: str = "") -> Undo:
    """Take back what was never a conflict, or is none any more."""
    return removed(saving.locked(conflict), actor=actor, reason=reason)
