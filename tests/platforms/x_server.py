"""An X of our own, written from its documentation (docs.x.com); it was never compared with the real one.

Each rule has its page beside it.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Mapping
from typing import Any

from twitter_text import extract_urls_with_indices, parse_tweet

from tests.platforms.base import Asked, Json, Platform, Post, Reply, route

TOKEN = "x-token-of-the-tests"
ME = {"id": "4242", "username": "moot", "name": "The Moot"}
_TYPES = "https://api.twitter.com/2/problems/"


class X(Platform):
    """One account.

    Attributes:
        lag: so many times the posts of the account are told without the newest.
        slow: so many times a picture is said to be worked on still.
        reset: when the present window of limits ends (Unix time).
        challenge: what the way there showed of the secret (PKCE).
    """

    def __init__(self) -> None:
        super().__init__()
        self.tokens = [TOKEN]
        self.lag = self.slow = 0
        self.reset = 0
        self.remaining = 100
        self.media: dict[str, Json] = {}
        self.metrics: dict[str, Json] = {}
        self.challenge = ""
        self.gives_refresh = True
        self.refresh_tokens = {"refresh-0"}
        self.page = 100
        self.credits = True

    def refused(self, asked: Asked) -> Reply | None:
        if asked.bearer not in self.tokens:  # "Response codes and errors"
            return Reply(
                401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
            )
        return None

    def expired(self, asked: Asked) -> Reply:
        return Reply(
            401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
        )

    def limited(self, asked: Asked) -> Reply:  # "Rate limits": headers say until when, no Retry-After
        gone = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(self.reset)}
        return Reply(429, {"title": "Too Many Requests", "detail": "Too Many Requests", "status": 429}, gone)

    def broken(self, asked: Asked) -> Reply:
        return Reply(503, {"title": "Service Unavailable", "detail": "Service Unavailable", "status": 503})

    def headers(self, asked: Asked) -> Mapping[str, str]:
        return {
            "x-rate-limit-limit": "100",
            "x-rate-limit-remaining": str(self.remaining),
            "x-rate-limit-reset": str(self.reset),
        }

    # --- posts ("Create Post", "Delete Post", "Get Posts by User")

    @route("POST", r"/2/tweets")
    def publish(self, asked: Asked) -> Reply:
        body = asked.json
        text = str(body.get("text", ""))
        if not self.credits:  # "Pricing"
            return problem(
                402, "credits", "Your enrolled account does not have any credits to fulfill this request."
            )
        if not text and not body.get("media"):
            return problem(400, "invalid-request", "text is required")
        if parse_tweet(text).weightedLength > 280:  # "Counting characters"
            return Reply(403, {"title": "Forbidden", "status": 403, "detail": "Your Tweet text is too long."})
        before = (body.get("reply") or {}).get("in_reply_to_tweet_id", "")
        if before and self.find(before) is None:
            detail = "You attempted to reply to a Tweet that is deleted or not visible to you."
            return Reply(403, {"title": "Forbidden", "status": 403, "detail": detail})
        names = (body.get("media") or {}).get("media_ids") or []
        if len(names) > 4 or any(not self.media.get(name, {}).get("is_done") for name in names):
            return problem(400, "invalid-request", "Your media IDs are invalid.")
        if any(each.content["text"] == text for each in self.posts):  # said as the platform says it
            detail = "You are not allowed to create a Tweet with duplicate content."
            return Reply(403, {"title": "Forbidden", "type": "about:blank", "status": 403, "detail": detail})
        post = self.accept(text, body, id=str(1_990_000_000_000_000_000 + self.number()), before=before)
        return Reply(201, {"data": {"id": post.id, "text": self._row(post)["text"]}})

    def _row(self, post: Post) -> Json:
        """As the data dictionary says: addresses shortened, ``& < >`` as entities, pictures as one more address."""
        text, urls = html.escape(post.text, quote=False), []
        for number, found in enumerate(extract_urls_with_indices(post.text)):
            short, written = f"https://t.co/{post.id[-4:]}{number}", found["url"]
            full = written if "://" in written else f"http://{written}"
            text = text.replace(html.escape(written, quote=False), short, 1)
            urls.append({"url": short, "expanded_url": full, "display_url": written})
        if post.content.get("media"):
            short = f"https://t.co/pic{post.id[-4:]}"
            text = f"{text} {short}".strip()
            full = f"https://x.com/moot/status/{post.id}/photo/1"
            urls.append({"url": short, "expanded_url": full, "media_key": "3_1"})
        row: Json = {
            "id": post.id,
            "text": text,
            "created_at": post.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "entities": {"urls": urls},
        }
        if post.data["before"]:
            row["referenced_tweets"] = [{"type": "replied_to", "id": post.data["before"]}]
        return row

    @route("GET", r"/2/users/(?P<user>\d+)/tweets")
    def timeline(self, asked: Asked, user: str) -> Reply:
        if user != ME["id"]:
            return problem(404, "resource-not-found", "Could not find user")
        since = asked.one("start_time")
        rows = [self._row(each) for each in self.posts[::-1]]
        rows = [row for row in rows if row["created_at"].replace(".000Z", "Z") >= since]
        if self.lag:
            self.lag, rows = self.lag - 1, rows[1:]
        start = int(asked.one("pagination_token", "0"))
        size = min(int(asked.one("max_results", "10")), self.page)
        meta: Json = {"result_count": len(rows[start : start + size])}
        if start + size < len(rows):
            meta["next_token"] = str(start + size)
        told: Json = {"meta": meta}
        if rows[start : start + size]:  # without any post there is no "data"
            told["data"] = rows[start : start + size]
        return Reply(200, told)

    @route("DELETE", r"/2/tweets/(?P<name>\d+)")
    def delete(self, asked: Asked, name: str) -> Reply:
        post = self.find(name)
        if post is None:
            return problem(404, "resource-not-found", "Could not find tweet")
        self.remove(post)
        return Reply(200, {"data": {"deleted": True}})

    @route("GET", r"/2/tweets")
    def counts(self, asked: Asked) -> Reply:
        names = asked.one("ids").split(",")
        if len(names) > 100:
            return problem(400, "invalid-request", "ids: at most 100")
        found = [
            {"id": name, "public_metrics": self.metrics.get(name, {})} for name in names if self.find(name)
        ]
        return Reply(200, {"data": found} if found else {"errors": [{"title": "Not Found Error"}]})

    # --- pictures ("Media upload", "Create media metadata")

    @route("POST", r"/2/media/upload/initialize")
    def begin(self, asked: Asked) -> Reply:
        body = asked.json
        if body.get("media_category") not in ("tweet_image", "tweet_gif") or not body.get("total_bytes"):
            return problem(400, "invalid-request", "media_category and total_bytes are needed")
        name = str(880_000 + self.number())
        self.media[name] = {**body, "pieces": {}, "looks": self.slow, "is_done": False}
        return Reply(200, {"data": {"id": name, "media_key": f"3_{name}", "expires_after_secs": 86_400}})

    @route("POST", r"/2/media/upload/(?P<name>\d+)/append")
    def append(self, asked: Asked, name: str) -> Reply:
        content = asked.files["media"].content
        if len(content) > 5 * 1024 * 1024:
            return problem(413, "invalid-request", "too large")
        self.media[name]["pieces"][int(asked.form["segment_index"][0])] = content
        return Reply(204)

    @route("POST", r"/2/media/upload/(?P<name>\d+)/finalize")
    def end(self, asked: Asked, name: str) -> Reply:
        found = self.media[name]
        content = b"".join(piece for _number, piece in sorted(found["pieces"].items()))
        if len(content) != found["total_bytes"]:
            return problem(400, "invalid-request", "the sizes differ")
        found["content"] = content
        return self._state(name)

    @route("GET", r"/2/media/upload")
    def status(self, asked: Asked) -> Reply:
        return self._state(asked.one("media_id"))

    def _state(self, name: str) -> Reply:
        found = self.media[name]
        data: Json = {"id": name}
        if b"broken" in found["content"]:
            data["processing_info"] = {"state": "failed", "error": {"name": "InvalidMedia"}}
        elif found["looks"] > 0:
            found["looks"] -= 1
            data["processing_info"] = {"state": "in_progress", "check_after_secs": 1}
        else:
            found["is_done"] = True
        return Reply(200, {"data": data})

    @route("POST", r"/2/media/metadata")
    def describe(self, asked: Asked) -> Reply:
        text = str(asked.json["metadata"]["alt_text"]["text"])
        if len(text) > 1000:
            return problem(400, "invalid-request", "alt_text is longer than 1000 characters")
        self.media[asked.json["id"]]["alt"] = text
        return Reply(200, {"data": {"id": asked.json["id"]}})

    # --- the account, signing in ("OAuth 2.0 Authorization Code Flow with PKCE")

    @route("GET", r"/2/users/me")
    def me(self, asked: Asked) -> Reply:
        return Reply(200, {"data": {**ME, "public_metrics": {"followers_count": 77}}})

    @route("POST", r"/2/oauth2/token", is_open=True)
    def token(self, asked: Asked) -> Reply:
        form = {name: values[0] for name, values in asked.form.items()}
        proof = base64.b64encode(b"app:secret").decode()
        if asked.headers.get("authorization") != f"Basic {proof}":
            said = "Missing valid authorization header"
            return Reply(401, {"error": "unauthorized_client", "error_description": said})
        if form.get("grant_type") == "authorization_code":
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if form.get("code") != "the-code" or self.challenge != base64.urlsafe_b64encode(
                digest
            ).decode().rstrip("="):
                said = "Value passed for the authorization code was invalid."
                return Reply(400, {"error": "invalid_request", "error_description": said})
        elif form.get("refresh_token") not in self.refresh_tokens:
            said = "Value passed for the token was invalid."
            return Reply(400, {"error": "invalid_request", "error_description": said})
        number = self.number()
        self.tokens = [f"{TOKEN}-{number}"]
        told: dict[str, Any] = {"token_type": "bearer", "expires_in": 7200, "access_token": self.tokens[0]}
        if self.gives_refresh:  # each refresh token works once
            self.refresh_tokens = {f"refresh-{number}"}
            told["refresh_token"] = f"refresh-{number}"
        return Reply(200, told)


def problem(status: int, kind: str, detail: str) -> Reply:
    """How X says no ("Response codes and errors")."""
    return Reply(status, {"title": "Problem", "type": f"{_TYPES}{kind}", "status": status, "detail": detail})
