"""Pages of cards: patterns, and pictures drawn from them."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.answers import answer_action, answer_form, user_of
from folkmoot.publishing.actions import cards as actions
from folkmoot.publishing.cards import drawing
from folkmoot.publishing.cards.faint import Faint
from folkmoot.publishing.forms.cards import CardForm, DrawForm
from folkmoot.publishing.models import CardTemplate

ADMIN = "publishing.admin"


@requires("publishing.view")
@require_GET
def cards(request: HttpRequest) -> HttpResponse:
    """Patterns of pictures."""
    rows = CardTemplate.objects.order_by("archived_at", "name", "pk")
    shown = [(row, () if row.archived_at else _faint(row)) for row in rows]
    return render(request, "publishing/series/cards.html", {"cards": shown})


def _faint(row: CardTemplate) -> tuple[Faint, ...]:
    """What is hard to read of a card with its examples."""
    return drawing.faint_texts(row, actions.examples(row))


@requires("publishing.view")
@require_GET
def example(request: HttpRequest, pk: int) -> HttpResponse:
    """A card drawn with its examples."""
    row = get_object_or_404(CardTemplate, pk=pk)
    try:
        drawn = drawing.draw(row, actions.examples(row))
    except ValidationError:
        raise Http404 from None
    answer = HttpResponse(drawn.content, content_type=drawn.type)
    answer["Cache-Control"] = "private, max-age=60"
    return answer


@requires("publishing.contribute")
@require_http_methods(["GET", "POST"])
def draw(request: HttpRequest, pk: int) -> HttpResponse:
    """Draws a picture from a card and facts."""
    row = get_object_or_404(CardTemplate, pk=pk)

    def act(form: DrawForm) -> str:
        media = actions.draw_card(card=row, values=form.cleaned_data, actor=user_of(request))
        return reverse("publishing:picture", args=[media.pk])

    return answer_form(
        request,
        partial(DrawForm, card=row),
        act,
        title=_("Draw: %(name)s") % {"name": row},
        submit=_("Draw it"),
        said=_("Drawn. Its description is filled in: read it once."),
        cancel=reverse("publishing:cards"),
        template="publishing/series/draw.html",
        card=row,
        faint=_faint(row),
    )


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def new_card(request: HttpRequest) -> HttpResponse:
    """Adds a card."""
    return _form(request, None, title=_("New card"), submit=_("Add card"))


@requires(ADMIN)
@require_http_methods(["GET", "POST"])
def edit_card(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a card's pattern."""
    row = get_object_or_404(CardTemplate, pk=pk)
    return _form(request, row, title=_("Edit %(name)s") % {"name": row}, submit=_("Save"))


def _form(request: HttpRequest, row: CardTemplate | None, **words: Any) -> HttpResponse:
    def act(form: CardForm) -> str:
        values: Any = form.parts()
        seen = form.version if row is not None else None
        actions.save_card(card=row, values=values, actor=user_of(request), seen=seen)
        return reverse("publishing:cards")

    return answer_form(
        request,
        partial(CardForm, instance=row) if row is not None else CardForm,
        act,
        said=_("Saved."),
        cancel=reverse("publishing:cards"),
        template="publishing/site/form.html" if row is None else "publishing/series/draw.html",
        card=row,
        faint=() if row is None else _faint(row),
        **words,
    )


@requires(ADMIN)
@require_POST
def set_card_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a card out of use, or brings it back."""
    row, user = get_object_or_404(CardTemplate, pk=pk), user_of(request)

    def act() -> tuple[str, str]:
        aside = row.archived_at is None
        actions.set_card_aside(card=row, actor=user, aside=aside)
        return (_("Set aside.") if aside else _("In use again.")), reverse(
            "publishing:set_card_aside", args=[pk]
        )

    return answer_action(request, act, reverse("publishing:cards"))
