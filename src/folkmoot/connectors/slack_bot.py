"""Messages in a channel of Slack, written by an app's bot.

Each message carries a mark in its metadata, which no reader sees. When an answer is lost, the channel's messages since
the try began (for an answer in a thread: the thread's) are read and looked through for it. Pictures are handed over
first, seen by nobody; the message then names them, so that it stays one message, written once.

Sources: Slack's documentation of chat.postMessage, chat.update, chat.delete, conversations.history and .replies,
reactions.get, files.getUploadURLExternal and .completeUploadExternal; "Message metadata"; "Slack file object";
"Rate limits" (one message a second a channel).
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import (
    Access,
    CannotOpen,
    Outcome,
    Payload,
    Readback,
    Renewed,
    Sender,
    Sending,
    Sent,
    Setting,
    Tried,
    connectors,
)
from folkmoot.connectors.markup import MarkupConnector, mrkdwn, whole
from folkmoot.connectors.posts import (
    Ability,
    Content,
    Limits,
    Media,
    Mention,
    Scope,
)
from folkmoot.connectors.slack.client import API_URL, GONE, Said, Slack, outcome_of
from folkmoot.connectors.slack.signin import SlackSignIn, renewed
from folkmoot.kernel.http import HttpProblem, OutcomeUnknown

#: What the metadata of our messages is called.
EVENT = "folkmoot_post"
#: "For best results, limit the number of characters in the text field to 4,000"; chat.update takes no more.
LONGEST = 4000
#: Of one section of a message with pictures.
SECTION = 3000
#: How far Slack's clock and ours may be apart.
SKEW = dt.timedelta(minutes=5)
#: Slack works on a picture for a moment before a message may name it ("Files are processed asynchronously").
FILE_WAITS = (1.0, 2.0, 4.0)
CHANNEL = re.compile(r"[CG][A-Z0-9]{5,}")


class SlackSender(Sender):
    """A line to one channel of a workspace."""

    def __init__(
        self, slack: Slack, channel: str, looks: int, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._slack, self._channel, self._looks, self._pause = slack, channel, looks, pause

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        content = Content.of(payload)
        thread = sending.root.remote_id if sending.root else ""
        try:
            blocks = self._blocks(content, sending)
        except LookupError as problem:
            return Outcome.no(str(problem.args[0]))
        except HttpProblem as problem:
            return _not_handed_over(problem)
        body = {
            "channel": self._channel,
            "text": mrkdwn(whole(content)),
            "metadata": {"event_type": EVENT, "event_payload": {"marker": _marker(content, sending)}},
            **({"blocks": blocks} if blocks else {}),
            **({"thread_ts": thread} if thread else {}),
        }
        try:
            found = self._patiently("chat.postMessage", body)
        except HttpProblem as problem:
            return outcome_of(problem)
        return self._there(str(found.get("ts") or ""), str(found.get("channel") or ""), thread)

    def reconcile(self, payload: Payload, tried: Tried) -> Outcome:
        """Look for the mark. Not there at the last look, after ten minutes, means that it was not taken."""
        sought = _marker(Content.of(payload), tried)
        thread = tried.root.remote_id if tried.root else ""
        method = "conversations.replies" if thread else "conversations.history"
        asked: dict[str, Any] = {
            "channel": self._channel,
            "ts": thread,
            "oldest": f"{(tried.began_at - SKEW).timestamp():.6f}",
            "include_all_metadata": "true",
            "limit": 100,
        }
        cursor = ""
        try:
            while True:
                page = self._slack.read(method, **asked, cursor=cursor)
                for row in page.get("messages") or ():
                    if isinstance(row, dict) and _marked(row) == sought:
                        return self._there(str(row.get("ts") or ""), self._channel, thread)
                more = page.get("response_metadata")
                cursor = str(more.get("next_cursor") or "") if isinstance(more, dict) else ""
                if not cursor:
                    break
        except HttpProblem as problem:
            return Outcome.unknown(problem.words if isinstance(problem, Said) else str(problem))
        words = _now("It is not among the messages of the channel.")
        return Outcome.no(words) if tried.looks + 1 >= self._looks else Outcome.unknown(words)

    def correct(self, sent: Sent, payload: Payload, sending: Sending) -> Outcome:
        content = Content.of(payload)
        try:
            body = {
                "channel": self._where(sent),
                "ts": sent.remote_id,
                "text": mrkdwn(whole(content)),
                "blocks": self._blocks(content, sending),
            }
            self._patiently("chat.update", body)
        except LookupError as problem:
            return Outcome.no(str(problem.args[0]))
        except HttpProblem as problem:
            return outcome_of(problem)
        return Outcome.yes(
            _now("on Slack"), remote_id=sent.remote_id, remote_url=sent.remote_url, remote=sent.remote
        )

    def withdraw(self, sent: Sent) -> Outcome:
        try:
            self._slack.write("chat.delete", {"channel": self._where(sent), "ts": sent.remote_id})
        except Said as problem:
            if problem.error not in GONE:
                return problem.outcome()
        except HttpProblem as problem:
            return outcome_of(problem)
        return Outcome.yes(_now("not on Slack any more"))

    def figures(self, sent: Sequence[Sent]) -> Mapping[str, Mapping[str, int]]:
        """Reactions and answers."""
        found = {}
        for each in sent:
            try:
                row = self._one(each)
            except Said as problem:
                if problem.error in GONE:
                    continue
                raise OutcomeUnknown("GET", "Slack", problem.words) from None
            if row is not None:
                found[each.remote_id] = _counted(row)
        return found

    def followers(self) -> int | None:
        """Members of the channel; ``None`` when the app may not know."""
        try:
            found = self._slack.read(
                "conversations.info", channel=self._channel, include_num_members="true"
            ).get("channel")
        except Said:
            return None
        count = found.get("num_members") if isinstance(found, dict) else None
        return int(count) if isinstance(count, int) else None

    def account(self) -> str:
        """The bot and its workspace."""
        try:
            found = self._slack.read("auth.test")
        except Said as problem:
            raise CannotOpen(problem.words) from None
        return f"{found.get('user') or ''} · {found.get('team') or ''}"

    def close(self) -> None:
        self._slack.close()

    def _where(self, sent: Sent) -> str:
        return str(sent.remote.get("channel") or self._channel)

    def _patiently(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Write it; a picture that Slack still works on is waited for: until then it says no, and nothing is there."""
        for wait in (*FILE_WAITS, None):
            try:
                return self._slack.write(method, body)
            except Said as problem:
                if wait is None or problem.error != "invalid_blocks" or "slack_file" not in problem.detail:
                    raise
                self._pause(wait)
        raise AssertionError("the last try returns or raises")

    def _there(self, ts: str, channel: str, thread: str) -> Outcome:
        if not ts:
            return Outcome.unknown(_now("Slack said yes, but not where it is."))
        channel = channel or self._channel
        try:
            found = self._slack.read("chat.getPermalink", channel=channel, message_ts=ts)
            address = str(found.get("permalink") or "")
        except HttpProblem:
            address = ""  # it is there all the same
        remote = {"channel": channel, **({"thread": thread} if thread else {})}
        return Outcome.yes(_now("on Slack"), remote_id=ts, remote_url=address, remote=remote)

    def _one(self, sent: Sent) -> dict[str, Any] | None:
        """A message as it is now; ``None`` when it is gone."""
        channel, ts = self._where(sent), sent.remote_id
        if sent.remote.get("thread"):
            row = self._slack.read("reactions.get", channel=channel, timestamp=ts, full="true").get("message")
            return row if isinstance(row, dict) else None
        page = self._slack.read(
            "conversations.history", channel=channel, oldest=ts, latest=ts, inclusive="true", limit=1
        )
        rows = [row for row in page.get("messages") or () if isinstance(row, dict) and row.get("ts") == ts]
        return rows[0] if rows and rows[0].get("subtype") != "tombstone" else None

    def _blocks(self, content: Content, sending: Sending) -> list[dict[str, Any]]:
        """Text and pictures of a message with pictures; none for one without."""
        if not content.media:
            return []
        ids = [self._handed_over(each, sending.read(each.file)) for each in content.media]
        text = [
            {"type": "section", "text": {"type": "mrkdwn", "text": piece}}
            for piece in sections(mrkdwn(whole(content)))
        ]
        return [
            *text,
            *(
                {"type": "image", "slack_file": {"id": name}, "alt_text": each.alt}
                for name, each in zip(ids, content.media, strict=True)
            ),
        ]

    def _handed_over(self, media: Media, content: bytes) -> str:
        """Slack's name of a picture that only this app sees as yet."""
        place = self._slack.form(
            "files.getUploadURLExternal",
            {"filename": media.file.rpartition("/")[2], "length": len(content), "alt_txt": media.alt[:1000]},
        )
        name = str(place.get("file_id") or "")
        self._slack.upload(str(place.get("upload_url") or ""), content)
        self._slack.write("files.completeUploadExternal", {"files": [{"id": name, "title": media.alt[:200]}]})
        return name


