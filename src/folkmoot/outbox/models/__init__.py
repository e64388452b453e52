"""The tables of the outbox."""

from folkmoot.outbox.models.attachments import Attachment
from folkmoot.outbox.models.channels import Channel, Switch
from folkmoot.outbox.models.deliveries import (
    OPEN,
    PLANNED,
    STUCK,
    Approval,
    ApprovalRule,
    Attempt,
    Delivery,
    State,
    Verb,
    digest,
)
from folkmoot.outbox.models.suppressions import Bounce, Suppression
from folkmoot.outbox.models.texts import MessageTemplate

__all__ = [
    "OPEN",
    "PLANNED",
    "STUCK",
    "Approval",
    "ApprovalRule",
    "Attachment",
    "Attempt",
    "Bounce",
    "Channel",
    "Delivery",
    "MessageTemplate",
    "State",
    "Suppression",
    "Switch",
    "Verb",
    "digest",
]
