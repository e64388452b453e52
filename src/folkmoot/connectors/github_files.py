"""A file in a repository by a branch and a pull request, and the merge of that pull request at its time.

Putting it there is four steps, each of which finds out first whether it is done: the branch (known by its name), the
files (the same content is left alone), the pull request (one for each branch). So a lost answer costs nothing: what is
missing is done again, what is there is not. Merging is one step, and whether it happened can be read exactly.

The payload::

    {"repository": "moot/website", "branch": "post-12", "base": "main", "path": "_posts/2026-11-20-hello.md",
     "content": "…", "message": "Add a post", "title": "Hello", "body": "…",
     "files": [{"path": "images/hello.png", "file": "NAME IN THE STORAGE"}]}

and to merge ``{"repository": …, "branch": …, "base": …, "merge": true}``, with ``number`` where it is known.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import Access, Connector, Payload, Readback, Sender, Setting, connectors
from folkmoot.connectors.github.channel import REPOSITORY, SETTINGS, lacks_a_token, opened
from folkmoot.connectors.github.files import FileSender

#: Names of branches that need no escaping anywhere; git allows more.
BRANCH = re.compile(r"(?!.*(?:\.\.|//|\.lock$))[A-Za-z0-9][A-Za-z0-9._/-]{0,199}(?<![./])")
#: What the contents interface takes of one file; larger ones need git itself.
LARGEST = 1024 * 1024
METHODS = ("merge", "squash", "rebase")


def _is_path(path: object) -> bool:
    """Whether it stays inside the repository."""
    if not isinstance(path, str) or not path or path.startswith("/") or path.endswith("/"):
        return False
    return ".." not in PurePosixPath(path).parts and path.isprintable() and not path.startswith(".git/")


@connectors.declare
class GithubFiles(Connector):
    """A file in a repository, by a pull request."""

    key = "github-files"
    label = _("File on GitHub")
    medium = "file"
    order = 110
    guide = (
        _(
            "Files come as pull requests, in the name of whoever the token belongs to; so nothing is live unseen."
        ),
        _(
            "On GitHub: Settings, Developer settings, Personal access tokens, Fine-grained tokens. Resource owner: "
            "your organisation. Repository access: the website's repository. Permissions: Contents and Pull requests, "
            "each Read and write."
        ),
        _("A classic token needs the scope public_repo, for private repositories repo."),
        _("To merge at a planned time, the rules of the branch must let this account merge."),
    )
    settings = (
        *SETTINGS,
        Setting(
            "merge_method",
            _("How pull requests are merged"),
            _("As the repository allows it."),
            kind="choice",
            default="merge",
            choices=(
                ("merge", _("with a merge commit")),
                ("squash", _("as one commit")),
                ("rebase", _("commit by commit")),
            ),
        ),
    )
    readback = Readback.EXACT
    looks = (5, 30, 120, 600)
    pace = 20

    def open(self, access: Access) -> Sender:
        method = access.text("merge_method")
        return FileSender(opened(access), method if method in METHODS else METHODS[0])

    def wrong_settings(self, access: Access) -> dict[str, str]:
        """A token, or somebody who lends one."""
        return {**super().wrong_settings(access), **lacks_a_token(access)}

    def plan(self, payload: Payload, key: str) -> str:
        return ""

    def problems(self, payload: Payload, access: Access | None = None) -> list[str]:
        found = []
        if not REPOSITORY.fullmatch(str(payload.get("repository", ""))):
            found.append(_now("Name the repository as owner/name."))
        found += [
            _now("“%(name)s” is no usable name of a branch.") % {"name": payload.get(name, "")}
            for name in ("branch", "base")
            if not BRANCH.fullmatch(str(payload.get(name, "")))
        ]
        if payload.get("branch") == payload.get("base"):
            found.append(_now("The branch is the one that it would be merged into."))
        if payload.get("merge"):
            return found
        paths = [payload.get("path"), *(each.get("path") for each in payload.get("files", ()))]
        found += [
            _now("“%(path)s” is no path inside the repository.") % {"path": path}
            for path in paths
            if not _is_path(path)
        ]
        content = payload.get("content")
        if not isinstance(content, str) or not content.strip():
            found.append(_now("The file has no content."))
        elif len(content.encode()) > LARGEST:
            found.append(_now("The file is larger than one megabyte, which is the most that is taken."))
        if not str(payload.get("title", "")).strip():
            found.append(_now("The pull request has no title."))
        return found
