"""How articles and sites join the house."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.jobs.registry import JobKind, job_kinds
from folkmoot.kernel.plugs import Command, NavEntry, ScheduledJob, commands, navigation, schedule
from folkmoot.outbox.public import Delivery, MessageKind, message_kinds, settled
from folkmoot.people.public import belongs_to_history
from folkmoot.publishing.actions import articles
from folkmoot.publishing.models import Article
from folkmoot.publishing.site import importing as _importing  # noqa: F401 - registers what imports read
from folkmoot.publishing.site import live

message_kinds.register(
    MessageKind(
        key=articles.KIND,
        label=_("Articles for a website"),
        area="publishing",
        variables=(),
        values=lambda user, record: {},
        records=lambda words: [
            (pk, title)
            for pk, title in Article.objects.filter(folded__contains=words.casefold()).values_list(
                "pk", "title"
            )[:20]
        ],
        record=lambda pk: Article.objects.filter(pk=pk).first(),
        is_personal=True,
    )
)
job_kinds.register(
    JobKind(live.JOB, _("See whether merged articles are live"), live.check_all, "publishing.view")
)
schedule.register(
    ScheduledJob(
        live.JOB,
        live.JOB,
        live.every_two_minutes,
        "Every two minutes while a merged article's page was not seen: asks for it, and lets posts that wait leave.",
    )
)
for _entry in (
    NavEntry(
        "publishing.articles",
        _("Articles"),
        "publishing:articles",
        "",
        "publishing.view",
        "publishing",
        order=40,
    ),
    NavEntry("settings.sites", _("Sites"), "publishing:sites", "", "publishing.admin", "settings", order=64),
):
    navigation.register(_entry)
for _command in (
    Command(
        "publishing.new_article",
        _("New article"),
        "publishing:new_article",
        "publishing.contribute",
        "journal-text",
        True,
        32,
    ),
    Command("publishing.articles", _("Go to articles"), "publishing:articles", "publishing.view", order=133),
):
    commands.register(_command)


belongs_to_history(Article)


@receiver(settled, dispatch_uid="publishing.articles")
def _settled(sender: Any, delivery: Delivery, **more: Any) -> None:
    if delivery.kind == articles.KIND:
        articles.settle(delivery=delivery)


def article_url(pk: int) -> str:
    """The address of an article's page, for what points at it."""
    return reverse("publishing:article", args=[pk])
