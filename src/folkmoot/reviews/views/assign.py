"""Who takes part in a submission: finding, asking, adding, noting down, taking off; writing to them."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import demand, requires
from folkmoot.kernel.text import fold_accents
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import last_change
from folkmoot.outbox.public import MessageTemplate, message_kinds
from folkmoot.people.public import Person, addresses_of
from folkmoot.reviews import letters
from folkmoot.reviews.actions import assignments, invitations, texts
from folkmoot.reviews.forms.people import AddPersonForm, AskForm, DueForm, NoteAnswerForm, WriteAboutForm
from folkmoot.reviews.models import Assignment, Submission, Turn
from folkmoot.reviews.queries.turns import turn_of
from folkmoot.reviews.ranking.editors import rank_editors
from folkmoot.reviews.ranking.pool import load
from folkmoot.reviews.ranking.reviewers import rank
from folkmoot.reviews.ranking.teams import team
from folkmoot.reviews.views.base import page_of, undo_url

Role, State = Assignment.Role, Assignment.State
#: People shown of a ranked list.
SHOWN = 40
#: What one may do with a part of this role.
PERMISSION = {Role.REVIEWER: "reviews.ask"}


def _submission(pk: int) -> Submission:
    return get_object_or_404(Submission.objects.select_related("programme", "stage", "project"), pk=pk)


def _may(request: HttpRequest, role: str, submission: Submission) -> None:
    """Stop who may not give this part: reviewers are asked by a submission's editors, all others by who manages."""
    permission = PERMISSION.get(Role(role), "reviews.manage")
    demand(request.user, permission, submission if permission == "reviews.ask" else None)


def _role(role: str) -> str:
    if role not in assignments.ASKED_ROLES:
        raise Http404
    return role


# ------------------------------------------------------------------ finding


@requires("reviews.contribute")
@require_GET
def find_reviewers(request: HttpRequest, pk: int) -> HttpResponse:
    """A team that keeps every rule, or which rules stand in the way; and everybody, the best first, with reasons."""
    row = _submission(pk)
    _may(request, Role.REVIEWER, row)
    pool = load([row])
    words = request.GET.get("q", "").strip()[:100]
    ranked = rank(row, pool)
    if words:
        ranked = [one for one in ranked if fold_accents(words) in one.person.sort_key]
    barred = [one for one in ranked if one.bars]
    free = [one for one in ranked if not one.bars]
    return render(
        request,
        "reviews/find_reviewers.html",
        {
            "submission": row,
            "team": team(row, pool),
            "topics": sorted(pool.about[row.pk].topics.values()),
            "asked": words,
            "free": free[:SHOWN],
            "more": max(len(free) - SHOWN, 0),
            "barred": barred[:SHOWN],
            "number_barred": len(barred),
        },
    )


@requires("reviews.manage")
@require_GET
def find_editor(request: HttpRequest, pk: int) -> HttpResponse:
    """Who could edit it, the best first, with reasons."""
    row = _submission(pk)
    ranked = rank_editors(row)
    return render(
        request,
        "reviews/find_editor.html",
        {
            "submission": row,
            "free": [one for one in ranked if not one.bars],
            "barred": [one for one in ranked if one.bars],
        },
    )


# ------------------------------------------------------------------- asking


@requires("reviews.contribute")
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, pk: int, role: str, person: int) -> HttpResponse:
    """Asks somebody to edit or review, by a mail with a link for the answer."""
    row, who = _submission(pk), get_object_or_404(Person, pk=person, erased_at=None)
    role = _role(role)
    _may(request, role, row)
    user = user_of(request)
    kind = letters.ASKING[Role(role)]
    found = list(MessageTemplate.objects.filter(kind=kind, archived_at=None).order_by("pk"))
    chosen = _chosen(found, request.GET.get("text", ""))
    back = reverse(f"reviews:find_{'reviewers' if role == Role.REVIEWER else 'editor'}", args=[row.pk])

    def act(form: AskForm) -> str:
        values = form.cleaned_data
        made = invitations.invite(
            submission=row,
            person=who,
            role=role,
            actor=user,
            template=chosen,
            due_on=values.get("due_on"),
            by=values.get("by", texts.MAIL),
            subject=values["subject"],
            body=values["body"],
            is_suggested=values.get("is_suggested", False),
        )
        assert made.delivery is not None  # noqa: S101 - just made
        toast(
            request,
            _("%(name)s is asked; the message is in the outbox.") % {"name": who.name},
            undo_url=reverse("reviews:call_back", args=[made.pk]),
        )
        return page_of(row)

    initial: dict[str, Any] = {"due_on": assignments.review_due(row, clock.now())}
    if chosen is not None:
        subject, body = texts.filled(kind, chosen, user, letters.Letter(row, who))
        initial |= {"subject": subject, "body": body}
    return answer_form(
        request,
        partial(AskForm, role=role, ways=texts.ways(row), initial=initial),
        act,
        title=_("Ask %(name)s") % {"name": who.name},
        about=row.title,
        submit=_("Put into the outbox"),
        cancel=back,
        template="reviews/ask.html",
        submission=row,
        person=who,
        texts=found,
        chosen=chosen,
        kind=message_kinds.get(kind),
        has_address=bool(addresses_of(who)),
    )


