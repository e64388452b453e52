"""That something ends after it begins: what is said when it would not names the record and both moments.

Areas declare it once for each constraint of the database (:func:`kept`, handed to :func:`folkmoot.kernel.saving.say`),
so that pages, the API, imports and merges say the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ObjectDoesNotExist
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def days(what: str, first: dt.date, last: dt.date) -> str:
    """Words for something whose last day does not come after its first.

    Args:
        what: how the record is called: “Ana: Editor”.
    """
    said = {
        "what": what,
        "first": date_format(first, "DATE_FORMAT"),
        "last": date_format(last, "DATE_FORMAT"),
    }
    return (
        _(
            "%(what)s would end on %(last)s and begin on %(first)s: choose a later last day, or an earlier first one."
        )
        % said
    )


def moments(what: str, first: dt.datetime, last: dt.datetime, zone: str, *, opens: bool = False) -> str:
    """Words for something whose end does not come after its beginning.

    Args:
        first, last: aware, or as the clocks in ``zone`` (an IANA zone) say.
        opens: it opens and closes, as registration does.
    """
    words = (
        _(
            "%(what)s would close on %(last)s and open on %(first)s (%(zone)s): close it later, or open it earlier."
        )
        if opens
        else _(
            "%(what)s would end on %(last)s and begin on %(first)s (%(zone)s): choose a later end, or an earlier "
            "beginning."
        )
    )
    return words % {"what": what, "first": _moment(first, zone), "last": _moment(last, zone), "zone": zone}


def _moment(at: dt.datetime, zone: str) -> str:
    return date_format(at.astimezone(ZoneInfo(zone)) if at.tzinfo is not None else at, "DATETIME_FORMAT")


def kept(
    called: Callable[[Any], str],
    first: str,
    last: str,
    *,
    zone: Callable[[Any], str] | None = None,
    opens: bool = False,
    otherwise: Any = "",
) -> Callable[[Any], str]:
    """Words for a constraint that keeps two columns in order, made of the row that it refuses.

    Args:
        called: how the row is called.
        first, last: the columns: days, or with ``zone`` moments.
        zone: the IANA zone whose clocks people read.
        opens: it opens and closes, as registration does.
        otherwise: what is said where the constraint refuses for another reason: one of the two is missing.
    """

    def words(row: Any) -> str:
        begins, ends = getattr(row, first), getattr(row, last)
        if begins is None or ends is None:
            return str(otherwise)
        try:
            what = called(row)
        except ObjectDoesNotExist:  # what it belongs to is missing as well, and is asked for beside
            what = str(row._meta.verbose_name).capitalize()
        if zone is None:
            return days(what, begins, ends)
        return moments(what, begins, ends, zone(row), opens=opens)

    return words


def quoted(row: Any) -> str:
    """A record by its own name, in quotation marks."""
    return _("“%(name)s”") % {"name": row}
