"""Whom publishing tells what: notices about posts that wait, are approved or come back, and about comments."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices import mentions
from folkmoot.kernel.notices.actions import notify, withdraw
from folkmoot.kernel.notices.kinds import NoticeKind, notice_kinds
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.saving import current_version
from folkmoot.publishing.addresses import post_page
from folkmoot.publishing.models import Comment, Post

ASKED = notice_kinds.register(
    NoticeKind(
        "publishing.asked",
        gettext_lazy("A post waits for your approval"),
        Area.PUBLISHING,
        Level.CONTRIBUTE,
        icon="check2-square",
    )
)
ANSWERED = notice_kinds.register(
    NoticeKind(
        "publishing.answered",
        gettext_lazy("Your post was approved or came back"),
        Area.PUBLISHING,
        Level.VIEW,
        icon="reply",
    )
)
COMMENTED = notice_kinds.register(
    NoticeKind(
        "publishing.comment",
        gettext_lazy("A comment on a post"),
        Area.PUBLISHING,
        Level.VIEW,
        icon="chat-left-text",
    )
)


def _about(post: Post) -> str:
    return f"publishing.post:{post.pk}"


def _of(post: Post) -> list[User]:
    """Whose post it is."""
    return [user for user in {post.written_by, post.owner} if user is not None]


def handed_in(post: Post, users: Iterable[User], actor: User | None) -> None:
    """Who may agree is told that a post waits for them."""
    notify(
        users=users,
        kind=ASKED.key,
        title=_("%(title)s waits for your approval") % {"title": post},
        url=post_page(post.pk) or "/",
        dedupe=f"{_about(post)}:asked:{current_version(post)}",
        about=f"{_about(post)}:asked",
        actor=actor,
    )


def no_longer_asked(post: Post, user: User | None = None) -> None:
    """Nobody has to read any more that the post waits; or this person has not."""
    withdraw(about=f"{_about(post)}:asked", user=user)


def approved(post: Post, actor: User | None) -> None:
    """Whose post it is hears that it was agreed to."""
    no_longer_asked(post)
    notify(
        users=_of(post),
        kind=ANSWERED.key,
        title=_("%(title)s is approved") % {"title": post},
        url=post_page(post.pk) or "/",
        dedupe=f"{_about(post)}:approved:{current_version(post)}",
        about=f"{_about(post)}:approved",
        actor=actor,
    )


def no_longer_approved(post: Post) -> None:
    """Nobody has to read any more that the post is approved: the approval was taken back."""
    withdraw(about=f"{_about(post)}:approved")


def sent_back(post: Post, comment: Comment, actor: User | None) -> None:
    """Whose post it is hears what has to change."""
    notify(
        users=_of(post),
        kind=ANSWERED.key,
        title=_("%(title)s came back: something has to change") % {"title": post},
        body=comment.text,
        url=post_page(post.pk) or "/",
        dedupe=f"{_about(post)}:back:{comment.pk}",
        about=_about(post),
        actor=actor,
    )


def commented(comment: Comment, actor: User | None) -> None:
    """Whose post it is, and whoever is mentioned, hear of a comment."""
    post = comment.post
    who = str(actor) if actor is not None else comment.guest or _("Somebody")
    named = mentions.mentioned(comment.text) if actor is not None else []
    for users, title in (
        (named, _("%(who)s mentions you in a comment on %(title)s")),
        (_of(post), _("%(who)s commented on %(title)s")),
    ):
        notify(
            users=users,
            kind=COMMENTED.key,
            title=title % {"who": who, "title": post},
            body=comment.text or comment.suggestion,
            url=post_page(post.pk) or "/",
            dedupe=f"publishing.comment:{comment.pk}",
            about=f"publishing.comment:{comment.pk}",
            actor=actor,
        )
