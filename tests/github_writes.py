"""What the GitHub of the tests takes beside comments: discussions, branches, files, pull requests.

Written from GitHub's docs: "Using the GraphQL API for Discussions", and of the REST interface "Git references",
"Repository contents", "Pull requests".
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

Json = dict[str, Any]
Files = dict[str, bytes]


def blob(content: bytes) -> str:
    """What git calls a content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def commit(files: Files) -> str:
    """A commit's name; of this GitHub, a digest of all files."""
    said = "\n".join(f"{path} {blob(content)}" for path, content in sorted(files.items()))
    return hashlib.sha1(said.encode(), usedforsecurity=False).hexdigest()


@dataclass
class Pull:
    number: int
    head: str
    base: str
    title: str
    body: str
    state: str = "open"
    merged: bool = False
    draft: bool = False
    #: ``clean``, ``dirty`` (conflicts), ``blocked`` (checks are missing).
    mergeable: str = "clean"

    def rest(self, name: str) -> Json:
        return {
            "number": self.number,
            "title": self.title,
            "body": self.body,
            "state": self.state,
            "draft": self.draft,
            "merged": self.merged,
            "merged_at": "2026-11-20T12:00:00Z" if self.merged else None,
            "mergeable_state": self.mergeable,
            "head": {"ref": self.head},
            "base": {"ref": self.base},
            "html_url": f"https://github.com/{name}/pull/{self.number}",
        }


@dataclass
class Git:
    """Branches with their files, and pull requests. ``written`` counts commits and pull requests."""

    branches: dict[str, Files] = field(default_factory=lambda: {"main": {"README.md": b"Moot\n"}})
    pulls: list[Pull] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    methods: tuple[str, ...] = ("merge", "squash")


@dataclass
class Talk:
    """The discussions of a repository that were written through the interface."""

    categories: dict[str, str] = field(default_factory=lambda: {"Announcements": "DIC_1", "Q&A": "DIC_2"})
    #: In their order: id, number, category, title, body, comments, upvotes, reactions.
    rows: list[Json] = field(default_factory=list)
    #: Every write that was taken, for good.
    accepted: list[str] = field(default_factory=list)


# --- REST


def act(handler: Any, found: Any, steps: list[str], query: dict[str, str]) -> bool:
    """Answer what is about branches, files and pull requests; whether it was."""
    method, git, given = handler.command, found.git, handler.given
    if steps[:3] == ["git", "ref", "heads"] and method == "GET":
        name = unquote("/".join(steps[3:]))
        files = git.branches.get(name)
        body = {"ref": f"refs/heads/{name}", "object": {"type": "commit", "sha": commit(files or {})}}
        handler.send(200, body) if files is not None else handler.send(404, {"message": "Not Found"})
    elif steps == ["git", "refs"] and method == "POST":
        _reference(handler, git, given)
    elif steps[0] == "contents" and method in ("GET", "PUT"):
        path = unquote("/".join(steps[1:]))
        (_read if method == "GET" else _write)(handler, found, path, query)
    elif steps[0] == "pulls" and len(steps) < 4:
        _pulls(handler, found, steps[1:], query)
    else:
        return False
    return True


def _reference(handler: Any, git: Git, given: Json) -> None:
    name = str(given["ref"]).removeprefix("refs/heads/")
    if name in git.branches:
        handler.send(422, {"message": "Reference already exists"})
        return
    start = next((files for files in git.branches.values() if commit(files) == given["sha"]), None)
    if start is None:
        handler.send(422, {"message": "Object does not exist"})
        return
    git.branches[name] = dict(start)
    handler.send(201, {"ref": given["ref"], "object": {"sha": given["sha"]}})


def _read(handler: Any, found: Any, path: str, query: dict[str, str]) -> None:
    files = found.git.branches.get(query.get("ref", "main"), {})
    if path not in files:
        handler.send(404, {"message": "Not Found"})
        return
    content = files[path]
    # "between 1-100 MB: … the content field will be an empty string and the encoding field will be none"
    is_large = len(content) > 1024 * 1024
    body = {
        "type": "file",
        "path": path,
        "sha": blob(content),
        "encoding": "none" if is_large else "base64",
        "content": "" if is_large else base64.encodebytes(content).decode(),
        "html_url": f"https://github.com/{found.full_name}/blob/{query.get('ref', 'main')}/{path}",
    }
    handler.send(200, body)


