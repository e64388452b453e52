"""How trackers that are read live, and accepted packages, join the house: readers, jobs, Today, good news."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.plugs import (
    GoodNewsSource,
    NavEntry,
    ScheduledJob,
    TodaySource,
    good_news_sources,
    navigation,
    schedule,
    today_sources,
)
from folkmoot.reviews import celebration, jobs, today_live
from folkmoot.reviews.live import state as _state  # noqa: F401 - registers who wants to hear of issues

job_kinds.register(
    JobKind(
        jobs.KIND,
        _("Check the DOIs of accepted packages"),
        jobs.check_archives,
        permission="reviews.manage",
    )
)
schedule.register(
    ScheduledJob(
        jobs.KIND,
        jobs.KIND,
        jobs.weeks,
        "Each week: asks doi.org whether the DOIs of accepted packages are registered. What fails is flagged and kept.",
    )
)
navigation.register(
    NavEntry("reviews.watch", _("After acceptance"), "reviews:watch", "", "reviews.view", "reviews", order=5)
)
TRACKERS = today_sources.register(
    TodaySource(
        "reviews.trackers",
        "reviews",
        "reviews.manage",
        today_live.with_trackers,
        today_live.tell_trackers,
        order=140,
    )
)
CARE = today_sources.register(
    TodaySource(
        "reviews.aftercare",
        "reviews",
        "reviews.manage",
        today_live.watching,
        today_live.tell_care,
        order=160,
    )
)
good_news_sources.register(
    GoodNewsSource(
        "reviews.accepted", "reviews.view", celebration.accepted_since, celebration.good_news, order=50
    )
)
