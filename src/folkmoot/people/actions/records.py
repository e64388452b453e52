"""Projects and teams, and deleting a record on which nothing hangs."""

from __future__ import annotations

from typing import TypedDict, TypeVar, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel.text import fold
from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.undo import Undo, removed
from folkmoot.people.models import Organization, Project, ProjectRules, RoleKind, Team, repository_key
from folkmoot.people.queries.names import former_project_names, former_repositories

R = TypeVar("R", Organization, Project, Team)


class ProjectFields(TypedDict, total=False):
    """What may be said about a project."""

    kind: str
    name: str
    description: str
    repository: str
    website: str
    is_archived: bool


class TeamFields(TypedDict, total=False):
    """What may be said about a team, its rules for terms included."""

    name: str
    description: str
    is_archived: bool
    term_months: int | None
    most_terms: int | None
    break_months: int | None
    seats: int | None
    becomes: RoleKind | None


class ProjectRuleFields(TypedDict, total=False):
    """When Today tells of a project."""

    needs_maintainer: bool
    quiet_months: int | None


#: The most that a number of months, of terms, and of seats can be.
MOST_MONTHS, MOST_TERMS, MOST_SEATS = 600, 100, 1000


@transaction.atomic
def add_project(*, actor: Actor, reason: str = "", **fields: Unpack[ProjectFields]) -> Project:
    """Make a project. One with the same kind, name and repository, now or before a merge, is returned as it is.

    Raises:
        ValidationError: by field; the name or the repository is another project's.
    """
    row = Project()
    base.put(row, fields)
    known = Project.objects.filter(
        kind=row.kind, folded=fold(row.name), repository_key=repository_key(row.repository)
    ).first()
    return known or _once_called(row) or base.write(row, actor=actor, reason=reason)


def _once_called(row: Project) -> Project | None:
    """The project that had this name, and this repository if one is given, before it was merged with another."""
    found = former_project_names([fold(row.name)]).get((row.kind, fold(row.name)))
    key = repository_key(row.repository)
    if found is None or not key or found.repository_key == key:
        return found
    return found if former_repositories([key]).get(key) == found else None


@transaction.atomic
def edit_project(
    *,
    project: Project,
    actor: Actor,
    seen: int | None = None,
    reason: str = "",
    **fields: Unpack[ProjectFields],
) -> Project:
    """Set what is given.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    project = base.locked(project, seen)
    if base.put(project, fields):
        base.write(project, actor=actor, reason=reason)
    return project


@transaction.atomic
def add_team(*, actor: Actor, reason: str = "", **fields: Unpack[TeamFields]) -> Team:
    """Make a team, or return the one of this name as it is.

    Raises:
        ValidationError: by field.
    """
    known = Team.objects.filter(folded=fold(base.line(fields.get("name", "")))).first()
    if known is not None:
        return known
    row = Team()
    base.put(row, fields)
    _check_rules(row)
    return base.write(row, actor=actor, reason=reason)


@transaction.atomic
def edit_team(
    *, team: Team, actor: Actor, seen: int | None = None, reason: str = "", **fields: Unpack[TeamFields]
) -> Team:
    """Set what is given.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    team = base.locked(team, seen)
    if base.put(team, fields):
        _check_rules(team)
        base.write(team, actor=actor, reason=reason)
    return team


def _check_rules(row: Team) -> None:
    """Numbers that make sense, alike on every database; a break without a limit has nothing to end."""
    _check_number(row, "term_months", MOST_MONTHS)
    _check_number(row, "most_terms", MOST_TERMS)
    _check_number(row, "break_months", MOST_MONTHS)
    _check_number(row, "seats", MOST_SEATS)
    if row.break_months is not None and row.most_terms is None:
        raise ValidationError(
            {"break_months": _("A break follows a limit: say how many terms one may serve in a row, too.")}
        )
    if row.becomes is not None and not row.becomes.is_former:
        raise ValidationError(
            {
                "becomes": _(
                    "“%(role)s” is no role of the past. Choose one that is, or mark it as one under Roles."
                )
                % {"role": row.becomes}
            }
        )


def _check_number(row: Team | ProjectRules, name: str, most: int) -> None:
    value = getattr(row, name)
    if value is not None and not 1 <= value <= most:
        raise ValidationError({name: _("Give a number from 1 to %(most)d.") % {"most": most}})


@transaction.atomic
def set_project_rules(
    *, actor: Actor, seen: int | None = None, reason: str = "", **fields: Unpack[ProjectRuleFields]
) -> ProjectRules:
    """Say when Today tells of a project.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    row, made = ProjectRules.objects.get_or_create(pk=1)
    row = base.locked(row, None if made else seen)
    if base.put(row, fields):
        _check_number(row, "quiet_months", MOST_MONTHS)
        base.write(row, actor=actor, reason=reason)
    return row


@transaction.atomic
def remove_record(*, record: R, actor: Actor, reason: str = "") -> Undo:
    """Delete an organisation, project or team on which nothing hangs.

    Raises:
        ValidationError: something does; the message says what.
    """
    record = base.locked(record)
    held = base.uses(record)
    if hasattr(record, "tags") and record.tags.exists():
        held.append(_("tags"))
    if isinstance(record, Organization) and record.kinds.exists():
        held.append(_("kinds"))
    if held:
        raise ValidationError(
            _("“%(name)s” stays, for there is more to it: %(what)s.")
            % {"name": record, "what": ", ".join(held)},
            code="used",
        )
    return removed(record, actor=actor, reason=reason)
