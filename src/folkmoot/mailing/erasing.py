"""How mails by rule forget a person: that one was planned counts, to whom and what it said does not."""

from __future__ import annotations

from django.utils.translation import gettext as _

from folkmoot.kernel.erasure import (
    Eraser,
    NothingPersonal,
    Outcome,
    Subject,
    erasers,
    forget_json,
    forget_texts,
    mentioning,
    nothing_personal,
)
from folkmoot.mailing.models import OPEN, MailRule, PlannedMail


def _forget(subject: Subject, outcome: Outcome) -> None:
    """Take them out of the recipients; a mail that a person wrote by hand and that names them does not leave."""
    named = mentioning(PlannedMail.objects.filter(state__in=OPEN), "own_body", subject.needles)
    PlannedMail.objects.filter(pk__in=list(named.values_list("pk", flat=True))).update(
        state="cancelled", due_at=None, reason=_("Somebody whom it names asked to be forgotten.")
    )
    for name in ("to", "cc", "bcc"):
        for mail in mentioning(PlannedMail.objects.all(), name, subject.needles):
            kept = [one for one in getattr(mail, name) if one[1].casefold() not in subject.emails]
            values = {name: kept}
            if name == "to" and len(mail.languages) == len(mail.to):
                pairs = zip(mail.to, mail.languages, strict=True)
                values["languages"] = [code for one, code in pairs if one[1].casefold() not in subject.emails]
            PlannedMail.objects.filter(pk=mail.pk).update(**values)
    forget_json(PlannedMail, ("to", "cc", "bcc"), subject, outcome)
    texts = ("record_name", "reason", "problem", "question", "own_subject", "own_body")
    forget_texts(PlannedMail, texts, subject, outcome)
    forget_texts(MailRule, ("about",), subject, outcome)


erasers.register(
    Eraser(
        "mailing",
        frozenset({"mailing.plannedmail", "mailing.mailrule", "mailing.historicalmailrule"}),
        _forget,
        order=21,
    )
)
nothing_personal.register(
    NothingPersonal(
        "changes",
        frozenset({"kernel.changedrow"}),
        "Names of tables and numbers of rows, until a job reads them.",
    )
)
nothing_personal.register(
    NothingPersonal(
        "mailing.texts",
        frozenset({"mailing.ruletext", "mailing.historicalruletext"}),
        "Words of rules, with variables where people stand.",
    )
)
