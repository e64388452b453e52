"""Who edits, what each has on their desk, and who fits a submission."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel import clock, saving
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.people.public import Person, Term
from folkmoot.reviews.models import Assignment, Submission
from folkmoot.reviews.ranking.pool import Pool, load, still_open
from folkmoot.reviews.ranking.reviewers import LIMITED, TOPIC, TOPICS_MOST, Bar, Ranked, Rule, conflict
from folkmoot.reviews.seeds import data

Role, State = Assignment.Role, Assignment.State
TAKEN = (State.ACCEPTED, State.DONE)
#: A term that ends within so many days is told.
LEAVING_DAYS = 60
FREE, EACH_OPEN, EXPERIENCE = 2.0, -1.0, 0.25


def editors(today: dt.date | None = None) -> QuerySet[Person]:
    """Who edits or did: by their terms, by what they edited, by their rights. With ``open_now``, ``this_year`` and
    ``all_time``: in how many submissions they are an editor; each of several editors counts.
    """
    today = today or clock.today()
    seeds = data("people")
    held = Term.objects.filter(role_kind__slug__in=[*seeds["editor_roles"], *seeds["emeritus_roles"]])
    edited = Assignment.objects.filter(role=Role.EDITOR, state__in=[*TAKEN, State.INVITED])
    by_right = Q(user__is_active=True, user__grants__area=Area.REVIEWS, user__grants__level=Level.CONTRIBUTE)
    rightful = Person.objects.filter(by_right).values("pk")
    mine = Q(assignments__role=Role.EDITOR, assignments__state__in=TAKEN)
    still = still_open("assignments__submission__")
    started = clock.start_of_day(dt.date(today.year, 1, 1))
    return Person.objects.filter(
        Q(pk__in=held.values("person")) | Q(pk__in=edited.values("person")) | Q(pk__in=rightful),
        erased_at=None,
        archived_at=None,
    ).annotate(
        open_now=Count("assignments", filter=mine & still),
        this_year=Count("assignments", filter=mine & Q(assignments__submission__opened_at__gte=started)),
        all_time=Count("assignments", filter=mine),
    )


def holding(today: dt.date, *, emeritus: bool = False) -> QuerySet[Term]:
    """Terms of editors, or of those who were, on a day."""
    slugs = data("people")["emeritus_roles" if emeritus else "editor_roles"]
    return Term.objects.filter(role_kind__slug__in=slugs).on(today)


def leaving(today: dt.date) -> QuerySet[Term]:
    """Terms of editors that end soon."""
    return holding(today).filter(ended_on__lte=today + dt.timedelta(days=LEAVING_DAYS))


@dataclass
class Desk:
    """What an editor has at present, and for how long they are one."""

    terms: list[Term] = field(default_factory=list)
    submissions: list[Submission] = field(default_factory=list)
    knows: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    asked: int = 0

    @property
    def is_editor(self) -> bool:
        """They hold a role that edits."""
        return any(not term.role_kind.is_former for term in self.terms)

    @property
    def is_emeritus(self) -> bool:
        """They hold a role of the past only."""
        return bool(self.terms) and not self.is_editor

    def leaves_on(self, today: dt.date) -> dt.date | None:
        """The last day of their term, when it comes soon and no other goes on."""
        ends = [term.ended_on for term in self.terms if not term.role_kind.is_former]
        if not ends or None in ends:
            return None
        last = max(day for day in ends if day is not None)
        return last if last <= today + dt.timedelta(days=LEAVING_DAYS) else None


def desks(people: Iterable[Person], today: dt.date) -> dict[int, Desk]:
    """Terms, open submissions and fields of these people; three queries."""
    keys = [one.pk for one in people]
    found: dict[int, Desk] = {pk: Desk() for pk in keys}
    seeds = data("people")
    slugs = [*seeds["editor_roles"], *seeds["emeritus_roles"]]
    terms = Term.objects.filter(person__in=keys, role_kind__slug__in=slugs).on(today)
    for term in terms.select_related("role_kind").order_by("role_kind__order", "pk"):
        found[term.person_id].terms.append(term)
    parts = Assignment.objects.filter(
        still_open(), person__in=keys, role=Role.EDITOR, state__in=[*TAKEN, State.INVITED]
    )
    for part in parts.select_related("submission").order_by("submission__opened_at", "pk"):
        if part.state == State.INVITED:
            found[part.person_id].asked += 1
        else:
            found[part.person_id].submissions.append(part.submission)
    through: Any = Person.tags.through
    tags = through.objects.filter(person__in=keys, tag__facet__in=seeds["person_facets"])
    for pk, facet, name in tags.order_by("tag__facet", "tag__folded").values_list(
        "person_id", "tag__facet", "tag__name"
    ):
        found[pk].knows[facet].append(name)
    return found


@dataclass
class RankedEditor(Ranked):
    """An editor for a submission, with their desk."""

    desk: Desk = field(default_factory=Desk)
    open_now: int = 0


def rank_editors(submission: Submission, today: dt.date | None = None) -> list[RankedEditor]:
    """Who could edit it: those one may ask first, the best first; then the others, each with why not.

    Who was an editor and is none any more is left out. Fifteen queries, however many there are.
    """
    today = today or clock.today()
    people = list(editors(today).order_by("sort_key", "pk"))
    pool = load([submission], people=Q(pk__in=[one.pk for one in people]), today=today)
    found_desks = desks(people, today)
    ranked = [
        _judge(pool, submission, person, found_desks[person.pk])
        for person in people
        if person.pk in pool.people and not found_desks[person.pk].is_emeritus
    ]
    shown = [one for one in ranked if one.person.pk not in pool.about[submission.pk].editing]
    return sorted(shown, key=lambda one: (bool(one.bars), -one.score, one.person.sort_key, one.person.pk))


def _judge(pool: Pool, submission: Submission, person: Any, desk: Desk) -> RankedEditor:
    about, known = pool.about[submission.pk], pool.people[person.pk]
    found = RankedEditor(known, desk=desk, open_now=person.open_now)
    shared = {name for folded, name in about.topics.items() if folded in known.knows}
    if shared:
        found.knows_field = True
        found.score += TOPIC * min(len(shared), TOPICS_MOST)
        found.reasons.append(_("knows %(topics)s") % {"topics": ", ".join(sorted(shared)[:3])})
    if person.open_now or desk.asked:
        number = person.open_now + desk.asked
        found.score += EACH_OPEN * number
        words = ngettext("%(n)d submission on their desk", "%(n)d submissions on their desk", number)
        found.reasons.append(words % {"n": number})
    else:
        found.score += FREE
        found.reasons.append(_("is free: no open submission"))
    if person.all_time:
        found.has_reviewed = True
        found.score += EXPERIENCE * min(person.all_time, 8)
        words = ngettext(
            "edited %(n)d submission, %(year)d of this year",
            "edited %(n)d submissions, %(year)d of this year",
            person.all_time,
        )
        found.reasons.append(words % {"n": person.all_time, "year": person.this_year})
    else:
        found.reasons.append(_("would edit for the first time"))
    if person.availability == Person.Availability.LIMITED:
        found.score += LIMITED
        found.reasons.append(_("can be asked for little"))
    last = desk.leaves_on(pool.today)
    if last is not None:
        found.score += LIMITED
        found.reasons.append(_("editor until %(day)s") % {"day": saving.day(last)})
    _bars(found, pool, submission)
    return found


def _bars(found: RankedEditor, pool: Pool, submission: Submission) -> None:
    about, known = pool.about[submission.pk], found.known
    pk = known.person.pk
    if pk in about.authors:
        found.bars.append(Bar(Rule.OWN, _("wrote it")))
    elif pk in about.reviewing:
        found.bars.append(Bar(Rule.OWN, _("reviews it")))
    else:
        words = conflict(pool, about, known)
        if words:
            found.bars.append(Bar(Rule.CONFLICT, words))
    if any(
        part.role == Role.EDITOR and part.submission == submission.pk and part.state == State.DECLINED
        for part in known.parts
    ):
        found.bars.append(Bar(Rule.SAID_NO, _("was asked for it and said no")))
    if known.person.availability == Person.Availability.NO:
        found.bars.append(Bar(Rule.AVAILABLE, _("cannot be asked")))
    elif known.person.available_from is not None and known.person.available_from > pool.today:
        day = saving.day(known.person.available_from)
        found.bars.append(Bar(Rule.AVAILABLE, _("away until %(day)s") % {"day": day}))
