"""What a submission's page shows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, FilteredRelation, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock
from folkmoot.kernel.markdown import as_html
from folkmoot.reviews.models import (
    Assignment,
    ChecklistItem,
    Flag,
    HoldUpRule,
    Joss,
    Kind,
    LabelMeaning,
    Outcome,
    Stage,
    Submission,
    Turn,
)
from folkmoot.reviews.queries import held_up, lists, turns

#: Flags shown on the page; the others are on the page of flags.
FLAGS = 20


Role, State = Assignment.Role, Assignment.State
#: They have the part, or are asked for it.
SOUGHT = (State.INVITED, State.ACCEPTED, State.DONE)


@dataclass(frozen=True)
class Stay:
    """One time in a stage: how many days, against its limit."""

    stage: Stage
    days: int
    is_now: bool
    #: Days by which it may be off, since its beginning or end is known as an interval only.
    uncertain: int

    @property
    def over(self) -> int:
        """Days beyond the limit; 0: within it, or there is none."""
        return max(self.days - self.stage.limit_days, 0) if self.stage.limit_days else 0


@dataclass(frozen=True)
class Item:
    """An entry of the checklist, and who ticked it when."""

    item: ChecklistItem
    at: dt.datetime | None
    by: str


@dataclass(frozen=True)
class Part:
    """What one part has to do in this stage."""

    label: str
    items: list[Item]

    @property
    def done(self) -> int:
        """How many are ticked."""
        return sum(item.at is not None for item in self.items)


@dataclass
class SubmissionPage:
    """Everything beside the timeline."""

    whose: turns.Whose
    held: held_up.HeldUp | None
    people: list[tuple[str, list[Assignment]]]
    checklist: list[Part]
    stays: list[Stay]
    flags: list[Flag]
    stages: list[Stage]
    guide: str = ""
    days: int | None = None
    over: int | None = None
    labels: list[str] = field(default_factory=list)
    #: The repository without the scheme, which says nothing to a person.
    repository: str = ""
    archive: str = ""

    @property
    def next_stage(self) -> Stage | None:
        """Where it goes next as a rule."""
        return self.stages[0] if self.stages else None


def read(pk: int) -> Submission | None:
    """The submission with what its first line names; one query."""
    return (
        Submission.objects.select_related(
            "programme", "stage", "project", "follows", "last_word_by__person", "item"
        )
        .filter(pk=pk)
        .first()
    )


def submission_page(user: Any, submission: Submission, now: dt.datetime | None = None) -> SubmissionPage:
    """What the page shows; six queries."""
    now = now or clock.now()
    parts = list(submission.assignments.select_related("person").order_by("role", "position", "pk"))
    row: Any = submission
    row.cast = turns.Cast(parts)
    stages = {
        stage.pk: stage
        for stage in Stage.objects.filter(programme=submission.programme_id).order_by("position", "pk")
    }
    rules = list(
        HoldUpRule.objects.filter(programme=submission.programme_id, is_active=True).order_by("kind", "days")
    )
    word = submission.last_word_by
    desk = turns.Desk(
        [submission],
        {submission.pk: row.cast},
        stages,
        {submission.programme_id: submission.programme},
        {word.pk: word.person_id} if word else {},
        {submission.programme_id: rules},
    )
    changes = list(submission.stage_changes.select_related("stage").order_by("position"))
    since = submission.stage_since
    return SubmissionPage(
        whose=turns.turns(desk, now)[submission.pk],
        held=next(iter(held_up.of_desk(desk, now)), None),
        people=_people(parts),
        checklist=checklist(submission),
        stays=_stays(submission, changes, now),
        flags=list(submission.flags.filter(settled_at=None).order_by("-first_seen_at", "-pk")[:FLAGS]),
        stages=_further(submission, list(stages.values())),
        guide=as_html(submission.stage.guide) if submission.stage else "",
        days=(now - since).days if since else None,
        over=lists.over_by(submission, now),
        labels=[str(label) for label in submission.labels],
        repository=bare(submission.repository),
        archive=bare(submission.archive),
    )


def bare(address: str) -> str:
    """An address as a person reads it: without scheme and the slash at its end."""
    return address.split("://", 1)[-1].rstrip("/")


def _people(parts: list[Assignment]) -> list[tuple[str, list[Assignment]]]:
    by_role: dict[str, list[Assignment]] = defaultdict(list)
    for part in parts:
        by_role[part.role].append(part)
    return [(str(label), by_role[role]) for role, label in Assignment.Role.choices if by_role[role]]


def _further(submission: Submission, stages: list[Stage]) -> list[Stage]:
    """The stages it may be moved to, those after its own first."""
    fitting = [
        stage
        for stage in stages
        if not stage.is_archived
        and stage.pk != submission.stage_id
        and stage.is_presubmission == (submission.kind == Kind.PRESUBMISSION)
    ]
    place = submission.stage.position if submission.stage else -1
    after = [stage for stage in fitting if stage.position > place]
    return [*after, *[stage for stage in fitting if stage not in after]]


def checklist(submission: Submission) -> list[Part]:
    """What there is to do in the stage, by whose part; what is archived only where it was ticked. One query."""
    if submission.stage_id is None:
        return []
    rows: Any = (
        ChecklistItem.objects.filter(stage=submission.stage_id)
        .annotate(tick=FilteredRelation("ticks", condition=Q(ticks__submission=submission.pk)))
        .annotate(tick_at=F("tick__at"), tick_by=F("tick__by__name"))
        .order_by("position", "pk")
    )
    found: dict[str, list[Item]] = defaultdict(list)
    for item in rows:
        if item.tick_at is not None or not item.is_archived:
            found[item.turn].append(Item(item, item.tick_at, item.tick_by or ""))
    return [Part(str(label), found[turn]) for turn, label in Turn.choices if found[turn]]


def label_groups(labels: list[LabelMeaning]) -> list[tuple[str, list[LabelMeaning]]]:
    """Labels by what they mean, stages in their order."""
    found: dict[tuple[int, int, str], list[LabelMeaning]] = defaultdict(list)
    values = dict([*Outcome.choices, *Kind.choices, *Joss.choices])
    means = LabelMeaning.Means
    kinds = [means.STAGE, means.HOLD, means.OUTCOME, means.KIND, means.JOSS, means.PARTNER, means.NOTHING]
    for label in labels:
        kind = means(label.means)
        which = label.stage.name if label.stage else str(values.get(label.value, label.value))
        name = str(kind.label) if kind in (means.NOTHING, means.PARTNER) else which
        if kind in (means.HOLD, means.JOSS):
            name = f"{kind.label}: {which}" if which else str(kind.label)
        place = label.stage.position if label.stage else 0
        found[(kinds.index(kind), place, name)].append(label)
    return [(key[2], found[key]) for key in sorted(found)]


def rule_words(rule: HoldUpRule) -> str:
    """A rule as a sentence's end: "nobody has said anything for 28 days"."""
    days, kind = rule.days or 0, rule.kind
    if kind == HoldUpRule.Kind.STAGE:
        return _("it is in its stage for longer than the stage's limit")
    if kind == HoldUpRule.Kind.QUIET:
        words = ngettext(
            "nobody has said anything for %(n)d day", "nobody has said anything for %(n)d days", days
        )
    elif kind == HoldUpRule.Kind.NO_EDITOR:
        words = ngettext("it has had no editor for %(n)d day", "it has had no editor for %(n)d days", days)
    elif kind == HoldUpRule.Kind.REVIEWER_SILENT:
        words = ngettext(
            "a reviewer has not answered for %(n)d day", "a reviewer has not answered for %(n)d days", days
        )
    elif kind == HoldUpRule.Kind.AUTHOR_SILENT:
        words = ngettext(
            "the author has not answered for %(n)d day", "the author has not answered for %(n)d days", days
        )
    elif kind == HoldUpRule.Kind.ON_HOLD:
        words = ngettext("it has been on hold for %(n)d day", "it has been on hold for %(n)d days", days)
    else:
        words = ngettext("a review is due in %(n)d day", "a review is due in %(n)d days", days)
    return words % {"n": days}


