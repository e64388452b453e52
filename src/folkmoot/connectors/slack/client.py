"""Asking Slack: methods of its Web API, and what its refusals mean.

Slack answers 200 to nearly everything; whether it did what was asked stands in ``ok``, and why not in ``error``.

Sources: Slack's documentation, "Using the Slack Web API" (``ok``, ``error``, ``warning``), "Rate limits" (429 with
``Retry-After``), and the table of errors of each method.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import Outcome
from folkmoot.kernel.http import Client, HttpProblem, Limits, NotSent, OutcomeUnknown, Verdict
from folkmoot.kernel.text import clean

API_URL = "https://slack.com/api"
#: Of these Slack itself says that something may have been done all the same.
UNSURE = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
RATE = frozenset({"ratelimited", "rate_limited"})
GONE = frozenset({"message_not_found", "thread_not_found"})

_TOKEN = _("Slack does not take the token. Put in the bot token of the app again.")
_REVOKED = _("The token was revoked, or the app removed from the workspace. Install the app again.")
_CLOSED = _("The administrators of the workspace do not allow this app to post there.")
#: What fails is the channel, whatever the message.
OF_CHANNEL: dict[str, Any] = {
    "invalid_auth": _TOKEN,
    "not_authed": _TOKEN,
    "token_expired": _("The token has expired."),
    "token_revoked": _REVOKED,
    "account_inactive": _REVOKED,
    "invalid_token": _("The address of the webhook was withdrawn. Make a new one."),
    "missing_scope": _(
        "The app lacks a right. Add the scopes that the channel's page lists, and install it again."
    ),
    "not_in_channel": _("The app is not in the Slack channel. Write /invite and the app's name there."),
    "channel_not_found": _(
        "There is no such Slack channel, or the app does not see it. Check its ID; to a private one, invite the app."
    ),
    "is_archived": _("The Slack channel is archived."),
    "channel_is_archived": _("The Slack channel is archived."),
    "no_service": _("The address of the webhook was withdrawn. Make a new one."),
    "no_team": _("The workspace is gone."),
    "team_disabled": _("The workspace is gone."),
    "action_prohibited": _CLOSED,
    "restricted_action": _CLOSED,
    "restricted_action_read_only_channel": _CLOSED,
    "restricted_action_thread_only_channel": _CLOSED,
    "restricted_action_non_threadable_channel": _CLOSED,
    "ekm_access_denied": _CLOSED,
    "access_denied": _CLOSED,
    "accesslimited": _CLOSED,
    "no_permission": _CLOSED,
    "org_login_required": _CLOSED,
    "team_access_not_granted": _CLOSED,
    "enterprise_is_restricted": _CLOSED,
    "posting_to_general_channel_denied": _CLOSED,
    "team_added_to_org": _("The workspace is being moved. Slack says that this takes a while."),
    "message_limit_exceeded": _("The workspace has used up its messages of this month."),
}
#: What fails is this message.
OF_MESSAGE: dict[str, Any] = {
    "msg_too_long": _("The text is too long for Slack."),
    "msg_blocks_too_long": _("The text is too long for Slack."),
    "no_text": _("There is no text."),
    "invalid_blocks": _("Slack does not take the pictures or the text."),
    "metadata_too_large": _("Slack does not take the mark by which the message is found again."),
    "cannot_reply_to_message": _("The message that this one follows takes no replies."),
    "edit_window_closed": _("The workspace does not allow messages to be changed so late."),
    "cant_update_message": _("Slack lets only the app that wrote a message change it."),
    "cant_delete_message": _("Slack lets only the app that wrote a message delete it."),
    "message_not_found": _("The message is not there any more."),
    "thread_not_found": _("The message that this one follows is not there any more."),
    "file_not_found": _("A picture that was handed over is not there any more."),
}


class Said(HttpProblem):
    """Slack's no. ``error`` is its own word; ``wait``: how many seconds it asks to wait."""

    def __init__(self, method: str, error: str, detail: str = "", wait: float | None = None) -> None:
        super().__init__("POST", method, f"{error} {detail}".strip())
        self.error, self.detail, self.wait = error, detail, wait

    @property
    def words(self) -> str:
        """For people, with Slack's own word behind."""
        known = OF_CHANNEL.get(self.error) or OF_MESSAGE.get(self.error)
        said = f"{self.error} {self.detail}".strip()
        return f"{known} {said}" if known else said

    def outcome(self) -> Outcome:
        """What it means for the message."""
        if self.wait is not None:
            return Outcome.no(self.words, transient=True, wait=self.wait)
        if self.error == "token_expired":
            return Outcome.no(self.words, transient=True, channel=True, expired=True)
        if self.error in OF_CHANNEL:
            return Outcome.no(self.words, transient=True, channel=True)
        return Outcome.no(self.words)


