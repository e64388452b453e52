"""Posts as discussions on GitHub; the later parts of a thread are comments on the first.

Each begins with a mark that no page shows, chosen before it is sent. When an answer is lost, the newest discussions of
the category (for a later part: the last comments) are read and looked through for it. GitHub's ``clientMutationId`` is
only echoed, so it is of no use for this.

Sources: GitHub Docs, "Using the GraphQL API for Discussions", "Rate limits and query limits for the GraphQL API" (at
most 80 requests a minute that make content). The lengths are those that its pages enforce.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import (
    Access,
    Outcome,
    Payload,
    Readback,
    Sender,
    Sending,
    Sent,
    Setting,
    Tried,
    connectors,
)
from folkmoot.connectors.github import questions
from folkmoot.connectors.github.channel import (
    REPOSITORY,
    SETTINGS,
    account_of,
    lacks_a_token,
    mark,
    marked,
    opened,
    refused,
    words_of,
)
from folkmoot.connectors.github.client import GitHub
from folkmoot.connectors.github.problems import GitHubProblem, Trouble
from folkmoot.connectors.markup import MarkupConnector, markdown, whole
from folkmoot.connectors.posts import Ability, Content, Limits
from folkmoot.kernel.http import NotSent, OutcomeUnknown

#: What GitHub takes, the mark included, which is 48 characters and two lines.
LONGEST = 65_536
ROOM = LONGEST - 60
#: How many are asked for their figures at once.
AT_ONCE = 50
_PROBLEMS = (GitHubProblem, NotSent, OutcomeUnknown)


class NoCategory(Exception):
    """There is no such category; the text says which there are."""


class DiscussionSender(Sender):
    """A line to one repository's discussions."""

    def __init__(self, github: GitHub, repository: str, category: str, looks: int) -> None:
        self._github, self._looks = github, looks
        self._owner, _slash, self._name = repository.partition("/")
        self._category = category
        #: The repository's id, and its categories by every name that they go by.
        self._known: tuple[str, dict[str, str]] | None = None

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        content = Content.of(payload)
        body = _body(content, sending)
        try:
            if sending.root is not None:
                given = {"discussion": sending.root.remote_id, "body": body}
                data = self._github.mutate(questions.ADD_COMMENT, given)
                return _there(data, "addDiscussionComment", "comment", {"comment": True})
            repository, category = self._place(content)
            given = {"repository": repository, "category": category, "title": content.title, "body": body}
            data = self._github.mutate(questions.CREATE_DISCUSSION, given)
            return _there(data, "createDiscussion", "discussion")
        except NoCategory as problem:
            return Outcome.no(str(problem))
        except _PROBLEMS as problem:
            return refused(problem)

    def reconcile(self, payload: Payload, tried: Tried) -> Outcome:
        """Look for the mark. Not there at the last look, after ten minutes, means that it was not taken."""
        content = Content.of(payload)
        sought = mark(content.marker or tried.key)
        try:
            rows = self._comments(tried.root) if tried.root is not None else self._newest(content)
        except NoCategory as problem:
            return Outcome.no(str(problem))
        except GitHubProblem as problem:
            return Outcome.unknown(words_of(problem))
        for row in rows:
            if isinstance(row, dict) and sought in str(row.get("body") or ""):
                return _found(row, {"comment": True} if tried.root is not None else {})
        words = _now("It is not among the newest of its category.")
        return Outcome.no(words) if tried.looks + 1 >= self._looks else Outcome.unknown(words)

    def correct(self, sent: Sent, payload: Payload, sending: Sending) -> Outcome:
        content = Content.of(payload)
        given: dict[str, Any] = {"id": sent.remote_id, "body": _body(content, sending)}
        try:
            if sent.remote.get("comment"):
                self._github.mutate(questions.UPDATE_COMMENT, given)
            else:
                given["title"] = content.title or None
                self._github.mutate(questions.UPDATE_DISCUSSION, given)
        except _PROBLEMS as problem:
            return refused(problem)
        return Outcome.yes(
            _now("on GitHub"), remote_id=sent.remote_id, remote_url=sent.remote_url, remote=sent.remote
        )

    def withdraw(self, sent: Sent) -> Outcome:
        is_comment = bool(sent.remote.get("comment"))
        question = questions.DELETE_COMMENT if is_comment else questions.DELETE_DISCUSSION
        try:
            self._github.mutate(question, {"id": sent.remote_id})
        except GitHubProblem as problem:
            if problem.trouble is not Trouble.GONE:
                return refused(problem)
        except (NotSent, OutcomeUnknown) as problem:
            return refused(problem)
        return Outcome.yes(_now("not on GitHub any more"))

    def figures(self, sent: Sequence[Sent]) -> Mapping[str, Mapping[str, int]]:
        """Reactions with upvotes as likes, and comments."""
        found: dict[str, Mapping[str, int]] = {}
        for start in range(0, len(sent), AT_ONCE):
            ids = [each.remote_id for each in sent[start : start + AT_ONCE]]
            try:
                data = self._github.graphql(questions.FARES, {"ids": ids})
            except GitHubProblem as problem:
                if problem.trouble is Trouble.GONE:  # all of them are
                    continue
                raise OutcomeUnknown("POST", self._github.graphql_url, words_of(problem)) from None
            for row in data.get("nodes") or ():
                if isinstance(row, dict) and row.get("id"):
                    found[str(row["id"])] = _counted(row)
        return found

    def account(self) -> str:
        return account_of(self._github)

    def close(self) -> None:
        self._github.__exit__()

    def _place(self, content: Content) -> tuple[str, str]:
        """The ids of the repository and of the category.

        Raises:
            NoCategory, GitHubProblem
        """
        if self._known is None:
            asked = {"owner": self._owner, "name": self._name}
            found = self._github.graphql(questions.CATEGORIES, asked).get("repository") or {}
            rows = (found.get("discussionCategories") or {}).get("nodes") or ()
            names = {
                str(row.get(key)).casefold(): str(row["id"])
                for key in ("id", "slug", "name")
                for row in rows
                if isinstance(row, dict) and row.get("id")
            }
            self._known = str(found.get("id") or ""), names
            self._labels = ", ".join(str(row.get("name")) for row in rows if isinstance(row, dict))
        wanted = str(content.options.get("category") or self._category)
        repository, names = self._known
        category = names.get(wanted.casefold())
        if category is None:
            raise NoCategory(
                _now("There is no category “%(name)s”. There are: %(there)s.")
                % {"name": wanted, "there": self._labels or "–"}
            )
        return repository, category

    def _newest(self, content: Content) -> Sequence[Any]:
        _repository, category = self._place(content)
        asked = {"owner": self._owner, "name": self._name, "category": category}
        found = self._github.graphql(questions.NEWEST, asked).get("repository") or {}
        return (found.get("newest") or {}).get("nodes") or ()

    def _comments(self, root: Sent) -> Sequence[Any]:
        found = self._github.graphql(questions.COMMENTS, {"discussion": root.remote_id}).get("node") or {}
        return (found.get("comments") or {}).get("nodes") or ()


