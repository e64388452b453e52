"""Making an event an unconference: how it goes, its rounds and spaces."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypedDict, Unpack
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import order, saving
from folkmoot.kernel.undo import Undo, follows, last_change, removed
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.models import Event, Phase, Placement, Proposal, Round, Space, Unconference

saving.say(
    {
        "unconference_proposals_in_order": (
            "proposals_close_at",
            order.kept(
                lambda row: _("Proposals for “%(event)s”") % {"event": row.event},
                *("proposals_open_at", "proposals_close_at"),
                zone=base.zone_of,
                opens=True,
            ),
        ),
        "unconference_votes_in_order": (
            "votes_close_at",
            order.kept(
                lambda row: _("Votes at “%(event)s”") % {"event": row.event},
                *("votes_open_at", "votes_close_at"),
                zone=base.zone_of,
                opens=True,
            ),
        ),
        "unconferenceround_ends_after_it_starts": (
            "ends",
            order.kept(
                order.quoted, "starts_at", "ends_at", zone=lambda row: str(row.unconference.event.time_zone)
            ),
        ),
        "unconferencespace_has_a_name": ("name", gettext_lazy("A space needs a name.")),
        "unconferencespace_once": ("name", gettext_lazy("There is a space with this name already.")),
        "proposal_has_a_title": ("title", gettext_lazy("A title is enough, but it needs one.")),
        "proposal_hidden_with_reason": ("reason", gettext_lazy("Say why.")),
        "placement_once": ("__all__", gettext_lazy("Another session is there already.")),
        "voter_once_as_a_person": ("__all__", gettext_lazy("Somebody voted as this person already.")),
        "vote_once": ("__all__", gettext_lazy("You have chosen this already.")),
    }
)
saving.derives(
    Proposal,
    folded=lambda row: base.fold(row.title)[:200],
    email_folded=lambda row: base.fold(row.email)[:320],
)
saving.SHOWN_AS.update({"training.proposal.folded": "title", "training.proposal.email_folded": "email"})
#: Rounds, spaces and things that sessions may need, at most.
ROUNDS, SPACES, NEEDS = 200, 60, 30


class UnconferenceFields(TypedDict, total=False):
    """What may be said of how an unconference goes; moments in UTC."""

    intro: str
    proposals_open_at: dt.datetime | None
    proposals_close_at: dt.datetime | None
    votes_open_at: dt.datetime | None
    votes_close_at: dt.datetime | None
    votes_each: int
    who_votes: str
    is_moderated: bool
    needs: list[str]


class RoundFields(TypedDict, total=False):
    """What may be said of a round; moments in UTC."""

    title: str
    kind: str
    starts_at: dt.datetime
    ends_at: dt.datetime


class SpaceFields(TypedDict, total=False):
    """What may be said of a space."""

    name: str
    seats: int | None
    url: str
    has: list[str]


def touch(unconference: Unconference | int) -> None:
    """What the board shows has changed."""
    pk = unconference if isinstance(unconference, int) else unconference.pk
    Unconference.objects.filter(pk=pk).update(revision=F("revision") + 1)


@transaction.atomic
def switch_on(*, event: Event, actor: Actor) -> Unconference:
    """Make an event an unconference. Twice does nothing more."""
    event = base.locked(event)
    row = Unconference.objects.filter(event=event).first()
    return row if row is not None else base.write(Unconference(event=event), actor=actor)


@transaction.atomic
def switch_off(*, unconference: Unconference, actor: Actor) -> Undo:
    """Make it an ordinary event again; only while nobody has proposed anything. Rounds and spaces go with it.

    Raises:
        ValidationError: there are proposals.
    """
    row = base.locked(unconference)
    number = row.proposals.count()
    if number:
        raise ValidationError(
            _("There are proposals already (%(n)d): they and their votes would be lost.") % {"n": number},
            code="used",
        )
    changes = [
        change
        for piece in (*row.rounds.all(), *row.spaces.all())
        for change in removed(piece, actor=actor).changes
    ]
    return Undo((*changes, *removed(row, actor=actor).changes))


@transaction.atomic
def save_unconference(
    *,
    unconference: Unconference,
    actor: Actor,
    seen: int | None = None,
    **values: Unpack[UnconferenceFields],
) -> Unconference:
    """Change how it goes; what is not named stays.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    row = base.locked(unconference, seen)
    if "needs" in values:
        values["needs"] = _words(values["needs"])
    if base.put(row, values):
        base.write(row, actor=actor)
        touch(row)
    return row


def _words(said: list[str]) -> list[str]:
    words = list(dict.fromkeys(word[:60] for each in said if (word := base.line(each))))
    if len(words) > NEEDS:
        raise ValidationError({"needs": _("At most %(n)d of them.") % {"n": NEEDS}})
    return words


@transaction.atomic
def set_phase(*, unconference: Unconference, phase: str, actor: Actor) -> Undo:
    """Say by hand where it stands; ``""``: its moments decide again.

    Raises:
        ValidationError: there is no such phase.
    """
    row = base.locked(unconference)
    if phase and phase not in Phase.values:
        raise ValidationError(_("There is no such phase."), code="phase")
    if not base.put(row, {"phase_by_hand": phase}):
        return Undo()
    base.write(row, actor=actor)
    touch(row)
    return last_change(row)


# ------------------------------------------------------------------- rounds


