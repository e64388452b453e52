"""Work by the clock: whether the DOIs of accepted packages still lead somewhere.

Optional in every way: nothing else waits for it, and what cannot be checked stays as it is and is flagged.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel.http import Client, HttpProblem, Limits, OutcomeUnknown
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.reviews.flagging import Found, put_flags
from folkmoot.reviews.header.values import doi
from folkmoot.reviews.models import Flag, Outcome, Programme, Submission
from folkmoot.reviews.writing import Direct

KIND = "reviews.check_archives"
#: What says whether a DOI is registered: the interface of the Handle System, whose answers hold ``responseCode`` (1:
#: found, 100: not found). The archives' own pages often turn programs away.
RESOLVER = "https://doi.org/api/handles/"
SOURCE = "doi.org"
FIELDS = ("archive", "joss_doi", "publication_doi")
#: Seconds between two questions.
PAUSE = 0.5
#: After so many failures in a row nobody is asked any more this time.
GIVE_UP = 3

pause: Callable[[float], None] = time.sleep


class Verdict(StrEnum):
    """What is known of a DOI."""

    THERE = "there"
    GONE = "gone"
    UNKNOWN = "unknown"
    #: Nobody answered at all: that says nothing of the package.
    SILENCE = "silence"


def weeks(now: dt.datetime) -> str:
    """A slot for each week."""
    year, week, _day = now.astimezone(dt.UTC).isocalendar()
    return f"{year}-W{week:02}"


def check_archives(context: JobContext) -> dict[str, int]:
    """The job: one package after the other, from where it was left."""
    told = {"checked": 0, "gone": 0, "unknown": 0, "unanswered": 0}
    in_a_row, last = 0, ""
    after = (context.cursor or {}).get("after", 0)
    rows = Submission.objects.filter(outcome=Outcome.ACCEPTED, pk__gt=after).order_by("pk")
    total = rows.count()
    with Client(limits=Limits(total=20, read=10, tries=2, size=1024 * 1024), pause=pause) as client:
        for place, row in enumerate(rows.iterator(chunk_size=100), 1):
            found: dict[str, tuple[Verdict, str]] = {}
            for field, known in _dois(row):
                verdict, why = _ask(client, known)
                told["checked"] += 1
                if verdict is Verdict.SILENCE:
                    in_a_row, last = in_a_row + 1, why
                    told["unanswered"] += 1
                else:
                    in_a_row = 0
                    found[field] = verdict, why
                    told["gone"] += verdict is Verdict.GONE
                    told["unknown"] += verdict is Verdict.UNKNOWN
                if in_a_row >= GIVE_UP:
                    break
                pause(PAUSE)
            with transaction.atomic():
                _note(row, found)
                context.checkpoint({"after": row.pk}, done=place, total=total, note=row.title)
            if in_a_row >= GIVE_UP:
                break
    _note_resolver(told["unanswered"], last)
    return told


def _dois(row: Submission) -> Iterator[tuple[str, str]]:
    for field in FIELDS:
        if known := doi(getattr(row, field)):
            yield field, known


def _ask(client: Client, known: str) -> tuple[Verdict, str]:
    """Whether a DOI is registered, and in words what came back."""
    try:
        answer = client.get(f"{RESOLVER}{quote(known, safe='/')}", params={"type": "URL"})
    except HttpProblem as problem:
        return Verdict.SILENCE, problem.why
    if answer.status not in (200, 404):
        return Verdict.UNKNOWN, f"{answer.status}"
    try:
        found = answer.json()
    except OutcomeUnknown as problem:
        return Verdict.UNKNOWN, problem.why
    code = found.get("responseCode") if isinstance(found, dict) else None
    if code in (1, 200):  # there; there, without an address
        return Verdict.THERE, ""
    if code == 100:
        return Verdict.GONE, str(answer.status)
    return Verdict.UNKNOWN, f"{answer.status}, responseCode {str(code)[:20]}"


def _note(row: Submission, found: dict[str, tuple[Verdict, str]]) -> None:
    """Flag what leads nowhere or could not be checked; settle what does lead somewhere. The values stay as they are."""
    changes = Direct(SOURCE)
    raised: list[Found] = []
    for field, (verdict, why) in found.items():
        if verdict is Verdict.GONE:
            reason = _("this DOI is not registered: it leads nowhere; the value was kept")
        elif verdict is Verdict.UNKNOWN:
            reason = _("could not be checked (%(why)s): the last good value was kept") % {"why": why[:200]}
        else:
            continue
        value = str(getattr(row, field))
        raised.append(Found(row, field, value, reason, kind=Flag.Kind.CHECK, place=SOURCE))
    put_flags(changes, row.programme, raised)
    still = {one.key: one.reason for one in raised}
    open_flags = Flag.objects.filter(
        submission=row, kind=Flag.Kind.CHECK, source=SOURCE, settled_at=None, field__in=list(found)
    )
    wanted: list[tuple[Flag, dict[str, Any]]] = []
    for flag in open_flags:
        reason = still.get((flag.submission_id, flag.kind, flag.field, flag.value), "")
        if reason:
            wanted.append((flag, {"reason": reason[:500], "last_seen_at": changes.now}))
        else:
            wanted.append((flag, {"settled_at": changes.now}))
    changes.update(Flag, wanted, counter="flags")


@transaction.atomic
def _note_resolver(unanswered: int, why: str) -> None:
    """That nobody answers is told once, not for each package."""
    changes = Direct(SOURCE)
    rows = Flag.objects.filter(submission=None, kind=Flag.Kind.CHECK, source=SOURCE, settled_at=None)
    if not unanswered:
        changes.update(Flag, [(row, {"settled_at": changes.now}) for row in rows], counter="flags")
        return
    programme = Programme.objects.filter(submissions__outcome=Outcome.ACCEPTED).order_by("pk").first()
    if programme is not None:
        reason = _("DOIs of accepted packages could not be checked (%(why)s); all values were kept") % {
            "why": why[:200]
        }
        found = Found(None, "doi", SOURCE, reason, kind=Flag.Kind.CHECK, place=SOURCE)
        put_flags(changes, programme, [found])
