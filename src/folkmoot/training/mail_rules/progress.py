"""Mail rules about how far trainees are: one try at one requirement, and what is still missing to a badge."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.text import fold
from folkmoot.mailing.public import (
    DATE,
    NUMBER,
    ONE,
    SOME,
    YES,
    Address,
    Fact,
    Moment,
    Recipient,
    Subject,
    Watched,
    declare,
)
from folkmoot.outbox.public import Variable
from folkmoot.people.public import Identity, Person, best_addresses
from folkmoot.training.mail_rules import common
from folkmoot.training.mail_rules.awards import badges
from folkmoot.training.models import Award, Badge, Event, Progress, ProgressState, Requirement

RECENT = dt.timedelta(days=400)


@dataclass
class Step:
    """A try with what the person has passed, what is missing to the badges that it leads to, and what they have."""

    progress: Progress
    emails: Mapping[int, str]
    missing: list[str]
    passed: set[str]
    leads_to: set[str]
    has: set[str]

    @property
    def over_on(self) -> dt.date | None:
        """The last day of the training; without one, the day that was noted."""
        event = self.progress.event
        return (event.ends_on or event.starts_on) if event is not None else self.progress.happened_on


def load(ids: Sequence[int]) -> dict[int, Step]:
    """Tries with all that rules may ask; six queries."""
    related = ("person", "requirement", "event", "evaluated_by")
    rows = list(Progress.objects.filter(pk__in=ids).select_related(*related))
    people = {row.person_id for row in rows}
    emails = best_addresses(people)
    passed: dict[int, set[int]] = defaultdict(set)
    done = Progress.objects.filter(person__in=people, state=ProgressState.PASSED)
    for person, requirement in done.values_list("person_id", "requirement_id"):
        passed[person].add(requirement)
    has: dict[int, set[str]] = defaultdict(set)
    held = Award.objects.filter(person__in=people, revoked_at=None)
    for person, slug in held.values_list("person_id", "badge__slug"):
        has[person].add(slug)
    needs: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    wanted = Requirement.objects.filter(is_archived=False, badges__is_archived=False)
    told = wanted.order_by("order", "name", "pk").values_list("badges__slug", "pk", "name", "slug")
    names: dict[int, str] = {}
    for badge, pk, name, slug in told:
        needs[badge].append((pk, name, slug))
        names[pk] = slug
    found = {}
    for row in rows:
        leads = {badge for badge, parts in needs.items() if any(pk == row.requirement_id for pk, *_ in parts)}
        open_ones = {
            pk: name
            for badge in leads - has[row.person_id]
            for pk, name, _slug in needs[badge]
            if pk not in passed[row.person_id]
        }
        found[row.pk] = Step(
            row,
            emails,
            list(open_ones.values()),
            {names[pk] for pk in passed[row.person_id] if pk in names},
            leads,
            has[row.person_id],
        )
    return found


def requirements() -> list[tuple[str, str]]:
    """Requirements; one query."""
    return list(Requirement.objects.values_list("slug", "name"))


def states() -> list[tuple[str, Any]]:
    """How far a try is."""
    return list(ProgressState.choices)


def _values(one: Step) -> dict[str, str]:
    row = one.progress
    return {
        "person": row.person.name,
        "requirement": row.requirement.name,
        "missing": get_text_list(one.missing, _now("and")),
        "training": row.event.title if row.event else "",
        "day": date_format(one.over_on, "DATE_FORMAT") if one.over_on else "",
        "due": date_format(row.due_on, "DATE_FORMAT") if row.due_on else "",
        "own_page": common.absolute(reverse("own:record")),
    }


def _person(one: Step) -> Iterable[Address]:
    return common.people([one.progress.person], one.emails)


def _evaluator(one: Step) -> Iterable[Address]:
    user = one.progress.evaluated_by
    return (
        [Address(user.name, user.email, language=user.language)]
        if user is not None and user.is_active
        else []
    )


def find(words: str) -> list[tuple[int, str]]:
    """Tries for previews, the newest first."""
    rows = Progress.objects.filter(person__folded__contains=fold(words)).order_by("-pk")
    told = rows.values_list("pk", "person__name", "requirement__name")[:20]
    return [(pk, f"{name} – {requirement}") for pk, name, requirement in told]


def swept(now: dt.datetime) -> Any:
    """Tries that were entered or changed in about the last year."""
    return Progress.objects.filter(updated_at__gte=now - RECENT)


def of_people(ids: Sequence[int]) -> Iterable[int]:
    """Tries of these people."""
    return Progress.objects.filter(person__in=ids).values_list("pk", flat=True)


def of_events(ids: Sequence[int]) -> Iterable[int]:
    """Tries at these trainings."""
    return Progress.objects.filter(event__in=ids).values_list("pk", flat=True)


def recent(_ids: Sequence[int]) -> Iterable[int]:
    """What a requirement or badge asks touches whoever is on the way."""
    open_ones = Progress.objects.filter(person__awards=None).order_by("-pk")
    return open_ones.values_list("pk", flat=True)[:5000]


declare(
    Subject(
        key="training.progress",
        label=_("A trainee's progress with a requirement"),
        area="training",
        model=Progress,
        load=load,
        name=lambda one: f"{one.progress.person.name} – {one.progress.requirement.name}",
        url=lambda pk: reverse(
            "people:person", args=[Progress.objects.values_list("person_id", flat=True).get(pk=pk)]
        ),
        facts=(
            Fact(
                "requirement", _("requirement"), ONE, lambda one: one.progress.requirement.slug, requirements
            ),
            Fact("state", _("how far it is"), ONE, lambda one: one.progress.state, states),
            Fact("is_training", _("it is a training"), YES, lambda one: one.progress.requirement.needs_event),
            Fact("over", _("the training ended"), DATE, lambda one: one.over_on),
            Fact("due", _("due"), DATE, lambda one: one.progress.due_on),
            Fact(
                "missing",
                _("requirements that are missing to the badge"),
                NUMBER,
                lambda one: len(one.missing),
            ),
            Fact(
                "passed", _("requirements that they have passed"), SOME, lambda one: one.passed, requirements
            ),
            Fact("badges", _("badges that they have"), SOME, lambda one: one.has, badges),
            Fact(
                "complete",
                _("they have a badge that it leads to"),
                YES,
                lambda one: bool(one.leads_to & one.has),
            ),
            Fact(
                "has_email",
                _("a mail address is known"),
                YES,
                lambda one: bool(one.emails.get(one.progress.person_id)),
            ),
        ),
        moments=(
            Moment("over", _("the last day of the training"), lambda one: one.over_on),
            Moment("due", _("the day on which it is due"), lambda one: one.progress.due_on),
            Moment("evaluated", _("when it was evaluated"), lambda one: one.progress.evaluated_at),
        ),
        recipients=(
            Recipient("person", _("the trainee"), _person),
            Recipient("evaluator", _("whoever evaluated it"), _evaluator),
        ),
        variables=(
            Variable("person", _("the trainee's name"), "Lio Brandt"),
            Variable("requirement", _("the requirement"), "Training"),
            Variable("missing", _("what is still missing to the badge"), "Welcome session and Get involved"),
            Variable("training", _("the training"), "Instructor training"),
            Variable("day", _("the last day of the training"), "1 March 2027"),
            Variable("due", _("the day on which it is due"), "1 June 2027"),
            Variable("own_page", _("their own page"), "https://example.org/my/", is_url=True),
        ),
        values=_values,
        find=find,
        sweep=swept,
        watched=(
            Watched(Progress),
            Watched(Progress, "person_id", of_people),
            Watched(Award, "person_id", of_people),
            Watched(Event, "id", of_events),
            Watched(Identity, "person_id", of_people),
            Watched(Person, "id", of_people),
            Watched(Badge.requirements.through, "badge_id", recent),
        ),
        shown_on=(("people.person", lambda person: Progress.objects.filter(person=person.pk).values("pk")),),
        topic="training",
        has_cards=False,
        order=6,
    )
)