def _write(handler: Any, found: Any, path: str, query: dict[str, str]) -> None:
    given, git = handler.given, found.git
    files = git.branches.get(given.get("branch", "main"))
    if files is None:
        handler.send(404, {"message": f"Branch {given.get('branch')} not found"})
        return
    there = files.get(path)
    if there is not None and not given.get("sha"):
        handler.send(422, {"message": 'Invalid request.\n\n"sha" wasn\'t supplied.'})
        return
    if there is not None and given["sha"] != blob(there):
        handler.send(409, {"message": f"{path} does not match {given['sha']}"})
        return
    files[path] = base64.b64decode(given["content"])
    git.written.append(f"{given['branch']}:{path}")
    handler.send(201 if there is None else 200, {"content": {"sha": blob(files[path])}})


def _pulls(handler: Any, found: Any, steps: list[str], query: dict[str, str]) -> None:
    git, given, method, name = found.git, handler.given, handler.command, found.full_name
    if not steps and method == "GET":
        head = query.get("head", "").partition(":")[2]
        rows = [
            one.rest(name)
            for one in reversed(git.pulls)
            if (not head or one.head == head)
            and one.base == query.get("base", one.base)
            and query.get("state", "open") in ("all", one.state)
        ]
        handler._pages(rows, f"/repos/{name}/pulls", query)
    elif not steps and method == "POST":
        _open_pull(handler, found)
    else:
        pull = next((one for one in git.pulls if str(one.number) == steps[0]), None)
        if pull is None:
            handler.send(404, {"message": "Not Found"})
        elif steps[1:] == ["merge"] and method == "PUT":
            _merge(handler, git, pull)
        elif method == "PATCH":
            pull.state = given["state"]
            handler.send(200, pull.rest(name))
        else:
            handler.send(200, pull.rest(name))


def _open_pull(handler: Any, found: Any) -> None:
    git, given = found.git, handler.given
    head, base = given["head"], given["base"]
    open_ones = [one for one in git.pulls if (one.head, one.base, one.state) == (head, base, "open")]
    if open_ones:
        said = f"A pull request already exists for moot:{head}."
    elif git.branches.get(head) == git.branches.get(base):
        said = f"No commits between {base} and {head}"
    else:
        pull = Pull(40 + len(git.pulls), head, base, given["title"], given.get("body", ""))
        git.pulls.append(pull)
        git.written.append(f"pull {pull.number}")
        handler.send(201, pull.rest(found.full_name))
        return
    errors = [{"resource": "PullRequest", "code": "custom", "message": said}]
    handler.send(422, {"message": "Validation Failed", "errors": errors})


def _merge(handler: Any, git: Git, pull: Pull) -> None:
    method = handler.given.get("merge_method", "merge")
    if pull.merged or pull.state != "open" or pull.draft or pull.mergeable != "clean":
        handler.send(405, {"message": "Pull Request is not mergeable"})
    elif method not in git.methods:
        handler.send(405, {"message": "Rebase merges are not allowed on this repository."})
    else:
        git.branches[pull.base].update(git.branches[pull.head])
        pull.merged, pull.state = True, "closed"
        git.written.append(f"merge {pull.number}")
        handler.send(200, {"sha": commit(git.branches[pull.base]), "merged": True, "message": "merged"})


# --- GraphQL


def graphql(handler: Any, world: Any, asked: Json) -> bool:
    """Answer what is about discussions that are written here; whether it was."""
    found = re.match(r"\s*(?:query|mutation) (\w+)", asked["query"])
    name, given = found[1] if found else "", asked["variables"]
    answer = _ANSWERS.get(name)
    if answer is None:
        return False
    try:
        handler.send(200, {"data": answer(world, given)})
    except LookupError as problem:
        key = "createDiscussion" if name.startswith("Create") else "node"
        error = {"type": str(problem.args[0]), "path": [key], "message": str(problem.args[1])}
        handler.send(200, {"data": {key: None}, "errors": [error]})
    return True


def _repository(world: Any, given: Json) -> Any:
    found = world.named(f"{given['owner']}/{given['name']}")
    if found is None:
        raise LookupError("NOT_FOUND", "Could not resolve to a Repository")
    return found


