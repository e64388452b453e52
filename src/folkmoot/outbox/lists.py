"""The lists of the outbox."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.lists import BulkAction, ChoiceFilter, Column, DateFilter, Empty, FlagFilter, List
from folkmoot.outbox import actions, queries
from folkmoot.outbox.models import Bounce, Delivery, MessageTemplate, State, Suppression

#: How a state looks.
TONES = {
    State.WAITING: "due",
    State.SCHEDULED: "quiet",
    State.CLAIMED: "new",
    State.SENDING: "new",
    State.UNCERTAIN: "due",
    State.NEEDS_PERSON: "overdue",
    State.SENT: "done",
    State.FAILED: "failed",
    State.MISSED: "overdue",
    State.WITHHELD: "quiet",
    State.CANCELLED: "quiet",
}


def tone(delivery: Delivery) -> str:
    """The tone of a delivery's badge."""
    return TONES[State(delivery.state)]


def _each(user: User, queryset: QuerySet[Delivery], permission: str, do: Any) -> tuple[int, list[str]]:
    """Do something with each that the user may change; what cannot be done is told."""
    done, problems = 0, []
    for delivery in queryset:
        if permission and not user.has_perm(permission, delivery):
            problems.append(_now("“%(title)s” is not yours to change.") % {"title": delivery.title})
            continue
        try:
            do(delivery)
            done += 1
        except ValidationError as error:
            problems.append(f"{delivery.title}: {' '.join(error.messages)}")
    if not done and problems:
        raise ValidationError(problems[:3])
    return done, problems


def _told(sentence: str, problems: list[str]) -> str:
    if not problems:
        return sentence
    more = ngettext("%(n)d could not be.", "%(n)d could not be.", len(problems)) % {"n": len(problems)}
    return f"{sentence} {more} {problems[0]}"


def _cancel(*, user: User, queryset: QuerySet[Delivery]) -> str:
    done, problems = _each(
        user, queryset, "outbox.change", lambda one: actions.cancel(delivery=one, actor=user)
    )
    return _told(
        ngettext("%(n)d message is cancelled.", "%(n)d messages are cancelled.", done) % {"n": done}, problems
    )


def _approve(*, user: User, queryset: QuerySet[Delivery]) -> str:
    done, problems = _each(user, queryset, "", lambda one: actions.approve(delivery=one, actor=user))
    return _told(
        ngettext("%(n)d message is approved.", "%(n)d messages are approved.", done) % {"n": done}, problems
    )


def _send_now(*, user: User, queryset: QuerySet[Delivery]) -> str:
    done, problems = _each(
        user, queryset, "outbox.change", lambda one: actions.send_now(delivery=one, actor=user)
    )
    return _told(
        ngettext("%(n)d message leaves now.", "%(n)d messages leave now.", done) % {"n": done}, problems
    )


def _channel_choices() -> list[tuple[int, str]]:
    return [(channel.pk, channel.name) for channel in queries.channels()]


class OutboxList(List):
    """What leaves, left, and did not. What was cancelled is shown where a state or a search asks for it: it would only
    stand between what was planned in its place.
    """

    key = "outbox"
    title = _("Outbox")
    columns = (
        Column(
            "title",
            _("Message"),
            value="title",
            link=lambda one: reverse("outbox:delivery", args=[one.pk]),
            sort="title",
        ),
        Column("recipient", _("To"), value=lambda one: one.recipient_name or one.recipient, sort="recipient"),
        Column(
            "state",
            _("State"),
            value="get_state_display",
            sort="state",
            template="outbox/cells/state.html",
        ),
        Column("due", _("Leaves"), value="due_at", sort="due_at"),
        Column("sent", _("Left"), value="sent_at", sort="sent_at"),
        Column("words", _("What was said"), value="words", shown=False),
        Column("address", _("Address"), value="recipient", shown=False),
        Column("channel", _("Channel"), value="channel.name"),
        Column("kind", _("Kind"), value=lambda one: queries.kind_label(one.kind), sort="kind", shown=False),
        Column("area", _("Area"), value="get_area_display", sort="area", shown=False),
        Column("by", _("Asked by"), value=lambda one: str(one.asked_by or ""), shown=False),
    )
    filters = (
        ChoiceFilter(
            "state",
            _("State"),
            choices=State.choices,
            apply=lambda rows, chosen: rows.filter(state__in=chosen),
        ),
        ChoiceFilter(
            "area", _("Area"), choices=Area.choices, apply=lambda rows, chosen: rows.filter(area__in=chosen)
        ),
        ChoiceFilter(
            "channel",
            _("Channel"),
            choices=_channel_choices,
            apply=lambda rows, chosen: rows.filter(channel__in=chosen),
        ),
        ChoiceFilter(
            "kind",
            _("Kind"),
            choices=queries.kind_choices,
            apply=lambda rows, chosen: rows.filter(kind__in=chosen),
        ),
        DateFilter("since", _("Leaves from"), apply=lambda rows, day: rows.filter(due_at__date__gte=day)),
    )
    tabs = (
        (_("Waiting"), "state=waiting&state=scheduled"),
        (_("Needs a person"), "state=needs_person&state=missed&state=failed"),
        (_("Sent"), "state=sent"),
        (_("Cancelled"), "state=cancelled"),
    )
    default_sort = "-due"
    bulk_actions = (
        BulkAction("approve", _("Approve"), "outbox.view", _approve, icon="check2"),
        BulkAction(
            "send_now",
            _("Send now"),
            "outbox.change",
            _send_now,
            confirm=_("The selected messages leave now; what was missed or refused is tried again."),
            icon="send",
        ),
        BulkAction("cancel", _("Cancel"), "outbox.change", _cancel, icon="x-lg"),
    )
    empty = Empty(
        _("Nothing in the outbox"),
        _("What is about to leave, and what left, appears here: mail first, posts later."),
        icon="send",
    )

    def queryset(self) -> QuerySet[Delivery]:
        rows = queries.deliveries_for(self.user)
        by_state = any(bound.filter.key == "state" and bound.raw for bound in self.bound)
        return rows if by_state or self.words else rows.exclude(state=State.CANCELLED)

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(
            Q(title__icontains=words)
            | Q(recipient__icontains=fold(words))
            | Q(recipient_name__icontains=words)
        )

    def decorate(self, rows: list[Any]) -> None:
        back = set(Bounce.objects.filter(delivery__in=rows).values_list("delivery_id", flat=True))
        for row in rows:
            row.tone, row.came_back = tone(row), row.pk in back


