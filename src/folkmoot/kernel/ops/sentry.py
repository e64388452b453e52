"""Reporting errors to Sentry (extra ``sentry``), when FOLKMOOT_SENTRY_DSN says where; without secrets and persons."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from folkmoot import __version__
from folkmoot.kernel.ops import redact

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

#: Parts of a report that tell who somebody is or what they sent.
_PERSONAL = ("user", "modules")
_OF_REQUEST = ("cookies", "data", "env", "query_string")


def start(dsn: str, **options: Any) -> None:
    """Begin to report.

    Raises:
        ImproperlyConfigured: the extra is not installed.
    """
    if find_spec("sentry_sdk") is None:
        raise ImproperlyConfigured(
            "FOLKMOOT_SENTRY_DSN is set: install the extra folkmoot[sentry], or unset it."
        )
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        release=f"folkmoot@{__version__}",
        environment=settings.BASE_URL,
        # Nothing of persons: who it was, what they sent, what the variables held.
        data_collection={
            "user_info": False,
            "cookies": {"mode": "off"},
            "http_bodies": [],
            "url_query_params": {"mode": "off"},
            "database_query_data": False,
            "queues": False,
            "stack_frame_variables": False,
        },
        before_send=scrubbed,
        before_breadcrumb=lambda crumb, hint: redact.scrub(crumb),
        **options,
    )


def scrubbed(event: Event, hint: Hint) -> Event | None:
    """The report without what tells of a person, and with secrets hidden."""
    data: dict[str, Any] = dict(event)
    for name in _PERSONAL:
        data.pop(name, None)
    request = data.get("request")
    if isinstance(request, dict):
        data["request"] = {name: value for name, value in request.items() if name not in _OF_REQUEST}
    return redact.scrub(data)  # type: ignore[no-any-return]
