"""Organisations, projects, teams, and who belongs to which organisation."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict, TypeVar, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel.text import fold
from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.undo import Undo, removed
from folkmoot.people.models import Affiliation, Organization, Person, Project, Team, repository_key

R = TypeVar("R", Organization, Project, Team)


class OrganizationFields(TypedDict, total=False):
    """What may be said about an organisation."""

    name: str
    website: str
    location: str


class ProjectFields(TypedDict, total=False):
    """What may be said about a project."""

    kind: str
    name: str
    description: str
    repository: str
    website: str
    is_archived: bool


class TeamFields(TypedDict, total=False):
    """What may be said about a team."""

    name: str
    description: str
    is_archived: bool


class AffiliationFields(TypedDict, total=False):
    """What may be said about somebody's belonging to an organisation."""

    started_on: dt.date | None
    ended_on: dt.date | None


@transaction.atomic
def add_organization(*, actor: Actor, reason: str = "", **fields: Unpack[OrganizationFields]) -> Organization:
    """Make an organisation, or return the one of this name (compared case-folded) as it is.

    Raises:
        ValidationError: by field.
    """
    known = Organization.objects.filter(folded=fold(base.line(fields.get("name", "")))).first()
    if known is not None:
        return known
    row = Organization()
    base.put(row, fields)
    return base.write(row, actor=actor, reason=reason)


@transaction.atomic
def edit_organization(
    *,
    organization: Organization,
    actor: Actor,
    seen: int | None = None,
    reason: str = "",
    **fields: Unpack[OrganizationFields],
) -> Organization:
    """Set what is given.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    organization = base.locked(organization, seen)
    if base.put(organization, fields):
        base.write(organization, actor=actor, reason=reason)
    return organization


@transaction.atomic
def add_project(*, actor: Actor, reason: str = "", **fields: Unpack[ProjectFields]) -> Project:
    """Make a project. One with the same kind, name and repository is returned as it is.

    Raises:
        ValidationError: by field; the name or the repository is another project's.
    """
    row = Project()
    base.put(row, fields)
    known = Project.objects.filter(
        kind=row.kind, folded=fold(row.name), repository_key=repository_key(row.repository)
    ).first()
    return known or base.write(row, actor=actor, reason=reason)


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
        base.write(team, actor=actor, reason=reason)
    return team


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
    if held:
        raise ValidationError(
            _("“%(name)s” stays, for there is more to it: %(what)s.")
            % {"name": record, "what": ", ".join(held)},
            code="used",
        )
    return removed(record, actor=actor, reason=reason)


@transaction.atomic
def add_affiliation(
    *,
    person: Person,
    organization: Organization | str,
    actor: Actor,
    started_on: dt.date | None = None,
    ended_on: dt.date | None = None,
    reason: str = "",
) -> Affiliation:
    """Note that a person belongs to an organisation; a name makes the organisation when there is none of it.

    The same one from the same day is returned, with ``ended_on`` set when it is given.

    Raises:
        ValidationError: by field.
    """
    if isinstance(organization, str):
        if not base.line(organization):
            raise ValidationError({"organization": _("Name the organisation.")})
        try:
            organization = add_organization(actor=actor, reason=reason, name=organization)
        except ValidationError as error:
            raise ValidationError({"organization": error.messages}) from None
    known = Affiliation.objects.filter(
        person=person, organization=organization, started_on=started_on
    ).first()
    if known is not None:
        if ended_on is None:
            return known
        return edit_affiliation(affiliation=known, actor=actor, reason=reason, ended_on=ended_on)
    row = Affiliation(person=person, organization=organization, started_on=started_on, ended_on=ended_on)
    return base.write(row, actor=actor, reason=reason)


@transaction.atomic
def edit_affiliation(
    *,
    affiliation: Affiliation,
    actor: Actor,
    seen: int | None = None,
    reason: str = "",
    **fields: Unpack[AffiliationFields],
) -> Affiliation:
    """Correct the days.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    affiliation = base.locked(affiliation, seen)
    if base.put(affiliation, fields):
        base.write(affiliation, actor=actor, reason=reason)
    return affiliation


@transaction.atomic
def remove_affiliation(*, affiliation: Affiliation, actor: Actor, reason: str = "") -> Undo:
    """Delete an affiliation that never was."""
    return removed(base.locked(affiliation), actor=actor, reason=reason)
