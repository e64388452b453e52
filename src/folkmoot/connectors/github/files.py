"""Putting files into a repository by a pull request, and merging it: each step finds out first whether it is done.

Sources: GitHub Docs, REST interface: "Git references", "Repository contents", "Pull requests" (405: not mergeable, 409:
the head is another; 422: the reference, or the pull request, is there already).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _now

from folkmoot.connectors.base import (
    Outcome,
    Payload,
    Sender,
    Sending,
    Sent,
    Tried,
)
from folkmoot.connectors.github.channel import (
    account_of,
    reasons,
    refused,
    said,
    words_of,
)
from folkmoot.connectors.github.client import GitHub
from folkmoot.connectors.github.problems import GitHubProblem, Trouble
from folkmoot.kernel.http import Answer, NotSent, OutcomeUnknown, Verdict

_PROBLEMS = (GitHubProblem, NotSent, OutcomeUnknown)


class _No(Exception):
    """A step was refused."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.words)
        self.outcome = outcome


class FileSender(Sender):
    """A line to one GitHub."""

    def __init__(self, github: GitHub, method: str) -> None:
        self._github, self._method = github, method

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        try:
            return self._merge(payload, sending) if payload.get("merge") else self._put_all(payload, sending)
        except _No as problem:
            return problem.outcome
        except LookupError as problem:
            return Outcome.no(str(problem.args[0]))
        except _PROBLEMS as problem:
            return refused(problem)

    def reconcile(self, payload: Payload, tried: Tried) -> Outcome:
        """Whether all is there. What is missing can be done without doing anything twice."""
        try:
            if payload.get("merge"):
                pull = self._pull_to_merge(payload, tried)
                if pull.get("merged"):
                    return _merged(pull)
                return Outcome.no(_now("The pull request is not merged."))
            missing = self._missing(payload, tried)
            if missing:
                return Outcome.no(missing)
            return self._pulled(payload) or Outcome.no(_now("There is no pull request yet."))
        except _No as problem:
            return problem.outcome
        except LookupError as problem:
            return Outcome.no(str(problem.args[0]))
        except GitHubProblem as problem:
            return Outcome.unknown(words_of(problem))

    def correct(self, sent: Sent, payload: Payload, sending: Sending) -> Outcome:
        """Other content on the branch, as long as the pull request is open."""
        try:
            pull = self._pull_of(sent)
        except _PROBLEMS as problem:
            return refused(problem)
        if pull.get("state") == "open":
            return self.send(payload, sending)
        return Outcome.no(_is_merged() if pull.get("merged") else _now("The pull request is closed."))

    def withdraw(self, sent: Sent) -> Outcome:
        """Close the pull request. What is merged stays: taking it back is a change of its own."""
        try:
            pull = self._pull_of(sent)
            if pull.get("merged"):
                return Outcome.no(_is_merged())
            if pull.get("state") == "open":
                self._write("PATCH", _address(sent), {"state": "closed"})
        except _No as problem:
            return problem.outcome
        except _PROBLEMS as problem:
            return refused(problem)
        return Outcome.yes(_now("The pull request is closed."))

    def account(self) -> str:
        return account_of(self._github)

    def close(self) -> None:
        self._github.__exit__()

    # --- putting it there

    def _put_all(self, payload: Payload, sending: Sending) -> Outcome:
        done = self._pulled(payload, is_settled=True)
        if done is not None and not self._missing(payload, sending):
            return done
        self._branch(payload)
        for path, content in _files(payload, sending):
            self._put(payload, path, content)
        return self._pulled(payload) or self._pull(payload)

    def _branch(self, payload: Payload) -> None:
        """The branch, from the base as it is now, unless it is there."""
        repository, branch = str(payload["repository"]), str(payload["branch"])
        if self._reference(repository, branch):
            return
        sha = self._reference(repository, str(payload["base"]))
        if not sha:
            words = _now("There is no branch “%(name)s” to begin from.") % {"name": payload["base"]}
            raise _No(Outcome.no(words))
        body = {"ref": f"refs/heads/{branch}", "sha": sha}
        try:
            self._write("POST", f"/repos/{repository}/git/refs", body)
        except _No:
            if not self._reference(repository, branch):  # 422 also says that it is there
                raise

    def _reference(self, repository: str, branch: str) -> str:
        """The commit that a branch is at; ``""`` when there is none of that name."""
        found = self._there(f"/repos/{repository}/git/ref/heads/{quote(branch)}")
        target = found.get("object") if found else None
        return str(target.get("sha") or "") if isinstance(target, dict) else ""

    def _put(self, payload: Payload, path: str, content: bytes) -> None:
        """The file on the branch, unless it says this already."""
        sha = self._file(payload, path)
        if sha == blob(content):
            return
        body = {
            "message": str(payload.get("message") or payload["title"]),
            "content": base64.b64encode(content).decode("ascii"),
            "branch": str(payload["branch"]),
            **({"sha": sha} if sha else {}),
        }
        self._write("PUT", f"/repos/{payload['repository']}/contents/{quote(path)}", body)

    def _file(self, payload: Payload, path: str, at: str = "") -> str:
        """What git calls a file's content on the branch, or on another; ``""`` when it is not there."""
        asked = {"ref": at or str(payload["branch"])}
        found = self._there(f"/repos/{payload['repository']}/contents/{quote(path)}", asked)
        return str(found.get("sha") or "") if found else ""

    def _pull(self, payload: Payload) -> Outcome:
        """Open the pull request."""
        repository = str(payload["repository"])
        body = {
            "title": str(payload["title"]),
            "body": str(payload.get("body") or ""),
            "head": str(payload["branch"]),
            "base": str(payload["base"]),
        }
        try:
            answer = self._write("POST", f"/repos/{repository}/pulls", body)
        except _No as problem:
            if found := self._pulled(payload):  # 422 also says that there is one
                return found
            if "No commits between" in problem.outcome.words:
                return self._nothing_new(payload)
            raise
        row = answer.json()
        if not isinstance(row, dict) or not row.get("number"):
            return Outcome.unknown(said(answer))
        return _opened(payload, row)

    def _nothing_new(self, payload: Payload) -> Outcome:
        """The base says the same already."""
        path, base = str(payload["path"]), str(payload["base"])
        found = self._there(f"/repos/{payload['repository']}/contents/{quote(path)}", {"ref": base}) or {}
        return Outcome.yes(
            _now("It was there already, word for word."),
            remote_url=str(found.get("html_url") or ""),
            remote={"repository": payload["repository"], "branch": payload["branch"], "base": base},
        )

    def _pulled(self, payload: Payload, *, is_settled: bool = False) -> Outcome | None:
        """The pull request of this branch that is open, or (``is_settled``) that was merged."""
        repository = str(payload["repository"])
        asked = {
            "head": f"{repository.partition('/')[0]}:{payload['branch']}",
            "base": payload["base"],
            "state": "all",
            "per_page": 100,
        }
        rows = self._github.get(f"/repos/{repository}/pulls", asked).data or ()
        for row in rows:
            if row.get("state") == "open" or (is_settled and row.get("merged_at")):
                return _opened(payload, row)
        return None

    def _missing(self, payload: Payload, sending: Sending) -> str:
        """What is not there yet, in words: on the branch, or where it was deleted after a merge, on the base."""
        is_there = bool(self._reference(str(payload["repository"]), str(payload["branch"])))
        at = "" if is_there else str(payload["base"])
        for path, content in _files(payload, sending):
            if self._file(payload, path, at) != blob(content):
                return _now("“%(path)s” is not there yet.") % {"path": path}
        return ""

    # --- merging it

    def _merge(self, payload: Payload, sending: Sending) -> Outcome:
        before = sending.previous
        if before is not None and not before.remote_id:
            # The base had it word for word, so there is no pull request.
            return Outcome.yes(_now("There is nothing to merge."), remote_url=before.remote_url)
        pull = self._pull_to_merge(payload, sending)
        if pull.get("merged"):
            return _merged(pull)
        if pull.get("state") != "open":
            raise _No(Outcome.no(_now("The pull request was closed without being merged.")))
        if pull.get("draft"):
            raise _No(Outcome.no(_now("The pull request is still a draft.")))
        number = int(pull["number"])
        address = f"/repos/{payload['repository']}/pulls/{number}/merge"
        answer = self._github.write("PUT", address, {"merge_method": self._method})
        if answer.verdict is Verdict.UNKNOWN:
            return Outcome.unknown(said(answer))
        if answer.verdict is Verdict.YES:
            return _merged(pull)
        problem = self._github.problem_of(answer)
        if answer.status not in (405, 409, 422) and problem is not None:
            return refused(problem)
        # Checks still run, or the base has moved meanwhile: GitHub may merge it in a while.
        words = f"{_now('GitHub does not merge it.')} {problem.detail if problem else said(answer)}"
        return Outcome.no(words, transient=pull.get("mergeable_state") != "dirty")

    def _pull_to_merge(self, payload: Payload, sending: Sending) -> dict[str, Any]:
        """The pull request, by its number, else by its branch."""
        repository = str(payload["repository"])
        number = str(payload.get("number") or (sending.previous.remote_id if sending.previous else ""))
        if not number.isdecimal():
            found = self._pulled(payload, is_settled=True)
            number = found.remote_id if found else ""
        pull = self._there(f"/repos/{repository}/pulls/{number}") if number else None
        if not pull:
            raise _No(Outcome.no(_now("There is no pull request of this branch.")))
        return pull

    # --- asking

    def _pull_of(self, sent: Sent) -> dict[str, Any]:
        return self._there(_address(sent)) or {}

    def _there(self, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """A thing, or ``None`` when it is not there."""
        try:
            data = self._github.get(path, params).data
        except GitHubProblem as problem:
            if problem.trouble is Trouble.GONE:
                return None
            raise
        return data if isinstance(data, dict) else None

    def _write(self, method: str, path: str, body: Mapping[str, Any]) -> Answer:
        """Write something.

        Raises:
            _No: it was refused.
            OutcomeUnknown, NotSent: as its name says.
        """
        answer = self._github.write(method, path, body)
        if answer.verdict is Verdict.YES:
            return answer
        if answer.verdict is Verdict.UNKNOWN:
            raise OutcomeUnknown(method, path, said(answer))
        problem = self._github.problem_of(answer)
        if answer.status == 409:  # somebody else wrote to the branch at the same moment
            raise _No(Outcome.no(said(answer), transient=True))
        if answer.status == 422:
            words = _now("GitHub does not take this.")
            raise _No(Outcome.no(f"{words} {reasons(answer) or (problem.detail if problem else '')}".strip()))
        raise _No(refused(problem) if problem is not None else Outcome.unknown(said(answer)))


def blob(content: bytes) -> str:
    """What git calls a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _address(sent: Sent) -> str:
    return f"/repos/{sent.remote.get('repository', '')}/pulls/{sent.remote_id}"


def _is_merged() -> str:
    return _now("The pull request is merged: change the file by another one.")


def _files(payload: Payload, sending: Sending) -> list[tuple[str, bytes]]:
    """Paths and contents; the text comes last, when the pictures that it names are there.

    Raises:
        LookupError: a file that the payload names is not stored.
    """
    beside = [(str(each["path"]), sending.read(str(each["file"]))) for each in payload.get("files", ())]
    return [*beside, (str(payload["path"]), str(payload["content"]).encode())]


def _opened(payload: Payload, row: Mapping[str, Any]) -> Outcome:
    return Outcome.yes(
        _now("pull request %(number)s") % {"number": row["number"]},
        remote_id=str(row["number"]),
        remote_url=str(row.get("html_url") or ""),
        remote={name: str(payload[name]) for name in ("repository", "branch", "base")},
    )


def _merged(pull: Mapping[str, Any]) -> Outcome:
    return Outcome.yes(
        _now("pull request %(number)s is merged") % {"number": pull.get("number")},
        remote_id=str(pull.get("number") or ""),
        remote_url=str(pull.get("html_url") or ""),
    )