def _chosen(found: list[MessageTemplate], asked: str) -> MessageTemplate | None:
    return next((one for one in found if str(one.pk) == asked), found[0] if found else None)


@requires("reviews.contribute")
@require_POST
def call_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Calls an invitation back: a message that has not left does not leave."""
    part = _part(pk)
    _may(request, part.role, part.submission)

    def act() -> tuple[str, str]:
        if part.state != State.INVITED:
            raise ValidationError(assignments.already_said(part))
        assignments.unassign(assignment=part, actor=user_of(request))
        return _("The invitation is called back."), ""

    return answer_action(request, act, page_of(part.submission))


@requires("reviews.contribute")
@require_POST
def give(request: HttpRequest, pk: int, role: str, person: int) -> HttpResponse:
    """Gives somebody a part who has agreed already."""
    row, who = _submission(pk), get_object_or_404(Person, pk=person, erased_at=None)
    _may(request, _role(role), row)
    user = user_of(request)

    def act() -> tuple[str, str]:
        made = assignments.assign(submission=row, person=who, role=role, actor=user)
        words = _("%(name)s: %(part)s.") % {"name": who.name, "part": made.get_role_display()}
        return words, undo_url(user, last_change(made))

    return answer_action(request, act, page_of(row))


@requires("reviews.contribute")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds somebody with a part: author, maintainer, editor-in-chief, editor, reviewer."""
    row, user = _submission(pk), user_of(request)
    roles = list(Role.values) if user.has_perm("reviews.manage") else [Role.REVIEWER]
    if roles == [Role.REVIEWER]:
        _may(request, Role.REVIEWER, row)

    def act(form: AddPersonForm) -> str:
        made = assignments.assign(
            submission=row,
            person=form.cleaned_data["person"],
            role=form.cleaned_data["role"],
            actor=user,
        )
        words = _("%(name)s: %(part)s.") % {"name": made.person.name, "part": made.get_role_display()}
        toast(request, words, undo_url=undo_url(user, last_change(made)))
        return page_of(row)

    return answer_form(
        request,
        partial(AddPersonForm, roles=roles, initial={"role": request.GET.get("role", "")[:20]}),
        act,
        title=_("Add somebody to %(name)s") % {"name": row.title},
        submit=_("Add"),
        cancel=page_of(row),
        template="reviews/form.html",
    )


# --------------------------------------------------------- what became of it


def _part(pk: int) -> Assignment:
    rows_ = Assignment.objects.select_related("submission__programme", "person", "delivery")
    return get_object_or_404(rows_, pk=pk)


@requires("reviews.contribute")
@require_POST
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes that somebody has done their part: the review is written."""
    part, user = _part(pk), user_of(request)
    _may(request, part.role, part.submission)

    def act() -> tuple[str, str]:
        made = assignments.finish(assignment=part, actor=user)
        return _("%(name)s is done. Thank you!") % {"name": part.person.name}, undo_url(
            user, last_change(made)
        )

    return answer_action(request, act, page_of(part.submission))


@requires("reviews.contribute")
@require_POST
def take_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes somebody off."""
    part, user = _part(pk), user_of(request)
    _may(request, part.role, part.submission)

    def act() -> tuple[str, str]:
        words = _("%(name)s: no longer %(part)s.") % {
            "name": part.person.name,
            "part": part.get_role_display(),
        }
        return words, undo_url(user, assignments.unassign(assignment=part, actor=user))

    return answer_action(request, act, page_of(part.submission))


