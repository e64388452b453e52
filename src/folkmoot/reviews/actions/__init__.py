"""Every change in reviews: one function for each thing a person does."""

from folkmoot.reviews.actions.assignments import answer, assign, finish, set_due, unassign
from folkmoot.reviews.actions.checklists import tick, untick
from folkmoot.reviews.actions.conflicts import declare_conflict, edit_conflict, remove_conflict
from folkmoot.reviews.actions.invitations import answer_by_link, invite
from folkmoot.reviews.actions.notes import add_note, edit_note, remove_note
from folkmoot.reviews.actions.stages import (
    beside,
    hold,
    move_to,
    resume,
    sighting_of,
    take_back,
    undo_move,
)
from folkmoot.reviews.actions.submissions import (
    close,
    edit_submission,
    open_submission,
    outcomes_for,
    reopen,
)
from folkmoot.reviews.actions.texts import write_about

__all__ = [
    "add_note",
    "answer",
    "answer_by_link",
    "assign",
    "beside",
    "close",
    "declare_conflict",
    "edit_conflict",
    "edit_note",
    "edit_submission",
    "finish",
    "hold",
    "invite",
    "move_to",
    "open_submission",
    "outcomes_for",
    "remove_conflict",
    "remove_note",
    "reopen",
    "resume",
    "set_due",
    "sighting_of",
    "take_back",
    "tick",
    "unassign",
    "undo_move",
    "untick",
    "write_about",
]
