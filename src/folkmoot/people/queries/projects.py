"""Who looks after which project, what outside systems say of it, and which projects ask for somebody."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from folkmoot.kernel.rows import Row, Rows
from folkmoot.people.days import add_months
from folkmoot.people.models import Project, ProjectFacts, ProjectRules, Term


def maintaining(day: dt.date) -> QuerySet[Term]:
    """Terms of the day whose kind of role looks after projects, of people who are not archived."""
    found: QuerySet[Term] = Term.objects.on(day).filter(
        role_kind__is_maintaining=True, person__archived_at=None, project__isnull=False
    )
    return found


def maintained(queryset: QuerySet[Project], on: bool, day: dt.date) -> QuerySet[Project]:
    """Those that somebody looks after on the day, or only the others."""
    somebody = Exists(maintaining(day).filter(project=OuterRef("pk")))
    return queryset.filter(somebody) if on else queryset.filter(~somebody)


def quiet(queryset: QuerySet[Project], months: int, day: dt.date) -> QuerySet[Project]:
    """Those whose last known commit is at least so many months ago; without one nothing is known."""
    return queryset.filter(facts__last_commit_at__lt=_midnight(add_months(day, -months)))


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


def facts_of(project: Project) -> ProjectFacts | None:
    """What an outside system says of the project, if one was asked; one query."""
    return ProjectFacts.objects.filter(project=project).first()


def lacking_a_maintainer(day: dt.date) -> Rows:
    """Projects of which Today tells because nobody looks after them, where the rules for projects ask for somebody;
    archived ones never.
    """
    asked = ProjectRules.objects.filter(needs_maintainer=True)
    projects = maintained(Project.objects.filter(Exists(asked), is_archived=False), False, day)
    return Rows(projects.order_by("created_at", "pk"), "pk", "name", "created_at")


def quiet_for_long(day: dt.date) -> Rows:
    """Projects that may be quiet for as long as the rules for projects tell of, the longest first; archived ones never.

    Whether one is, :func:`is_quiet` tells.
    """
    projects = quiet(Project.objects.filter(is_archived=False), 1, day).annotate(
        told_after=Subquery(ProjectRules.objects.values("quiet_months")[:1])
    )
    return Rows(
        projects.filter(told_after__gte=1).order_by("facts__last_commit_at", "pk"),
        "pk",
        "name",
        months="told_after",
        since="facts__last_commit_at",
    )


def is_quiet(project: Row, day: dt.date) -> bool:
    """Whether a row of :func:`quiet_for_long` is: no database reckons months as calendars do."""
    since: dt.datetime = project["since"]
    return since < _midnight(add_months(day, -int(project["months"])))
