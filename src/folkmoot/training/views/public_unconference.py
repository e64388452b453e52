"""Unconferences for everybody: what was proposed, proposing, one's own proposal, voting."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render, resolve_url
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.ids import token as new_secret
from folkmoot.kernel.markdown import as_html
from folkmoot.kernel.reading import for_everybody
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.answers import refuse, user_of
from folkmoot.kernel.ui.guarded import counted_over, stamp, too_many
from folkmoot.people.public import Person
from folkmoot.training import letters
from folkmoot.training.actions import proposals as actions
from folkmoot.training.actions import voting
from folkmoot.training.forms.unconference import OwnProposalForm, ProposeForm
from folkmoot.training.models import Proposal, ProposalState, Unconference, Vote, WhoVotes
from folkmoot.training.queries import unconferences as queries
from folkmoot.training.unconference_letters import own_page
from folkmoot.training.views.registering import open_to_all

#: In an hour: proposals from one network address, mails to one address; browsers that vote from one network.
MOST_SENT, MOST_MAILS, MOST_BROWSERS = 60, 5, 2000
#: For how long a browser stays the same voter, in seconds.
VOTER_AGE = 120 * 24 * 60 * 60


def unconference_at(slug: str) -> Unconference:
    """The unconference of an event that everybody may see.

    Raises:
        Http404: there is none.
    """
    return get_object_or_404(queries.public(), event__slug=slug)


def about(row: Unconference) -> dict[str, Any]:
    """What all these pages show."""
    now = clock.now()
    return {
        "unconference": row,
        "event": row.event,
        "when": letters.when(row.event),
        "where": letters.where(row.event),
        "phase": row.phase(now),
        "can_propose": row.takes_proposals(now),
        "can_vote": row.takes_votes(now),
        "has_board": row.published_at is not None,
    }


@open_to_all
@require_safe
def proposals(request: HttpRequest, slug: str) -> HttpResponse:
    """What was proposed, and what can be done now; after the event what came of it."""
    row = unconference_at(slug)
    listed = list(queries.listed(row).select_related("leader", "session")[: actions.MOST])
    names = queries.names_of(listed)
    context = {
        **about(row),
        "intro": for_everybody(row.intro),
        "listed": [(one, names.get(one.pk, ""), as_html(one.description)) for one in listed],
    }
    return render(request, "events/unconference/proposals.html", context)


# ---------------------------------------------------------------- proposing


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, slug: str) -> HttpResponse:
    """The form by which people propose a session, or why they cannot."""
    row = unconference_at(slug)
    shown = about(row)
    if request.method != "POST" and request.GET.get("sent") in ("1", "2"):
        shown["must_confirm"] = request.GET["sent"] == "1"
        return render(request, "events/unconference/sent.html", shown)
    if not shown["can_propose"]:
        status = 409 if request.method == "POST" else 200
        return render(request, "events/unconference/closed.html", shown, status=status)
    user = user_of(request) if request.user.is_authenticated else None
    form = ProposeForm(
        request.POST or None,
        unconference=row,
        is_signed_in=user is not None,
        initial={"began": stamp()},
    )
    form.fields["title"].widget.attrs.update(
        {
            "hx-get": reverse("events:alike", args=[slug]),
            "hx-trigger": "input changed delay:400ms",
            "hx-target": "#alike",
        }
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _keep(request, row, form, user)
        except ValidationError as error:
            refuse(form, error)
    if form.non_field_errors():
        data = request.POST.copy()
        data["began"] = stamp()
        form.data = data
    shown |= {"form": form, "intro": for_everybody(row.intro)}
    return render(request, "events/unconference/propose.html", shown, status=422 if form.errors else 200)


def _keep(request: HttpRequest, row: Unconference, form: ProposeForm, user: User | None) -> HttpResponse:
    if too_many(request, "training.propose", MOST_SENT, 3600):
        raise ValidationError(_("Very much was proposed from your network just now. Try again in an hour."))
    values: Any = {**form.values(), "language": (get_language() or "en")[:12]}
    if user is None:
        digest = hashlib.sha256(fold(values["email"]).encode()).hexdigest()
        if counted_over(f"training.propose.{digest}", MOST_MAILS, 3600):
            raise ValidationError(
                {
                    "email": _(
                        "Several mails are on their way to this address already. Look there, or wait an hour."
                    )
                }
            )
    made = actions.propose(unconference=row, values=values, user=user)
    if user is not None:
        return HttpResponseRedirect(own_page(made))
    return HttpResponseRedirect(f"{request.path}?sent=1")


@open_to_all
@require_GET
def alike(request: HttpRequest, slug: str) -> HttpResponse:
    """Proposals whose title resembles what somebody types."""
    row = unconference_at(slug)
    found = queries.alike(row, request.GET.get("title", "")[:200])
    return render(request, "events/unconference/alike.html", {**about(row), "found": found})


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody's own proposal: confirm it, see how it stands, change or withdraw it. Only the buttons change it."""
    row = actions.read(token)
    if row is None:
        return render(request, "events/unconference/no_proposal.html", status=404)
    form = OwnProposalForm(
        request.POST if request.POST.get("do") == "save" else None,
        initial={name: getattr(row, name) for name in ("title", "description", "leader_name", "notes_url")},
    )
    problem = ""
    if request.method == "POST":
        try:
            if _done(request, row, form):
                return HttpResponseRedirect(request.path)
        except ValidationError as error:
            problem = " ".join(error.messages)
    place = getattr(row, "placement", None)
    is_public = row.unconference.published_at is not None and row.session_id is not None
    context = {
        **about(row.unconference),
        "proposal": row,
        "form": form,
        "problem": problem,
        "can_change": row.state in (ProposalState.UNPROVEN, ProposalState.WAITING, ProposalState.OPEN),
        "place": place if is_public else None,
        "vote_url": _vote_url(row),
    }
    status = 409 if problem else 422 if form.errors else 200
    return render(request, "events/unconference/own.html", context, status=status)


