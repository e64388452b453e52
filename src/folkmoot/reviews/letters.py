"""The standard texts of reviews: which kinds there are, and what their variables are for a submission."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import clock, saving
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.outbox.public import Variable
from folkmoot.people.public import Person
from folkmoot.reviews.models import Assignment, Kind, Programme, Submission, Turn

#: Days until a submission whose author is silent is closed, as the reminder says.
CLOSING_DAYS = 30

REQUEST = "reviews.reviewer_request"
EDITOR_REQUEST = "reviews.editor_invitation"
HANDOVER = "reviews.handover"


@dataclass(frozen=True)
class Text:
    """A kind of standard text: to whom it goes, and on which steps it is offered first."""

    key: str
    label: Any
    to: str
    #: Turns whose next step it may be.
    offered: tuple[str, ...] = ()


TEXTS: tuple[Text, ...] = (
    Text(REQUEST, _("Request to a reviewer"), Turn.REVIEWER, (Turn.EDITOR,)),
    Text(EDITOR_REQUEST, _("Invitation of an editor"), Turn.EDITOR, (Turn.EIC,)),
    Text("reviews.eic_checks", _("Checks before the review"), Turn.AUTHOR, (Turn.EIC,)),
    Text("reviews.editor_response", _("The editor's first answer"), Turn.AUTHOR, (Turn.EDITOR,)),
    Text("reviews.reviewer_reminder", _("Reminder to a reviewer"), Turn.REVIEWER, (Turn.REVIEWER,)),
    Text("reviews.author_reminder", _("Reminder to the author"), Turn.AUTHOR, (Turn.AUTHOR,)),
    Text("reviews.approval", _("Approval"), Turn.AUTHOR, (Turn.EDITOR,)),
    Text("reviews.incomplete", _("Incomplete submission"), Turn.AUTHOR, (Turn.EIC,)),
    Text("reviews.out_of_scope", _("Out of scope"), Turn.AUTHOR, (Turn.EIC,)),
    Text("reviews.thanks", _("Thanks to a reviewer"), Turn.REVIEWER, (Turn.EDITOR,)),
)
BY_KEY = {one.key: one for one in TEXTS}
#: Texts that ask somebody, who answers by a link.
ASKING = {Assignment.Role.REVIEWER: REQUEST, Assignment.Role.EDITOR: EDITOR_REQUEST}

VARIABLES: tuple[Variable, ...] = (
    Variable("recipient", _("their name"), "Lio Brandt"),
    Variable("package", _("the package"), "wavefold"),
    Variable("description", _("what it does, in one line"), "Folds waves"),
    Variable("link", _("the issue, or else the repository"), "https://example.org/wavefold", is_url=True),
    Variable("authors", _("the authors"), "Ana Quintanar"),
    Variable("editors", _("the editors"), "Erin Editor"),
    Variable("eic", _("the editor-in-chief"), "Chris Chief"),
    Variable("reviewers", _("the reviewers"), "Lio Brandt and Noa Ferro"),
    Variable("stage", _("where it stands"), "Seeking reviewers"),
    Variable("days", _("for how many days it has stood there"), "12"),
    Variable("due", _("the day by when a review is due"), "12 July 2026"),
    Variable("closing_on", _("the day on which a silent submission is closed"), "20 July 2026"),
    Variable("programme", _("the programme"), "Software peer review"),
    Variable("review_days", _("days for a review"), "21"),
    Variable("community", _("the community's name"), "Open Moot"),
    Variable("sender", _("your name"), "Erin Editor"),
    Variable("sender_email", _("your mail address"), "erin@example.org"),
)
ANSWER = Variable(
    "answer_url", _("where they say yes or no"), "https://example.org/reviews/invitations/x/", is_url=True
)


@dataclass(frozen=True)
class Letter:
    """A submission, and who is written to about it."""

    submission: Submission
    person: Person | None = None
    assignment: Assignment | None = None
    answer_url: str = ""

    def __str__(self) -> str:
        return self.submission.title


def page_of(submission: Submission) -> str:
    """The path of a submission's page."""
    try:
        return reverse("reviews:submission", args=[submission.pk])
    except NoReverseMatch:  # the pages are not there: a command line, a test of the actions alone
        return "/reviews/"


def absolute(path: str) -> str:
    """A path of this installation as a whole address."""
    return settings.BASE_URL.rstrip("/") + path


