"""A Mastodon of our own, and one that is only compatible.

Written from Mastodon's documentation (docs.joinmastodon.org); where each rule stands is said beside it. What it does
not know it refuses, so that a connector that asks for something else fails.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from folkmoot.connectors import counting
from tests.platforms.base import Asked, Json, Platform, Post, Reply, route

TOKEN = "token-of-the-tests"
SCOPES = "read:accounts read:statuses write:media write:statuses"
_MARKS = re.compile(
    r"(?P<link>https?://[^\s<]+[^\s<.,;:!?)])|(?<![/\w])@(?P<user>\w+)(?:@(?P<host>[\w.-]+\w))?"
)


class MastodonServer(Platform):
    """One account, ``@moot``.

    Attributes:
        keeps_keys: whether it honours ``Idempotency-Key``.
        replay_fails: it answers 500 to a replay (mastodon/mastodon#40399).
        slow_media: a picture needs so many looks until it is ready.
        knows_batches: ``GET /api/v1/statuses`` is there (4.3).
        left: requests that are left until the limit; ``None``: no limit.
    """

    def __init__(self, *, keeps_keys: bool = True) -> None:
        super().__init__()
        self.keeps_keys = keeps_keys
        self.version = "4.5.2" if keeps_keys else "2.7.2 (compatible; Pixelfed 0.12.5)"
        self.replay_fails = False
        self.slow_media = 0
        self.knows_batches = True
        self.max_characters = 500
        self.followers = 812
        self.left: int | None = None
        self.reset = dt.timedelta(minutes=5)
        self.keys: dict[str, tuple[str, dt.datetime]] = {}
        self.media: dict[str, Json] = {}
        self.apps: dict[str, Json] = {}
        self.codes: dict[str, Json] = {}
        self.tokens = {TOKEN: SCOPES}

    # --- common rules

    def refused(self, asked: Asked) -> Reply | None:
        """methods/statuses: 401 "The access token is invalid"; 403 when it lacks the scope (api/oauth-scopes)."""
        scopes = set(self.tokens.get(asked.bearer, "").split())
        if not scopes:
            return Reply(401, {"error": "The access token is invalid"})
        kind = "read" if asked.method == "GET" else "write"
        what = (
            "accounts"
            if "accounts/verify" in asked.path
            else "media"
            if "/media" in asked.path
            else "statuses"
        )
        if what == "media" and kind == "read":
            kind = "write"
        if not scopes & {kind, f"{kind}:{what}"}:
            return Reply(403, {"error": "This action is outside the authorized scopes"})
        if self.left is not None:
            if self.left <= 0:
                return self.limited(asked)
            self.left -= 1
        return None

    def headers(self, asked: Asked) -> Mapping[str, str]:
        """api/rate-limits: the reset is a moment in ISO 8601."""
        left = 300 if self.left is None else self.left
        reset = (self.now() + self.reset).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {
            "x-ratelimit-limit": "300",
            "x-ratelimit-remaining": str(left),
            "x-ratelimit-reset": reset,
        }

    def limited(self, asked: Asked) -> Reply:
        reset = (self.now() + self.reset).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return Reply(
            429, {"error": "Too many requests"}, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
        )

    def expired(self, asked: Asked) -> Reply:
        """Tokens do not expire (api/oauth-tokens); they are taken back."""
        return Reply(401, {"error": "The access token was revoked"})

    def broken(self, asked: Asked) -> Reply:
        return Reply(500, {"error": "Something went wrong on our end"})

    def missing(self, asked: Asked) -> Reply:
        return Reply(404, {"error": "Record not found"})

    # --- methods/instance

    @route("GET", r"/api/v2/instance", is_open=True)
    def instance(self, asked: Asked) -> Reply:
        configuration = {
            "statuses": {
                "max_characters": self.max_characters,
                "max_media_attachments": 4,
                "characters_reserved_per_url": 23,
            },
            "media_attachments": {
                "description_limit": 1500,
                "image_matrix_limit": 33177600,
                "image_size_limit": 16777216,
                "supported_mime_types": ["image/jpeg", "image/png", "image/webp", "video/mp4"],
            },
        }
        return Reply(200, {"domain": "moot.example", "version": self.version, "configuration": configuration})

    # --- methods/apps, methods/oauth

    @route("POST", r"/api/v1/apps", is_open=True)
    def register(self, asked: Asked) -> Reply:
        given = asked.json
        if not given.get("client_name") or not given.get("redirect_uris"):
            return Reply(422, {"error": "Validation failed: Redirect URI can't be blank"})
        number = f"app-{self.number()}"
        self.apps[number] = {"secret": f"secret-{number}", **given}
        return Reply(
            200,
            {
                "id": number,
                "client_id": number,
                "client_secret": f"secret-{number}",
                "name": given["client_name"],
            },
        )

    def agree(self, query: Mapping[str, str], scopes: str = "") -> str:
        """What happens when the person agrees: a code that holds once."""
        app = self.apps[query["client_id"]]
        assert query["redirect_uri"] == app["redirect_uris"]
        assert set(query["scope"].split()) <= set(app["scopes"].split())
        code = f"code-{self.number()}"
        self.codes[code] = {**query, "given": scopes or query["scope"]}
        return code

    @route("POST", r"/oauth/token", is_open=True)
    def token(self, asked: Asked) -> Reply:
        given = {name: values[0] for name, values in asked.form.items()}
        kept = self.codes.pop(given.get("code", ""), None)
        app = self.apps.get(given.get("client_id", ""))
        if app is None or app["secret"] != given.get("client_secret"):
            return Reply(
                401, {"error": "invalid_client", "error_description": "Client authentication failed."}
            )
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            kept is None
            or kept["redirect_uri"] != given.get("redirect_uri")
            or kept["code_challenge"] != challenge
        ):
            return Reply(400, {"error": "invalid_grant", "error_description": "The grant is invalid."})
        token = f"token-{self.number()}"
        self.tokens[token] = kept["given"]
        return Reply(200, {"access_token": token, "token_type": "Bearer", "scope": kept["given"]})

    # --- methods/accounts

    @route("GET", r"/api/v1/accounts/verify_credentials")
    def me(self, asked: Asked) -> Reply:
        return Reply(
            200,
            {
                "id": "7",
                "acct": "moot",
                "url": "https://moot.example/@moot",
                "followers_count": self.followers,
            },
        )

    @route("GET", r"/api/v1/accounts/7/statuses")
    def own(self, asked: Asked) -> Reply:
        """The newest first; at most 40; ``max_id`` for what is older."""
        most = min(int(asked.one("limit", "20")), 40)
        older = int(asked.one("max_id", "0")) or None
        found = [each for each in reversed(self.posts) if older is None or int(each.id) < older]
        return Reply(200, [self.shown(each) for each in found[:most]])

    # --- methods/media

    @route("POST", r"/api/v2/media")
    def upload(self, asked: Asked) -> Reply:
        """200 when it is ready, 202 while it is worked on; 422 when it is no picture."""
        file = asked.files.get("file")
        if file is None or not file.content:
            return Reply(422, {"error": "Validation failed: File can't be blank"})
        if not file.type.startswith("image/"):
            return Reply(422, {"error": "Validation failed: File content type is invalid"})
        fields = {name: values[0] for name, values in asked.form.items()}
        if len(fields.get("description", "")) > 1500:
            return Reply(422, {"error": "Validation failed: Description is too long"})
        number = str(self.number())
        self.media[number] = {
            "id": number,
            "type": "image",
            "description": fields.get("description") or None,
            "focus": fields.get("focus", ""),
            "waits": self.slow_media,
            "post": None,
            "sha256": hashlib.sha256(file.content).hexdigest(),
        }
        return Reply(202 if self.slow_media else 200, {"id": number, "type": "image"})

    @route("GET", r"/api/v1/media/(?P<number>\d+)")
    def picture(self, asked: Asked, number: str) -> Reply:
        """206 while it is worked on; 404 once it is attached."""
        found = self.media.get(number)
        if found is None or found["post"]:
            return self.missing(asked)
        if found["waits"] > 1:
            found["waits"] -= 1
            return Reply(206, {"id": number})
        found["waits"] = 0
        return Reply(200, {"id": number})

    # --- methods/statuses

    @route("POST", r"/api/v1/statuses")
    def publish(self, asked: Asked) -> Reply:
        key = asked.headers.get("idempotency-key", "")
        if self.keeps_keys and key:
            # "stored for up to 1 hour"; the key is looked up before anything is checked (post_status_service.rb).
            known, at = self.keys.get(key, ("", self.now()))
            post = self.find(known) if known and at > self.now() - dt.timedelta(hours=1) else None
            if post is not None:
                return self.broken(asked) if self.replay_fails else Reply(200, self.shown(post))
        given = asked.json
        if wrong := self.wrong(given):
            return wrong
        answers_to = str(given.get("in_reply_to_id") or "")
        if answers_to and self.find(answers_to) is None:
            return self.missing(asked)
        post = self.accept(str(given.get("status") or ""), {**given}, key=key)
        for number in given.get("media_ids") or ():
            self.media[str(number)]["post"] = post.id
        if key:
            self.keys[key] = (post.id, self.now())
        return Reply(200, self.shown(post))

    def wrong(self, given: Json, post: str | None = None) -> Reply | None:
        """422, and why."""
        text, media = str(given.get("status") or ""), [str(each) for each in given.get("media_ids") or ()]
        if not text.strip() and not media:
            return Reply(422, {"error": "Validation failed: Text can't be blank"})
        if len(media) > 4:
            return Reply(422, {"error": "Cannot attach more than 4 files"})
        for number in media:
            found = self.media.get(number)
            if found is None or found["post"] not in (None, post):
                return Reply(422, {"error": "The media attachment was not found"})
            if found["waits"]:
                return Reply(422, {"error": "Cannot attach files that have not finished processing."})
        if given.get("visibility", "public") not in ("public", "unlisted", "private", "direct"):
            return Reply(422, {"error": "Validation failed: Visibility is invalid"})
        if counting.mastodon(text, warning=str(given.get("spoiler_text") or "")) > self.max_characters:
            return Reply(
                422, {"error": f"Validation failed: Text character limit of {self.max_characters} exceeded"}
            )
        return None

    @route("GET", r"/api/v1/statuses")
    def several(self, asked: Asked) -> Reply:
        """4.3: at most 20 (api/v1/statuses_controller.rb); what is not there is left out."""
        numbers = asked.query.get("id[]", [])
        if not self.knows_batches:
            return self.missing(asked)
        if len(numbers) > 20:
            return Reply(422, {"error": "Validation failed"})
        return Reply(200, [self.shown(post) for number in numbers if (post := self.find(number))])

    @route("GET", r"/api/v1/statuses/(?P<number>\d+)")
    def show(self, asked: Asked, number: str) -> Reply:
        post = self.find(number)
        return Reply(200, self.shown(post)) if post else self.missing(asked)

    @route("PUT", r"/api/v1/statuses/(?P<number>\d+)")
    def edit(self, asked: Asked, number: str) -> Reply:
        """Who sees it cannot be changed; pictures may be described anew by ``media_attributes``."""
        post = self.find(number)
        if post is None:
            return self.missing(asked)
        given = asked.json
        if wrong := self.wrong(given, post.id):
            return wrong
        post.text = str(given.get("status") or "")
        post.content = {**post.content, **given, "visibility": post.content.get("visibility")}
        for each in given.get("media_attributes") or ():
            self.media[str(each["id"])].update(
                description=each.get("description"), focus=each.get("focus", "")
            )
        for each in given.get("media_ids") or ():
            self.media[str(each)]["post"] = post.id
        post.data["edited_at"] = self.now().isoformat()
        return Reply(200, self.shown(post))

    @route("DELETE", r"/api/v1/statuses/(?P<number>\d+)")
    def delete(self, asked: Asked, number: str) -> Reply:
        post = self.find(number)
        if post is None:
            return self.missing(asked)
        self.remove(post)
        return Reply(200, {**self.shown(post), "text": post.text})

    # --- entities/Status

    def shown(self, post: Post) -> Json:
        """As entities/Status: the text as HTML, addresses cut by invisible spans, people without their server."""
        media = [self.media[str(number)] for number in post.content.get("media_ids") or ()]
        counts: dict[str, Any] = post.data.get("counts", {})
        return {
            "id": post.id,
            "created_at": post.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "edited_at": post.data.get("edited_at"),
            "in_reply_to_id": post.content.get("in_reply_to_id"),
            "sensitive": bool(post.content.get("sensitive")),
            "spoiler_text": post.content.get("spoiler_text") or "",
            "visibility": post.content.get("visibility") or "public",
            "language": post.content.get("language"),
            "uri": f"https://moot.example/users/moot/statuses/{post.id}",
            "url": f"https://moot.example/@moot/{post.id}",
            "content": html_of(post.text),
            "media_attachments": [
                {"id": each["id"], "type": "image", "description": each["description"]} for each in media
            ],
            "replies_count": counts.get("replies", 0),
            "reblogs_count": counts.get("shares", 0),
            "favourites_count": counts.get("likes", 0),
            "quotes_count": counts.get("quotes", 0),
        }


def html_of(text: str) -> str:
    """Paragraphs, breaks, links, people: as Mastodon's text_formatter.rb does."""

    def marked(found: re.Match[str]) -> str:
        if found["user"]:
            host = found["host"] or "moot.example"
            return (
                f'<span class="h-card"><a href="https://{host}/@{found["user"]}" class="u-url mention">'
                f"@<span>{found['user']}</span></a></span>"
            )
        scheme, _slashes, rest = found["link"].partition("://")
        return (
            f'<a href="{found["link"]}" target="_blank" rel="nofollow noopener">'
            f'<span class="invisible">{scheme}://</span><span class="ellipsis">{rest[:30]}</span>'
            f'<span class="invisible">{rest[30:]}</span></a>'
        )

    paragraphs = [
        _MARKS.sub(marked, escape(each, quote=False)).replace("\n", "<br />")
        for each in re.split(r"\n\n+", text.strip())
    ]
    return "".join(f"<p>{each}</p>" for each in paragraphs)
