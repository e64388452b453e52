"""What else the house asks every app: open things of a colleague, first imports, the API's parts, public figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from folkmoot.kernel.registry import Registry

if TYPE_CHECKING:
    from folkmoot.kernel.accounts.models import User


@dataclass(frozen=True)
class Handover:
    """Open things of a person that a colleague takes over when the person's account is switched off.

    Attributes:
        label: what they are, in the plural ("things put off on Today").
        count: ``count(user)``: how many there are, in one query.
        move: ``move(user, colleague, actor)`` gives them to the colleague in the caller's transaction and returns how
            many; who did what before stays as it was.
    """

    key: str
    label: Any
    count: Callable[[User], int]
    move: Callable[[User, User, User], int]
    order: int = 0


handovers: Registry[Handover] = Registry("handover")


@dataclass(frozen=True)
class Starter:
    """Something to begin with in a new installation, offered at the end of the first-run guide.

    Attributes:
        is_there: whether it can be offered here.
        begin: ``begin(user)`` starts it and returns the address to go on to.
    """

    key: str
    label: Any
    text: Any
    is_there: Callable[[], bool]
    begin: Callable[[User], str]
    icon: str = "box-seam"
    order: int = 0


starters: Registry[Starter] = Registry("starter")


@dataclass(frozen=True)
class ApiRouter:
    """The part of the API that an app answers (``api.py``); the API itself stands on top and knows no app.

    Attributes:
        label: its heading in the reference.
        load: returns the django-ninja router; called once, when the addresses are read.
        prefix: what its addresses begin with below ``/api/v1``; empty where they name their records themselves.
    """

    key: str
    label: str
    load: Callable[[], Any]
    prefix: str = ""
    order: int = 0


api_routers: Registry[ApiRouter] = Registry("part of the API")


@dataclass(frozen=True)
class PublicFigures:
    """Figures about people that their public pages show, where the person chose so: "42 contributions".

    ``find(people)`` is given numbers of people and returns, for those with any, pairs of label and figure, in a fixed
    number of queries.
    """

    key: str
    find: Callable[[Iterable[int]], dict[int, list[tuple[Any, Any]]]]
    order: int = 0


public_figures: Registry[PublicFigures] = Registry("figure of public pages")
