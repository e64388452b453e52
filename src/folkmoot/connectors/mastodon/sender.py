"""Posting to Mastodon: each post once, whatever the server says or leaves unsaid.

A post carries an ``Idempotency-Key``, which Mastodon keeps for an hour. It alone is not trusted: other software ignores
it, and Mastodon itself has answered 500 to a replay (mastodon/mastodon#40399), has forgotten the key of a slow request
(#21840). So a lost post is first looked for in the account's own posts. Only when it is not there, the first request
must be over, the key is surely kept still, and the server is Mastodon itself, it is sent again under the same key.

Sources: Mastodon's documentation, ``methods/statuses``, ``methods/media``, ``methods/accounts``; its limit of 20 posts
for ``GET /api/v1/statuses`` from api/v1/statuses_controller.rb.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _now

from folkmoot.connectors.base import CannotOpen, Outcome, Payload, Rate, Sender, Sending, Sent, Tried
from folkmoot.connectors.likeness import Likeness, likeness, plain
from folkmoot.connectors.mastodon.server import facts_of, rate_of, refused, row_of, said
from folkmoot.connectors.posts import Content, Media
from folkmoot.kernel import clock
from folkmoot.kernel.http import Answer, Client, NotSent, OutcomeUnknown, Verdict

#: How long a replay of a key is safe after the first try; the server keeps it for an hour.
KEPT = dt.timedelta(minutes=50)
#: A request may be worked on for so long behind a proxy that gave up on it.
OVER = dt.timedelta(seconds=75)
#: How far the server's clock and ours may be apart.
SKEW = dt.timedelta(minutes=2)
#: Waits for a picture that the server still works on; about 45 seconds in all.
WAITS = (0.5, 1.0, 1.5, 2.0, *([4.0] * 10))
#: Posts of a page, and pages that are read to find one.
PAGE, PAGES = 40, 15
BATCH = 20


class _Stopped(Exception):
    """It ends here, and so."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.words)
        self.outcome = outcome