@requires("reviews.contribute")
@require_http_methods(["GET", "POST"])
def note_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes down an answer that came another way: in the issue, by mail."""
    part, user = _part(pk), user_of(request)
    _may(request, part.role, part.submission)

    def act(form: NoteAnswerForm) -> str:
        values = form.cleaned_data
        made = assignments.answer(
            assignment=part,
            accepted=values["answer"] == "yes",
            reason=values["reason"],
            due_on=values.get("due_on"),
            actor=user,
        )
        toast(request, _("Noted."), undo_url=undo_url(user, last_change(made)))
        return page_of(part.submission)

    return answer_form(
        request,
        partial(NoteAnswerForm, assignment=part),
        act,
        title=_("What %(name)s answered") % {"name": part.person.name},
        about=part.submission.title,
        submit=_("Keep"),
        cancel=page_of(part.submission),
        template="reviews/form.html",
    )


@requires("reviews.contribute")
@require_http_methods(["GET", "POST"])
def due(request: HttpRequest, pk: int) -> HttpResponse:
    """Agrees on another day for a review."""
    part, user = _part(pk), user_of(request)
    _may(request, part.role, part.submission)

    def act(form: DueForm) -> str:
        made = assignments.set_due(assignment=part, due_on=form.cleaned_data["due_on"], actor=user)
        toast(request, _("Saved."), undo_url=undo_url(user, last_change(made)))
        return page_of(part.submission)

    return answer_form(
        request,
        partial(DueForm, initial={"due_on": part.due_on}),
        act,
        title=_("When is %(name)s's review due?") % {"name": part.person.name},
        about=part.submission.title,
        submit=_("Save"),
        cancel=page_of(part.submission),
        template="reviews/form.html",
    )


# ------------------------------------------------------------------- writing


@requires("reviews.contribute")
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Writes about a submission with a standard text, by mail or as a comment on its issue.

    ``?text=`` chooses a text by its number, ``?kind=`` the first of a kind; else the one that fits whose turn it is.
    """
    row, user = _submission(pk), user_of(request)
    kinds = [one.key for one in letters.TEXTS if one.key not in letters.ASKING.values()]
    rows_ = MessageTemplate.objects.filter(kind__in=kinds, archived_at=None).order_by("name", "pk")
    found = sorted(rows_, key=lambda one: kinds.index(one.kind))
    chosen = _text(request, row, found)
    kind = chosen.kind if chosen else "reviews.editor_response"
    cast = list(row.assignments.select_related("person").order_by("role", "position", "pk"))
    people = _recipients(cast, letters.BY_KEY[kind].to, request.GET.get("to", ""))
    first = next((one for one in cast if people and str(one.person_id) == people[0][0]), None)

    def act(form: WriteAboutForm) -> str:
        values = form.cleaned_data
        to = next((one for one in cast if str(one.person_id) == values["to"]), None)
        delivery = texts.write_about(
            submission=row,
            actor=user,
            kind=kind,
            person=to.person if to else None,
            template=chosen,
            subject=values["subject"],
            body=values["body"],
            by=values.get("by", texts.MAIL),
            letter=letters.Letter(row, to.person if to else None, to),
        )
        toast(request, _("It is in the outbox."), undo_url=reverse("outbox:cancel", args=[delivery.pk]))
        return page_of(row)

    initial: dict[str, Any] = {}
    if chosen is not None:
        letter = letters.Letter(row, first.person if first else None, first)
        subject, body = texts.filled(kind, chosen, user, letter)
        initial = {"subject": subject, "body": body}
    return answer_form(
        request,
        partial(WriteAboutForm, people=people, ways=texts.ways(row), initial=initial),
        act,
        title=_("Write about %(name)s") % {"name": row.title},
        submit=_("Put into the outbox"),
        cancel=page_of(row),
        template="reviews/write.html",
        submission=row,
        texts=found,
        chosen=chosen,
        kind=message_kinds.get(kind),
    )


def _text(request: HttpRequest, row: Submission, found: list[MessageTemplate]) -> MessageTemplate | None:
    """The text that is asked for, or the first that fits whose turn it is."""
    asked, kind = request.GET.get("text", ""), request.GET.get("kind", "")
    for one in found:
        if str(one.pk) == asked or (not asked and one.kind == kind):
            return one
    turn = turn_of(row).turn
    fitting = [one for one in found if turn in letters.BY_KEY[one.kind].offered]
    return next(iter(fitting or found), None)


def _recipients(cast: list[Assignment], to: str, asked: str) -> list[tuple[str, str]]:
    """Who takes part, whom the text goes to first."""
    meant = {Role.AUTHOR, Role.MAINTAINER} if to == Turn.AUTHOR else {to}
    present = [one for one in cast if one.state not in (State.DECLINED, State.ENDED)]
    present.sort(
        key=lambda one: (str(one.person_id) != asked, one.role not in meant, one.state == State.DONE)
    )
    found: dict[str, str] = {}
    for one in present:
        found.setdefault(str(one.person_id), f"{one.person.name} ({one.get_role_display()})")
    return list(found.items())
