"""That a package was accepted, with what there is to tell of it: for the ledger, and whoever writes of it later.

People are named by their numbers in the register, never by name: the ledger does not change, and people may be merged
or ask to be forgotten. :func:`folkmoot.people.public.current_numbers` says who they are by now.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.plugs import GoodNews
from folkmoot.kernel.rows import Row, Rows
from folkmoot.ledger.public import Activity
from folkmoot.reviews.models import Assignment, Outcome, Submission

#: The kind of activity that tells it; whoever publishes looks for it in the ledger.
ACCEPTED = "reviews.accepted"
_TOOK_PART = (Assignment.State.ACCEPTED, Assignment.State.DONE)
_PARTS = {
    Assignment.Role.AUTHOR: "authors",
    Assignment.Role.MAINTAINER: "maintainers",
    Assignment.Role.EIC: "eics",
    Assignment.Role.EDITOR: "editors",
    Assignment.Role.REVIEWER: "reviewers",
}


def facts_of(submissions: Iterable[Submission]) -> dict[int, dict[str, Any]]:
    """By submission what there is to tell of its acceptance; one query."""
    rows = list(submissions)
    people: dict[int, dict[str, list[int]]] = defaultdict(lambda: {name: [] for name in _PARTS.values()})
    parts = Assignment.objects.filter(submission__in=rows, state__in=_TOOK_PART)
    for submission, role, person in parts.order_by("role", "position", "pk").values_list(
        "submission_id", "role", "person_id"
    ):
        people[submission][_PARTS[Assignment.Role(role)]].append(person)
    return {
        row.pk: {
            "package": row.title,
            "description": row.description,
            "repository": row.repository,
            "issue": row.issue_url,
            "version": row.version_accepted,
            "archive": row.archive,
            "joss_doi": row.joss_doi,
            "programme": row.programme_id,
            "people": people[row.pk],
        }
        for row in rows
    }


def facts(submission: Submission) -> dict[str, Any]:
    """What there is to tell of one acceptance."""
    return facts_of([submission])[submission.pk]


def told() -> set[int]:
    """Submissions whose acceptance the ledger tells already, and that were not reopened since; one query.

    The day of an acceptance may be corrected later: that is no second acceptance.
    """
    rows = Activity.objects.filter(kind__in=[ACCEPTED, "reviews.reopened"], source="reviews")
    found: set[int] = set()
    for kind, submission in rows.order_by("recorded_at", "pk").values_list("kind", "detail__submission"):
        if kind == ACCEPTED:
            found.add(submission)
        else:
            found.discard(submission)
    return found


def accepted_since(user: User, since: dt.datetime, now: dt.datetime) -> Rows:
    """Packages accepted since a moment, the newest first."""
    return Rows(
        Submission.objects.filter(
            outcome=Outcome.ACCEPTED,
            accepted_on__gte=since.astimezone(dt.UTC).date(),
            accepted_on__lte=now.astimezone(dt.UTC).date(),
        ).order_by("-accepted_on", "-pk"),
        *("pk", "title", "accepted_on"),
        most=20,
    )


def good_news(user: User, since: dt.datetime, now: dt.datetime, rows: Sequence[Row]) -> Iterator[GoodNews]:
    """ "x was accepted", of at most three packages."""
    newest = sorted(rows, key=lambda row: (row["accepted_on"], row["pk"]), reverse=True)
    shown = newest if len(newest) <= 3 else newest[:2]
    for row in shown:
        yield GoodNews(
            _("%(package)s was accepted") % {"package": row["title"]},
            icon="patch-check",
            url=reverse("reviews:submission", args=[row["pk"]]),
        )
    if more := len(newest) - len(shown):
        words = ngettext("%(n)d more package was accepted", "%(n)d more packages were accepted", more)
        yield GoodNews(
            words % {"n": more}, icon="patch-check", url=f"{reverse('reviews:list')}?state=accepted"
        )
