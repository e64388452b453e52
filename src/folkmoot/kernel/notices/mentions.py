"""Mentions in text: ``@`` and the part of somebody's e-mail before its @, their name with dots, or the whole e-mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices.kinds import NoticeKind
from folkmoot.kernel.text import fold, fold_accents

_HANDLE = r"\w[\w.+-]*(?:@[\w-]+(?:\.[\w-]+)+)?"
_MENTION = re.compile(rf"(?<![\w@./+-])@({_HANDLE})")
#: How many people a note can tell at once: the first ones it names.
MOST = 50


@dataclass(frozen=True)
class Handles:
    """Who is meant by what stands after an ``@``. What two people share means neither."""

    by_handle: dict[str, User]

    def who(self, written: str) -> tuple[User | None, str]:
        """The person, and the characters that name them: a full stop after it ends the sentence."""
        handle = written
        while handle:
            found = self.by_handle.get(fold(handle))
            if found is not None or handle[-1] not in ".-+":
                return found, handle
            handle = handle[:-1]
        return None, written

    def best(self, user: User) -> str:
        """The shortest handle that means this person alone; ``""`` when nothing does."""
        return next((each for each in _handles_of(user) if self.by_handle.get(each) == user), "")


def _handles_of(user: User) -> list[str]:
    email = fold(user.email)
    dotted = ".".join(re.findall(r"[\w+-]+", fold(user.name)))
    plain = ".".join(re.findall(r"[\w+-]+", fold_accents(user.name)))
    offered = (email.split("@")[0], dotted, plain, email)
    return list(dict.fromkeys(each for each in offered if re.fullmatch(_HANDLE, each)))


def handles() -> Handles:
    """Everybody who signs in, by their handles. One query."""
    owners: dict[str, set[User]] = {}
    for user in User.objects.filter(is_active=True).only("pk", "name", "email", "is_active"):
        for handle in _handles_of(user):
            owners.setdefault(handle, set()).add(user)
    return Handles({handle: next(iter(users)) for handle, users in owners.items() if len(users) == 1})


def mentioned(text: str, known: Handles | None = None) -> list[User]:
    """Whom a text mentions, in its order, each once, at most :data:`MOST`. No query when it has no ``@``."""
    written = _MENTION.findall(text)
    if not written:
        return []
    known = known or handles()
    found = [known.who(each)[0] for each in written]
    return list(dict.fromkeys(user for user in found if user is not None))[:MOST]


def has_mentions(texts: Iterable[str]) -> bool:
    """Whether any of the texts may mention somebody."""
    return any(_MENTION.search(text) for text in texts)


def as_html(text: str, known: Handles, link: Callable[[User], str]) -> SafeString:
    """The text, escaped, with each mention as the person's name; ``link(user)`` is its address, ``""`` for none."""
    made, last = "", 0
    for match in _MENTION.finditer(text):
        user, handle = known.who(match[1])
        if user is None:
            continue
        made += conditional_escape(text[last : match.start()])
        name, url = conditional_escape(f"@{user}"), link(user)
        made += (
            f'<a class="mention" href="{conditional_escape(url)}">{name}</a>'
            if url
            else f'<span class="mention">{name}</span>'
        )
        last = match.start() + 1 + len(handle)
    return mark_safe(made + conditional_escape(text[last:]))  # noqa: S308 - every part is escaped above


def people_to_mention(kind: NoticeKind, words: str, *, limit: int = 8) -> list[tuple[str, User]]:
    """Whom somebody may mean who has typed ``words`` after an ``@``: (handle, person), those who would be told.

    Two queries. E-mails are matched at their beginning only.
    """
    known = handles()
    people = User.objects.filter(
        is_active=True, grants__area=kind.area, grants__level__gte=kind.level
    ).distinct()
    wanted = fold_accents(words)
    found = []
    for user in people.only("pk", "name", "email", "is_active"):
        begins = [fold_accents(each) for each in _handles_of(user)] + fold_accents(user.name).split()
        handle = known.best(user)
        if handle and any(each.startswith(wanted) for each in begins):
            found.append((handle, user))
    return sorted(found, key=lambda one: (fold_accents(str(one[1])), one[0]))[:limit]
