"""How well somebody fits a submission, in words; and what stands against it."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from folkmoot.kernel import saving
from folkmoot.people.public import Person
from folkmoot.reviews.models import Submission
from folkmoot.reviews.ranking.pool import About, Known, Part, Pool, Role, State, load, share

#: What a thing is worth.
TOPIC, TOPICS_MOST = 3.0, 3
REVIEW, REVIEWS_MOST = 1.0, 3
NEWCOMER, LIMITED, ASKED_BACK, ADDRESS = 0.5, -1.5, -0.5, 0.5
RESTED_MOST = 1.0


class Rule(enum.Enum):
    """What may stand in the way of asking somebody, and of a team."""

    OWN = "own"
    CONFLICT = "conflict"
    REST = "rest"
    BUSY = "busy"
    AVAILABLE = "available"
    SAID_NO = "said_no"
    DOMAIN = "domain"
    EXPERIENCE = "experience"
    SUGGESTED = "suggested"

    @property
    def label(self) -> Any:
        """As a heading names it."""
        return RULE_WORDS[self]


RULE_WORDS: dict[Rule, Any] = {
    Rule.OWN: gettext_lazy("nobody reviews what they wrote or edit"),
    Rule.CONFLICT: gettext_lazy("no conflict of interest"),
    Rule.REST: gettext_lazy("time between two reviews"),
    Rule.BUSY: gettext_lazy("one review at a time"),
    Rule.AVAILABLE: gettext_lazy("only who can be asked"),
    Rule.SAID_NO: gettext_lazy("nobody is asked twice"),
    Rule.DOMAIN: gettext_lazy("one at least knows the field"),
    Rule.EXPERIENCE: gettext_lazy("one at least has reviewed before"),
    Rule.SUGGESTED: gettext_lazy("one at most was suggested by the author"),
}
#: Rules about one person; the others are about a team.
OF_PERSON = (Rule.OWN, Rule.CONFLICT, Rule.REST, Rule.BUSY, Rule.AVAILABLE, Rule.SAID_NO)
#: What may be let go if there is nobody else; nobody ever reviews their own.
RELAXABLE = tuple(rule for rule in Rule if rule is not Rule.OWN)


@dataclass(frozen=True)
class Bar:
    """A rule that stands against somebody, and why."""

    rule: Rule
    words: str


@dataclass
class Ranked:
    """Somebody for a submission: the better the higher ``score``; with ``bars`` they may not be asked."""

    known: Known
    score: float = 0.0
    reasons: list[str] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    knows_field: bool = False
    has_reviewed: bool = False
    is_suggested: bool = False

    @property
    def person(self) -> Person:
        """Who it is."""
        return self.known.person

    @property
    def is_free(self) -> bool:
        """Nothing stands against them."""
        return not self.bars


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day of the month so many months earlier, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < 1:
        return dt.date.min
    for number in (day.day, 30, 29, 28):
        try:
            return dt.date(year, month + 1, number)
        except ValueError:
            continue
    return dt.date(year, month + 1, 28)


def judge(pool: Pool, about: About, known: Known, suggested: frozenset[int] = frozenset()) -> Ranked:
    """One person for one submission; no query."""
    found = Ranked(known, is_suggested=known.person.pk in suggested)
    _fit(found, about)
    _experience(found, pool, about)
    _bars(found, pool, about)
    if known.has_address:
        found.score += ADDRESS
    return found


def _fit(found: Ranked, about: About) -> None:
    shared = {folded: name for folded, name in about.topics.items() if folded in found.known.knows}
    if not shared:
        return
    found.knows_field = True
    found.score += TOPIC * min(len(shared), TOPICS_MOST)
    said = [name for folded, name in shared.items() if folded in found.known.said]
    learnt = [name for folded, name in shared.items() if folded not in found.known.said]
    if said:
        found.reasons.append(_("says they know %(topics)s") % {"topics": ", ".join(sorted(said)[:3])})
    if learnt:
        found.reasons.append(
            _("worked on packages for %(topics)s") % {"topics": ", ".join(sorted(learnt)[:3])}
        )


def _experience(found: Ranked, pool: Pool, about: About) -> None:
    known = found.known
    if known.reviews:
        found.has_reviewed = True
        found.score += REVIEW * min(known.reviews, REVIEWS_MOST)
        words = ngettext("has done %(n)d review", "has done %(n)d reviews", known.reviews)
        found.reasons.append(words % {"n": known.reviews})
    else:
        found.score += NEWCOMER
        found.reasons.append(_("would review for the first time"))
    if known.edits:
        words = ngettext("has edited %(n)d submission", "has edited %(n)d submissions", known.edits)
        found.reasons.append(words % {"n": known.edits})
    if known.last_review is not None:
        rested = (pool.today - known.last_review).days
        found.score += RESTED_MOST * min(max(rested, 0), 730) / 730
        found.reasons.append(_("last review %(day)s") % {"day": saving.day(known.last_review)})
    if known.person.availability == Person.Availability.LIMITED:
        found.score += LIMITED
        found.reasons.append(str(_("can be asked for little")))
    elif known.person.availability == Person.Availability.YES:
        found.score += ADDRESS
        found.reasons.append(str(_("can be asked")))
    declined = sum(part.state == State.DECLINED for part in known.parts)
    if declined:
        found.score += ASKED_BACK * min(declined, 2)
        words = ngettext("said no %(n)d time", "said no %(n)d times", declined)
        found.reasons.append(words % {"n": declined})


def _bars(found: Ranked, pool: Pool, about: About) -> None:
    known, submission, today = found.known, about.submission, pool.today
    pk, programme = known.person.pk, submission.programme
    if pk in about.authors:
        found.bars.append(Bar(Rule.OWN, _("wrote it")))
    elif pk in about.barred:
        found.bars.append(Bar(Rule.OWN, _("has another part in it")))
    words = conflict(pool, about, known) if not found.bars else ""
    if words:
        found.bars.append(Bar(Rule.CONFLICT, words))
    since = months_before(today, programme.rest_months)
    if known.last_review is not None and known.last_review > since:
        words = ngettext(
            "reviewed on %(day)s, less than %(n)d month ago",
            "reviewed on %(day)s, less than %(n)d months ago",
            programme.rest_months,
        )
        found.bars.append(
            Bar(Rule.REST, words % {"day": saving.day(known.last_review), "n": programme.rest_months})
        )
    if any(_at_work(part, submission.pk) for part in known.parts):
        found.bars.append(Bar(Rule.BUSY, _("reviews another package at present, or is asked to")))
    person = known.person
    if person.availability == Person.Availability.NO:
        found.bars.append(Bar(Rule.AVAILABLE, _("cannot be asked")))
    elif person.available_from is not None and person.available_from > today:
        day = saving.day(person.available_from)
        found.bars.append(Bar(Rule.AVAILABLE, _("away until %(day)s") % {"day": day}))
    if pk in about.said_no:
        found.bars.append(Bar(Rule.SAID_NO, _("was asked for it and said no")))


def _at_work(part: Part, submission: int) -> bool:
    return (
        part.role == Role.REVIEWER
        and part.is_open
        and part.submission != submission
        and part.state in (State.INVITED, State.ACCEPTED)
    )


def conflict(pool: Pool, about: About, known: Known) -> str:
    """Why somebody could not be impartial, in words; ``""`` when nothing is known against them."""
    submission = about.submission
    since = months_before(pool.today, 12 * submission.programme.conflict_years)
    if submission.project_id is not None:
        if submission.project_id in known.avoids_projects:
            return _declared(known.avoids_projects[submission.project_id].reason, submission.title)
        if any(span[1] is None or span[1] >= since for span in known.projects.get(submission.project_id, ())):
            return _("works on it")
    for pk in sorted(about.authors - {known.person.pk}):
        author = pool.people.get(pk)
        if author is None:
            continue
        name = author.person.name
        if pk in known.avoids_people:
            return _declared(known.avoids_people[pk].reason, name)
        for organization in author.organizations:
            if organization in known.avoids_organizations and share(
                [(None, None)], author.organizations[organization], since
            ):
                return _declared(known.avoids_organizations[organization].reason, name)
            if organization in known.organizations and share(
                known.organizations[organization], author.organizations[organization], since
            ):
                return _("belongs to the same organisation as %(name)s") % {"name": name}
        for project, spans in author.maintains.items():
            if share(known.maintains.get(project, ()), spans, since):
                return _("looks after a project together with %(name)s") % {"name": name}
        for project, spans in author.projects.items():
            if share(known.projects.get(project, ()), spans, since):
                years = submission.programme.conflict_years
                words = ngettext(
                    "worked with %(name)s within %(n)d year",
                    "worked with %(name)s within %(n)d years",
                    years,
                )
                return words % {"name": name, "n": years}
    return ""


def _declared(reason: str, what: str) -> str:
    words = _("declared a conflict with %(what)s") % {"what": what}
    return f"{words}: {reason}" if reason else words


def rank(submission: Submission, pool: Pool | None = None) -> list[Ranked]:
    """Everybody who could review it: whom one may ask first, the best first; then the others, each with why not.

    Ten queries when nothing is read yet.
    """
    pool = pool or load([submission])
    about = pool.about[submission.pk]
    found = [judge(pool, about, pool.people[pk]) for pk in pool.candidates if pk not in about.reviewing]
    return sorted(found, key=_order)


def _order(one: Ranked) -> tuple[bool, float, str, int]:
    return (bool(one.bars), -one.score, one.person.sort_key, one.person.pk)
