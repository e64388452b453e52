"""Ending sessions: signing somebody out where they are signed in."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import transaction

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.users.log import tell
from folkmoot.kernel.users.models import RightsEventKind


@transaction.atomic
def end_session(*, session: UserSession, actor: User) -> None:
    """Sign out in one place: one's own, or anybody's for an admin of the settings.

    Raises:
        PermissionDenied: somebody else's session.
    """
    if session.user_id != actor.pk and not actor.has_perm("settings.admin"):
        raise PermissionDenied("session")
    user = User.objects.get(pk=session.user_id)
    session.end()
    tell(RightsEventKind.SIGNED_OUT_ELSEWHERE, actor=actor, subject=user, detail=session.user_agent)


@transaction.atomic
def end_sessions(*, user: User, actor: User | None, but: str | None = None) -> int:
    """Sign a user out everywhere (``but`` is a session's key that stays); returns how many sessions ended.

    Raises:
        PermissionDenied: somebody else's sessions, and the actor is no admin of the settings.
    """
    if actor is not None and user.pk != actor.pk and not actor.has_perm("settings.admin"):
        raise PermissionDenied("sessions")
    sessions = [row for row in UserSession.objects.filter(user=user) if row.session_key != but]
    for session in sessions:
        session.end()
    if sessions:
        tell(RightsEventKind.SIGNED_OUT_ELSEWHERE, actor=actor, subject=user, detail=str(len(sessions)))
    return len(sessions)
