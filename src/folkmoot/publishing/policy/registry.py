"""What a check is: what it looks at, what can be set, where its rule comes from."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from folkmoot.kernel.registry import Registry
from folkmoot.publishing.policy.subject import Params, Subject


@dataclass(frozen=True)
class Hit:
    """Something that a check found.

    Attributes:
        message: what is wrong, a sentence.
        part: number of the part; 0: the whole.
        at: where in the part's text; ``None``: anywhere.
        found: the words in question.
        fix: what to do, or what to write instead.
        instead: what the words could be replaced by, ready to be taken over; ``""``: nothing ready.
        line: in a file, where no part tells it.
    """

    message: str
    part: int = 0
    at: int | None = None
    found: str = ""
    fix: str = ""
    instead: str = ""
    line: int = 0


@dataclass(frozen=True)
class Param:
    """Something that a rule may set.

    Attributes:
        kind: ``number``, ``share`` (0 to 1), ``flag``, ``text``, ``time`` (09:30), ``words`` (a list), ``days`` (a list
            of ``2026-12-25`` or ``12-25``), ``windows`` (a list of ``from``, ``to``, ``why``), ``map`` (text to text
            or to a list).
        help: what it is for, in English: it is part of the reference.
        choices: of ``words``: what may stand there.
    """

    name: str
    kind: str
    default: Any
    help: str
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class Window:
    """Days on which nothing leaves, both included."""

    first: dt.date
    last: dt.date
    why: str = ""


Finder = Callable[[Subject, Params], Iterable[Hit]]


@dataclass(frozen=True)
class Check:
    """A check as rules name it."""

    key: str
    find: Finder
    params: Sequence[Param]

    @property
    def about(self) -> str:
        """What it looks at: the first paragraph of its docstring."""
        return _paragraphs(self.find)[0]

    @property
    def source(self) -> str:
        """Where its rule comes from: the paragraph that begins with "Source"."""
        return next((each for each in _paragraphs(self.find) if each.startswith("Source")), "").removeprefix(
            "Source: "
        )

    @property
    def more(self) -> str:
        """What else its docstring says."""
        return "\n\n".join(each for each in _paragraphs(self.find)[1:] if not each.startswith("Source"))

    def param(self, name: str) -> Param | None:
        """What can be set under a name."""
        return next((each for each in self.params if each.name == name), None)

    @property
    def defaults(self) -> dict[str, Any]:
        """What holds where a rule sets nothing."""
        return {each.name: each.default for each in self.params}


def _paragraphs(find: Finder) -> list[str]:
    return [" ".join(each.split()) for each in (inspect.getdoc(find) or "").split("\n\n")]


checks: Registry[Check] = Registry("check of a policy")


def check(key: str, *params: Param) -> Callable[[Finder], Finder]:
    """Declare a check; its docstring is its reference: what it looks at, then ``Source: …``."""

    def mark(find: Finder) -> Finder:
        checks.register(Check(key, find, params))
        return find

    return mark
