"""How requests forget a person: what they asked for goes as a whole, what came of it stays with the event."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.db import transaction
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
    FormField,
    FormVersion,
    Request,
    RequestFile,
    RequestForm,
    RequestNote,
)

#: Text in which somebody may be named, by table.
TEXTS = {
    RequestForm: ("title", "intro", "landing", "contact"),
    FormField: ("label", "help", "shown_value"),
    RequestNote: ("body",),
    Request: ("organization_name", "reason", "score_notes"),
    RequestFile: ("name",),
}
NEEDED = ("title", "label", "body", "shown_value")
JSON = {
    Request: ("answers", "score_reasons"),
    FormVersion: ("fields",),
}


def forget(subject: Subject, outcome: Outcome) -> None:
    """Delete the requests of a person with files and notes; take their name out of those of others."""
    mine = Q(person__in=list(subject.people)) | Q(email_folded__in=list(subject.emails))
    numbers = list(Request.objects.filter(mine).values_list("pk", flat=True))
    paths = list(RequestFile.objects.filter(request__in=numbers).values_list("path", flat=True))
    notes = list(RequestNote.objects.filter(request__in=numbers).values_list("pk", flat=True))
    Request.objects.filter(merged_into__in=numbers).update(merged_into=None)
    delete(outcome, Request.objects.filter(pk__in=numbers))
    delete_history(outcome, Request, id__in=numbers)
    delete_history(outcome, RequestNote, id__in=notes)
    for model, columns in TEXTS.items():
        needed = ("name",) if model is RequestFile else NEEDED
        forget_texts(model, columns, subject, outcome, needed=needed)
    for each, keys in JSON.items():
        forget_json(each, keys, subject, outcome)

    def remove_files() -> None:
        for path in paths:
            default_storage.delete(path)

    transaction.on_commit(remove_files)


erasers.register(
    Eraser(
        "training.requests",
        frozenset(
            f"training.{name}"
            for name in (
                *("request", "historicalrequest", "requestform", "historicalrequestform", "formfield"),
                *("historicalformfield", "requestnote", "historicalrequestnote", "requestfile"),
                "formversion",
            )
        ),
        forget,
        order=40,
    )
)
nothing_personal.register(
    NothingPersonal(
        "training.score_rules",
        frozenset({"training.scorerule", "training.historicalscorerule"}),
        "What gives points: words of choices, and codes of countries.",
    )
)