def sections(text: str) -> list[str]:
    """A text in pieces that fit a section, cut at lines, else at spaces."""
    found, rest = [], text.strip()
    while len(rest) > SECTION:
        cut = max(rest.rfind("\n", 0, SECTION), 0) or max(rest.rfind(" ", 0, SECTION), 0) or SECTION
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*found, rest] if rest else found


def _marker(content: Content, sending: Sending) -> str:
    return content.marker or sending.key


def _marked(row: Mapping[str, Any]) -> str:
    """The mark of a message; ``""`` where it has none of ours."""
    metadata = row.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT:
        return ""
    carried = metadata.get("event_payload")
    return str(carried.get("marker") or "") if isinstance(carried, dict) else ""


def _counted(row: Mapping[str, Any]) -> dict[str, int]:
    reactions = [one for one in row.get("reactions") or () if isinstance(one, dict)]
    found = {"likes": sum(int(one.get("count") or 0) for one in reactions)}
    if "thread_ts" not in row or row.get("thread_ts") == row.get("ts"):
        found["replies"] = int(row.get("reply_count") or 0)
    return found


def _not_handed_over(problem: HttpProblem) -> Outcome:
    """No message was written yet, whatever became of the pictures."""
    found = outcome_of(problem)
    if isinstance(problem, Said) and (found.channel or found.wait is not None):
        return found
    words = _now("A picture could not be handed over.")
    return Outcome.no(f"{words} {found.words}", transient=True)


