"""How two people relate: proven to be one, alike, decided, or nothing; for ``folkmoot identities check`` and pages."""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from folkmoot.kernel.text import fold
from folkmoot.people.identities import Directory, Handle
from folkmoot.people.matching import store
from folkmoot.people.matching.finding import proofs_between
from folkmoot.people.matching.scoring import Frequencies, Scorer
from folkmoot.people.matching.words import Said, in_words
from folkmoot.people.models import Identity, Merge, Person, PersonCandidate
from folkmoot.people.models.merges import Candidate
from folkmoot.people.systems import normalise, systems

#: Whose words and users are counted for a check: so many people, the newest.
SAMPLE = 20_000


class NobodySuch(Exception):
    """No record, or more than one, is meant; the message says what to write."""


@dataclass(frozen=True)
class Relation:
    """How two people relate.

    ``verdict`` is ``same`` (one record), ``merged``, ``proven``, ``candidate``, ``alike`` (below the threshold),
    ``different`` (a person said so) or ``nothing``.
    """

    first: Person
    second: Person
    verdict: str
    words: str
    score: float
    reasons_for: tuple[Said, ...] = ()
    reasons_against: tuple[Said, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "first": {"id": self.first.pk, "name": self.first.name},
            "second": {"id": self.second.pk, "name": self.second.name},
            "verdict": self.verdict,
            "words": self.words,
            "score": round(self.score, 4),
            "for": [dataclasses.asdict(one) for one in self.reasons_for],
            "against": [dataclasses.asdict(one) for one in self.reasons_against],
        }


def somebody(said: str) -> Person:
    """The person meant by a number, a handle (``github:ada``), an address, an ORCID iD or the exact name.

    Raises:
        NobodySuch: nobody is, or several are.
    """
    said = said.strip()
    if said.isdecimal() and len(said) < 16:
        return _merged_into(int(said))
    system, colon, value = said.partition(":")
    if colon and (system in systems or Identity.objects.filter(system=system).exists()):
        return _holder(system, value)
    if "@" in said[1:] and not said.startswith("@"):
        return _holder("email", said)
    digits = said.removeprefix("https://orcid.org/").replace("-", "")
    if len(digits) == 16 and digits[:15].isdecimal():
        return _holder("orcid", said)
    found = list(Person.objects.filter(name__iexact=said).order_by("pk")[:6])
    if len(found) == 1:
        return found[0]
    if found:
        numbers = ", ".join(str(one.pk) for one in found[:5]) + (" …" if len(found) > 5 else "")
        raise NobodySuch(
            _("several people are called “%(said)s”: give a number, one of %(numbers)s.")
            % {"said": said, "numbers": numbers}
        )
    raise NobodySuch(
        _(
            "nobody is known as “%(said)s”: give the record's number, a handle such as github:ada, an e-mail address, "
            "an ORCID iD or the exact name."
        )
        % {"said": said}
    )


def _merged_into(number: int) -> Person:
    person = Person.objects.filter(pk=number).first()
    if person is not None:
        return person
    merge = Merge.objects.filter(model="people.person", gone_id=number, undone_at=None).first()
    if merge is not None:
        return _merged_into(merge.survivor_id)
    raise NobodySuch(_("there is no person with the number %(number)d.") % {"number": number})


def _holder(system: str, value: str) -> Person:
    with contextlib.suppress(ValidationError):  # then it is looked up as it stands
        value = normalise(system, value)
    handle = Handle(system, value)
    found = Directory([handle]).find(handle)
    if found is None:
        found = Identity.objects.filter(system=system, number=fold(value)).select_related("person").first()
    if found is None:
        raise NobodySuch(_("nobody has %(handle)s on %(system)s.") % {"handle": value, "system": system})
    return found.person


def check(first: Person, second: Person, *, least: float) -> Relation:
    """How two people relate, reckoned now from what the register holds."""
    first, second = sorted((first, second), key=lambda one: one.pk)
    if first.pk == second.pk:
        return Relation(first, second, "same", _("They are one record."), 1.0)
    pair = store.people(store.generic(), [first.pk, second.pk])
    decided = PersonCandidate.objects.filter(first=first, second=second).first()
    if len(pair.ids) < 2:
        words = _("One of them is a machine, or was erased: they are not compared.")
        return Relation(first, second, "nothing", words, 0.0)
    proofs = proofs_between(*pair.proofs)
    sample = Person.objects.filter(erased_at=None).exclude(pk__in=pair.ids).order_by("-pk")
    others = store.people(store.generic(), list(sample.values_list("pk", flat=True)[:SAMPLE]))
    frequencies = Frequencies([*pair.profiles, *others.profiles])
    scored = Scorer(frequencies).score(*pair.profiles, whole=True)
    own = [reason for reason in (decided.reasons if decided else []) if reason.get("code") in store.KEPT]
    reasons = [in_words(one) for one in (*proofs, *own, *(reason.as_json() for reason in scored.reasons))]
    score = 1.0 if proofs else max([scored.score, *(float(one["facts"].get("score", 1)) for one in own)])
    verdict = _verdict(bool(proofs), score, least, decided)
    return Relation(
        first,
        second,
        verdict,
        _say(verdict, decided, bool(reasons)),
        score,
        tuple(one for one in reasons if one.weight > 0),
        tuple(one for one in reasons if one.weight <= 0),
    )


def _verdict(is_proven: bool, score: float, least: float, decided: PersonCandidate | None) -> str:
    if decided is not None and decided.state == Candidate.State.DIFFERENT:
        return "different"
    if is_proven:
        return "proven"
    if score >= least:
        return "candidate"
    return "alike" if score >= 0.1 else "nothing"


def _say(verdict: str, decided: PersonCandidate | None, has_reasons: bool) -> str:
    if verdict == "different":
        who = decided.decided_by if decided is not None and decided.decided_by else _("Somebody")
        return _("%(who)s said that they are not the same. That is remembered.") % {"who": who}
    if verdict == "proven":
        return _("A proven key shows that they are one person: the two records can be merged.")
    if verdict == "candidate":
        return _("They may be one person. Nothing proves it: somebody has to decide.")
    if verdict == "alike":
        return _("They are a little alike, too little to be offered as one person.")
    return _("Nothing shows that they are one person.")
