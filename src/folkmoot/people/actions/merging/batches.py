"""Several merges at once, and taking them back at once; a large number as a job."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.notices.actions import notify
from folkmoot.kernel.notices.kinds import NoticeKind, notice_kinds
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.people.actions.base import Actor
from folkmoot.people.actions.merging.engine import merge_records
from folkmoot.people.actions.merging.kinds import BY_WORD, MergeKind
from folkmoot.people.actions.merging.undoing import unmerge
from folkmoot.people.models import Merge

#: What is more than this is done by a job.
AT_ONCE = 20
MERGE_JOB, UNDO_JOB = "people.merge_several", "people.unmerge_several"
DONE = notice_kinds.register(
    NoticeKind(
        "people.merged_several",
        gettext_lazy("Many records were merged"),
        Area.PEOPLE,
        Level.MANAGE,
        icon="sign-merge-left",
    )
)


@dataclass(frozen=True)
class Several:
    """What a merge of several did: its number, how many merges it made, or the job that makes them."""

    batch: uuid.UUID
    number: int = 0
    job: Job | None = None


@transaction.atomic
def merge_several(
    *,
    kind: MergeKind,
    survivor: int,
    gone: Sequence[int],
    actor: User | None,
    grounds: Mapping[str, Any] | None = None,
    batch: uuid.UUID | None = None,
) -> Several:
    """Make several records one, one after the other, each with the proposed values; all or none.

    More than ``AT_ONCE`` are done by a job, merge by merge; its actor is told how it went.

    Raises:
        ValidationError: nothing to merge, or one of them is refused: the message says which and why.
    """
    wanted = [pk for pk in dict.fromkeys(gone) if pk != survivor]
    if not wanted:
        raise ValidationError(_("Choose at least two records, and which of them stays."))
    batch = batch or uuid.uuid4()
    if len(wanted) > AT_ONCE:
        arguments = {
            "kind": kind.word,
            "survivor": survivor,
            "gone": wanted,
            "batch": str(batch),
            "grounds": dict(grounds or {}),
        }
        return Several(batch, job=enqueue(kind=MERGE_JOB, arguments=arguments, created_by=actor))
    for pk in wanted:
        _merge_one(kind, survivor, pk, actor, grounds, batch)
    return Several(batch, len(wanted))


def _merge_one(
    kind: MergeKind, survivor: int, gone: int, actor: Actor, grounds: Mapping[str, Any] | None, batch: uuid.UUID
) -> Merge:  # fmt: skip
    there = kind.model._default_manager.in_bulk([survivor, gone])
    if len(there) < 2:
        raise ValidationError(_("This was removed meanwhile."), code="gone")
    return merge_records(
        survivor=there[survivor], gone=there[gone], actor=actor, grounds=grounds, batch=batch
    )


@transaction.atomic
def unmerge_several(*, batch: uuid.UUID, actor: User | None) -> Several:
    """Take back all merges that were done with one click, the newest first; all or none. Many are done by a job.

    Raises:
        ValidationError: as :func:`unmerge`, for the first that cannot be taken back.
    """
    merges = list(Merge.objects.filter(batch=batch, undone_at=None).order_by("-pk"))
    if len(merges) > AT_ONCE:
        return Several(batch, job=enqueue(kind=UNDO_JOB, arguments={"batch": str(batch)}, created_by=actor))
    for merge in merges:
        unmerge(merge=merge, actor=actor)
    return Several(batch, len(merges))


def run_merges(context: JobContext) -> dict[str, Any]:
    """The job of :func:`merge_several`; goes on where it stopped. Records that are refused are listed in words."""
    arguments = context.arguments
    kind, batch = BY_WORD[arguments["kind"]], uuid.UUID(arguments["batch"])
    cursor = context.cursor or {"place": 0, "merged": 0, "refused": []}
    for place in range(cursor["place"], len(arguments["gone"])):
        pk = arguments["gone"][place]
        with transaction.atomic():
            try:
                with transaction.atomic():
                    actor = context.job.created_by
                    _merge_one(kind, arguments["survivor"], pk, actor, arguments["grounds"], batch)
                cursor["merged"] += 1
            except ValidationError as refusal:
                cursor["refused"].append({"record": pk, "why": " ".join(refusal.messages)})
            cursor["place"] = place + 1
            context.checkpoint(dict(cursor), done=place + 1, total=len(arguments["gone"]))
    outcome = {"merged": cursor["merged"], "refused": cursor["refused"]}
    title = ngettext("%(n)d record was merged", "%(n)d records were merged", cursor["merged"])
    _tell(context, title % {"n": cursor["merged"]}, cursor["refused"], batch)
    return outcome


def run_undo(context: JobContext) -> dict[str, Any]:
    """The job of :func:`unmerge_several`: what is undone already is passed over, so it can go on at any time."""
    batch = uuid.UUID(context.arguments["batch"])
    numbers = list(Merge.objects.filter(batch=batch).order_by("-pk").values_list("pk", flat=True))
    undone, refused = 0, []
    for place, pk in enumerate(numbers, 1):
        with transaction.atomic():
            merge = Merge.objects.get(pk=pk)
            try:
                with transaction.atomic():
                    unmerge(merge=merge, actor=context.job.created_by)
                undone += 1
            except ValidationError as refusal:
                refused.append({"record": merge.gone_id, "why": " ".join(refusal.messages)})
            context.checkpoint({"place": place}, done=place, total=len(numbers))
    title = ngettext("%(n)d merge was undone", "%(n)d merges were undone", undone) % {"n": undone}
    _tell(context, title, refused, batch)
    return {"undone": undone, "refused": refused}


def _tell(context: JobContext, title: str, refused: Sequence[Mapping[str, Any]], batch: uuid.UUID) -> None:
    """Tell who asked for it; the machine told it, so that they are told although they asked."""
    user = context.job.created_by
    if user is None:
        return
    with transaction.atomic():
        notify(
            users=[user],
            kind=DONE.key,
            title=title,
            body="\n".join(str(one["why"]) for one in refused[:20]),
            url=f"{reverse('people:merges')}?batch={batch}",
            dedupe=f"people.merges:{context.job.pk}",
            actor=None,
        )
