"""What the register's pages share: forms that call an action, undo, and going back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.ui.answers import answer_action, answer_form, back, refuse, user_of
from folkmoot.kernel.ui.undoing import Undoing
from folkmoot.people.actions import Undo
from folkmoot.people.models import (
    Organization,
    OrganizationKind,
    Person,
    Project,
    ProjectRules,
    RoleKind,
    Tag,
    Team,
)

__all__ = [
    "RECORDS",
    "UNDOING",
    "answer_action",
    "answer_form",
    "back",
    "page_of",
    "refuse",
    "undo_bulk_url",
    "undo_url",
    "user_of",
]

UNDOING = Undoing("people.undo", "people:undo")

#: The kinds of record that have notes and tags, by their word in the address.
RECORDS: dict[str, type[Person] | type[Organization] | type[Project]] = {
    "person": Person,
    "organisation": Organization,
    "project": Project,
}


def page_of(record: Any) -> str:
    """The address of a record's page."""
    names = {Person: "person", Organization: "organization", Project: "project", Team: "team"}
    if isinstance(record, RoleKind):
        return reverse("people:role_kinds")
    if isinstance(record, OrganizationKind):
        return reverse("people:organization_kinds")
    if isinstance(record, ProjectRules):
        return reverse("people:project_rules")
    if isinstance(record, Tag):
        return reverse("people:tags")
    return reverse(f"people:{names[type(record)]}", args=[record.pk])


def undo_url(user: User, what: Undo, permission: str = "people.manage") -> str:
    """The address that takes changes back; good for this user and one day."""
    return UNDOING.address(user, permission, undo=what.as_json())


def undo_bulk_url(
    user: User, do: str, model: str, records: Iterable[int], permission: str, tag: int = 0
) -> str:
    """The address that takes a bulk action back: ``do`` is what the undo does."""
    return UNDOING.address(user, permission, do=do, model=model, rows=list(records), tag=tag)
