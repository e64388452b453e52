"""The queue of records that may be one, and what is decided there without merging."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Count, F, QuerySet, TextField, Window
from django.db.models.functions import Cast, RowNumber
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.lists import BulkAction, ChoiceFilter, Column, Done, Empty, FlagFilter, List
from folkmoot.kernel.ui.times import day
from folkmoot.kernel.ui.toasts import toast
from folkmoot.people.actions import merging
from folkmoot.people.actions.merging import BY_WORD, KINDS, MergeKind
from folkmoot.people.forms.merging import LaterForm, numbers_in
from folkmoot.people.models import Candidate
from folkmoot.people.queries import candidates as queries
from folkmoot.people.queries.merge_preview import REASONS, group, knot
from folkmoot.people.views.base import answer_action, answer_form, back, page_of, user_of

SALT = "people.candidates"
SCORES = ((95, "95 %"), (85, "85 %"), (70, "70 %"), (50, "50 %"))


def kind_or_404(word: str) -> MergeKind:
    """The kind that an address names."""
    if word not in BY_WORD:
        raise Http404
    return BY_WORD[word]


def queue_url(kind: MergeKind) -> str:
    """The address of a kind's queue."""
    return reverse("people:candidates", args=[kind.word])


def reopen_url(kind: MergeKind, candidates: list[int]) -> str:
    """The address that takes verdicts back."""
    return reverse("people:reopen_candidates", args=[kind.word, signing.dumps(candidates, salt=SALT)])


def pair_url(kind: MergeKind, first: Any, second: Any) -> str:
    """The page of two records, the one that should stay first."""
    stays, goes = merging.better_survivor(first, second)
    return reverse("people:merge_pair", args=[kind.word, stays.pk, goes.pk])


def _link(row: Any) -> str:
    word = queries_word(row)
    if row.size > 2:
        return reverse("people:candidate_group", args=[word, row.knot])
    return reverse("people:merge_pair", args=[word, row.first_id, row.second_id])


def queries_word(row: Any) -> str:
    """The word of a candidate's kind."""
    return next(kind.word for kind in KINDS if kind.candidate is type(row))


def _names(row: Any) -> str:
    more = row.size - 2
    names = f"{row.first} · {row.second}"
    return (
        names
        if more < 1
        else ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more)
        % {
            "names": names,
            "n": more,
        }
    )


def _decision(row: Any) -> str:
    if row.state == Candidate.State.OPEN or row.decided_at is None:
        return ""
    who, when = row.decided_by or _("Somebody"), day(row.decided_at)
    until = _(", again on %(day)s") % {"day": day(row.later_until)} if row.later_until else ""
    return _("%(who)s on %(when)s%(until)s") % {"who": who, "when": when, "until": until}


def _keep_apart(user: Any, queryset: QuerySet[Any]) -> Done:
    """All pairs of the selected rows, those of a whole group too."""
    kind = next(one for one in KINDS if one.candidate is queryset.model)
    rows = list(queryset)
    knots = {row.knot for row in rows}
    pairs = queries.candidates(kind.word).annotate(knot=knot()).filter(knot__in=knots)
    wanted = {(row.first_id, row.second_id) for row in (*rows, *pairs)}
    decided = merging.keep_apart(kind=kind, pairs=sorted(wanted), actor=user)
    number = len(decided)
    text = ngettext(
        "%(n)d pair is not the same. Nobody will be asked again.",
        "%(n)d pairs are not the same. Nobody will be asked again.",
        number,
    )
    return Done(text % {"n": number}, reopen_url(kind, decided) if decided else "")


