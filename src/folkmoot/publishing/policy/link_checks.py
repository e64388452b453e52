"""Looks whether the pages that posts lead to answer: once a day each, one at a time, without hurry."""

from __future__ import annotations

import datetime as dt
import html
import re
import time
from contextlib import suppress

from django.db.models import Q

from folkmoot.kernel import clock
from folkmoot.kernel.http import Answer, Client, HttpProblem, Limits, Refused
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.publishing import content
from folkmoot.publishing.models import EDITABLE, LinkCheck, Post
from folkmoot.publishing.policy.reading import addresses_of

JOB = "publishing.links"
#: An answer is good for so long; posts planned for longer ahead are looked at later.
FRESH, AHEAD = dt.timedelta(hours=20), dt.timedelta(days=60)
#: Posts and addresses of one run at most.
MOST_POSTS, MOST_LINKS = 1000, 500
#: Seconds between two questions to the same host.
PAUSE = 0.5
#: Statuses with which servers refuse HEAD, or answer it wrongly: GET is asked then.
_ASK_AGAIN = frozenset({400, 401, 403, 404, 405, 406, 410, 429, 500, 501, 502, 503})
_LIMITS = Limits(connect=5.0, read=10.0, total=20.0, size=2 * 1024 * 1024, tries=1)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


def hourly(now: dt.datetime) -> str:
    """A slot for each hour (UTC): what was looked at within the day is left alone."""
    return f"{now.astimezone(dt.UTC):%Y-%m-%dT%H}"


def due() -> list[str]:
    """Addresses in posts that have not left, without a fresh answer, the soonest post first; five queries."""
    now = clock.now()
    posts = list(
        Post.objects.filter(Q(due_at=None) | Q(due_at__lt=now + AHEAD), state__in=EDITABLE).order_by(
            "due_at", "pk"
        )[:MOST_POSTS]
    )
    found = content.sources(posts, with_base=True)
    urls = dict.fromkeys(
        url for post in posts for url in sorted(addresses_of(found[post.pk])) if len(url) <= 500
    )
    fresh = set(
        LinkCheck.objects.filter(url__in=urls, checked_at__gt=now - FRESH).values_list("url", flat=True)
    )
    return [url for url in urls if url not in fresh][:MOST_LINKS]


def check_links(context: JobContext) -> dict[str, int]:
    """Ask every address that is due."""
    counts, host = {"asked": 0, "dead": 0}, ""
    with Client(limits=_LIMITS) as client:
        for url in due():
            before, host = host, content.host_of(url)
            if host == before:
                time.sleep(PAUSE)
            row = look(url, client)
            counts["asked"] += 1
            counts["dead"] += int(row.status == 0 or row.status in (404, 410) or row.status >= 500)
            context.checkpoint(counts["asked"], done=counts["asked"])
    return counts


def look(url: str, client: Client) -> LinkCheck:
    """Ask one address and keep what it answered."""
    status, words, final, title = 0, "", "", ""
    try:
        answer = ask(url, client)
        status, final = answer.status, answer.url[:500]
        title = _title(answer)
    except Refused as problem:
        words = problem.why
    except HttpProblem as problem:
        words = problem.why
    values = {"status": status, "words": words[:300], "final_url": final, "checked_at": clock.now()}
    if title:
        values["title"] = title
    row, _made = LinkCheck.objects.update_or_create(url=url, defaults=values)
    return row


def ask(url: str, client: Client) -> Answer:
    """HEAD, and GET where a server does not answer that as it should, or when the page's title is wanted.

    Raises:
        HttpProblem: nobody answers.
    """
    with suppress(HttpProblem):
        answer = client.request("HEAD", url)
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        if answer.status not in _ASK_AGAIN and not is_page:
            return answer
    return client.request("GET", url)


def _title(answer: Answer) -> str:
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return ""
    match = _TITLE.search(answer.text[:200_000])
    return " ".join(html.unescape(match[1]).split())[:300] if match else ""
