"""What could not be read: the list, and settling."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, user_of
from folkmoot.kernel.ui.lists import BulkAction, ChoiceFilter, Column, Done, Empty, List, TextFilter
from folkmoot.kernel.ui.lists.filters import Filter
from folkmoot.reviews.actions import flags as actions
from folkmoot.reviews.models import Flag, Programme

SALT = "reviews.flags"


def _settle(*, user: User, queryset: QuerySet[Flag]) -> Done:
    done = actions.settle_flags(flags=list(queryset), actor=user)
    text = ngettext("%(n)d is settled.", "%(n)d are settled.", len(done)) % {"n": len(done)}
    token = signing.dumps([user.pk, done], salt=SALT, compress=True)
    return Done(text, reverse("reviews:flags_again", args=[token]) if done else "")


def _about(row: Flag) -> str:
    return (
        row.submission.title if row.submission is not None else _now("Label") if row.kind == "label" else ""
    )


def _link(row: Flag) -> str:
    if row.submission_id is not None:
        return reverse("reviews:submission", args=[row.submission_id])
    return reverse("reviews:programme", args=[row.programme_id]) + "#labels"


def _where(row: Flag) -> str:
    line = _now("line %(n)s") % {"n": row.line} if row.line else ""
    return " · ".join(part for part in (row.place, line) if part)


def _by_state(rows: QuerySet[Flag], states: Any) -> QuerySet[Flag]:
    wanted = set(states)
    if wanted == {"settled"}:
        return rows.filter(settled_at__isnull=False)
    return rows if "settled" in wanted else rows.filter(settled_at=None)


def _by_submission(rows: QuerySet[Flag], said: Any) -> QuerySet[Flag]:
    words = [said] if isinstance(said, str) else list(said)
    numbers = [int(one) for one in words if one.isascii() and one.isdigit() and len(one) < 10]
    return rows.filter(submission__in=numbers)


class FlagsList(List):
    """Values that could not be read, labels without a meaning, checks that failed."""

    key = "reviews.flags"
    title = _("Could not be read")
    search_label = _("Value")
    columns: ClassVar[tuple[Column, ...]] = (
        Column("about", _("Submission"), value=_about, link=_link),
        Column("field", _("Field"), value="field", sort="field"),
        Column("value", _("Value"), value="value"),
        Column("reason", _("What is wrong"), value="reason"),
        Column("where", _("Where"), value=_where),
        Column("since", _("Since"), value="first_seen_at", sort="first_seen_at"),
    )
    filters: ClassVar[tuple[Filter, ...]] = (
        ChoiceFilter(
            "state",
            _("State"),
            apply=_by_state,
            choices=(("open", _("open")), ("settled", _("settled"))),
        ),
        ChoiceFilter(
            "kind",
            _("Kind"),
            apply=lambda rows, kinds: rows.filter(kind__in=kinds),
            choices=tuple(Flag.Kind.choices),
        ),
        ChoiceFilter(
            "programme",
            _("Programme"),
            apply=lambda rows, slugs: rows.filter(programme__slug__in=slugs),
            choices=lambda: list(Programme.objects.order_by("name").values_list("slug", "name")),
        ),
        TextFilter("submission", _("Submission"), apply=_by_submission),
    )
    bulk_actions: ClassVar[tuple[BulkAction, ...]] = (
        BulkAction("settle", _("It is fine"), "reviews.manage", _settle, icon="check2"),
    )
    empty = Empty(
        _("Nothing to puzzle over"), _("Everything that the sources say can be read."), icon="check2"
    )

    def queryset(self) -> QuerySet[Any]:
        """All flags; the settled ones only where they are asked for."""
        rows = Flag.objects.select_related("submission", "programme").order_by("-first_seen_at", "-pk")
        return rows if "state" in self.request.GET else rows.filter(settled_at=None)

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(Q(value__icontains=words) | Q(submission__title__icontains=words))


@requires("reviews.view")
def flags(request: HttpRequest) -> HttpResponseBase:
    """What could not be read, with where it stands."""
    return FlagsList(request).respond("reviews/flags.html")


@requires("reviews.manage")
@require_POST
def flags_again(request: HttpRequest, token: str) -> HttpResponse:
    """Takes a settling back."""
    user = user_of(request)

    def act() -> tuple[str, str]:
        try:
            by, numbers = signing.loads(token, salt=SALT, max_age=24 * 60 * 60)
        except signing.BadSignature:
            raise ValidationError(_now("This can be undone within a day only.")) from None
        if by != user.pk:
            raise ValidationError(_now("Only who did it can undo it this way."))
        actions.open_again(flags=list(Flag.objects.filter(pk__in=numbers)), actor=user)
        return _now("Taken back."), ""

    return answer_action(request, act, reverse("reviews:flags"))
