"""Choosing proposals: one voter has one set of votes, whichever way they come."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.people.public import Person
from folkmoot.training.models import Proposal, ProposalState, Unconference, Vote, Voter, WhoVotes

SALT = "training.vote"


@dataclass(frozen=True)
class Who:
    """Somebody who votes: as a person of the register, as a user without a record, or as a browser.

    Attributes:
        secret: what stands in the signed cookie of a browser.
        is_left: somebody who is known voted in this browser, and is signed out now.
    """

    person: int | None = None
    user: int | None = None
    secret: str = ""
    is_left: bool = False

    @property
    def is_known(self) -> bool:
        """The house knows who it is."""
        return self.person is not None or self.user is not None

    @property
    def digest(self) -> str:
        """What is kept of a browser."""
        return hashlib.sha256(self.secret.encode()).hexdigest() if self.secret else ""


def token_for(unconference: Unconference, person: Person | int) -> str:
    """What stands in the address by which somebody who registered votes as themselves."""
    pk = person if isinstance(person, int) else person.pk
    return signing.dumps([unconference.pk, pk], salt=SALT, compress=True)


def person_of(unconference: Unconference, token: str) -> int | None:
    """Whose address it is; ``None``: it is none of ours, or another unconference's."""
    try:
        pk, person = signing.loads(token, salt=SALT)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return person if pk == unconference.pk and isinstance(person, int) else None


def find(unconference: Unconference, who: Who) -> Voter | None:
    """The voter, who may not have voted yet; one query, none where nobody is known."""
    rows = Voter.objects.filter(unconference=unconference)
    if who.person is not None:
        return rows.filter(person=who.person).first()
    if who.user is not None:
        return rows.filter(user=who.user).first()
    return rows.filter(digest=who.digest).first() if who.secret else None


def _voter(unconference: Unconference, who: Who) -> Voter:
    """The voter, held until the transaction ends; made where there is none."""
    found = find(unconference, who)
    if found is None:
        made = Voter(unconference=unconference)
        if who.person is not None:
            made.person_id = who.person
        elif who.user is not None:
            made.user_id = who.user
        else:
            made.digest = who.digest
        try:
            with transaction.atomic():
                made.save()
        except IntegrityError:  # two taps at once
            found = find(unconference, who)
        else:
            found = made
    assert found is not None  # noqa: S101 - it was made by one of the two
    return Voter.objects.select_for_update().get(pk=found.pk)


def _strays(unconference: Unconference, who: Who) -> QuerySet[Voter]:
    """Voters who are somebody known as well: this browser before they said who they are, their account before it had a
    record.
    """
    same = Q(pk=None)
    if who.secret:
        same |= Q(digest=who.digest)
    if who.person is not None:
        same |= Q(user__person=who.person)
    return Voter.objects.filter(same, unconference=unconference)


def put_together(*, unconference: Unconference, who: Who) -> int:
    """Make one voter of somebody who is known and what they chose before they were: one person counts once. What they
    chose as themselves comes first, then the rest in its order, as many as they have votes.

    Returns:
        how many votes were left out since all were used.
    """
    if not who.is_known or not unconference.takes_votes(clock.now()):
        return 0
    strays = set(_strays(unconference, who).values_list("pk", flat=True))
    return _take_over(unconference, who, strays) if strays else 0


@transaction.atomic
def _take_over(unconference: Unconference, who: Who, strays: set[int]) -> int:
    """Move the votes of strays to their voter, and let the strays go; how many votes were left out."""
    voter = _voter(unconference, who)
    seen = dict(Vote.objects.filter(voter=voter).values_list("proposal_id", "proposal__state"))
    number = list(seen.values()).count(ProposalState.OPEN)
    moved: list[int] = []
    left_out = 0
    others = Vote.objects.filter(voter__in=strays).order_by("voted_at", "pk")
    for pk, proposal, state in others.values_list("pk", "proposal_id", "proposal__state"):
        if proposal in seen:
            continue
        seen[proposal] = state
        if state == ProposalState.OPEN:
            if number >= unconference.votes_each:
                left_out += 1
                continue
            number += 1
        moved.append(pk)
    Vote.objects.filter(pk__in=moved).update(voter=voter)
    Voter.objects.filter(pk__in=strays).delete()
    return left_out


@transaction.atomic
def choose(*, proposal: Proposal, who: Who, wanted: bool) -> int:
    """Choose a proposal, or take that back. Twice does nothing more.

    Returns:
        how many the voter has chosen now.

    Raises:
        ValidationError: nobody can vote now, or not this voter; the proposal does not count; all votes are used.
    """
    unconference = proposal.unconference
    if not unconference.takes_votes(clock.now()):
        raise ValidationError(_("Nobody can vote now."), code="closed")
    if who.is_left and not who.is_known:
        raise ValidationError(
            _("Somebody who is known voted in this browser already. Sign in again to change these votes."),
            code="left",
        )
    if not who.is_known and (unconference.who_votes == WhoVotes.KNOWN or not who.secret):
        raise ValidationError(
            _("Sign in, or follow the link on the page of your registration, and vote there."), code="unknown"
        )
    if proposal.state != ProposalState.OPEN:
        raise ValidationError(_("“%(name)s” is not in the list any more.") % {"name": proposal}, code="state")
    voter = _voter(unconference, who)
    mine = Vote.objects.filter(voter=voter, proposal__state=ProposalState.OPEN)
    if not wanted:
        Vote.objects.filter(voter=voter, proposal=proposal).delete()
        return mine.count()
    number = mine.count()
    if mine.filter(proposal=proposal).exists():
        return number
    if number >= unconference.votes_each:
        raise ValidationError(
            _("You have chosen %(n)d, and that is all you can: take one back first.") % {"n": number},
            code="all",
        )
    Vote.objects.create(voter=voter, proposal=proposal)
    return number + 1
