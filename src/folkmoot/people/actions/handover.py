"""Handing a role over: one term ends, the next person's begins, who goes may become emeritus: one action, one undo."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.limits import default_end
from folkmoot.people.actions.terms import end_term, start_term
from folkmoot.people.actions.undo import Change, Undo, last_change
from folkmoot.people.models import Person, RoleKind, Term


@transaction.atomic
def hand_over(
    *,
    term: Term,
    on: dt.date,
    actor: Actor,
    successor: Person | None = None,
    starts_on: dt.date | None = None,
    becomes: RoleKind | None = None,
    override: str = "",
    reason: str = "",
) -> Undo:
    """End a term on a day; the successor's begins the day after, and so does the role that the person keeps.

    Args:
        on: the last day of the term, which still counts.
        successor: who follows in the same role and place, for the length of a term; ``None``: nobody yet.
        starts_on: the successor's first day, where it is not the day after.
        becomes: what the person is afterwards ("emeritus"), in the same place, without an end; ``None``: nothing.
        override: why the successor goes beyond the team's limit.

    Returns:
        what takes all of it back.

    Raises:
        ValidationError: the days are the wrong way round or overlap; the successor is the same person, or archived;
            ``BeyondLimit``.
    """
    if on == dt.date.max:
        raise ValidationError({"on": _("Nothing can follow on that day. Choose an earlier one.")})
    before = base.current_version(term)
    ended = end_term(term=term, on=on, actor=actor, reason=reason)
    changes = last_change(ended).changes if base.current_version(ended) != before else ()
    after = on + dt.timedelta(days=1)
    if successor is not None:
        changes += _follow(ended, successor, starts_on or after, actor, override, reason)
    if becomes is not None:
        changes += _keep(ended, becomes, after, actor, reason)
    return Undo(changes)


def _follow(
    term: Term, successor: Person, start: dt.date, actor: Actor, override: str, reason: str
) -> tuple[Change, ...]:
    if successor.pk == term.person_id:
        raise ValidationError({"successor": _("Somebody else follows. To go on, renew the term instead.")})
    if successor.archived_at is not None:
        raise ValidationError(
            {"successor": _("%(name)s is archived. Bring the record back first.") % {"name": successor.name}}
        )
    same = Term.objects.filter(
        person=successor, role_kind=term.role_kind_id, project=term.project_id, team=term.team_id
    )
    known = set(same.values_list("pk", flat=True))
    try:
        follower = start_term(
            person=successor,
            role_kind=term.role_kind,
            project=term.project,
            team=term.team,
            started_on=start,
            ended_on=default_end(term.team, start),
            actor=actor,
            override=override,
            reason=reason,
        )
    except ValidationError as error:
        raise _at(error, "successor") from None
    return last_change(follower).changes if follower.pk not in known else ()


def _keep(term: Term, becomes: RoleKind, start: dt.date, actor: Actor, reason: str) -> tuple[Change, ...]:
    held = Term.objects.filter(
        person=term.person_id, role_kind=becomes, project=term.project_id, team=term.team_id
    )
    if held.on(start).exists():
        return ()
    kept = start_term(
        person=term.person,
        role_kind=becomes,
        project=term.project,
        team=term.team,
        started_on=start,
        actor=actor,
        reason=reason,
    )
    return last_change(kept).changes


def _at(error: ValidationError, field: str) -> ValidationError:
    """The same at the field of this form where it can be mended; the limit has a field of its own."""
    if not hasattr(error, "error_dict") or "override" in error.error_dict:
        return error
    return ValidationError({field: error.messages})