def _later(user: Any, queryset: QuerySet[Any]) -> Done:
    """In a month."""
    kind = next(one for one in KINDS if one.candidate is queryset.model)
    until = clock.today() + dt.timedelta(days=30)
    knots = {row.knot for row in queryset}
    rows = queries.candidates(kind.word).annotate(knot=knot()).filter(knot__in=knots)
    done = merging.put_off(
        kind=kind, candidates=list(rows.values_list("pk", flat=True)), until=until, actor=user
    )
    number = len(done)
    text = ngettext("%(n)d pair waits until %(day)s.", "%(n)d pairs wait until %(day)s.", number)
    return Done(text % {"n": number, "day": day(until)}, reopen_url(kind, done) if done else "")


def _take_back(user: Any, queryset: QuerySet[Any]) -> str:
    kind = next(one for one in KINDS if one.candidate is queryset.model)
    number = len(
        merging.reopen(
            kind=kind, candidates=list(queryset.order_by().values_list("pk", flat=True)), actor=user
        )
    )
    text = ngettext("%(n)d verdict is taken back.", "%(n)d verdicts are taken back.", number)
    return text % {"n": number}


class CandidateList(List):
    """Records that may be one: a group as one row while it waits, pair by pair once it is decided."""

    key = "candidates"
    title = gettext_lazy("Likely duplicates")
    columns = (
        Column("records", gettext_lazy("Records"), _names, link=_link),
        Column("score", gettext_lazy("Alike"), lambda row: f"{row.score * 100:.0f} %", sort="score", number=True),
        Column(
            "why",
            gettext_lazy("Why"),
            lambda row: [said.text for said in row.said],
            template="people/candidates/why.html",
        ),
        Column(
            "known",
            gettext_lazy("Known as"),
            lambda row: row.known,
            template="people/candidates/known.html",
            export=lambda row: " / ".join(row.known),
        ),
        Column("decided", gettext_lazy("Decided"), _decision, shown=False),
        Column("found", gettext_lazy("Found"), "found_at", sort="found_at", shown=False,
               template="people/cells/when.html"),
    )  # fmt: skip
    filters = (
        ChoiceFilter(
            "state",
            gettext_lazy("State"),
            choices=[
                (Candidate.State.LATER, gettext_lazy("later")),
                (Candidate.State.DIFFERENT, gettext_lazy("not the same")),
            ],
            many=False,
            apply=lambda qs, chosen: qs,
        ),
        ChoiceFilter(
            "score",
            gettext_lazy("At least"),
            choices=SCORES,
            many=False,
            apply=lambda qs, chosen: qs.filter(score__gte=int(chosen[0]) / 100),
        ),
        ChoiceFilter(
            "reason",
            gettext_lazy("Reason"),
            choices=REASONS,
            apply=lambda qs, chosen: _with_reasons(qs, chosen),
        ),
        FlagFilter(
            "group",
            gettext_lazy("Group"),
            yes=gettext_lazy("more than two"),
            no=gettext_lazy("two"),
            apply=lambda qs, on: _in_groups(qs, on),
        ),
    )  # fmt: skip
    tabs = (
        (gettext_lazy("Later"), f"state={Candidate.State.LATER}"),
        (gettext_lazy("Not the same"), f"state={Candidate.State.DIFFERENT}"),
    )
    bulk_actions = (
        BulkAction("apart", gettext_lazy("Not the same"), "people.manage", _keep_apart, icon="x-lg"),
        BulkAction("later", gettext_lazy("Ask in a month"), "people.manage", _later, icon="clock"),
        BulkAction("reopen", gettext_lazy("Take the verdict back"), "people.manage", _take_back),
    )
    default_sort = "-score"
    empty = Empty(
        gettext_lazy("No likely duplicates"),
        gettext_lazy(
            "What is proven to be one is linked by itself. What may be one waits here for a person."
        ),
        icon="check2-circle",
    )

    @property
    def state(self) -> str:
        """Which are shown: those to decide, unless the address says otherwise."""
        bound = next(one for one in self.bound if one.filter.key == "state")
        return bound.value or Candidate.State.OPEN

    @property
    def bulk_allowed(self) -> list[BulkAction]:
        """What fits the state: a verdict can be given, or taken back."""
        keys = ("apart", "later") if self.state == Candidate.State.OPEN else ("reopen",)
        return [one for one in self.bulk_actions if one.key in keys and self.user.has_perm(one.permission)]

    def queryset(self) -> QuerySet[Any]:
        kind: MergeKind = self.context["kind"]
        rows = queries.candidates(kind.word, self.state).select_related("decided_by").annotate(knot=knot())
        if self.state != Candidate.State.OPEN:
            return rows
        place = Window(RowNumber(), partition_by=[F("knot")], order_by=[F("score").desc(), F("pk").asc()])
        return rows.annotate(place=place).filter(place=1)

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return queryset.filter(first__name__icontains=words) | queryset.filter(second__name__icontains=words)

    def decorate(self, rows: list[Any]) -> None:
        kind: MergeKind = self.context["kind"]
        members: dict[int, set[int]] = {}
        if self.state == Candidate.State.OPEN:
            together = (
                queries.candidates(kind.word)
                .annotate(knot=knot())
                .filter(knot__in={row.knot for row in rows})
            )
            for number, first, second in together.order_by().values_list("knot", "first_id", "second_id"):
                members.setdefault(number, set()).update((first, second))
        beside = queries.facts_beside(kind.word, {pk for row in rows for pk in (row.first_id, row.second_id)})
        for row in rows:
            row.size = len(members.get(row.knot, (1, 2)))
            told = queries.pair(row)
            row.said, row.against = told.reasons_for, told.reasons_against
            row.decision = _decision(row)
            row.known = [_known(beside.get(pk)) for pk in (row.first_id, row.second_id)]


