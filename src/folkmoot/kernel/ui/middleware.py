"""The reader's time zone."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from folkmoot.kernel.community import Community


class TimeZone:
    """Shows times in the signed-in person's zone, else in the community's, else in the installation's.

    The community is read once for each request, here or by the page's frame (``request.community``).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.community = SimpleLazyObject(Community.current)  # type: ignore[attr-defined]
        name = (
            getattr(request.user, "time_zone", "")
            or request.community.time_zone  # type: ignore[attr-defined]
            or settings.DISPLAY_TIME_ZONE
        )
        try:
            zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo("UTC")
        with timezone.override(zone):
            return self.get_response(request)
