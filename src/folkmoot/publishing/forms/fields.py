"""Fields that several forms share: those of the register."""

from __future__ import annotations

from folkmoot.people.public import (
    LanguageField,
    OrganizationField,
    PeopleField,
    PersonField,
    ProjectField,
    TagsField,
    zone_choices,
)

__all__ = [
    "LanguageField",
    "OrganizationField",
    "PeopleField",
    "PersonField",
    "ProjectField",
    "TagsField",
    "zone_choices",
]
