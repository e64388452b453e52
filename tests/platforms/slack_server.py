"""A Slack of our own: one workspace with a few channels, and an incoming webhook.

Written from Slack's documentation (docs.slack.dev); where each rule stands is said beside it. What it does not know it
refuses with ``unknown_method``, as Slack does.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from typing import Any

from tests.platforms.base import Asked, Json, Platform, Post, Reply, route

TOKEN = "xoxb-of-the-tests"
SCOPES = (
    "chat:write channels:history groups:history metadata.message:read channels:read groups:read reactions:read "
    "files:write"
)
#: reference/methods/NAME, "Scopes" of a bot token.
NEEDS = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "conversations.info": "channels:read",
    "reactions.get": "reactions:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}


def no(error: str, **more: Any) -> Reply:
    """apis/web-api: "For failure results, the error property will contain a short machine-readable error code"."""
    return Reply(200, {"ok": False, "error": error, **more})


class SlackServer(Platform):
    """The workspace; its bot is ``moot``.

    Attributes:
        scopes: what the token may.
        members: channels that the bot is in.
        archived, readonly: channels that are so.
        slow_files: a picture may be named by a message only after so many tries of it.
        page: of a history.
        says: errors to answer to methods with, by their name, used up one by one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scopes = SCOPES
        self.tokens = {TOKEN}
        self.members = {"C0MOOT1": 812, "C0OTHER": 3}
        self.archived: set[str] = set()
        self.slow_files = 0
        self.page = 100
        self.says: dict[str, list[str]] = {}
        self.files: dict[str, Json] = {}
        self.uploads: dict[str, bytes] = {}
        self.codes: dict[str, Json] = {}
        self.refreshes: set[str] = set()
        self.hooks = {"/services/T0/B0/secret": "C0MOOT1"}
        self._ticks = itertools.count(1)

    # --- common rules

    def limited(self, asked: Asked) -> Reply:
        """apis/web-api/rate-limits: 429 with Retry-After."""
        return Reply(429, {"ok": False, "error": "ratelimited"}, {"retry-after": "30"})

    def expired(self, asked: Asked) -> Reply:
        return no("token_expired")

    def refused(self, asked: Asked) -> Reply | None:
        method = asked.path.rpartition("/")[2]
        if queued := self.says.get(method):
            return no(queued.pop(0))
        if not asked.bearer:
            return no("not_authed")
        if asked.bearer not in self.tokens:
            return no("invalid_auth")
        needed = NEEDS.get(method, "")
        if needed and needed not in self.scopes.split():
            return no("missing_scope", needed=needed, provided=self.scopes)
        return None

    def missing(self, asked: Asked) -> Reply:
        return no("unknown_method") if asked.path.startswith("/api/") else Reply(404, b"no_service")

    def _channel(self, name: str, *, to_write: bool = False) -> Reply | None:
        """reference/methods/chat.postMessage, its table of errors."""
        if name not in self.members:
            return no("channel_not_found")
        if to_write and not self.members[name]:
            return no("not_in_channel")
        if to_write and name in self.archived:
            return no("is_archived")
        return None

    def message(self, ts: str) -> Post | None:
        return self.find(ts)

    # --- chat

    @route("POST", r"/api/chat\.postMessage")
    def publish(self, asked: Asked) -> Reply:
        given = asked.json
        if wrong := self._channel(str(given.get("channel")), to_write=True):
            return wrong
        if wrong := self._content(given):
            return wrong
        root = str(given.get("thread_ts") or "")
        if root and self.find(root) is None:
            return no("thread_not_found")
        ts = f"{int(self.now().timestamp())}.{next(self._ticks):06d}"
        post = self.accept(str(given.get("text") or ""), dict(given), id=ts, reactions={}, user="U0BOT")
        return Reply(200, {"ok": True, "channel": given["channel"], "ts": ts, "message": self._row(post)})

    def _content(self, given: Mapping[str, Any]) -> Reply | None:
        text, blocks = str(given.get("text") or ""), given.get("blocks") or []
        if not text and not blocks:
            return no("no_text")
        if len(text) > 40_000:
            return no("msg_too_long")
        if len(blocks) > 50:  # reference/block-kit/blocks: "up to 50 blocks in each message"
            return no("invalid_blocks")
        for number, block in enumerate(blocks):
            where = f"[json-pointer:/blocks/{number}"
            if block["type"] == "section" and not 0 < len(block["text"]["text"]) <= 3000:
                return self._bad(f"must be less than 3001 characters {where}/text/text]")
            if block["type"] == "image":
                # reference/block-kit/blocks/image-block: alt_text is required, at most 2,000 characters
                if not 0 < len(str(block.get("alt_text") or "")) <= 2000:
                    return self._bad(f"missing required field: alt_text {where}]")
                file = self.files.get(block["slack_file"]["id"])
                if file is None or not file["is_done"] or file["waits"] > 0:
                    if file is not None:
                        file["waits"] -= 1
                    return self._bad(f"invalid slack file {where}/slack_file]")
        metadata = given.get("metadata")
        if metadata is not None and not (
            re.fullmatch(r"[a-z_]+", str(metadata.get("event_type")))
            and isinstance(metadata.get("event_payload"), dict)
        ):
            return no("invalid_metadata_format")
        return None

    @staticmethod
    def _bad(words: str) -> Reply:
        """As python-slack-sdk#1797 shows it."""
        return no("invalid_blocks", response_metadata={"messages": [f"[ERROR] {words}"]})

    @route("POST", r"/api/chat\.update")
    def change(self, asked: Asked) -> Reply:
        given = asked.json
        post = self.find(str(given.get("ts")))
        if post is None:
            return no("message_not_found")
        if len(str(given.get("text") or "")) > 4000:  # reference/methods/chat.update: 4,000 characters
            return no("msg_too_long")
        if wrong := self._content({**given, "metadata": given.get("metadata")}):
            return wrong
        post.text = str(given.get("text") or "")
        post.content = {**post.content, **given}
        return Reply(200, {"ok": True, "channel": given["channel"], "ts": post.id, "text": post.text})

    @route("POST", r"/api/chat\.delete")
    def delete(self, asked: Asked) -> Reply:
        post = self.find(str(asked.json.get("ts")))
        if post is None:
            return no("message_not_found")
        self.remove(post)
        return Reply(200, {"ok": True, "channel": asked.json["channel"], "ts": post.id})

    @route("GET", r"/api/chat\.getPermalink")
    def permalink(self, asked: Asked) -> Reply:
        ts = asked.one("message_ts")
        place = f"https://moot.slack.com/archives/{asked.one('channel')}/p{ts.replace('.', '')}"
        return Reply(200, {"ok": True, "channel": asked.one("channel"), "permalink": place})

    # --- conversations, reactions

    def _row(self, post: Post, *, all_metadata: bool = False) -> Json:
        row: Json = {"type": "message", "user": "U0BOT", "text": post.text, "ts": post.id}
        if root := post.content.get("thread_ts"):
            row["thread_ts"] = root
        replies = [one for one in self.posts if one.content.get("thread_ts") == post.id]
        if replies:
            row |= {"thread_ts": post.id, "reply_count": len(replies)}
        if post.data.get("reactions"):
            row["reactions"] = [
                {"name": name, "count": count, "users": []} for name, count in post.data["reactions"].items()
            ]
        if metadata := post.content.get("metadata"):
            row["metadata"] = metadata if all_metadata else {"event_type": metadata["event_type"]}
        return row

    def _listed(self, asked: Asked, rows: list[Post]) -> Reply:
        """conversations.history: oldest and latest, inclusive, limit; apis/web-api/pagination: next_cursor."""
        oldest, latest = float(asked.one("oldest", "0")), float(asked.one("latest", "inf"))
        is_inside = asked.one("inclusive") == "true"
        rows = [
            one
            for one in rows
            if oldest < float(one.id) < latest or (is_inside and float(one.id) in (oldest, latest))
        ]
        start, size = int(asked.one("cursor", "0")), min(int(asked.one("limit", "100")), self.page)
        more = str(start + size) if start + size < len(rows) else ""
        sees = asked.one("include_all_metadata") == "true" and "metadata.message:read" in self.scopes.split()
        shown = [self._row(one, all_metadata=sees) for one in rows[start : start + size]]
        return Reply(200, {"ok": True, "messages": shown, "response_metadata": {"next_cursor": more}})

    @route("GET", r"/api/conversations\.history")
    def history(self, asked: Asked) -> Reply:
        """Replies are not in it: conversations.replies tells them."""
        name = asked.one("channel")
        if wrong := self._channel(name):
            return wrong
        here = [one for one in self.posts if one.content["channel"] == name]
        return self._listed(asked, [one for one in reversed(here) if not one.content.get("thread_ts")])

    @route("GET", r"/api/conversations\.replies")
    def replies(self, asked: Asked) -> Reply:
        root = self.find(asked.one("ts"))
        if root is None:
            return no("thread_not_found")
        return self._listed(
            asked, [root, *(one for one in self.posts if one.content.get("thread_ts") == root.id)]
        )

    @route("GET", r"/api/conversations\.info")
    def info(self, asked: Asked) -> Reply:
        name = asked.one("channel")
        if wrong := self._channel(name):
            return wrong
        found: Json = {"id": name, "name": "general"}
        if asked.one("include_num_members") == "true":
            found["num_members"] = self.members[name]
        return Reply(200, {"ok": True, "channel": found})

    @route("GET", r"/api/reactions\.get")
    def reactions(self, asked: Asked) -> Reply:
        post = self.find(asked.one("timestamp"))
        if post is None:
            return no("message_not_found")
        return Reply(200, {"ok": True, "type": "message", "message": self._row(post)})

    # --- files

    @route("POST", r"/api/files\.getUploadURLExternal")
    def place(self, asked: Asked) -> Reply:
        name = f"F0FILE{self.number():04d}"
        length = int(asked.form["length"][0])
        self.files[name] = {
            "name": asked.form["filename"][0],
            "alt": asked.form["alt_txt"][0],
            "length": length,
            "is_done": False,
            "waits": self.slow_files,
        }
        return Reply(200, {"ok": True, "upload_url": f"{self.url}/upload/v1/{name}", "file_id": name})

    @route("POST", r"/upload/v1/(?P<name>\w+)", is_open=True)
    def upload(self, asked: Asked, name: str) -> Reply:
        """files.getUploadURLExternal: "Slack will return HTTP 200 if the upload is successful"."""
        assert not asked.bearer, "the token belongs to Slack's interface only"
        self.uploads[name] = asked.body
        return Reply(200, b"OK - " + str(len(asked.body)).encode())

    @route("POST", r"/api/files\.completeUploadExternal")
    def complete(self, asked: Asked) -> Reply:
        for each in asked.json["files"]:
            file = self.files.get(each["id"])
            if file is None or len(self.uploads.get(each["id"], b"")) != file["length"]:
                return no("file_not_found")
            file["is_done"] = True
        return Reply(200, {"ok": True, "files": asked.json["files"]})

    # --- access

    @route("GET", r"/api/auth\.test")
    def test(self, asked: Asked) -> Reply:
        return Reply(
            200,
            {"ok": True, "url": "https://moot.slack.com/", "team": "Moot", "user": "moot", "bot_id": "B0"},
        )

    @route("POST", r"/api/oauth\.v2\.access", is_open=True)
    def access(self, asked: Asked) -> Reply:
        """authentication/installing-with-oauth; authentication/using-token-rotation: 43,200 seconds."""
        given = {name: values[0] for name, values in asked.form.items()}
        if (given.get("client_id"), given.get("client_secret")) != ("1.2", "app-secret"):
            return no("bad_client_secret")
        rotates = True
        if given.get("grant_type") == "refresh_token":
            if given["refresh_token"] not in self.refreshes:
                return no("invalid_refresh_token")
            self.refreshes.discard(given["refresh_token"])
        else:
            code = self.codes.pop(str(given.get("code")), None)
            if code is None or code["redirect_uri"] != given.get("redirect_uri"):
                return no("invalid_code")
            rotates = bool(code["rotates"])
        number = self.number()
        token = f"xoxe.xoxb-{number}" if rotates else f"xoxb-{number}"
        self.tokens.add(token)
        found: Json = {
            "ok": True,
            "access_token": token,
            "token_type": "bot",
            "scope": self.scopes.replace(" ", ","),
            "bot_user_id": "U0BOT",
            "team": {"id": "T0", "name": "Moot"},
        }
        if rotates:
            self.refreshes.add(f"xoxe-{number}")
            found |= {"expires_in": 43_200, "refresh_token": f"xoxe-{number}"}
        return Reply(200, found)

    # --- incoming webhooks

    @route("POST", r"/services/(?P<rest>.+)", is_open=True)
    def hook(self, asked: Asked, rest: str) -> Reply:
        """messaging/sending-messages-using-incoming-webhooks: ``ok``, else a short text and a status of its own."""
        channel = self.hooks.get(asked.path)
        if channel is None:
            return Reply(404, b"no_service")
        if channel in self.archived:
            return Reply(410, b"channel_is_archived")
        try:
            given = json.loads(asked.body)
        except ValueError:
            return Reply(400, b"invalid_payload")
        if not given.get("text"):
            return Reply(400, b"no_text")
        self.accept(str(given["text"]), {"channel": channel, **given})
        return Reply(200, b"ok")
