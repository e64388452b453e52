"""What tokens may do with the register, and its kinds of records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.api.kinds import Kind, kinds
from folkmoot.kernel.plugs import ApiRouter, api_routers
from folkmoot.kernel.tokens.scopes import TokenScope, token_scopes
from folkmoot.people.models import (
    Affiliation,
    ConsentKind,
    Identity,
    Merge,
    Note,
    Organization,
    OrganizationDomain,
    Person,
    Project,
    RoleKind,
    Team,
    Term,
)

for _scope in (
    TokenScope("people:read", _("read people, their handles and affiliations"), "people.view", order=10),
    TokenScope(
        "people.contact:read",
        _("read their e-mail addresses and personal details"),
        "people.view",
        is_sensitive=True,
        order=20,
    ),
    TokenScope("organizations:read", _("read organisations"), "people.view", order=30),
    TokenScope("projects:read", _("read projects"), "people.view", order=40),
    TokenScope("teams:read", _("read teams, roles and terms"), "people.view", order=50),
    TokenScope("notes:read", _("read notes"), "people.view_notes", is_sensitive=True, order=60),
    TokenScope(
        "consents:read", _("read what people agreed to"), "people.manage", is_sensitive=True, order=65
    ),
    TokenScope("people:write", _("add and change people and affiliations"), "people.manage", True, 110),
    TokenScope("organizations:write", _("add and change organisations"), "people.manage", True, 120),
    TokenScope("projects:write", _("add and change projects"), "people.manage", True, 130),
    TokenScope("teams:write", _("add and change terms"), "people.manage", True, 140),
    TokenScope("notes:write", _("write notes"), "people.contribute", True, 150),
):
    token_scopes.register(_scope)


def _merged(model: str) -> Callable[[Collection[int]], Mapping[int, int]]:
    def find(ids: Collection[int]) -> Mapping[int, int]:
        rows = Merge.objects.filter(model=model, gone_id__in=ids, undone_at=None).order_by("pk")
        return dict(rows.values_list("gone_id", "survivor_id"))

    return find


PEOPLE = kinds.register(
    Kind(
        "people",
        Person,
        "people:read",
        [(Identity, "person")],
        _merged("people.person"),
        stamps=["erased_at"],
        order=10,
    )
)
AFFILIATIONS = kinds.register(Kind("affiliations", Affiliation, "people:read", order=20))
ORGANIZATIONS = kinds.register(
    Kind(
        "organizations",
        Organization,
        "organizations:read",
        [(OrganizationDomain, "organization")],
        _merged("people.organization"),
        order=30,
    )
)
PROJECTS = kinds.register(
    Kind("projects", Project, "projects:read", merged=_merged("people.project"), order=40)
)
TEAMS = kinds.register(Kind("teams", Team, "teams:read", order=50))
ROLES = kinds.register(Kind("roles", RoleKind, "teams:read", order=60))
TERMS = kinds.register(Kind("terms", Term, "teams:read", order=70))
NOTES = kinds.register(Kind("notes", Note, "notes:read", order=80))
CONSENT_KINDS = kinds.register(Kind("consent-kinds", ConsentKind, "consents:read", order=85))


def _router() -> object:
    from folkmoot.people.api.routes import router

    return router


api_routers.register(ApiRouter("people", "The register", _router, order=10))
