"""What an author fills in by themselves: kept while they type, found again by a secret link, submitted in the end."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from folkmoot.kernel import ids
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.text import fold
from folkmoot.people.public import Identity, NewIdentity, Person, add_person
from folkmoot.reviews.actions import base
from folkmoot.reviews.actions.notes import add_note
from folkmoot.reviews.actions.submissions import open_submission
from folkmoot.reviews.models import Kind, Programme, Submission, SubmissionDraft

#: What a draft keeps, and how much of each at most.
LIMITS = {
    "kind": 16,
    "title": 300,
    "description": 500,
    "repository": 500,
    "version_submitted": 100,
    "author_name": 200,
    "email": 254,
    "github": 100,
    "message": 10_000,
}


def digest(secret: str) -> str:
    """What the house keeps of a link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def draft_of(secret: str) -> SubmissionDraft | None:
    """The draft that a link opens."""
    return (
        SubmissionDraft.objects.select_related(
            "programme", "submission__stage", "submission__programme", "owner"
        )
        .filter(digest=digest(secret))
        .first()
        if 20 <= len(secret) <= 100
        else None
    )


def _kept(content: Mapping[str, Any]) -> dict[str, str]:
    kept = {}
    for name, most in LIMITS.items():
        value = content.get(name)
        text = base.block(value) if name == "message" else base.line(value)
        if text:
            kept[name] = text[:most]
    return kept


@transaction.atomic
def start_draft(
    *, programme: Programme, content: Mapping[str, Any], owner: User | None
) -> tuple[SubmissionDraft, str]:
    """Keep what an author has typed so far.

    Returns:
        the draft, and the secret of its link, which nobody can find out later.

    Raises:
        ValidationError: authors do not submit here.
    """
    check_open(programme)
    secret = ids.token(24)
    kept = _kept(content)
    draft = SubmissionDraft.objects.create(
        programme=programme,
        digest=digest(secret),
        owner=owner,
        email=kept.get("email", "") if "@" in kept.get("email", "") else "",
        content=kept,
    )
    return draft, secret


def check_open(programme: Programme) -> None:
    """Refuse where authors do not submit by the form of this house.

    Raises:
        ValidationError: the programme is closed or archived.
    """
    if not programme.is_open or programme.is_archived:
        raise ValidationError(_("“%(name)s” takes no submissions here.") % {"name": programme})


@transaction.atomic
def save_draft(
    *, draft: SubmissionDraft, content: Mapping[str, Any], owner: User | None = None
) -> SubmissionDraft:
    """Keep what was typed since; a draft without an owner becomes that of whoever is signed in.

    Raises:
        ValidationError: it was submitted meanwhile.
    """
    row = SubmissionDraft.objects.select_for_update().filter(pk=draft.pk).first()
    if row is None or row.submission_id is not None:
        raise ValidationError(_("This was submitted already. Reload the page."), code="submitted")
    row.content = _kept(content)
    email = row.content.get("email", "")
    row.email = email if "@" in email else ""
    row.owner = row.owner or owner
    row.save()
    return row


def _author(content: Mapping[str, str], owner: User | None) -> Person:
    """Who submits: the record of whoever is signed in, of the GitHub account or e-mail they give, or a new one."""
    if owner is not None:
        own = Person.objects.filter(user=owner).first()
        if own is not None:
            return own
    github, email = content.get("github", "").lstrip("@"), content.get("email", "")
    known = Identity.objects.filter(
        Q(system="github", folded=fold(github)) & ~Q(folded="") | Q(system="email", folded=fold(email))
    ).select_related("person")
    found = sorted(known, key=lambda one: (one.system != "github", one.pk))
    if found:
        return found[0].person
    handles = [NewIdentity("github", github)] if github else []
    handles += [NewIdentity("email", email)] if email else []
    return add_person(
        actor=None,
        identities_known=handles,
        name=content.get("author_name") or github or email,
        reason="author's form",
    )


@transaction.atomic
def submit_draft(*, draft: SubmissionDraft, content: Mapping[str, Any]) -> Submission:
    """Submit what the author has filled in; submitted already, it is that submission.

    Raises:
        ValidationError: by field; authors do not submit here any more.
    """
    row = SubmissionDraft.objects.select_for_update().select_related("programme").get(pk=draft.pk)
    if row.submission is not None:
        return row.submission
    check_open(row.programme)
    kept = _kept(content)
    if kept.get("kind") not in (Kind.FULL, Kind.PRESUBMISSION):
        raise ValidationError({"kind": _("Choose one.")})
    row.content, row.email = kept, kept.get("email", "")
    submission = open_submission(
        programme=row.programme,
        title=kept.get("title", ""),
        actor=row.owner,
        kind=kept["kind"],
        authors=[_author(kept, row.owner)],
        description=kept.get("description", ""),
        repository=kept.get("repository", ""),
        version_submitted=kept.get("version_submitted", ""),
    )
    taken = SubmissionDraft.objects.filter(submission=submission).exclude(pk=row.pk).exists()
    if not taken:
        row.submission = submission
    row.save()
    if kept.get("message"):
        text = _("The author writes:") + "\n\n" + kept["message"]
        add_note(submission=submission, body=text, actor=None)
    return submission
