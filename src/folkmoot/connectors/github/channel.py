"""What channels to GitHub share: whose token they use, and what GitHub's refusals mean for what was to be written."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import Access, CannotOpen, Outcome, Setting
from folkmoot.connectors.github.client import API_URL, GitHub
from folkmoot.connectors.github.problems import GitHubProblem, Trouble, what_happened
from folkmoot.connectors.github.tokens import Offers, borrow
from folkmoot.kernel import clock
from folkmoot.kernel.http import Answer, HttpProblem, NotSent, OutcomeUnknown

REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")

#: Whose token a channel uses.
SETTINGS = (
    Setting(
        "connection",
        _("Token of"),
        _("A connection under Settings, GitHub; its token is used wherever it is put in anew."),
        kind="choice",
        choices=Offers(),
    ),
    Setting("token", _("Token"), _("Only without a connection. Stored encrypted."), is_secret=True),
    Setting(
        "api_url",
        _("Address of the interface"),
        _("Empty: github.com. GitHub Enterprise: https://HOST/api/v3."),
    ),
)


def opened(access: Access) -> GitHub:
    """A GitHub, with the channel's own token or the one that it borrows.

    Raises:
        CannotOpen: there is no token.
    """
    token, api_url = access.text("token"), access.text("api_url") or API_URL
    if name := access.text("connection"):
        try:
            lent = borrow(name)
        except LookupError as problem:
            raise CannotOpen(str(problem.args[0])) from None
        token, api_url = lent.token, lent.api_url
    if not token:
        raise CannotOpen(_now("There is no token."))
    return GitHub(token, api_url)


def lacks_a_token(access: Access) -> dict[str, str]:
    """What is wrong with the settings when there is neither a token nor somebody who lends one."""
    has = access.text("connection") or access.text("token")
    return {} if has else {"token": str(_("Token"))}


def account_of(github: GitHub) -> str:
    """Whom the token belongs to; an App's token belongs to nobody, and is asked for its limit only.

    Raises:
        CannotOpen: GitHub does not take the token.
        OutcomeUnknown: nobody answers.
    """
    try:
        try:
            found = github.get("/user").data
        except GitHubProblem as problem:
            if problem.trouble is not Trouble.SCOPE:
                raise
            github.get("/rate_limit")
            return "GitHub App"
    except GitHubProblem as problem:
        if problem.trouble in (Trouble.NETWORK, Trouble.SERVER, Trouble.LIMIT):
            raise OutcomeUnknown("GET", github.api_url, words_of(problem)) from None
        raise CannotOpen(words_of(problem)) from None
    return f"@{found.get('login') or ''}" if isinstance(found, dict) else ""


def mark(marker: str) -> str:
    """What a page does not show and the interface does."""
    return f"<!-- folkmoot:{marker} -->"


def marked(marker: str, body: str) -> str:
    """A text as it is sent. The mark stands first: behind a block of code left open it would be seen."""
    return f"{mark(marker)}\n\n{body.strip()}\n"


def said(answer: Answer) -> str:
    """The status, and the beginning of the body."""
    return f"{answer.status} {' '.join(answer.text.split())[:200]}".strip()


def words_of(problem: Exception) -> str:
    """What happened, for people."""
    if not isinstance(problem, GitHubProblem):
        return str(problem)
    return f"{what_happened(problem.trouble.value)} {problem.detail}".strip()


def no(problem: GitHubProblem) -> Outcome:
    """A no of the limit, or of the token: nothing is wrong with what was to be written."""
    if problem.trouble is Trouble.LIMIT:
        wait = (problem.until - clock.now()).total_seconds() if problem.until else 60.0
        return Outcome.no(words_of(problem), transient=True, wait=max(1.0, wait))
    return Outcome.no(words_of(problem), transient=True, channel=problem.trouble is not Trouble.GONE)


def refused(problem: GitHubProblem | HttpProblem) -> Outcome:
    """What a refusal, or an answer that did not come, means for what was to be written."""
    if isinstance(problem, NotSent | OutcomeUnknown):
        return Outcome.of_problem(problem)
    assert isinstance(problem, GitHubProblem)  # noqa: S101 - there are no others
    if problem.trouble is Trouble.SCOPE:
        words = _now("The token lacks a right for this, or nobody may write there.")
        return Outcome.no(f"{words} {problem.detail}".strip(), transient=True, channel=True)
    if problem.trouble in (Trouble.GONE, Trouble.ODD):
        return Outcome.no(words_of(problem))
    if problem.trouble in (Trouble.SERVER, Trouble.NETWORK):  # of a question before anything was written
        return Outcome.no(words_of(problem), transient=True)
    return no(problem)


def reasons(answer: Answer) -> str:
    """What a 422 lists."""
    try:
        body = answer.json()
    except OutcomeUnknown:
        return ""
    errors = body.get("errors") if isinstance(body, dict) else None
    if not isinstance(errors, list):
        return ""
    told = [
        str(one.get("message") or one.get("code") or "") if isinstance(one, dict) else str(one)
        for one in errors
    ]
    return f"{answer.status} {'; '.join(filter(None, told))}"[:300]
