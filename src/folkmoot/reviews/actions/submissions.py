"""Opening, editing, deciding and reopening submissions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock, events
from folkmoot.people.public import Identity, Person, Project, Tag, home_identity, projects_by_repository
from folkmoot.reviews import happenings
from folkmoot.reviews.actions import base
from folkmoot.reviews.actions.base import Actor
from folkmoot.reviews.actions.stages import check_stage
from folkmoot.reviews.models import (
    Assignment,
    Kind,
    Outcome,
    Programme,
    Sighting,
    Stage,
    StageChange,
    Submission,
)

#: The same submission within this time is a form sent twice.
SENT_TWICE = dt.timedelta(minutes=1)
#: The outcomes that a submission, and an enquiry, may have.
OUTCOMES = {
    False: (Outcome.ACCEPTED, Outcome.OUT_OF_SCOPE, Outcome.CLOSED),
    True: (Outcome.ANSWERED, Outcome.OUT_OF_SCOPE, Outcome.CLOSED),
}


class Facts(TypedDict, total=False):
    """What may be said about a submission beside its name, kind and day; what is left out stays as it is."""

    description: str
    project: Project | None
    follows: Submission | None
    repository: str
    issue_url: str
    accepted_on: dt.date | None
    version_submitted: str
    version_accepted: str
    archive: str
    joss: str
    joss_doi: str
    publication_title: str
    publication_doi: str
    publication_venue: str
    tags: Sequence[Tag]


class SubmissionFields(Facts, total=False):
    """What may be changed of a submission."""

    title: str
    kind: str
    opened_at: dt.datetime


def outcomes_for(submission: Submission) -> tuple[Outcome, ...]:
    """How this submission may end."""
    return OUTCOMES[submission.kind == Kind.PRESUBMISSION]


def _set(submission: Submission, fields: dict[str, Any]) -> bool:
    changed = base.put(submission, fields)
    if not submission.key and submission.issue_url:
        submission.key, submission.issue_number = base.issue_key(submission.issue_url, submission.kind)
    if submission.project is None and submission.repository:
        found = projects_by_repository([submission.repository])
        submission.project = next(iter(found.values()), None)
        changed = changed or submission.project is not None
    follows = submission.follows
    if follows is not None and (
        follows.pk == submission.pk
        or follows.kind != Kind.PRESUBMISSION
        or follows.programme_id != submission.programme_id
        or submission.kind == Kind.PRESUBMISSION
    ):
        raise ValidationError(
            {"follows": _("A submission follows a pre-submission of the same programme: choose one.")}
        )
    if submission.opened_at > clock.now() + base.LEEWAY:
        raise ValidationError({"opened_at": _("This lies in the future.")})
    return changed


@transaction.atomic
def open_submission(
    *,
    programme: Programme,
    title: str,
    actor: Actor,
    kind: str = Kind.FULL,
    opened_at: dt.datetime | None = None,
    authors: Sequence[Person] = (),
    stage: Stage | None = None,
    **fields: Unpack[Facts],
) -> Submission:
    """Take a submission in; it begins in the first stage of its kind where none is given.

    Args:
        opened_at: when it was submitted; now where nothing is said.

    Raises:
        ValidationError: by field; the programme is archived; the issue is another submission's.
    """
    if programme.is_archived:
        raise ValidationError(
            {"programme": _("“%(name)s” takes no submissions any more.") % {"name": programme}}
        )
    values: dict[str, Any] = dict(fields) | {"title": title, "kind": kind}
    tags = values.pop("tags", ())
    row = Submission(programme=programme, opened_at=opened_at or clock.now())
    _set(row, values)
    twin = Submission.objects.filter(
        programme=programme,
        folded=base.fold(row.title)[:300],
        kind=kind,
        source=base.FOLKMOOT,
        repository=row.repository,
        created_at__gte=clock.now() - SENT_TWICE,
    ).first()
    if twin is not None:
        return twin
    stage = stage or base.first_stage(programme.pk, kind)
    if stage is not None:
        check_stage(stage, row)
    base.write(row, actor=actor)
    row.tags.set(tags)
    for place, person in enumerate(authors):
        author = Assignment(submission=row, person=person, role=Assignment.Role.AUTHOR, position=place)
        base.write(author, actor=actor)
    if stage is not None:
        base.see(row, actor=actor, at=row.opened_at, stage=stage)
        base.reckon(row)
    identity = identity_of(authors[0], actor) if authors else base.acting(actor)
    events.record(happenings.opened(row, identity.pk if identity else None))
    return row


def identity_of(person: Person, actor: Actor) -> Identity:
    """By what the ledger names somebody who takes part: their GitHub account, or their internal identity."""
    found = person.identities.filter(system="github", is_bot=False).order_by("pk").first()
    return found or home_identity(person, actor=actor)


@transaction.atomic
def edit_submission(
    *,
    submission: Submission,
    actor: Actor,
    seen: int | None = None,
    reason: str = "",
    **fields: Unpack[SubmissionFields],
) -> Submission:
    """Set what is given; nothing happens when all of it holds already.

    Args:
        seen: the version the form was opened on.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile`` when somebody saved since ``seen``; an enquiry does not become a
            submission, which is another one that follows it.
    """
    submission = base.locked(submission, seen)
    values: dict[str, Any] = dict(fields)
    tags = values.pop("tags", None)
    kind = values.get("kind", submission.kind)
    if (kind == Kind.PRESUBMISSION) != (submission.kind == Kind.PRESUBMISSION):
        raise ValidationError(
            {"kind": _("A pre-submission stays one: open a submission that follows it instead.")}
        )
    if values.get("accepted_on") and submission.outcome != Outcome.ACCEPTED:
        raise ValidationError({"accepted_on": _("It is not accepted: accept it first.")})
    if _set(submission, values):
        base.write(submission, actor=actor, reason=base.line(reason))
    if tags is not None:
        submission.tags.set(tags)
    return submission


@transaction.atomic
def close(
    *, submission: Submission, outcome: str, actor: Actor, on: dt.date | None = None, reason: str = ""
) -> Sighting | None:
    """Decide a submission: accepted (it moves to the first stage that is), out of scope, closed, answered.

    Args:
        on: the day of the decision; today where nothing is said.

    Returns:
        what was seen, for the undo; ``None`` when it has this outcome already.

    Raises:
        ValidationError: no outcome of this kind of submission; the day lies in the future.
    """
    submission = base.locked(submission)
    if outcome not in outcomes_for(submission):
        raise ValidationError({"outcome": _("Choose how it ends.")})
    if submission.outcome == outcome:
        return None
    at = clock.now()
    if on is not None and on != at.date():
        at = base.moment(dt.datetime.combine(on, dt.time(12), dt.UTC), submission)
    fields: dict[str, Any] = {"hold_reason": ""}
    looks: dict[str, Any] = {"outcome": outcome, "is_on_hold": False}
    if outcome == Outcome.ACCEPTED:
        fields |= {"accepted_on": on or at.date(), "closed_at": None}
        if submission.stage is None or not submission.stage.is_accepted:
            stages = Stage.objects.filter(
                programme=submission.programme_id, is_accepted=True, is_archived=False
            )
            looks["stage"] = stages.order_by("position", "pk").first() or submission.stage
    else:
        fields |= {"accepted_on": None, "closed_at": at}
    sighting = base.see(submission, actor=actor, at=at, **looks)
    base.put(submission, fields)
    base.write(submission, actor=actor, reason=base.line(reason))
    base.reckon(submission)
    identity = sighting.actor_id
    if outcome == Outcome.ACCEPTED:
        events.record(happenings.accepted(submission, identity))
    else:
        events.record(happenings.closed(submission, at, identity))
    return sighting


@transaction.atomic
def reopen(*, submission: Submission, actor: Actor) -> Sighting | None:
    """Take a decision back: it stands where it stood last before it was accepted.

    Returns:
        what was seen, for the undo; ``None`` when it is open.
    """
    submission = base.locked(submission)
    if submission.is_open:
        return None
    at, stage = clock.now(), submission.stage
    if stage is not None and stage.is_accepted:
        before = StageChange.objects.filter(submission=submission, stage__is_accepted=False)
        last = before.select_related("stage").order_by("-position").first()
        stages = Stage.objects.filter(
            programme=submission.programme_id, is_accepted=False, is_presubmission=stage.is_presubmission
        )
        stage = last.stage if last else stages.order_by("position", "pk").last()
    sighting = base.see(submission, actor=actor, at=at, stage=stage, outcome=Outcome.OPEN)
    base.put(submission, {"closed_at": None, "accepted_on": None})
    base.write(submission, actor=actor, reason="reopened")
    base.reckon(submission)
    events.record(happenings.reopened(submission, at, sighting.actor_id))
    return sighting
