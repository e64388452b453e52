"""How progress, awards and lessons forget a person: that somebody passed or was awarded counts and stays, no more."""

from __future__ import annotations

from folkmoot.kernel.erasure import (
    Eraser,
    NothingPersonal,
    Outcome,
    Subject,
    delete,
    delete_history,
    erasers,
    forget_texts,
    nothing_personal,
)
from folkmoot.training.models import Award, Progress, Qualification

KEPT = "how many passed and were awarded is in figures that are out; without a name"
TEXTS = ("url", "own_note", "note")


def _forget(subject: Subject, outcome: Outcome) -> None:
    people = list(subject.people)
    lessons = Qualification.objects.filter(person__in=people)
    numbers = list(lessons.values_list("pk", flat=True))
    delete(outcome, lessons)
    delete_history(outcome, Qualification, id__in=numbers)
    tries = Progress.objects.filter(person__in=people)
    tries.update(url="", own_note="", note="")
    delete_history(outcome, Progress, person_id__in=people)
    outcome.keeps(Progress, tries.count(), KEPT)
    awards = Award.objects.filter(person__in=people)
    delete_history(outcome, Award, person_id__in=people)
    outcome.keeps(Award, awards.count(), KEPT)
    forget_texts(Progress, TEXTS, subject, outcome)
    forget_texts(Award, ("revoked_because",), subject, outcome, needed=("revoked_because",))


erasers.register(
    Eraser(
        "training.progress",
        frozenset(
            f"training.{prefix}{name}"
            for prefix in ("", "historical")
            for name in ("progress", "award", "qualification")
        ),
        _forget,
        order=40,
    )
)
nothing_personal.register(
    NothingPersonal(
        "training.requirements",
        frozenset(
            f"training.{prefix}{name}"
            for prefix in ("", "historical")
            for name in ("requirement", "involvement", "badge")
        ),
        "What leads to a badge, and badges: rows of programmes.",
    )
)
