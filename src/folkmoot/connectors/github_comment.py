"""Comments on issues of GitHub.

Each comment begins with a mark that no page shows, chosen before it is sent. When an answer is lost, the issue's
comments since the try began are read and looked through for it.

Sources: GitHub Docs, "REST API endpoints for issue comments", "Rate limits for the REST API", "Best practices for using
the REST API" (at most 80 requests a minute that make content; after a secondary limit at least a minute).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import (
    Access,
    Connector,
    Outcome,
    Payload,
    Readback,
    Sender,
    Sending,
    Tried,
    connectors,
)
from folkmoot.connectors.github.channel import (
    REPOSITORY,
    SETTINGS,
    lacks_a_token,
    mark,
    no,
    opened,
    reasons,
    said,
    words_of,
)
from folkmoot.connectors.github.channel import marked as _marked
from folkmoot.connectors.github.client import GitHub
from folkmoot.connectors.github.problems import GitHubProblem, Trouble
from folkmoot.kernel import clock
from folkmoot.kernel.http import Answer, NotSent, OutcomeUnknown, Verdict

#: What GitHub takes, its mark included.
LONGEST = 65_536
#: How far GitHub's clock and ours may be apart.
SKEW = dt.timedelta(minutes=5)
_MOVED = frozenset({301, 302, 307, 308})
#: What a 403 says that is about this very issue, not about the token.
_OF_ISSUE = re.compile(r"\b(locked|archived|read-only|blocked)\b", re.IGNORECASE)


def marked(payload: Payload) -> str:
    """The comment as it is sent, its mark included."""
    return _marked(str(payload["marker"]), str(payload["body"]))


class CommentSender(Sender):
    """A line to one GitHub."""

    def __init__(self, github: GitHub, looks: int) -> None:
        self._github, self._looks = github, looks
        #: A limit that GitHub told of: whoever asks on meanwhile is shut out.
        self._limit: GitHubProblem | None = None

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        if self._limit is not None and self._limit.until is not None and self._limit.until > clock.now():
            return no(self._limit)
        try:
            answer = self._github.post(_path(payload), {"body": marked(payload)})
            if answer.status in _MOVED:  # the repository has another name now: nothing was written yet
                answer = self._github.post(_target(answer), {"body": marked(payload)})
        except GitHubProblem as problem:
            return no(problem)
        except (NotSent, OutcomeUnknown) as problem:
            return Outcome.of_problem(problem)
        if answer.verdict is Verdict.UNKNOWN:
            return Outcome.unknown(said(answer))
        found = self._github.problem_of(answer)
        if found is not None and found.trouble is Trouble.LIMIT:
            self._limit = found
        return _refused(answer, found) if found else _made(answer)

    def reconcile(self, payload: Payload, tried: Tried) -> Outcome:
        """Look for the mark. Not there at the last look, after ten minutes, means that it was not taken."""
        since = (tried.began_at - SKEW).astimezone(dt.UTC)
        params = {"per_page": 100, "since": f"{since:%Y-%m-%dT%H:%M:%SZ}"}
        sought = mark(str(payload["marker"]))
        try:
            page = self._github.get(_path(payload), params)
            while True:
                for row in page.data or ():
                    if isinstance(row, dict) and sought in str(row.get("body") or ""):
                        return _found(row)
                if not page.next_url:
                    break
                page = self._github.get(page.next_url)
        except GitHubProblem as problem:
            return Outcome.unknown(words_of(problem))
        words = _now("It is not among the comments of the issue.")
        return Outcome.no(words) if tried.looks + 1 >= self._looks else Outcome.unknown(words)

    def close(self) -> None:
        self._github.__exit__()


def _path(payload: Payload) -> str:
    return f"/repos/{payload['repository']}/issues/{int(payload['issue'])}/comments"


def _target(answer: Answer) -> str:
    """Where a moved repository's comments are; ``GitHub`` refuses what is on another host."""
    target = str(answer.headers.get("location", ""))
    if not target.startswith(("http://", "https://", "/")) or "/comments" not in urlsplit(target).path:
        raise GitHubProblem(Trouble.GONE, f"{answer.status} {target[:200]}".strip())
    return target


