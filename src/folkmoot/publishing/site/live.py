"""Whether an article's page is really there: it answers, and its title stands in it."""

from __future__ import annotations

import datetime as dt
import html
import re

from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.http import Client, HttpProblem, Limits
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.text import fold
from folkmoot.publishing.actions.articles import mark_live
from folkmoot.publishing.models import Article, ArticleState, LinkCheck

JOB = "publishing.articles_live"
#: Read of a page, at most: enough for its head and title.
LIMITS = Limits(connect=5, read=15, write=10, total=30, size=2_000_000, tries=1)
#: A merged article is asked for so long; then somebody has to look.
PATIENCE = dt.timedelta(days=2)
AT_ONCE = 50
_TAG = re.compile(r"<[^>]*>")


def waiting(now: dt.datetime) -> list[Article]:
    """Merged articles whose page was not seen yet, those that were asked longest ago first."""
    rows = Article.objects.filter(state=ArticleState.MERGED).exclude(url="")
    rows = rows.filter(merge__sent_at__gte=now - PATIENCE)
    return list(rows.order_by("checked_at", "pk")[:AT_ONCE])


def every_two_minutes(now: dt.datetime) -> str:
    """A slot for each even minute; none while no article waits, so that nothing is queued in vain."""
    if not waiting(now):
        return ""
    at = now.astimezone(dt.UTC)
    return f"{at:%Y-%m-%dT%H}:{at.minute - at.minute % 2:02}"


def check(article: Article, client: Client) -> bool:
    """Ask for the page, note what it said, and mark the article live when it is there.

    Returns:
        whether it is there.
    """
    now = clock.now()
    try:
        answer = client.get(article.url, headers={"accept": "text/html"})
        status, final, words = answer.status, answer.url, ""
        there = status == 200 and stands_in(article.title, answer.text)
        if status == 200 and not there:
            words = _("the page does not show the article's title")
    except HttpProblem as problem:
        status, final, words, there = 0, "", str(problem), False
    LinkCheck.objects.update_or_create(
        url=article.url,
        defaults={
            "status": status if there or status != 200 else 0,
            "words": words[:300],
            "final_url": final[:500],
            "title": article.title if there else "",
            "checked_at": now,
        },
    )
    Article.objects.filter(pk=article.pk).update(checked_at=now)
    if there:
        mark_live(article=article, at=now)
    return there


def stands_in(title: str, page: str) -> bool:
    """A title stands in a page, however its quotes, dashes and spaces are set."""
    return bool(_letters(title)) and _letters(title) in _letters(html.unescape(_TAG.sub(" ", page)))


def _letters(text: str) -> str:
    return "".join(character for character in fold(text) if character.isalnum())


def check_all(context: JobContext) -> dict[str, int]:
    """The job: ask for every article that waits; whichever is asked for twice after a restart does no harm."""
    rows = waiting(clock.now())
    found = 0
    with Client(limits=LIMITS) as client:
        for number, article in enumerate(rows, start=1):
            found += check(article, client)
            context.checkpoint(None, done=number, total=len(rows))
    return {"asked": len(rows), "live": found}
