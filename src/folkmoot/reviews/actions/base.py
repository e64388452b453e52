"""What all actions of reviews share: the words for what the database forbids, who acts, what was seen by hand."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock, ids, saving
from folkmoot.kernel.saving import (
    Actor,
    ChangedMeanwhile,
    block,
    current_version,
    line,
    locked,
    put,
    remove,
    uses,
    write,
)
from folkmoot.kernel.text import fold
from folkmoot.people.public import Identity, Person, home_identity
from folkmoot.reviews import history
from folkmoot.reviews.models import Kind, LabelMeaning, Outcome, Sighting, Stage, Submission
from folkmoot.reviews.models.programmes import label_key

__all__ = [
    "FOLKMOOT",
    "Actor",
    "ChangedMeanwhile",
    "acting",
    "block",
    "current_version",
    "fold",
    "issue_key",
    "line",
    "locked",
    "moment",
    "put",
    "reckon",
    "remove",
    "see",
    "uses",
    "write",
]

#: The source of what people do here.
FOLKMOOT = "folkmoot"
#: How far in the future a moment may lie that somebody states: clocks differ.
LEEWAY = dt.timedelta(minutes=5)

saving.say(
    {
        "programme_has_a_name": ("name", gettext_lazy("A programme needs a name.")),
        "programme_one_per_tracker": (
            "tracker",
            gettext_lazy("Another programme has this tracker already."),
        ),
        "stage_has_a_name": ("name", gettext_lazy("A stage needs a name.")),
        "stage_one_per_slug": ("slug", gettext_lazy("Another stage has this short name already.")),
        "labelmeaning_once": ("label", gettext_lazy("This label has a meaning already.")),
        "labelmeaning_stage_has_one": ("stage", gettext_lazy("Say which stage it means.")),
        "holduprule_once": ("days", gettext_lazy("There is such a rule already.")),
        "holduprule_has_its_days": ("days", gettext_lazy("Say after how many days.")),
        "checklistitem_says_something": ("text", gettext_lazy("Say what there is to do.")),
        "checklistitem_is_somebodys": ("turn", gettext_lazy("Say whose it is.")),
        "submission_one_per_key": (
            "issue_url",
            gettext_lazy("There is a submission of this issue already."),
        ),
        "submission_has_a_title": ("title", gettext_lazy("A submission needs the package's name.")),
        "submission_enquiries_are_not_accepted": (
            "outcome",
            gettext_lazy("A pre-submission is answered, not accepted."),
        ),
        "assignment_once": ("person", gettext_lazy("This person has this part already.")),
        "assignment_only_some_are_asked": (
            "state",
            gettext_lazy("Only editors and reviewers are asked and may decline."),
        ),
        "submissionnote_says_something": ("body", gettext_lazy("Write something first.")),
    }
)
saving.SHOWN_AS.update({"reviews.submission.folded": "title", "reviews.labelmeaning.folded": "label"})
saving.derives(Submission, folded=lambda row: fold(row.title)[:300])
saving.derives(LabelMeaning, folded=lambda row: label_key(row.label))

_ISSUE = re.compile(r"^/([\w.-]+)/([\w.-]+)/(?:-/)?(?:issues|pull)/(\d{1,9})/?$")


def issue_key(address: str, kind: str) -> tuple[str, int | None]:
    """By what imports find the submission of an issue, and the issue's number; ``("", None)`` for other addresses."""
    parts = urlsplit(address)
    found = _ISSUE.match(parts.path)
    if not found or not parts.hostname:
        return "", None
    place = f"{parts.hostname.removeprefix('www.')}/{found[1]}/{found[2]}".casefold()
    return f"{place}#{found[3]}{'?' if kind == Kind.PRESUBMISSION else ''}", int(found[3])


def acting(actor: Actor) -> Identity | None:
    """By what the ledger knows who acts: the internal identity of their record, if they have one."""
    person = Person.objects.filter(user=actor).first() if actor is not None else None
    return home_identity(person, actor=actor) if person is not None else None


def moment(at: dt.datetime | None, submission: Submission) -> dt.datetime:
    """When something happened that somebody states: now where they say nothing.

    Raises:
        ValidationError: it lies in the future, or before the submission.
    """
    now = clock.now()
    if at is None:
        return now
    if at > now + LEEWAY:
        raise ValidationError({"at": _("This lies in the future.")}, code="future")
    if at < submission.opened_at - dt.timedelta(days=1):
        raise ValidationError({"at": _("This is before the day of the submission.")}, code="early")
    return at


def see(submission: Submission, *, actor: Actor, at: dt.datetime, **looks: Any) -> Sighting:
    """Note what a submission looks like from a moment on, by the hand of somebody; what is not said is as it is."""
    values: dict[str, Any] = {
        "stage": submission.stage,
        "is_on_hold": submission.on_hold_since is not None,
        "outcome": submission.outcome,
        "labels": submission.labels,
    }
    return Sighting.objects.create(
        submission=submission,
        at=at,
        is_exact=True,
        actor=acting(actor),
        source=FOLKMOOT,
        external_id=ids.token(24),
        **(values | looks),
    )


def reckon(submission: Submission) -> None:
    """Reckon the stage changes anew from all that was seen, and read back what the submission says of it now."""
    history.reckon([submission.pk])
    submission.refresh_from_db(fields=["stage", "stage_since", "on_hold_since", "outcome"])


def is_decided(outcome: str) -> bool:
    """It is an outcome at all."""
    return outcome != Outcome.OPEN


def first_stage(programme_id: int, kind: str) -> Stage | None:
    """Where submissions of a kind begin."""
    return (
        Stage.objects.filter(
            programme=programme_id, is_presubmission=kind == Kind.PRESUBMISSION, is_archived=False
        )
        .order_by("position", "pk")
        .first()
    )
