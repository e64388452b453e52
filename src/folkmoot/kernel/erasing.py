"""How the kernel's own tables forget a person: their account, what others were told, what imports keep, the search."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.db.models import Q

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.erasure import (
    Eraser,
    NothingPersonal,
    Outcome,
    Subject,
    delete,
    erasers,
    mentioning,
    nothing_personal,
)
from folkmoot.kernel.imports.models import ImportChange, ImportRun, RejectedRow, StagedRow
from folkmoot.kernel.notices.models import Notice
from folkmoot.kernel.search.models import SearchEntry, SearchSpelling
from folkmoot.kernel.search.words import words
from folkmoot.kernel.users.models import Invitation, RightsEvent


def _account(subject: Subject, outcome: Outcome) -> None:
    """The account with all that hangs on it; what it did stays without a name."""
    by_mail = Q(pk__in=[])
    for email in subject.emails:
        by_mail |= Q(email__iexact=email)
    delete(outcome, Invitation.objects.filter(by_mail))
    events = mentioning(RightsEvent.objects.all(), "detail", subject.needles)
    outcome.gone(RightsEvent, events.update(detail=""))
    if subject.user is not None:
        delete(outcome, User.objects.filter(pk=subject.user))


def _notices(subject: Subject, outcome: Outcome) -> None:
    """What others were told about them."""
    for column in ("title", "body"):
        delete(outcome, mentioning(Notice.objects.all(), column, subject.needles))
    for pk in subject.people:
        delete(outcome, Notice.objects.filter(url__startswith=f"/people/{pk}/"))


#: The tables of the register whose rows an import may have made.
_OF_PERSON, _OF_IDENTITY = "people.person", "people.identity"


def _imports(subject: Subject, outcome: Outcome) -> None:
    """Rows as the files had them: those that wait, those that were refused, and what an undo would bring back."""
    delete(outcome, mentioning(StagedRow.objects.all(), "payload", subject.needles))
    delete(outcome, mentioning(RejectedRow.objects.all(), "content", subject.needles))
    delete(outcome, mentioning(RejectedRow.objects.all(), "reason", subject.needles))
    for column in ("before", "after"):
        delete(outcome, mentioning(ImportChange.objects.all(), column, subject.needles))
    theirs = Q(model=_OF_PERSON, object_id__in=subject.people) | Q(
        model=_OF_IDENTITY, object_id__in=subject.identities
    )
    delete(outcome, ImportChange.objects.filter(theirs))
    uploads = ImportRun.objects.exclude(path="").count()
    outcome.keeps(
        ImportRun, uploads, "files of imports are not rewritten: see the guide on how to delete them"
    )


def _search(subject: Subject, outcome: Outcome) -> None:
    """Words of the name that no record holds any more are guessed no more: after the commit, when they are learnt."""
    transaction.on_commit(partial(_unlearn, subject.needles), robust=True)


def _unlearn(texts: list[str]) -> None:
    for word in {word for text in texts for word in words(text)}:
        if not SearchEntry.objects.filter(words__icontains=word).exists():
            SearchSpelling.objects.filter(word=word).delete()


for _eraser in (
    Eraser(
        "kernel.account",
        frozenset(
            {
                "kernel.user",
                "kernel.invitation",
                "kernel.rightsevent",
                "kernel.delegation",
                "kernel.savedview",
            }
        ),
        _account,
        order=50,
    ),
    Eraser("kernel.notices", frozenset({"kernel.notice"}), _notices, order=40),
    Eraser(
        "kernel.imports",
        frozenset({"kernel.stagedrow", "kernel.rejectedrow", "kernel.importchange", "kernel.importrun"}),
        _imports,
        order=60,
    ),
    Eraser("kernel.search", frozenset({"kernel.searchentry"}), _search, order=90),
):
    erasers.register(_eraser)

nothing_personal.register(
    NothingPersonal(
        "kernel",
        frozenset(
            {
                "kernel.job",
                "kernel.columnmapping",
                "kernel.apiwrite",
                "kernel.apitoken",
                "kernel.historicalcommunity",
                "kernel.seenrecord",
            }
        ),
        "Numbers of rows, names of columns, digests that nobody can read, and what the owner of a token called it.",
    )
)
