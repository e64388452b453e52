"""pyOpenSci's editorial team: two files that give, for each login, what the person does or did on the board."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import yaml
from django.utils.translation import gettext as _

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.sources import FileProblem, Part, Reading, Rejection, Row, source_parts
from folkmoot.kernel.text import fold
from folkmoot.people import seeds
from folkmoot.people.identities import Handle
from folkmoot.people.imports import values
from folkmoot.people.imports.claims import Claim, Role
from folkmoot.people.imports.people import apply_people
from folkmoot.people.imports.pyopensci import TEAM_FILES as FILES
from folkmoot.people.imports.reading import content
from folkmoot.people.imports.values import Unreadable
from folkmoot.people.imports.writing import PEOPLE_COUNTERS, stage

PART = "editorial-team"


def read_member(record: Mapping[str, Any]) -> Claim:
    """One login of either file."""
    claim = Claim()
    login = claim.read(record, "login", values.handle, "github", default="")
    if login:
        claim.handles.append(("login", Handle("github", login)))
    flags = record.get("flags") or {}
    for flag, said in seeds.data("pyopensci")["editorial_team"].items():
        if claim.read(flags, flag, values.truth, default=None):
            claim.roles.append(Role(said["role"], said["team"], field=flag))
    return claim


@source_parts.declare
class EditorialTeam(Part):
    """``editorial-board.yml`` and ``emeritus-editors.yml``."""

    key: ClassVar[str] = "pyopensci.people.editorial-team"
    source: ClassVar[str] = "pyopensci"
    order: ClassVar[int] = 130
    counters: ClassVar[tuple[str, ...]] = PEOPLE_COUNTERS

    def read(self, reading: Reading) -> Iterator[Row | Rejection]:
        for file in FILES:
            path = reading.root / file
            if not path.is_file():
                continue
            for login, line, flags in _entries(content(path, file), file):
                try:
                    known = values.handle("github", login)
                except Unreadable as problem:
                    yield Rejection(file, line, "login", str(problem), {login: flags})
                    continue
                record = {"login": known, "file": file, "flags": flags}
                if not known or not isinstance(flags, dict):
                    reason = _("a login with its flags is expected: the entry is left out")
                    yield Rejection(file, line, "login", reason, {str(login): flags})
                    continue
                for found in read_member(record).problems:
                    yield Rejection(file, line, found.field, found.reason, record)
                yield stage(file, line, f"{file}/{fold(known)}", record, {})

    def apply(self, rows: Sequence[Row], changes: Changes) -> None:
        apply_people(rows, changes, part=PART, read_claim=read_member, only_fill=True)


def _entries(text: str, file: str) -> Iterator[tuple[str, int, Any]]:
    """Login, line and flags of each entry.

    Raises:
        FileProblem: no YAML, or no mapping of logins.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        held = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise FileProblem(
            file,
            _("is no YAML: %(error)s") % {"error": str(error).splitlines()[0]},
            line=mark.line + 1 if mark else None,
        ) from None
    if held is None:
        return
    if not isinstance(held, dict) or not isinstance(node, yaml.MappingNode):
        raise FileProblem(file, _("a mapping of logins to their flags is expected"), line=1)
    lines = {key.value: key.start_mark.line + 1 for key, _value in node.value}
    for login, flags in held.items():
        yield str(login), lines.get(str(login), 1), flags
