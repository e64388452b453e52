"""A line to one account on X.

X has no key against doing a thing twice, but it refuses the same text a second time. So "duplicate" means that it may
be there, and the account's own posts are read.

Sources: docs.x.com, "Create Post", "Delete Post", "Get Posts by User" (newest first, up to 100 a page), "Get Posts by
IDs" (100), "Get my User", data dictionary of a post (``entities.urls``, ``public_metrics``).
"""

from __future__ import annotations

import datetime as dt
import html
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _now

from folkmoot.connectors.base import Access, CannotOpen, Outcome, Payload, Sender, Sending, Sent, Tried
from folkmoot.connectors.likeness import Likeness, likeness
from folkmoot.connectors.posts import Content
from folkmoot.connectors.x.client import SITE_URL, is_duplicate, must, rate_of, refused, said
from folkmoot.connectors.x.images import NotReady, Pictures
from folkmoot.kernel import clock
from folkmoot.kernel.http import Answer, Client, HttpProblem, NotSent, OutcomeUnknown, Verdict

#: How far X's clock and ours may be apart.
SKEW = dt.timedelta(minutes=2)
#: Posts for each page of a look, and how many pages are read at most; every post that is read costs.
PAGE, PAGES = 100, 5
_FIELDS = "created_at,entities,note_tweet,referenced_tweets"
_COUNTS = {
    "likes": "like_count",
    "shares": "retweet_count",
    "replies": "reply_count",
    "quotes": "quote_count",
    "views": "impression_count",
}


def whole(content: Content) -> str:
    """The text with its link, unless that stands there."""
    link = content.link or (content.card.url if content.card else "")
    if not link or link in content.text:
        return content.text
    return f"{content.text.rstrip()}\n\n{link}".strip()


