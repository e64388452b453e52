"""How unconferences forget a person: votes go, a proposal stays as an idea without a name."""

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
    forget_texts,
    nothing_personal,
)
from folkmoot.training.models import Proposal, ProposalState, Round, Space, Unconference, Voter

KEPT = "others voted for the session and came to it; without a name"
#: Text in which somebody may be named, by table.
TEXTS = {
    Unconference: ("intro",),
    Round: ("title",),
    Space: ("name", "url"),
    Proposal: ("title", "description", "leader_name", "proposer_name", "notes_url", "hidden_because"),
}
NEEDED = ("title", "name", "hidden_because")


def _forget(subject: Subject, outcome: Outcome) -> None:
    people = list(subject.people)
    voted = Q(person__in=people) | Q(user__in=[subject.user] if subject.user is not None else [])
    delete(outcome, Voter.objects.filter(voted))
    mine = Q(person__in=people) | Q(email_folded__in=list(subject.emails))
    unproven = Proposal.objects.filter(mine, state=ProposalState.UNPROVEN)
    numbers = list(unproven.values_list("pk", flat=True))
    delete(outcome, unproven)
    delete_history(outcome, Proposal, id__in=numbers)
    theirs = Proposal.objects.filter(mine)
    kept = list(theirs.values_list("pk", flat=True))
    led = list(Proposal.objects.filter(leader__in=people).values_list("pk", flat=True))
    Proposal.objects.filter(pk__in=kept).update(proposer_name="", email="", email_folded="")
    Proposal.objects.filter(pk__in=led).update(leader_name="")
    delete_history(outcome, Proposal, id__in=[*kept, *led])
    outcome.keeps(Proposal, len({*kept, *led}), KEPT)
    for model, columns in TEXTS.items():
        forget_texts(model, columns, subject, outcome, needed=NEEDED)


erasers.register(
    Eraser(
        "training.unconference",
        frozenset(
            {
                *(
                    f"training.{prefix}{name}"
                    for prefix in ("", "historical")
                    for name in ("unconference", "round", "space", "proposal")
                ),
                "training.voter",
            }
        ),
        _forget,
        order=41,
    )
)
nothing_personal.register(
    NothingPersonal(
        "training.grid",
        frozenset({"training.placement", "training.historicalplacement", "training.vote"}),
        "Which session is in which space; a vote hangs on its voter and goes with it.",
    )
)
