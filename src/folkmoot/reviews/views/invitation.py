"""Where somebody who was asked says yes or no: by the link in their mail, without an account.

A visit shows what they are asked; only the button answers, so that no program that looks at links says yes.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from folkmoot.kernel.markdown import as_html
from folkmoot.kernel.permissions.access import public
from folkmoot.kernel.ui.answers import refuse
from folkmoot.reviews.actions import assignments
from folkmoot.reviews.actions.invitations import Invitation, Link, answer_by_link, read
from folkmoot.reviews.forms.people import AnswerForm

STATUS = {Link.OPEN: 200, Link.ANSWERED: 200, Link.EXPIRED: 410, Link.BROKEN: 404}


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """An invitation by its signed link: what it is about, and yes or no."""
    found = read(token)
    if found.link is not Link.OPEN or found.assignment is None:
        return _answer(request, _closed(found), STATUS[found.link])
    part = found.assignment
    form: Any = AnswerForm(request.POST or None, assignment=part)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            answer_by_link(
                token=token,
                accepted=values["answer"] == "yes",
                reason=values["reason"],
                due_on=values.get("due_on"),
            )
            return HttpResponseRedirect(request.path)
        except ValidationError as error:
            refuse(form, error)
    submission = part.submission
    cast = list(submission.assignments.filter(role__in=["author", "editor"]).select_related("person"))
    context = {
        "link": "open",
        "part": part,
        "submission": submission,
        "authors": [one.person.name for one in cast if one.role == "author"],
        "editors": [one.person.name for one in cast if one.role == "editor" and one.state == "accepted"],
        "guide": as_html(submission.stage.guide) if submission.stage else "",
        "form": form,
    }
    return _answer(request, context, 422 if form.errors else 200)


def _closed(found: Invitation) -> dict[str, Any]:
    part = found.assignment
    return {
        "link": found.link.value,
        "part": part,
        "submission": part.submission if part else None,
        "said": assignments.already_said(part) if part else "",
    }


def _answer(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    response = render(request, "reviews/invitation.html", context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
