"""Everything that changes who signs in and what they may do."""

from folkmoot.kernel.users.actions.invitations import (
    InvitationProblem,
    accept,
    invite,
    send_again,
    usable,
    withdraw,
)
from folkmoot.kernel.users.actions.lending import end_lending, lend
from folkmoot.kernel.users.actions.rights import change_levels
from folkmoot.kernel.users.actions.sessions import end_session, end_sessions
from folkmoot.kernel.users.actions.switching import switch_off, switch_on

__all__ = [
    "InvitationProblem",
    "accept",
    "change_levels",
    "end_lending",
    "end_session",
    "end_sessions",
    "invite",
    "lend",
    "send_again",
    "switch_off",
    "switch_on",
    "usable",
    "withdraw",
]
