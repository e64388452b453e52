"""What tables share whose rows are people: found by what proves it, never because names are alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from folkmoot.kernel.imports.changes import Changes
from folkmoot.kernel.imports.mending import mended_of
from folkmoot.kernel.imports.sources import Alike, Rejection, Row
from folkmoot.kernel.text import clean, fold
from folkmoot.people.imports import values
from folkmoot.people.imports.claims import Claim, Problem
from folkmoot.people.imports.likeness import Register
from folkmoot.people.imports.people import Applied, apply_people, known_people
from folkmoot.people.imports.tables.base import PlainTable, key_in, read_handles, told
from folkmoot.people.imports.writing import stage
from folkmoot.people.models import Project

PART = "rows"


class PeopleRows(PlainTable):
    """Rows of a table, each about a person; a person may have several rows.

    Rows are the same person when they share what proves it (:attr:`proofs`). A row without a name is left out.
    """

    #: Systems whose handle tells who a row is about, strongest first.
    proofs: ClassVar[tuple[str, ...]]
    #: The field that is named where the name is missing.
    name_field: ClassVar[str] = "name"

    def claim(self, record: Mapping[str, Any]) -> Claim:
        """What a record, keyed by field name, says; pure."""
        raise NotImplementedError

    def row(
        self, file: str, line: int, record: dict[str, Any], mapping: Mapping[str, str], met: dict[str, int]
    ) -> Iterator[Row | Rejection]:
        """Staged under the strongest proof, or else the name."""
        claim = self.claim(record)
        yield from told(file, line, record, mapping, claim.problems)
        proofs = [handle for _field, handle in claim.handles if handle.system in self.proofs]
        if not claim.fields["name"]:
            if not any(problem.field == self.name_field for problem in claim.problems):
                why = _("is missing: the row is left out")
                yield Rejection(file, line, mapping[self.name_field], why, record)
            return
        said = f"{proofs[0].system}:{proofs[0].folded}" if proofs else f"name:{fold(claim.fields['name'])}"
        met[said] = met.get(said, 0) + 1
        if not proofs and met[said] > 1:
            yield Rejection(file, line, mapping[self.name_field], self.nameless(), record)
            return
        # within its file: another table may say another role of the same person without taking this one back
        key = key_in(file, said + (f"#{met[said]}" if met[said] > 1 else ""))
        row = stage(file, line, key, record, {})
        if proofs and mended_of(file) != file:  # it had no proof that could be read when it went by its name
            row = stage(file, line, key, record, {}, was=key_in(file, f"name:{fold(claim.fields['name'])}"))
        yield row

    def nameless(self) -> str:
        """Why the second row of a name without a proof is left out."""
        return _(
            "another row without e-mail, GitHub login or ORCID iD has this name: nothing tells "
            "whether it is the same person; the row is left out"
        )

    def put(
        self,
        rows: Sequence[Row],
        changes: Changes,
        *,
        claims: Sequence[Claim] | None = None,
        projects: Mapping[str, Project] | None = None,
    ) -> Applied:
        """Bring the register in line with these rows, in a fixed number of queries."""
        return apply_people(
            rows, changes, part=PART, read_claim=self.claim, proofs=self.proofs, projects=projects, claims=claims,
            typed=True,
        )  # fmt: skip

    def alike(self, rows: Sequence[Row], changes: Changes, memory: dict[str, Any]) -> Iterator[Alike]:
        """Rows that would become new people though somebody here, or an earlier row, looks like them."""
        claims = [self.claim(row.payload["record"]) for row in rows]
        known = known_people(rows, claims, changes, part=PART, read_claim=self.claim, proofs=self.proofs)
        if "register" not in memory:
            memory["register"] = Register()
        register: Register = memory["register"]
        new = [(row, claim) for row, claim, one in zip(rows, claims, known, strict=True) if one is None]
        yield from register.like(new)


def read_two_names(claim: Claim, record: Mapping[str, Any], *, given: str, family: str) -> None:
    """Read a name that stands in two columns, and the handles; what sorts is the family's name first."""
    read_handles(claim, record)
    first = claim.read(record, given, values.name, default="")
    last = claim.read(record, family, values.name, default="")
    whole = clean(f"{first} {last}")
    claim.fields = {"name": whole[:200], "sort_name": f"{last}, {first}"[:200] if first and last else ""}
    if len(whole) > 200:
        why = _("is longer than %(limit)s characters with the given name: cut") % {"limit": 200}
        claim.problems.append(Problem(family, family, why))
