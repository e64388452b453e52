"""Badges, and who has them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.answers import answer_form, user_of
from folkmoot.kernel.ui.lists import BulkAction, Column, DateFilter, Done, Empty, FlagFilter, List
from folkmoot.kernel.ui.toasts import toast
from folkmoot.kernel.undo import Change, Undo, last_change
from folkmoot.training.actions import awards as actions
from folkmoot.training.forms.progress import AwardForm
from folkmoot.training.models import Award, Badge
from folkmoot.training.queries import lists
from folkmoot.training.queries.record import with_certificates
from folkmoot.training.views.base import undo_url
from folkmoot.training.views.trainees import MANAGE, awarded_words


class BadgeList(List):
    """Badges, with how many have each."""

    key = "badges"
    title = _("Badges")
    columns = (
        Column(
            "name",
            _("Badge"),
            "name",
            link=lambda row: reverse("training:badge", args=[row.slug]),
            sort="order,name",
        ),
        Column("have", _("Have it"), "have", sort="have", number=True),
        Column("needs", _("Requirements"), "needs", sort="needs", number=True),
        Column("role", _("Role that it opens"), "role_kind.name", sort="role_kind__name"),
        Column("description", _("Description"), "description", shown=False),
    )
    filters = (
        FlagFilter("archived", _("Archived"), lambda qs, on: qs.filter(is_archived=on), default=False),
    )
    default_sort = "name"
    empty = Empty(
        _("No badges yet"),
        _("What people are awarded stands here. Badges are made under Settings."),
        icon="patch-check",
    )

    def queryset(self) -> QuerySet[Any]:
        return Badge.objects.select_related("role_kind").annotate(
            have=Count("awards", filter=Q(awards__revoked_at=None), distinct=True),
            needs=Count("requirements", distinct=True),
        )

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(name__icontains=fold(words))


@requires("training.view")
@require_http_methods(["GET", "POST"])
def badges(request: HttpRequest) -> HttpResponseBase:
    """All badges."""
    return BadgeList(request).respond("training/trainees/badges.html")


def certify_many(*, user: Any, queryset: QuerySet[Award]) -> Done:
    """Issue certificates for the selected awards that have none."""
    changes: list[Change] = []
    rows = actions.awards_without_certificate(queryset.order_by("pk"))
    with transaction.atomic():
        for row in rows:
            changes += last_change(actions.certify(award=row, actor=user)).changes
    words = ngettext("Issued %(n)d certificate.", "Issued %(n)d certificates.", len(rows))
    return Done(words % {"n": len(rows)}, undo_url(user, Undo(tuple(changes)), MANAGE))


def _state(row: Any) -> str:
    if row.certificate_id is None:
        return ""
    return _now("taken back") if row.certificate_revoked_at else _now("issued")


class AwardList(List):
    """Who has one badge, or had it."""

    title = _("Awards")
    columns = (
        Column(
            "person",
            _("Person"),
            "person.name",
            link=lambda row: reverse("training:trainee", args=[row.person_id]),
            sort="person__sort_key",
            avatar=True,
        ),
        Column(
            "awarded",
            _("Awarded on"),
            "awarded_on",
            sort="awarded_on",
            template="people/cells/day.html",
        ),
        Column("by", _("Awarded by"), "awarded_by.name", sort="awarded_by__name"),
        Column("event", _("Event"), "event.title", sort="event__folded", shown=False),
        Column("certificate", _("Certificate"), _state, template="training/cells/award_certificate.html"),
        Column("revoked", _("Taken back"), "revoked_because", template="training/cells/revoked.html"),
        Column("source", _("Source"), "source", sort="source", shown=False),
    )
    filters = (
        FlagFilter(
            "holds",
            _("Holds"),
            lambda qs, on: qs.filter(revoked_at__isnull=on),
            yes=_("yes"),
            no=_("taken back"),
        ),
        FlagFilter(
            "certified",
            _("Certificate"),
            lambda qs, on: qs.filter(certificate_id__isnull=not on),
            yes=_("issued"),
            no=_("none yet"),
        ),
        DateFilter("since", _("Awarded since"), lambda qs, day: qs.filter(awarded_on__gte=day)),
    )
    bulk_actions = (BulkAction("certify", _("Issue certificates"), MANAGE, certify_many, icon="award"),)
    default_sort = "-awarded"
    search_label = _("Name")
    empty = Empty(_("Nobody has this badge yet"), _("Whoever is awarded it stands here."), icon="patch-check")

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        self.key = f"awards_{context['badge'].slug}"  # type: ignore[misc]

    def queryset(self) -> QuerySet[Award]:
        return with_certificates(Award.objects.filter(badge=self.context["badge"])).select_related(
            "person", "badge", "event", "awarded_by"
        )

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(person__in=lists.people_named(words))


@requires("training.view")
@require_http_methods(["GET", "POST"])
def badge(request: HttpRequest, badge: str) -> HttpResponseBase:
    """One badge: what leads to it, who has it."""
    row = get_object_or_404(Badge.objects.select_related("role_kind", "certificate"), slug=badge)
    return AwardList(request, badge=row).respond(
        "training/trainees/badge.html",
        requirements=list(row.requirements.filter(is_archived=False)),
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def new_award(request: HttpRequest, badge: str) -> HttpResponse:
    """Awards a badge to somebody by hand."""
    row, user = get_object_or_404(Badge, slug=badge), user_of(request)
    back = reverse("training:badge", args=[row.slug])

    def act(form: AwardForm) -> str:
        said = form.cleaned_data
        if said["person"] is None:
            raise ValidationError({"person": _now("Say for whom.")})
        made, undo = actions.award(
            person=said["person"], badge=row, awarded_on=said["awarded_on"], actor=user
        )
        text = awarded_words(made.badge, 1) if undo.changes else _now("They have it already.")
        toast(request, text, undo_url=undo_url(user, undo, MANAGE))
        return back

    return answer_form(
        request,
        AwardForm,
        act,
        title=_now("Award a badge"),
        about=row.name,
        submit=_now("Award"),
        cancel=back,
        template="training/form.html",
    )
