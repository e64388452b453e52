"""``activity.csv``: what people did, from a plain table; which column means which field is recognised or chosen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.events import activity_kinds
from folkmoot.kernel.imports import tables
from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.columns import settle
from folkmoot.kernel.imports.sources import (
    Column,
    Part,
    Reading,
    Rejection,
    Row,
    Source,
    source_parts,
    sources,
)
from folkmoot.kernel.text import clean, fold
from folkmoot.ledger.imports.writing import OPENED, note_seen, put_items
from folkmoot.ledger.models import Activity, Item
from folkmoot.people.public import Identity, Project, ensure_identities, projects_by_name

SOURCE = sources.register(
    Source(
        key="activity.csv",
        label=_("Activity from a table"),
        help=_("A CSV or XLSX file with a row for each thing that somebody did: who, what, when."),
        takes="file",
        permission="people.manage",
        files=("*.csv", "*.tsv", "*.txt", "*.xlsx"),
        columns=(
            Column(
                "person",
                _("person's handle"),
                required=True,
                known_as=(
                    "handle",
                    "login",
                    "github",
                    "github username",
                    "author",
                    "created by",
                    "user",
                    "who",
                    "email",
                ),
            ),
            Column(
                "when",
                _("when"),
                required=True,
                known_as=(
                    "date",
                    "time",
                    "date time",
                    "created",
                    "created at",
                    "occurred at",
                    "opened",
                    "opened at",
                ),
            ),
            Column("system", _("system of the handle"), known_as=("platform", "site")),
            Column("kind", _("kind"), known_as=("type", "what", "activity")),
            Column("title", _("title"), known_as=("subject", "name", "summary")),
            Column("project", _("project"), known_as=("repository", "repo", "package")),
            Column("address", _("address"), known_as=("url", "link", "web address", "html url")),
            Column("state", _("state"), known_as=("status", "current status")),
            Column("external_id", _("identifier"), known_as=("id", "number", "key", "uuid")),
        ),
        order=50,
    )
)

#: Words in the column "kind" (compared folded, ``_`` and ``-`` as spaces) for an item that was opened.
ITEM_KINDS = {
    "": "issue",
    "issue": "issue",
    "issues": "issue",
    "pull request": "pull_request",
    "pull requests": "pull_request",
    "pullrequest": "pull_request",
    "pulls": "pull_request",
    "pull": "pull_request",
    "pr": "pull_request",
    "merge request": "pull_request",
}
_STATES = {"": "", "open": "open", "opened": "open", "closed": "closed", "merged": "merged"}
_DEFAULT_SYSTEM = "github"
_is_url = URLValidator(schemes=["http", "https"])


@source_parts.declare
class ActivityTable(Part):
    """Rows of a table of activity. A row is known by its identifier, or without one by all it says."""

    key: ClassVar[str] = "activity.csv.ledger.rows"
    source: ClassVar[str] = SOURCE.key
    order: ClassVar[int] = 200
    chunk_size: ClassVar[int] = 1000
    counters: ClassVar[tuple[str, ...]] = ("items", "activities", "projects", "people")

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        """One row for each activity, lazily."""
        path = reading.root
        table = reading.table()
        mapping = settle(SOURCE, [one for one in table.headings if one], reading.mapping, file=path.name)
        heading = {name: mapping.get(name, name) for name in (column.name for column in SOURCE.columns)}
        met: dict[str, int] = {}
        for line, cells in table.rows():
            if isinstance(cells, str):
                yield Rejection(path.name, line, "", cells)
                continue
            fields = {name: clean(cells[mapping[name]]) if name in mapping else "" for name in heading}
            if problem := _problem(fields):
                yield Rejection(path.name, line, heading[problem[0]], problem[1], cells)
                continue
            payload = _payload(fields)
            if payload["id"] in met:
                said = "has the same identifier" if fields["external_id"] else "says the same"
                yield Rejection(
                    path.name, line, mapping.get("external_id", ""),
                    f"line {met[payload['id']]} {said}: this row is left out", cells,
                )  # fmt: skip
                continue
            met[payload["id"]] = line
            payload["said"] = cells
            yield Row(path.name, line, payload)

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        """Make or update the items, record what is not recorded yet."""
        identities = _identities(changes, rows)
        projects = _projects(changes, {row.payload["project"] for row in rows if row.payload["project"]})
        ids = [row.payload["id"] for row in rows]
        recorded = {
            activity.external_id: activity
            for activity in Activity.objects.filter(source=SOURCE.key, external_id__in=ids)
        }
        fresh: list[tuple[Row, Identity]] = []
        used: list[Row] = []
        for row in rows:
            identity = identities[row.payload["system"], fold(row.payload["person"])]
            activity = recorded.get(row.payload["id"])
            if activity is None:
                fresh.append((row, identity))
            elif field := _contradicts(row.payload, activity, identity):
                changes.reject(
                    row, field,
                    "says otherwise than when this identifier was first imported: what happened is not changed; undo "
                    "that import, or give the row another identifier",
                )  # fmt: skip
                continue
            else:
                changes.unchanged("activities")
            used.append(row)
        known = {
            item.external_id: item for item in Item.objects.filter(source=SOURCE.key, external_id__in=ids)
        }
        items = {
            row.payload["id"]: _item(row.payload, projects.get(fold(row.payload["project"])))
            for row in used
            if row.payload["item_kind"] or row.payload["title"] or row.payload["address"]
        }
        put_items(changes, list(items.values()), known)
        changes.create(
            Activity,
            [
                _activity(row.payload, identity, items.get(row.payload["id"]), projects, changes)
                for row, identity in fresh
            ],
            counter="activities",
        )
        note_seen(
            changes,
            [
                (
                    identities[row.payload["system"], fold(row.payload["person"])],
                    tables.moment(row.payload["when"]),
                )
                for row in used
            ],
        )


def _words(value: str) -> str:
    return fold(value.replace("_", " ").replace("-", " "))


def _problem(fields: Mapping[str, str]) -> tuple[str, str] | None:
    """The first field that cannot be used, and why."""
    if not fields["person"]:
        return "person", "is empty: say who it was"
    if len(fields["person"]) > 320 or " " in fields["person"]:
        return "person", f"“{fields['person'][:60]}” is no handle or address: it holds a space or is too long"
    try:
        tables.moment(fields["when"])
    except ValueError as error:
        return "when", str(error) if fields["when"] else "is empty: say when it was"
    if len(fields["system"]) > 40:
        return "system", "is longer than 40 characters"
    if fields["kind"] not in activity_kinds and _words(fields["kind"]) not in ITEM_KINDS:
        known = ", ".join(["issue", "pull request", *(kind.key for kind in activity_kinds)])
        return "kind", f"“{fields['kind'][:60]}” is not known; known: {known}"
    if fields["state"] and fold(fields["state"]) not in _STATES:
        return "state", f"“{fields['state'][:60]}” is not known; known: open, closed, merged"
    for name, most in (("title", 500), ("project", 200), ("address", 1000), ("external_id", 300)):
        if len(fields[name]) > most:
            return name, f"is longer than {most} characters"
    if fields["address"]:
        try:
            _is_url(fields["address"])
        except ValidationError:
            return "address", f"“{fields['address'][:100]}” is no web address: https://example.org"
    return None


def _payload(fields: Mapping[str, str]) -> dict[str, Any]:
    """The row as it is staged."""
    declared = fields["kind"] in activity_kinds
    said = {
        "system": fold(fields["system"]) or _DEFAULT_SYSTEM,
        "person": fields["person"].lstrip("@") if "@" not in fields["person"][1:] else fields["person"],
        "when": tables.moment(fields["when"]).isoformat(),
        "kind": fields["kind"] if declared else OPENED,
        "item_kind": ""
        if declared and fields["kind"] != OPENED
        else ITEM_KINDS.get(_words(fields["kind"]), "issue"),
        "title": fields["title"],
        "project": fields["project"],
        "address": fields["address"],
        "state": _STATES[fold(fields["state"])],
    }
    # A state may change from one export to the next; the rest says which row this is.
    proof = {name: fold(value) for name, value in said.items() if name != "state"}
    digest = hashlib.sha256(json.dumps(proof, sort_keys=True).encode()).hexdigest()[:40]
    return {**said, "id": f"id:{fields['external_id']}" if fields["external_id"] else f"row:{digest}"}


def _identities(changes: Changes, rows: Sequence[Row]) -> dict[tuple[str, str], Identity]:
    found: dict[tuple[str, str], Identity] = {}
    for system in sorted({row.payload["system"] for row in rows}):
        handles = [row.payload["person"] for row in rows if row.payload["system"] == system]
        for folded, identity in ensure_identities(changes, system=system, handles=handles).items():
            found[system, folded] = identity
    return found


def _projects(changes: Changes, names: set[str]) -> dict[str, Project]:
    """Projects by folded name; one that no kind of project has is made as a repository."""
    spelled = {fold(name): name for name in sorted(names)}
    found = projects_by_name(spelled)
    new = [
        Project(kind=Project.Kind.REPOSITORY, name=name, folded=folded)
        for folded, name in spelled.items()
        if folded not in found
    ]
    return found | {project.folded: project for project in changes.create(Project, new, counter="projects")}


def _contradicts(payload: Mapping[str, Any], activity: Activity, identity: Identity) -> str:
    """The field in which a row says otherwise than its activity, or ``""``."""
    if activity.identity_id != identity.pk:
        return "person"
    if activity.occurred_at != tables.moment(payload["when"]):
        return "when"
    return "kind" if activity.kind != payload["kind"] else ""


def _item(payload: Mapping[str, Any], project: Project | None) -> Item:
    return Item(
        kind=payload["item_kind"] or payload["kind"].rpartition(".")[2],
        title=payload["title"],
        state=payload["state"],
        url=payload["address"],
        project=project,
        opened_at=tables.moment(payload["when"]) if payload["item_kind"] else None,
        source=SOURCE.key,
        external_id=payload["id"],
        detail={"said": payload["said"]},
    )


def _activity(
    payload: Mapping[str, Any],
    identity: Identity,
    item: Item | None,
    projects: Mapping[str, Project],
    changes: Changes,
) -> Activity:
    return Activity(
        kind=payload["kind"],
        identity=identity,
        item=item,
        project=projects.get(fold(payload["project"])),
        occurred_at=tables.moment(payload["when"]),
        source=SOURCE.key,
        external_id=payload["id"],
        detail={} if item else {"said": payload["said"]},
        recorded_at=changes.now,
    )