def _found(row: dict[str, Any]) -> Outcome:
    return Outcome.yes(
        _now("on GitHub"), remote_id=str(row.get("id") or ""), remote_url=str(row.get("html_url") or "")
    )


def _made(answer: Answer) -> Outcome:
    """It was taken, and where it is; what cannot be read is looked for."""
    try:
        row = answer.json()
    except OutcomeUnknown as problem:
        return Outcome.unknown(str(problem))
    if answer.status != 201 or not isinstance(row, dict) or not row.get("id"):
        return Outcome.unknown(said(answer))
    return _found(row)


def _refused(answer: Answer, problem: GitHubProblem) -> Outcome:
    """What GitHub's refusal means for this comment, in words."""
    detail = problem.detail
    if problem.trouble is Trouble.LIMIT:
        return no(problem)
    if answer.status == 401:
        return no(problem)
    if answer.status == 403 and not _OF_ISSUE.search(answer.text):
        words = _now("The token may not comment: it needs the right “Issues: Read and write”.")
        return Outcome.no(f"{words} {detail}", transient=True, channel=True)
    if answer.status == 403:
        return Outcome.no(
            f"{_now('Nobody may comment there: the issue is locked, or the repository archived.')} {detail}"
        )
    if answer.status == 404:
        words = _now("There is no such issue, or the token does not see its repository.")
        return Outcome.no(f"{words} {detail}")
    if answer.status == 410:
        return Outcome.no(f"{_now('The issue was deleted, or issues are switched off there.')} {detail}")
    if answer.status == 422:
        return Outcome.no(f"{_now('GitHub does not take this comment.')} {reasons(answer) or detail}")
    return Outcome.no(words_of(problem))


@connectors.declare
class GithubComment(Connector):
    """A comment in Markdown on an issue or pull request."""

    key = "github-comment"
    label = _("Comment on GitHub")
    medium = "comment"
    order = 100
    guide = (
        _(
            "Comments are written in the name of whoever the token belongs to: make an account for your community."
        ),
        _(
            "On GitHub: Settings, Developer settings, Personal access tokens, Fine-grained tokens. Resource owner: "
            "your organisation. Repository access: the repositories to comment in. Permissions: Issues, Read and write."
        ),
        _(
            "A classic token needs the scope public_repo, for private repositories repo. Both allow more than comments."
        ),
        _(
            "The token of a connection can be shared, if it has these rights; one that only reads cannot comment."
        ),
    )
    settings = SETTINGS
    readback = Readback.MARKER
    #: GitHub's lists may lag behind what was written.
    looks = (20, 120, 600)
    allows = {"body": LONGEST}
    pace = 20

    def open(self, access: Access) -> Sender:
        return CommentSender(opened(access), len(self.looks))

    def wrong_settings(self, access: Access) -> dict[str, str]:
        """A token, or somebody who lends one."""
        return {**super().wrong_settings(access), **lacks_a_token(access)}

    def plan(self, payload: Payload, key: str) -> str:
        return str(payload["marker"])

    def problems(self, payload: Payload, access: Access | None = None) -> list[str]:
        found = []
        if not REPOSITORY.fullmatch(str(payload.get("repository", ""))):
            found.append(_now("Name the repository as owner/name."))
        number = payload.get("issue")
        if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**31:
            found.append(_now("Name the issue by its number."))
        if not re.fullmatch(r"[0-9a-f]{16,64}", str(payload.get("marker", ""))):
            found.append(_now("The comment has no mark by which it is found again."))
        if not str(payload.get("body", "")).strip():
            found.append(_now("The comment has no text."))
        elif not found and len(marked(payload)) > LONGEST:
            found.append(
                _now("The comment is %(n)d characters long; GitHub takes %(most)d.")
                % {"n": len(marked(payload)), "most": LONGEST}
            )
        return found
