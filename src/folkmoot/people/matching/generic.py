"""Names and mailboxes that many share: no reason to take two records for one."""

from __future__ import annotations

from collections.abc import Iterable

from folkmoot.kernel.text import fold, fold_accents


class Generic:
    """The names and mailboxes that say nothing about who somebody is, folded."""

    def __init__(self, names: Iterable[str] = (), mailboxes: Iterable[str] = ()) -> None:
        self.names = frozenset(fold_accents(name) for name in names)
        self.mailboxes = frozenset(fold(mailbox) for mailbox in mailboxes)

    def is_name(self, name: str) -> bool:
        """Whether many are called this: "Admin", "Test user"."""
        return fold_accents(name) in self.names

    def is_mailbox(self, address: str) -> bool:
        """Whether many read this mailbox: the whole address is listed, or what stands before the ``@``."""
        folded = fold(address)
        user = folded.partition("@")[0].partition("+")[0]
        return folded in self.mailboxes or user in self.mailboxes
