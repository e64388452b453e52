"""Who holds which role from when to when."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from folkmoot.kernel import events
from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.identities import home_identity
from folkmoot.people.actions.limits import number_in_a_row, refuse_beyond
from folkmoot.people.actions.undo import Undo, follows, removed
from folkmoot.people.models import Person, Project, RoleKind, Team, Term

#: How the history entry begins that tells that somebody decided the end of a term, so that nobody is asked again.
END_DECIDED = "the end was decided"


class TermFields(TypedDict, total=False):
    """What may be changed of a term."""

    role_kind: RoleKind
    project: Project | None
    team: Team | None
    started_on: dt.date | None
    ended_on: dt.date | None


def _tell(kind: str, term: Term, actor: Actor) -> None:
    """Note in the ledger, at this moment, what was decided about a term; its days are in the detail."""
    place: Any = term.project or term.team
    events.record(
        events.Happening(
            kind,
            home_identity(term.person, actor=actor).pk,
            project_id=term.project_id,
            detail={
                "term": term.pk,
                "role": term.role_kind.slug,
                "title": str(term.role_kind),
                "place": str(place) if place else "",
                "by": str(actor) if actor else "",
                "started_on": term.started_on.isoformat() if term.started_on else None,
                "ended_on": term.ended_on.isoformat() if term.ended_on else None,
            },
        )
    )


def _overlapping(term: Term) -> Term | None:
    """Another term of the same person, role and place that shares a day with this one."""
    same = Term.objects.filter(
        person=term.person_id, role_kind=term.role_kind_id, project=term.project_id, team=term.team_id
    ).exclude(pk=term.pk)
    if term.started_on:
        same = same.filter(Q(ended_on=None) | Q(ended_on__gte=term.started_on))
    if term.ended_on:
        same = same.filter(Q(started_on=None) | Q(started_on__lte=term.ended_on))
    return same.order_by("pk").first()


def _refuse_overlap(term: Term) -> None:
    if term.started_on and term.ended_on and term.ended_on < term.started_on:
        return  # the constraint's own words say it better
    other = _overlapping(term)
    if other is None:
        return
    if other.started_on and other.ended_on:
        when = _("from %(first)s to %(last)s") % {
            "first": base.day(other.started_on),
            "last": base.day(other.ended_on),
        }
    elif other.started_on:
        when = _("since %(day)s") % {"day": base.day(other.started_on)}
    elif other.ended_on:
        when = _("until %(day)s") % {"day": base.day(other.ended_on)}
    else:
        when = _("without dates")
    raise ValidationError(
        {
            "role_kind": ValidationError(
                _("%(person)s has this role already, %(when)s. Edit that term, or choose other days.")
                % {"person": term.person.name, "when": when},
                code="overlap",
            )
        }
    )


@transaction.atomic
def start_term(
    *,
    person: Person,
    role_kind: RoleKind,
    actor: Actor,
    project: Project | None = None,
    team: Team | None = None,
    started_on: dt.date | None = None,
    ended_on: dt.date | None = None,
    override: str = "",
    reason: str = "",
) -> Term:
    """Give a person a role, from its first day to its last (both included); open where undated.

    The same term again is returned as it is.

    Args:
        override: why this goes beyond the team's limit of terms in a row, where it does.

    Raises:
        ValidationError: the days are the wrong way round, or overlap with a term of the same role and place;
            ``BeyondLimit`` when the team's rule says no and ``override`` says nothing.
    """
    known = Term.objects.filter(
        person=person,
        role_kind=role_kind,
        project=project,
        team=team,
        started_on=started_on,
        ended_on=ended_on,
    ).first()
    if known is not None:
        return known
    term = Term(
        person=person,
        role_kind=role_kind,
        project=project,
        team=team,
        started_on=started_on,
        ended_on=ended_on,
    )
    _write_new(term, actor, override, reason)
    _tell("people.term_started", term, actor)
    return term


def _write_new(term: Term, actor: Actor, override: str, reason: str) -> None:
    _refuse_overlap(term)
    beyond = refuse_beyond(term, 0, base.line(override))
    base.write(term, actor=actor, reason=beyond or reason)


@transaction.atomic
def end_term(*, term: Term, on: dt.date, actor: Actor, reason: str = "") -> Term:
    """Decide which day is the last of a term. Today stops asking about it, also when it ended on that day already.

    Raises:
        ValidationError: the day is before the first one.
    """
    term = base.locked(term)
    newest = base.history_of(term).first()
    if (
        term.ended_on == on
        and newest is not None
        and (newest.history_change_reason or "").startswith(END_DECIDED)
    ):
        return term
    term.ended_on = on
    _refuse_overlap(term)
    base.write(term, actor=actor, reason=f"{END_DECIDED}: {reason}" if reason else END_DECIDED)
    _tell("people.term_ended", term, actor)
    return term


@transaction.atomic
def renew_term(
    *, term: Term, until: dt.date | None, actor: Actor, override: str = "", reason: str = ""
) -> Term:
    """Let a term go on until a later day, or without an end.

    Args:
        override: why this goes beyond the team's limit of terms in a row, where it does.

    Raises:
        ValidationError: the new last day is not after the present one; ``BeyondLimit``.
    """
    term = base.locked(term)
    before = number_in_a_row(term)
    if term.ended_on == until:
        return term
    if term.ended_on and until and until < term.ended_on:
        raise ValidationError(
            {
                "ended_on": _("Choose a day after %(day)s, when it ends now.")
                % {"day": base.day(term.ended_on)}
            }
        )
    term.ended_on = until
    _refuse_overlap(term)
    beyond = refuse_beyond(term, before, base.line(override))
    base.write(term, actor=actor, reason=beyond or reason)
    _tell("people.term_renewed", term, actor)
    return term


@transaction.atomic
def next_term(
    *, term: Term, until: dt.date | None, actor: Actor, override: str = "", reason: str = ""
) -> Term:
    """Another term of the same person, role and place, from the day after this one's last.

    The same again is returned as it is.

    Args:
        until: its last day; ``None``: open.
        override: why this goes beyond the team's limit of terms in a row, where it does.

    Raises:
        ValidationError: this term has no last day, or the next would end before it begins; ``BeyondLimit``.
    """
    term = base.locked(term)
    if term.ended_on is None or term.ended_on == dt.date.max:
        raise ValidationError({"until": _("A term without an end has no next one.")})
    start = term.ended_on + dt.timedelta(days=1)
    if until is not None and until < start:
        raise ValidationError(
            {"until": _("Choose a day after %(day)s, when it ends now.") % {"day": base.day(term.ended_on)}}
        )
    following = Term(
        person=term.person,
        role_kind=term.role_kind,
        project=term.project,
        team=term.team,
        started_on=start,
        ended_on=until,
    )
    known = Term.objects.filter(
        person=term.person_id,
        role_kind=term.role_kind_id,
        project=term.project_id,
        team=term.team_id,
        started_on=start,
        ended_on=until,
    ).first()
    if known is not None:
        return known
    _write_new(following, actor, override, reason)
    _tell("people.term_renewed", following, actor)
    return following


@transaction.atomic
def edit_term(
    *,
    term: Term,
    actor: Actor,
    seen: int | None = None,
    override: str = "",
    reason: str = "",
    **fields: Unpack[TermFields],
) -> Term:
    """Correct a term. What is corrected is in its history; the ledger hears of it when the end was set or lifted.

    Raises:
        ValidationError: as for :func:`start_term`; ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    term = base.locked(term, seen)
    ended_before, before = term.ended_on, number_in_a_row(term)
    if base.put(term, fields):
        _refuse_overlap(term)
        beyond = refuse_beyond(term, before, base.line(override))
        base.write(term, actor=actor, reason=beyond or reason)
        if term.ended_on and not ended_before:
            _tell("people.term_ended", term, actor)
        elif ended_before and not term.ended_on:
            _tell("people.term_renewed", term, actor)
    return term


@transaction.atomic
def remove_term(*, term: Term, actor: Actor, reason: str = "") -> Undo:
    """Delete a term that never was. One that was, ends (:func:`end_term`)."""
    term = base.locked(term)
    _tell("people.term_removed", term, actor)
    return removed(term, actor=actor, reason=reason)


@follows("people.term")
def _taken_back(row: models.Model, change: str, actor: Actor) -> None:
    """The ledger hears that a decision was taken back, for it forgets nothing."""
    assert isinstance(row, Term)  # noqa: S101 - declared for this model only
    _tell("people.term_removed" if change == "+" else "people.term_corrected", row, actor)