class XSender(Sender):
    """Posts, withdraws, looks and counts for one account."""

    def __init__(
        self, client: Client, access: Access, looks: int, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client, self._looks, self._pause = client, looks, pause
        self._user = access.text("user_id") or str(access.facts.get("user_id") or "")
        self._handle = access.text("handle") or str(access.facts.get("handle") or "")
        self._limited_until: dt.datetime | None = None

    # --- sending

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        if self._limited_until is not None and self._limited_until > clock.now():
            wait = (self._limited_until - clock.now()).total_seconds()
            return Outcome.no(_now("X's limit is reached."), transient=True, wait=max(1.0, wait))
        content = Content.of(payload)
        body: dict[str, Any] = {"text": whole(content)}
        if sending.previous is not None:
            body["reply"] = {"in_reply_to_tweet_id": sending.previous.remote_id}
        if answers := str(content.options.get("answers") or ""):
            body["reply_settings"] = answers
        try:
            pictures = Pictures(self._client, self._pause)
            if names := [pictures.put(media, sending.read) for media in content.media]:
                body["media"] = {"media_ids": names}
        except NotReady as problem:
            return self._told(problem.outcome)
        try:
            answer = self._client.post("/2/tweets", json=body)
        except (NotSent, OutcomeUnknown) as problem:
            return Outcome.of_problem(problem)
        if answer.verdict is Verdict.YES:
            return self._made(answer)
        if is_duplicate(answer):
            return self._duplicate(content, sending)
        return self._told(refused(answer))

    def _told(self, outcome: Outcome) -> Outcome:
        if outcome.wait is not None:
            self._limited_until = clock.now() + dt.timedelta(seconds=outcome.wait)
        return outcome

    def _made(self, answer: Answer) -> Outcome:
        """It was taken; without a name nobody knows as what, so that it is looked for."""
        try:
            name = str((must(answer).get("data") or {}).get("id") or "")
        except OutcomeUnknown as problem:
            return Outcome.unknown(str(problem))
        if not name.isdecimal():
            return Outcome.unknown(said(answer))
        return replace(self._there(name, str(answer.status)), rate=rate_of(answer))

    def _there(self, name: str, words: str) -> Outcome:
        return Outcome.yes(words, remote_id=name, remote_url=self._address(name))

    def _address(self, name: str) -> str:
        return f"{SITE_URL}/{self._handle or 'i/web'}/status/{name}"

    def _duplicate(self, content: Content, sending: Sending) -> Outcome:
        """Posted since the first try, it is probably this one, and looked for; else it is an older one."""
        words = _now("X says that the account has posted this text already.")
        try:
            rows, is_whole = self._posts_since(sending.stamped_at - SKEW)
        except (HttpProblem, CannotOpen):
            return Outcome.unknown(words)
        near = [likeness(whole(content), _text(row)) for row in rows]
        if not is_whole or any(each is not Likeness.OTHER for each in near):
            return Outcome.unknown(words)
        return Outcome.no(f"{words} {_now('Change the text to say it once more.')}")

    # --- looking

    def reconcile(self, payload: Payload, tried: Tried) -> Outcome:
        """Read the account's posts since the first try: the same text is a yes, none at the last look a no."""
        ours, alike = whole(Content.of(payload)), ""
        try:
            rows, is_whole = self._posts_since(tried.stamped_at - SKEW)
        except (HttpProblem, CannotOpen) as problem:
            return Outcome.unknown(str(problem))
        before = tried.previous.remote_id if tried.previous else ""
        for row in rows:
            name = str(row.get("id") or "")
            if not name or name in tried.taken or _answers(row) != before:
                continue
            near = likeness(ours, _text(row))
            if near is Likeness.SAME:
                return self._there(name, _now("on X"))
            if near is Likeness.ALIKE:
                alike = name
        if alike:
            told = _now("A post that is alike is there: %(address)s") % {"address": self._address(alike)}
            return Outcome.unknown(told)
        words = _now("It is not among the posts of the account.")
        if is_whole and tried.looks + 1 >= self._looks:
            return Outcome.no(words)
        return Outcome.unknown(words)

    def _posts_since(self, since: dt.datetime) -> tuple[list[dict[str, Any]], bool]:
        """The account's posts since then, and whether these are all."""
        params: dict[str, Any] = {
            "max_results": PAGE,
            "start_time": f"{since.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
            "tweet.fields": _FIELDS,
        }
        path, found = f"/2/users/{self._me()}/tweets", []
        for _number in range(PAGES):
            told = must(self._client.get(path, params=params))
            found += [row for row in told.get("data") or () if isinstance(row, dict)]
            following = (told.get("meta") or {}).get("next_token")
            if not following:
                return found, True
            params["pagination_token"] = following
        return found, False

    def _me(self) -> str:
        if not self._user:
            self._user = str(self.facts()["user_id"])
        return self._user

    # --- later

    def withdraw(self, sent: Sent) -> Outcome:
        try:
            answer = self._client.request("DELETE", f"/2/tweets/{sent.remote_id}")
        except (NotSent, OutcomeUnknown) as problem:
            return Outcome.of_problem(problem)
        if answer.verdict is Verdict.YES or answer.status == 404:
            return Outcome.yes(str(answer.status), remote_id=sent.remote_id, remote_url=sent.remote_url)
        return self._told(refused(answer))

    # --- figures

    def figures(self, sent: Sequence[Sent]) -> Mapping[str, Mapping[str, int]]:
        """Likes, reposts, replies, quotes and views; every post that is read costs."""
        found: dict[str, dict[str, int]] = {}
        names = [one.remote_id for one in sent if one.remote_id]
        for start in range(0, len(names), PAGE):
            params = {"ids": ",".join(names[start : start + PAGE]), "tweet.fields": "public_metrics"}
            for row in must(self._client.get("/2/tweets", params=params)).get("data") or ():
                counts = row.get("public_metrics") or {}
                found[str(row["id"])] = {
                    ours: int(counts[name]) for ours, name in _COUNTS.items() if name in counts
                }
        return found

    def followers(self) -> int | None:
        """Accounts that follow this one."""
        count = (self._account().get("public_metrics") or {}).get("followers_count")
        return int(count) if count is not None else None

    def facts(self) -> Mapping[str, Any]:
        """Which account it is."""
        told = self._account()
        return {"user_id": str(told.get("id") or ""), "handle": str(told.get("username") or "")}

    def account(self) -> str:
        return f"@{self.facts()['handle']}"

    def _account(self) -> dict[str, Any]:
        answer = self._client.get("/2/users/me", params={"user.fields": "public_metrics"})
        found = must(answer).get("data")
        if not isinstance(found, dict) or not found.get("id"):
            raise OutcomeUnknown(answer.method, answer.url, "does not say which account it is")
        return found

    def close(self) -> None:
        self._client.close()


def _text(row: Mapping[str, Any]) -> str:
    """A post's text as it was written: addresses at their full length, without those that only show pictures."""
    note = row.get("note_tweet") or {}
    text = str(note.get("text") or row.get("text") or "")
    links = ((note.get("entities") or {}).get("urls") or []) + ((row.get("entities") or {}).get("urls") or [])
    for link in links:
        is_picture = bool(link.get("media_key")) or "/photo/" in str(link.get("expanded_url") or "")
        text = text.replace(str(link.get("url")), "" if is_picture else str(link.get("expanded_url") or ""))
    return html.unescape(text).strip()


def _answers(row: Mapping[str, Any]) -> str:
    """The post that this one answers; ``""``: none."""
    for each in row.get("referenced_tweets") or ():
        if each.get("type") == "replied_to":
            return str(each.get("id") or "")
    return ""
