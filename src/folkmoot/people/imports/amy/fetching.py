"""When AMY is read by its API: from the command line, in the background, every night."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.connectors.amy import Amy, AmyProblem, Trouble, normal_address
from folkmoot.kernel import clock
from folkmoot.kernel.imports import actions as imports
from folkmoot.kernel.imports.sources import Fetched, FileProblem, sources
from folkmoot.kernel.jobs.context import JobContext, JobRefused
from folkmoot.people.actions.amy import read_amy
from folkmoot.people.imports.amy import live
from folkmoot.people.imports.amy.source import AMY
from folkmoot.people.models import AmyConnection

#: After these a reading goes on by itself: after so many seconds where AMY does not say how long.
LATER = {Trouble.LIMIT: 900.0, Trouble.SERVER: 900.0, Trouble.NETWORK: 900.0}
#: So many seconds a reading on the command line waits where AMY asks for it; a worker has other things to do.
PATIENT = 3700.0


def fetched(said: Mapping[str, str], tell: Callable[[int, str], None]) -> Fetched:
    """AMY read to its end, for the command line.

    Raises:
        FileProblem: it could not be read; the words say what to do. The same command goes on where it stopped.
    """
    try:
        url = normal_address(said["url"])
        kept = AmyConnection.objects.filter(url=url).first()
        token = said["token"] or (kept.token if kept else "")
        session = said["session"] or (kept.session if kept else "")
        if not token:
            raise FileProblem(url, _("needs a token: give --token, or keep one under Settings, AMY"))
        with Amy(url, token=token, session=session, patience=PATIENT) as amy:
            found = live.read(amy, tell)
    except AmyProblem as problem:
        raise FileProblem(said["url"], _("%(why)s The same command goes on.") % {"why": problem}) from None
    except live.AlreadyRead as problem:
        raise FileProblem(said["url"], str(problem)) from None
    return Fetched(found.path, found.origin, found.options)


def read_job(context: JobContext) -> dict[str, Any]:
    """The job that reads a kept connection, then begins the import.

    Raises:
        JobRefused: the connection is gone, or AMY does not let us in.
    """
    row = AmyConnection.objects.filter(pk=context.arguments["connection"]).first()
    if row is None:
        raise JobRefused(_("This connection to AMY is not there any more."))

    def tell(number: int, what: str) -> None:
        with transaction.atomic():
            context.checkpoint({"list": what}, done=number, note=_("Reading %(file)s") % {"file": what})

    try:
        with Amy(row.url, token=row.token, session=row.session, patience=30) as amy:
            found = live.read(amy, tell)
    except AmyProblem as problem:
        return _later(row, problem, context)
    except live.AlreadyRead as problem:
        raise JobRefused(str(problem)) from None
    AmyConnection.objects.filter(pk=row.pk).update(problem="", read_at=clock.now())
    run, _again = imports.start(
        source=sources.get(AMY),
        path=found.path,
        actor=context.job.created_by or row.created_by,
        origin=found.origin,
        options=found.options,
        apply_at_once=bool(context.arguments["apply"]),
    )
    return {"run": run.pk, "read": context.job.done}


def _later(row: AmyConnection, problem: AmyProblem, context: JobContext) -> dict[str, Any]:
    """Say what stands in the way; go on later where waiting helps."""
    AmyConnection.objects.filter(pk=row.pk).update(problem=str(problem)[:500])
    if problem.trouble not in LATER:
        raise JobRefused(str(problem))
    seconds = problem.wait or LATER[problem.trouble]
    due = clock.now() + dt.timedelta(seconds=seconds)
    with transaction.atomic():
        read_amy(connection=row, apply=context.arguments["apply"], actor=context.job.created_by, due_at=due,
                 but=context.job.pk)  # fmt: skip
    return {"waits_until": due.isoformat(), "why": str(problem)}


def nightly(context: JobContext) -> dict[str, int]:
    """The job that reads every connection that is to be read every night; what comes is applied at once."""
    number = 0
    for row in AmyConnection.objects.filter(is_nightly=True):
        read_amy(connection=row, apply=True, actor=None)
        number += 1
    return {"connections": number}
