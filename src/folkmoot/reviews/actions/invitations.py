"""Asking somebody to edit or review, and their answer by a signed link, without an account."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from folkmoot.kernel import clock, saving
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.actions import notify
from folkmoot.kernel.saving import Actor
from folkmoot.outbox.public import MessageTemplate
from folkmoot.people.public import Person
from folkmoot.reviews import letters
from folkmoot.reviews.actions import assignments
from folkmoot.reviews.actions.texts import COMMENT, MAIL, write_about
from folkmoot.reviews.models import Assignment, Submission

SALT = "reviews.invitation"
#: How long a link is good for.
GOOD_FOR = dt.timedelta(days=60)

State = Assignment.State


class Link(enum.Enum):
    """What a link is worth now."""

    OPEN = "open"
    ANSWERED = "answered"
    EXPIRED = "expired"
    BROKEN = "broken"


@dataclass(frozen=True)
class Invitation:
    """What stands behind a link."""

    link: Link
    assignment: Assignment | None = None


def token_of(assignment: Assignment) -> str:
    """What stands in the address by which somebody answers; asking anew makes another."""
    asked = assignment.invited_at
    stamp = int(asked.timestamp()) if asked else 0
    return signing.dumps([assignment.pk, stamp], salt=SALT, compress=True)


def answer_url(assignment: Assignment) -> str:
    """The whole address by which somebody answers."""
    return letters.absolute(reverse("reviews:invitation", args=[token_of(assignment)]))


def read(token: str) -> Invitation:
    """What a link leads to; nothing changes by this. At most one query."""
    try:
        pk, stamp = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.SignatureExpired:
        return Invitation(Link.EXPIRED)
    except (signing.BadSignature, ValueError, TypeError):
        return Invitation(Link.BROKEN)
    rows_ = Assignment.objects.select_related("submission__programme", "submission__stage", "person")
    row = rows_.filter(pk=pk).first()
    if row is None or row.person.erased_at is not None:
        return Invitation(Link.BROKEN)
    if row.invited_at is None or int(row.invited_at.timestamp()) != stamp:
        return Invitation(Link.EXPIRED)
    if row.state != State.INVITED:
        return Invitation(Link.ANSWERED, row)
    if not row.submission.is_open:
        return Invitation(Link.EXPIRED)
    return Invitation(Link.OPEN, row)


@transaction.atomic
def invite(
    *,
    submission: Submission,
    person: Person,
    role: str,
    actor: Actor,
    template: MessageTemplate | None = None,
    due_on: dt.date | None = None,
    by: str = MAIL,
    subject: str = "",
    body: str = "",
    is_suggested: bool = False,
) -> Assignment:
    """Ask somebody, by a mail with a link by which they answer, or by a comment on the issue (where everybody could
    use a link, so that they answer there and somebody notes it down).

    Args:
        template: the text; the standard one for the part when neither it nor ``body`` is given.
        due_on: the day that is proposed for a review.
        is_suggested: the author named them.

    Raises:
        ValidationError: they have the part, stand on the other side or have no address; the text has no place for
            the link; the submission is decided.
    """
    if not submission.is_open:
        raise ValidationError(_("“%(name)s” is decided: reopen it first.") % {"name": submission.title})
    row = assignments.put_down_asked(submission=submission, person=person, role=role, actor=actor)
    kind = letters.ASKING[Assignment.Role(role)]
    if template is None and not body:
        template = standard_text(kind)
    text = body or (template.body if template else "")
    if (by == MAIL and "{{" not in text.replace(" ", "")) or (by == MAIL and letters.ANSWER.name not in text):
        raise ValidationError(
            {"body": _("Leave {{ answer_url }} in the text: it is where they say yes or no.")}
        )
    row.due_on = due_on or (
        assignments.review_due(submission, clock.now()) if role == Assignment.Role.REVIEWER else None
    )
    row.is_suggested = is_suggested
    link = answer_url(row) if by == MAIL else submission.issue_url
    letter = letters.Letter(submission, person, row, link)
    row.delivery = write_about(
        submission=submission,
        actor=actor,
        kind=kind,
        person=person,
        template=template,
        subject=subject,
        body=body,
        by=by,
        letter=letter,
    )
    return saving.write(row, actor=actor)


def standard_text(kind: str) -> MessageTemplate:
    """The oldest text of a kind that is in use.

    Raises:
        ValidationError: there is none.
    """
    found = MessageTemplate.objects.filter(kind=kind, archived_at=None).order_by("pk").first()
    if found is None:
        raise ValidationError(_("There is no text for this: write one under Outbox, Texts."))
    return found


@transaction.atomic
def answer_by_link(
    *, token: str, accepted: bool, reason: str = "", due_on: dt.date | None = None
) -> Assignment:
    """Who was asked says yes or no by their link; editors, and who asked, are told.

    Raises:
        ValidationError: the link is over, broken or used; the day does not do.
    """
    found = read(token)
    if found.assignment is None or found.link in (Link.EXPIRED, Link.BROKEN):
        raise ValidationError(_("This link is not good any more."), code=found.link.value)
    row = assignments.answer(
        assignment=found.assignment, accepted=accepted, reason=reason, due_on=due_on, at=clock.now()
    )
    _tell(row)
    return row


def _tell(row: Assignment) -> None:
    submission = row.submission
    people = submission.assignments.filter(
        role__in=[Assignment.Role.EDITOR, Assignment.Role.EIC], state=State.ACCEPTED
    ).exclude(pk=row.pk)
    users = set(people.exclude(person__user=None).values_list("person__user", flat=True))
    if row.delivery is not None and row.delivery.asked_by_id:
        users.add(row.delivery.asked_by_id)
    said = row.state == State.ACCEPTED
    words = {"name": row.person.name, "package": submission.title}
    if row.role == Assignment.Role.REVIEWER:
        title = (
            _("%(name)s will review %(package)s") if said else _("%(name)s cannot review %(package)s")
        ) % words
    else:
        title = (
            _("%(name)s will be an editor of %(package)s")
            if said
            else _("%(name)s cannot be an editor of %(package)s")
        ) % words
    due = _("Due on %(day)s.") % {"day": saving.day(row.due_on)} if said and row.due_on else ""
    notify(
        users=User.objects.filter(pk__in=users),
        kind="reviews.answered",
        title=title,
        body=" ".join(part for part in (due, row.reason) if part),
        url=letters.page_of(submission),
        dedupe=f"reviews.answered:{row.pk}:{row.answered_at and row.answered_at.isoformat()}",
        about=f"reviews.submission:{submission.pk}",
        actor=None,
    )


__all__ = [
    "COMMENT",
    "MAIL",
    "Invitation",
    "Link",
    "answer_by_link",
    "answer_url",
    "invite",
    "read",
    "standard_text",
    "token_of",
]