class Slack:
    """One workspace, asked with one token."""

    def __init__(self, token: str = "", api_url: str = API_URL) -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._http = Client(
            base_url=api_url.rstrip("/"), headers=headers, limits=Limits(tries=2, redirects=0)
        )

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def read(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask something; asked again when the answer breaks off.

        Raises:
            Said: Slack says no.
            NotSent, OutcomeUnknown: there is no answer.
        """
        asked = {name: value for name, value in params.items() if value not in ("", None)}
        return self._judged(method, "GET", f"/{method}", params=asked)

    def write(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Have something done: sent once.

        Raises:
            Said: Slack did not do it.
            NotSent: Slack got nothing.
            OutcomeUnknown: it may have been done.
        """
        return self._judged(method, "POST", f"/{method}", json=dict(body))

    def form(self, method: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """As :meth:`write`, for methods that take forms only."""
        return self._judged(method, "POST", f"/{method}", data=dict(fields))

    def upload(self, address: str, content: bytes) -> None:
        """Hand over a file's bytes at the address that Slack gave for it. No token goes there.

        Raises:
            Said, NotSent, OutcomeUnknown: as above.
        """
        with Client(limits=Limits(tries=1, redirects=0)) as plain:
            answer = plain.post(
                address, content=content, headers={"content-type": "application/octet-stream"}
            )
        if answer.verdict is not Verdict.YES:
            raise Said("upload", f"http_{answer.status}", clean(answer.text)[:100])

    def _judged(self, method: str, verb: str, path: str, **options: Any) -> dict[str, Any]:
        answer = self._http.request(verb, path, **options)
        if answer.status == 429:
            raise Said(method, "ratelimited", wait=answer.retry_after() or 60.0)
        if answer.verdict is Verdict.UNKNOWN:
            raise OutcomeUnknown(verb, method, f"{answer.status} {clean(answer.text)[:200]}".strip())
        try:
            found = answer.json()
        except OutcomeUnknown:
            if answer.verdict is Verdict.NO:
                raise Said(method, f"http_{answer.status}", clean(answer.text)[:100]) from None
            raise
        if not isinstance(found, dict) or not isinstance(found.get("ok"), bool):
            raise OutcomeUnknown(verb, method, f"{answer.status} {clean(answer.text)[:200]}".strip())
        if found["ok"]:
            return found
        error = str(found.get("error") or "unknown_error")
        if error in UNSURE:
            raise OutcomeUnknown(verb, method, error)
        if error in RATE:
            raise Said(method, error, wait=answer.retry_after() or 60.0)
        raise Said(method, error, _detail(found))


def _detail(found: Mapping[str, Any]) -> str:
    """What Slack adds: the scope that is needed, what is wrong with a block."""
    if needed := found.get("needed"):
        return clean(str(needed))[:200]
    metadata = found.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    return clean("; ".join(map(str, messages)))[:200] if isinstance(messages, list) else ""


def outcome_of(problem: HttpProblem) -> Outcome:
    """What a call that came to nothing means for the message."""
    if isinstance(problem, Said):
        return problem.outcome()
    assert isinstance(problem, NotSent | OutcomeUnknown)  # noqa: S101 - there are no others
    return Outcome.of_problem(problem)
