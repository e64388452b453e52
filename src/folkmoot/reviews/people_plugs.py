"""How the people side of reviews joins the house: parts in the ledger, erasure, Today, the digest, mail."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.events import ActivityKind, activity_kinds
from folkmoot.kernel.plugs import Command, NavEntry, RecordPanel, commands, navigation, record_panels
from folkmoot.reviews import erasing, mail_plugs, today  # noqa: F401 - they register themselves
from folkmoot.reviews.queries.people import conflicts_of, tell_conflicts

_REVIEWS = _("Reviews")

for _kind in (
    ActivityKind("reviews.took_up", _("Took up a part:"), "person-check", _REVIEWS),
    ActivityKind("reviews.left", _("No longer takes part:"), "person-dash", _REVIEWS),
):
    activity_kinds.register(_kind)

for _entry in (
    NavEntry("reviews.editors", _("Editors"), "reviews:editors", "", "reviews.view", "reviews", order=4),
    NavEntry(
        "reviews.reviewers", _("Reviewers"), "reviews:reviewers", "", "reviews.view", "reviews", order=5
    ),
):
    navigation.register(_entry)

for _command in (
    Command("reviews.editors", _("Go to editors"), "reviews:editors", "reviews.view", order=113),
    Command("reviews.reviewers", _("Go to reviewers"), "reviews:reviewers", "reviews.view", order=114),
    Command(
        "reviews.teams", _("Find teams of reviewers"), "reviews:teams", "reviews.manage", "people", order=115
    ),
    Command(
        "reviews.conflicts",
        _("Go to conflicts of interest"),
        "reviews:conflicts",
        "reviews.manage",
        "shield-exclamation",
        order=116,
    ),
):
    commands.register(_command)

record_panels.register(
    RecordPanel(
        "reviews.conflicts",
        "people.person",
        _("Conflicts of interest"),
        "reviews.manage",
        "reviews/parts/person_conflicts.html",
        conflicts_of,
        tell_conflicts,
        order=60,
    )
)
