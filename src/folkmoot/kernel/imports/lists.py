"""The lists of the import pages: imports, rows to mend, what an undo left."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports import actions, queries, review
from folkmoot.kernel.imports.models import ImportChange, ImportRun, RejectedRow, RunState, StagedRow
from folkmoot.kernel.imports.sources import SKIP, sources
from folkmoot.kernel.ui.lists import BulkAction, ChoiceFilter, Column, Empty, FlagFilter, List


def _source_choices() -> list[tuple[str, Any]]:
    return [(source.key, source.label) for source in sources]


def _source_label(run: ImportRun) -> str:
    return str(sources.get(run.source).label) if run.source in sources else run.source


def _total(what: str) -> Any:
    return lambda run: sum((run.counts or {}).get(what, {}).values())


class ImportsList(List):
    """Imports, newest first."""

    key = "imports"
    title = gettext_lazy("Imports")
    columns = (
        Column(
            "origin",
            gettext_lazy("Import"),
            value=lambda run: f"{run.pk}: {run.origin}",
            link=lambda run: reverse("imports:run", args=[run.pk]),
        ),
        Column("source", gettext_lazy("Of"), value=_source_label, sort="source"),
        Column(
            "state",
            gettext_lazy("State"),
            value="get_state_display",
            sort="state",
            template="imports/state.html",
        ),
        Column("made", gettext_lazy("Made"), value=_total("created"), number=True),
        Column("changed", gettext_lazy("Changed"), value=_total("updated"), number=True),
        Column("rejected", gettext_lazy("To mend"), value="open_rejected", sort="open_rejected", number=True),
        Column("by", gettext_lazy("By"), value=lambda run: str(run.created_by or _("command line"))),
        Column("created", gettext_lazy("Begun"), value="created_at", sort="created_at"),
    )
    filters = (
        ChoiceFilter(
            "source",
            gettext_lazy("Of"),
            choices=_source_choices,
            apply=lambda runs, chosen: runs.filter(source__in=chosen),
        ),
        ChoiceFilter(
            "state",
            gettext_lazy("State"),
            choices=RunState.choices,
            apply=lambda runs, chosen: runs.filter(state__in=chosen),
        ),
    )
    default_sort = "-created"
    empty = Empty(
        gettext_lazy("Nothing imported yet"),
        gettext_lazy(
            "Bring in the files you have: people, packages, contributions. Each import can be undone."
        ),
        gettext_lazy("Import"),
        "imports:new",
        "imports.run",
        icon="box-arrow-in-down",
    )

    def queryset(self) -> QuerySet[ImportRun]:
        return queries.runs_for(self.user)

    def search(self, queryset: QuerySet[ImportRun], words: str) -> QuerySet[ImportRun]:
        return queryset.filter(origin__icontains=words)


class RejectedList(List):
    """What an import left out, and why."""

    key = "imports.rejected"
    title = gettext_lazy("Rows to mend")
    columns = (
        Column("file", gettext_lazy("File"), value="file", sort="file"),
        Column("line", gettext_lazy("Line"), value="line", sort="line", number=True),
        Column("field", gettext_lazy("Field"), value="field", sort="field"),
        Column("reason", gettext_lazy("Why"), value="reason", sort="reason"),
        Column("content", gettext_lazy("As the file has it"), value=lambda row: _content(row), shown=False),
        Column(
            "dismissed", gettext_lazy("Laid aside"), value="dismissed_at", sort="dismissed_at", shown=False
        ),
    )
    filters = (
        FlagFilter(
            "aside",
            gettext_lazy("Laid aside"),
            apply=lambda rows, yes: rows.filter(dismissed_at__isnull=not yes),
            default=False,
        ),
    )
    default_sort = "file"
    bulk_actions = (
        BulkAction(
            "dismiss",
            gettext_lazy("Lay aside"),
            "imports.run",
            lambda user, queryset: _dismiss(user, queryset),
        ),
    )
    empty = Empty(
        gettext_lazy("Nothing to mend"),
        gettext_lazy("Every row of this import was read."),
        icon="check2-circle",
    )

    def queryset(self) -> QuerySet[RejectedRow]:
        return queries.rejected_of(self.context["run"])

    def search(self, queryset: QuerySet[RejectedRow], words: str) -> QuerySet[RejectedRow]:
        return queryset.filter(reason__icontains=words) | queryset.filter(file__icontains=words)


def _content(row: RejectedRow) -> str:
    if isinstance(row.content, dict):
        return "; ".join(f"{name}: {value}" for name, value in row.content.items())
    return str(row.content or "")


def _dismiss(user: User, queryset: QuerySet[RejectedRow]) -> str:
    done = 0
    rows = list(queryset.select_related("run"))
    for found in {row.run for row in rows}:
        done += actions.dismiss_rejected(
            run=found, actor=user, rows=[row.pk for row in rows if row.run_id == found.pk]
        )
    return ngettext("%(n)d row laid aside.", "%(n)d rows laid aside.", done) % {"n": done}


class KeptList(List):
    """What an undo left as it is, and why."""

    key = "imports.kept"
    title = gettext_lazy("What stays")
    columns = (
        Column("name", gettext_lazy("Record"), value=lambda change: change.shown["name"]),
        Column("kind", gettext_lazy("What"), value=lambda change: change.shown["kind"]),
        Column("reason", gettext_lazy("Why it stays"), value="kept_reason", sort="kept_reason"),
    )
    empty = Empty(gettext_lazy("Nothing stayed"), gettext_lazy("The undo took everything back."))

    def queryset(self) -> QuerySet[ImportChange]:
        return queries.kept_of(self.context["run"])

    def decorate(self, rows: Any) -> None:
        for change, shown in zip(rows, queries.describe(list(rows)), strict=True):
            change.shown = shown


class AlikeList(List):
    """Rows that look like somebody, before anything is written."""

    key = "imports.alike"
    title = gettext_lazy("Possible duplicates")
    columns = (
        Column("line", gettext_lazy("Line"), value="line", sort="line", number=True),
        Column(
            "row",
            gettext_lazy("The file says"),
            value=lambda row: row.payload["label"],
            link=lambda row: reverse("imports:alike_row", args=[row.run_id, row.pk]),
        ),
        Column(
            "like",
            gettext_lazy("Looks like"),
            value=lambda row: "; ".join(
                f"{one['label']} ({one['why']})" for one in row.payload["candidates"]
            ),
        ),
        Column("choice", gettext_lazy("Will be"), value=lambda row: review.choice_label(row.payload)),
    )
    default_sort = "line"
    bulk_actions = (
        BulkAction(
            "new", gettext_lazy("Import as new"), "imports.run", lambda user, rows: _choose(user, rows, "")
        ),
        BulkAction(
            "same",
            gettext_lazy("The same as the first named"),
            "imports.run",
            lambda user, rows: _choose(user, rows, "first"),
        ),
        BulkAction(
            "skip", gettext_lazy("Leave out"), "imports.run", lambda user, rows: _choose(user, rows, SKIP)
        ),
    )
    empty = Empty(
        gettext_lazy("Nobody looks like somebody else"),
        gettext_lazy("Every row is known by a proven key, or looks like nobody in the register."),
        icon="check2-circle",
    )

    def queryset(self) -> QuerySet[StagedRow]:
        return review.alike_of(self.context["run"])

    def search(self, queryset: QuerySet[StagedRow], words: str) -> QuerySet[StagedRow]:
        return queryset.filter(payload__label__icontains=words)


def _choose(user: User, rows: QuerySet[StagedRow], choice: str) -> str:
    found = list(rows.select_related("run"))
    done = 0
    for run in {row.run for row in found}:
        keys = [row.pk for row in found if row.run_id == run.pk]
        try:
            done += actions.choose(run=run, rows=keys, choice=choice, actor=user)
        except actions.ImportStateError as error:
            return str(error)
    return ngettext("Kept for %(n)d row.", "Kept for %(n)d rows.", done) % {"n": done}


class DifferencesList(List):
    """Records of the register that the import would change, each value before and after."""

    key = "imports.differences"
    title = gettext_lazy("What would change")
    columns = (
        Column("name", gettext_lazy("Record"), value=lambda row: row.payload["name"]),
        Column("kind", gettext_lazy("What"), value=lambda row: row.payload["kind"]),
        Column("fields", gettext_lazy("Changes"), value=lambda row: _differences(row.payload["fields"])),
    )
    empty = Empty(
        gettext_lazy("Nothing that is there would change"),
        gettext_lazy("The import only adds, or finds everything as it is."),
        icon="check2-circle",
    )

    def queryset(self) -> QuerySet[StagedRow]:
        return review.differences_of(self.context["run"])

    def search(self, queryset: QuerySet[StagedRow], words: str) -> QuerySet[StagedRow]:
        return queryset.filter(payload__name__icontains=words)


def _differences(fields: list[list[Any]]) -> str:
    nothing = _("nothing")
    return "; ".join(f"{label}: {before or nothing} → {after or nothing}" for label, before, after in fields)
