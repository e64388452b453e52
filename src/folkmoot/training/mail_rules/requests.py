"""Mail rules about requests: what somebody asked for with a form, and the event that it became."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.text import fold
from folkmoot.mailing.public import (
    DATE,
    ONE,
    YES,
    Address,
    Fact,
    Moment,
    Recipient,
    Subject,
    Watched,
    declare,
)
from folkmoot.outbox.public import Variable
from folkmoot.training.mail_rules import common
from folkmoot.training.models import Event, Request, RequestForm, RequestState

RECENT = dt.timedelta(days=400)


@dataclass
class Asked:
    """A request with its event, if it has one."""

    request: Request

    @property
    def event(self) -> Event | None:
        """The event that it became."""
        return self.request.event


def load(ids: Sequence[int]) -> dict[int, Asked]:
    """Requests with all that rules may ask; one query."""
    related = ("kind", "programme", "host", "organizer", "owner")
    rows = Request.objects.filter(pk__in=ids).select_related(
        "form", "organization", "assigned_to", "person", *(f"event__{name}" for name in related)
    )
    return {row.pk: Asked(row) for row in rows}


def forms() -> list[tuple[str, str]]:
    """Forms; one query."""
    return list(RequestForm.objects.values_list("slug", "title"))


def states() -> list[tuple[str, Any]]:
    """Where a request stands."""
    return list(RequestState.choices)


def _values(one: Asked) -> dict[str, str]:
    row = one.request
    organisation = row.organization.name if row.organization else row.organization_name
    nothing = dict.fromkeys((variable.name for variable in common.EVENT_VARIABLES), "")
    return {
        **(common.event_values(one.event) if one.event is not None else nothing),
        "registered": "",
        "name": row.name,
        "form": row.form.title,
        "organisation": organisation,
        "reason": row.reason,
    }


def _requester(one: Asked) -> Iterable[Address]:
    row = one.request
    if row.person is not None and row.person.erased_at is not None:
        return []
    return [Address(row.name, row.email, row.person_id, row.language)] if row.email else []


def _assigned(one: Asked) -> Iterable[Address]:
    user = one.request.assigned_to
    return (
        [Address(user.name, user.email, language=user.language)]
        if user is not None and user.is_active
        else []
    )


def find(words: str) -> list[tuple[int, str]]:
    """Requests for previews, the newest first."""
    rows = Request.objects.filter(Q(name__icontains=words) | Q(email_folded__contains=fold(words)))
    told = rows.order_by("-pk").values_list("pk", "form__title", "name")[:20]
    return [(pk, f"{form}: {name}") for pk, form, name in told]


def swept(now: dt.datetime) -> Any:
    """Requests of about the last year, and those whose event is ahead."""
    return Request.objects.filter(Q(updated_at__gte=now - RECENT) | Q(event__ends_at__gte=now))


def of_events(ids: Sequence[int]) -> Iterable[int]:
    """Requests that became these events."""
    return Request.objects.filter(event__in=ids).values_list("pk", flat=True)


declare(
    Subject(
        key="training.request",
        label=_("A request"),
        area="training",
        model=Request,
        load=load,
        name=lambda one: str(one.request),
        url=lambda pk: reverse("training:request", args=[pk]),
        facts=(
            Fact("form", _("form"), ONE, lambda one: one.request.form.slug, forms),
            Fact("state", _("where it stands"), ONE, lambda one: one.request.state, states),
            Fact("received", _("when it was received"), DATE, lambda one: one.request.received_at),
            Fact("decided", _("when it was decided"), DATE, lambda one: one.request.decided_at),
            Fact(
                "assigned",
                _("somebody looks after it"),
                YES,
                lambda one: one.request.assigned_to_id is not None,
            ),
            Fact("event", _("there is an event for it"), YES, lambda one: one.event is not None),
            Fact(
                "event_status",
                _("status of the event"),
                ONE,
                lambda one: one.event.status if one.event else "",
                common.statuses,
            ),
            Fact(
                "event_kind",
                _("kind of event"),
                ONE,
                lambda one: one.event.kind.slug if one.event else "",
                common.kinds,
            ),
            Fact(
                "starts",
                _("the event begins"),
                DATE,
                lambda one: one.event.starts_at if one.event else None,
            ),
        ),
        moments=(
            Moment("received", _("when it was received"), lambda one: one.request.received_at),
            Moment("decided", _("when it was decided"), lambda one: one.request.decided_at),
            Moment(
                "starts",
                _("the first day of the event"),
                lambda one: one.event.starts_on if one.event else None,
            ),
        ),
        recipients=(
            Recipient("requester", _("whoever sent it"), _requester),
            Recipient("assigned", _("whoever looks after it"), _assigned),
        ),
        variables=(
            Variable("name", _("who sent it"), "Kit Moss"),
            Variable("form", _("the form"), "Workshop request"),
            Variable("organisation", _("their organisation"), "University of Leeds"),
            Variable("reason", _("why it was decided so"), "No instructor is free"),
            *common.EVENT_VARIABLES,
        ),
        values=_values,
        find=find,
        sweep=swept,
        zone=lambda one: one.event.time_zone if one.event is not None else "",
        watched=(Watched(Request), Watched(Event, "id", of_events)),
        shown_on=(
            ("training.event", lambda event: Request.objects.filter(event=event.pk).values("pk")),
            ("people.person", lambda person: Request.objects.filter(person=person.pk).values("pk")),
        ),
        topic="training",
        order=4,
    )
)
