"""How the outbox forgets a person: that something left stays counted, what it said and to whom does not."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from folkmoot.kernel.erasure import (
    Eraser,
    NothingPersonal,
    Outcome,
    Subject,
    delete,
    delete_history,
    erasers,
    mentioning,
    nothing_personal,
)
from folkmoot.outbox.models import Attachment, Attempt, Bounce, Delivery, Suppression
from folkmoot.outbox.models.deliveries import PLANNED, State, digest

SENT = "that a message left counts; to whom and what it said is blank"


def _forget(subject: Subject, outcome: Outcome) -> None:
    """Blank what went to them or speaks of them; what is only planned does not leave any more.

    Raises:
        ValidationError: a message is just leaving.
    """
    found = set(Delivery.objects.filter(recipient__in=subject.emails).values_list("pk", flat=True))
    for column in ("payload", "title", "recipient_name", "words", "key"):
        rows = mentioning(Delivery.objects.all(), column, subject.needles)
        found |= set(rows.values_list("pk", flat=True))
    theirs = Delivery.objects.filter(pk__in=found)
    if theirs.filter(state__in=[State.CLAIMED, State.SENDING]).exists():
        raise ValidationError(
            _("A message to this person is leaving at this moment. Try again in a minute."), code="leaving"
        )
    theirs.filter(state__in=[*PLANNED, State.UNCERTAIN, State.NEEDS_PERSON]).update(state=State.CANCELLED)
    for pk in sorted(found):
        Delivery.objects.filter(pk=pk).update(
            key=f"erased:{pk}",
            title=subject.stand_in,
            recipient="",
            recipient_name="",
            payload={},
            payload_sha256=digest({}),
            words="",
            remote_url="",
            about_url="",
        )
    Attempt.objects.filter(delivery__in=found).update(words="")
    delete(outcome, Attachment.objects.filter(delivery__in=found))
    outcome.gone("outbox.delivery's content", len(found))
    outcome.keeps(Delivery, len(found), SENT)
    delete(outcome, Bounce.objects.filter(Q(delivery__in=found) | Q(address__in=subject.emails)))
    delete_history(outcome, Suppression, address__in=subject.emails)
    delete(outcome, Suppression.objects.filter(address__in=subject.emails))


erasers.register(
    Eraser(
        "outbox",
        frozenset(
            {
                "outbox.delivery",
                "outbox.attachment",
                "outbox.attempt",
                "outbox.bounce",
                "outbox.suppression",
                "outbox.historicalsuppression",
            }
        ),
        _forget,
        order=20,
    )
)
nothing_personal.register(
    NothingPersonal(
        "outbox",
        frozenset(
            {
                "outbox.channel",
                "outbox.historicalchannel",
                "outbox.messagetemplate",
                "outbox.historicalmessagetemplate",
            }
        ),
        "Settings of channels and words of templates, with variables where people stand.",
    )
)
