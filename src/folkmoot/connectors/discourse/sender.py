"""Posts on a forum: a topic for the first part of a thread, replies in it for the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _now

from folkmoot.connectors.base import Access, CannotOpen, Outcome, Payload, Sender, Sending, Sent, Tried
from folkmoot.connectors.discourse.client import Discourse, Said, outcome_of
from folkmoot.connectors.markup import markdown, whole
from folkmoot.connectors.posts import Content, Media
from folkmoot.kernel.http import HttpProblem, OutcomeUnknown

#: How many posts of a topic, from the end, are looked through for a reply.
LAST = 20
#: Of ``/site/settings.json``, what limits a post.
SETTINGS = (
    "min_post_length",
    "min_first_post_length",
    "max_post_length",
    "min_topic_title_length",
    "max_topic_title_length",
    "max_image_size_kb",
)


class NoPlace(Exception):
    """There is no such category, or no topic yet; the text says so. ``again``: there may be one later."""

    def __init__(self, words: str, *, again: bool = False) -> None:
        super().__init__(words)
        self.again = again


class TopicSender(Sender):
    """A line to one forum."""

    def __init__(self, discourse: Discourse, access: Access, looks: int) -> None:
        self._forum, self._access, self._looks = discourse, access, looks

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        content = Content.of(payload)
        try:
            pictures = self._pictures(content, sending)
        except LookupError as problem:
            return Outcome.no(str(problem.args[0]))
        except HttpProblem as problem:
            return _not_handed_over(problem)
        try:
            body = self._body(content, sending, pictures)
        except NoPlace as problem:
            return Outcome.no(str(problem), transient=problem.again)
        except HttpProblem as problem:  # only asked so far: nothing was written
            found = outcome_of(problem)
            return found if isinstance(problem, Said) else Outcome.no(found.words, transient=True)
        try:
            return self._made(self._forum.write("POST", "/posts.json", body), sending)
        except Said as problem:
            return self._refused(problem, sending)
        except HttpProblem as problem:
            return outcome_of(problem)

    def reconcile(self, payload: Payload, tried: Tried) -> Outcome:
        """By its external id, a topic; by its mark, a reply; either of them among what waits for a moderator."""
        content = Content.of(payload)
        try:
            if tried.root is None:
                found = self._topic(tried.planned_id)
                if found is not None:
                    return _of_topic(found, self._forum.address)
                waits = self._waits(lambda row: str(row.get("title") or "") == content.title.strip())
            else:
                row = self._reply(self._topic_of(tried.root), _mark(content, tried))
                if row is not None:
                    return _there(row, self._forum.address)
                waits = self._waits(lambda row: _mark(content, tried) in str(row.get("raw_text") or ""))
        except NoPlace as problem:
            return Outcome.unknown(str(problem))
        except HttpProblem as problem:
            return Outcome.unknown(problem.words if isinstance(problem, Said) else str(problem))
        if waits:
            return _enqueued(tried)
        words = _now("It is not on the forum.")
        return Outcome.no(words) if tried.looks + 1 >= self._looks else Outcome.unknown(words)

    def correct(self, sent: Sent, payload: Payload, sending: Sending) -> Outcome:
        content = Content.of(payload)
        try:
            post, topic, is_reply = self._numbers(sent)
            raw = self._raw(content, sending, self._pictures(content, sending), is_reply=is_reply)
            self._forum.write("PUT", f"/posts/{post}.json", {"post": {"raw": raw}})
            if not is_reply and content.title:
                self._forum.write("PUT", f"/t/-/{topic}.json", {"title": content.title.strip()})
        except LookupError as problem:
            return Outcome.no(str(problem.args[0]))
        except NoPlace as problem:
            return Outcome.no(str(problem), transient=problem.again)
        except HttpProblem as problem:
            return outcome_of(problem)
        return Outcome.yes(
            _now("on the forum"), remote_id=sent.remote_id, remote_url=sent.remote_url, remote=sent.remote
        )

    def withdraw(self, sent: Sent) -> Outcome:
        gone = Outcome.yes(_now("not on the forum any more"))
        try:
            post, _topic, _is_reply = self._numbers(sent)
        except NoPlace as problem:
            return Outcome.no(str(problem), transient=problem.again)
        except HttpProblem as problem:
            return outcome_of(problem)
        try:
            self._forum.write("DELETE", f"/posts/{post}.json", {})
        except Said as problem:
            # A post that is deleted already may not be deleted: the answer is the same as to who has no right to.
            if problem.status in (403, 404) and self._is_gone(post):
                return gone
            return problem.outcome()
        except HttpProblem as problem:
            return outcome_of(problem)
        return gone

    def figures(self, sent: Sequence[Sent]) -> Mapping[str, Mapping[str, int]]:
        """Views, likes and answers of the topic; they stand with its first post, replies tell nothing of their own."""
        found: dict[str, Mapping[str, int]] = {}
        for each in sent:
            if int(each.remote.get("post_number") or 1) > 1:
                continue
            try:
                topic = self._forum.seen(f"/t/{self._numbers(each)[1]}.json")
            except NoPlace:
                continue
            except Said as problem:
                raise OutcomeUnknown("GET", "Discourse", problem.words) from None
            if topic is not None:
                found[each.remote_id] = {
                    "views": int(topic.get("views") or 0),
                    "likes": int(topic.get("like_count") or 0),
                    "replies": max(0, int(topic.get("posts_count") or 1) - 1),
                }
        return found

    def facts(self) -> Mapping[str, Any]:
        """Lengths from the forum's settings, and its categories; what a key may not see is left out."""
        found: dict[str, Any] = {}
        settings = self._allowed("/site/settings.json")
        found |= {name: settings[name] for name in SETTINGS if isinstance(settings.get(name), int)}
        rows = self._allowed("/site.json").get("categories")
        if isinstance(rows, list):
            found["categories"] = [
                {name: row.get(name) for name in ("id", "name", "slug")}
                for row in rows
                if isinstance(row, dict)
            ]
        return found

    def account(self) -> str:
        """The user, once the forum has answered a question that every key for posting may ask."""
        try:
            self._topic("folkmoot")
        except Said as problem:
            raise CannotOpen(problem.words) from None
        return f"@{self._forum.user}"

    def close(self) -> None:
        self._forum.close()

    # --- what is sent

    def _pictures(self, content: Content, sending: Sending) -> list[tuple[Media, str]]:
        """Pictures, each with the short address that a post names it by."""
        return [
            (
                each,
                str(
                    self._forum.upload(each.file.rpartition("/")[2], sending.read(each.file), each.type).get(
                        "short_url"
                    )
                    or ""
                ),
            )
            for each in content.media
        ]

    def _raw(
        self, content: Content, sending: Sending, pictures: Sequence[tuple[Media, str]], *, is_reply: bool
    ) -> str:
        shown = [f"![{_alt(each)}]({address})" for each, address in pictures]
        text = "\n\n".join(filter(None, [markdown(whole(content)).strip(), *shown]))
        return f"{_mark(content, sending)}\n\n{text}" if is_reply else text

    def _body(
        self, content: Content, sending: Sending, pictures: Sequence[tuple[Media, str]]
    ) -> dict[str, Any]:
        is_reply = sending.root is not None
        raw = self._raw(content, sending, pictures, is_reply=is_reply)
        if sending.root is not None:
            return {"topic_id": self._topic_of(sending.root), "raw": raw}
        tags = [tag.strip() for tag in str(self._option(content, "tags")).split(",") if tag.strip()]
        category = self._category(str(self._option(content, "category")))
        return {
            "title": content.title.strip(),
            "raw": raw,
            "external_id": sending.planned_id,
            **({"category": category} if category else {}),
            **({"tags": tags} if tags else {}),
        }

    def _option(self, content: Content, name: str) -> object:
        return content.options.get(name) or self._access.text(name)

    def _category(self, wanted: str) -> int:
        """A category's number, from that, its name or its address; 0: the forum's own default.

        Raises:
            NoPlace, Said, NotSent, OutcomeUnknown
        """
        if not wanted or wanted.isdecimal():
            return int(wanted or 0)
        rows = self._access.facts.get("categories") or self._forum.read("/site.json").get("categories") or ()
        for row in rows:
            if wanted.casefold() in (str(row.get("name")).casefold(), str(row.get("slug")).casefold()):
                return int(row["id"])
        raise NoPlace(_now("There is no category “%(name)s” that this user sees.") % {"name": wanted})

    # --- what is there

    def _made(self, found: Any, sending: Sending) -> Outcome:
        """It was taken, and where it is; what cannot be read is looked for."""
        if isinstance(found, dict) and found.get("action") == "enqueued":
            return _enqueued(sending)
        row = found.get("post", found) if isinstance(found, dict) else None
        if not isinstance(row, dict) or not row.get("id") or not row.get("topic_id"):
            return Outcome.unknown(_now("Discourse said yes, but not where it is."))
        return _there(row, self._forum.address)

    def _refused(self, problem: Said, sending: Sending) -> Outcome:
        """A title or an id that is taken may be this very topic, from a try whose answer was lost."""
        if problem.status == 422 and sending.root is None:
            try:
                if (topic := self._topic(sending.planned_id)) is not None:
                    return _of_topic(topic, self._forum.address)
            except HttpProblem:
                return Outcome.unknown(problem.words)
        if problem.status in (403, 404) and sending.root is not None:
            return Outcome.no(problem.words)  # the topic is closed, or gone
        return problem.outcome()

    def _topic(self, external: str) -> dict[str, Any] | None:
        return self._forum.seen(f"/t/external_id/{external}.json") if external else None

    def _topic_of(self, root: Sent) -> int:
        """The number of the topic that a thread began.

        Raises:
            NoPlace: it waits for a moderator.
        """
        number = int(root.remote.get("topic") or 0)
        if number:
            return number
        topic = self._topic(root.remote_id)
        if topic is None:
            raise NoPlace(_now("The topic waits for a moderator of the forum."), again=True)
        return int(topic["id"])

    def _numbers(self, sent: Sent) -> tuple[int, int, bool]:
        """The numbers of a post and its topic, and whether it is a reply.

        Raises:
            NoPlace: it waits for a moderator.
        """
        topic = int(sent.remote.get("topic") or 0)
        if sent.remote_id.isdecimal() and topic:
            return int(sent.remote_id), topic, int(sent.remote.get("post_number") or 1) > 1
        found = self._topic(sent.remote_id)
        rows = (found or {}).get("post_stream", {}).get("posts") or ()
        if found is None or not rows:
            raise NoPlace(_now("It waits for a moderator of the forum."), again=True)
        return int(rows[0]["id"]), int(found["id"]), False

    def _reply(self, topic: int, mark: str) -> dict[str, Any] | None:
        """The post of a topic that carries a mark, among the last."""
        found = self._forum.seen(f"/t/{topic}.json") or {}
        numbers = list((found.get("post_stream") or {}).get("stream") or ())[-LAST:]
        if not numbers:
            return None
        page = self._forum.read(f"/t/{topic}/posts.json", {"post_ids[]": numbers, "include_raw": "true"})
        rows = (page.get("post_stream") or {}).get("posts") or ()
        return next((row for row in rows if mark in str(row.get("raw") or "")), None)

    def _waits(self, is_it: Callable[[Mapping[str, Any]], bool]) -> bool:
        """Whether it is among our user's posts that wait for a moderator, where the forum tells."""
        try:
            found = self._forum.read(f"/posts/{self._forum.user}/pending.json")
        except Said as problem:
            if problem.wait is not None:
                raise
            return False
        rows = found.get("pending_posts") if isinstance(found, dict) else None
        return any(is_it(row) for row in rows or () if isinstance(row, dict))

    def _is_gone(self, post: int) -> bool:
        try:
            row = self._forum.seen(f"/posts/{post}.json")
        except HttpProblem:
            return False
        return row is None or bool(row.get("deleted_at") or row.get("user_deleted"))

    def _allowed(self, path: str) -> dict[str, Any]:
        try:
            found = self._forum.read(path)
        except Said:
            return {}
        return found if isinstance(found, dict) else {}