def by_turn(items: list[ChecklistItem]) -> list[tuple[str, list[ChecklistItem]]]:
    """Entries of a checklist by whose they are."""
    found: dict[str, list[ChecklistItem]] = defaultdict(list)
    for item in items:
        found[item.turn].append(item)
    return [(str(label), found[turn]) for turn, label in Turn.choices if found[turn]]


def _stays(submission: Submission, changes: list[Any], now: dt.datetime) -> list[Stay]:
    """How long in each stage; the first counts from the day of submission."""
    stays = []
    for place, change in enumerate(changes):
        if change.stage is None:
            continue
        is_last = place + 1 == len(changes)
        is_now = is_last and submission.is_open
        if is_last and not is_now and change.stage.is_accepted:
            continue
        began = submission.opened_at if place == 0 and not is_now else change.at
        ended = (now if is_now else submission.closed_at or change.at) if is_last else changes[place + 1].at
        gap = _gap(change) if place else 0
        gap += 0 if is_last else _gap(changes[place + 1])
        stays.append(Stay(change.stage, max((ended - began).days, 0), is_now, gap))
    return stays


def _gap(change: Any) -> int:
    """Days between which the change lies."""
    return (change.at - change.not_before).days if change.not_before else 0


def in_one_line(submission: Submission, page: SubmissionPage) -> list[str]:
    """Who or what it is: kind, programme, author, how long it stands where."""
    authors = [part.person.name for part in submission_cast(submission) if part.role == "author"]
    words = [str(submission.get_kind_display()).capitalize()]
    if authors:
        words.append(_("by %(names)s") % {"names": ", ".join(authors)})
    if submission.stage and page.days is not None and submission.is_open:
        words.append(
            ngettext("%(n)d day in “%(stage)s”", "%(n)d days in “%(stage)s”", page.days)
            % {"n": page.days, "stage": submission.stage.name}
        )
    return words