def _known(beside: Any) -> str:
    if beside is None:
        return ""
    return ", ".join([*(one.value for one in beside.handles[:2]), *beside.organizations[:1]])


def _with_reasons(queryset: QuerySet[Any], codes: list[str]) -> QuerySet[Any]:
    queryset = queryset.annotate(said_as_text=Cast("reasons", TextField()))
    for code in codes:
        queryset = queryset.filter(said_as_text__contains=f'"{code}"')
    return queryset


def _in_groups(queryset: QuerySet[Any], on: bool) -> QuerySet[Any]:
    model: Any = queryset.model
    many = (
        model.objects.filter(group__isnull=False)
        .order_by()
        .values("group")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
        .values("group")
    )
    return queryset.filter(group__in=many) if on else queryset.exclude(group__in=many)


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def candidates(request: HttpRequest, kind: str) -> HttpResponseBase:
    chosen = kind_or_404(kind)
    tabs = [(one.plural, queue_url(one), one is chosen, queries.waiting(one.word)) for one in KINDS]
    return CandidateList(request, kind=chosen).respond("people/candidates/queue.html", kinds=tabs)


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def candidate_group(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """A whole group: which of them stays, who is left out; or none of them are the same."""
    chosen = kind_or_404(kind)
    found = group(chosen, number)
    if found is None:
        toast(request, _("Nothing is left to decide about this group."))
        return HttpResponseRedirect(queue_url(chosen))
    errors: list[str] = []
    members = {row.pk for row in found.records}
    included = set(numbers_in(request.POST.getlist("member"))) & members if request.POST else members
    stays = next(iter(numbers_in([request.POST.get("stays", "")])), 0) or _best(found.records)
    if request.method == "POST":
        try:
            return _decide_group(request, chosen, found, sorted(included), stays)
        except ValidationError as error:
            errors = error.messages
    context = {
        "kind": chosen,
        "group": found,
        "included": included,
        "stays": stays,
        "errors": errors,
        "queue_url": queue_url(chosen),
        "members": [(row, page_of(row), _known(found.beside.get(row.pk))) for row in found.records],
    }
    return render(request, "people/candidates/group.html", context, status=422 if errors else 200)


def _best(records: list[Any]) -> int:
    best = records[0]
    for row in records[1:]:
        best = merging.better_survivor(best, row)[0]
    return int(best.pk)


def _decide_group(
    request: HttpRequest, kind: MergeKind, found: Any, included: list[int], stays: int
) -> HttpResponse:
    user = user_of(request)
    if request.POST.get("do") == "apart":
        every = [(one, other) for one in included for other in included if one < other]
        decided = merging.keep_apart(kind=kind, pairs=every, actor=user)
        text = ngettext("%(n)d pair is not the same.", "%(n)d pairs are not the same.", len(decided))
        toast(request, text % {"n": len(decided)}, undo_url=reopen_url(kind, decided) if decided else "")
        return HttpResponseRedirect(queue_url(kind))
    if stays not in included:
        raise ValidationError(_("Choose which record stays, among those that are merged."))
    grounds = {
        "group": found.number,
        "reasons": [reason for two in found.pairs for reason in two.candidate.reasons],
    }
    done = merging.merge_several(kind=kind, survivor=stays, gone=included, actor=user, grounds=grounds)
    if done.job is not None:
        toast(request, _("The records are being merged. You will be told when it is done."))
    else:
        number = done.number + 1
        text = ngettext("%(n)d record is one now.", "%(n)d records are one now.", number) % {"n": number}
        toast(request, text, undo_url=reverse("people:undo_batch", args=[done.batch]))
    return HttpResponseRedirect(queue_url(kind))


def _pair(kind: str, first: int, second: int) -> tuple[MergeKind, Any, Any]:
    chosen = kind_or_404(kind)
    return (
        chosen,
        get_object_or_404(chosen.model._default_manager, pk=first),
        get_object_or_404(chosen.model._default_manager, pk=second),
    )


@requires("people.manage")
@require_POST
def keep_apart(request: HttpRequest, kind: str, first: int, second: int) -> HttpResponse:
    """The two are not the same; remembered for ever."""
    chosen, one, other = _pair(kind, first, second)

    def act() -> tuple[str, str]:
        decided = merging.keep_apart(kind=chosen, pairs=[(one.pk, other.pk)], actor=user_of(request))
        text = _("“%(one)s” and “%(other)s” are not the same. Nobody will be asked again.")
        return text % {"one": one, "other": other}, reopen_url(chosen, decided) if decided else ""

    return answer_action(request, act, queue_url(chosen))


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def put_off(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Ask again on a day."""
    chosen = kind_or_404(kind)
    row: Any = get_object_or_404(chosen.candidate.objects.select_related("first", "second"), pk=pk)

    def act(form: LaterForm) -> str:
        until = form.cleaned_data["until"]
        done = merging.put_off(kind=chosen, candidates=[row.pk], until=until, actor=user_of(request))
        text = _("Asked again on %(day)s.") % {"day": day(until)}
        toast(request, text, undo_url=reopen_url(chosen, done) if done else "")
        return queue_url(chosen)

    initial = {"until": clock.today() + dt.timedelta(days=30)}
    return answer_form(
        request,
        partial(LaterForm, initial=initial),
        act,
        title=_("Later"),
        about=f"{row.first} · {row.second}",
        submit=_("Ask later"),
        cancel=queue_url(chosen),
    )


@requires("people.manage")
@require_POST
def reopen_candidates(request: HttpRequest, kind: str, token: str) -> HttpResponse:
    """Take verdicts back that a toast told of, or a page shows."""
    chosen = kind_or_404(kind)
    try:
        numbers: list[int] = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        toast(request, _("This undo is not complete. Go back to the page and use its button."), failed=True)
        return back(request, queue_url(chosen))

    def act() -> tuple[str, str]:
        done = merging.reopen(kind=chosen, candidates=numbers, actor=user_of(request))
        text = ngettext("%(n)d verdict is taken back.", "%(n)d verdicts are taken back.", len(done))
        return text % {"n": len(done)}, ""

    return answer_action(request, act, queue_url(chosen))
