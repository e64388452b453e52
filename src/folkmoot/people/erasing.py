"""How the register's tables forget a person."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from folkmoot.kernel import ids
from folkmoot.kernel.erasure import (
    Eraser,
    NothingPersonal,
    Outcome,
    Subject,
    delete,
    delete_history,
    erasers,
    mentioning,
    nothing_personal,
)
from folkmoot.people.actions.base import uses
from folkmoot.people.models import (
    Affiliation,
    Claim,
    Consent,
    Correspondence,
    DismissedAffiliation,
    Erasure,
    FormerHandle,
    Identity,
    Merge,
    MergedRow,
    Note,
    Person,
    PersonCandidate,
    SourceRecord,
    Tag,
    Term,
)
from folkmoot.people.systems import INTERNAL

#: Why rows stay, in English, for the record; the page says it in the reader's language.
COUNTS = "counts and credits stay; they belong to nobody by name"
ROLES = "who held which role when belongs to the community's record; without a name"


def _beside(subject: Subject, outcome: Outcome) -> None:
    """What hangs on the record: gone, with its history."""
    people = list(subject.people)
    for model in (Note, Affiliation, DismissedAffiliation):
        delete(outcome, model.objects.filter(person__in=people))
        delete_history(outcome, model, person_id__in=people)  # last: deleting a row writes an entry
    for table in (Consent, SourceRecord, Correspondence):
        delete(outcome, table.objects.filter(person__in=people))
    delete(outcome, Claim.objects.filter(Q(person__in=people) | Q(user=subject.user)))
    delete(outcome, PersonCandidate.objects.filter(Q(first__in=people) | Q(second__in=people)))
    Erasure.objects.filter(person__in=people).update(reason="")
    outcome.keeps(Erasure, Erasure.objects.filter(person__in=people).count(), "the proof that it was done")


def _merges(subject: Subject, outcome: Outcome) -> None:
    """Merges keep the record that is gone, field by field; and rows that were parked."""
    people = list(subject.people)
    theirs = Merge.objects.filter(model="people.person")
    delete(outcome, theirs.filter(Q(survivor_id__in=people) | Q(gone_id__in=people)))
    delete(outcome, mentioning(MergedRow.objects.all(), "data", subject.needles))


def _identities(subject: Subject, outcome: Outcome) -> None:
    """A handle with activity under it becomes an internal one that nobody can read; the others go."""
    people = list(subject.people)
    delete(outcome, FormerHandle.objects.filter(identity__in=subject.identities))
    kept = 0
    rows = list(Identity.objects.filter(pk__in=subject.identities).order_by("pk"))
    for number, row in enumerate(rows, 1):
        if not uses(row) and (kept or number < len(rows)):
            Identity.objects.filter(pk=row.pk).delete()
            outcome.gone(Identity, 1)
            continue
        value = ids.token(12)
        Identity.objects.filter(pk=row.pk).update(
            system=INTERNAL,
            value=value,
            folded=value.casefold(),
            number="",
            is_verified=False,
            first_seen_at=None,
            last_seen_at=None,
        )
        kept += 1
    delete_history(outcome, Identity, person_id__in=people)  # last: deleting a row writes an entry
    delete_history(outcome, Identity, id__in=list(subject.identities))
    outcome.keeps(Identity, kept, COUNTS)


def _person(subject: Subject, outcome: Outcome) -> None:
    """The record itself: blank, under the stand-in; histories that hold the name go."""
    people = list(subject.people)
    for person in Person.objects.filter(pk__in=people):
        words = list(person.tags.values_list("pk", flat=True))
        outcome.gone("people.person's tags", len(words))
        person.tags.clear()
        delete(outcome, Tag.objects.filter(pk__in=words, people=None, organizations=None, projects=None))
    delete_history(outcome, Person, id__in=people)
    terms: Any = Term.history.filter(person_id__in=people)
    outcome.gone("people.term's history", terms.count())
    terms._raw_delete(terms.db)
    outcome.keeps(Term, Term.objects.filter(person__in=people).count(), ROLES)
    outcome.keeps(Person, 1, "a blank record under a stand-in, so that counts and roles stay")


for _eraser in (
    Eraser(
        "people.merges",
        frozenset({"people.merge", "people.mergedrow"}),
        _merges,
        order=10,
    ),
    Eraser(
        "people.beside",
        frozenset(
            {
                "people.note",
                "people.historicalnote",
                "people.affiliation",
                "people.historicalaffiliation",
                "people.dismissedaffiliation",
                "people.historicaldismissedaffiliation",
                "people.consent",
                "people.sourcerecord",
                "people.correspondence",
                "people.claim",
                "people.personcandidate",
                "people.erasure",
            }
        ),
        _beside,
        order=11,
    ),
    Eraser(
        "people.identities",
        frozenset({"people.identity", "people.historicalidentity", "people.formerhandle"}),
        _identities,
        order=70,
    ),
    Eraser(
        "people.person",
        frozenset(
            {
                "people.person",
                "people.historicalperson",
                "people.person_tags",
                "people.term",
                "people.historicalterm",
            }
        ),
        _person,
        order=71,
    ),
):
    erasers.register(_eraser)

nothing_personal.register(
    NothingPersonal(
        "people",
        frozenset(
            {
                "people.consenttext",
                "people.genericvalue",
                "people.organizationcandidate",
                "people.projectcandidate",
                "people.project",
                "people.historicalproject",
                "people.projectfacts",
                "people.projectrules",
                "people.historicalprojectrules",
                "people.rolekind",
                "people.historicalrolekind",
                "people.team",
                "people.historicalteam",
                "people.organization",
                "people.historicalorganization",
                "people.organizationkind",
                "people.historicalorganizationkind",
                "people.organizationrelation",
                "people.historicalorganizationrelation",
                "people.othername",
            }
        ),
        "About organisations, projects, teams, kinds and words; a name in a description is for a coordinator to look "
        "for, and the search finds it.",
    )
)
