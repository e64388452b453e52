"""What the walk with bad input needs: a world whose rows all have one id, junk, and what a page's forms ask for."""

from __future__ import annotations

from tests.bad_input.forms import Body, fields_of, junk_file, plain_bodies, query_string, variants
from tests.bad_input.junk import JUNK, PARAMETERS, PROFILE
from tests.bad_input.world import belongings, build_world

__all__ = [
    "JUNK",
    "PARAMETERS",
    "PROFILE",
    "Body",
    "belongings",
    "build_world",
    "fields_of",
    "junk_file",
    "plain_bodies",
    "query_string",
    "variants",
]
