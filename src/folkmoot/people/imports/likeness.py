"""Who in the register, or in an earlier row, looks like a row that no proven key leads to anybody.

The same comparing as in the search for people who may be one (``people/matching``), with the same threshold: what is
shown here is what would wait in the queue the day after. Never a reason to join two people: shown to a person before
anything is written, who decides row by row.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.kernel.imports.sources import Alike, Lookalike, Row
from folkmoot.people.identities import meant
from folkmoot.people.imports.claims import Claim
from folkmoot.people.matching import store
from folkmoot.people.matching.index import Hit, Index
from folkmoot.people.matching.keys import Account, normal_orcid
from folkmoot.people.matching.profiles import Profile, profile
from folkmoot.people.matching.words import in_words
from folkmoot.people.models import Person

#: So many are shown for a row.
MOST = 5


class Register:
    """Everybody, and the rows so far that would be somebody new, read once for a preview."""

    def __init__(self) -> None:
        self._generic = store.generic()
        self._index = Index()
        self._people = array("Q")
        for pk, record in store.profiles(self._generic):
            self._people.append(pk)
            self._index.add(record)
        self._rows: list[str] = []

    def like(self, rows: Iterable[tuple[Row, Claim]]) -> Iterator[Alike]:
        """Those of the rows that look like somebody: people of the register, and earlier rows, each with the reasons.

        A row is noted for later ones, unless it is about the same person as an earlier one, as proven keys show. One
        query for all of them.
        """
        found = [(row, claim, hits) for row, claim in rows if (hits := self._hits(row, claim))]
        numbers = {
            self._people[hit.place] for *_row, hits in found for hit in hits if hit.place < len(self._people)
        }
        names = dict(Person.objects.filter(pk__in=numbers).values_list("pk", "name"))
        for row, claim, hits in found:
            yield Alike(row, claim.fields["name"], tuple(self._shown(hit, names, claim) for hit in hits))

    def _hits(self, row: Row, claim: Claim) -> list[Hit]:
        record = self._profile(claim)
        hits = self._index.alike(record, float(settings.CANDIDATES_FROM))
        earlier = [hit.record for hit in hits if hit.place >= len(self._people)]
        if any(_share_a_proof(one, record) for one in earlier):
            hits = [hit for hit in hits if hit.place < len(self._people)]
        else:
            self._index.add(record)
            self._rows.append(f"{row.line} {row.payload['key']}")
        return hits[:MOST]

    def _shown(self, hit: Hit, names: Mapping[int, str], claim: Claim) -> Lookalike:
        why = _why(hit)
        if hit.place < len(self._people):
            pk = self._people[hit.place]
            return Lookalike(str(pk), names.get(pk, ""), why, reverse("people:person", args=[pk]))
        line, _space, key = self._rows[hit.place - len(self._people)].partition(" ")
        said = _("line %(line)s of this file: %(why)s") % {"line": line, "why": why}
        return Lookalike(f"row:{key}", claim.fields["name"], said)

    def _profile(self, claim: Claim) -> Profile:
        handles = [meant(handle) for _field, handle in claim.handles]
        return profile(
            generic=self._generic,
            names=[claim.fields.get(name) or "" for name in ("name", "sort_name", "publication_name")],
            emails=[handle.folded for handle in handles if handle.system == "email"],
            accounts=[
                Account(handle.system, handle.folded, handle.number)
                for handle in handles
                if handle.system not in ("email", "orcid")
            ],
            orcids=[
                found
                for handle in handles
                if handle.system == "orcid" and (found := normal_orcid(handle.value))
            ],
            organizations=[claim.organization] if claim.organization else [],
            country=claim.fields.get("country") or "",
            location=claim.fields.get("location") or "",
        )


def _share_a_proof(one: Profile, other: Profile) -> bool:
    """Whether two rows of a file are the same person for whoever imports it."""
    logins = {account.login for account in one.accounts if account.system == "github"}
    return (
        not set(one.emails).isdisjoint(other.emails)
        or not set(one.orcids).isdisjoint(other.orcids)
        or any(account.system == "github" and account.login in logins for account in other.accounts)
    )


def _why(hit: Hit) -> str:
    """The reasons for it in words, then those against."""
    said = [in_words(reason.as_json()) for reason in hit.scored.reasons]
    speaks = "; ".join(one.text for one in said if one.weight > 0)
    against = "; ".join(one.text for one in said if one.weight <= 0)
    return _("%(reasons)s; but: %(against)s") % {"reasons": speaks, "against": against} if against else speaks
