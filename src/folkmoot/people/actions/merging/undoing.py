"""Making two records again of what a merge made one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from folkmoot.kernel import audit, clock
from folkmoot.kernel.imports.changes import field_of, from_json, to_json
from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.merging.engine import tell
from folkmoot.people.actions.merging.kinds import BY_LABEL
from folkmoot.people.actions.merging.rows import Back, as_row, is_held
from folkmoot.people.actions.merging.values import reckon
from folkmoot.people.models import Merge, MergedRow, OtherName


@dataclass(frozen=True)
class Unmerged:
    """What undoing a merge did.

    Attributes:
        left: what could not go back, each with why: ``removed``, ``elsewhere``, ``nowhere``, ``forgotten``,
            ``no_table``.
    """

    merge: Merge
    record: Any
    left: tuple[tuple[MergedRow, str], ...] = ()


@transaction.atomic
def unmerge(*, merge: Merge, actor: Actor) -> Unmerged:
    """Put back exactly what the merge moved and parked; what was added to the survivor since stays with it.

    A moved row that was edited since keeps its edit and goes back; one that was removed since stays removed and is
    listed. Undoing twice does nothing the second time.

    Raises:
        ValidationError: a newer merge has to be undone first (code ``newer``, its number in ``params``), or something
            else has the place of what would come back (the message says what to do).
    """
    merge = Merge.objects.select_for_update().get(pk=merge.pk)
    model: Any = BY_LABEL[merge.model].model
    if merge.undone_at is not None:
        return Unmerged(merge, model._default_manager.filter(pk=merge.gone_id).first())
    _refuse(merge, model)
    back = Back(merge, actor)
    survivor = base.locked(model(pk=merge.survivor_id))
    _restore(survivor, back)
    OtherName.objects.filter(merge=merge).delete()
    gone = _bring_back(model, back)
    back.walk()
    merge.undone_at, merge.undone_by = clock.now(), actor
    merge.save(update_fields=["undone_at", "undone_by"])
    back.touched[model].update((merge.survivor_id, merge.gone_id))
    back.index()
    tell("people.unmerged", merge)
    return Unmerged(merge, gone, tuple(back.left))


def _refuse(merge: Merge, model: Any) -> None:
    newer = blocking(merge)
    if newer is not None:
        raise ValidationError(
            _("A newer merge builds on this one: undo “%(merge)s” first.") % {"merge": newer},
            code="newer",
            params={"merge": newer.pk},
        )
    if not model._default_manager.filter(pk=merge.survivor_id).exists():
        raise ValidationError(
            _("“%(name)s” was deleted since, and what was moved with it: there is nothing to put back.")
            % {"name": merge.survivor_name},
            code="gone",
        )
    if model._default_manager.filter(pk=merge.gone_id).exists():
        raise ValidationError(
            _("Number %(number)s is another record's by now, so “%(name)s” cannot come back under it.")
            % {"number": merge.gone_id, "name": merge.gone_name},
            code="taken",
        )


def blocking(merge: Merge) -> Merge | None:
    """The newest merge that has to be undone before this one; ``None`` when it can be undone now."""
    later = Merge.objects.filter(pk__gt=merge.pk, undone_at=None)
    ours = (merge.survivor_id, merge.gone_id)
    same_row = MergedRow.objects.filter(merge=merge, model=OuterRef("model"), row_id=OuterRef("row_id"))
    took = MergedRow.objects.filter(Exists(same_row), merge__in=later, what=MergedRow.What.PARKED)
    wanted = Q(model=merge.model, survivor_id__in=ours) | Q(model=merge.model, gone_id__in=ours)
    wanted |= Q(pk__in=took.values("merge"))
    for label, pk in _missing_targets(merge):
        wanted |= Q(model=label, gone_id=pk)
        parked = MergedRow.objects.filter(model=label, row_id=str(pk), what=MergedRow.What.PARKED)
        wanted |= Q(pk__in=parked.values("merge"))
    return later.filter(wanted).order_by("-pk").first()


def _missing_targets(merge: Merge) -> Iterator[tuple[str, Any]]:
    """What the parked rows point at and is not there now: perhaps a newer merge has it."""
    wanted: dict[type[models.Model], set[Any]] = {}
    for label, data in MergedRow.objects.filter(merge=merge, what=MergedRow.What.PARKED).values_list(
        "model", "data"
    ):
        try:
            model = apps.get_model(label)
        except LookupError:
            continue
        row = as_row(model, data)
        for one in model._meta.concrete_fields:
            value = getattr(row, one.attname)
            if is_held(one) and value is not None:
                wanted.setdefault(cast("type[models.Model]", one.related_model), set()).add(value)
    for target, ids in wanted.items():
        there = set(target._base_manager.filter(pk__in=ids).values_list("pk", flat=True))
        for pk in ids - there:
            if (target._meta.label_lower, pk) != (merge.model, merge.gone_id):
                yield target._meta.label_lower, pk


def _restore(survivor: Any, back: Back) -> None:
    """The survivor's own values again, where nobody changed the ones it took since."""
    model = type(survivor)
    fields = {"updated_at"}
    for attname, before in back.merge.before.items():
        if to_json(model, attname, getattr(survivor, attname)) == back.merge.gone.get(attname):
            setattr(survivor, attname, from_json(model, attname, before))
            fields.add(field_of(model, attname).name)
    if "user" in fields:
        _let_go_of_lost_user(survivor)
    survivor.updated_at = clock.now()
    fields |= reckon(survivor)
    if not fields - {"updated_at", "sort_key", "folded", "repository_key"}:
        model.history.bulk_history_create(
            [survivor], update=True, default_user=back.actor, default_change_reason=back.reason
        )
    try:
        with transaction.atomic():
            audit.bulk_update(model, [survivor], sorted(fields), reason=back.reason, user=back.actor)
    except IntegrityError as error:
        raise _refused(back, survivor, error) from error


def _bring_back(model: Any, back: Back) -> Any:
    gone = as_row(model, back.merge.gone)
    if hasattr(gone, "user_id"):
        _let_go_of_lost_user(gone)
    try:
        with transaction.atomic():
            audit.bulk_create(model, [gone], reason=back.reason, user=back.actor)
    except IntegrityError as error:
        raise _refused(back, gone, error) from error
    return gone


def _let_go_of_lost_user(person: Any) -> None:
    """An account that was deleted since is nobody's."""
    users: Any = type(person)._meta.get_field("user").related_model
    if person.user_id is not None and not users._base_manager.filter(pk=person.user_id).exists():
        person.user_id = None


def _refused(back: Back, row: Any, error: IntegrityError) -> ValidationError:
    if "user" in str(error):
        why = _("Its account belongs to another person by now.")
    else:
        why = " ".join(base.in_words(row, error).messages)
    return ValidationError(
        _("“%(name)s” cannot be as it was before the merge. %(why)s Change that one, then undo again.")
        % {"name": row, "why": why},
        code="taken",
    )
