"""All operations of the register, in the order of the reference."""

from __future__ import annotations

from ninja import Router

from folkmoot.people.api import affiliations, notes, organizations, people, projects, teams

router = Router()
for _part, _label in (
    (people, "People"),
    (affiliations, "Affiliations"),
    (organizations, "Organisations"),
    (projects, "Projects"),
    (teams, "Teams and terms"),
    (notes, "Notes"),
):
    router.add_router("", _part.router, tags=[_label])
