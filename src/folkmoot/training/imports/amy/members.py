"""What stands beside a membership in AMY: its organisations, and comments on it."""

from __future__ import annotations

from collections import defaultdict

from folkmoot.kernel.saving import block
from folkmoot.training.imports.amy.codes import MEMBERSHIP
from folkmoot.training.imports.amy.common import Names
from folkmoot.training.imports.amy.words import words

COMMENT = "django_comments.comment"


def members_of(names: Names) -> dict[str, list[str]]:
    """Membership -> its organisations, the main one first."""
    roles = {
        pk for pk, one in names["workshops.memberrole"].items() if one.get("name") == words()["main_member"]
    }
    found: dict[str, list[tuple[bool, str]]] = defaultdict(list)
    for one in names["workshops.member"].values():
        found[str(one.get("membership"))].append(
            (str(one.get("role")) not in roles, str(one.get("organization")))
        )
    return {pk: list(dict.fromkeys(org for _main, org in sorted(rows, key=lambda row: row[0])))
            for pk, rows in found.items()}  # fmt: skip


def comments_of(names: Names) -> dict[str, list[tuple[str, str]]]:
    """Membership -> comments on it, the oldest first: number, and what it says with day and name."""
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for key, one in names[COMMENT].items():
        if one.get("content_type") == MEMBERSHIP and not one.get("is_removed"):
            day, who = str(one.get("submit_date") or "")[:10], str(one.get("user_name") or "")
            text = f"{', '.join(filter(None, [day, who]))}: {block(one.get('comment'))}"
            found[str(one.get("object_pk"))].append((str(one.get("submit_date")), text, key))
    return {pk: [(key, text) for _day, text, key in sorted(rows)] for pk, rows in found.items()}
