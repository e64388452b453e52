"""What all actions of the register share: :mod:`folkmoot.kernel.rows`, with the register's own words."""

from __future__ import annotations

from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext_lazy

from folkmoot.kernel import order, saving
from folkmoot.kernel.saving import (
    CONSTRAINT_WORDS,
    SHOWN_AS,
    Actor,
    ChangedMeanwhile,
    block,
    check,
    current_version,
    day,
    history_of,
    in_words,
    line,
    locked,
    put,
    remove,
    uses,
    write,
)
from folkmoot.kernel.text import fold
from folkmoot.people.models import (
    Identity,
    Organization,
    Person,
    Project,
    RoleKind,
    Tag,
    Team,
    repository_key,
)

__all__ = [
    "CONSTRAINT_WORDS",
    "SHOWN_AS",
    "Actor",
    "ChangedMeanwhile",
    "block",
    "check",
    "current_version",
    "day",
    "history_of",
    "in_words",
    "line",
    "locked",
    "put",
    "remove",
    "uses",
    "write",
]

_IN_ORDER = order.kept(order.quoted, "started_on", "ended_on")
saving.say(
    {
        "tag_once_per_facet": ("name", gettext_lazy("There is a tag of this name already.")),
        "person_has_a_name": ("name", gettext_lazy("A person needs a name.")),
        "identity_one_per_number": ("value", gettext_lazy("Somebody else has this account already.")),
        "identity_one_per_handle": (
            "value",
            gettext_lazy("Somebody else has this handle or address already."),
        ),
        "identity_has_a_value": ("value", gettext_lazy("Give the handle or address.")),
        "organization_has_a_name": ("name", gettext_lazy("An organisation needs a name.")),
        "organization_country_is_a_code": (
            "country",
            gettext_lazy("A country is given by its code of two letters."),
        ),
        "organizationdomain_has_a_domain": ("domains", gettext_lazy("Give the domain.")),
        "organizationrelation_once": (
            "other",
            gettext_lazy("This relation is there already, from the same day."),
        ),
        "organizationrelation_to_another": (
            "other",
            gettext_lazy("An organisation stands in no relation to itself: name another one."),
        ),
        "organizationrelation_ends_after_it_starts": ("ended_on", _IN_ORDER),
        "affiliation_once": (
            "organization",
            gettext_lazy("This affiliation is there already, from the same day."),
        ),
        "affiliation_ends_after_it_starts": ("ended_on", _IN_ORDER),
        "project_one_name_per_kind": (
            "name",
            gettext_lazy("There is a project of this kind and name already."),
        ),
        "project_one_per_repository": (
            "repository",
            gettext_lazy("Another project has this repository already."),
        ),
        "project_has_a_name": ("name", gettext_lazy("A project needs a name.")),
        "term_once": ("role_kind", gettext_lazy("This person has this role from the same day already.")),
        "term_ends_after_it_starts": ("ended_on", _IN_ORDER),
        "term_in_project_or_team": (
            "team",
            gettext_lazy("A role is held in a project or in a team, not in both."),
        ),
        "note_about_one": (NON_FIELD_ERRORS, gettext_lazy("A note is about one record.")),
        "note_says_something": ("body", gettext_lazy("Write something first.")),
    }
)

for _model in (Organization, Project, RoleKind, Tag, Team):
    saving.derives(_model, folded=lambda row: fold(row.name))
saving.derives(Identity, folded=lambda row: fold(row.value))
saving.derives(Person, sort_key=lambda row: row.reckon_sort_key())
saving.derives(Project, repository_key=lambda row: repository_key(row.repository))
