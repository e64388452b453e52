"""How a community agrees to a post: handing in, approving, sending back; what is said about it; who may look."""

from folkmoot.publishing.actions.agreement.comments import (
    add_comment,
    add_guest_comment,
    put_back_suggestion,
    reopen_comment,
    resolve_comment,
    take_suggestion,
)
from folkmoot.publishing.actions.agreement.previews import find_link, make_link, withdraw_link
from folkmoot.publishing.actions.agreement.rules import load_rules, remove_rule, save_rule
from folkmoot.publishing.actions.agreement.states import approve, hand_in, send_back
from folkmoot.publishing.actions.agreement.taking_back import (
    approvals_by,
    handed_in_version,
    take_back_approval,
    take_back_hand_in,
)
from folkmoot.publishing.actions.agreement.waivers import waive, withdraw_waiver

__all__ = [
    "add_comment",
    "add_guest_comment",
    "approvals_by",
    "approve",
    "find_link",
    "hand_in",
    "handed_in_version",
    "load_rules",
    "make_link",
    "put_back_suggestion",
    "remove_rule",
    "reopen_comment",
    "resolve_comment",
    "save_rule",
    "send_back",
    "take_back_approval",
    "take_back_hand_in",
    "take_suggestion",
    "waive",
    "withdraw_link",
    "withdraw_waiver",
]
