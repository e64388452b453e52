"""What people decide about two records without merging them, and what becomes of it when one of the two is merged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.merging.kinds import BY_CANDIDATE, KINDS, MergeKind
from folkmoot.people.actions.merging.links import Mover, movers
from folkmoot.people.actions.merging.rows import OWN, Back, Log, as_json, as_row
from folkmoot.people.models import Candidate, MergedRow

#: How far ahead a decision can be put off.
LONGEST = dt.timedelta(days=366)
_DECISION = ("state", "later_until", "decided_by_id", "decided_at")

State = Candidate.State


def pair(kind: MergeKind, one: int, other: int) -> Any:
    """The candidate of two records, whatever was decided; ``None`` when nobody thought of it."""
    first, second = sorted((one, other))
    return kind.candidate.objects.filter(first=first, second=second).first()


@transaction.atomic
def keep_apart(*, kind: MergeKind, pairs: Sequence[tuple[int, int]], actor: Actor) -> list[int]:
    """Remember for ever that these are not the same; pairs nobody thought of are noted too.

    Returns:
        the candidates' numbers that were not so decided before, for the undo.

    Raises:
        ValidationError: a record is gone, or the two are one.
    """
    wanted = {(min(one), max(one)) for one in pairs}
    ids = {number for one in wanted for number in one}
    there = set(kind.model._default_manager.filter(pk__in=ids).values_list("pk", flat=True))
    if ids - there or any(first == second for first, second in wanted):
        raise ValidationError(_("This was removed meanwhile."), code="gone")
    decided = []
    for first, second in sorted(wanted):
        row = kind.candidate.objects.select_for_update().filter(first=first, second=second).first()
        if row is None:
            row = kind.candidate(first_id=first, second_id=second)
        elif row.state == State.DIFFERENT:
            continue
        _decide(row, State.DIFFERENT, actor)
        decided.append(row.pk)
    return decided


@transaction.atomic
def put_off(*, kind: MergeKind, candidates: Sequence[int], until: dt.date, actor: Actor) -> list[int]:
    """Take candidates out of the queue until a day.

    Returns:
        the numbers of those that were put off, for the undo.

    Raises:
        ValidationError: the day has come already, or is more than a year ahead.
    """
    today = clock.today()
    if until <= today:
        raise ValidationError({"until": _("Choose a day after today.")})
    if until > today + LONGEST:
        raise ValidationError({"until": _("Choose a day within a year.")})
    rows = kind.candidate.objects.select_for_update().filter(pk__in=candidates)
    rows = rows.exclude(state=State.DIFFERENT).order_by("pk")
    done = []
    for row in rows:
        _decide(row, State.LATER, actor, until)
        done.append(row.pk)
    return done


@transaction.atomic
def reopen(*, kind: MergeKind, candidates: Sequence[int], actor: Actor) -> list[int]:
    """Take a verdict back: the two may be one again. What nobody but a person thought of is forgotten.

    Returns:
        the numbers of those whose verdict was taken back.
    """
    rows = kind.candidate.objects.select_for_update().filter(pk__in=candidates).exclude(state=State.OPEN)
    done = []
    for row in rows.order_by("pk"):
        done.append(row.pk)
        if not row.score and not row.reasons:
            row.delete()
        else:
            _decide(row, State.OPEN, None)
    return done


def _decide(row: Any, state: str, actor: Actor, until: dt.date | None = None) -> None:
    row.state, row.later_until = state, until
    row.decided_by = actor
    row.decided_at = None if state == State.OPEN else clock.now()
    row.save()


def refuse_different(kind: MergeKind, survivor: Any, gone: Any) -> None:
    """Refuse to merge what somebody said is not the same.

    Raises:
        ValidationError: with who said so and when.
    """
    row = pair(kind, survivor.pk, gone.pk)
    if row is None or row.state != State.DIFFERENT:
        return
    words = {
        "one": survivor,
        "other": gone,
        "who": row.decided_by or _("Somebody"),
        "when": base.day(row.decided_at.date()) if row.decided_at else "?",
    }
    raise ValidationError(
        _(
            "%(who)s said on %(when)s that “%(one)s” and “%(other)s” are not the same. "
            "Take that back first if it was wrong."
        )
        % words,
        code="different",
        params={"candidate": row.pk},
    )


# -- when a record of a pair is merged -------------------------------------------------------------------------------


def _move(log: Log, survivor: int, gone: int) -> None:
    """Every pair of the record that goes becomes one of the survivor; a verdict is never lost on the way."""
    kind = next(one for one in KINDS if one.label == log.merge.model)
    rows = kind.candidate.objects.select_for_update().filter(Q(first=gone) | Q(second=gone)).order_by("pk")
    for row in rows:
        other = row.second_id if row.first_id == gone else row.first_id
        if other == survivor:
            _park(log, row)
            continue
        known = pair(kind, survivor, other)
        if known is None:
            row.first_id, row.second_id = sorted((survivor, other))
            row.save(update_fields=["first", "second"])
            log.remember(MergedRow.What.MOVED, kind.candidate, [(row.pk, {})], f"{OWN}pair")
            continue
        if row.state == State.DIFFERENT and known.state != State.DIFFERENT:
            before = _decision(known)
            _set_decision(known, _decision(row))
            data = {"before": before, "after": _decision(row)}
            log.remember(MergedRow.What.MOVED, kind.candidate, [(known.pk, data)], f"{OWN}verdict")
        _park(log, row)


def _park(log: Log, row: Any) -> None:
    data = as_json(row)
    pk = row.pk
    row.delete()
    log.remember(MergedRow.What.PARKED, type(row), [(pk, data)], f"{OWN}pair")


def _back(back: Back, remembered: MergedRow) -> None:
    model = next(one for one in BY_CANDIDATE if one._meta.label_lower == remembered.model)
    if remembered.what == MergedRow.What.PARKED:
        back.put_back(model, [remembered])
        return
    row: Any = model._default_manager.filter(pk=remembered.row_id).first()
    if row is None:
        return  # the queue is reckoned anew from time to time; nothing a person made is gone
    if remembered.field == f"{OWN}verdict":
        if _decision(row) == remembered.data["after"]:
            _set_decision(row, remembered.data["before"])
        return
    numbers = {row.first_id, row.second_id}
    if back.merge.survivor_id not in numbers:
        return
    (other,) = numbers - {back.merge.survivor_id}
    row.first_id, row.second_id = sorted((back.merge.gone_id, other))
    row.save(update_fields=["first", "second"])


def _decision(row: Any) -> dict[str, Any]:
    whole = as_json(row)
    return {name: whole[name] for name in _DECISION}


def _set_decision(row: Any, decision: dict[str, Any]) -> None:
    read = as_row(type(row), decision)
    for name in _DECISION:
        setattr(row, name, getattr(read, name))
    row.save()


for _kind in KINDS:
    movers.register(Mover(_kind.candidate._meta.label_lower, _move, _back))