SCOPES = (
    Scope("chat:write", _("to write, change and delete its own messages")),
    Scope(
        "channels:history", _("to find a message whose answer was lost; for private channels groups:history")
    ),
    Scope("metadata.message:read", _("to see the mark by which such a message is found")),
    Scope("channels:read", _("to count the members of the channel")),
    Scope("groups:read", _("the same in a private channel")),
    Scope("reactions:read", _("to count reactions")),
    Scope("files:write", _("to hand over pictures")),
)


@connectors.declare
class SlackBot(MarkupConnector):
    """A message in a Slack channel."""

    key = "slack"
    label = _("Slack")
    order = 50
    icon = "slack"
    abilities = frozenset(
        {
            Ability.THREAD,
            Ability.IMAGES,
            Ability.ALT,
            Ability.CORRECT,
            Ability.WITHDRAW,
            Ability.FIGURES,
            Ability.FOLLOWERS,
            Ability.READ_BACK,
        }
    )
    limits = Limits(
        text=LONGEST,
        images=10,
        alt=2000,
        types=("image/jpeg", "image/png", "image/gif"),
    )
    scopes = SCOPES
    sign_in = SlackSignIn(tuple(scope.name for scope in SCOPES))
    guide = (
        _("On api.slack.com: Your apps, Create New App, From scratch; choose the workspace."),
        _(
            "Under OAuth & Permissions add the bot token scopes chat:write, channels:history, metadata.message:read, "
            "channels:read, reactions:read and files:write; for a private channel groups:history and groups:read too."
        ),
        _("Install the app to the workspace and copy the Bot User OAuth Token, which begins with xoxb-."),
        _(
            "In Slack, write /invite and the app's name in the channel. The channel's ID stands below its details."
        ),
    )
    settings = (
        Setting(
            "channel",
            _("ID of the Slack channel"),
            _("Such as C024BE91L: at the bottom of the channel's details."),
            is_required=True,
        ),
        Setting("token", _("Bot token"), _("It begins with xoxb-. Stored encrypted."), is_secret=True),
        Setting(
            "client_id", _("Client ID of the app"), _("Only to connect by going to Slack, without a token.")
        ),
        Setting(
            "client_secret", _("Client secret of the app"), _("As above. Stored encrypted."), is_secret=True
        ),
        Setting(
            "api_url",
            _("Address of the interface"),
            _("Empty: slack.com. GovSlack: https://slack-gov.com/api."),
        ),
    )
    readback = Readback.MARKER
    looks = (20, 120, 600)
    allows = {"text": LONGEST}
    pace = 60

    def open(self, access: Access) -> Sender:
        if not access.text("token"):
            raise CannotOpen(_now("There is no token."))
        slack = Slack(access.text("token"), access.text("api_url") or API_URL)
        return SlackSender(slack, access.text("channel"), len(self.looks))

    def renew(self, access: Access) -> Renewed | None:
        return renewed(access)

    def wrong_settings(self, access: Access) -> dict[str, str]:
        """The channel by its ID; a token, or an app to get one with."""
        found = super().wrong_settings(access)
        if not CHANNEL.fullmatch(access.text("channel")):
            found["channel"] = str(_("ID of the Slack channel"))
        if not access.text("token") and not (access.text("client_id") and access.text("client_secret")):
            found["token"] = str(_("Bot token"))
        return found

    def written(self, mention: Mention) -> str:
        return f"<@{mention.id}>" if mention.id else mention.text

    def length(self, text: str, limits: Limits) -> int:
        """As it is sent: escaped, with links written out."""
        return len(mrkdwn(text))

    def problems(self, payload: Payload, access: Access | None = None) -> list[str]:
        found = super().problems(payload, access)
        if any(not each.alt.strip() for each in Content.of(payload).media):
            found.append(_now("Slack takes no picture without a description."))
        return found
