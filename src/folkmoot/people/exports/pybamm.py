"""PyBaMM's website: its team files, one GitHub login per line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.exports import Site, SiteFile, sites
from folkmoot.kernel.text import fold
from folkmoot.people import seeds
from folkmoot.people.exports.register import held_by
from folkmoot.people.imports.pybamm import PART
from folkmoot.people.models import SourceRecord, Term, repository_key
from folkmoot.people.queries.consents import PUBLIC_PROFILE


@sites.declare
class PyBaMM(Site):
    """The folder ``teams`` of pybamm.org."""

    key: ClassVar[str] = "pybamm"
    label: ClassVar[Any] = gettext_lazy("PyBaMM's website")
    order: ClassVar[int] = 20

    def files(self) -> Iterator[SiteFile]:
        """A file for each role; none when nobody ever held one of them."""
        meaning: dict[str, Any] = seeds.data("pybamm")
        known = _known()
        files = [_file(name, said, meaning["project"], known) for name, said in meaning["files"].items()]
        if any(file.entries for file in files):
            yield from files


def _known() -> dict[str, dict[int, str]]:
    """For each file, folded: the people it named, in its order, and the login as it was written."""
    found: dict[str, dict[int, str]] = {}
    rows = SourceRecord.objects.filter(source="pybamm", part=PART, person__isnull=False).order_by("pk")
    for key, person, payload in rows.values_list("key", "person_id", "payload"):
        found.setdefault(key.partition("/")[0], {}).setdefault(person, payload["login"])
    return found


def _file(
    name: str, said: dict[str, Any], project: dict[str, str], known: dict[str, dict[int, str]]
) -> SiteFile:
    """Who holds the role today: in the file's own order, those who are new to it at its end."""
    terms = Term.objects.on(clock.today()).filter(role_kind__slug=said["role"], person__archived_at=None)
    if said.get("project"):
        terms = terms.filter(project__repository_key=repository_key(project["repository"]))
    else:
        terms = terms.filter(team__folded=fold(said["team"]))
    holders = list(dict.fromkeys(terms.order_by("pk").values_list("person_id", flat=True)))
    before = known.get(fold(name), {})
    people = held_by(holders)
    lines, silent = [], 0
    for pk in [*(pk for pk in before if pk in people), *(pk for pk in holders if pk not in before)]:
        held = people.get(pk)
        accounts = held.handles("github") if held and PUBLIC_PROFILE not in held.refused else []
        if held is None or not accounts:
            silent += 1
            continue
        written = before.get(pk, "")
        kept = any(one.folded == fold(written) for one in accounts)
        lines.append(written if kept else accounts[0].value)
    remarks = (
        ngettext(
            "%(n)d person is left out: no GitHub login, erased, or does not want to be public.",
            "%(n)d people are left out: no GitHub login, erased, or do not want to be public.",
            silent,
        )
        % {"n": silent},
    )
    text = "".join(f"{line}\n" for line in lines)
    return SiteFile(f"teams/{name}", text, len(lines), remarks if silent else ())