class MastodonSender(Sender):
    """A line to one account."""

    def __init__(self, http: Client, *, keeps_keys: bool, looks: int, visibility: str = "public") -> None:
        self._http = http
        self._keeps_keys, self._looks, self._visibility = keeps_keys, looks, visibility
        self._account: dict[str, Any] | None = None

    # --- sending

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        content = Content.of(payload)
        try:
            media = self._uploaded(content.media, sending, {})
            answer = self._http.post(
                "/api/v1/statuses",
                json={**self._status(content, media), **_reply_to(sending)},
                headers={"idempotency-key": sending.key},
            )
        except _Stopped as stop:
            return stop.outcome
        except (NotSent, OutcomeUnknown) as problem:
            return Outcome.of_problem(problem)
        return _made(answer, media)

    def _status(self, content: Content, media: Mapping[str, str]) -> dict[str, Any]:
        """The parameters of a post, but for whom it answers."""
        options = content.options
        warning = str(options.get("warning") or "")
        found: dict[str, Any] = {
            "status": written(content),
            "visibility": str(options.get("visibility") or self._visibility),
            "spoiler_text": warning,
            "sensitive": bool(warning or options.get("sensitive")),
            "media_ids": list(media.values()),
        }
        if content.language:
            found["language"] = content.language.partition("-")[0].lower()
        return found

    def _uploaded(self, media: Sequence[Media], sending: Sending, known: Mapping[str, str]) -> dict[str, str]:
        """The server's ids of pictures, by what they are called here.

        Raises:
            _Stopped: one is not taken. Nothing was published: a lost answer is a no that may be tried again.
        """
        found: dict[str, str] = {}
        for each in media:
            name = each.sha256 or each.file
            found[name] = known.get(name) or self._upload(each, sending)
        return found

    def _upload(self, media: Media, sending: Sending) -> str:
        try:
            content = sending.read(media.file)
        except LookupError:
            raise _Stopped(
                Outcome.no(_now("A picture of the post is no longer there: %(name)s") % {"name": media.file})
            ) from None
        data = {"description": media.alt}
        if media.focus != (0.0, 0.0):
            data["focus"] = f"{media.focus[0]:g},{media.focus[1]:g}"
        name = media.file.rpartition("/")[2]
        try:
            answer = self._http.post(
                "/api/v2/media", data=data, files={"file": (name, content, media.type or "image/jpeg")}
            )
            row = row_of(answer) or {}
            number = str(row.get("id") or "")
            if answer.verdict is Verdict.YES and number:
                return number if answer.status == 200 else self._ready(number)
        except (NotSent, OutcomeUnknown) as problem:
            raise _Stopped(_before(Outcome.of_problem(problem))) from None
        raise _Stopped(_before(refused(answer)))

    def _ready(self, number: str) -> str:
        """Wait until the server has made its sizes of a picture (206 meanwhile)."""
        for wait in WAITS:
            self._http.pause(wait)
            answer = self._http.get(f"/api/v1/media/{number}")
            if answer.status == 200:
                return number
            if answer.verdict is not Verdict.YES:
                raise _Stopped(_before(refused(answer)))
        words = _now("The server is still working on a picture.")
        raise _Stopped(Outcome.no(words, transient=True))

    # --- a lost answer

    def reconcile(self, payload: Payload, tried: Tried) -> Outcome:
        """Look among the account's own posts; then, where that is safe, send it once more under the same key."""
        content = Content.of(payload)
        try:
            found, near = self._look(content, tried)
            if found is not None:
                return _found(found)
            if self._may_replay(tried):
                outcome = self.send(payload, tried)
                # The key is looked up before all else: a refusal for good means that the post is not there.
                if outcome.verdict is Verdict.YES or not _is_open(outcome):
                    return outcome
                found, _near = self._look(
                    content, tried
                )  # a replay that is answered with 500 is known to happen
                return _found(found) if found is not None else Outcome.unknown(outcome.words)
        except _Stopped as stop:
            return stop.outcome if not _is_open(stop.outcome) else Outcome.unknown(stop.outcome.words)
        except (NotSent, OutcomeUnknown) as problem:
            return Outcome.of_problem(problem)
        if near:
            return Outcome.unknown(_now("A post with much the same words is there: somebody has to look."))
        words = _now("It is not among the account's posts.")
        return Outcome.no(words) if tried.looks + 1 >= self._looks else Outcome.unknown(words)

    def _may_replay(self, tried: Tried) -> bool:
        now = clock.now()
        return self._keeps_keys and tried.began_at + OVER <= now < tried.stamped_at + KEPT

    def _look(self, content: Content, tried: Tried) -> tuple[dict[str, Any] | None, bool]:
        """The post; or none, and whether one with much the same words is there."""
        near = False
        answers_to = tried.previous.remote_id if tried.previous else ""
        for row in self._own_since(tried.stamped_at - SKEW):
            if str(row.get("id")) in tried.taken or str(row.get("in_reply_to_id") or "") != answers_to:
                continue
            found = _like(row, content)
            if found is Likeness.SAME:
                return row, True
            near = near or found is Likeness.ALIKE
        return None, near

    def _own_since(self, moment: dt.datetime) -> Iterator[dict[str, Any]]:
        """The account's own posts since then, the newest first; answers among them, boosts not.

        Raises:
            _Stopped: they cannot be read, or not to their end.
        """
        number = self._who()["id"]
        params: dict[str, Any] = {"limit": PAGE, "exclude_reblogs": "true"}
        for _page in range(PAGES):
            answer = self._http.get(f"/api/v1/accounts/{number}/statuses", params=params)
            rows = answer.json() if answer.verdict is Verdict.YES else None
            if not isinstance(rows, list):
                raise _Stopped(_asked(answer))
            for row in rows:
                if _moment(row) < moment:
                    return
                yield row
            if not rows:
                return
            params["max_id"] = rows[-1]["id"]
        raise _Stopped(Outcome.unknown(_now("The account has too many posts since then to look through.")))

    def _who(self) -> dict[str, Any]:
        if self._account is None:
            answer = self._http.get("/api/v1/accounts/verify_credentials")
            row = row_of(answer)
            if answer.verdict is not Verdict.YES or row is None or not row.get("id"):
                raise _Stopped(_asked(answer))
            self._account = row
        return self._account

    # --- afterwards

    def correct(self, sent: Sent, payload: Payload, sending: Sending) -> Outcome:
        """Edit it: its readers see that it was, and may look at what it was before. Who sees it cannot be changed."""
        content = Content.of(payload)
        try:
            media = self._uploaded(content.media, sending, sent.remote.get("media") or {})
            status = self._status(content, media)
            del status["visibility"]
            status["media_attributes"] = [
                {"id": number, "description": each.alt, "focus": f"{each.focus[0]:g},{each.focus[1]:g}"}
                for number, each in zip(media.values(), content.media, strict=False)
            ]
            answer = self._http.request("PUT", f"/api/v1/statuses/{sent.remote_id}", json=status)
        except _Stopped as stop:
            return stop.outcome
        except (NotSent, OutcomeUnknown) as problem:
            return Outcome.of_problem(problem)
        if answer.status == 404:
            return Outcome.no(_now("The post is not there any more."))
        return _made(answer, media)

    def withdraw(self, sent: Sent) -> Outcome:
        try:
            answer = self._http.request("DELETE", f"/api/v1/statuses/{sent.remote_id}")
        except (NotSent, OutcomeUnknown) as problem:
            return Outcome.of_problem(problem)
        if answer.status in (404, 410):
            return Outcome.yes(_now("It was gone already."))
        if answer.verdict is Verdict.YES:
            return Outcome.yes(_now("taken away"), rate=rate_of(answer))
        return refused(answer)

    def figures(self, sent: Sequence[Sent]) -> Mapping[str, Mapping[str, int]]:
        """Twenty at once; one by one where the server is older than 4.3."""
        names = list(dict.fromkeys(each.remote_id for each in sent if each.remote_id))
        rows: list[Any] = []
        for start in range(0, len(names), BATCH):
            some = names[start : start + BATCH]
            answer = self._http.get("/api/v1/statuses", params={"id[]": some})
            if answer.status in (404, 405):
                rows += [row for each in some if (row := self._one(each)) is not None]
                continue
            if answer.verdict is not Verdict.YES or not isinstance(body := answer.json(), list):
                raise OutcomeUnknown(answer.method, answer.url, said(answer))
            rows += body
        return {str(row["id"]): _figures(row) for row in rows if isinstance(row, dict) and row.get("id")}

    def _one(self, number: str) -> dict[str, Any] | None:
        answer = self._http.get(f"/api/v1/statuses/{number}")
        if answer.status in (404, 410):
            return None
        if answer.verdict is not Verdict.YES:
            raise OutcomeUnknown(answer.method, answer.url, said(answer))
        return row_of(answer)

    def account(self) -> str:
        try:
            name = str(self._who().get("acct") or "")
        except _Stopped as stop:
            if stop.outcome.verdict is Verdict.NO:
                raise CannotOpen(stop.outcome.words) from None
            raise OutcomeUnknown("GET", "/api/v1/accounts/verify_credentials", stop.outcome.words) from None
        return f"@{name}@{self._http.base_url.partition('://')[2]}"

    def followers(self) -> int | None:
        try:
            found = self._who().get("followers_count")
        except _Stopped as stop:
            raise OutcomeUnknown("GET", "/api/v1/accounts/verify_credentials", stop.outcome.words) from None
        return found if isinstance(found, int) and found >= 0 else None

    def facts(self) -> Mapping[str, Any]:
        """What the server allows, and whether it keeps keys. Servers before 4 answer only the older address."""
        answer = self._http.get("/api/v2/instance")
        if answer.status == 404:
            answer = self._http.get("/api/v1/instance")
        row = row_of(answer)
        if answer.verdict is not Verdict.YES or row is None:
            raise OutcomeUnknown(answer.method, answer.url, said(answer))
        return facts_of(row)

    def close(self) -> None:
        self._http.close()


