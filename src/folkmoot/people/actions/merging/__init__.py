"""Merging, keeping apart, putting off, and taking all of that back."""

from folkmoot.people.actions.merging.batches import AT_ONCE, Several, merge_several, unmerge_several
from folkmoot.people.actions.merging.engine import (
    merge_organizations,
    merge_people,
    merge_projects,
    merge_records,
)
from folkmoot.people.actions.merging.kinds import BY_LABEL, BY_WORD, KINDS, MergeKind, kind_of
from folkmoot.people.actions.merging.links import GenericReference, Mover, generic_references, movers
from folkmoot.people.actions.merging.undoing import Unmerged, blocking, unmerge
from folkmoot.people.actions.merging.values import GONE, RULES, SURVIVOR, Difference, better_survivor, compare
from folkmoot.people.actions.merging.verdicts import keep_apart, pair, put_off, reopen

__all__ = [
    "AT_ONCE",
    "BY_LABEL",
    "BY_WORD",
    "GONE",
    "KINDS",
    "RULES",
    "SURVIVOR",
    "Difference",
    "GenericReference",
    "MergeKind",
    "Mover",
    "Several",
    "Unmerged",
    "better_survivor",
    "blocking",
    "compare",
    "generic_references",
    "keep_apart",
    "kind_of",
    "merge_organizations",
    "merge_people",
    "merge_projects",
    "merge_records",
    "merge_several",
    "movers",
    "pair",
    "put_off",
    "reopen",
    "unmerge",
    "unmerge_several",
]
