"""Files for outside: what a community's website is built from. Areas declare what they can write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from folkmoot.kernel.registry import Registry


@dataclass(frozen=True)
class SiteFile:
    """A file of a website.

    Attributes:
        name: path within the folder, with ``/``.
        content: the whole text.
        entries: how many records it holds.
        remarks: what a person should know: who was left out, and why.
    """

    name: str
    content: str
    entries: int
    remarks: tuple[str, ...] = ()


class Site:
    """A website's data files, in the form that it reads. Registered with ``@sites.declare``."""

    key: ClassVar[str]
    label: ClassVar[Any]
    #: Written only when it is asked for by its key.
    only_asked: ClassVar[bool] = False

    def files(self) -> Iterator[SiteFile]:
        """All files that there is something to write into."""
        raise NotImplementedError


sites: Registry[Site] = Registry("website")
