"""Which pictures a platform takes as they are, and how a size made for it is called."""

from __future__ import annotations

import hashlib
from typing import Protocol

from folkmoot.connectors.posts import Limits


class Sized(Protocol):
    """A stored picture."""

    type: str
    width: int
    height: int
    size: int


def fits(picture: Sized, limits: Limits) -> bool:
    """The platform takes it as it is."""
    return (
        picture.type in limits.types
        and not (limits.image_bytes and picture.size > limits.image_bytes)
        and not (limits.image_pixels and picture.width * picture.height > limits.image_pixels)
        and not (limits.image_side and max(picture.width, picture.height) > limits.image_side)
    )


def made_for(limits: Limits) -> str:
    """The limits that matter for pictures, as a short text; at most 100 characters."""
    types = "+".join(sorted(each.removeprefix("image/") for each in limits.types))
    name = f"{limits.image_bytes}.{limits.image_pixels}.{limits.image_side}.{types}"
    if len(name) > 100:
        name = f"{name[:60]}.{hashlib.sha256(name.encode()).hexdigest()[:32]}"
    return name
