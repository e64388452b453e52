"""Everything that changes the outbox: one function for each thing that a person does."""

from folkmoot.outbox.actions.base import CONSTRAINT_WORDS, Actor, OutboxStateError
from folkmoot.outbox.actions.channels import (
    after_restore,
    archive_channel,
    connect_channel,
    pause_all,
    pause_channel,
    remove_approval_rule,
    resume_all,
    resume_channel,
    save_approval_rule,
    save_channel,
    unarchive_channel,
)
from folkmoot.outbox.actions.deliveries import (
    approve,
    cancel,
    edit,
    it_is_not,
    it_is_there,
    not_posted,
    reschedule,
    send_now,
)
from folkmoot.outbox.actions.later import Withdrawn, correct, withdraw, withdraw_all
from folkmoot.outbox.actions.queueing import Withheld, queue, queue_comment, queue_mail
from folkmoot.outbox.actions.suppressions import came_back, lift, suppress, unsubscribe
from folkmoot.outbox.actions.texts import archive_template, save_template, send_test

__all__ = [
    "CONSTRAINT_WORDS",
    "Actor",
    "OutboxStateError",
    "Withdrawn",
    "Withheld",
    "after_restore",
    "approve",
    "archive_channel",
    "archive_template",
    "came_back",
    "cancel",
    "connect_channel",
    "correct",
    "edit",
    "it_is_not",
    "it_is_there",
    "lift",
    "not_posted",
    "pause_all",
    "pause_channel",
    "queue",
    "queue_comment",
    "queue_mail",
    "remove_approval_rule",
    "reschedule",
    "resume_all",
    "resume_channel",
    "save_approval_rule",
    "save_channel",
    "save_template",
    "send_now",
    "send_test",
    "suppress",
    "unarchive_channel",
    "unsubscribe",
    "withdraw",
    "withdraw_all",
]
