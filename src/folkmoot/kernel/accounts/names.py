"""What a user is called, for queries that do not load the user."""

from __future__ import annotations

from django.db.models import CharField, F, Value
from django.db.models.functions import Coalesce, NullIf


def name_of(path: str) -> Coalesce:
    """What ``str(user)`` says of the user at the end of ``path`` ("made_by"); nothing where there is none."""
    return Coalesce(NullIf(F(f"{path}__name"), Value("")), F(f"{path}__email"), output_field=CharField())
