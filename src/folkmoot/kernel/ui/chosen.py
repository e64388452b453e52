"""Rows chosen on a list, as part of an address: signed, so that nobody else can make one, and good for a day."""

from __future__ import annotations

from collections.abc import Sequence

from django.core import signing
from django.http import Http404

GOOD_FOR = 24 * 60 * 60


def selection(numbers: Sequence[int], *, salt: str) -> str:
    """The part of an address that names chosen rows; ``salt`` says of what kind."""
    return signing.dumps(list(numbers), salt=salt, compress=True)


def numbers_of(chosen: str, *, salt: str) -> list[int]:
    """The rows that it names.

    Raises:
        Http404: it was altered, or is older than a day.
    """
    try:
        numbers: list[int] = signing.loads(chosen, salt=salt, max_age=GOOD_FOR)
    except signing.BadSignature:
        raise Http404 from None
    return numbers
