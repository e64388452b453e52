"""How reviews join the outbox: kinds of text, the texts to begin with, messages on a submission's timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.names import name_of
from folkmoot.kernel.notices.kinds import NoticeKind, notice_kinds
from folkmoot.kernel.plugs import TimelineEntry, TimelineSource, counted, older, one_group, timeline_sources
from folkmoot.kernel.rows import Row, Rows
from folkmoot.kernel.setup_steps import SetupStep, setup_steps
from folkmoot.outbox.public import MessageKind, State, Topic, message_kinds, topics
from folkmoot.reviews import letters
from folkmoot.reviews.models import Programme, SubmissionMessage
from folkmoot.reviews.seeds.texts import load_texts

for _place, _text in enumerate(letters.TEXTS):
    _asks = _text.key in letters.ASKING.values()
    message_kinds.register(
        MessageKind(
            _text.key,
            _text.label,
            "reviews",
            (*letters.VARIABLES, letters.ANSWER) if _asks else letters.VARIABLES,
            letters.values,
            letters.found,
            partial(letters.preview, key=_text.key),
            is_personal=True,
            topic="reviews",
            order=200 + _place,
        )
    )


def _programmes(words: str) -> list[tuple[int, str]]:
    found = Programme.objects.filter(name__icontains=words, is_archived=False).order_by("name", "pk")
    return list(found.values_list("pk", "name")[:20])


message_kinds.register(
    MessageKind(
        letters.HANDOVER,
        _("Hand-over to the next editor-in-chief"),
        "reviews",
        letters.HANDOVER_VARIABLES,
        letters.handover_values,
        _programmes,
        lambda pk: Programme.objects.filter(pk=pk).first(),
        is_personal=True,
        topic="reviews",
        order=220,
    )
)
topics.register(Topic("reviews", _("mails about reviews")))
notice_kinds.register(
    NoticeKind("reviews.answered", _("An answer to an invitation"), "reviews", icon="reply", order=40)
)


def _set_up() -> str:
    made = load_texts()
    words = ngettext("Added %(made)d standard text.", "Added %(made)d standard texts.", made)
    return words % {"made": made} if made else ""


setup_steps.register(SetupStep("reviews.texts", _set_up, order=310))

MESSAGES = "messages"


def message_rows(
    user: Any, record: Any, group: str, before: tuple[dt.datetime, int] | None, limit: int
) -> Rows | None:
    """Messages about a submission, newest first."""
    if group not in ("", MESSAGES):
        return None
    return Rows(
        older(SubmissionMessage.objects.filter(submission=record), "at", before),
        *("pk", "at", "delivery_id"),
        most=limit,
        title=F("delivery__title"),
        state=F("delivery__state"),
        recipient=F("delivery__recipient"),
        name=F("delivery__recipient_name"),
        who=name_of("delivery__asked_by"),
    )


def tell_messages(user: Any, record: Any, rows: Sequence[Row]) -> Iterator[TimelineEntry]:
    """Each mail and comment; its page is linked for those who may open it."""
    may = user.has_perm("outbox.view") and user.level_in("reviews") >= 2
    for row in rows:
        is_comment = not row["recipient"]
        state = State(row["state"])
        to = row["name"] or row["recipient"]
        yield TimelineEntry(
            number=row["pk"],
            at=row["at"],
            group=MESSAGES,
            icon="chat-left-text" if is_comment else "envelope",
            verb=_("Comment") if is_comment else _("Mail"),
            title=row["title"],
            url=reverse("outbox:delivery", args=[row["delivery_id"]]) if may else "",
            after="" if state == State.SENT else f"({state.label})",
            meta=tuple(word for word in (to, row["who"]) if word),
        )


timeline_sources.register(
    TimelineSource(
        key="reviews.messages",
        records=frozenset({"reviews.submission"}),
        permission="reviews.view",
        counts=lambda user, record: counted(record.messages.all()),
        groups=one_group(MESSAGES, _("Messages")),
        rows=message_rows,
        tell=tell_messages,
    )
)
