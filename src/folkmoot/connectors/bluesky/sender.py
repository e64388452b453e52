"""Posting to Bluesky: at a key that was chosen beforehand, so that twice is never two.

``putRecord`` with ``swapRecord: null`` makes a record where there is none, does nothing where the very same is, and
refuses where another is (``InvalidSwap``). Only this message has this key, so whatever stands there is this message.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _now

from folkmoot.connectors.base import (
    Access,
    CannotOpen,
    MustConnect,
    Outcome,
    Payload,
    Sender,
    Sending,
    Sent,
    Tried,
)
from folkmoot.connectors.bluesky.record import Blob, card_of, record
from folkmoot.connectors.bluesky.server import (
    COLLECTION,
    Xrpc,
    error_of,
    rate_of,
    refused,
    row_of,
    said,
)
from folkmoot.connectors.bluesky.session import appview_of, begun, kept, server_of
from folkmoot.connectors.posts import Content, Media
from folkmoot.kernel.http import Answer, NotSent, OutcomeUnknown, Verdict

#: Posts whose figures are asked for at once (lexicon app.bsky.feed.getPosts).
BATCH = 25


class _Stopped(Exception):
    """It ends here, and so."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.words)
        self.outcome = outcome


class BlueskySender(Sender):
    """A line to one account."""

    def __init__(self, access: Access) -> None:
        self._given = access
        token, self._did = kept(access)
        self._line = Xrpc(server_of(access), token)
        self._appview = Xrpc(appview_of(access))
        self._people: dict[str, str] = {}

    # --- sending

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        if not self._did:
            return Outcome.no(_now("There is no session yet."), transient=True, expired=True)
        content = Content.of(payload)
        try:
            reply = self._reply(sending)
            made = self._record(content, sending.stamped_at, sending, reply)
            answer = self._put(sending.planned_id, made, None)
        except _Stopped as stop:
            return stop.outcome
        except (NotSent, OutcomeUnknown) as problem:
            return Outcome.of_problem(problem)
        if error_of(answer) == "InvalidSwap":  # an earlier try made it, with other words in it
            return self._there(sending.planned_id)
        return self._made(answer)

    def _put(self, key: str, made: Mapping[str, Any], instead_of: str | None) -> Answer:
        body = {
            "repo": self._did,
            "collection": COLLECTION,
            "rkey": key,
            "record": made,
            "swapRecord": instead_of,
        }
        return self._line.call("com.atproto.repo.putRecord", body)

    def _record(
        self,
        content: Content,
        stamped_at: dt.datetime,
        sending: Sending,
        reply: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        """Everything that comes before the post. What goes wrong in it is a no: the post is certainly not there."""
        try:
            images = [self._blob(each, sending) for each in content.media]
            card = card_of(content)
            thumb = self._blob(card.image, sending) if card and card.image else None
            people = {
                each.text: did for each in content.mentions if (did := self._did_of(each.id, each.handle))
            }
        except (NotSent, OutcomeUnknown) as problem:
            raise _Stopped(_before(Outcome.of_problem(problem))) from None
        return record(content, stamped_at, people=people, images=images, thumb=thumb, reply=reply)

    def _blob(self, media: Media, sending: Sending) -> Blob:
        try:
            content = sending.read(media.file)
        except LookupError:
            words = _now("A picture of the post is no longer there: %(name)s") % {"name": media.file}
            raise _Stopped(Outcome.no(words)) from None
        answer = self._line.upload(content, media.type or "image/jpeg")
        blob = row_of(answer).get("blob")
        if answer.verdict is Verdict.YES and isinstance(blob, dict):
            return blob
        raise _Stopped(_before(refused(answer)))

    def _did_of(self, known: str, handle: str) -> str:
        """Who somebody is; ``""`` when nobody is found by that handle: then it stays text."""
        if known.startswith("did:"):
            return known
        handle = handle.removeprefix("@").lower()
        if not handle:
            return ""
        if handle not in self._people:
            answer = self._line.query("com.atproto.identity.resolveHandle", is_open=True, handle=handle)
            if answer.verdict is Verdict.UNKNOWN or answer.status == 429:
                raise _Stopped(_before(refused(answer)))
            did = str(row_of(answer).get("did") or "") if answer.verdict is Verdict.YES else ""
            self._people[handle] = did if did.startswith("did:") else ""
        return self._people[handle]

    def _reply(self, sending: Sending) -> dict[str, Any] | None:
        if sending.previous is None:
            return None
        parent = self._ref(sending.previous)
        root = self._ref(sending.root) if sending.root else parent
        return {"root": root, "parent": parent}

    def _ref(self, sent: Sent) -> dict[str, str]:
        """A post by its address and the hash of its content; asked for where only a person knows that it is there.

        Raises:
            _Stopped: it is not there, or nobody can tell.
        """
        if sent.remote.get("cid"):
            return {"uri": str(sent.remote["uri"]), "cid": str(sent.remote["cid"])}
        found = self._look(_key_of(sent))
        if found.verdict is Verdict.YES:
            return {"uri": str(found.remote["uri"]), "cid": str(found.remote["cid"])}
        if found.verdict is Verdict.UNKNOWN:
            raise _Stopped(_before(found))
        if found.channel or found.wait is not None:
            raise _Stopped(found)
        raise _Stopped(Outcome.no(_now("What it answers to is not there any more.")))

    def _there(self, key: str) -> Outcome:
        found = self._look(key)
        # It was there a moment ago: no answer about it says that it is not.
        return found if found.verdict is Verdict.YES else Outcome.unknown(found.words)

    def _made(self, answer: Answer, words: str = "") -> Outcome:
        row = row_of(answer)
        if answer.verdict is not Verdict.YES:
            return refused(answer)
        if not row.get("uri") or not row.get("cid"):
            return Outcome.unknown(said(answer))
        return self._found(row, answer, words)

    def _found(self, row: Mapping[str, Any], answer: Answer, words: str = "") -> Outcome:
        uri = str(row["uri"])
        return Outcome.yes(
            words or _now("on Bluesky"),
            remote_id=uri,
            remote_url=f"https://bsky.app/profile/{self._did}/post/{uri.rpartition('/')[2]}",
            remote={"uri": uri, "cid": str(row["cid"])},
            rate=rate_of(answer),
        )

    # --- a lost answer

    def reconcile(self, payload: Payload, tried: Tried) -> Outcome:
        """It stands at its key, or it is not there: both are certain."""
        if not self._did:
            return Outcome.no(_now("There is no session yet."), transient=True, expired=True)
        return self._look(tried.planned_id)

    def _look(self, key: str) -> Outcome:
        try:
            answer = self._get(key)
        except (NotSent, OutcomeUnknown) as problem:
            return Outcome.of_problem(problem)
        if error_of(answer) == "RecordNotFound":
            return Outcome.no(_now("It is not among the account's posts."))
        row = row_of(answer)
        if answer.verdict is Verdict.YES and row.get("uri") and row.get("cid"):
            return self._found(row, answer)
        outcome = refused(answer)
        # Only "RecordNotFound" says that it is not there.
        return outcome if outcome.channel or outcome.wait is not None else Outcome.unknown(outcome.words)

    def _get(self, key: str) -> Answer:
        """The record at a key. Anybody may read it, so that an access that is over does not matter."""
        return self._line.query(
            "com.atproto.repo.getRecord", is_open=True, repo=self._did, collection=COLLECTION, rkey=key
        )

    # --- afterwards

    def correct(self, sent: Sent, payload: Payload, sending: Sending) -> Outcome:
        """Another content at the same key. Its moment and what it answers to stay; not every app shows the change."""
        if not self._did:
            return Outcome.no(_now("There is no session yet."), transient=True, expired=True)
        key = _key_of(sent)
        try:
            answer = self._get(key)
            row = row_of(answer)
            if error_of(answer) == "RecordNotFound":
                return Outcome.no(_now("The post is not there any more."))
            if answer.verdict is not Verdict.YES or not isinstance(row.get("value"), dict):
                return refused(answer) if answer.verdict is not Verdict.YES else Outcome.unknown(said(answer))
            before = row["value"]
            made = self._record(Content.of(payload), sending.stamped_at, sending, before.get("reply"))
            made["createdAt"] = before.get("createdAt") or made["createdAt"]
            answer = self._put(key, made, str(row["cid"]))
        except _Stopped as stop:
            return stop.outcome
        except (NotSent, OutcomeUnknown) as problem:
            return Outcome.of_problem(problem)
        if error_of(answer) == "InvalidSwap":
            return Outcome.no(_now("Somebody else changed it at the same moment."), transient=True)
        return self._made(answer, _now("changed on Bluesky; not every app shows it"))

    def withdraw(self, sent: Sent) -> Outcome:
        """Deleting what is gone already is a yes there too."""
        if not self._did:
            return Outcome.no(_now("There is no session yet."), transient=True, expired=True)
        body = {"repo": self._did, "collection": COLLECTION, "rkey": _key_of(sent)}
        try:
            answer = self._line.call("com.atproto.repo.deleteRecord", body)
        except (NotSent, OutcomeUnknown) as problem:
            return Outcome.of_problem(problem)
        if answer.verdict is Verdict.YES:
            return Outcome.yes(_now("taken away"), rate=rate_of(answer))
        return refused(answer)

    def figures(self, sent: Sequence[Sent]) -> Mapping[str, Mapping[str, int]]:
        """What the AppView counts; anybody may ask."""
        names = {
            f"at://{self._did}/{COLLECTION}/{_key_of(each)}": each.remote_id
            for each in sent
            if each.remote_id
        }
        found: dict[str, Mapping[str, int]] = {}
        uris = list(names) if self._did else []
        for start in range(0, len(uris), BATCH):
            answer = self._appview.query("app.bsky.feed.getPosts", uris=uris[start : start + BATCH])
            rows = row_of(answer).get("posts")
            if answer.verdict is not Verdict.YES or not isinstance(rows, list):
                raise OutcomeUnknown(answer.method, answer.url, said(answer))
            found.update({names[row["uri"]]: _figures(row) for row in rows if row.get("uri") in names})
        return found

    def followers(self) -> int | None:
        if not self._did:
            return None
        answer = self._appview.query("app.bsky.actor.getProfile", actor=self._did)
        if answer.verdict is not Verdict.YES:
            raise OutcomeUnknown(answer.method, answer.url, said(answer))
        number = row_of(answer).get("followersCount")
        return number if isinstance(number, int) else None

    def account(self) -> str:
        """Before there is a session, one is begun for the question."""
        if self._did:
            answer = self._line.query("com.atproto.server.getSession")
        else:
            try:
                answer = begun(self._line, self._given)
            except MustConnect as over:
                raise CannotOpen(str(over)) from None
        if answer.verdict is Verdict.NO:
            raise CannotOpen(said(answer))
        handle = row_of(answer).get("handle")
        if answer.verdict is not Verdict.YES or not handle:
            raise OutcomeUnknown(answer.method, answer.url, said(answer))
        return f"@{handle}"

    def close(self) -> None:
        self._line.close()
        self._appview.close()


def _key_of(sent: Sent) -> str:
    """The key in a repository: the end of its address, also of one that a person pasted."""
    for each in (sent.remote_id, sent.remote_url):
        if key := each.rstrip("/").rpartition("/")[2]:
            return key
    return ""


def _before(outcome: Outcome) -> Outcome:
    """Of what comes before the post: whatever became of it, the post is certainly not there."""
    if outcome.verdict is Verdict.UNKNOWN:
        return Outcome.no(outcome.words, transient=True)
    return outcome


def _figures(row: Mapping[str, Any]) -> dict[str, int]:
    names = {"likes": "likeCount", "shares": "repostCount", "replies": "replyCount", "quotes": "quoteCount"}
    return {ours: row[theirs] for ours, theirs in names.items() if isinstance(row.get(theirs), int)}
