"""Deleting a draft, and bringing it back from its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.publishing import content
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.models import (
    ChecklistEntry,
    Comment,
    Occurrence,
    Part,
    PartMedia,
    Post,
    PostApproval,
    PostApprovalRule,
    PostState,
    PreviewLink,
    Publication,
    Variant,
    Waiver,
)

#: What goes with a post and is brought back with it: the model, the field that names its owner, the owner's model. In
#: this order it comes back; it goes the other way round.
BELONGS: tuple[tuple[type[models.Model], str, type[models.Model]], ...] = (
    (Variant, "post", Post),
    (Part, "variant", Variant),
    (PartMedia, "part", Part),
    (ChecklistEntry, "post", Post),
    (Comment, "post", Post),
    (PreviewLink, "post", Post),
    (Waiver, "post", Post),
)
#: Of an approval, what is brought back.
APPROVAL = ("rule_id", "by_id", "content_sha256", "at", "until", "withdrawn_at")


@dataclass(frozen=True)
class Deleted:
    """A post that was deleted, and what its history does not keep.

    Attributes:
        version: of the entry of its history that says so.
        approvals: the values of :data:`APPROVAL` of each; moments as ISO 8601.
        occurrence: number of the moment of a series that it was made for.
        planned: numbers of the variants that were planned once; their cancelled messages stay in the outbox.
    """

    post: int
    version: int
    tags: list[int] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    approvals: list[list[Any]] = field(default_factory=list)
    occurrence: int | None = None
    planned: list[int] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For a signed token."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Deleted:
        """From a signed token."""
        return cls(**data)


def _reason(pk: int) -> str:
    return f"deleted with post {pk}"


@transaction.atomic
def delete_post(*, post: Post, actor: Actor) -> Deleted:
    """Delete a draft, or a cancelled post, of which nothing was ever sent.

    Returns:
        what :func:`restore_post` brings it back with.

    Raises:
        ValidationError: it is planned, or has left.
    """
    post = base.held(post)
    if post.state not in (PostState.DRAFT, PostState.CANCELLED):
        raise ValidationError(_("Only drafts and cancelled posts can be deleted."), code="state")
    if base.has_left(post):
        raise ValidationError(_("Something of this post has left: it is kept."), code="left")
    kept = Deleted(
        post=post.pk,
        version=0,
        tags=list(post.tags.values_list("pk", flat=True)),
        people=list(post.people.values_list("pk", flat=True)),
        approvals=[[_plain(getattr(row, name)) for name in APPROVAL] for row in post.approvals.all()],
        occurrence=Occurrence.objects.filter(post=post).values_list("pk", flat=True).first(),
    )
    publications = Publication.objects.filter(variant__post=post)
    kept.planned.extend(sorted(set(publications.values_list("variant_id", flat=True))))
    publications.delete()
    for model, _column, _owner in reversed(BELONGS):
        for row in model._default_manager.filter(**{_path(model): post}):
            base.remove(row, actor=actor, reason=_reason(post.pk))
    pk = post.pk
    base.remove(post, actor=actor, reason=_reason(pk))
    return Deleted(**(kept.as_json() | {"version": _newest(Post, pk).history_id}))


def _path(model: type[models.Model]) -> str:
    """The way from a model to the post that it belongs to."""
    column, owner = next((column, owner) for each, column, owner in BELONGS if each is model)
    return column if owner is Post else f"{column}__{_path(owner)}"


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _newest(model: Any, pk: int) -> Any:
    return model.history.filter(id=pk).order_by("-history_id").first()


@transaction.atomic
def restore_post(*, deleted: Deleted, actor: Actor) -> int:
    """Bring a deleted post back as it was, with its texts, pictures, comments and checklist. Twice does nothing more.

    Messages of it that were cancelled stay where they are, in the outbox, and are not taken for those of its next plan:
    the versions of such variants count one further. What was deleted or forgotten since (a picture, a channel) does not
    come back with it.

    Returns:
        how many pictures and channels of it are missing.

    Raises:
        ValidationError: it is not there any more, or something of its own stands in its way by now.
    """
    entry = _newest(Post, deleted.post)
    if Post.objects.filter(pk=deleted.post).exists():
        return 0
    if entry is None or entry.history_id != deleted.version:
        raise ValidationError(_("There is nothing to undo any more."), code="gone")
    post = _write(entry.instance, deleted.version, actor)
    assert post is not None  # noqa: S101 - nothing that a post names is needed
    post._history_user = actor
    for name in ("tags", "people"):
        relation: Any = getattr(post, name)
        relation.set(relation.model._default_manager.filter(pk__in=getattr(deleted, name)))
    back: dict[type[models.Model], set[int]] = {Post: {post.pk}}
    missing = 0
    for model, column, owner in BELONGS:
        back[model] = set()
        for row in _gone(model, column, back[owner], _reason(post.pk)):
            if isinstance(row, Variant) and row.pk in deleted.planned:
                row.version += 1
            if _write(row, deleted.version, actor) is None:
                missing += model in (Variant, PartMedia)
            else:
                back[model].add(row.pk)
    _approvals_back(post, deleted)
    if deleted.occurrence is not None:
        Occurrence.objects.filter(pk=deleted.occurrence, post=None).update(post=post)
    Post.objects.filter(pk=post.pk).update(content_sha256=content.content_hash(post), changed_at=clock.now())
    return missing


def _gone(model: Any, column: str, owners: Iterable[int], reason: str) -> list[models.Model]:
    """The rows that went with the post, as they were."""
    newest: dict[int, Any] = {}
    rows = model.history.filter(**{f"{column}_id__in": list(owners)}).order_by("history_id")
    for entry in rows:
        newest[entry.id] = entry
    found = [each for each in newest.values() if each.history_type == "-"]
    return [each.instance for each in found if each.history_change_reason == reason]


def _write(row: models.Model, version: int, actor: Actor) -> Any:
    """Save a row anew; ``None``: what it cannot be without is not there any more."""
    for column in row._meta.concrete_fields:
        if not column.is_relation or getattr(row, column.attname) is None:
            continue
        model: Any = column.related_model
        if not model._default_manager.filter(pk=getattr(row, column.attname)).exists():
            if not column.null or isinstance(row, Variant):
                return None
            setattr(row, column.attname, None)
    row._state.adding = True
    return base.write(row, actor=actor, reason=f"undo {version}")


def _approvals_back(post: Post, deleted: Deleted) -> None:
    rows = [dict(zip(APPROVAL, values, strict=True)) for values in deleted.approvals]
    rules = set(PostApprovalRule.objects.values_list("pk", flat=True))
    users = set(User.objects.filter(pk__in=[row["by_id"] for row in rows]).values_list("pk", flat=True))
    PostApproval.objects.bulk_create(
        PostApproval(post=post, **row) for row in rows if row["rule_id"] in rules and row["by_id"] in users
    )