class SuppressionList(List):
    """Addresses that get no mail."""

    key = "suppressions"
    title = _("Addresses without mail")
    columns = (
        Column(
            "address",
            _("Address"),
            value="address",
            link=lambda row: reverse("outbox:lift", args=[row.pk]),
            sort="address",
        ),
        Column("why", _("Why"), value="get_why_display", sort="why"),
        Column("topic", _("Mail"), value=lambda row: row.topic or _now("all"), sort="topic"),
        Column("since", _("Since"), value="since", sort="since"),
        Column("words", _("Note"), value="words"),
        Column("source", _("Learnt from"), value="source", shown=False),
        Column("lifted", _("Lifted"), value="lifted_at", sort="lifted_at", shown=False),
        Column("lifted_why", _("Lifted because"), value="lifted_why", shown=False),
    )
    filters = (
        ChoiceFilter(
            "why",
            _("Why"),
            choices=Suppression.Why.choices,
            apply=lambda rows, chosen: rows.filter(why__in=chosen),
        ),
        FlagFilter(
            "lifted",
            _("Lifted"),
            apply=lambda rows, on: rows.filter(lifted_at__isnull=not on),
            default=False,
            yes=_("Lifted"),
            no=_("In force"),
        ),
    )
    default_sort = "-since"
    empty = Empty(
        _("No address is here"),
        _("Addresses that do not exist, complaints and who unsubscribed come here by themselves."),
        _("Enter an address"),
        "outbox:new_suppression",
        "outbox.suppress",
        icon="envelope-slash",
    )

    def queryset(self) -> QuerySet[Suppression]:
        return Suppression.objects.all()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(address__icontains=fold(words))


class TemplateList(List):
    """Mail texts."""

    key = "mail_texts"
    title = _("Mail texts")
    columns = (
        Column(
            "name",
            _("Name"),
            value="name",
            link=lambda row: reverse("outbox:template", args=[row.pk]),
            sort="name",
        ),
        Column("subject", _("Subject"), value="subject", sort="subject"),
        Column("kind", _("Kind"), value=lambda row: queries.kind_label(row.kind), sort="kind"),
        Column("topic", _("Topic"), value="topic", sort="topic", shown=False),
        Column("created", _("Since"), value="created_at", sort="created_at", shown=False),
    )
    filters = (
        ChoiceFilter(
            "kind",
            _("Kind"),
            choices=queries.kind_choices,
            apply=lambda rows, chosen: rows.filter(kind__in=chosen),
        ),
        FlagFilter(
            "archived",
            _("Archived"),
            apply=lambda rows, on: rows.filter(archived_at__isnull=not on),
            default=False,
            yes=_("Archived"),
            no=_("In use"),
        ),
    )
    default_sort = "name"
    empty = Empty(
        _("No mail texts yet"),
        _("A text is written once and fits many people: its variables are filled from each record."),
        icon="file-text",
    )

    def queryset(self) -> QuerySet[MessageTemplate]:
        return MessageTemplate.objects.all()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(Q(name__icontains=words) | Q(subject__icontains=words))
