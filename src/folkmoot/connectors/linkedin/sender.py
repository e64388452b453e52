"""A line to LinkedIn as one author, an organisation or a person.

LinkedIn has no key against doing a thing twice. An organisation's posts can be read back; a person's cannot, so that
only a person can find out what became of one whose answer was lost.

Sources: Microsoft Learn, LinkedIn, "Posts API" (create: 201 and ``x-restli-id``; find by author; partial update; delete
answers 204 for what is gone already), "Organization Share Statistics", "Network Sizes".
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _now

from folkmoot.connectors.base import CannotOpen, Outcome, Payload, Sender, Sending, Sent, Tried
from folkmoot.connectors.likeness import Likeness, likeness
from folkmoot.connectors.linkedin.client import SITE_URL, duplicate_of, must, refused, said
from folkmoot.connectors.linkedin.images import NotReady, Pictures
from folkmoot.connectors.linkedin.little import little, plain
from folkmoot.connectors.posts import Content
from folkmoot.kernel import clock
from folkmoot.kernel.http import Answer, Client, HttpProblem, NotSent, OutcomeUnknown, Verdict

#: How far LinkedIn's clock and ours may be apart.
SKEW = dt.timedelta(minutes=2)
#: Posts for each page of a look, and how many pages are read at most.
PAGE, PAGES = 50, 10
#: Posts for each question after figures, which stand in the address.
FIGURES = 20
_COUNTS = {
    "likes": "likeCount",
    "shares": "shareCount",
    "replies": "commentCount",
    "views": "impressionCount",
}
#: States of a post that is there, or about to be.
_THERE = frozenset({"PUBLISHED", "PUBLISH_REQUESTED"})


def whole(content: Content) -> Content:
    """The content with its link in the text, unless it stands there or a card shows it."""
    if not content.link or content.link in content.text or shows_card(content):
        return content
    return Content(**{**content.__dict__, "text": f"{content.text.rstrip()}\n\n{content.link}".strip()})


def shows_card(content: Content) -> bool:
    """A post has pictures or a card, not both."""
    return content.card is not None and not content.media


class LinkedInSender(Sender):
    """Posts, corrects and withdraws as ``author``; looks and counts where ``may_read``."""

    def __init__(
        self,
        client: Client,
        author: str,
        *,
        may_read: bool,
        looks: int,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._author, self._may_read = client, author, may_read
        self._looks, self._pause = looks, pause
        self._limited_until: dt.datetime | None = None

    # --- sending

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        if self._limited_until is not None and self._limited_until > clock.now():
            wait = (self._limited_until - clock.now()).total_seconds()
            return Outcome.no(_now("LinkedIn's limit is reached."), transient=True, wait=max(1.0, wait))
        content = whole(Content.of(payload))
        try:
            shown = self._shown(content, sending)
        except NotReady as problem:
            return self._told(problem.outcome)
        body = {
            "author": self._author,
            "commentary": little(content),
            "visibility": str(content.options.get("visibility") or "PUBLIC"),
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
            **({"content": shown} if shown else {}),
        }
        try:
            answer = self._client.post("/rest/posts", json=body)
        except (NotSent, OutcomeUnknown) as problem:
            return Outcome.of_problem(problem)
        if answer.verdict is Verdict.YES:
            return _made(answer)
        if urn := duplicate_of(answer):
            return self._duplicate(urn, sending)
        return self._told(refused(answer))

    def _told(self, outcome: Outcome) -> Outcome:
        if outcome.wait is not None:
            self._limited_until = clock.now() + dt.timedelta(seconds=outcome.wait)
        return outcome

    def _shown(self, content: Content, sending: Sending) -> dict[str, Any]:
        """What stands under the text."""
        pictures = Pictures(self._client, self._author, may_look=self._may_read, pause=self._pause)
        if content.media:
            urns = [pictures.put(media, sending.read) for media in content.media]
            pictures.wait_for(urns)
            shown = [
                {"id": urn, **({"altText": media.alt} if media.alt else {})}
                for urn, media in zip(urns, content.media, strict=True)
            ]
            return {"media": shown[0]} if len(shown) == 1 else {"multiImage": {"images": shown}}
        card = content.card
        if card is None:
            return {}
        article = {"source": card.url, "title": card.title or card.url, "description": card.description}
        if card.image is not None:
            urn = pictures.put(card.image, sending.read)
            pictures.wait_for([urn])
            article |= {"thumbnail": urn}
            if card.image.alt:
                article |= {"thumbnailAltText": card.image.alt}
        return {"article": {name: value for name, value in article.items() if value}}

    def _duplicate(self, urn: str, sending: Sending) -> Outcome:
        """LinkedIn has the same already: this very post, whose answer was lost, or an older one."""
        address = f"{SITE_URL}/feed/update/{urn}/"
        words = _now("LinkedIn has the same post already: %(address)s") % {"address": address}
        if not self._may_read:
            return Outcome.unknown(words)
        try:
            row = must(self._client.get(f"/rest/posts/{quote(urn, safe='')}"))
        except (HttpProblem, CannotOpen):
            return Outcome.unknown(words)
        if _moment(row) >= sending.stamped_at - SKEW:
            return Outcome.unknown(words)
        return Outcome.no(f"{words} {_now('Change the text to say it once more.')}")

    # --- looking

    def reconcile(self, payload: Payload, tried: Tried) -> Outcome:
        """Read the author's posts since the first try: the same text is a yes, none at the last look a no."""
        if not self._may_read:
            return Outcome.unknown(
                _now("LinkedIn does not let a person's posts be read: please look yourself.")
            )
        ours, alike = whole(Content.of(payload)).text, ""
        try:
            rows, is_whole = self._posts_since(tried.stamped_at - SKEW)
        except (HttpProblem, CannotOpen) as problem:
            return Outcome.unknown(str(problem))
        for row in rows:
            urn = str(row.get("id") or "")
            if not urn or urn in tried.taken or row.get("lifecycleState", "PUBLISHED") not in _THERE:
                continue
            near = likeness(ours, plain(str(row.get("commentary") or "")))
            if near is Likeness.SAME:
                return _there(urn, _now("on LinkedIn"))
            if near is Likeness.ALIKE:
                alike = urn
        if alike:
            address = f"{SITE_URL}/feed/update/{alike}/"
            return Outcome.unknown(_now("A post that is alike is there: %(address)s") % {"address": address})
        words = _now("It is not among the posts of the page.")
        if is_whole and tried.looks + 1 >= self._looks:
            return Outcome.no(words)
        return Outcome.unknown(words)

    def _posts_since(self, since: dt.datetime) -> tuple[list[dict[str, Any]], bool]:
        """The author's posts since then, and whether these are all."""
        found: list[dict[str, Any]] = []
        for number in range(PAGES):
            query = f"author={quote(self._author, safe='')}&q=author&sortBy=CREATED&count={PAGE}&start={number * PAGE}"
            answer = self._client.get(f"/rest/posts?{query}", headers={"x-restli-method": "FINDER"})
            rows = [row for row in must(answer).get("elements") or () if isinstance(row, dict)]
            found += [row for row in rows if _moment(row) >= since]
            if len(rows) < PAGE or any(_moment(row) < since for row in rows):
                return found, True
        return found, False

    # --- later

    def correct(self, sent: Sent, payload: Payload, sending: Sending) -> Outcome:
        """Another text; pictures and cards stay as they are."""
        body = {"patch": {"$set": {"commentary": little(whole(Content.of(payload)))}}}
        return self._change(sent, "POST", "PARTIAL_UPDATE", json=body)

    def withdraw(self, sent: Sent) -> Outcome:
        return self._change(sent, "DELETE", "DELETE")

    def _change(self, sent: Sent, method: str, kind: str, **more: Any) -> Outcome:
        path = f"/rest/posts/{quote(sent.remote_id, safe='')}"
        try:
            answer = self._client.request(method, path, headers={"x-restli-method": kind}, **more)
        except (NotSent, OutcomeUnknown) as problem:
            return Outcome.of_problem(problem)
        if answer.verdict is Verdict.YES or (answer.status == 404 and method == "DELETE"):
            return _there(sent.remote_id, str(answer.status))
        return self._told(refused(answer))

    # --- figures

    def figures(self, sent: Sequence[Sent]) -> Mapping[str, Mapping[str, int]]:
        """Reactions, reshares, comments and impressions; LinkedIn leaves out posts that nobody saw."""
        if not self._may_read:
            return {}
        found: dict[str, dict[str, int]] = {}
        names = [one.remote_id for one in sent if one.remote_id]
        for start in range(0, len(names), FIGURES):
            for row in (
                must(self._client.get(self._counting(names[start : start + FIGURES]))).get("elements") or ()
            ):
                urn = str(row.get("share") or row.get("ugcPost") or "")
                counts = row.get("totalShareStatistics") or {}
                if urn in names:
                    found[urn] = {ours: int(counts[name]) for ours, name in _COUNTS.items() if name in counts}
        return found

    def _counting(self, urns: Sequence[str]) -> str:
        """The address for the figures of these. Lists are written as Rest.li 2.0 wants them."""
        shares = [quote(urn, safe="") for urn in urns if urn.startswith("urn:li:share:")]
        others = [quote(urn, safe="") for urn in urns if urn.startswith("urn:li:ugcPost:")]
        query = f"q=organizationalEntity&organizationalEntity={quote(self._author, safe='')}"
        if shares:
            query += f"&shares=List({','.join(shares)})"
        if others:
            query += f"&ugcPosts=List({','.join(others)})"
        return f"/rest/organizationalEntityShareStatistics?{query}"

    def followers(self) -> int | None:
        """Members who follow the page."""
        if not self._may_read:
            return None
        path = f"/rest/networkSizes/{quote(self._author, safe='')}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
        size = must(self._client.get(path)).get("firstDegreeSize")
        return int(size) if size is not None else None

    def account(self) -> str:
        """A page is asked for its number of followers, which only who manages it is told; a person for their name."""
        if self._may_read:
            self.followers()
            return self._author
        return str(must(self._client.get("/v2/userinfo")).get("name") or "")

    def close(self) -> None:
        self._client.close()


def _there(urn: str, words: str) -> Outcome:
    return Outcome.yes(words, remote_id=urn, remote_url=f"{SITE_URL}/feed/update/{urn}/")


def _made(answer: Answer) -> Outcome:
    """It was taken; without a name nobody knows as what, so that it is looked for."""
    urn = answer.headers.get("x-restli-id") or answer.headers.get("x-linkedin-id") or ""
    if answer.status != 201 or not urn.startswith("urn:li:"):
        return Outcome.unknown(said(answer))
    return _there(urn, str(answer.status))


def _moment(row: Mapping[str, Any]) -> dt.datetime:
    """When a post came out, or was made (LinkedIn: milliseconds)."""
    value = row.get("publishedAt") or row.get("createdAt") or 0
    return dt.datetime.fromtimestamp(int(value) / 1000, dt.UTC)
