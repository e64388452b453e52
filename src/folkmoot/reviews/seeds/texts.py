"""The standard texts that an installation starts with."""

from __future__ import annotations

from folkmoot.outbox.public import load_texts as load
from folkmoot.reviews.seeds import data


def load_texts() -> int:
    """Make the texts that are not there and never were.

    Returns:
        how many were made.
    """
    return load(data("texts"), topic="reviews")