def _row(world: Any, name: str) -> tuple[Any, Json, Json | None]:
    """A discussion, or a comment with its discussion, by its id."""
    for repository in world.repositories:
        for row in repository.talk.rows:
            if row["id"] == name:
                return repository.talk, row, None
            for comment in row["comments"]:
                if comment["id"] == name:
                    return repository.talk, row, comment
    raise LookupError("NOT_FOUND", f"Could not resolve to a node with the global id of '{name}'")


def _categories(world: Any, given: Json) -> Json:
    found = _repository(world, given)
    nodes = [
        {"id": number, "name": name, "slug": re.sub(r"\W+", "-", name.lower())}
        for name, number in found.talk.categories.items()
    ]
    return {"repository": {"id": f"R_{found.number}", "discussionCategories": {"nodes": nodes}}}


def _newest(world: Any, given: Json) -> Json:
    rows = [one for one in _repository(world, given).talk.rows if one["category"] == given["category"]]
    return {"repository": {"newest": {"nodes": list(reversed(rows))[:20]}}}


def _comments(world: Any, given: Json) -> Json:
    _talk, row, _comment = _row(world, given["discussion"])
    return {"node": {"comments": {"nodes": row["comments"][-50:]}}}


def _fares(world: Any, given: Json) -> Json:
    nodes: list[Json | None] = []
    for name in given["ids"]:
        try:
            _talk, row, comment = _row(world, name)
        except LookupError:
            nodes.append(None)
            continue
        fares = comment or row
        one = {
            "id": name,
            "upvoteCount": fares["upvotes"],
            "reactions": {"totalCount": fares["reactions"]},
        }
        if comment is None:
            nodes.append({**one, "comments": {"totalCount": len(row["comments"])}})
        else:
            nodes.append({**one, "replies": {"totalCount": 0}})
    return {"nodes": nodes}


def _create(world: Any, given: Json) -> Json:
    found = next(one for one in world.repositories if f"R_{one.number}" == given["repository"])
    if found.archived:
        raise LookupError("FORBIDDEN", "Repository was archived so is read-only.")
    if len(given["body"]) > 65_536:
        raise LookupError("UNPROCESSABLE", "Body is too long (maximum is 65536 characters)")
    number = 1 + len(found.talk.rows)
    row = {
        "id": f"D_{number}",
        "number": number,
        "url": f"https://github.com/{found.full_name}/discussions/{number}",
        "category": given["category"],
        "title": given["title"],
        "body": given["body"],
        "comments": [],
        "upvotes": 1,
        "reactions": 0,
    }
    found.talk.rows.append(row)
    found.talk.accepted.append(given["body"])
    return {"createDiscussion": {"discussion": row}}


def _comment(world: Any, given: Json) -> Json:
    talk, row, _none = _row(world, given["discussion"])
    number = 1 + len(row["comments"])
    comment = {
        "id": f"DC_{row['number']}_{number}",
        "url": f"{row['url']}#discussioncomment-{number}",
        "body": given["body"],
        "upvotes": 0,
        "reactions": 0,
    }
    row["comments"].append(comment)
    talk.accepted.append(given["body"])
    return {"addDiscussionComment": {"comment": comment}}


def _update(world: Any, given: Json) -> Json:
    _talk, row, comment = _row(world, given["id"])
    changed = comment or row
    changed["body"] = given["body"]
    if comment is None and given.get("title"):
        row["title"] = given["title"]
    done = "updateDiscussionComment" if comment else "updateDiscussion"
    return {done: {"comment" if comment else "discussion": changed}}


def _delete(world: Any, given: Json) -> Json:
    talk, row, comment = _row(world, given["id"])
    if comment is None:
        talk.rows.remove(row)
    else:
        row["comments"].remove(comment)
    return {"deleteDiscussion": {"discussion": {"id": given["id"]}}}


_ANSWERS = {
    "Categories": _categories,
    "Newest": _newest,
    "Comments": _comments,
    "Fares": _fares,
    "CreateDiscussion": _create,
    "AddDiscussionComment": _comment,
    "UpdateDiscussion": _update,
    "UpdateDiscussionComment": _update,
    "DeleteDiscussion": _delete,
    "DeleteDiscussionComment": _delete,
}
