"""A Discourse of our own: one forum with two categories and one user that may post.

Written from the Discourse API Documentation (docs.discourse.org, openapi.json) and, where that is silent, from what the
forum's source does; which file is said beside each rule.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from tests.platforms.base import Asked, Json, Platform, Post, Reply, route

KEY, USER = "key-of-the-tests", "moot"
#: config/site_settings.yml
SETTINGS = {
    "title": "The Moot",
    "min_post_length": 20,
    "min_first_post_length": 20,
    "max_post_length": 32_000,
    "min_topic_title_length": 15,
    "max_topic_title_length": 255,
    "max_image_size_kb": 4096,
}
CATEGORIES = [
    {"id": 1, "name": "Uncategorized", "slug": "uncategorized"},
    {"id": 7, "name": "News & Events", "slug": "news"},
]


def errors(status: int, *words: str, kind: str = "") -> Reply:
    """openapi.json and application_controller.rb: ``errors`` and ``error_type``."""
    return Reply(status, {"errors": list(words), **({"error_type": kind} if kind else {})})


class DiscourseServer(Platform):
    """The forum.

    Attributes:
        may: granular scopes of the key (models/api_key_scope.rb), as ``METHOD /path`` patterns; ``None``: all.
        moderates: new posts wait for a moderator.
        is_staff: the user sees deleted posts.
        settings: what the forum says of its limits.
        topics: by number: title, external id, posts.
    """

    def __init__(self) -> None:
        super().__init__()
        self.keys = {KEY}
        self.may: str | None = None
        self.moderates = False
        self.settings: Json = dict(SETTINGS)
        self.topics: dict[int, Json] = {}
        self.pending: list[Json] = []
        self.uploads: dict[str, bytes] = {}
        self.deleted: list[Post] = []

    # --- common rules

    def limited(self, asked: Asked) -> Reply:
        """application_controller.rb, rate limits: Retry-After, and ``extras.wait_seconds``."""
        body = {
            "errors": ["You’ve performed this action too many times, please try again later."],
            "error_type": "rate_limit",
            "extras": {"wait_seconds": 23, "time_left": "23 seconds"},
        }
        return Reply(429, body, {"retry-after": "23"})

    def expired(self, asked: Asked) -> Reply:
        """An API key that is not (any more) known."""
        words = "You are not permitted to view the requested resource. The API username or key is invalid."
        return errors(403, words, kind="invalid_access")

    def refused(self, asked: Asked) -> Reply | None:
        if asked.headers.get("api-key") not in self.keys or asked.headers.get("api-username") != USER:
            return self.expired(asked)
        if self.may is not None and not re.search(self.may, f"{asked.method} {asked.path}"):
            return self.expired(asked)
        return None

    def missing(self, asked: Asked) -> Reply:
        return errors(404, "The requested URL or resource could not be found.", kind="not_found")

    # --- writing

    @route("POST", r"/posts\.json")
    def publish(self, asked: Asked) -> Reply:
        given = asked.json
        raw, external = str(given.get("raw") or "").strip(), str(given.get("external_id") or "")
        wrong = []
        topic = None
        if "topic_id" in given:
            topic = self.topics.get(int(given["topic_id"]))
            if topic is None or topic["closed"]:
                return errors(
                    403, "You are not permitted to view the requested resource.", kind="invalid_access"
                )
        else:
            title = str(given.get("title") or "")
            least, most = self.settings["min_topic_title_length"], self.settings["max_topic_title_length"]
            if len(title) < least:
                wrong.append(f"Title is too short (minimum is {least} characters)")
            if len(title) > most:
                wrong.append(f"Title is too long (maximum is {most} characters)")
            if any(one["title"].casefold() == title.casefold() for one in self.topics.values()):
                wrong.append("Title has already been used")
            if external and any(one["external_id"] == external for one in self.topics.values()):
                wrong.append("External has already been taken")
            # models/topic.rb: EXTERNAL_ID_MAX_LENGTH = 50; the route takes letters, digits, _ and -
            if external and not re.fullmatch(r"[\w-]{1,50}", external):
                wrong.append("External is invalid")
            if given.get("category") not in (None, *(one["id"] for one in CATEGORIES)):
                wrong.append("Category is invalid")
        least, most = self.settings["min_post_length"], self.settings["max_post_length"]
        if len(raw) < least:
            wrong.append(f"Body is too short (minimum is {least} characters)")
        if len(raw) > most:
            wrong.append(f"Body is limited to {most} characters; you entered {len(raw)}.")
        if wrong:
            return Reply(422, {"action": "create_post", "errors": wrong})
        if self.moderates:
            # lib/new_post_manager.rb and post_action serializer: success, action "enqueued", pending_post
            row = {"id": self.number(), "raw_text": raw, "title": given.get("title"), "given": given}
            self.pending.append(row)
            return Reply(200, {"success": True, "action": "enqueued", "pending_post": {"id": row["id"]}})
        return Reply(200, self._row(self._post(given)))

    def _post(self, given: Json) -> Post:
        raw = str(given["raw"]).strip()
        if "topic_id" in given:
            number = int(given["topic_id"])
        else:
            number = 1000 + self.number()
            title = str(given["title"])
            self.topics[number] = {
                "title": title,
                "slug": re.sub(r"\W+", "-", title.lower()).strip("-"),
                "external_id": str(given.get("external_id") or ""),
                "category": given.get("category", 1),
                "tags": given.get("tags", []),
                "closed": False,
                "views": 0,
                "likes": 0,
                "posts": [],
            }
        topic = self.topics[number]
        topic["last"] = topic.get("last", 0) + 1
        post = self.accept(raw, dict(given), topic=number, post_number=topic["last"])
        topic["posts"].append(post.id)
        return post

    def approve(self) -> None:
        """A moderator lets what waits through."""
        while self.pending:
            self._post(self.pending.pop(0)["given"])

    def _row(self, post: Post, *, with_raw: bool = False) -> Json:
        topic = self.topics[post.data["topic"]]
        row: Json = {
            "id": int(post.id),
            "username": USER,
            "cooked": "<p>…</p>",
            "post_number": post.data["post_number"],
            "topic_id": post.data["topic"],
            "topic_slug": topic["slug"],
            "deleted_at": None,
            "user_deleted": False,
        }
        return {**row, "raw": post.text} if with_raw else row

    @route("PUT", r"/posts/(?P<number>\d+)\.json")
    def change(self, asked: Asked, number: str) -> Reply:
        post = self.find(number)
        if post is None:
            return self.missing(asked)
        post.text = str(asked.json["post"]["raw"]).strip()
        return Reply(200, {"post": self._row(post)})

    @route("PUT", r"/t/-/(?P<number>\d+)\.json")
    def rename(self, asked: Asked, number: str) -> Reply:
        topic = self.topics[int(number)]
        topic["title"] = asked.json["title"]
        return Reply(200, {"basic_topic": {"id": int(number), "title": topic["title"]}})

    @route("DELETE", r"/posts/(?P<number>\d+)\.json")
    def delete(self, asked: Asked, number: str) -> Reply:
        """posts_controller.rb, destroy: a first post takes its topic along; what is deleted may not be deleted."""
        post = self.find(number)
        if post is None:
            return errors(403, "You are not permitted to view the requested resource.", kind="invalid_access")
        gone = (
            [self.find(one) for one in self.topics[post.data["topic"]]["posts"]]
            if post.data["post_number"] == 1
            else [post]
        )
        for one in filter(None, gone):
            self.remove(one)
            self.deleted.append(one)
        return Reply(200, None)

    @route("POST", r"/uploads\.json")
    def upload(self, asked: Asked) -> Reply:
        """openapi.json: type composer, synchronous, file; the same content is the same upload."""
        file = asked.files["file"]
        if (
            asked.form.get("type") != ["composer"]
            or len(file.content) > self.settings["max_image_size_kb"] * 1024
        ):
            return errors(422, "Sorry, the image you are trying to upload is too big.")
        name = hashlib.sha1(file.content, usedforsecurity=False).hexdigest()[:27]
        self.uploads[name] = file.content
        return Reply(
            200, {"id": len(self.uploads), "short_url": f"upload://{name}.png", "width": 1, "height": 1}
        )

    # --- reading

    @route("GET", r"/t/external_id/(?P<external>[\w-]+)\.json")
    def by_external(self, asked: Asked, external: str) -> Reply:
        """openapi.json: "redirects to /t/{topic_id}.json"."""
        number = next((n for n, one in self.topics.items() if one["external_id"] == external), 0)
        if not number or not any(self.find(one) for one in self.topics[number]["posts"]):
            return self.missing(asked)
        place = f"{self.url}/t/{self.topics[number]['slug']}/{number}.json"
        return Reply(301, None, {"location": place})

    @route("GET", r"/t/(?:[\w-]+/)?(?P<number>\d+)\.json")
    def topic(self, asked: Asked, number: str) -> Reply:
        topic = self.topics.get(int(number))
        posts = [found for one in topic["posts"] if (found := self.find(one))] if topic else []
        if topic is None or not posts:
            return self.missing(asked)
        body: dict[str, Any] = {
            "id": int(number),
            "title": topic["title"],
            "slug": topic["slug"],
            "views": topic["views"],
            "like_count": topic["likes"],
            "posts_count": len(posts),
            "post_stream": {
                "posts": [self._row(one) for one in posts[:20]],
                "stream": [int(one.id) for one in posts],
            },
        }
        return Reply(200, body)

    @route("GET", r"/t/(?P<number>\d+)/posts\.json")
    def some(self, asked: Asked, number: str) -> Reply:
        """openapi.json: post_ids[]; include_raw as posts_controller.rb and topic_view_posts_serializer.rb take it."""
        wanted = asked.query.get("post_ids[]", [])
        raw = asked.one("include_raw") == "true"
        rows = [self._row(found, with_raw=raw) for one in wanted if (found := self.find(one))]
        return Reply(200, {"post_stream": {"posts": rows}, "id": int(number)})

    @route("GET", r"/posts/(?P<number>\d+)\.json")
    def post(self, asked: Asked, number: str) -> Reply:
        post = self.find(number)
        if post is not None:
            return Reply(200, self._row(post, with_raw=True))
        gone = next((one for one in self.deleted if one.id == number), None)
        if gone is None:
            return self.missing(asked)
        return Reply(200, {**self._row(gone), "deleted_at": "2026-11-20T12:00:00Z"})

    @route("GET", r"/posts/(?P<user>\w+)/pending\.json")
    def waiting(self, asked: Asked, user: str) -> Reply:
        """posts_controller.rb, pending: one's own."""
        rows = [{name: row[name] for name in ("id", "raw_text", "title")} for row in self.pending]
        return Reply(200, {"pending_posts": rows})

    @route("GET", r"/site/settings\.json")
    def site_settings(self, asked: Asked) -> Reply:
        """site_controller.rb, settings: what browsers are told."""
        return Reply(200, self.settings)

    @route("GET", r"/site\.json")
    def site(self, asked: Asked) -> Reply:
        return Reply(200, {"default_archetype": "regular", "categories": CATEGORIES})
