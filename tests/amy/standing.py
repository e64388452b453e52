"""What stands there before training is read: the rows that the house comes with, and AMY's people and organisations."""

from __future__ import annotations

from typing import Any

from folkmoot.kernel.imports.models import ImportRun, RejectedRow
from folkmoot.training import seeds
from folkmoot.training.seeds import progress, requests
from tests.amy import dump

#: Small models whose words others name.
_WORDS = (dump.language, dump.knowledge_domain, dump.academic_level, dump.computing_level, dump.info_source)


def seeded() -> None:
    """What a community of ours starts with."""
    seeds.load()
    progress.load_progress()
    requests.load_forms()


def register() -> list[dict[str, Any]]:
    """Things of the register on which training stands: people and organisations 1 to 3, and what they name."""
    people = [dump.person(pk) for pk in (1, 2, 3)]
    return [*(make(1) for make in _WORDS), *people, *(dump.organization(pk) for pk in (1, 2, 3))]


#: Columns that name who works in AMY. Nobody of the made-up dump signs in here, which has its own tests.
_USERS = ("assigned_to", "awarded_by")


def rejected(run: ImportRun, *, with_users: bool = False) -> list[tuple[int | None, str, str]]:
    """Line, field and reason of what training left out, in the order of the dump; who has no user here apart."""
    rows = RejectedRow.objects.filter(run=run).order_by("line", "field", "pk")
    others = ("workshops.organization", "workshops.person", None)
    return [
        (row.line, row.field, row.reason)
        for row in rows
        if (row.content or {}).get("model") not in others and (with_users or row.field not in _USERS)
    ]
