"""Pages of series, pools and templates of posts."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.saving import line
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.publishing.actions import series as actions
from folkmoot.publishing.forms.pictures import choices
from folkmoot.publishing.forms.series import ItemForm, KindForm, SeriesForm, TemplateForm
from folkmoot.publishing.models import Occurrence, PoolItem, PostTemplate, Series, SeriesKind
from folkmoot.publishing.queries.media import thumbnails
from folkmoot.publishing.series import making
from folkmoot.publishing.series.lists import SeriesList, TemplateList, rule_of
from folkmoot.publishing.series.occasions import occasions
from folkmoot.publishing.views.base import history_page, undo_url

FORM = "publishing/site/form.html"
MANAGE = "publishing.manage"
#: How far ahead a series' page looks, how many moments it shows, and of which it says how far away they are.
AHEAD, SHOWN, NEAR = dt.timedelta(days=400), 12, dt.timedelta(days=30)


def page_of(series: Series) -> str:
    """The address of a series' page."""
    return reverse("publishing:series", args=[series.pk])


@requires("publishing.view")
def series_list(request: HttpRequest) -> HttpResponseBase:
    """Rules that make posts."""
    return SeriesList(request).respond("publishing/series/list.html")


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Asks what makes the posts of a new series."""

    def act(form: KindForm) -> str:
        return reverse("publishing:new_series_of", args=[form.cleaned_data["kind"]])

    return answer_form(
        request,
        KindForm,
        act,
        title=_("New series"),
        submit=_("Go on"),
        cancel=reverse("publishing:series_list"),
        template=FORM,
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def new_of(request: HttpRequest, kind: str) -> HttpResponse:
    """Adds a series of a kind."""
    if kind not in SeriesKind.values:
        return HttpResponseRedirect(reverse("publishing:new_series"))
    initial = {"zone": timezone.get_current_timezone_name(), "days_ahead": 14, "cool_down_days": 90}
    return _form(
        request,
        None,
        partial(SeriesForm, kind=kind, initial=initial),
        title=_("New series: %(kind)s") % {"kind": SeriesKind(kind).label},
        submit=_("Add series"),
        cancel=reverse("publishing:series_list"),
    )


def _form(request: HttpRequest, row: Series | None, make: Any, **words: Any) -> HttpResponse:
    @transaction.atomic
    def act(form: SeriesForm) -> str:
        values, channels, tags = form.parts()
        saved = actions.save_series(
            series=row,
            values=values,
            channels=channels,
            tags=tags,
            actor=user_of(request),
            seen=form.version if row is not None else None,
        )
        return page_of(saved)

    return answer_form(request, make, act, said=_("Saved."), template=FORM, **words)


@requires("publishing.view")
@require_GET
def series(request: HttpRequest, pk: int) -> HttpResponse:
    """A series: its rule, what comes next, what it made."""
    row = get_object_or_404(
        Series.objects.select_related("template", "campaign", "owner", "after_tag", "after_series"), pk=pk
    )
    now = clock.now()
    known = {
        one.key: one for one in Occurrence.objects.filter(series=row, due_at__gte=now).select_related("post")
    }
    try:
        moments = making.coming(row, now, now + AHEAD)[:SHOWN]
    except ValidationError:
        moments = []
    context = {
        "series": row,
        "rule": rule_of(row),
        "channels": list(row.channels.order_by("name", "pk")),
        "coming": [
            (
                moment,
                dt.datetime.fromisoformat(moment.wall_time),
                moment.instant - now < NEAR,
                known.get(moment.wall_time),
            )
            for moment in moments
        ],
        "items": _items(row) if row.kind == SeriesKind.EVERGREEN else [],
        "made": list(
            Occurrence.objects.filter(series=row).select_related("post").order_by("-created_at", "-pk")[:20]
        ),
    }
    return render(request, "publishing/series/series.html", context)


def _items(row: Series) -> list[tuple[PoolItem, str]]:
    """The texts of a pool, each with a small file of its picture; two queries."""
    items = list(row.items.select_related("media").order_by("group", "language", "pk"))
    small = thumbnails(item.media for item in items if item.media is not None)
    return [(item, small.get(item.media_id or 0, "")) for item in items]


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a series."""
    row = get_object_or_404(Series, pk=pk)
    return _form(
        request,
        row,
        partial(SeriesForm, instance=row, kind=row.kind),
        title=_("Edit %(name)s") % {"name": row},
        submit=_("Save"),
        cancel=page_of(row),
    )


