"""Cards: patterns that are kept, and pictures drawn from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.publishing.actions import base
from folkmoot.publishing.actions.base import Actor
from folkmoot.publishing.actions.media import keep_drawn
from folkmoot.publishing.cards import drawing
from folkmoot.publishing.models import CardTemplate, Media


class CardFields(TypedDict):
    """What a card says of itself."""

    name: str
    svg: str
    fields: list[dict[str, Any]]
    alt: str
    width: int
    height: int


@transaction.atomic
def save_card(
    *, card: CardTemplate | None, values: CardFields, actor: Actor, seen: int | None = None
) -> CardTemplate:
    """Add a card, or change its pattern. Pictures that were drawn from it stay as they are.

    Raises:
        ValidationError: by field: a pattern that cannot be drawn or reaches outside itself, no description.
    """
    card = base.locked(card, seen) if card is not None else CardTemplate()
    base.put(card, dict(values))
    wrong: dict[str, Any] = {}
    if not (
        drawing.SMALLEST <= card.width <= drawing.LARGEST
        and drawing.SMALLEST <= card.height <= drawing.LARGEST
    ):
        wrong["width"] = _("A side has %(least)d to %(most)d pixels.") % {
            "least": drawing.SMALLEST,
            "most": drawing.LARGEST,
        }
    if not card.alt.strip():
        wrong["alt"] = _("Say what the picture shows: not everybody sees it.")
    names = [field.name for field in drawing.fields_of(card)]
    if len(names) != len(set(names)) or set(names) & set(drawing.HOUSE):
        wrong["fields"] = _("Two fields have one name, or one that the house fills itself.")
    try:
        drawing.check(card.svg, drawing.fields_of(card))
        if not wrong:
            drawing.draw(card, examples(card))
    except ValidationError as problem:
        wrong["svg"] = problem
    if wrong:
        raise ValidationError(wrong)
    return base.write(card, actor=actor)


def examples(card: CardTemplate) -> dict[str, str]:
    """A made-up value for each field of a card."""
    return {field.name: field.example or field.label for field in drawing.fields_of(card)}


@transaction.atomic
def set_card_aside(*, card: CardTemplate, actor: Actor, aside: bool = True) -> CardTemplate:
    """Take a card out of use, or bring it back."""
    card = base.locked(card)
    if bool(card.archived_at) != aside:
        card.archived_at = clock.now() if aside else None
        base.write(card, actor=actor)
    return card


def draw_card(*, card: CardTemplate, values: Mapping[str, str], actor: Actor) -> Media:
    """Draw a card and keep the picture, its description filled in and what of it is hard to read; the same values give
    the same picture once.

    Raises:
        ValidationError: the pattern cannot be drawn.
    """
    said = {field.name: values.get(field.name, "") for field in drawing.fields_of(card)}
    return keep_drawn(
        drawn=drawing.draw(card, said),
        name=f"{card.name}.png",
        alt=drawing.alt_of(card, said),
        card=card,
        card_values=said,
        faint=drawing.faint_texts(card, said),
        actor=actor,
    )