def submission_cast(submission: Submission) -> list[Assignment]:
    """Who takes part, as the page has read it."""
    row: Any = submission
    found: list[Assignment] = row.cast.all
    return found


def next_step(submission: Submission, page: SubmissionPage, user: Any) -> str:
    """What the page's first button offers.

    ``resume``, ``decide``, ``find_editor``, ``find_reviewers``, ``move`` or ``""``.
    """
    if not user.has_perm("reviews.contribute"):
        return ""
    if submission.outcome and submission.outcome != Outcome.ACCEPTED:
        return ""
    if submission.outcome and submission.closed_at:
        return ""
    if submission.on_hold_since:
        return "resume"
    if submission.kind == Kind.PRESUBMISSION:
        return "decide" if submission.is_open and user.has_perm("reviews.manage") else ""
    if missing := _missing(submission, user):
        return missing
    if page.next_stage is not None and (
        submission.stage is None or page.next_stage.position > submission.stage.position
    ):
        return "move"
    return ""


def _missing(submission: Submission, user: Any) -> str:
    """Whom the stage waits for somebody to find: an editor, or reviewers."""
    stage: Stage | None = submission.stage
    cast: turns.Cast | None = getattr(submission, "cast", None)
    if stage is None or cast is None or not submission.is_open or stage.answered_by:
        return ""
    if not cast.of(Role.EDITOR, states=SOUGHT):
        return (
            "find_editor" if stage.turn in (Turn.EIC, Turn.EDITOR) and user.has_perm("reviews.manage") else ""
        )
    found = len(cast.of(Role.REVIEWER, states=SOUGHT))
    is_short = found < submission.programme.reviewers_wanted
    return "find_reviewers" if stage.turn == Turn.EDITOR and is_short else ""
