"""What somebody sees themselves: openings for them, signing up, their sign-ups, where they set out from."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel.markdown import as_html
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.kernel.ui.lists import ChoiceFilter, Column, Empty, FlagFilter, List
from folkmoot.kernel.ui.toasts import toast
from folkmoot.people.public import Person, consents_of
from folkmoot.training.actions import openings, signing_up
from folkmoot.training.forms.recruitment import OwnSignUpForm, ProfileForm
from folkmoot.training.models import (
    Curriculum,
    Opening,
    Priority,
    RecruitmentRules,
    SignUp,
    SignUpState,
    TeachingProfile,
    Visibility,
)
from folkmoot.training.places import of_chord
from folkmoot.training.queries import clashes, lists
from folkmoot.training.queries import openings as queries


def me(request: HttpRequest) -> Person | None:
    """The record of who is signed in; one query."""
    return Person.objects.filter(user=user_of(request), erased_at=None).first()


def _far(row: Any) -> str:
    return "" if row.chord is None else _now("%(n)s km") % {"n": f"{of_chord(row.chord):,.0f}"}


def _seeks(row: Any) -> str:
    return ", ".join(
        f"{line.kind.name} ({line.missing})" if line.missing > 1 else line.kind.name
        for line in row.lines
        if line.missing
    )


class OwnOpeningList(List):
    """Events that seek people, for somebody who may come."""

    key = "own_openings"
    title = _("Openings for me")
    columns = (
        Column(
            "event",
            _("Event"),
            "event.title",
            link=lambda row: reverse("training:own_opening", args=[row.pk]),
            sort="event__folded",
        ),
        Column("seeks", _("Seeks"), _seeks),
        Column(
            "days",
            _("Days"),
            lambda row: lists.days_words(row.event.starts_on, row.event.ends_on),
            sort="event__starts_at",
            export=lambda row: row.event.starts_on,
        ),
        Column("place", _("Place"), lambda row: lists.place_words(row.event), sort="event__country"),
        Column(
            "distance",
            _("How far"),
            _far,
            sort="chord",
            number=True,
            export=lambda row: "" if row.chord is None else round(of_chord(row.chord)),
        ),
        Column("taught", _("What is taught"), lambda row: ", ".join(row.taught)),
        Column(
            "priority",
            _("Priority"),
            lambda row: str(Priority(row.urgency).label),
            sort="-urgency,event__starts_at",
            template="training/cells/priority.html",
        ),
        Column(
            "clashes",
            _("My other events around it"),
            lambda row: "; ".join(map(str, row.clashes)),
            template="training/cells/own_clashes.html",
        ),
        Column(
            "applied",
            _("Signed up"),
            lambda row: _now("yes") if row.has_applied else "",
        ),
    )
    default_sort = "days"
    search_label = _("Event, place")
    empty = Empty(
        _("Nobody is sought just now"),
        _("Events that seek somebody who teaches or helps stand here."),
        icon="person-plus",
    )

    def __init__(self, request: HttpRequest, **context: Any) -> None:
        super().__init__(request, **context)
        if self.context["person"] is None:
            self.empty = Empty(  # type: ignore[misc]
                _("First, say who you are"),
                _("Once your record is linked to your account, events that seek people stand here."),
                _("My record"),
                "own:record",
                "people.own",
                icon="person-badge",
            )
        self.filters = (  # type: ignore[misc]
            ChoiceFilter(
                "part", _("Seeks"), lambda qs, slugs: queries.seeking(qs, slugs), queries.sought_choices
            ),
            ChoiceFilter(
                "country",
                _("Country"),
                lambda qs, codes: qs.filter(event__country__in=codes),
                lists.country_choices,
            ),
            ChoiceFilter(
                "curriculum",
                _("Curriculum"),
                lambda qs, ids: qs.filter(event__curricula__in=lists.numbers(ids)).distinct(),
                queries.curriculum_choices,
            ),
            ChoiceFilter("lesson", _("Lesson"), _teaching, queries.lesson_choices),
            FlagFilter("online", _("Online"), lambda qs, on: qs.filter(event__is_online=on)),
            FlagFilter("applied", _("Signed up"), lambda qs, on: qs.filter(has_applied=on)),
        )

    def queryset(self) -> QuerySet[Opening]:
        """Of private events only what who may see events anyway would see."""
        rows = queries.for_person(*(self.context[name] for name in ("person", "profile", "rules")))
        if self.user.has_perm("training.view"):
            return rows
        return rows.filter(event__visibility=Visibility.PUBLIC)

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(Q(event__folded__contains=fold(words)) | Q(event__city__icontains=words))

    def decorate(self, rows: list[Any]) -> None:
        queries.with_lines(rows)
        queries.with_taught(rows)
        person = self.context["person"]
        engaged = clashes.engagements([person.pk])[person.pk] if person is not None and rows else []
        for row in rows:
            row.clashes = clashes.clashes(row.event, engaged, self.context["rules"])


def _teaching(queryset: QuerySet[Any], ids: list[str]) -> QuerySet[Any]:
    """Those that teach one of these lessons, by themselves or in a curriculum."""
    lessons = lists.numbers(ids)
    curricula = Curriculum.objects.filter(lessons__in=lessons)
    return queryset.filter(Q(event__lessons__in=lessons) | Q(event__curricula__in=curricula)).distinct()


@requires("people.own")
def own_openings(request: HttpRequest) -> HttpResponseBase:
    """Events that seek people, for whoever is signed in."""
    person = me(request)
    profile = TeachingProfile.objects.filter(person=person).first() if person else None
    rules = RecruitmentRules.current()
    return OwnOpeningList(request, person=person, profile=profile, rules=rules).respond(
        "training/own/openings.html"
    )


@requires("people.own")
@require_http_methods(["GET", "POST"])
def own_opening(request: HttpRequest, pk: int) -> HttpResponse:
    """One opening as a candidate reads it, and signing up for it."""
    user, person = user_of(request), me(request)
    if person is None:
        return HttpResponseRedirect(reverse("training:own_openings"))
    rows = queries.openings().filter(pk=pk)
    if not user.has_perm("training.view"):
        rows = rows.filter(event__visibility=Visibility.PUBLIC)
    row = rows.first()
    if row is None:
        raise Http404
    event = row.event
    found = clashes.clashes_of(person.pk, event)

    def act(form: OwnSignUpForm) -> str:
        # The clashes stand above the form: whoever sends it has read them.
        signing_up.sign_up(
            opening=row, person=person, actor=user, is_own=True, even_so=True, **form.cleaned_data
        )
        toast(request, _now("You have signed up for %(event)s.") % {"event": event.title})
        return reverse("training:own_sign_ups")

    mine = list(SignUp.objects.filter(opening=row, person=person).select_related("kind").order_by("pk"))
    return answer_form(
        request,
        partial(OwnSignUpForm, opening=row),
        act,
        title=event.title,
        submit=_now("Sign up"),
        cancel=reverse("training:own_openings"),
        template="training/own/opening.html",
        opening=row,
        event=event,
        days=lists.days_words(event.starts_on, event.ends_on),
        place=lists.place_words(event),
        lines=queries.lines_of(row),
        text=as_html(row.text),
        clashes=found,
        mine=mine,
        is_waiting=any(one.state in (SignUpState.PENDING, SignUpState.ACCEPTED) for one in mine),
        may_be_asked=consents_of([person.pk], [signing_up.CONTACT])[person.pk][signing_up.CONTACT],
        takes_sign_ups=queries.takes_sign_ups(row),
    )


class OwnSignUpList(List):
    """What somebody signed up for."""

    key = "own_sign_ups"
    title = _("My sign-ups")
    columns = (
        Column(
            "event",
            _("Event"),
            "opening.event.title",
            link=lambda row: reverse("training:own_opening", args=[row.opening_id]),
            sort="opening__event__folded",
        ),
        Column("part", _("Part"), "kind.name", sort="kind__order"),
        Column(
            "days",
            _("Days"),
            lambda row: lists.days_words(row.opening.event.starts_on, row.opening.event.ends_on),
            sort="opening__event__starts_at",
        ),
        Column(
            "state", _("State"), "get_state_display", sort="state", template="training/cells/own_sign_up.html"
        ),
        Column(
            "since",
            _("Signed up"),
            "signed_up_at",
            sort="signed_up_at",
            template="people/cells/when.html",
        ),
    )
    filters = (
        ChoiceFilter(
            "state", _("State"), lambda qs, states: qs.filter(state__in=states), SignUpState.choices
        ),
    )
    default_sort = "-since"
    empty = Empty(
        _("You have not signed up for anything"),
        _("Choose one of the events that seek people."),
        _("Openings for me"),
        "training:own_openings",
        "people.own",
        icon="person-plus",
    )

    def queryset(self) -> QuerySet[SignUp]:
        rows = queries.own_sign_ups(self.context["person"])
        if not self.user.has_perm("training.view"):
            rows = rows.filter(opening__event__visibility=Visibility.PUBLIC)
        return rows


@requires("people.own")
def own_sign_ups(request: HttpRequest) -> HttpResponseBase:
    """What whoever is signed in signed up for, and what became of it."""
    return OwnSignUpList(request, person=me(request)).respond("training/own/sign_ups.html")


@requires("people.own")
@require_POST
def own_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes one's own sign-up back; whoever was accepted leaves the part."""
    user, person = user_of(request), me(request)
    row = get_object_or_404(SignUp.objects.select_related("opening__event", "person"), pk=pk, person=person)

    def act() -> tuple[str, str]:
        if row.state == SignUpState.DECLINED:
            raise ValidationError(_now("It was declined: there is nothing to take back."), code="state")
        signing_up.withdraw(sign_up=row, actor=user)
        return _now("You have withdrawn from %(event)s.") % {"event": row.opening.event.title}, ""

    return answer_action(request, act, reverse("training:own_sign_ups"))


@requires("people.own")
@require_http_methods(["GET", "POST"])
def own_profile(request: HttpRequest) -> HttpResponse:
    """Where whoever is signed in sets out from, and in which languages they teach."""
    user, person = user_of(request), me(request)
    if person is None:
        return HttpResponseRedirect(reverse("training:own_openings"))
    row = TeachingProfile.objects.filter(person=person).first()

    def act(form: ProfileForm) -> str:
        values: Any = form.cleaned_data
        openings.save_profile(person=person, values=values, actor=user)
        toast(request, _now("Saved."))
        return reverse("training:own_openings")

    return answer_form(
        request,
        partial(ProfileForm, profile=row),
        act,
        title=_now("Where I set out from"),
        about=_now("Events show how far they are from there; those who run events find you by it."),
        submit=_now("Save"),
        cancel=reverse("training:own_openings"),
        template="training/form.html",
    )