def _vote_url(row: Proposal) -> str:
    """Where whoever proposed it votes as themselves, while they can; ``""``: they cannot, or nobody knows who it is."""
    at = row.unconference
    if row.person_id is None or not at.takes_votes(clock.now()):
        return ""
    return reverse("events:vote_as", args=[at.event.slug, voting.token_for(at, row.person_id)])


def _done(request: HttpRequest, row: Proposal, form: OwnProposalForm) -> bool:
    """Do what a button says; whether the page is to be shown anew."""
    what = request.POST.get("do", "")
    if what == "confirm":
        actions.prove(proposal=row)
    elif what == "withdraw":
        actions.withdraw(proposal=row, actor=None)
    elif what == "save":
        if not form.is_valid():
            return False
        values: Any = form.cleaned_data
        actions.change_own(proposal=row, values=values)
    return True


# ------------------------------------------------------------------- voting


def who_of(request: HttpRequest, row: Unconference) -> voting.Who:
    """Who votes: somebody signed in, or what the signed cookie says; of somebody signed in also which browser it is."""
    kind, said = _remembered(request, row)
    secret = str(said) if kind == "s" else ""
    if request.user.is_authenticated:
        user = user_of(request)
        person = Person.objects.filter(user=user).values_list("pk", flat=True).first()
        if person is not None:
            return voting.Who(person=person, secret=secret)
        return voting.Who(user=user.pk, secret=secret)
    if kind == "p" and isinstance(said, int):
        return voting.Who(person=said)
    return voting.Who(secret=secret, is_left=kind == "k")


def _remembered(request: HttpRequest, row: Unconference) -> tuple[str, Any]:
    """What the cookie says of this browser: ``s`` with its secret, ``p`` with a person who came by their link, ``k``
    where somebody who was signed in has voted.
    """
    try:
        kind, said = signing.loads(
            request.COOKIES.get(_cookie(row), ""), salt=f"{voting.SALT}.cookie", max_age=VOTER_AGE
        )
    except (signing.BadSignature, TypeError, ValueError):
        return "", ""
    return str(kind), said


