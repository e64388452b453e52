"""Registries: how an area joins the house without the house knowing the area."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar


class Keyed(Protocol):
    """Anything with a key that is unique in its registry."""

    @property
    def key(self) -> str: ...


T = TypeVar("T", bound=Keyed)


class Registry(Generic[T]):
    """Things declared once under a unique key, kept in the order of their ``order`` attribute, then key."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._items: dict[str, T] = {}

    def register(self, item: T) -> T:
        """Add an item and return it.

        Raises:
            ValueError: another item has the same key.
        """
        if self._items.get(item.key, item) is not item:
            raise ValueError(f"two declarations of the {self.noun} {item.key!r}")
        self._items[item.key] = item
        return item

    def declare(self, cls: Callable[[], T]) -> Callable[[], T]:
        """Class decorator: register one instance of the class."""
        self.register(cls())
        return cls

    def get(self, key: str) -> T:
        """The item under ``key``.

        Raises:
            LookupError: there is none; the message lists the known keys.
        """
        try:
            return self._items[key]
        except KeyError:
            known = ", ".join(sorted(self._items)) or "none"
            raise LookupError(f"no {self.noun} {key!r}; known: {known}") from None

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[T]:
        return iter(sorted(self._items.values(), key=lambda item: (getattr(item, "order", 0), item.key)))

    def __len__(self) -> int:
        return len(self._items)
