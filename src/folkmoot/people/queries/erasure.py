"""What an erasure takes and what it leaves, in words; and the requests that wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.people.actions.base import uses
from folkmoot.people.models import Erasure, Identity, Person, Term


@dataclass(frozen=True)
class Plan:
    """What the page says before anything is done."""

    goes: list[str]
    stays: list[str]


def what_goes(person: Person) -> Plan:
    """What would go and what would stay, with why."""
    identities = list(Identity.objects.filter(person=person))
    terms = Term.objects.filter(person=person).count()
    used = sum(bool(uses(one)) for one in identities)
    goes = [
        _("name, pronouns, place, photograph, words about oneself, availability"),
        _("handles and addresses, consents, organisations, tags, notes"),
        _("the history of all that, what imports and merges keep of it, notices with the name"),
        _("the account here, and the public page at once"),
    ]
    stays = []
    if terms:
        stays.append(
            ngettext(
                "%(n)d role, without the name: who held which role when belongs to the community's record.",
                "%(n)d roles, without the name: who held which role when belongs to the community's record.",
                terms,
            )
            % {"n": terms}
        )
    if used:
        stays.append(
            _(
                "What was contributed, without the name, so that the figures of past reports stay true. Issues and "
                "pull requests themselves are on GitHub, not here."
            )
        )
    stays.append(
        _(
            "A code made from the handles and addresses, from which they cannot be read: so that no import "
            "brings them back."
        )
    )
    stays.append(_("Backups of the last weeks, until they are overwritten; they are not edited."))
    return Plan(goes, stays)


def kept_in_words(row: Erasure) -> list[str]:
    """What was kept and why, for the person and for the page of what was done."""
    kept: dict[str, Any] = row.outcome.get("kept", {})
    told = {
        "people.term": _("roles, without the name"),
        "people.identity": _("an internal key for what was contributed, without handle or address"),
        "people.person": _("a blank record under a stand-in"),
        "people.erasure": _("that this was asked for and done"),
        "outbox.delivery": _("that messages left, without address and content"),
        "reports.note": _(
            "notes in reports that hold the name: a published record, which a person looks through"
        ),
        "ledger.activity": _("what was contributed, without the name"),
        "kernel.importrun": _("files that were uploaded for imports, until they are deleted"),
    }
    return [f"{told.get(label, label)}: {number}" for label, (number, _why) in sorted(kept.items())]


def erasures() -> QuerySet[Erasure]:
    """Every request with whom it is about, the open ones first by age."""
    return Erasure.objects.select_related("person", "asked_by", "decided_by")
