"""Handing in, approving, sending back."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.publishing import telling
from folkmoot.publishing.actions import base, planning
from folkmoot.publishing.models import Comment, Post, PostApproval, PostState, Variant
from folkmoot.publishing.policy import engine
from folkmoot.publishing.queries import agreement as queries

#: States from which a post can be sent back to be a draft.
RETURNABLE = (PostState.REVIEW, PostState.APPROVED, PostState.SCHEDULED)


def need(actor: User, level: Level) -> None:
    """
    Raises:
        PermissionDenied: the actor has not this level in publishing.
    """
    if not actor.is_active or actor.level_in(Area.PUBLISHING) < level:
        raise PermissionDenied(f"publishing.{level.name.lower()}")


@transaction.atomic
def hand_in(*, post: Post, actor: User) -> Post:
    """Ask for agreement: whoever may give it is told. Where nobody has to agree, the post is approved at once.

    Handed in already, it stays as it is.

    Raises:
        PermissionDenied: the actor may not write posts.
        ValidationError: it is no draft, or goes to no channel.
    """
    need(actor, Level.CONTRIBUTE)
    post = base.locked(post)
    base.content_changed(post, actor=actor)
    if post.state in (PostState.REVIEW, PostState.APPROVED):
        return post
    if post.state != PostState.DRAFT:
        raise ValidationError(
            _("Only a draft can be handed in; this post is “%(state)s”.")
            % {"state": post.get_state_display()},
            code="state",
        )
    if not Variant.objects.filter(post=post, channel__isnull=False).exists():
        raise ValidationError({"channels": _("Choose at least one channel.")}, code="channels")
    if queries.is_agreed(post):
        return base.to_state(post, PostState.APPROVED, actor=actor, reason=queries.HANDED_IN)
    base.to_state(post, PostState.REVIEW, actor=actor, reason=queries.HANDED_IN)
    telling.handed_in(post, queries.approvers(post), actor)
    return post


@transaction.atomic
def approve(*, post: Post, actor: User, seen: str = "") -> Post:
    """Agree to exactly this content, for every rule that the actor may meet. Once all rules are met it is approved.

    Again by the same person does nothing more.

    Args:
        seen: the hash of the content that the actor looked at; other content is not approved. ``""``: what is there.

    Raises:
        PermissionDenied: the actor may not approve anything.
        ValidationError: it was not handed in, was changed meanwhile, the policy says no, or the actor is none of those
            who may: they wrote it, or a rule asks for somebody else.
    """
    need(actor, Level.CONTRIBUTE)
    post = base.locked(post)
    if seen and seen != post.content_sha256:
        raise ValidationError(
            _("The text was changed after you opened this page. Look at it again."), code="changed"
        )
    if post.state not in (PostState.REVIEW, PostState.APPROVED):
        raise ValidationError(
            _("Only what was handed in can be approved; this post is “%(state)s”.")
            % {"state": post.get_state_display()},
            code="state",
        )
    mine = queries.approvable(actor, post)
    if not mine:
        _need_nothing_of(actor, post)
    else:
        _need_clean(post)
        now = clock.now()
        over = PostApproval.objects.filter(post=post, rule__in=mine, by=actor, withdrawn_at=None)
        over.update(withdrawn_at=now)
        PostApproval.objects.bulk_create(
            PostApproval(
                post=post,
                rule=rule,
                content_sha256=post.content_sha256,
                by=actor,
                at=now,
                until=now + dt.timedelta(days=rule.days) if rule.days else None,
            )
            for rule in mine
        )
    telling.no_longer_asked(post, actor)
    if post.state == PostState.REVIEW and queries.is_agreed(post):
        base.to_state(post, PostState.APPROVED, actor=actor, reason="approved")
        telling.approved(post, actor)
    return post


def _need_nothing_of(actor: User, post: Post) -> None:
    standings = queries.standings(post)
    if not any(each.still for each in standings):
        return
    if any(one.by_id == actor.pk for each in standings for one in each.approvals):
        return
    if actor.pk in queries.writers(post):
        raise ValidationError(
            _("You wrote this text or changed it last: somebody else has to agree to it."), code="four_eyes"
        )
    names = ", ".join(each.rule.name for each in standings if each.still)
    raise ValidationError(
        _("Who may agree to this is said in the rule “%(rules)s”, and you are none of them.")
        % {"rules": names},
        code="not_you",
    )


def _need_clean(post: Post) -> None:
    blocks = engine.blocking(engine.findings(post))
    if blocks:
        words = [": ".join(part for part in (each.where, each.message) if part) for each in blocks]
        raise ValidationError([_("The policy says no."), *words], code="policy")


@transaction.atomic
def send_back(*, post: Post, actor: User, why: str) -> Post:
    """Say what has to change: the post is a draft again, approvals end, what was planned does not leave.

    A draft stays as it is, and the words are kept with it.

    Raises:
        PermissionDenied: the actor neither manages, nor wrote it, nor may agree to it.
        ValidationError: no reason was given, or something of it has left.
    """
    need(actor, Level.CONTRIBUTE)
    post = base.held(post)
    words = base.block(why)
    if not words:
        raise ValidationError({"why": _("Say what has to change.")})
    if post.state != PostState.DRAFT and post.state not in RETURNABLE:
        raise ValidationError(_("This post cannot be sent back any more."), code="state")
    authors = queries.writers(post)
    is_concerned = actor.level_in(Area.PUBLISHING) >= Level.MANAGE or actor.pk in (*authors, post.owner_id)
    if not is_concerned and not any(
        queries.may_approve(actor, rule, authors=authors) for rule in queries.rules_for(post)
    ):
        raise PermissionDenied("publishing.manage")
    if post.state == PostState.SCHEDULED:
        post = planning.unschedule(post=post, actor=actor)
    base.to_state(post, PostState.DRAFT, actor=actor, reason=queries.SENT_BACK)
    PostApproval.objects.filter(post=post, withdrawn_at=None).update(withdrawn_at=clock.now())
    comment = base.write(Comment(post=post, text=words, author=actor), actor=actor)
    telling.no_longer_asked(post)
    telling.sent_back(post, comment, actor)
    return post
