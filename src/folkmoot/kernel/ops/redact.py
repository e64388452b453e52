"""Keeping secrets out of logs and error reports. Knows nothing of Django, since logging starts before it does."""

from __future__ import annotations

import re
from collections.abc import Iterable, MutableMapping
from typing import Any

HIDDEN = "[hidden]"
#: Names whose values are never shown: as fields of a log line, headers, variables, parts of a query.
_NAMES = re.compile(
    r"pass(word|wd|phrase)?$|^pwd$|secret|token|^auth$|authorization|cookie|credential|(api|private|access|signing)_?key"
    r"|^dsn$|session_?(id|key)|^otp$|recovery_codes?",
    re.IGNORECASE,
)
_IN_TEXT: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?P<head>[a-z][a-z0-9+.-]*://)[^\s/@'\"]+@", re.IGNORECASE), rf"\g<head>{HIDDEN}@"),
    (
        re.compile(r"\b(?P<head>Bearer|Basic|Token)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE),
        rf"\g<head> {HIDDEN}",
    ),
    (
        re.compile(
            r"(?P<head>[?&](?:[a-z_-]*(?:token|secret|password|signature|api_?key)|key|code|state)=)[^&\s'\"]+",
            re.IGNORECASE,
        ),
        rf"\g<head>{HIDDEN}",
    ),
    (re.compile(r"AGE-SECRET-KEY-1[A-Z0-9]+"), HIDDEN),
)
#: Shorter values would blank out ordinary words.
_SHORTEST = 6

_values: set[str] = set()
_pattern: re.Pattern[str] | None = None


def hide(values: Iterable[str]) -> None:
    """From now on these very values are hidden wherever they appear."""
    global _pattern
    _values.update(value for value in values if len(value) >= _SHORTEST)
    longest_first = sorted(_values, key=lambda value: (-len(value), value))
    _pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def text(value: str) -> str:
    """The text without passwords in addresses, tokens in headers and queries, and values that :func:`hide` was told."""
    if _pattern is not None:
        value = _pattern.sub(HIDDEN, value)
    for pattern, instead in _IN_TEXT:
        value = pattern.sub(instead, value)
    return value


def scrub(value: Any, *, depth: int = 12) -> Any:
    """The same for nested data: values under a telling name are hidden, texts are cleaned."""
    if isinstance(value, str):
        return text(value)
    if depth == 0:
        return value
    if isinstance(value, dict):
        return {
            key: HIDDEN if is_secret_name(key) and each not in (None, "") else scrub(each, depth=depth - 1)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [scrub(each, depth=depth - 1) for each in value]
    if isinstance(value, tuple):
        return tuple(scrub(each, depth=depth - 1) for each in value)
    return value


def is_secret_name(name: Any) -> bool:
    """Whether what stands under this name is a secret."""
    return isinstance(name, str) and bool(_NAMES.search(name))


def fields(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: cleans what was logged, before it is written out."""
    for key, value in event.items():
        if key in ("exc_info", "_record", "_from_structlog"):
            continue
        event[key] = HIDDEN if is_secret_name(key) and value not in (None, "") else scrub(value)
    return event


def line(logger: Any, method: str, rendered: str) -> str:
    """A structlog processor after the renderer: cleans the finished line, tracebacks included."""
    return text(rendered)
