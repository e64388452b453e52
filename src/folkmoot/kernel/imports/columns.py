"""Which column of a plain table means which field: recognised by its heading, told by a person, remembered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel.imports.models import ColumnMapping
from folkmoot.kernel.imports.sources import FileProblem, Source
from folkmoot.kernel.text import fold


def folded(heading: str) -> str:
    """A heading for comparing: case-folded, ``_`` and ``-`` as spaces."""
    return fold(heading.replace("_", " ").replace("-", " "))


def recognise(source: Source, found: Sequence[str]) -> dict[str, str]:
    """Field name -> heading for the columns whose heading is known; a heading is used once."""
    by_folded = {folded(heading): heading for heading in reversed(found)}
    mapping: dict[str, str] = {}
    for column in source.columns:
        for known in (column.name, str(column.label), *column.known_as):
            heading = by_folded.get(folded(known))
            if heading is not None and heading not in mapping.values():
                mapping[column.name] = heading
                break
    return mapping


def propose(source: Source, found: Sequence[str]) -> dict[str, str]:
    """What was chosen for these headings last time, else what is recognised."""
    remembered = ColumnMapping.objects.filter(source=source.key, name=_name(found)).first()
    return dict(remembered.columns) if remembered else recognise(source, found)


def settle(source: Source, found: Sequence[str], said: Mapping[str, str], *, file: str) -> dict[str, str]:
    """The mapping to import with: what a person said; for fields they left unsaid, what is recognised.

    Args:
        said: field name -> heading; an empty heading leaves the field out.

    Raises:
        FileProblem: no such field or heading, or a required field without a heading.
    """
    names = [column.name for column in source.columns]
    headings = ", ".join(found)
    by_folded = {folded(heading): heading for heading in reversed(found)}
    mapping = {name: heading for name, heading in recognise(source, found).items() if name not in said}
    for name, heading in said.items():
        if name not in names:
            raise FileProblem(
                file,
                _("there is no such field; there are %(names)s") % {"names": ", ".join(names)},
                field=name,
            )
        if not heading:
            continue
        if folded(heading) not in by_folded:
            raise FileProblem(
                file,
                _("there is no column “%(heading)s”; there are %(headings)s")
                % {"heading": heading, "headings": headings},
                line=1,
                field=name,
            )
        chosen = by_folded[folded(heading)]
        mapping = {other: taken for other, taken in mapping.items() if taken != chosen or other in said}
        mapping[name] = heading if heading in found else chosen
    for column in source.columns:
        if column.required and column.name not in mapping:
            raise FileProblem(
                file,
                _("no column is known to hold it: say which (--map %(name)s=HEADING); there are %(headings)s")
                % {"name": column.name, "headings": headings},
                line=1,
                field=column.name,
            )
    return mapping


@transaction.atomic
def remember(source: Source, found: Sequence[str], mapping: Mapping[str, str]) -> None:
    """Keep what was chosen for a table with these headings."""
    ColumnMapping.objects.update_or_create(
        source=source.key, name=_name(found), defaults={"columns": dict(mapping)}
    )


def _name(found: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(sorted(folded(heading) for heading in found)).encode()).hexdigest()
