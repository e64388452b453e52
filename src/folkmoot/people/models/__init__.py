"""The register: one record of each person, organisation and project, and who holds which role from when to when."""

from folkmoot.people.models.about import ONE_SUBJECT, AboutOne, Note, SourceRecord
from folkmoot.people.models.amy import AmyConnection, AmyInventory
from folkmoot.people.models.consents import Claim, Consent, ConsentKind, ConsentText, Erasure
from folkmoot.people.models.correspondence import Correspondence
from folkmoot.people.models.merges import (
    Candidate,
    GenericValue,
    Merge,
    MergedRow,
    OrganizationCandidate,
    PersonCandidate,
    ProjectCandidate,
)
from folkmoot.people.models.names import OtherName
from folkmoot.people.models.organizations import (
    Affiliation,
    DismissedAffiliation,
    Organization,
    OrganizationDomain,
    OrganizationKind,
    OrganizationRelation,
)
from folkmoot.people.models.persons import FormerHandle, Identity, Person
from folkmoot.people.models.projects import Project, ProjectFacts, ProjectRules, repository_key
from folkmoot.people.models.tags import Tag
from folkmoot.people.models.terms import RoleKind, Team, Term, TermQuerySet

__all__ = [
    "ONE_SUBJECT",
    "AboutOne",
    "Affiliation",
    "AmyConnection",
    "AmyInventory",
    "Candidate",
    "Claim",
    "Consent",
    "ConsentKind",
    "ConsentText",
    "Correspondence",
    "DismissedAffiliation",
    "Erasure",
    "FormerHandle",
    "GenericValue",
    "Identity",
    "Merge",
    "MergedRow",
    "Note",
    "Organization",
    "OrganizationCandidate",
    "OrganizationDomain",
    "OrganizationKind",
    "OrganizationRelation",
    "OtherName",
    "Person",
    "PersonCandidate",
    "Project",
    "ProjectCandidate",
    "ProjectFacts",
    "ProjectRules",
    "RoleKind",
    "SourceRecord",
    "Tag",
    "Team",
    "Term",
    "TermQuerySet",
    "repository_key",
]
