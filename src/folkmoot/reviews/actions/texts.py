"""Writing about a submission: by mail to somebody, or as a comment on its issue. It leaves through the outbox."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.saving import Actor
from folkmoot.outbox.public import (
    Channel,
    Delivery,
    MessageTemplate,
    message_kinds,
    queue,
    render,
    usual_channel,
)
from folkmoot.people.public import Person, write_to
from folkmoot.reviews import letters
from folkmoot.reviews.letters import Letter
from folkmoot.reviews.models import Submission, SubmissionMessage

MAIL, COMMENT = "mail", "comment"
_KEY = re.compile(r"^(?P<host>[^/]+)/(?P<repository>[^/]+/[^/#]+)#(?P<issue>\d+)\??$")


def comment_channel() -> Channel | None:
    """By which comments leave, if there is one."""
    return usual_channel(COMMENT)


def issue_of(submission: Submission) -> tuple[str, int] | None:
    """Repository and number of the issue that it is tracked in; ``None`` where it has none."""
    from folkmoot.reviews.actions.base import issue_key

    key = submission.key or issue_key(submission.issue_url, submission.kind)[0]
    found = _KEY.match(key)
    return (found["repository"], int(found["issue"])) if found else None


def ways(submission: Submission) -> list[str]:
    """How one can write about it now."""
    return [MAIL, COMMENT] if issue_of(submission) and comment_channel() else [MAIL]


@transaction.atomic
def write_about(
    *,
    submission: Submission,
    actor: Actor,
    kind: str,
    person: Person | None = None,
    template: MessageTemplate | None = None,
    subject: str = "",
    body: str = "",
    by: str = MAIL,
    letter: Letter | None = None,
    address: str = "",
) -> Delivery:
    """Queue a mail to a person, or a comment on the issue; it stands on the submission's timeline and their page.

    Args:
        kind: which standard text it is; the text itself may be another's words.
        person: to whom a mail goes.
        template: the text; or give ``subject`` and ``body`` (Markdown), gaps included.
        letter: what fills the gaps; read from the submission when absent.

    Raises:
        ValidationError: nobody to write to, no channel or issue for a comment, something the text needs is not known.
    """
    declared = message_kinds.get(kind)
    letter = letter or Letter(submission, person)
    filling = letters.values(actor, letter)
    if by == COMMENT:
        text = template.body if template and not body else body
        delivery = _comment(submission, actor, declared, template, subject, text, filling)
    else:
        if person is None:
            raise ValidationError({"person": _("Choose to whom it goes.")})
        delivery = write_to(
            person=person,
            actor=actor,
            template=None if body else template,
            subject=subject,
            body=body,
            about=[submission.project] if submission.project else (),
            kind=kind,
            values=filling,
            address=address,
            is_personal=True,
        )
    SubmissionMessage.objects.get_or_create(
        delivery=delivery, defaults={"submission": submission, "at": clock.now()}
    )
    return delivery


def _comment(
    submission: Submission,
    actor: Actor,
    declared: Any,
    template: MessageTemplate | None,
    subject: str,
    body: str,
    filling: Mapping[str, str],
) -> Delivery:
    channel, issue = comment_channel(), issue_of(submission)
    if issue is None:
        raise ValidationError(_("“%(name)s” has no issue to comment on.") % {"name": submission.title})
    if channel is None:
        raise ValidationError(_("No channel for comments is set up: add one under Settings, Channels."))
    title = subject or (template.subject if template else "") or str(declared.label)
    rendered = render(declared, title, body, filling)
    repository, number = issue
    return queue(
        channel=channel,
        kind=declared.key,
        area="reviews",
        title=rendered.subject,
        payload={
            "repository": repository,
            "issue": number,
            "body": rendered.markdown,
            "marker": uuid.uuid4().hex,
        },
        asked_by=actor,
        is_personal=True,
        template=template,
        about_url=letters.page_of(submission),
    )


def filled(kind: str, template: MessageTemplate, actor: Actor, letter: Letter) -> tuple[str, str]:
    """Subject and text as a person goes on writing them: gaps filled where something is known, addresses as links.

    Where they answer stays a gap: it is made with the invitation.
    """
    known = dict(letters.values(actor, letter))
    urls = {one.name for one in message_kinds.get(kind).variables if one.is_url}

    def one(match: re.Match[str]) -> str:
        name = match[1]
        value = known.get(name, "") or (match[2] or "").strip()
        if name == letters.ANSWER.name or not value:
            return match[0]
        return f"<{value}>" if name in urls else value

    return tuple(GAP.sub(one, text) for text in (template.subject, template.body))  # type: ignore[return-value]


GAP = re.compile(r"\{\{\s*([^{}|]*?)\s*(?:\|([^{}]*))?\}\}")
