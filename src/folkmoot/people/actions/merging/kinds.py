"""The three kinds of record that can be merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from folkmoot.people.models import (
    Candidate,
    Organization,
    OrganizationCandidate,
    Person,
    PersonCandidate,
    Project,
    ProjectCandidate,
)


@dataclass(frozen=True)
class MergeKind:
    """One kind of record.

    Attributes:
        word: how addresses name it.
        plural: as a heading.
    """

    word: str
    model: type[Person] | type[Organization] | type[Project]
    candidate: type[PersonCandidate] | type[OrganizationCandidate] | type[ProjectCandidate]
    noun: Any
    plural: Any

    @property
    def label(self) -> str:
        """The model's label, as merges keep it."""
        return self.model._meta.label_lower


PEOPLE = MergeKind("person", Person, PersonCandidate, _("person"), _("People"))
ORGANIZATIONS = MergeKind(
    "organisation", Organization, OrganizationCandidate, _("organisation"), _("Organisations")
)
PROJECTS = MergeKind("project", Project, ProjectCandidate, _("project"), _("Projects"))
KINDS: tuple[MergeKind, ...] = (PEOPLE, ORGANIZATIONS, PROJECTS)

BY_WORD = {kind.word: kind for kind in KINDS}
BY_LABEL = {kind.label: kind for kind in KINDS}
BY_CANDIDATE: dict[type[Candidate], MergeKind] = {kind.candidate: kind for kind in KINDS}


def kind_of(record: Any) -> MergeKind:
    """The kind of a record, or of a model.

    Raises:
        LookupError: it cannot be merged.
    """
    try:
        return BY_LABEL[record._meta.label_lower]
    except KeyError:
        raise LookupError(f"{record._meta.label} cannot be merged") from None