@transaction.atomic
def save_round(
    *,
    unconference: Unconference,
    actor: Actor,
    round_: Round | None = None,
    seen: int | None = None,
    **values: Unpack[RoundFields],
) -> Round:
    """Add a round or a break, or change one; what is not named stays. Published sessions move with it.

    Raises:
        ValidationError: by field: it overlaps another, it is made a break and has sessions; ``ChangedMeanwhile``.
    """
    from folkmoot.training.actions.grid_sessions import keep_in_step

    unconference = base.locked(unconference)
    row = base.locked(round_, seen) if round_ is not None else Round(unconference=unconference)
    if not base.put(row, values) and row.pk is not None:
        return row
    _apart(row)
    if row.kind == Round.Kind.BREAK and row.pk is not None and row.placements.exists():
        raise ValidationError({"kind": _("There are sessions in it: move them first.")}, code="used")
    if row.pk is None and unconference.rounds.count() >= ROUNDS:
        raise ValidationError(_("An unconference has at most %(n)d rounds.") % {"n": ROUNDS})
    base.write(row, actor=actor)
    keep_in_step(unconference=unconference, actor=actor)
    return row


def _apart(row: Round) -> None:
    """It is at no time at which another round is.

    Raises:
        ValidationError: at ``begins``; it names the other.
    """
    if row.starts_at is None or row.ends_at is None or row.ends_at <= row.starts_at:
        return
    other = (
        Round.objects.filter(
            unconference=row.unconference_id, starts_at__lt=row.ends_at, ends_at__gt=row.starts_at
        )
        .exclude(pk=row.pk)
        .select_related("unconference__event")
        .first()
    )
    if other is not None:
        raise ValidationError(
            {
                "begins": _("It overlaps “%(other)s”, %(when)s.")
                % {"other": other, "when": round_words(other)}
            },
            code="overlap",
        )


def round_words(row: Round, zone: str = "") -> str:
    """When a round is, as the clocks at the place say: "1 March, 10:00–10:45"."""
    at = ZoneInfo(zone or row.unconference.event.time_zone)
    begins, ends = row.starts_at.astimezone(at), row.ends_at.astimezone(at)
    day, begin, end = (
        date_format(begins, "MONTH_DAY_FORMAT"),
        date_format(begins, "H:i"),
        date_format(ends, "H:i"),
    )
    return f"{day}, {begin}–{end}"


@transaction.atomic
def add_rounds(
    *,
    unconference: Unconference,
    actor: Actor,
    begins_at: dt.datetime,
    minutes: int,
    pause: int,
    number: int,
) -> list[Round]:
    """Add several rounds of the same length one after the other.

    Args:
        minutes: how long each is.
        pause: minutes between two.

    Raises:
        ValidationError: one of them overlaps another round.
    """
    made, at = [], begins_at
    there = unconference.rounds.filter(kind=Round.Kind.TALK).count()
    for place in range(1, number + 1):
        ends = at + dt.timedelta(minutes=minutes)
        made.append(
            save_round(
                unconference=unconference,
                actor=actor,
                title=_("Round %(n)d") % {"n": there + place},
                kind=Round.Kind.TALK,
                starts_at=at,
                ends_at=ends,
            )
        )
        at = ends + dt.timedelta(minutes=pause)
    return made


@transaction.atomic
def remove_round(*, round_: Round, actor: Actor) -> Undo:
    """Take a round out that has no sessions.

    Raises:
        ValidationError: it has some.
    """
    return _without(base.locked(round_), actor)


# ------------------------------------------------------------------- spaces


@transaction.atomic
def save_space(
    *,
    unconference: Unconference,
    actor: Actor,
    space: Space | None = None,
    seen: int | None = None,
    **values: Unpack[SpaceFields],
) -> Space:
    """Add a space, or change one; what is not named stays. Published sessions bear its new name.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    from folkmoot.training.actions.grid_sessions import keep_in_step

    unconference = base.locked(unconference)
    row = base.locked(space, seen) if space is not None else Space(unconference=unconference)
    if not base.put(row, values) and row.pk is not None:
        return row
    if row.pk is None:
        number = unconference.spaces.count()
        if number >= SPACES:
            raise ValidationError(_("An unconference has at most %(n)d spaces.") % {"n": SPACES})
        row.order = number + 1
    base.write(row, actor=actor)
    keep_in_step(unconference=unconference, actor=actor)
    return row


@transaction.atomic
def remove_space(*, space: Space, actor: Actor) -> Undo:
    """Take a space out that has no sessions.

    Raises:
        ValidationError: it has some.
    """
    return _without(base.locked(space), actor)


def _without(row: Any, actor: Actor) -> Undo:
    number = Placement.objects.filter(**{row._meta.model_name: row}).count()
    if number:
        raise ValidationError(
            _("“%(name)s” has sessions (%(n)d): move them first.") % {"name": row, "n": number}, code="used"
        )
    touch(row.unconference_id)
    return removed(row, actor=actor)


@follows("training.round")
@follows("training.space")
def _again(row: models.Model, kind: str, actor: Actor) -> None:
    """A round or space is as it was: so are the sessions in it."""
    from folkmoot.training.actions.grid_sessions import keep_in_step

    unconference: Unconference = row.unconference  # type: ignore[attr-defined]
    keep_in_step(unconference=unconference, actor=actor)


@follows("training.unconference")
def _phase_again(row: models.Model, kind: str, actor: Actor) -> None:
    if kind != "+":
        touch(row.pk)
