"""Types of parameters and fields, as strict as the schema says: what another reading might accept is refused."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

#: The largest number of a row that both databases hold.
LARGEST = 2**63 - 1
#: How many rows a page holds at most.
MOST = 1000
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def _digits(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"-?(0|[1-9][0-9]{0,18})", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST:
        raise ValueError(f"a whole number from 1 to {LARGEST} is wanted")
    return value


def _page_size(value: Any) -> Any:
    size = _digits(value)
    if size > MOST:
        raise ValueError(f"a page holds at most {MOST} rows")
    return size


def _digits_or_none(value: Any) -> Any:
    return None if value is None else _digits(value)


def _day_or_none(value: Any) -> Any:
    return None if value is None else _day(value)


def _flag(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("true or false is wanted")


def _moment(value: Any) -> Any:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("a time with its zone is wanted, such as 2026-11-20T08:00:00Z (write + as %2B)")
    try:
        return dt.datetime.fromisoformat(value.upper()).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise ValueError("there is no such time") from None


def _day(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("a day is wanted, such as 2026-11-20")
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day") from None


def _text(value: Any) -> Any:
    if isinstance(value, str) and ("\x00" in value or any("\ud800" <= c <= "\udfff" for c in value)):
        raise ValueError("it holds a character that is no text (NUL or half a character)")
    return value


_NUMBER = {"type": "integer", "minimum": 1, "maximum": LARGEST}
_DAY = {"type": "string", "format": "date"}
_NULL = {"type": "null"}
#: The number of a row.
Number = Annotated[int, BeforeValidator(_digits), WithJsonSchema(_NUMBER)]
#: ``true`` or ``false``, nothing else.
Flag = Annotated[bool, BeforeValidator(_flag)]
#: A moment with its zone (RFC 3339), read as UTC.
Moment = Annotated[dt.datetime, BeforeValidator(_moment)]
#: A day (ISO 8601).
Day = Annotated[dt.date, BeforeValidator(_day)]
#: The same, or null.
DayOrNone = Annotated[dt.date | None, BeforeValidator(_day_or_none), WithJsonSchema({"anyOf": [_DAY, _NULL]})]
NumberOrNone = Annotated[
    int | None, BeforeValidator(_digits_or_none), WithJsonSchema({"anyOf": [_NUMBER, _NULL]})
]
#: Text that both databases can hold.
Text = Annotated[str, BeforeValidator(_text), Field(max_length=500)]
#: A short name or handle.
Word = Annotated[str, BeforeValidator(_text), Field(min_length=1, max_length=320)]
#: Text of several lines.
LongText = Annotated[str, BeforeValidator(_text), Field(max_length=50_000)]
#: How many rows a page holds.
Limit = Annotated[
    int, BeforeValidator(_page_size), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST})
]


class Given(BaseModel):
    """A body that is sent to us: what it does not know it refuses, so that no misspelt field is silently lost."""

    model_config = ConfigDict(extra="forbid")


class Told(BaseModel):
    """A record that we send."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)