def listed(people: list[str]) -> str:
    """Names as a sentence holds them."""
    if len(people) < 2:
        return "".join(people)
    return str(_("%(some)s and %(last)s")) % {"some": ", ".join(people[:-1]), "last": people[-1]}


def values(user: User | None, letter: Letter) -> Mapping[str, str]:
    """What fills the gaps; ``""`` for what is not known. At most four queries."""
    row = letter.submission
    parts: dict[str, list[str]] = {}
    for one in row.assignments.select_related("person").order_by("role", "position", "pk"):
        if one.state in (Assignment.State.ACCEPTED, Assignment.State.DONE):
            parts.setdefault(one.role, []).append(one.person.name)
    now = clock.now()
    today = now.astimezone(dt.UTC).date()
    due = letter.assignment.due_on if letter.assignment else None
    since = row.stage_since or row.opened_at
    role = Assignment.Role
    return {
        "recipient": letter.person.name if letter.person else "",
        "package": row.title,
        "description": row.description or row.title,
        "link": row.issue_url or row.repository or absolute(page_of(row)),
        "authors": listed(parts.get(role.AUTHOR) or parts.get(role.MAINTAINER) or []),
        "editors": listed(parts.get(role.EDITOR, [])),
        "eic": listed(parts.get(role.EIC, [])),
        "reviewers": listed(parts.get(role.REVIEWER, [])),
        "stage": row.stage.name if row.stage else "",
        "days": str(max(0, (now - since).days)),
        "due": saving.day(due or today + dt.timedelta(days=row.programme.review_days)),
        "closing_on": saving.day(today + dt.timedelta(days=CLOSING_DAYS)),
        "programme": row.programme.name,
        "review_days": str(row.programme.review_days),
        "answer_url": letter.answer_url,
        "community": Community.current().name,
        "sender": str(user) if user else "",
        "sender_email": user.email if user else "",
    }


def preview(pk: int, key: str) -> Letter | None:
    """A letter to look at a text with: to whoever of this submission such a text goes to, and a link that is none."""
    row = Submission.objects.select_related("programme", "stage").filter(pk=pk).first()
    if row is None:
        return None
    to = BY_KEY[key].to
    roles = ["author", "maintainer"] if to == Turn.AUTHOR else [to]
    one = row.assignments.filter(role__in=roles).select_related("person").order_by("role", "position").first()
    person = one.person if one else None
    return Letter(row, person, one, ANSWER.example if key in ASKING.values() else "")


def found(words: str) -> list[tuple[int, str]]:
    """Submissions to preview a text on."""
    from folkmoot.kernel.text import fold

    some = Submission.objects.filter(folded__contains=fold(words)).order_by("-opened_at", "-pk")
    return list(some.values_list("pk", "title")[:20])


#: Of the text for who takes over as editor-in-chief.
HANDOVER_VARIABLES: tuple[Variable, ...] = (
    Variable("programme", _("the programme"), "Software peer review"),
    Variable("open", _("how many submissions are open"), "14"),
    Variable("no_editor", _("how many of them have no editor"), "3"),
    Variable("held_up", _("how many are held up"), "5"),
    Variable("on_hold", _("how many are on hold"), "2"),
    Variable("link", _("the board"), "https://example.org/reviews/", is_url=True),
    Variable("community", _("the community's name"), "Open Moot"),
    Variable("sender", _("your name"), "Chris Chief"),
    Variable("sender_email", _("your mail address"), "chris@example.org"),
)


def handover_values(user: User | None, programme: Programme) -> Mapping[str, str]:
    """What who takes over has to know; six queries."""
    from folkmoot.reviews.queries.held_up import of_desk
    from folkmoot.reviews.queries.turns import desk, open_submissions

    found = desk(open_submissions().filter(programme=programme))
    without = [
        row
        for row in found.submissions
        if row.kind != Kind.PRESUBMISSION
        and not (row.pk in found.casts and found.casts[row.pk].people("editor"))
    ]
    return {
        "programme": programme.name,
        "open": str(len(found.submissions)),
        "no_editor": str(len(without)),
        "held_up": str(len(of_desk(found, clock.now()))),
        "on_hold": str(sum(row.on_hold_since is not None for row in found.submissions)),
        "link": absolute("/reviews/"),
        "community": Community.current().name,
        "sender": str(user) if user else "",
        "sender_email": user.email if user else "",
    }
