"""What all actions of the outbox share."""

from __future__ import annotations

from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folkmoot.kernel.accounts.models import User

M = TypeVar("M", bound=models.Model)
#: Who acts; ``None`` is the machine.
Actor = User | None

#: For each constraint that a person can run into: the field, and the words.
CONSTRAINT_WORDS = {
    "channel_once": ("name", gettext_lazy("There is a channel of this name already.")),
    "channel_has_a_name": ("name", gettext_lazy("A channel needs a name.")),
    "channel_rate_is_positive": ("per_minute", gettext_lazy("At least one a minute, or leave it empty.")),
    "messagetemplate_once": ("name", gettext_lazy("There is a text of this name already.")),
    "approvalrule_once": ("area", gettext_lazy("There is this rule already.")),
    "approvalrule_once_anywhere": ("area", gettext_lazy("There is this rule already.")),
    "suppression_once": ("address", gettext_lazy("This address gets no such mail already.")),
}


class OutboxStateError(ValidationError):
    """What was asked does not fit where the delivery stands; the message says why."""


def write(row: M, *, actor: Actor, reason: str = "") -> M:
    """Check the row, save it, and keep in its history who did it and why.

    Raises:
        ValidationError: by field, in plain words.
    """
    row.full_clean(validate_constraints=False)
    row._history_user = actor  # type: ignore[attr-defined]
    row._change_reason = reason[:200] or None  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise in_words(error) from error
    return row


def in_words(error: IntegrityError) -> ValidationError:
    """What a refusal of the database means, in plain words, at the field where it can be mended."""
    cause = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or str(error)
    by_column = {
        "outbox_channel.name": "channel_once",
        "outbox_messagetemplate.name": "messagetemplate_once",
        "outbox_approvalrule.": "approvalrule_once",
        "outbox_suppression.address": "suppression_once",
    }
    cause = next((name for column, name in by_column.items() if column in cause), cause)
    for name, (field, words) in CONSTRAINT_WORDS.items():
        if name in cause:
            return ValidationError({field: ValidationError(words, code=name)})
    return ValidationError(_("Somebody saved the same a moment ago. Reload the page and look."), code="taken")
