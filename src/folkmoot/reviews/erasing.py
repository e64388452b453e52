"""How reviews forget a person: that somebody reviewed counts and stays, what names them in it goes."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from folkmoot.kernel.erasure import (
    Eraser,
    NothingPersonal,
    Outcome,
    Subject,
    delete,
    delete_history,
    erasers,
    forget_in_history,
    mentioning,
    nothing_personal,
    scrubbed,
    without,
)
from folkmoot.reviews.models import (
    Assignment,
    Conflict,
    Flag,
    Sighting,
    StageChange,
    Submission,
    SubmissionDraft,
    SubmissionNote,
)

PARTS = "who edited and reviewed counts in figures that are out; without a name"
SEEN = "when a submission moved belongs to its history; by whom has no handle any more"
PACKAGES = "a package under review is not the person; what named them in it is blank"
#: Columns of a submission in which somebody may be named.
TEXTS = ("title", "description", "hold_reason", "repository", "publication_title")


def _parts(subject: Subject, outcome: Outcome) -> None:
    """Parts that are over stay and count; what is under way ends, why they said no goes."""
    people = list(subject.people)
    theirs = Assignment.objects.filter(person__in=people)
    theirs.filter(state__in=[Assignment.State.INVITED, Assignment.State.ACCEPTED]).update(
        state=Assignment.State.ENDED
    )
    theirs.update(reason="", due_on=None, delivery=None)
    delete_history(outcome, Assignment, person_id__in=people)
    outcome.keeps(Assignment, theirs.count(), PARTS)
    delete(outcome, Conflict.objects.filter(Q(person__in=people) | Q(other_person__in=people)))
    delete_history(outcome, Conflict, person_id__in=people)
    delete_history(outcome, Conflict, other_person_id__in=people)
    for model in (Sighting, StageChange):
        outcome.keeps(model, model.objects.filter(actor__in=subject.identities).count(), SEEN)


def _texts(subject: Subject, outcome: Outcome) -> None:
    """Headers of issues, notes, unread values and drafts of forms: what names them goes."""
    found: set[int] = set()
    for column in ("header", "said", *TEXTS):
        rows = mentioning(Submission.objects.all(), column, subject.needles)
        found |= set(rows.values_list("pk", flat=True))
    for row in Submission.objects.filter(pk__in=found):
        values: dict[str, Any] = {name: without(getattr(row, name), subject) for name in TEXTS}
        values["title"] = values["title"] or subject.stand_in
        blank = {"header": scrubbed(row.header, subject), "said": scrubbed(row.said, subject)}
        Submission.objects.filter(pk=row.pk).update(**blank, **values)
    outcome.gone("reviews.submission's texts", len(found))
    spoken = Submission.objects.filter(last_word_by__in=subject.identities).count()
    outcome.keeps(Submission, len(found) + spoken, PACKAGES)
    forget_in_history(Submission, ("header", *TEXTS), subject, outcome)
    forget_in_history(Assignment, ("reason",), subject, outcome)
    forget_in_history(Conflict, ("reason",), subject, outcome)
    for model, column in ((SubmissionNote, "body"), (Assignment, "reason"), (Conflict, "reason")):
        rows = mentioning(model._default_manager.all(), column, subject.needles)
        for note in rows:
            model._default_manager.filter(pk=note.pk).update(
                **{column: without(getattr(note, column), subject) or subject.stand_in}
            )
        outcome.gone(f"{model._meta.label_lower}'s texts", len(rows))
    forget_in_history(SubmissionNote, ("body",), subject, outcome)
    for column in ("value", "reason"):
        delete(outcome, mentioning(Flag.objects.all(), column, subject.needles))
    drafts = mentioning(SubmissionDraft.objects.all(), "content", subject.needles)
    numbers = set(drafts.values_list("pk", flat=True))
    own = Q(pk__in=numbers) | Q(email__in=subject.emails)
    if subject.user is not None:
        own |= Q(owner=subject.user)
    for address in subject.emails:
        own |= Q(email__iexact=address)
    delete(outcome, SubmissionDraft.objects.filter(own))


for _eraser in (
    Eraser(
        "reviews.parts",
        frozenset(
            {
                "reviews.assignment",
                "reviews.historicalassignment",
                "reviews.conflict",
                "reviews.historicalconflict",
                "reviews.sighting",
                "reviews.stagechange",
            }
        ),
        _parts,
        order=35,
    ),
    Eraser(
        "reviews.texts",
        frozenset(
            {
                "reviews.submission",
                "reviews.historicalsubmission",
                "reviews.submissionnote",
                "reviews.historicalsubmissionnote",
                "reviews.flag",
                "reviews.submissiondraft",
            }
        ),
        _texts,
        order=36,
    ),
):
    erasers.register(_eraser)

nothing_personal.register(
    NothingPersonal(
        "reviews",
        frozenset(
            {
                "reviews.programme",
                "reviews.historicalprogramme",
                "reviews.stage",
                "reviews.historicalstage",
            }
        ),
        "Settings of programmes: what a stage is for, what authors are told.",
    )
)