def written(content: Content) -> str:
    """The text as it is posted: with the page that it is about, which Mastodon shows beneath it."""
    link = content.link or (content.card.url if content.card else "")
    return content.text if not link or link in content.text else f"{content.text.rstrip()}\n\n{link}".lstrip()


def _reply_to(sending: Sending) -> dict[str, str]:
    return {"in_reply_to_id": sending.previous.remote_id} if sending.previous else {}


def _is_open(outcome: Outcome) -> bool:
    """It says nothing of the post: neither that it is there or not, nor when to ask again."""
    return outcome.verdict is Verdict.UNKNOWN or (
        outcome.transient and not outcome.channel and outcome.wait is None and not outcome.expired
    )


def _asked(answer: Answer) -> Outcome:
    """What it means when a question is not answered; nothing of it is a no to the post."""
    outcome = refused(answer)
    return outcome if outcome.channel or outcome.wait is not None else Outcome.unknown(outcome.words)


def _before(outcome: Outcome) -> Outcome:
    """Of what comes before the post: whatever became of it, the post is certainly not there."""
    if outcome.verdict is Verdict.UNKNOWN:
        return Outcome.no(outcome.words, transient=True)
    return outcome


def _made(answer: Answer, media: Mapping[str, str]) -> Outcome:
    row = row_of(answer)
    if answer.verdict is not Verdict.YES:
        return refused(answer)
    if row is None or not row.get("id"):
        return Outcome.unknown(said(answer))
    return _found(row, media, rate_of(answer))


def _found(
    row: Mapping[str, Any], media: Mapping[str, str] | None = None, rate: Rate | None = None
) -> Outcome:
    return Outcome.yes(
        _now("on Mastodon"),
        remote_id=str(row["id"]),
        remote_url=str(row.get("url") or row.get("uri") or ""),
        remote={"media": dict(media)} if media else {},
        rate=rate,
    )


def _moment(row: Mapping[str, Any]) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(str(row.get("created_at")))
    except ValueError:
        return clock.now()  # it cannot be told: it may be the one
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _like(row: Mapping[str, Any], content: Content) -> Likeness:
    """Its text, and that it has as many pictures; without any text, these must be described the same."""
    pictures = row.get("media_attachments") or []
    ours, theirs = _words(row, content)
    if not ours and not theirs:
        told = [str(each.get("description") or "") for each in pictures]
        return Likeness.SAME if told == [each.alt for each in content.media] else Likeness.OTHER
    found = likeness(ours, theirs)
    return Likeness.ALIKE if found is Likeness.SAME and len(pictures) != len(content.media) else found


def _words(row: Mapping[str, Any], content: Content) -> tuple[str, str]:
    """Ours and theirs, each with its warning."""
    ours = f"{content.options.get('warning') or ''}\n{written(content)}".strip()
    theirs = f"{row.get('spoiler_text') or ''}\n{plain(str(row.get('content') or ''))}".strip()
    return ours, theirs


def _figures(row: Mapping[str, Any]) -> dict[str, int]:
    names = {
        "likes": "favourites_count",
        "shares": "reblogs_count",
        "replies": "replies_count",
        "quotes": "quotes_count",
    }
    return {ours: row[theirs] for ours, theirs in names.items() if isinstance(row.get(theirs), int)}