def _cookie(row: Unconference) -> str:
    return f"voter-{row.pk}"


def _remember(request: HttpRequest, response: HttpResponse, row: Unconference, said: list[Any]) -> None:
    response.set_cookie(
        _cookie(row),
        signing.dumps(said, salt=f"{voting.SALT}.cookie", compress=True),
        max_age=VOTER_AGE,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    """The list to choose from: a tap each. Works without scripts; with them only the list is loaded anew."""
    row = unconference_at(slug)
    who, is_new, problem = who_of(request, row), False, ""
    left_out = voting.put_together(unconference=row, who=who) or _number(request.GET.get("left_out", ""))
    if not (who.is_known or who.secret or who.is_left) and row.who_votes == WhoVotes.ANYBODY:
        who, is_new = voting.Who(secret=new_secret(24)), True
    if request.method == "POST":
        try:
            _choose(request, row, who, is_new=is_new)
            response: HttpResponse = HttpResponseRedirect(request.path)
            _remember_who(request, response, row, who, is_new=is_new, has_voted=True)
            return response
        except ValidationError as error:
            problem = " ".join(error.messages)
    voter = voting.find(row, who)
    chosen = set(Vote.objects.filter(voter=voter).values_list("proposal_id", flat=True)) if voter else set()
    listed = list(queries.listed(row).select_related("leader")[: actions.MOST])
    names = queries.names_of(listed)
    shown = [(one, names.get(one.pk, ""), one.pk in chosen) for one in listed]
    number = sum(is_chosen for _one, _name, is_chosen in shown)
    context = {
        **about(row),
        "listed": shown,
        "number": number,
        "left": max(0, row.votes_each - number),
        "left_out": left_out,
        "may_vote": who.is_known or bool(who.secret),
        "who": who,
        "problem": problem,
        "sign_in": f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.path})}",
    }
    response = render(request, "events/unconference/vote.html", context, status=409 if problem else 200)
    _remember_who(request, response, row, who, is_new=is_new, has_voted=bool(chosen))
    return response


def _remember_who(
    request: HttpRequest,
    response: HttpResponse,
    row: Unconference,
    who: voting.Who,
    *,
    is_new: bool,
    has_voted: bool,
) -> None:
    """A new browser keeps its secret; one in which somebody signed in has voted keeps that, so that they do not count
    again once they are signed out.
    """
    if is_new:
        _remember(request, response, row, ["s", who.secret])
    elif request.user.is_authenticated and has_voted and _remembered(request, row)[0] not in ("p", "k"):
        _remember(request, response, row, ["k", ""])


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 18 else 0


def _choose(request: HttpRequest, row: Unconference, who: voting.Who, *, is_new: bool) -> None:
    if is_new and too_many(request, "training.vote", MOST_BROWSERS, 3600):
        raise ValidationError(_("Very many vote from your network just now. Try again in an hour."))
    found = row.proposals.filter(pk=_number(request.POST.get("proposal", ""))).first()
    if found is None:
        raise ValidationError(_("This proposal is not in the list any more."))
    found.unconference = row
    voting.choose(proposal=found, who=who, wanted=request.POST.get("do") != "remove")


@open_to_all
@require_safe
def vote_as(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Remembers in this browser who votes, by the link on the page of a registration."""
    row = unconference_at(slug)
    person = voting.person_of(row, token)
    response = HttpResponseRedirect(reverse("events:vote", args=[slug]))
    if person is not None:
        who = who_of(request, row)
        if not who.is_known:
            who = voting.Who(person=person, secret=who.secret)
        left_out = voting.put_together(unconference=row, who=who)
        if left_out:
            response["Location"] += f"?left_out={left_out}"
        _remember(request, response, row, ["p", person])
    return response
