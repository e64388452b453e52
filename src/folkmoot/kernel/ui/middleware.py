"""The reader's time zone and language."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from folkmoot.kernel.community import Community, read_once


class TimeZone:
    """Shows times in the signed-in person's zone, else in the community's, else in the installation's.

    The community is read once for each request, whoever asks for it (``request.community``, ``Community.current()``).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with read_once():
            return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
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


class Language:
    """Speaks the language that the signed-in person chose, on whatever device they chose it.

    For everybody else Django's own middleware has set what the browser's cookie or header asks for.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = getattr(request.user, "language", "")
        if language in dict(settings.LANGUAGES):
            # Not for a block only: Django's middleware, further out, still names the language in the answer's header.
            translation.activate(language)
            request.LANGUAGE_CODE = language
        return self.get_response(request)