def _mark(content: Content, sending: Sending) -> str:
    """What no reader sees: Discourse leaves comments out of what it shows, and keeps them in what was written."""
    return f"<!-- folkmoot:{content.marker or sending.key} -->"


def _alt(media: Media) -> str:
    """A description where Discourse reads it, with the picture's size behind."""
    text = " ".join(media.alt.split())
    for letter in "\\[]":
        text = text.replace(letter, f"\\{letter}")
    text = text.replace("|", "/")  # behind a stroke Discourse reads the size
    return f"{text}|{media.width}x{media.height}" if media.width and media.height else text


def _enqueued(sending: Sending) -> Outcome:
    return Outcome.yes(
        _now("It waits for a moderator of the forum."),
        remote_id=sending.planned_id,
        remote={"waits": True},
    )


def _of_topic(topic: Mapping[str, Any], address: str) -> Outcome:
    rows = (topic.get("post_stream") or {}).get("posts") or ()
    first = rows[0] if rows else {}
    return _there({"topic_id": topic.get("id"), "topic_slug": topic.get("slug"), **first}, address)


def _there(row: Mapping[str, Any], address: str) -> Outcome:
    topic, number = int(row.get("topic_id") or 0), int(row.get("post_number") or 1)
    place = f"{address}/t/{row.get('topic_slug') or '-'}/{topic}"
    return Outcome.yes(
        _now("on the forum"),
        remote_id=str(row.get("id") or ""),
        remote_url=f"{place}/{number}" if number > 1 else place,
        remote={"topic": topic, "post_number": number},
    )


def _not_handed_over(problem: HttpProblem) -> Outcome:
    """Nothing was written yet, whatever became of the pictures."""
    found = outcome_of(problem)
    if isinstance(problem, Said):
        return found
    words = _now("A picture could not be handed over.")
    return Outcome.no(f"{words} {found.words}", transient=True)
