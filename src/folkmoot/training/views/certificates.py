"""Certificates of an event, for those who issue them; and what one took part in oneself."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.text import fold_accents
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.lists import BulkAction, Column, Done, Empty, FlagFilter, List
from folkmoot.people.public import Person
from folkmoot.training import certifying, letters
from folkmoot.training.actions import certificates as actions
from folkmoot.training.forms.places import ReasonForm
from folkmoot.training.models import Certificate, Event, Status, Task, Visibility
from folkmoot.training.queries import certificates as queries
from folkmoot.training.views.registrations import MANAGE, event_page


def _said(n: int) -> str:
    return ngettext("Issued %(n)d certificate.", "Issued %(n)d certificates.", n) % {"n": n}


def issue_some(*, user: Any, queryset: QuerySet[Task]) -> Done:
    """Certificates for the chosen ones who have none."""
    rows = list(queryset.filter(Q(certificate_id=None) | Q(revoked_at__isnull=False)))
    if len(rows) > actions.AT_ONCE:
        raise ValidationError(
            _("Choose at most %(n)d, or issue them to everybody who was there.") % {"n": actions.AT_ONCE}
        )
    for row in rows:
        actions.issue(task=row, actor=user)
    return Done(_said(len(rows)))


class CertificateList(List):
    """Who took part in an event, and whether they have a certificate."""

    key = "certificates"
    title = gettext_lazy("Certificates")
    columns = (
        Column(
            "person",
            gettext_lazy("Person"),
            "person.name",
            link=lambda row: reverse("people:person", args=[row.person_id]),
            sort="person__sort_key",
            avatar=True,
        ),
        Column("part", gettext_lazy("Part"), "kind.name", sort="kind__order"),
        Column(
            "attended",
            gettext_lazy("Was there"),
            lambda row: {True: _("yes"), False: _("no")}.get(row.attended, ""),
            sort="attended",
        ),
        Column(
            "certificate",
            gettext_lazy("Certificate"),
            lambda row: _state(row),
            sort="issued_at",
            template="training/cells/certificate.html",
        ),
    )
    filters = (
        FlagFilter(
            "issued",
            gettext_lazy("Certificate"),
            apply=lambda qs, on: qs.filter(certificate_id__isnull=not on),
            yes=gettext_lazy("issued"),
            no=gettext_lazy("none yet"),
        ),
    )
    bulk_actions = (
        BulkAction(
            "issue",
            gettext_lazy("Issue"),
            MANAGE,
            issue_some,
            confirm=gettext_lazy("Everybody who gets a certificate is told by mail."),
        ),
    )
    default_sort = "person"
    search_label = gettext_lazy("Name")
    empty = Empty(
        gettext_lazy("Nobody took part yet"),
        gettext_lazy("Who takes part in the event stands here, with their certificates."),
        icon="award",
    )

    def queryset(self) -> QuerySet[Task]:
        return queries.parts_for_certificates(self.context["event"])

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(person__sort_key__contains=fold_accents(words))


def _state(row: Any) -> str:
    if row.certificate_id is None:
        return ""
    return _("taken back") if row.revoked_at else _("issued")


@requires("training.view")
def certificates(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Certificates of an event."""
    event = get_object_or_404(Event.objects.select_related("kind__certificate", "certificate"), pk=pk)
    return CertificateList(request, event=event).respond(
        "training/places/certificates.html",
        pattern=certifying.pattern_of(event),
        is_over=event.status == Status.DONE,
        back=event_page(event),
    )


@requires(MANAGE)
@require_POST
def issue_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Issues certificates to everybody who was there and has none."""
    event, user = get_object_or_404(Event, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        done = actions.issue_all(event=event, actor=user)
        if isinstance(done, Job):
            return _("They are many: the certificates are issued in the background."), ""
        return _said(done), ""

    return answer_action(request, act, reverse("training:certificates", args=[event.pk]))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a certificate back, with the reason that its public page gives."""
    row = get_object_or_404(Certificate.objects.exclude(task=None).select_related("task__event"), pk=pk)
    assert row.task is not None  # noqa: S101 - those of awards are taken back with the award
    user, back = user_of(request), reverse("training:certificates", args=[row.task.event_id])

    def act(form: ReasonForm) -> str:
        actions.revoke(certificate=row, reason=form.cleaned_data["reason"], actor=user)
        return back

    return answer_form(
        request,
        partial(ReasonForm, required=True, help_text=_("Everybody who looks the certificate up reads it.")),
        act,
        title=_("Take a certificate back"),
        about=str(row),
        submit=_("Take it back"),
        said=_("Taken back. A new one can be issued."),
        cancel=back,
        template="training/places/form.html",
    )


def _page(row: Task) -> str | None:
    event = row.event
    shown = event.visibility == Visibility.PUBLIC and event.status not in (Status.PLANNED, Status.STALLED)
    return letters.page_of(event) if shown else None


class OwnList(List):
    """What somebody took part in, and their certificates."""

    key = "own_events"
    title = gettext_lazy("My events")
    columns = (
        Column("event", gettext_lazy("Event"), "event.title", link=_page, sort="event__folded"),
        Column("part", gettext_lazy("Part"), "kind.name", sort="kind__order"),
        Column("days", gettext_lazy("When"), lambda row: letters.when(row.event), sort="event__starts_at"),
        Column("status", gettext_lazy("Status"), "event.get_status_display"),
        Column(
            "certificate",
            gettext_lazy("Certificate"),
            lambda row: _state(row),
            template="training/cells/own_certificate.html",
        ),
    )
    default_sort = "-days"
    empty = Empty(
        gettext_lazy("No events yet"),
        gettext_lazy("Events that you take part in stand here, with your certificates."),
        icon="calendar-event",
    )

    def queryset(self) -> QuerySet[Task]:
        return queries.own_parts(self.context["person"])


@requires("people.own")
def own(request: HttpRequest) -> HttpResponseBase:
    """What somebody took part in themselves, where they wait for a place, and their certificates."""
    person = Person.objects.filter(user=user_of(request)).first()
    waiting = queries.own_waiting(person)
    return OwnList(request, person=person).respond(
        "training/places/own.html", waiting=waiting, surveys=queries.own_surveys(person)
    )
