"""Plain tables that the register reads: each module declares a source and how its rows become records."""

from folkmoot.people.imports.tables import affiliations, organizations, people, terms

__all__ = ["affiliations", "organizations", "people", "terms"]
