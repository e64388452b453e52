"""A Bluesky of our own: a server of the AT Protocol and an AppView in one.

Written from the lexicons of com.atproto and app.bsky and Bluesky's documentation; what a real PDS (0.5.35) was seen to
answer is marked "seen". ``tests/connectors/test_bluesky_real.py`` asks the real one the same questions.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping

from folkmoot.connectors.counting import graphemes, octets
from tests.platforms.base import Asked, Json, Platform, Post, Reply, route

DID = "did:plc:mootmootmootmootmootmoot"
HANDLE, PASSWORD = "moot.test", "abcd-efgh-ijkl-mnop"
COLLECTION = "app.bsky.feed.post"
_TID = re.compile(r"[234567a-j][234567a-z]{12}")


def no(error: str, message: str, status: int = 400, **headers: str) -> Reply:
    """An error as XRPC tells it."""
    return Reply(status, {"error": error, "message": message}, headers)


class BlueskyServer(Platform):
    """One account, ``@moot.test``.

    Attributes:
        handles: whom ``resolveHandle`` finds.
        status: ``deactivated`` or ``takendown``: of the account.
        access, refresh: how long tokens hold.
        left: writes that are left until the limit; ``None``: no limit.
        blob_limit: bytes of a picture.
    """

    def __init__(self) -> None:
        super().__init__()
        self.handles = {HANDLE: DID, "ada.test": "did:plc:adaadaadaadaadaadaadaada"}
        self.password = PASSWORD
        self.status = ""
        self.access = dt.timedelta(hours=2)
        self.refresh = dt.timedelta(days=90)
        self.left: int | None = None
        self.blob_limit = 1_000_000
        self.followers = 421
        self.refreshable: set[str] = set()
        self.sessions: list[dt.datetime] = []
        self.blobs: dict[str, bytes] = {}

    # --- common rules

    def refused(self, asked: Asked) -> Reply | None:
        claims = _claims(asked.bearer)
        if not asked.bearer:
            return no("AuthenticationRequired", "Authentication Required", 401)
        if claims.get("scope") != "com.atproto.appPass" or claims.get("sub") != DID:
            return no("InvalidToken", "Token could not be verified")
        if claims["exp"] <= self.now().timestamp():
            return no("ExpiredToken", "Token has expired")  # seen: 400, not 401
        if self.status:
            error = {"deactivated": "AccountDeactivated", "takendown": "AccountTakedown"}[self.status]
            return no(error, f"Account is {self.status}", 401)  # seen
        if self.left is not None and asked.method == "POST":
            if self.left <= 0:
                return self.limited(asked)
            self.left -= 1
        return None

    def headers(self, asked: Asked) -> Mapping[str, str]:
        left = 2999 if self.left is None else self.left
        return {
            "ratelimit-limit": "3000",
            "ratelimit-remaining": str(left),
            "ratelimit-reset": str(int(self.now().timestamp()) + 300),
            "ratelimit-policy": "3000;w=300",
        }

    def limited(self, asked: Asked) -> Reply:
        reset = str(int(self.now().timestamp()) + 300)
        return no(
            "RateLimitExceeded",
            "Rate Limit Exceeded",
            429,
            **{"ratelimit-remaining": "0", "ratelimit-reset": reset},
        )

    def expired(self, asked: Asked) -> Reply:
        return no("ExpiredToken", "Token has expired")

    def broken(self, asked: Asked) -> Reply:
        return no("InternalServerError", "Internal Server Error", 500)

    def missing(self, asked: Asked) -> Reply:
        return no("MethodNotImplemented", "Method Not Implemented", 501)

    # --- com.atproto.server

    @route("POST", r"/xrpc/com\.atproto\.server\.createSession", is_open=True)
    def begin(self, asked: Asked) -> Reply:
        """30 in five minutes (documentation, "Rate limits"; seen: with ``retry-after``)."""
        now = self.now()
        self.sessions = [each for each in self.sessions if each > now - dt.timedelta(minutes=5)]
        if len(self.sessions) >= 30:
            return no("RateLimitExceeded", "Rate Limit Exceeded", 429, **{"retry-after": "300"})
        self.sessions.append(now)
        given = asked.json
        if given.get("identifier", "").lower() not in (HANDLE, DID) or given.get("password") != self.password:
            return no("AuthenticationRequired", "Invalid identifier or password", 401)
        if self.status == "takendown":
            return no("AccountTakedown", "Account has been taken down", 401)
        return self._session()

    @route("POST", r"/xrpc/com\.atproto\.server\.refreshSession", is_open=True)
    def renew(self, asked: Asked) -> Reply:
        """A token for renewing holds once."""
        claims = _claims(asked.bearer)
        if claims.get("scope") != "com.atproto.refresh":
            return no("InvalidToken", "Invalid token type")
        if claims["exp"] <= self.now().timestamp() or asked.bearer not in self.refreshable:
            return no("ExpiredToken", "Token has been revoked")
        self.refreshable.discard(asked.bearer)
        return self._session()

    def _session(self) -> Reply:
        access = self._token("com.atproto.appPass", self.access)
        refresh = self._token("com.atproto.refresh", self.refresh)
        self.refreshable.add(refresh)
        return Reply(
            200, {"did": DID, "handle": HANDLE, "accessJwt": access, "refreshJwt": refresh, "active": True}
        )

    def _token(self, scope: str, holds: dt.timedelta) -> str:
        until = int((self.now() + holds).timestamp())
        claims = {"scope": scope, "sub": DID, "exp": until, "jti": str(self.number())}
        head, body = (
            base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode()
            for each in ({"typ": "at+jwt", "alg": "HS256"}, claims)
        )
        return f"{head}.{body}.sig"

    @route("GET", r"/xrpc/com\.atproto\.server\.getSession")
    def me(self, asked: Asked) -> Reply:
        return Reply(200, {"did": DID, "handle": HANDLE, "active": True})

    @route("GET", r"/xrpc/com\.atproto\.identity\.resolveHandle", is_open=True)
    def who(self, asked: Asked) -> Reply:
        did = self.handles.get(asked.one("handle"))
        return Reply(200, {"did": did}) if did else no("InvalidRequest", "Unable to resolve handle")

    # --- com.atproto.repo

    @route("POST", r"/xrpc/com\.atproto\.repo\.uploadBlob")
    def upload(self, asked: Asked) -> Reply:
        if len(asked.body) > self.blob_limit:
            return no("PayloadTooLarge", "request entity too large", 413)
        cid = "bafkrei" + hashlib.sha256(asked.body).hexdigest()[:52]
        self.blobs[cid] = asked.body
        return Reply(
            200,
            {
                "blob": {
                    "$type": "blob",
                    "ref": {"$link": cid},
                    "mimeType": asked.headers.get("content-type", ""),
                    "size": len(asked.body),
                }
            },
        )

    @route("GET", r"/xrpc/com\.atproto\.repo\.getRecord", is_open=True)
    def show(self, asked: Asked) -> Reply:
        if asked.one("repo") not in (DID, HANDLE):
            return no("InvalidRequest", f"Could not find repo: {asked.one('repo')}")
        post = self.find(asked.one("rkey"))
        if post is None:
            return no(
                "RecordNotFound", f"Could not locate record: {self.uri(asked.one('rkey'))}"
            )  # seen: 400
        return Reply(200, {"uri": self.uri(post.id), "cid": cid_of(post.content), "value": post.content})

    @route("POST", r"/xrpc/com\.atproto\.repo\.putRecord")
    def put(self, asked: Asked) -> Reply:
        """Seen: the same again is a no-op without ``commit``; another with ``swapRecord: null`` is InvalidSwap."""
        given = asked.json
        key, record = str(given.get("rkey") or ""), given.get("record") or {}
        if wrong := self.wrong(given, key, record):
            return wrong
        post = self.find(key)
        now = cid_of(post.content) if post else None
        done = {"uri": self.uri(key), "cid": cid_of(record), "validationStatus": "valid"}
        if now == done["cid"]:
            return Reply(200, done)
        if "swapRecord" in given and given["swapRecord"] != now:
            return no("InvalidSwap", f"Record was at {now}")
        if post is None:
            self.accept(str(record["text"]), record, id=key)
        else:
            post.text, post.content = str(record["text"]), record
        return Reply(200, {**done, "commit": {"cid": "bafyreicommit", "rev": f"3k{self.number():011d}"}})

    def wrong(self, given: Json, key: str, record: Json) -> Reply | None:
        """Lexicon app.bsky.feed.post; the messages as seen."""
        if given.get("repo") not in (DID, HANDLE) or given.get("collection") != COLLECTION:
            return no("InvalidRequest", "Could not find repo")
        if not _TID.fullmatch(key):
            return no("InvalidRequest", f"Invalid record key: {key}")
        text = record.get("text")
        if not isinstance(text, str) or not record.get("createdAt"):
            return no("InvalidRecord", f"Invalid {COLLECTION} record: Missing required key at $.createdAt")
        if octets(text) > 3000:
            return no("InvalidRecord", "string too big (maximum 3000, got more) at $.text")
        if graphemes(text) > 300:
            return no("InvalidRecord", "grapheme too big (maximum 300, got more) at $.text")
        images = (record.get("embed") or {}).get("images") or []
        if len(images) > 4:
            return no("InvalidRecord", "array too big (maximum 4) at $.embed.images")
        for number, each in enumerate(images):
            if not isinstance(each.get("alt"), str):
                return no("InvalidRecord", f'Missing required key "alt" at $.embed.images[{number}].alt')
            if each["image"]["ref"]["$link"] not in self.blobs:
                return no("BlobNotFound", "Could not find blob")
        for facet in record.get("facets") or ():
            if not {"byteStart", "byteEnd"} <= set(facet["index"]) or not facet["features"]:
                return no("InvalidRecord", "Missing required key at $.facets")
        return None

    @route("POST", r"/xrpc/com\.atproto\.repo\.deleteRecord")
    def delete(self, asked: Asked) -> Reply:
        """What is not there is deleted already."""
        post = self.find(str(asked.json.get("rkey")))
        if post is None:
            return Reply(200, {})
        self.remove(post)
        return Reply(200, {"commit": {"cid": "bafyreicommit", "rev": f"3k{self.number():011d}"}})

    # --- app.bsky: the AppView

    @route("GET", r"/xrpc/app\.bsky\.feed\.getPosts", is_open=True)
    def several(self, asked: Asked) -> Reply:
        """At most 25; what is not there is left out."""
        uris = asked.query.get("uris", [])
        if len(uris) > 25:
            return no("InvalidRequest", "uris must not have more than 25 elements")
        known = {self.uri(post.id): post for post in self.posts}
        return Reply(200, {"posts": [self.shown(known[uri]) for uri in uris if uri in known]})

    def shown(self, post: Post) -> Json:
        """As app.bsky.feed.defs#postView."""
        counts = post.data.get("counts", {})
        return {
            "uri": self.uri(post.id),
            "cid": cid_of(post.content),
            "author": {"did": DID, "handle": HANDLE},
            "record": post.content,
            "likeCount": counts.get("likes", 0),
            "repostCount": counts.get("shares", 0),
            "replyCount": counts.get("replies", 0),
            "quoteCount": counts.get("quotes", 0),
            "indexedAt": post.at.isoformat(),
        }

    @route("GET", r"/xrpc/app\.bsky\.actor\.getProfile", is_open=True)
    def profile(self, asked: Asked) -> Reply:
        return Reply(200, {"did": DID, "handle": HANDLE, "followersCount": self.followers})

    def uri(self, key: str) -> str:
        """The address of a post."""
        return f"at://{DID}/{COLLECTION}/{key}"


def cid_of(record: Json) -> str:
    """A hash of the content: the same content has the same."""
    content = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
    return "bafyrei" + hashlib.sha256(content).hexdigest()[:52]


def _claims(token: str) -> Json:
    try:
        body = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, IndexError):
        return {}
    return found if isinstance(found, dict) else {}
