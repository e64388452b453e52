"""What every page's frame needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from folkmoot.kernel.community import Community


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the community."""
    return {"community": Community.current()}
