"""What the ledger and people in the house are told of openings and sign-ups."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel import clock, events
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.actions import notify
from folkmoot.kernel.notices.kinds import NoticeKind, notice_kinds
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.saving import Actor, current_version
from folkmoot.training.models import Event, Opening, SignUp, SignUpState

SOURCE = "training"
OPENED, CLOSED, SIGNED_UP = "training.opened", "training.closed", "training.signed_up"
DECIDED = {
    SignUpState.ACCEPTED: "training.sign_up_accepted",
    SignUpState.DECLINED: "training.sign_up_declined",
    SignUpState.WITHDRAWN: "training.sign_up_withdrawn",
}

NEW = notice_kinds.register(
    NoticeKind(
        "training.signed_up",
        gettext_lazy("Somebody signed up for an event that you seek people for"),
        Area.TRAINING,
        Level.CONTRIBUTE,
        icon="person-plus",
    )
)
ANSWERED = notice_kinds.register(
    NoticeKind(
        "training.answered",
        gettext_lazy("Your sign-up was accepted or declined"),
        Area.TRAINING,
        Level.VIEW,
        icon="reply",
    )
)


def opening_page(pk: int) -> str:
    """The address of an opening's page for those who run events."""
    return reverse("training:opening", args=[pk])


def _record(kind: str, event: Event, key: str, **more: Any) -> None:
    """Nobody's identity stands in it: that somebody was declined is nothing to tell of them."""
    events.record(
        events.Happening(
            kind=kind,
            identity_id=None,
            occurred_at=clock.now(),
            source=SOURCE,
            external_id=f"{kind}:{key}",
            detail={"event": event.pk, "title": event.title, **more},
        )
    )


def opened(opening: Opening) -> None:
    """People are sought, or again."""
    key = f"{opening.pk}:{current_version(opening)}"
    _record(OPENED, opening.event, key, opening=opening.pk)


def closed(opening: Opening) -> None:
    """Nobody is sought any more."""
    key = f"{opening.pk}:{current_version(opening)}"
    _record(CLOSED, opening.event, key, opening=opening.pk, why=opening.closed_because)


def signed_up(row: SignUp, actor: Actor) -> None:
    """Somebody signed up, or was; whoever looks after the opening hears of it."""
    opening, version = row.opening, current_version(row)
    _record(SIGNED_UP, opening.event, f"{row.pk}:{version}", **_of(row), is_own=row.is_own)
    if opening.owner is not None:
        notify(
            users=[opening.owner],
            kind=NEW.key,
            title=_("%(person)s signed up for %(event)s: %(part)s")
            % {"person": row.person.name, "event": opening.event.title, "part": row.kind.name},
            url=opening_page(opening.pk),
            dedupe=f"training.sign_up:{row.pk}:{version}",
            about=f"training.sign_up:{row.pk}",
            actor=actor,
        )


def decided(row: SignUp, actor: Actor) -> None:
    """It was decided about a sign-up; who may see events in the house is told there, everybody else by mail."""
    kind, version = DECIDED[SignUpState(row.state)], current_version(row)
    event = row.opening.event
    _record(kind, event, f"{row.pk}:{version}", **_of(row))
    user: User | None = row.person.user
    if user is None or row.state == SignUpState.WITHDRAWN:
        return
    words = {
        SignUpState.ACCEPTED: _("You take part in %(event)s: %(part)s"),
        SignUpState.DECLINED: _("%(event)s does not need you: %(part)s"),
    }[SignUpState(row.state)]
    notify(
        users=[user],
        kind=ANSWERED.key,
        title=words % {"event": event.title, "part": row.kind.name},
        url=reverse("training:own_sign_ups"),
        dedupe=f"training.sign_up:{row.pk}:{version}",
        about=f"training.sign_up:{row.pk}",
        actor=actor,
    )


def _of(row: SignUp) -> dict[str, Any]:
    return {"opening": row.opening_id, "sign_up": row.pk, "person": row.person_id, "part": row.kind.slug}
