"""Forms of the register."""

from folkmoot.people.forms.people import (
    AffiliationForm,
    EndForm,
    IdentityForm,
    MemberForm,
    NewPersonForm,
    PersonForm,
    RenewForm,
    TermForm,
    a_year_after,
)
from folkmoot.people.forms.records import (
    BulkTagForm,
    NoteForm,
    OrganizationForm,
    ProjectForm,
    RoleKindForm,
    TagForm,
    TagNameForm,
    TeamForm,
)

__all__ = [
    "AffiliationForm",
    "BulkTagForm",
    "EndForm",
    "IdentityForm",
    "MemberForm",
    "NewPersonForm",
    "NoteForm",
    "OrganizationForm",
    "PersonForm",
    "ProjectForm",
    "RenewForm",
    "RoleKindForm",
    "TagForm",
    "TagNameForm",
    "TeamForm",
    "TermForm",
    "a_year_after",
]
