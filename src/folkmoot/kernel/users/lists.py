"""The lists: people who sign in, invitations, the log of rights."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.permissions.areas import Area
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, DateFilter, Empty, FlagFilter, List
from folkmoot.kernel.users import queries
from folkmoot.kernel.users.models import Invitation, RightsEvent, RightsEventKind


def _rights(user: User) -> str:
    return queries.rights_in_words({grant.area: grant.level for grant in user.grants.all()})


def _lent(user: User) -> str:
    return ", ".join(_now("for %(name)s") % {"name": row.from_user} for row in user.lent)  # type: ignore[attr-defined]


class UsersList(List):
    """Who may sign in, with their rights."""

    key = "users"
    title = _("People who sign in")
    columns = (
        Column(
            "name",
            _("Name"),
            value=lambda user: user.name or user.email,
            link=lambda user: reverse("users:user", args=[user.pk]),
            sort="name",
            avatar=True,
        ),
        Column("email", _("E-mail"), value="email", sort="email"),
        Column("rights", _("Rights"), value=_rights),
        Column("lent", _("Also"), value=_lent, shown=False),
        Column("last_login", _("Last sign-in"), value="last_login", sort="last_login"),
        Column("since", _("Since"), value="created_at", sort="created_at", shown=False),
        Column(
            "state",
            _("State"),
            value=lambda user: _now("signs in") if user.is_active else _now("switched off"),
            template="users/cells/state.html",
        ),
    )
    filters = (
        ChoiceFilter(
            "area",
            _("Area"),
            choices=Area.choices,
            apply=lambda users, areas: users.filter(grants__area__in=areas).distinct(),
        ),
        FlagFilter(
            "active",
            _("State"),
            apply=lambda users, on: users.filter(is_active=on),
            yes=_("Sign in"),
            no=_("Switched off"),
        ),
        DateFilter(
            "quiet_since",
            _("Not signed in since"),
            apply=lambda users, day: users.filter(
                Q(last_login__isnull=True) | Q(last_login__lt=clock.start_of_day(day))
            ),
        ),
    )
    default_sort = "name"
    empty = Empty(
        _("Nobody found"),
        _("Nobody signs in who is like that."),
        _("Invite somebody"),
        "users:invite",
        "settings.admin",
        "person-plus",
    )

    def queryset(self) -> QuerySet[User]:
        return queries.users()

    def search(self, queryset: QuerySet[User], words: str) -> QuerySet[User]:
        for word in words.split():
            queryset = queryset.filter(Q(name__icontains=word) | Q(email__icontains=word))
        return queryset


def _state(invitation: Invitation) -> str:
    if invitation.accepted_at:
        return _now("accepted")
    if invitation.withdrawn_at:
        return _now("withdrawn")
    return _now("run out") if invitation.has_run_out(clock.now()) else _now("open")


def _by_state(rows: QuerySet[Invitation], states: list[str]) -> QuerySet[Invitation]:
    now: dt.datetime = clock.now()
    waiting = Q(accepted_at__isnull=True, withdrawn_at__isnull=True)
    conditions = {
        "open": waiting & Q(expires_at__gt=now),
        "run_out": waiting & Q(expires_at__lte=now),
        "accepted": Q(accepted_at__isnull=False),
        "withdrawn": Q(withdrawn_at__isnull=False),
    }
    wanted = Q()
    for state in states:
        wanted |= conditions[state]
    return rows.filter(wanted)


class InvitationsList(List):
    """Who was invited, and what became of it."""

    key = "invitations"
    title = _("Invitations")
    columns = (
        Column(
            "email",
            _("E-mail"),
            value="email",
            link=lambda row: reverse("users:invitation", args=[row.pk]),
            sort="email",
        ),
        Column("name", _("Name"), value="name", sort="name"),
        Column("rights", _("Rights"), value=lambda row: queries.rights_in_words(row.levels)),
        Column("state", _("State"), value=_state, template="users/cells/invitation_state.html"),
        Column("by", _("Invited by"), value=lambda row: str(row.invited_by or "")),
        Column("created", _("Invited"), value="created_at", sort="created_at"),
        Column("expires", _("Holds until"), value="expires_at", sort="expires_at"),
    )
    filters = (
        ChoiceFilter(
            "state",
            _("State"),
            choices=[
                ("open", _("open")),
                ("run_out", _("run out")),
                ("accepted", _("accepted")),
                ("withdrawn", _("withdrawn")),
            ],
            apply=_by_state,
        ),
    )
    default_sort = "-created"
    empty = Empty(
        _("No invitations yet"),
        _("Whoever should sign in here is invited by e-mail, with their rights."),
        _("Invite somebody"),
        "users:invite",
        "settings.admin",
        "envelope",
    )

    def queryset(self) -> QuerySet[Invitation]:
        return queries.invitations()

    def search(self, queryset: QuerySet[Invitation], words: str) -> QuerySet[Invitation]:
        for word in words.split():
            queryset = queryset.filter(Q(name__icontains=word) | Q(email__icontains=word))
        return queryset


def _who(user: User | None, nobody: Any = "") -> str:
    return str(user) if user else str(nobody)


def _by(event: RightsEvent) -> str:
    if event.kind == RightsEventKind.REFUSED:
        return ""
    return _who(event.actor, _now("command line"))


class LogList(List):
    """Who gave whom which right, and who signed in, when."""

    key = "rights_log"
    title = _("Log of rights")
    columns = (
        Column("at", _("When"), value="at", sort="at"),
        Column("kind", _("What"), value="get_kind_display", sort="kind"),
        Column(
            "subject",
            _("Whose"),
            value=lambda event: _who(event.subject),
            link=lambda event: reverse("users:user", args=[event.subject_id]) if event.subject_id else None,
        ),
        Column("change", _("Change"), value=queries.told),
        Column("by", _("By"), value=_by),
    )
    filters = (
        ChoiceFilter(
            "kind",
            _("What"),
            choices=RightsEventKind.choices,
            apply=lambda events, kinds: events.filter(kind__in=kinds),
        ),
        ChoiceFilter(
            "area",
            _("Area"),
            choices=Area.choices,
            apply=lambda events, areas: events.filter(area__in=areas),
        ),
        DateFilter(
            "since", _("Since"), apply=lambda events, day: events.filter(at__gte=clock.start_of_day(day))
        ),
        DateFilter(
            "until",
            _("Until"),
            apply=lambda events, day: events.filter(at__lt=clock.start_of_day(day + dt.timedelta(days=1))),
        ),
    )
    default_sort = "-at"
    empty = Empty(
        _("Nothing yet"),
        _("Rights that are given, invitations and sign-ins appear here."),
        icon="journal-text",
    )

    def queryset(self) -> QuerySet[RightsEvent]:
        return queries.rights_log()

    def search(self, queryset: QuerySet[RightsEvent], words: str) -> QuerySet[RightsEvent]:
        for word in words.split():
            queryset = queryset.filter(
                Q(subject__name__icontains=word)
                | Q(subject__email__icontains=word)
                | Q(actor__name__icontains=word)
                | Q(actor__email__icontains=word)
                | Q(detail__icontains=word)
            )
        return queryset


@requires("settings.manage")
def users(request: HttpRequest) -> HttpResponseBase:
    """People who sign in."""
    waiting = queries.open_invitations(clock.now()).count
    return UsersList(request).respond("users/list.html", waiting=waiting)


@requires("settings.manage")
def invitations(request: HttpRequest) -> HttpResponseBase:
    """Invitations."""
    return InvitationsList(request).respond("users/invitations.html")


@requires("settings.manage")
def log(request: HttpRequest) -> HttpResponseBase:
    """The log of rights."""
    return LogList(request).respond("users/log.html")
