"""Messages in a channel of Slack by an incoming webhook: an address that takes a text, and nothing more.

It tells neither where the message is nor whether it arrived, so a lost answer is a person's to find out, and nothing
can be changed or deleted afterwards. Mattermost takes the same.

Source: Slack's documentation, "Sending messages using incoming webhooks", with its table of errors.
"""

from __future__ import annotations

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import (
    Access,
    Outcome,
    Payload,
    Readback,
    Sender,
    Sending,
    Setting,
    connectors,
)
from folkmoot.connectors.markup import MarkupConnector, mrkdwn, whole
from folkmoot.connectors.posts import Content, Limits, Mention
from folkmoot.connectors.slack.client import Said
from folkmoot.connectors.slack_bot import LONGEST
from folkmoot.connectors.webhook import wrong_address
from folkmoot.kernel.http import Client, NotSent, OutcomeUnknown, Verdict
from folkmoot.kernel.http import Limits as HttpLimits
from folkmoot.kernel.text import clean

#: Refusals by status alone that are about the webhook, not the message.
_OF_WEBHOOK = frozenset({401, 403, 404, 410})


class WebhookSender(Sender):
    """A line to one address."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._http = Client(limits=HttpLimits(tries=1, redirects=0))

    def send(self, payload: Payload, sending: Sending) -> Outcome:
        body = {"text": mrkdwn(whole(Content.of(payload)))}
        try:
            answer = self._http.post(self._address, json=body)
        except (NotSent, OutcomeUnknown) as problem:
            return Outcome.of_problem(problem)
        said = clean(answer.text)[:100]
        if answer.verdict is Verdict.YES and said == "ok":
            return Outcome.yes(_now("on Slack"))
        if (
            answer.verdict is not Verdict.NO
        ):  # a page of somebody between us and Slack says nothing of the message
            return Outcome.unknown(f"{answer.status} {said}".strip())
        if answer.status == 429:
            return Outcome.no(f"429 {said}".strip(), transient=True, wait=answer.retry_after() or 60.0)
        outcome = Said("webhook", said or f"http_{answer.status}").outcome()
        if answer.status in _OF_WEBHOOK and not outcome.channel:
            return Outcome.no(f"{answer.status} {outcome.words}", transient=True, channel=True)
        return outcome

    def close(self) -> None:
        self._http.close()


@connectors.declare
class SlackWebhook(MarkupConnector):
    """A message by an incoming webhook."""

    key = "slack-webhook"
    label = _("Slack (incoming webhook)")
    order = 51
    icon = "slack"
    limits = Limits(text=LONGEST, parts=1)
    guide = (
        _(
            "Better take “Slack”, if you may install an app: a webhook cannot change, delete or find a message again."
        ),
        _("On api.slack.com: Your apps, your app, Incoming Webhooks, Add New Webhook to Workspace."),
    )
    settings = (
        Setting(
            "address",
            _("Address of the webhook"),
            _("It begins with https://hooks.slack.com/services/. Stored encrypted: who has it can write."),
            is_secret=True,
            is_required=True,
        ),
    )
    readback = Readback.NONE
    allows = {"text": LONGEST}
    pace = 60

    def open(self, access: Access) -> Sender:
        return WebhookSender(access.text("address"))

    def wrong_settings(self, access: Access) -> dict[str, str]:
        """The address is one of the web."""
        found = super().wrong_settings(access)
        if "address" not in found and wrong_address(access.text("address")):
            found["address"] = str(_("Address of the webhook"))
        return found

    def written(self, mention: Mention) -> str:
        return f"<@{mention.id}>" if mention.id else mention.text

    def length(self, text: str, limits: Limits) -> int:
        """As it is sent: escaped, with links written out."""
        return len(mrkdwn(text))
