"""Keeping the index up to date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db import models, transaction

from folkmoot.kernel import bulk
from folkmoot.kernel.search import naming, spelling
from folkmoot.kernel.search.kinds import Document, SearchKind, search_kinds
from folkmoot.kernel.search.models import SearchEntry
from folkmoot.kernel.search.words import entry_words, words
from folkmoot.kernel.text import clean

#: Records indexed in one go.
BATCH = 500
#: Where an instance keeps between two signals that it gets another name, and who names it.
_RENAMED, _NAMED_BY = "_search_renamed", "_search_named_by"
_FIELDS = ("title", "subtitle", "url", "title_key", "words")


def _entry(kind: str, document: Document) -> SearchEntry:
    title = words(document.title)
    return SearchEntry(
        kind=kind,
        object_id=document.id,
        title=clean(document.title)[:500],
        subtitle=clean(document.subtitle)[:500],
        url=document.url[:1000],
        title_key=" ".join(title)[:500],
        words=entry_words(kind, title, words(f"{document.subtitle} {document.text[:100_000]}")),
    )


@transaction.atomic
def index(kind: str, ids: Iterable[int]) -> int:
    """Bring the entries of these records up to date, in the caller's transaction; gone records leave the index.

    Call it after changes that send no signal (``QuerySet.update``, raw SQL). Where a record goes by another name than
    its entry said, the entries of whatever names it follow (:func:`renamed`).

    Returns:
        how many entries were written or removed.

    Raises:
        LookupError: no such kind.
    """
    declared = search_kinds.get(kind)
    pending = sorted(set(ids))
    return sum(_index(declared, pending[start : start + BATCH]) for start in range(0, len(pending), BATCH))


def renamed(model: type[models.Model], ids: Sequence[int]) -> None:
    """These records have another name: the entries of whatever names them are brought up to date.

    At once where they are few, by a job (``search.names``) where they are many: one query to find them, and a fixed
    number for each of their kinds.
    """
    found = naming.named_by(model, ids, limit=naming.AT_ONCE + 1)
    if len(found) > naming.AT_ONCE:
        naming.follow_later(model, ids)
        return
    for kind, owners in naming.by_kind(found).items():
        index(kind, owners)


def _index(kind: SearchKind, ids: Sequence[int]) -> int:
    wanted = {document.id: _entry(kind.key, document) for document in kind.documents(ids)}
    known = {entry.object_id: entry for entry in SearchEntry.objects.filter(kind=kind.key, object_id__in=ids)}
    changed = []
    for object_id, entry in wanted.items():
        before = known.get(object_id)
        if before and any(getattr(before, name) != getattr(entry, name) for name in _FIELDS):
            entry.pk = before.pk
            changed.append(entry)
    fresh = [entry for object_id, entry in wanted.items() if object_id not in known]
    gone = [entry.pk for object_id, entry in known.items() if object_id not in wanted]
    if fresh:
        # Two transactions may index the same new record: the one that comes second writes the same again.
        SearchEntry.objects.bulk_create(
            fresh,
            batch_size=200,
            update_conflicts=True,
            update_fields=_FIELDS,
            unique_fields=["kind", "object_id"],
        )
    if changed:
        bulk.update(SearchEntry, changed, _FIELDS)
    if gone:
        SearchEntry.objects.filter(pk__in=gone).delete()
    if fresh or changed:
        learned = {word for entry in (*fresh, *changed) for word in entry.words.split()}
        transaction.on_commit(partial(spelling.learn, learned), robust=True)
    other_names = [entry.object_id for entry in changed if entry.title != known[entry.object_id].title]
    if other_names:
        renamed(kind.model, other_names)
    return len(fresh) + len(changed) + len(gone)


def remove(kind: str, ids: Iterable[int]) -> int:
    """Take these records out of the index.

    Returns:
        how many entries went.
    """
    return SearchEntry.objects.filter(kind=kind, object_id__in=list(ids)).delete()[0]


def rows_changed(
    model: type[models.Model], ids: Iterable[int], done: dict[str, set[int]] | None = None
) -> None:
    """Rows of some model were written in bulk: index the records they are or belong to.

    Args:
        done: where several models were written together: what is indexed already, by kind; added to.
    """
    ids = list(ids)
    done = {} if done is None else done
    for kind in search_kinds:
        before = done.setdefault(kind.key, set())
        wanted: set[int] = set(ids) if issubclass(model, kind.model) else set()
        for follow in kind.follows:
            if model is follow.model:
                owners = model._default_manager.filter(pk__in=ids).values_list(follow.owner, flat=True)
                wanted |= {owner for owner in owners.distinct() if owner is not None}
        if wanted - before:
            index(kind.key, wanted - before)
            before |= wanted
    if not naming.has_entries(model):
        renamed(model, ids)


def row_saving(
    sender: type[models.Model],
    instance: models.Model,
    raw: bool = False,
    update_fields: Iterable[str] | None = None,
    **kwargs: Any,
) -> None:
    """Signal receiver: before a row is saved that is found nowhere itself but named by others, such as a tag.

    Whether it gets another name is noted on the instance for :func:`row_saved`; one query.
    """
    columns = {one.column for _kind, one in naming.namings(sender)}
    if raw or not columns or instance._state.adding or naming.has_entries(sender):
        return
    if update_fields is not None and columns.isdisjoint(update_fields):
        return
    before = sender._base_manager.filter(pk=instance.pk).values(*columns).first()
    if before is not None and any(getattr(instance, name) != value for name, value in before.items()):
        setattr(instance, _RENAMED, True)


def row_saved(sender: type[models.Model], instance: models.Model, raw: bool = False, **kwargs: Any) -> None:
    """Signal receiver: a row was saved."""
    if raw:
        return
    _touch(sender, instance)
    if instance.__dict__.pop(_RENAMED, False):
        renamed(sender, [instance.pk])


def row_deleting(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    """Signal receiver: before a row is deleted. Who names it is noted on the instance for :func:`row_deleted`."""
    found = naming.named_by(sender, [instance.pk])
    if found:
        setattr(instance, _NAMED_BY, found)


def row_deleted(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    """Signal receiver: a row was deleted (its records' entries follow, and those of whatever named it)."""
    for kind in search_kinds:
        if issubclass(sender, kind.model):
            remove(kind.key, [instance.pk])
    _touch(sender, instance, itself=False)
    for key, owners in naming.by_kind(instance.__dict__.pop(_NAMED_BY, ())).items():
        if len(owners) > naming.AT_ONCE:
            naming.rebuild_later(key)
        else:
            index(key, owners)


def links_changed(sender: type[models.Model], instance: models.Model, action: str, **kwargs: Any) -> None:
    """Signal receiver: a many-to-many link was made or cut."""
    if not action.startswith("post_"):
        return
    reverse, other = kwargs["reverse"], kwargs["pk_set"]
    for kind in search_kinds:
        if any(follow.model is sender for follow in kind.follows):
            if isinstance(instance, kind.model):
                index(kind.key, [instance.pk])
            elif reverse and other:
                index(kind.key, other)


def _touch(sender: type[models.Model], instance: models.Model, *, itself: bool = True) -> None:
    for kind in search_kinds:
        if itself and issubclass(sender, kind.model):
            index(kind.key, [instance.pk])
        for follow in kind.follows:
            owner = getattr(instance, follow.owner, None) if sender is follow.model else None
            if owner is not None:
                index(kind.key, [owner])
