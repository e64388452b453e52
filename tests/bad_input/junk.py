"""What is sent instead of what is asked for, and how much of it."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, Phase, settings

#: The id of every row of the world: whatever kind of id an address or a field asks for, this one is there.
REAL = 4711
_USUAL: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
    # A request's shortest cause is found faster by reading its words than by shrinking them.
    "phases": [Phase.explicit, Phase.generate],
}
settings.register_profile("folkmoot", derandomize=True, max_examples=4, **_USUAL)
#: For a longer look, with other requests each time: ``FOLKMOOT_JUNK=200 python -m pytest tests/test_bad_input.py``.
settings.register_profile("longer", max_examples=int(os.environ.get("FOLKMOOT_JUNK", "0")) or 1, **_USUAL)
PROFILE = settings.get_profile("longer" if os.environ.get("FOLKMOOT_JUNK") else "folkmoot")

HUGE = "x" * 100_000
#: What a field or parameter may be told instead of what it asks for.
JUNK = (
    "",
    " ",
    "0",
    "-1",
    str(REAL),
    f"-{REAL}",
    str(2**63),
    "9" * 40,
    "1e999",
    "NaN",
    "²",
    "٣",
    "\0",
    "a\0b",
    HUGE,
    "\u202e\u200b\ufeff",
    "🏳️‍🌈" * 300,
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2026-11-20T25:61",
    "2026Q9",
    "0001Q1..9999Q4",
    "2026-01-01..0001-01-01",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "%s%n{0}{{ 7 }}",
    "a\r\nSet-Cookie: b=c",
    "[]",
    '{"a": [1]}',
    "[" * 5_000,
    "null",
    "javascript:alert(1)",
    "http://[::1",
    "//elsewhere.example/",
    "=1+1",
    "Europe/Nowhere",
    "/etc/localtime",
    "any",
    "csv",
    "xlsx",
    "-name",
    "no-such-choice",
)
#: What an address may hold where it asks for an id, a word or a token; already percent-encoded.
IN_ADDRESS = (
    str(REAL),
    "0",
    "-1",
    "1.5",
    "007",
    str(2**31),
    str(2**63),
    "9" * 60,
    "%D9%A3",  # an Arabic digit
    "%00",
    "a%00b",
    "%ff%fe",
    "%ed%a0%80",  # half of a surrogate pair
    "%c3",
    "%2e%2e%2f",
    "%0d%0aSet-Cookie:%20a=b",
    quote("🏳️‍🌈"),
    "a" * 3000,
    "%",
    "%zz",
    "eyJ1c2VyIjo0NzExfQ:1rXXXX:AAAA",
    ":::",
    "4711-x",
    "pdf",
    "person",
    "project",
    "organisation",
    "community",
    "people",
    "github",
)
#: Parameters that the lists know without showing a field for each, and some that nobody knows.
PARAMETERS = (
    *("q", "sort", "columns", "page", "export", "next", "key", "until", "date", "before", "month", "day"),
    *("nobody-knows", "\0", "selected", "bulk", "view_save", "view_remove", "as_of", "period", "exclude"),
)
