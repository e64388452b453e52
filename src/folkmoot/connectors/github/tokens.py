"""Tokens that are lent: whoever keeps connections to GitHub offers them to channels, and nobody types a token twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.registry import Registry


@dataclass(frozen=True)
class Lent:
    """A token, and the interface that it is for."""

    token: str
    api_url: str


@dataclass(frozen=True)
class TokenLender:
    """Somebody who keeps tokens.

    Attributes:
        offers: pairs of name and label of what can be borrowed now.
        lend: the token of that name; a ``LookupError`` says in words why there is none.
    """

    key: str
    offers: Callable[[], Sequence[tuple[str, str]]]
    lend: Callable[[str], Lent]
    order: int = 0


lenders: Registry[TokenLender] = Registry("lender of tokens")


def borrow(name: str) -> Lent:
    """The token that a channel's setting names: ``LENDER:NAME``.

    Raises:
        LookupError: nobody lends it; the text says why.
    """
    lender, _colon, which = name.partition(":")
    return lenders.get(lender).lend(which)


class Offers(Sequence[tuple[str, Any]]):
    """What can be borrowed, asked for each time it is shown: choices of a setting."""

    def _now(self) -> list[tuple[str, Any]]:
        found = [(f"{lender.key}:{name}", label) for lender in lenders for name, label in lender.offers()]
        return [("", _("the token below")), *found]

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    @overload
    def __getitem__(self, index: int) -> tuple[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[tuple[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> tuple[str, Any] | Sequence[tuple[str, Any]]:
        return self._now()[index]
