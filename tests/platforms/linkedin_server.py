"""A LinkedIn of our own, written from its documentation (Microsoft Learn); it was never compared with the real one.

Each rule has its page beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from tests.platforms.base import Asked, Json, Platform, Post, Reply, route

TOKEN = "linkedin-token-of-the-tests"
PAGE = "urn:li:organization:5515715"
PERSON = "urn:li:person:abc-123"
#: "little Text Format", Text: these mean something, and are escaped to be themselves.
RESERVED = "\\|{}@[]()<>#*_~"
_MENTION = re.compile(r"@\[((?:[^\\\[\]]|\\.)+)\]\((urn:li:(?:person|organization):[\w-]+)\)")
_TEMPLATE = re.compile(r"\{hashtag\|\\?#\|((?:[^\\{}|]|\\.)+)\}")
_HASHTAG = re.compile(r"#(\w+)")


def shown(little: str) -> tuple[str, list[str]]:
    """What readers see of a little text, and who is mentioned.

    A bare reserved character that begins no element ends the text, without an error: the documentation says that it
    has to be escaped, and those who did not saw their posts cut (brightbeanxyz/brightbean-studio#121).
    """
    text, mentioned, at = "", [], 0
    while at < len(little):
        if little[at] == "\\" and little[at + 1 : at + 2] in RESERVED:
            text, at = text + little[at + 1], at + 2
        elif found := _MENTION.match(little, at):
            text += re.sub(r"\\(.)", r"\1", found[1])
            mentioned.append(found[2])
            at = found.end()
        elif found := _TEMPLATE.match(little, at):
            text, at = f"{text}#" + re.sub(r"\\(.)", r"\1", found[1]), found.end()
        elif (found := _HASHTAG.match(little, at)) and "_" not in found[1]:
            text, at = text + found[0], found.end()
        elif little[at] in RESERVED:
            break
        else:
            text, at = text + little[at], at + 1
    return text, mentioned


class LinkedIn(Platform):
    """One page and one person, who share a token.

    Attributes:
        versions: that are answered ("Versioning": others 426).
        lag: so many times the posts of an author are told without the newest.
        slow: so many times a picture is said to be processed still.
        refreshes: whether the app is one of those that get refresh tokens.
        refresh_left: of the refresh token, in seconds ("Refresh Tokens": renewing does not move its end).
    """

    def __init__(self) -> None:
        super().__init__()
        self.tokens = [TOKEN]
        self.versions = {"202604", "202605", "202606"}
        self.lag = self.slow = 0
        self.images: dict[str, Json] = {}
        self.statistics: dict[str, Json] = {}
        self.follow = 321
        self.refreshes, self.refresh_left = True, 365 * 86_400
        self.codes = {"the-code"}
        self.refresh_tokens = {"refresh-0"}
        self.refuses_duplicates = True

    def refused(self, asked: Asked) -> Reply | None:
        if asked.bearer not in self.tokens:  # "Error Handling": 401, serviceErrorCode 65601
            return problem(
                401, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked", 65601
            )
        if asked.path.startswith("/rest/"):
            version = asked.headers.get("linkedin-version", "")
            if not version:  # "Versioning"
                return problem(400, "VERSION_MISSING", "A version must be present")
            if version not in self.versions:
                return problem(426, "NONEXISTENT_VERSION", f"Requested version {version} is not active")
            if asked.headers.get("x-restli-protocol-version") != "2.0.0":  # "Protocol Versions"
                return problem(400, "ILLEGAL_ARGUMENT", "Protocol version 2.0.0 is needed")
        return None

    def expired(self, asked: Asked) -> Reply:
        return problem(401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired", 65602)

    def limited(self, asked: Asked) -> Reply:  # "API Rate Limits": 429, no header that says until when
        return problem(429, "TOO_MANY_REQUESTS", "Resource level throttle APPLICATION DAY limit is reached")

    def broken(self, asked: Asked) -> Reply:
        return problem(500, "INTERNAL_SERVER_ERROR", "Internal Server Error")

    # --- posts ("Posts API")

    @route("POST", r"/rest/posts")
    def publish(self, asked: Asked) -> Reply:
        body = asked.json
        author, commentary = str(body.get("author")), str(body.get("commentary", ""))
        if author not in (PAGE, PERSON):
            return problem(
                403, "ACCESS_DENIED", "Not enough permissions to access: partnerApiPostsExternal.CREATE"
            )
        missing = {"visibility", "distribution", "lifecycleState"} - body.keys()
        if missing:
            return problem(422, "UNPROCESSABLE_ENTITY", f"{sorted(missing)[0]} is required")
        text, mentioned = shown(commentary)
        if len(text) > 3000:
            return problem(422, "FIELD_LENGTH_TOO_LONG", "commentary is longer than 3000 characters")
        if wrong := self._wrong_content(body.get("content") or {}):
            return wrong
        for each in self.posts:
            if (
                self.refuses_duplicates
                and each.data["author"] == author
                and each.content["commentary"] == commentary
            ):
                return problem(422, "DUPLICATE_POST", f"Content is a duplicate of {each.id}")
        name = f"urn:li:share:{7_000_000_000 + self.number()}"
        self.accept(text, body, id=name, author=author, mentioned=mentioned)
        return Reply(201, None, {"x-restli-id": name})

    def _wrong_content(self, content: Json) -> Reply | None:
        """One kind of content at most; pictures that are ready; "MultiImage API": two to twenty of them."""
        if len(content) > 1:
            return problem(422, "UNPROCESSABLE_ENTITY", "only one content type")
        multi = (content.get("multiImage") or {}).get("images")
        if multi is not None and not 2 <= len(multi) <= 20:
            return problem(422, "UNPROCESSABLE_ENTITY", "multiImage takes 2 to 20 images")
        single = [content["media"]] if "media" in content else []
        names = [str(each["id"]) for each in [*(multi or ()), *single]]
        article = content.get("article")
        if article is not None:
            if not article.get("source") or not article.get("title"):
                return problem(422, "UNPROCESSABLE_ENTITY", "article needs source and title")
            names += [article["thumbnail"]] if "thumbnail" in article else []
        for name in names:
            if name not in self.images or "content" not in self.images[name]:
                return problem(422, "UNPROCESSABLE_ENTITY", f"{name} is not ready")
        return None

    @route("GET", r"/rest/posts")
    def by_author(self, asked: Asked) -> Reply:
        """ "Find Posts by Authors": newest first; r_member_social is restricted, so nobody reads a person's."""
        if asked.headers.get("x-restli-method") != "FINDER":
            return problem(400, "ILLEGAL_ARGUMENT", "X-RestLi-Method: FINDER is needed")
        author = asked.one("author")
        if author != PAGE:
            return problem(403, "ACCESS_DENIED", "Not enough permissions to access: posts.FINDER-author")
        rows = [self._row(each) for each in self.posts if each.data["author"] == author][::-1]
        if self.lag:
            self.lag, rows = self.lag - 1, rows[1:]
        start, count = int(asked.one("start", "0")), min(int(asked.one("count", "10")), 100)
        return Reply(
            200, {"paging": {"start": start, "count": count}, "elements": rows[start : start + count]}
        )

    def _row(self, post: Post) -> Json:
        at = int(post.at.timestamp() * 1000)
        body = {name: post.content.get(name) for name in ("author", "commentary", "visibility", "content")}
        return {"id": post.id, "lifecycleState": "PUBLISHED", "createdAt": at, "publishedAt": at, **body}

    @route("GET", r"/rest/posts/(?P<name>[^/]+)")
    def one_post(self, asked: Asked, name: str) -> Reply:
        post = self.find(unquote(name))
        if post is None:
            return problem(404, "NOT_FOUND", "Not Found")
        if post.data["author"] != PAGE:
            return problem(403, "ACCESS_DENIED", "Not enough permissions to access: posts.GET")
        return Reply(200, self._row(post))

    @route("POST", r"/rest/posts/(?P<name>[^/]+)")
    def change(self, asked: Asked, name: str) -> Reply:
        """ "Update Posts": the text only; answers 204."""
        if asked.headers.get("x-restli-method") != "PARTIAL_UPDATE":
            return problem(400, "ILLEGAL_ARGUMENT", "X-RestLi-Method: PARTIAL_UPDATE is needed")
        post = self.find(unquote(name))
        values = (asked.json.get("patch") or {}).get("$set") or {}
        if post is None:
            return problem(404, "NOT_FOUND", "Not Found")
        if not values or values.keys() - {"commentary", "contentCallToActionLabel", "contentLandingPage"}:
            return problem(422, "UNPROCESSABLE_ENTITY", "this field cannot be updated")
        post.content["commentary"] = values["commentary"]
        post.text = shown(values["commentary"])[0]
        return Reply(204)

    @route("DELETE", r"/rest/posts/(?P<name>[^/]+)")
    def delete(self, asked: Asked, name: str) -> Reply:
        """ "Delete Posts": what is gone already answers 204 too."""
        post = self.find(unquote(name))
        if post is not None:
            self.remove(post)
        return Reply(204)

    # --- pictures ("Images API")

    @route("POST", r"/rest/images")
    def begin(self, asked: Asked) -> Reply:
        if asked.one("action") != "initializeUpload":
            return problem(400, "ILLEGAL_ARGUMENT", "no such action")
        owner = str((asked.json.get("initializeUploadRequest") or {}).get("owner"))
        number = self.number()
        name = f"urn:li:image:C{number}"
        self.images[name] = {"owner": owner, "looks": self.slow}
        return Reply(200, {"value": {"uploadUrl": f"{self.url}/uploads/{number}", "image": name}})

    @route("PUT", r"/uploads/(?P<number>\d+)")
    def upload(self, asked: Asked, number: str) -> Reply:
        self.images[f"urn:li:image:C{number}"]["content"] = asked.body
        return Reply(201)

    @route("GET", r"/rest/images/(?P<name>[^/]+)")
    def image(self, asked: Asked, name: str) -> Reply:
        """Only who may read an organisation's things is told."""
        found = self.images.get(unquote(name))
        if found is None:
            return problem(404, "NOT_FOUND", "Not Found")
        if found["owner"] != PAGE:
            return problem(403, "ACCESS_DENIED", "Not enough permissions to access: images.GET")
        if b"broken" in found.get("content", b""):
            return Reply(200, {"id": unquote(name), "status": "PROCESSING_FAILED"})
        if found["looks"] > 0:
            found["looks"] -= 1
            return Reply(200, {"id": unquote(name), "status": "PROCESSING"})
        return Reply(200, {"id": unquote(name), "status": "AVAILABLE"})

    # --- figures

    @route("GET", r"/rest/organizationalEntityShareStatistics")
    def counts(self, asked: Asked) -> Reply:
        """ "Organization Share Statistics": lists as Rest.li 2.0 writes them; what nobody saw is left out."""
        if asked.one("q") != "organizationalEntity" or asked.one("organizationalEntity") != PAGE:
            return problem(403, "ACCESS_DENIED", "Not enough permissions")
        rows = []
        for key, kind in (("shares", "share"), ("ugcPosts", "ugcPost")):
            written = asked.one(key)
            if not written:
                continue
            if not (written.startswith("List(") and written.endswith(")")):
                return problem(400, "QUERY_PARAM_NOT_ALLOWED", f"{key} is no list")
            for name in written[5:-1].split(","):
                if not name.startswith(f"urn:li:{kind}:"):
                    return problem(400, "ILLEGAL_ARGUMENT", f"{name} is no {kind}")
                if name in self.statistics:
                    row = {
                        "organizationalEntity": PAGE,
                        kind: name,
                        "totalShareStatistics": self.statistics[name],
                    }
                    rows.append(row)
        return Reply(200, {"elements": rows})

    @route("GET", r"/rest/networkSizes/(?P<name>[^/]+)")
    def network(self, asked: Asked, name: str) -> Reply:
        """ "Network Sizes"; the name of the edge is written so since version 202305."""
        if unquote(name) != PAGE or asked.one("edgeType") != "COMPANY_FOLLOWED_BY_MEMBER":
            return problem(400, "ILLEGAL_ARGUMENT", "no such edge")
        return Reply(200, {"firstDegreeSize": self.follow})

    # --- signing in ("Authorization Code Flow", "Refresh Tokens with OAuth 2.0")

    @route("POST", r"/oauth/v2/accessToken", is_open=True)
    def token(self, asked: Asked) -> Reply:
        form = {name: values[0] for name, values in asked.form.items()}
        if (form.get("client_id"), form.get("client_secret")) != ("app", "secret"):
            return Reply(
                401, {"error": "invalid_client", "error_description": "Client authentication failed"}
            )
        kind = form.get("grant_type")
        if kind == "authorization_code" and form.get("code") in self.codes and form.get("redirect_uri"):
            self.codes.discard(form["code"])
        elif not (kind == "refresh_token" and form.get("refresh_token") in self.refresh_tokens):
            said = "The provided authorization grant or refresh token is invalid, expired or revoked"
            return Reply(400, {"error": "invalid_grant", "error_description": said})
        token = f"{TOKEN}-{self.number()}"
        self.tokens = [token]
        told: dict[str, Any] = {"access_token": token, "expires_in": 5_184_000, "scope": "all"}
        if self.refreshes:
            told |= {"refresh_token": "refresh-0", "refresh_token_expires_in": self.refresh_left}
        return Reply(200, told)

    @route("GET", r"/v2/userinfo")
    def who(self, asked: Asked) -> Reply:
        return Reply(200, {"sub": PERSON.rpartition(":")[2], "name": "Ana Quintanar"})


def problem(status: int, code: str, message: str, service: int = 0) -> Reply:
    """How LinkedIn says no ("Error Handling")."""
    body: Mapping[str, Any] = {
        "status": status,
        "code": code,
        "message": message,
        "serviceErrorCode": service,
    }
    return Reply(status, body)
