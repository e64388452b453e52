"""The list of a person's notices."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.notices import actions, queries
from folkmoot.kernel.notices.kinds import notice_kinds
from folkmoot.kernel.notices.models import Notice
from folkmoot.kernel.permissions.areas import Area
from folkmoot.kernel.ui.lists import BulkAction, ChoiceFilter, Column, Done, Empty, FlagFilter, List

#: What the address of an undo is signed with.
UNDO_SALT = "notices.read"


def _kind(notice: Notice) -> str:
    return str(notice_kinds.get(notice.kind).label) if notice.kind in notice_kinds else notice.kind


def marked_read(*, user: User, queryset: QuerySet[Notice]) -> Done:
    """Mark these as read; the undo marks the very same as unread again."""
    number, moment = actions.mark_read(notices=queryset, actor=user)
    text = ngettext("%(n)d notice is read.", "%(n)d notices are read.", number) % {"n": number}
    token = signing.dumps([user.pk, moment.isoformat()], salt=UNDO_SALT)
    return Done(text, reverse("notices:unread_again", args=[token]) if number else "")


def _mark_unread(*, user: User, queryset: QuerySet[Notice]) -> str:
    number = actions.mark_unread(notices=queryset, actor=user)
    return ngettext("%(n)d notice is unread again.", "%(n)d notices are unread again.", number) % {
        "n": number
    }


class NoticesList(List):
    """What a person was told, newest first."""

    key = "notices"
    title = _("Notices")
    columns = (
        Column(
            "title",
            _("Notice"),
            value="title",
            link=lambda notice: reverse("notices:open", args=[notice.pk]),
            sort="title",
        ),
        Column(
            "state",
            _("State"),
            value=lambda notice: _("unread") if notice.is_unread else _("read"),
            template="notices/state.html",
        ),
        Column("area", _("Area"), value="get_area_display", sort="area"),
        Column("created", _("When"), value="created_at", sort="created_at"),
        Column("kind", _("Kind"), value=_kind, sort="kind", shown=False),
        Column("by", _("By"), value=lambda notice: str(notice.actor or ""), shown=False),
        Column("read", _("Read"), value="read_at", sort="read_at", shown=False),
        Column("mailed", _("Mailed"), value="mailed_at", sort="mailed_at", shown=False),
    )
    filters = (
        ChoiceFilter(
            "area",
            _("Area"),
            choices=Area.choices,
            apply=lambda notices, chosen: notices.filter(area__in=chosen),
        ),
        FlagFilter(
            "unread",
            _("Unread"),
            apply=lambda notices, on: notices.filter(read_at__isnull=on),
            yes=_("Unread"),
            no=_("Read"),
            either=_("Read or unread"),
        ),
    )
    tabs = ((_("Unread"), "unread=1"),)
    default_sort = "-created"
    bulk_actions = (
        BulkAction("read", _("Mark as read"), "notices.own", marked_read, icon="envelope-open"),
        BulkAction("unread", _("Mark as unread"), "notices.own", _mark_unread, icon="envelope"),
    )
    empty = Empty(
        _("No notices yet"),
        _("You are told here when somebody mentions you in a note or gives you something to do."),
        icon="bell",
    )

    def queryset(self) -> QuerySet[Any]:
        return queries.notices_for(self.user)

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(title__icontains=words)
