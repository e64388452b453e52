"""All operations of the register, in the order of the reference."""

from __future__ import annotations

from ninja import Router

from folkmoot.people.api import affiliations, consents, notes, organizations, people, projects, teams

router = Router()
for _part, _label in (
    (people, "People"),
    (affiliations, "Affiliations"),
    (organizations, "Organisations"),
    (projects, "Projects"),
    (teams, "Teams and terms"),
    (notes, "Notes"),
    (consents, "Consents"),
):
    router.add_router("", _part.router, tags=[_label])
