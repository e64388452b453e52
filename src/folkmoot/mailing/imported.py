"""What an import brings from a system that writes to people by itself sets off no mail for what was so there already.

It is looked at in the transaction that brings it, before the listener hears of it: what is so is remembered as not
sent, with the reason; a mail whose moment is still ahead is planned as ever.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.models import ImportRun
from folkmoot.kernel.imports.sources import sources
from folkmoot.mailing import engine
from folkmoot.mailing.models import MailRule
from folkmoot.mailing.subjects import Subject, subjects

#: The option of an import by which a person says that the other system writes no more.
OPTION, HERE = "mails", "here"


def settle(sender: Any, run: ImportRun, changes: Changes, **kwargs: Any) -> None:
    """Signal receiver: look at what a chunk brought, as old."""
    if run.source not in sources or not sources.get(run.source).writes_itself:
        return
    if run.options.get(OPTION) == HERE or not changes.touched:
        return
    active = set(MailRule.objects.filter(is_active=True).values_list("subject", flat=True))
    for subject in subjects:
        if subject.key in active:
            ids = subject.touched(_noted(subject, changes))
            engine.evaluate(subject, ids, is_imported=True)


def _noted(subject: Subject, changes: Changes) -> dict[str, set[int]]:
    """What the triggers have noted of the chunk for this subject; a query for each column that is not the row's own."""
    found: dict[str, set[int]] = defaultdict(set)
    for source, watched in subject.sources:
        ids = changes.touched.get(watched.model)
        if ids and watched.column == "id":
            found[source] |= ids
        elif ids:
            rows = watched.model._default_manager.filter(pk__in=ids).exclude(**{watched.column: None})
            found[source] |= set(rows.values_list(watched.column, flat=True))
    return found
