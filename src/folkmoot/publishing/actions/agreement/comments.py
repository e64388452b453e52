"""What is said about a draft, and suggestions that are taken over as they are."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock, saving
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Level
from folkmoot.publishing import telling
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.agreement.states import need
from folkmoot.publishing.models import Comment, Part, Post, PreviewLink

#: Characters of a comment, of a quote and of a suggestion; open comments of guests on a post.
LONGEST, MOST_OF_GUESTS = 5000, 100

saving.say({"comment_says_something": ("text", gettext_lazy("Write a comment or a suggestion."))})


def _comment(post: Post, part: Part | None, quote: str, suggestion: str, text: str) -> Comment:
    quote, suggestion, text = (base.block(each) for each in (quote, suggestion, text))
    problems = {
        name: _("At most %(n)s characters.") % {"n": LONGEST}
        for name, value in (("quote", quote), ("suggestion", suggestion), ("text", text))
        if len(value) > LONGEST
    }
    if not text and not suggestion:
        problems["text"] = _("Write a comment or a suggestion.")
    if part is not None and part.variant.post_id != post.pk:
        raise ValidationError({"part": _("This part belongs to another post.")})
    if suggestion and part is None:
        problems["part"] = _("A suggestion is about one part of the text: choose which.")
    elif part is not None and quote and quote not in part.text:
        problems["quote"] = _("These words do not stand in that part.")
    if problems:
        raise ValidationError(problems)
    return Comment(post=post, part=part, quote=quote, suggestion=suggestion, text=text)


@transaction.atomic
def add_comment(
    *,
    post: Post,
    actor: User,
    text: str = "",
    suggestion: str = "",
    quote: str = "",
    part: Part | None = None,
) -> Comment:
    """Say something about a post, or suggest other words for a part of it; whose it is and who is mentioned is told.

    Args:
        quote: the words of the part that are meant; with a suggestion and none, the whole part.

    Raises:
        PermissionDenied: the actor may not contribute.
        ValidationError: by field.
    """
    need(actor, Level.CONTRIBUTE)
    comment = _comment(post, part, quote, suggestion, text)
    comment.author = actor
    base.write(comment, actor=actor)
    telling.commented(comment, actor)
    return comment


@transaction.atomic
def add_guest_comment(
    *,
    link: PreviewLink,
    name: str,
    text: str,
    suggestion: str = "",
    quote: str = "",
    part: Part | None = None,
) -> Comment:
    """A comment by somebody without an account who came by a preview link.

    Raises:
        ValidationError: by field; the link does not hold any more, or is for reading only; very many are open.
    """
    link = base.locked(link)
    if link.withdrawn_at is not None or link.until <= clock.now():
        raise ValidationError(_("This link does not hold any more."), code="over")
    if not link.may_comment:
        raise ValidationError(_("This link is for reading only."), code="reading")
    who = base.line(name)[:200]
    if not who:
        raise ValidationError({"name": _("Say who you are.")})
    guests = Comment.objects.filter(post=link.post_id, resolved_at=None).exclude(guest="")
    if guests.count() >= MOST_OF_GUESTS:
        raise ValidationError(_("There are very many comments already. Write to whoever sent you the link."))
    comment = _comment(link.post, part, quote, suggestion, text)
    comment.guest = who
    base.write(comment, actor=None)
    telling.commented(comment, None)
    return comment


@transaction.atomic
def resolve_comment(*, comment: Comment, actor: User) -> Comment:
    """It is dealt with. Twice does nothing more.

    Raises:
        PermissionDenied: the actor may not contribute.
    """
    need(actor, Level.CONTRIBUTE)
    comment = base.locked(comment)
    if comment.resolved_at is None:
        comment.resolved_at, comment.resolved_by = clock.now(), actor
        base.write(comment, actor=actor)
    return comment


@transaction.atomic
def reopen_comment(*, comment: Comment, actor: User) -> Comment:
    """It is not dealt with after all. Twice does nothing more.

    Raises:
        PermissionDenied: the actor may not contribute.
    """
    need(actor, Level.CONTRIBUTE)
    comment = base.locked(comment)
    if comment.resolved_at is not None:
        comment.resolved_at = comment.resolved_by = None
        base.write(comment, actor=actor)
    return comment


@transaction.atomic
def take_suggestion(*, comment: Comment, actor: User) -> Comment:
    """Put the suggested words into the text, where the quoted ones stand first; approvals end by that.

    Taken already, it stays as it is.

    Raises:
        PermissionDenied: the actor may not contribute.
        ValidationError: there is no suggestion, its part or its words are gone, or the post cannot be changed any more.
    """
    need(actor, Level.CONTRIBUTE)
    comment = base.locked(comment)
    if comment.taken_at is not None:
        return comment
    if not comment.suggestion:
        raise ValidationError(_("This comment suggests no other words."), code="none")
    _replace(comment, comment.quote, comment.suggestion, actor)
    now = clock.now()
    comment.taken_at, comment.resolved_at, comment.resolved_by = now, now, actor
    return base.write(comment, actor=actor)


@transaction.atomic
def put_back_suggestion(*, comment: Comment, actor: User) -> Comment:
    """Take back :func:`take_suggestion`: the words that stood there before stand there again.

    Raises:
        PermissionDenied: the actor may not contribute.
        ValidationError: the text was changed since, or the suggestion was for a whole part.
    """
    need(actor, Level.CONTRIBUTE)
    comment = base.locked(comment)
    if comment.taken_at is None:
        return comment
    if not comment.quote:
        raise ValidationError(
            _("The whole part was replaced: its history has the words before."), code="whole"
        )
    _replace(comment, comment.suggestion, comment.quote, actor)
    comment.taken_at = comment.resolved_at = comment.resolved_by = None
    return base.write(comment, actor=actor)


def _replace(comment: Comment, old: str, new: str, actor: User) -> None:
    post = base.locked(comment.post)
    base.need_editable(post)
    if comment.part is None:
        raise ValidationError(_("The part that this was about is gone."), code="gone")
    part = base.locked(comment.part)
    if old and old not in part.text:
        raise ValidationError(
            _("“%(words)s” does not stand there any more: the text was changed since.") % {"words": old[:80]},
            code="gone",
        )
    part.text = part.text.replace(old, new, 1) if old else new
    base.write(part, actor=actor)
    base.content_changed(post, actor=actor)
