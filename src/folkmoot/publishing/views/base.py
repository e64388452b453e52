"""What the pages of publishing share: addresses, and taking back what was just done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.kernel.ui.answers import answer_action, user_of
from folkmoot.kernel.ui.undoing import Undoing
from folkmoot.kernel.undo import Undo, undo
from folkmoot.people.public import Tag, history
from folkmoot.publishing.actions import agreement, planning, posts
from folkmoot.publishing.actions.deleting import Deleted, restore_post
from folkmoot.publishing.models import Campaign, Post

UNDOING = Undoing("publishing.undo", "publishing:undo")
HISTORY_PAGE = 100
#: Posts that a sentence about several names.
NAMED = 5


def each_of(rows: Sequence[Post], act: Callable[[Post], Any]) -> tuple[list[Post], list[str]]:
    """Do something with each; those with which it cannot be done stay as they are.

    Returns:
        with which it was done, and why not with the others.

    Raises:
        ValidationError: it could be done with none.
    """
    done, refused = [], []
    for row in rows:
        try:
            with transaction.atomic():
                act(row)
            done.append(row)
        except ValidationError as error:
            refused += [f"{row.title}: {words}" for words in error.messages]
    if refused and not done:
        raise ValidationError(refused[:NAMED])
    return done, refused


def told(text: str, refused: Sequence[str]) -> str:
    """A sentence about what was done, and after it why not with the first of the others."""
    return " ".join([text, *refused[:NAMED], *(["…"] if len(refused) > NAMED else [])])


def undo_url(user: User, what: Undo, permission: str = "publishing.contribute") -> str:
    """The address that takes changes back; good for this user and one day."""
    return UNDOING.address(user, permission, undo=what.as_json())


def undo_rows_url(user: User, what: str, rows: Sequence[list[Any]], permission: str) -> str:
    """The address that puts something of several posts back as it was; ``""`` when nothing was changed.

    Args:
        what: a key of what this module can put back (:data:`BACK`).
        rows: for each post its number and what was there before.
    """
    return UNDOING.address(user, permission, what=what, rows=list(rows)) if rows else ""


def undo_delete_url(user: User, deleted: Deleted) -> str:
    """The address that brings a deleted post back."""
    return UNDOING.address(user, "publishing.contribute", deleted=deleted.as_json())


def before(rows: Iterable[Post]) -> list[list[Any]]:
    """When posts were planned, for :func:`undo_rows_url` ("time")."""
    return [[row.pk, row.wall_time, row.zone] for row in rows]


def _time_back(post: Post, was: Sequence[Any], actor: User) -> None:
    wall, zone = was
    if wall:
        planning.move(post=post, wall_time=dt.datetime.fromisoformat(wall), zone=zone, actor=actor)
    else:
        planning.set_time(post=post, wall_time=None, zone="", actor=actor)


def _tags_back(post: Post, was: Sequence[Any], actor: User) -> None:
    posts.set_tags(post=post, tags=Tag.objects.filter(pk__in=was[0]), actor=actor)


def _campaign_back(post: Post, was: Sequence[Any], actor: User) -> None:
    posts.set_campaign(post=post, campaign=Campaign.objects.filter(pk=was[0]).first(), actor=actor)


def _reopen(post: Post, _was: Sequence[Any], actor: User) -> None:
    posts.reopen_post(post=post, actor=actor)


def _unschedule(post: Post, _was: Sequence[Any], actor: User) -> None:
    planning.unschedule(post=post, actor=actor)


def _hand_in_back(post: Post, was: Sequence[Any], actor: User) -> None:
    agreement.take_back_hand_in(post=post, version=was[0], actor=actor)


def _approval_back(post: Post, was: Sequence[Any], actor: User) -> None:
    agreement.take_back_approval(post=post, approvals=was[0], actor=actor)


#: What can be put back, and how.
BACK = {
    "hand_in": _hand_in_back,
    "approve": _approval_back,
    "time": _time_back,
    "tags": _tags_back,
    "campaign": _campaign_back,
    "cancel": _reopen,
    "schedule": _unschedule,
}


@requires("publishing.contribute")
@require_POST
def take_back(request: HttpRequest, token: str) -> HttpResponse:
    """Take back what the signed address names."""
    user = user_of(request)

    @transaction.atomic
    def act() -> tuple[str, str]:
        payload = UNDOING.read(user, token)
        demand(user, payload["may"])
        if "undo" in payload:
            undo(what=Undo.from_json(payload["undo"]), actor=user)
        if "deleted" in payload:
            return _post_back(Deleted.from_json(payload["deleted"]), user), ""
        return _rows_back(payload, user), ""

    return answer_action(request, act, reverse("publishing:posts"))


def _post_back(deleted: Deleted, user: User) -> str:
    missing = restore_post(deleted=deleted, actor=user)
    if not missing:
        return _("The post is there again.")
    return ngettext(
        "The post is there again, without %(n)d picture or channel that is gone since.",
        "The post is there again, without %(n)d pictures or channels that are gone since.",
        missing,
    ) % {"n": missing}


def _rows_back(payload: dict[str, Any], user: User) -> str:
    """Put back what can be; why not, of the others."""
    was = {pk: values for pk, *values in payload.get("rows", ())}
    there = Post.objects.in_bulk(was)
    rows = [post for pk in was if (post := there.get(pk)) is not None]
    if was and not rows:
        raise ValidationError(_("There is nothing to undo any more."))
    done, refused = each_of(rows, lambda post: BACK[payload["what"]](post, was[post.pk], user))
    if len(done) == len(was):
        return _("Taken back.")
    text = ngettext("Taken back for %(n)d post.", "Taken back for %(n)d posts.", len(done)) % {"n": len(done)}
    return told(text, refused)


def history_page(request: HttpRequest, record: Any, address: str) -> HttpResponse:
    """Edits of a record and of what belongs to it."""
    typed = request.GET.get("page", "")
    number = min(max(int(typed), 1), 1000) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 1
    entries, more = history(record, with_notes=True, limit=HISTORY_PAGE, offset=(number - 1) * HISTORY_PAGE)
    return render(
        request,
        "people/history.html",
        {
            "record": record,
            "record_url": address,
            "entries": entries,
            "newer": number - 1,
            "older": number + 1 if more else 0,
        },
    )
