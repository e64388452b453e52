"""Scheduled work of the register: looking for records that may be one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import clock
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.jobs.context import JobCancelled, JobContext
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.jobs.schedule import daily
from folkmoot.kernel.plugs import ScheduledJob, schedule
from folkmoot.people.actions.merging import merge_people
from folkmoot.people.matching import finding, store
from folkmoot.people.matching.organizations import organization_pairs, project_pairs
from folkmoot.people.matching.scoring import VERSION
from folkmoot.people.matching.store import Found, Kept, People
from folkmoot.people.models import OrganizationCandidate, Person, PersonCandidate, ProjectCandidate
from folkmoot.people.models.merges import Candidate

KIND = "people.find_candidates"
#: So many changed people, and all are compared anew: it costs the same.
MOST_CHANGED = 0.3
#: Clocks of several machines may differ by this much.
OVERLAP = dt.timedelta(minutes=5)


def least_score() -> float:
    """The score from which two records are offered to a person (``FOLKMOOT_CANDIDATES_FROM``)."""
    return float(settings.CANDIDATES_FROM)


def find_now(*, everything: bool, created_by: Any = None, hold: bool = False) -> Job:
    """Queue the search.

    Args:
        everything: compare all records, not only those changed since the last time.
        hold: this process runs it itself.
    """
    arguments = {"everything": True} if everything else {}
    return enqueue(kind=KIND, arguments=arguments, created_by=created_by, hold=hold)


def find_candidates(context: JobContext) -> dict[str, Any]:
    """Look for people, organisations and projects that may be one; people who are proven to be one are merged.

    Only people changed since the last time are compared (with everybody), unless weights, threshold or the list of
    generic values changed, or too many people did. A search that was stopped starts over and ends with the same rows.
    """
    started = clock.now()
    since = None if context.arguments.get("everything") else _last_search(context.job)
    chosen = store.changed_people(since) if since is not None else None
    outcome: dict[str, Any] = {"until": started.isoformat(), "basis": basis()}
    if chosen is None or chosen:
        outcome["people"] = _find_people(context, chosen)
    groups = store.regroup(PersonCandidate, store.people_that_fit(_people_waiting()))
    for name, model, pairs in (
        ("organizations", OrganizationCandidate, organization_pairs),
        ("projects", ProjectCandidate, project_pairs),
    ):
        kept = store.keep(model, pairs(), least=least_score(), after=_checkpoint(context))
        store.regroup(model)
        outcome[name] = _told(kept)
    outcome["groups_of_people"] = groups
    return outcome


def basis() -> str:
    """What all scores rest on: when it changes, all records are compared anew."""
    return f"{VERSION}/{least_score()}/{store.generic_digest()}"


def _last_search(job: Job) -> dt.datetime | None:
    """Until when records were compared, or ``None`` when all must be."""
    last = (
        Job.objects.filter(kind=KIND, state=JobState.SUCCEEDED)
        .exclude(pk=job.pk)
        .order_by("-finished_at", "-pk")
        .first()
    )
    outcome = last.outcome if last is not None and isinstance(last.outcome, dict) else {}
    if outcome.get("basis") != basis() or "until" not in outcome:
        return None
    return dt.datetime.fromisoformat(outcome["until"]) - OVERLAP


def _find_people(context: JobContext, chosen: set[int] | None) -> dict[str, int]:
    everybody = store.people(store.generic(), tell=_progress(context))
    if chosen is not None and len(chosen) > MOST_CHANGED * len(everybody.ids):
        chosen = None
    merged = _merge_proven(everybody)
    if merged:
        everybody = store.people(store.generic(), tell=_progress(context))
    kept = store.keep(
        PersonCandidate,
        _people_found(context, everybody, chosen),
        least=least_score(),
        chosen=chosen,
        after=_checkpoint(context),
    )
    compared = len(everybody.ids) if chosen is None else len(chosen)
    return {"compared": compared, "merged": merged, **_told(kept)}


def _people_found(context: JobContext, everybody: People, chosen: set[int] | None) -> Iterator[Found]:
    alike = finding.alike_pairs(
        everybody, least=least_score(), chosen=chosen, tell=_progress(context), between=_may_go_on(context)
    )
    yield from alike
    # Last, so that what is proven stands against what is only alike.
    yield from finding.proven_pairs(everybody)


def _merge_proven(everybody: People) -> int:
    """Merge people whom a number, an ORCID iD or a proven address on both shows to be one; the older record stays."""
    places, merged = everybody.places(), 0
    gone: set[int] = set()
    for found in list(finding.proven_pairs(everybody)):
        if gone & {found.first, found.second} or not finding.may_merge(everybody, places, found):
            continue
        records = Person.objects.in_bulk([found.first, found.second])
        if len(records) == 2:
            try:
                with transaction.atomic():
                    merge_people(
                        survivor=records[found.first],
                        gone=records[found.second],
                        actor=None,
                        grounds={"score": 1.0, "reasons": found.reasons},
                    )
            except ValidationError:  # said not to be the same, or erased: a person has decided
                continue
            gone.add(found.second)
            merged += 1
    return merged


def _people_waiting() -> Iterator[int]:
    rows = PersonCandidate.objects.exclude(state=Candidate.State.DIFFERENT)
    for pair in rows.values_list("first_id", "second_id"):
        yield from pair


def _told(kept: Kept) -> dict[str, int]:
    return {"new": kept.new, "changed": kept.changed, "gone": kept.gone}


def _progress(context: JobContext) -> store.Tell:
    def tell(done: int, total: int | None, note: str) -> None:
        with transaction.atomic():
            context.checkpoint(None, done=done, total=total, note=note)

    return tell


def _checkpoint(context: JobContext) -> Any:
    return lambda done: context.checkpoint(None, done=done)


def _may_go_on(context: JobContext) -> Any:
    def check() -> None:
        if context.held().filter(cancel_requested=True).exists():
            raise JobCancelled

    return check


job_kinds.register(
    JobKind(KIND, _("Looking for records that may be one"), find_candidates, permission="people.manage")
)
schedule.register(
    ScheduledJob(
        KIND, KIND, daily, "Looks for people, organisations and projects that may be one: what changed since."
    )
)