@requires(MANAGE)
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Pauses a series, or lets it go on."""
    row, user = get_object_or_404(Series, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        paused = row.paused_at is None
        actions.pause_series(series=row, actor=user, paused=paused)
        return (_("Paused.") if paused else _("It goes on.")), reverse("publishing:pause_series", args=[pk])

    return answer_action(request, act, page_of(row))


@requires(MANAGE)
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a series out of use, or brings it back."""
    row, user = get_object_or_404(Series, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        archived = row.archived_at is None
        actions.archive_series(series=row, actor=user, archived=archived)
        return (_("Archived.") if archived else _("In use again.")), reverse(
            "publishing:archive_series", args=[pk]
        )

    return answer_action(request, act, page_of(row))


@requires(MANAGE)
@require_POST
def skip(request: HttpRequest, pk: int) -> HttpResponse:
    """Leaves one moment of a series out, or takes that back."""
    row, user = get_object_or_404(Series, pk=pk), user_of(request)
    wall_time = request.POST.get("wall_time", "")[:19]

    def act() -> tuple[str, str]:
        is_back = request.POST.get("back") == "1"
        actions.skip_moment(series=row, wall_time=wall_time, actor=user, skipped=not is_back)
        return (_("It is made after all.") if is_back else _("Left out.")), ""

    return answer_action(request, act, page_of(row))


@requires("publishing.view")
@require_GET
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed a series, and when."""
    row = get_object_or_404(Series, pk=pk)
    return history_page(request, row, page_of(row))


# ---------------------------------------------------------------- pool items


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def new_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a text to a pool."""
    row = get_object_or_404(Series, pk=pk, kind=SeriesKind.EVERGREEN)
    return _item_form(
        request, row, None, title=_("New text of %(name)s") % {"name": row}, submit=_("Add text")
    )


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def edit_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a text of a pool."""
    row = get_object_or_404(PoolItem.objects.select_related("series"), pk=pk)
    return _item_form(request, row.series, row, title=_("Edit %(name)s") % {"name": row}, submit=_("Save"))


def _item_form(request: HttpRequest, row: Series, item: PoolItem | None, **words: Any) -> HttpResponse:
    def act(form: ItemForm) -> str:
        actions.save_item(
            series=row,
            item=item,
            values=form.values(),
            actor=user_of(request),
            seen=form.version if item is not None else None,
        )
        return page_of(row)

    make = partial(ItemForm, instance=item) if item is not None else ItemForm
    return answer_form(request, make, act, said=_("Saved."), cancel=page_of(row), template=FORM, **words)


@requires(MANAGE)
@require_GET
def choose_picture(request: HttpRequest) -> HttpResponse:
    """Pictures for a text of a pool, while one looks for them."""
    words, chosen = line(request.GET.get("find", ""))[:100], request.GET.get("media", "")
    context = {"pictures": choices(chosen, words), "chosen": chosen, "words": words, "name": "media"}
    return render(request, "publishing/widgets/picture_choices.html", context)


@requires(MANAGE)
@require_POST
def remove_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a text out of a pool."""
    row = get_object_or_404(PoolItem.objects.select_related("series"), pk=pk)

    def act() -> tuple[str, str]:
        user = user_of(request)
        undo = undo_url(user, actions.remove_item(item=row, actor=user), MANAGE)
        return _("“%(name)s” is out of the pool.") % {"name": row}, undo

    return answer_action(request, act, page_of(row.series))


# ----------------------------------------------------------------- templates


@requires("publishing.view")
def templates(request: HttpRequest) -> HttpResponseBase:
    """Texts with gaps from which drafts are made."""
    return TemplateList(request).respond("publishing/series/templates.html")


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def new_template(request: HttpRequest) -> HttpResponse:
    """Adds a template of posts."""
    return _template_form(request, None, title=_("New template"), submit=_("Add template"))


@requires(MANAGE)
@require_http_methods(["GET", "POST"])
def edit_template(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a template of posts."""
    row = get_object_or_404(PostTemplate, pk=pk)
    return _template_form(request, row, title=_("Edit %(name)s") % {"name": row}, submit=_("Save"))


def _template_form(request: HttpRequest, row: PostTemplate | None, **words: Any) -> HttpResponse:
    @transaction.atomic
    def act(form: TemplateForm) -> str:
        values, texts, tags = form.parts()
        actions.save_template(
            template=row,
            values=values,
            texts=texts,
            tags=tags,
            actor=user_of(request),
            seen=form.version if row is not None else None,
        )
        return reverse("publishing:templates")

    return answer_form(
        request,
        partial(TemplateForm, instance=row) if row is not None else TemplateForm,
        act,
        said=_("Saved."),
        cancel=reverse("publishing:templates"),
        template="publishing/series/template_form.html",
        occasions=list(occasions),
        row=row,
        **words,
    )


@requires(MANAGE)
@require_POST
def set_template_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a template out of use, or brings it back."""
    row, user = get_object_or_404(PostTemplate, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        aside = row.archived_at is None
        actions.set_template_aside(template=row, actor=user, aside=aside)
        undo = reverse("publishing:set_template_aside", args=[pk])
        return (_("Set aside.") if aside else _("In use again.")), undo

    return answer_action(request, act, reverse("publishing:templates"))
