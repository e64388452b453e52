"""A published grid as sessions of the event: what calendars, the event's page and websites show; and who is told."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.ids import token
from folkmoot.training import unconference_letters as letters
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.actions.unconferences import round_words, touch
from folkmoot.training.models import Placement, Proposal, Session, Unconference

GONE = "-"


@transaction.atomic
def publish(*, unconference: Unconference, actor: Actor) -> int:
    """Show the grid to everybody: its sessions become sessions of the event, and who proposed one is told. What was
    published before moves. Twice does nothing more.

    Returns:
        how many sessions there are.

    Raises:
        ValidationError: nothing is placed; somebody has a part in a session that would go.
    """
    row = base.locked(unconference)
    number = Placement.objects.filter(proposal__unconference=row, is_cancelled=False).count()
    if not number:
        raise ValidationError(_("Nothing is placed yet: plan the grid first."), code="empty")
    is_first = row.published_at is None
    if base.put(row, {"published_at": row.published_at or clock.now(), "is_draft": False}):
        base.write(row, actor=actor)
    if is_first:
        Placement.objects.filter(proposal__unconference=row).update(moved_from="", is_late=False)
    _sync(row, actor=actor, is_first=is_first)
    return number


@transaction.atomic
def withdraw_grid(*, unconference: Unconference, actor: Actor) -> None:
    """Take the published grid back: it is a draft again, and its sessions go. Twice does nothing more.

    Raises:
        ValidationError: somebody has a part in one of the sessions.
    """
    row = base.locked(unconference)
    if base.put(row, {"published_at": None, "is_draft": True}):
        base.write(row, actor=actor)
        for proposal in row.proposals.filter(session__isnull=False).select_related("session"):
            _remove(proposal, actor)
        row.proposals.update(told="")
        touch(row)


def keep_in_step(*, unconference: Unconference, actor: Actor) -> None:
    """What was changed in a published grid holds for its sessions, too. A draft is left alone."""
    row = Unconference.objects.select_related("event").get(pk=unconference.pk)
    if row.published_at is not None and not row.is_draft:
        _sync(row, actor=actor, is_first=False)
    else:
        touch(row)


def _sync(row: Unconference, *, actor: Actor, is_first: bool) -> None:
    live = {
        place.proposal_id: place
        for place in Placement.objects.filter(proposal__unconference=row, is_cancelled=False)
        .select_related("round__unconference__event", "space", "proposal__session", "proposal__person")
        .order_by("pk")
    }
    known = row.proposals.filter(session__isnull=False).select_related("session", "person")
    for proposal in known.exclude(pk__in=live):
        _remove(proposal, actor)
        _tell(letters.CANCELLED, proposal, GONE, None)
    for place in live.values():
        _put(row, place, actor, is_first=is_first)
    touch(row)


def _put(row: Unconference, place: Placement, actor: Actor, *, is_first: bool) -> None:
    """A place as a session; who proposed it is told where that is news."""
    proposal = place.proposal
    session = proposal.session or Session(event=row.event, uid=token(16))
    was = "" if session.pk is None else words_of(session, row.event.time_zone)
    has_moved = session.pk is not None and (
        session.room != place.space.name or session.starts_at != place.round.starts_at
    )
    changed = base.put(
        session,
        {
            "title": proposal.title,
            "abstract": proposal.description,
            "room": place.space.name,
            "starts_at": place.round.starts_at,
            "ends_at": place.round.ends_at,
        },
    )
    if changed or session.pk is None:
        base.write(session, actor=actor, reason="grid")
    if proposal.session_id != session.pk:
        Proposal.objects.filter(pk=proposal.pk).update(session=session)
        Placement.objects.filter(pk=place.pk).update(is_late=not is_first)
    if has_moved:
        now = words_of(session, row.event.time_zone)
        Placement.objects.filter(pk=place.pk).update(
            moved_from="" if place.moved_from == now else (place.moved_from or was)[:200]
        )
    news = f"{int(place.round.starts_at.timestamp())}:{place.space_id}"
    if proposal.told != news:
        kind = letters.MOVED if proposal.told not in ("", GONE) else letters.PLACED
        _tell(kind, proposal, news, place)


def words_of(session: Session, zone: str) -> str:
    """Where a session is and when it begins: "Room 2, 10:00"."""
    at = session.starts_at.astimezone(ZoneInfo(zone)).strftime("%H:%M") if session.starts_at else ""
    return ", ".join(part for part in (session.room, at) if part)


def _remove(proposal: Proposal, actor: Actor) -> None:
    session = proposal.session
    Proposal.objects.filter(pk=proposal.pk).update(session=None)
    if session is not None:
        base.unused(session, but=frozenset({"training.proposal"}))
        base.remove(session, actor=actor, reason="grid")


def _tell(kind: str, proposal: Proposal, news: str, place: Placement | None) -> None:
    Proposal.objects.filter(pk=proposal.pk).update(told=news)
    if not proposal.email and proposal.person is None:
        return
    room = place.space.name if place is not None else ""
    when = round_words(place.round) if place is not None else ""
    key = f"{kind}:{proposal.pk}:{news}:{int(clock.now().timestamp())}"
    letters.try_to(kind, lambda: letters.send(kind, proposal, key=key, news={"room": room, "when": when}))
