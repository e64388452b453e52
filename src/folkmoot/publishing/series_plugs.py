"""How series, templates and cards join the house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.plugs import Command, NavEntry, ScheduledJob, commands, navigation, schedule
from folkmoot.kernel.setup_steps import SetupStep, setup_steps
from folkmoot.people.public import belongs_to_history, history_in_words
from folkmoot.publishing.cards import seeds
from folkmoot.publishing.models import PoolItem, Series
from folkmoot.publishing.series import making

job_kinds.register(JobKind(making.JOB, _("Make the posts of series"), making.make_all, "publishing.view"))
schedule.register(
    ScheduledJob(
        making.JOB,
        making.JOB,
        making.minutes,
        "Each minute, where there is a series: drafts the posts that rules, pools and events ask for.",
    )
)
belongs_to_history(Series, (PoolItem, "series"))
history_in_words(
    Series, narrowed=_("only for"), paused_at=_("paused"), archived_at=_("not used any more since")
)
for _entry in (
    NavEntry(
        "publishing.series",
        _("Series"),
        "publishing:series_list",
        "",
        "publishing.view",
        "publishing",
        order=50,
    ),
    NavEntry("settings.cards", _("Cards"), "publishing:cards", "", "publishing.admin", "settings", order=65),
    NavEntry(
        "settings.post_templates",
        _("Templates of posts"),
        "publishing:templates",
        "",
        "publishing.manage",
        "settings",
        order=66,
    ),
):
    navigation.register(_entry)
for _command in (
    Command(
        "publishing.series",
        _("Go to series of posts"),
        "publishing:series_list",
        "publishing.view",
        order=134,
    ),
    Command(
        "publishing.cards", _("Draw a card"), "publishing:cards", "publishing.contribute", "image", order=135
    ),
):
    commands.register(_command)


def _first_cards() -> str:
    number = seeds.load()
    return f"{number} cards: quote, package accepted, event, milestone." if number else ""


setup_steps.register(SetupStep("publishing.cards", _first_cards, order=70))