def _body(content: Content, sending: Sending) -> str:
    return marked(content.marker or sending.key, markdown(whole(content)))


def _there(data: Mapping[str, Any], done: str, what: str, remote: Mapping[str, Any] | None = None) -> Outcome:
    """It was taken, and where it is; what cannot be read is looked for."""
    row = (data.get(done) or {}).get(what)
    if not isinstance(row, dict) or not row.get("id"):
        return Outcome.unknown(_now("GitHub said yes, but not where it is."))
    return _found(row, remote or {})


def _found(row: Mapping[str, Any], remote: Mapping[str, Any]) -> Outcome:
    return Outcome.yes(
        _now("on GitHub"),
        remote_id=str(row["id"]),
        remote_url=str(row.get("url") or ""),
        remote=remote,
    )


def _counted(row: Mapping[str, Any]) -> dict[str, int]:
    answers = row.get("comments") or row.get("replies") or {}
    return {
        "likes": int(row.get("upvoteCount") or 0) + int((row.get("reactions") or {}).get("totalCount") or 0),
        "replies": int(answers.get("totalCount") or 0),
    }


@connectors.declare
class GithubDiscussions(MarkupConnector):
    """A discussion on GitHub."""

    key = "github-discussions"
    label = _("GitHub Discussions")
    order = 62
    icon = "github"
    abilities = frozenset(
        {
            Ability.THREAD,
            Ability.TITLE,
            Ability.CORRECT,
            Ability.WITHDRAW,
            Ability.FIGURES,
            Ability.READ_BACK,
        }
    )
    limits = Limits(text=ROOM, title=256)
    options = (Setting("category", _("Category"), _("By its name; empty: the channel's."), default=""),)
    guide = (
        _(
            "Discussions are written in the name of whoever the token belongs to: make an account for your community."
        ),
        _(
            "On GitHub: Settings, Developer settings, Personal access tokens, Fine-grained tokens. Resource owner: "
            "your organisation. Repository access: the repository. Permissions: Discussions, Read and write."
        ),
        _("A classic token needs the scope public_repo, for private repositories repo."),
        _("Pictures cannot be handed over: GitHub takes them by its pages only. Link to where they are."),
    )
    settings = (
        Setting("repository", _("Repository"), _("As owner/name."), is_required=True),
        Setting("category", _("Category"), _("By its name, such as Announcements."), is_required=True),
        *SETTINGS,
    )
    readback = Readback.MARKER
    #: GitHub's lists may lag behind what was written.
    looks = (20, 120, 600)
    allows = {"text": ROOM, "title": 256}
    pace = 20

    def open(self, access: Access) -> Sender:
        return DiscussionSender(
            opened(access), access.text("repository"), access.text("category"), len(self.looks)
        )

    def wrong_settings(self, access: Access) -> dict[str, str]:
        """The repository as ``owner/name``; a token, or somebody who lends one."""
        found = {**super().wrong_settings(access), **lacks_a_token(access)}
        if not REPOSITORY.fullmatch(access.text("repository")):
            found["repository"] = str(_("Repository"))
        return found

    def in_markup(self, content: Content) -> str:
        return markdown(whole(content))
