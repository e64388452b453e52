"""The rows behind a figure of training."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.metrics import Scope
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.text import fold, fold_accents
from folkmoot.kernel.ui.lists import Column
from folkmoot.kernel.ui.lists.filters import Filter
from folkmoot.ledger.public import FigureRows, rows_filters
from folkmoot.people.public import country_name
from folkmoot.training.addresses import agreement_page
from folkmoot.training.metrics.base import TRAINING
from folkmoot.training.models import (
    Agreement,
    Allowance,
    Award,
    Contribution,
    Event,
    Opening,
    Progress,
    Proposal,
    Request,
    Task,
    Unconference,
)


def _event(row: Any) -> Event:
    found: Event = row if isinstance(row, Event) else row.event
    return found


def _was_there(row: Task) -> str:
    return "" if row.attended is None else _now("yes") if row.attended else _now("no")


_EVENT = Column(
    "event",
    _("Event"),
    value=lambda row: _event(row).title,
    link=lambda row: reverse("training:event", args=[_event(row).pk]),
)
_DAY = Column("day", _("First day"), value=lambda row: _event(row).starts_on)
_KIND = Column("kind", _("Kind"), value=lambda row: _event(row).kind.name)


class RowsList(FigureRows):
    """The rows behind a figure: events, parts or contributions, each led by its event."""

    key = "training.figure_rows"
    area = TRAINING
    usual = "events_held"
    search_label = _("Event")
    columns: ClassVar[tuple[Column, ...]] = (
        _EVENT,
        _DAY,
        _KIND,
        Column("country", _("Country"), value=lambda row: country_name(row.country)),
        Column("attendance", _("How many came"), value="attendance", number=True),
    )
    filters: ClassVar[tuple[Filter, ...]] = rows_filters(TRAINING, "source", "project")

    def arranged(self, rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
        if rows.model is Event:
            return rows.select_related("kind").order_by("-starts_at", "-pk")
        if rows.model is Award:
            return rows.select_related("person", "badge").order_by("-awarded_on", "-pk")
        if rows.model is Progress:
            return rows.select_related("person", "requirement", "event").order_by("-ended", "-pk")
        if rows.model is Task:
            return rows.select_related("event__kind", "person", "kind").order_by(
                "-event__starts_at", "person__sort_key", "pk"
            )
        if rows.model is Opening:
            return rows.select_related("event__kind").order_by("-closed_at", "-pk")
        if rows.model is Request:
            return rows.select_related("form").order_by("-received_at", "-pk")
        if rows.model is Proposal:
            return rows.select_related("unconference__event").order_by(
                "-unconference__event__starts_at", "folded", "pk"
            )
        if rows.model is Unconference:
            return rows.select_related("event__kind").order_by("-event__starts_at", "pk")
        if rows.model is Agreement:
            return rows.select_related("organization", "tier").order_by("last_day", "pk")
        if rows.model is Allowance:
            return rows.select_related("agreement__organization", "agreement__tier", "benefit").order_by(
                "agreement__last_day", "pk"
            )
        return rows.select_related("event__kind", "item").order_by("-event__starts_at", "pk")

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        if queryset.model in (Agreement, Allowance):
            way = "" if queryset.model is Agreement else "agreement__"
            return queryset.filter(**{f"{way}organization__folded__contains": fold(words)})
        name = "folded" if queryset.model is Event else "event__folded"
        return queryset.filter(**{f"{name}__contains": fold(words)})


class TasksList(RowsList):
    """Rows that are parts."""

    columns = (
        _EVENT,
        Column(
            "person",
            _("Person"),
            value="person.name",
            avatar=True,
            link=lambda row: reverse("people:person", args=[row.person_id]),
        ),
        Column("part", _("Part"), value="kind.name"),
        Column("attended", _("Was there"), value=_was_there),
        _DAY,
    )


class ContributionsList(RowsList):
    """Rows that are contributions to sprints."""

    columns = (
        _EVENT,
        Column("title", _("Contribution"), value="item.title", link=lambda row: row.item.url),
        Column("author", _("By"), value="author_name"),
        Column("state", _("State"), value=lambda row: row.item.get_state_display()),
        Column("opened", _("Opened"), value="item.opened_at"),
    )


class OpeningsList(RowsList):
    """Rows that are openings."""

    columns = (
        Column(
            "event",
            _("Event"),
            value="event.title",
            link=lambda row: reverse("training:opening", args=[row.pk]),
        ),
        _DAY,
        Column("opened", _("Opened"), value="opened_at"),
        Column("closed", _("Closed"), value="closed_at"),
        Column("days", _("Days"), value=lambda row: (row.closed_at - row.opened_at).days, number=True),
    )


class RequestsList(RowsList):
    """Rows that are requests: nothing of who asked, since more people see figures than requests."""

    search_label = _("Form")
    columns = (
        Column(
            "number",
            _("Request"),
            value="pk",
            number=True,
            link=lambda row: reverse("training:request", args=[row.pk]),
        ),
        Column("form", _("Form"), value="form.title"),
        Column("state", _("State"), value=lambda row: row.get_state_display()),
        Column("country", _("Country"), value=lambda row: country_name(row.country)),
        Column("received", _("Received"), value="received_at"),
        Column("decided", _("Decided"), value="decided_at"),
    )

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(form__title__icontains=words)


class ProposalsList(RowsList):
    """Rows that are proposals."""

    search_label = _("Title")
    columns = (
        Column(
            "title",
            _("Proposal"),
            value="title",
            link=lambda row: reverse("training:proposal", args=[row.pk]),
        ),
        Column("event", _("Event"), value="unconference.event.title"),
        Column("state", _("State"), value=lambda row: row.get_state_display()),
        Column("proposed", _("Proposed"), value="proposed_at"),
    )

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(folded__contains=fold(words))


class UnconferencesList(RowsList):
    """Rows that are unconferences."""

    columns = (_EVENT, _DAY, _KIND)


def _agreement(row: Any) -> Agreement:
    found: Agreement = row if isinstance(row, Agreement) else row.agreement
    return found


_HELD_BY = Column(
    "holder",
    _("Held by"),
    value=lambda row: _agreement(row).holder,
    link=lambda row: agreement_page(_agreement(row).pk),
)
_TIER = Column("tier", _("Tier"), value=lambda row: _agreement(row).tier.name)
_LAST_DAY = Column("ends", _("To"), value=lambda row: _agreement(row).last_day)


class AgreementsList(RowsList):
    """Rows that are agreements."""

    search_label = _("Organisation")
    columns = (_HELD_BY, _TIER, Column("starts", _("From"), value="starts_on"), _LAST_DAY)


class AllowancesList(RowsList):
    """Rows that are allowances."""

    search_label = _("Organisation")
    columns = (
        _HELD_BY,
        _TIER,
        Column("benefit", _("Benefit"), value="benefit.name"),
        Column("given", _("Given"), value="given", number=True),
        Column("used", _("Used"), value="used", number=True),
        Column("planned", _("Planned"), value="planned", number=True),
        _LAST_DAY,
    )


_PERSON = Column(
    "person",
    _("Person"),
    value="person.name",
    avatar=True,
    link=lambda row: reverse("training:trainee", args=[row.person_id]),
)


class OfPeopleList(RowsList):
    """Rows led by their person."""

    search_label = _("Person")

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(person__sort_key__contains=fold_accents(words))


class AwardsList(OfPeopleList):
    """Rows that are awards."""

    columns = (
        _PERSON,
        Column("badge", _("Badge"), value="badge.name"),
        Column("day", _("Awarded on"), value="awarded_on"),
    )


class TrainedList(OfPeopleList):
    """Rows that are trainings passed."""

    columns = (
        _PERSON,
        Column("what", _("What"), value="requirement.name"),
        Column("event", _("Training"), value="event.title"),
        Column("ended", _("Last day"), value="ended"),
    )


_LISTS: dict[Any, type[RowsList]] = {
    Request: RequestsList,
    Task: TasksList,
    Contribution: ContributionsList,
    Opening: OpeningsList,
    Agreement: AgreementsList,
    Allowance: AllowancesList,
    Award: AwardsList,
    Progress: TrainedList,
    Proposal: ProposalsList,
    Unconference: UnconferencesList,
}


@requires("training.view")
def figure_rows(request: HttpRequest) -> HttpResponseBase:
    """The rows behind a figure; the address says which."""
    asked = RowsList(request)
    model = asked.metric.rows(asked.asked[0]).model
    return _LISTS.get(model, RowsList)(request).answer()
