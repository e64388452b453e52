"""Forms of the register."""

from folkmoot.people.forms.organizations import OrganizationForm, OrganizationKindForm, RelationForm
from folkmoot.people.forms.people import IdentityForm, NewPersonForm, PersonForm
from folkmoot.people.forms.records import (
    BulkTagForm,
    NoteForm,
    ProjectForm,
    ProjectRulesForm,
    RoleKindForm,
    TagForm,
    TagNameForm,
    TeamForm,
)
from folkmoot.people.forms.terms import (
    AffiliationForm,
    EndForm,
    MemberForm,
    RenewForm,
    TermForm,
    a_year_after,
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
    "OrganizationKindForm",
    "PersonForm",
    "ProjectForm",
    "ProjectRulesForm",
    "RelationForm",
    "RenewForm",
    "RoleKindForm",
    "TagForm",
    "TagNameForm",
    "TeamForm",
    "TermForm",
    "a_year_after",
]
