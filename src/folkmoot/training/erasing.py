"""How training forgets a person: that a part was taken counts and stays, what names them in it goes."""

from __future__ import annotations

from django.db.models import Q

from folkmoot.kernel.erasure import (
    Eraser,
    NothingPersonal,
    Outcome,
    Subject,
    delete,
    delete_history,
    erasers,
    forget_json,
    forget_texts,
    nothing_personal,
)
from folkmoot.training.models import (
    Agreement,
    AgreementContact,
    Allowance,
    Certificate,
    Event,
    EventLink,
    EventNote,
    EventPage,
    Extension,
    Opening,
    PageReading,
    Question,
    Registration,
    Session,
    SignUp,
    Task,
    TeachingProfile,
    Use,
)

PARTS = "who taught and took part counts in figures that are out; without a name"
#: Text in which somebody may be named, by table.
TEXTS = {
    Event: (
        "title",
        "summary",
        "description",
        "contact",
        "status_reason",
        "registration_note",
        "accommodations",
    ),
    EventLink: ("label", "url"),
    EventNote: ("body",),
    Session: ("title", "abstract"),
    Question: ("text", "help"),
    EventPage: ("text",),
    Agreement: ("consortium", "document_url", "note"),
    Extension: ("reason",),
    Allowance: ("note",),
    Use: ("reason",),
    Opening: ("text", "note"),
}
NEEDED = ("title", "text", "url", "reason", "body")


def _forget(subject: Subject, outcome: Outcome) -> None:
    people = list(subject.people)
    mine = Q(person__in=people) | Q(email_folded__in=list(subject.emails))
    numbers = list(Registration.objects.filter(mine).values_list("pk", flat=True))
    delete(outcome, Registration.objects.filter(pk__in=numbers))
    delete_history(outcome, Registration, id__in=numbers)
    theirs_to_show = Q(task__person__in=people) | Q(award__person__in=people)
    issued = list(Certificate.objects.filter(theirs_to_show).values_list("pk", flat=True))
    for said in (SignUp, TeachingProfile):
        delete(outcome, said._default_manager.filter(person__in=people))
        delete_history(outcome, said, person_id__in=people)
    delete(outcome, Certificate.objects.filter(pk__in=issued))
    delete_history(outcome, Certificate, id__in=issued)
    spoke = AgreementContact.objects.filter(person__in=people)
    delete(outcome, spoke)
    delete_history(outcome, AgreementContact, person_id__in=people)
    theirs = Task.objects.filter(person__in=people)
    theirs.update(note="")
    delete_history(outcome, Task, person_id__in=people)
    outcome.keeps(Task, theirs.count(), PARTS)
    for model, columns in TEXTS.items():
        forget_texts(model, columns, subject, outcome, needed=NEEDED)
    forget_texts(Task, ("note",), subject, outcome)
    forget_texts(Registration, ("needs", "reason"), subject, outcome)
    forget_texts(Certificate, ("revoked_because",), subject, outcome, needed=("revoked_because",))
    forget_texts(SignUp, ("interest", "note"), subject, outcome)
    forget_json(Event, ("detail",), subject, outcome)
    forget_json(Registration, ("answers",), subject, outcome)
    forget_json(PageReading, ("said",), subject, outcome)


_MODELS = (*TEXTS, Registration, Certificate, Task, AgreementContact, SignUp, TeachingProfile)

erasers.register(
    Eraser(
        "training",
        frozenset(
            f"training.{prefix}{model._meta.model_name}" for model in _MODELS for prefix in ("", "historical")
        )
        | {"training.pagereading"},
        _forget,
        order=39,
    )
)
nothing_personal.register(
    NothingPersonal(
        "training",
        frozenset(
            f"training.{prefix}{name}"
            for prefix in ("", "historical")
            for name in (
                *("programme", "certificatepattern", "eventkind", "taskkind", "curriculum"),
                *("survey", "tier", "tierbenefit", "benefitkind", "contactrole"),
                *("recruitmentrules", "soughtpart"),
            )
        ),
        "Rows of programmes, patterns with gaps where people are named, and how many people are sought.",
    )
)
nothing_personal.register(
    NothingPersonal(
        "training.agreements",
        frozenset(
            f"training.{prefix}{name}"
            for prefix in ("", "historical")
            for name in ("agreementparty", "registrationcode")
        ),
        "Which organisations hold an agreement, and codes that are made of their names.",
    )
)
nothing_personal.register(
    NothingPersonal(
        "training.contributions",
        frozenset({"training.contribution"}),
        "Which items belong to which sprint, by the sprint's short name; the items are the ledger's.",
    )
)
