"""Mails about notices. A notice is claimed before its mail leaves, so it is never in two; see docs/notices.md."""

from __future__ import annotations

import datetime as dt
from typing import Any

import structlog
from django.db import transaction

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.jobs.context import JobContext, LeaseLost
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.notices import actions, hours, mail, queries
from folkmoot.kernel.notices.models import Frequency, Notice

log = structlog.get_logger(__name__)

DIGEST_JOB = "notices.digest"


def half_hours(now: dt.datetime) -> str:
    """A slot for each half hour (UTC): zones differ by half hours, and digests go out at full ones."""
    at = now.astimezone(dt.UTC)
    return f"{at:%Y-%m-%dT%H}:{'30' if at.minute >= 30 else '00'}"


def plan(context: JobContext) -> dict[str, int]:
    """The job that looks, each half hour, whose digest is due, and for mail that was left behind.

    Each person's digest of a day is one job, and a job's key is taken once: of many who plan it, one does.
    """
    now = clock.now()
    keys = {f"{DIGEST_JOB}:{due.frequency}:{due.user_id}:{due.day}": due for due in queries.due_digests(now)}
    planned = set(Job.objects.filter(unique_key__in=keys).values_list("unique_key", flat=True))
    fresh = {key: due for key, due in keys.items() if key not in planned}
    for key, due in fresh.items():
        enqueue(
            kind=DIGEST_JOB,
            arguments={"user": due.user_id, "frequency": due.frequency.value, "before": due.at.isoformat()},
            unique_key=key,
        )
    late = queries.left_behind(now)
    for user in User.objects.filter(pk__in=late):
        actions.plan_mail(user=user, key=f"again:{now.date()}")
    return {"digests": len(fresh), "left behind": len(late)}


def mail_at_once(context: JobContext) -> dict[str, Any]:
    """The job that mails one person what they want at once; in their quiet hours it is put off to the end of these."""
    user = _user(context)
    if user is None:
        return {"mailed": 0}
    until = hours.quiet_until(clock.now(), hours.zone_of(user), queries.settings_of(user).quiet)
    if until is not None and not context.cursor:
        actions.plan_mail(user=user)
        return {"mailed": 0, "put off until": until.isoformat()}
    return _deliver(context, user, Frequency.AT_ONCE)


def mail_digest(context: JobContext) -> dict[str, Any]:
    """The job that mails one person a digest, unless there is nothing to say."""
    user = _user(context)
    if user is None:
        return {"mailed": 0}
    before = clock.parse_datetime(context.arguments["before"])
    return _deliver(context, user, Frequency(context.arguments["frequency"]), before=before)


def _user(context: JobContext) -> User | None:
    return User.objects.filter(pk=context.arguments["user"], is_active=True).first()


def _deliver(
    context: JobContext, user: User, frequency: Frequency, *, before: dt.datetime | None = None
) -> dict[str, Any]:
    """Claim, commit, then send: a worker that dies in between leaves a mail unsent rather than sent twice."""
    if context.cursor:
        log.warning("whether a mail has left is not known; it is not sent again", user=user.pk)
        return {"mailed": 0, "outcome not known": len(context.cursor["claimed"])}
    now = clock.now()
    with transaction.atomic():
        notices = queries.waiting(user, frequency, now, before=before)
        parts = queries.digest_lines(user, now) if frequency == Frequency.WEEKLY else []
        if not notices and not parts:
            return {"mailed": 0}
        message = mail.compose(
            key=f"notices.{context.job.pk}", user=user, notices=notices, frequency=frequency, parts=parts
        )
        claimed = [notice.pk for notice in notices]
        Notice.objects.filter(pk__in=claimed).update(mailed_at=now)
        _hold(context, {"claimed": claimed})
    try:
        mail.send(message)
    except mail.NotSent:
        with transaction.atomic():
            Notice.objects.filter(pk__in=claimed).update(mailed_at=None)
            _hold(context, None)
        raise
    except mail.OutcomeUnknown as problem:
        log.warning(
            "whether a mail has left is not known; it is not sent again", user=user.pk, why=str(problem)
        )
        return {"mailed": 0, "outcome not known": len(claimed)}
    return {"mailed": 1, "notices": len(claimed)}


def _hold(context: JobContext, cursor: Any) -> None:
    """Keep the cursor with the job. Not a checkpoint: a mail that is refused has not got the work any further.

    Raises:
        LeaseLost: another worker holds the job: the transaction must be rolled back.
    """
    if not context.held().update(cursor=cursor):
        raise LeaseLost
    context.cursor = cursor
