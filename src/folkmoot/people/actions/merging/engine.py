"""Making one record of two: everything that points at the one that goes moves to the one that stays."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import audit, clock
from folkmoot.kernel.events import Happening, record
from folkmoot.kernel.imports.changes import to_json
from folkmoot.kernel.imports.undo import relations_to
from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.merging.kinds import MergeKind, kind_of
from folkmoot.people.actions.merging.links import links_to, movers_for, moving_references
from folkmoot.people.actions.merging.names import keep_names
from folkmoot.people.actions.merging.rows import Log, as_json
from folkmoot.people.actions.merging.values import GONE, compare, reckon
from folkmoot.people.actions.merging.verdicts import refuse_different
from folkmoot.people.models import Merge, Organization, Person, Project

R = TypeVar("R", Person, Organization, Project)
Choices = Mapping[str, str]


@transaction.atomic
def merge_people(
    *, survivor: Person, gone: Person, actor: Actor, choices: Choices | None = None,
    grounds: Mapping[str, Any] | None = None, batch: uuid.UUID | None = None, seen: Mapping[int, int] | None = None,
) -> Merge:  # fmt: skip
    """Make two people one. The record that goes is kept on the merge, and :func:`unmerge` brings it back.

    Args:
        choices: field -> ``survivor`` or ``gone``, where a person overrules the proposed value.
        grounds: why they were taken for one, as JSON can hold it.
        batch: merges done with one click share a number.
        seen: the version (:func:`~folkmoot.people.actions.current_version`) of each that the person looked at.

    Raises:
        ValidationError: one of them is gone or erased, they are said not to be the same, or a choice is none;
            ``ChangedMeanwhile`` when somebody saved one of them since.
    """
    return _merge(survivor, gone, actor, choices, grounds, batch, seen)


@transaction.atomic
def merge_organizations(
    *, survivor: Organization, gone: Organization, actor: Actor, choices: Choices | None = None,
    grounds: Mapping[str, Any] | None = None, batch: uuid.UUID | None = None, seen: Mapping[int, int] | None = None,
) -> Merge:  # fmt: skip
    """Make two organisations one, as :func:`merge_people`; imports that say the other name find the one that stays."""
    return _merge(survivor, gone, actor, choices, grounds, batch, seen)


@transaction.atomic
def merge_projects(
    *, survivor: Project, gone: Project, actor: Actor, choices: Choices | None = None,
    grounds: Mapping[str, Any] | None = None, batch: uuid.UUID | None = None, seen: Mapping[int, int] | None = None,
) -> Merge:  # fmt: skip
    """Make two projects one, as :func:`merge_people`; imports that say the other name or repository find the one
    that stays."""
    return _merge(survivor, gone, actor, choices, grounds, batch, seen)


def merge_records(*, survivor: Any, gone: Any, actor: Actor, **more: Any) -> Merge:
    """:func:`merge_people`, :func:`merge_organizations` or :func:`merge_projects`, by what the two are.

    Raises:
        ValidationError: as those; also when the two are not of one kind.
    """
    if type(survivor) is not type(gone):
        raise ValidationError(_("Only records of one kind can be merged."), code="kind")
    functions: dict[type[Any], Any] = {
        Person: merge_people,
        Organization: merge_organizations,
        Project: merge_projects,
    }
    merge: Merge = functions[type(survivor)](survivor=survivor, gone=gone, actor=actor, **more)
    return merge


def _merge(
    survivor: R, gone: R, actor: Actor, choices: Choices | None, grounds: Mapping[str, Any] | None,
    batch: uuid.UUID | None, seen: Mapping[int, int] | None,
) -> Merge:  # fmt: skip
    kind = kind_of(survivor)
    survivor, gone = _locked(survivor, gone, seen or {})
    _refuse_erased(survivor, gone)
    refuse_different(kind, survivor, gone)
    taken = {
        one.name: one.gone for one in compare(survivor, gone, choices) if one.differs and one.taken == GONE
    }
    merge = Merge.objects.create(
        model=kind.label,
        survivor_id=survivor.pk,
        gone_id=gone.pk,
        survivor_name=survivor.name,
        gone_name=gone.name,
        gone=as_json(gone),
        before=_before(survivor, taken),
        grounds=dict(grounds or {}),
        batch=batch,
        made_by=actor,
    )
    names = _names_of(survivor, gone)
    log = Log(merge, actor)
    _move_all(kind, log)
    _remove(kind, gone, log)
    _write(survivor, taken, log)
    keep_names(merge, survivor, names)
    log.touched[kind.model].update((survivor.pk, gone.pk))
    log.index()
    tell("people.merged", merge)
    return merge


def _locked(survivor: R, gone: R, seen: Mapping[int, int]) -> tuple[R, R]:
    """Both rows as they are now, held in the order of their numbers so that two merges cannot wait for each other."""
    if survivor.pk == gone.pk:
        raise ValidationError(_("That is one record already: choose another one."), code="same")
    first, second = sorted((survivor, gone), key=lambda row: row.pk)
    rows = {row.pk: base.locked(row, seen.get(row.pk)) for row in (first, second)}
    return rows[survivor.pk], rows[gone.pk]


def _refuse_erased(*records: Any) -> None:
    for one in records:
        if isinstance(one, Person) and one.erased_at is not None:
            raise ValidationError(
                _(
                    "“%(name)s” asked to be forgotten. What is left of that record is kept for the accounts only, and "
                    "is joined with nothing."
                )
                % {"name": one},
                code="erased",
            )


def _before(survivor: R, taken: Mapping[str, Any]) -> dict[str, Any]:
    model = type(survivor)
    names = {name: model._meta.get_field(name).attname for name in taken}  # type: ignore[union-attr]
    return {
        attname: to_json(model, attname, getattr(survivor, attname)) for attname in sorted(names.values())
    }


def _names_of(*records: Any) -> list[tuple[str, str, str]]:
    """Kind, name and repository of each, for those whom imports find by name."""
    return [
        (getattr(one, "kind", ""), one.name, getattr(one, "repository_key", ""))
        for one in records
        if not isinstance(one, Person)
    ]


def _move_all(kind: MergeKind, log: Log) -> None:
    survivor, gone = log.merge.survivor_id, log.merge.gone_id
    for mover in movers_for(kind.model):
        mover.move(log, survivor, gone)
    for relation in links_to(kind.model):
        model: Any = relation.model
        rows = model._base_manager.filter(**{relation.attname: gone}).order_by("pk")
        log.move(model, relation.name, list(rows.values_list("pk", flat=True)), survivor)
    for reference in moving_references():
        owner: Any = reference.model
        column, label = reference.column, reference.label_column
        rows = owner._base_manager.filter(**{column: gone, label: kind.label}).order_by("pk")
        log.move(owner, column, list(rows.values_list("pk", flat=True)), survivor)


def _remove(kind: MergeKind, gone: Any, log: Log) -> None:
    """Delete the row itself: nothing points at it any more, and nothing may go with it."""
    for relation in relations_to(kind.model):
        model: Any = relation.model
        left = model._base_manager.filter(**{relation.attname: gone.pk}).first()
        if left is not None:
            raise ValidationError(
                _("“%(row)s” cannot be moved to the record that stays, so nothing was merged.")
                % {"row": left},
                code="left",
            )
    audit.bulk_delete(kind.model, [gone], reason=log.reason, user=log.actor)


def _write(survivor: Any, taken: Mapping[str, Any], log: Log) -> None:
    """Set the values taken from the other record, and let the history tell of the merge in any case."""
    model = type(survivor)
    for name, value in taken.items():
        setattr(survivor, model._meta.get_field(name).attname, value)
    survivor.updated_at = clock.now()
    fields = {*taken, *reckon(survivor), "updated_at"}
    if not taken:
        model.history.bulk_history_create(
            [survivor], update=True, default_user=log.actor, default_change_reason=log.reason
        )
    try:
        with transaction.atomic():
            audit.bulk_update(model, [survivor], sorted(fields), reason=log.reason, user=log.actor)
    except IntegrityError as error:
        raise base.in_words(survivor, error) from error


def tell(what: str, merge: Merge) -> None:
    """Let the ledger hear of it: under no identity, since nobody contributes by it and none should be held by it."""
    record(
        Happening(
            what,
            None,
            occurred_at=clock.now(),
            external_id=f"{what}:{merge.pk}",
            detail={
                "merge": merge.pk,
                "model": merge.model,
                "survivor": merge.survivor_id,
                "gone": merge.gone_id,
                "title": f"{merge.gone_name} → {merge.survivor_name}",
            },
        )
    )
