"""Making the index anew in the background: after an update that brings a new kind, and once a week as a check."""

from __future__ import annotations

import datetime as dt

from django.apps import apps
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs import actions
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.plugs import ScheduledJob, schedule
from folkmoot.kernel.search import naming, spelling
from folkmoot.kernel.search.index import BATCH, index
from folkmoot.kernel.search.kinds import SearchKind, search_kinds
from folkmoot.kernel.search.models import SearchEntry
from folkmoot.kernel.setup_steps import SetupStep, setup_steps


def rebuild(kind: str | None = None, *, actor: User | None = None) -> Job:
    """Queue the making anew of one kind's entries, or of all.

    Raises:
        LookupError: no such kind.
    """
    if kind is not None:
        search_kinds.get(kind)
    return actions.enqueue(kind="search.rebuild", arguments={"kind": kind} if kind else {}, created_by=actor)


def run_rebuild(context: JobContext) -> dict[str, int]:
    """The job: every record is indexed again, in chunks; then what is left of gone records and words is removed."""
    wanted = context.arguments.get("kind")
    kinds = [kind for kind in search_kinds if wanted in (None, kind.key)]
    at, last, changed = context.cursor or [kinds[0].key if kinds else "", 0, 0]
    keys = [kind.key for kind in kinds]
    done = 0
    for kind in kinds[keys.index(at) if at in keys else 0 :]:
        last = last if kind.key == at else 0
        while True:
            with transaction.atomic():
                ids = _next(kind, last)
                upper = ids[-1] if len(ids) == BATCH else None
                changed += _forget_gone(kind, last, upper, ids) + index(kind.key, ids)
                done += len(ids)
                if upper is None:
                    following = keys.index(kind.key) + 1
                    context.checkpoint(
                        [keys[following] if following < len(keys) else kind.key, 0, changed], done=done
                    )
                    break
                last = upper
                context.checkpoint([kind.key, last, changed], done=done)
    spelling.learn_all()
    return {"changed": changed, "words_forgotten": spelling.forget_unused()}


def _next(kind: SearchKind, last: int) -> list[int]:
    rows = kind.model._default_manager.filter(pk__gt=last).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:BATCH])


def _forget_gone(kind: SearchKind, after: int, upper: int | None, ids: list[int]) -> int:
    """Remove entries between two keys (``None``: to the end) whose records are not among these."""
    entries = SearchEntry.objects.filter(kind=kind.key, object_id__gt=after)
    if upper is not None:
        entries = entries.filter(object_id__lte=upper)
    return entries.exclude(object_id__in=ids).delete()[0]


def run_names(context: JobContext) -> dict[str, int]:
    """The job: the entries that name one of these records are brought up to date, in chunks, kind by kind."""
    model, ids = apps.get_model(context.arguments["model"]), context.arguments["ids"]
    kinds = {kind.key: kind for kind, _naming in naming.namings(model)}
    at, last, changed = context.cursor or [next(iter(kinds), ""), 0, 0]
    keys = list(kinds)
    done = 0
    for key in keys[keys.index(at) if at in kinds else 0 :]:
        last = last if key == at else 0
        more = True
        while more:
            with transaction.atomic():
                owners = naming.next_naming(kinds[key], model, ids, after=last, most=BATCH)
                changed += index(key, owners)
                done += len(owners)
                more = len(owners) == BATCH
                last = owners[-1] if owners else last
                context.checkpoint([key, last, changed], done=done)
    return {"changed": changed}


def index_new_kinds() -> str:
    """The set-up step: kinds that have records and no entry yet are indexed, here and now."""
    told = []
    for kind in search_kinds:
        if SearchEntry.objects.filter(kind=kind.key).exists():
            continue
        highest = kind.model._default_manager.aggregate(highest=Max("pk"))["highest"]
        last, count = 0, 0
        while highest and last < highest:
            with transaction.atomic():
                ids = _next(kind, last)
                count += index(kind.key, ids)
            last = ids[-1] if ids else highest
        if count:
            told.append(f"{count} {str(kind.label).lower()}")
    return f"Indexed for search: {', '.join(told)}." if told else ""


def weekly(now: dt.datetime) -> str:
    """A slot for each ISO week in UTC."""
    year, week, _day = now.astimezone(dt.UTC).isocalendar()
    return f"{year}-W{week:02d}"


job_kinds.register(JobKind("search.rebuild", _("Making the search index anew"), run_rebuild))
job_kinds.register(JobKind(naming.JOB, _("Bringing a new name into the search"), run_names))
schedule.register(
    ScheduledJob(
        "search.rebuild",
        "search.rebuild",
        weekly,
        "Checks the search index against the records and forgets words that no record holds any more.",
    )
)
setup_steps.register(SetupStep("search.index", index_new_kinds, order=900))
