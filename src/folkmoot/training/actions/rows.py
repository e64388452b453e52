"""How events work: programmes, kinds of events and parts, curricula, patterns of certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from folkmoot.kernel.undo import Change, Undo, removed
from folkmoot.training.actions import base
from folkmoot.training.actions.allowances import set_tier_benefits
from folkmoot.training.actions.base import Actor
from folkmoot.training.actions.surveys import check_address, spread
from folkmoot.training.certifying import check_pattern
from folkmoot.training.models import (
    Badge,
    BenefitKind,
    CertificatePattern,
    ContactRole,
    Curriculum,
    EventKind,
    Involvement,
    Programme,
    Requirement,
    Survey,
    TaskKind,
    Tier,
)

R = TypeVar(
    "R",
    Programme,
    EventKind,
    TaskKind,
    Curriculum,
    CertificatePattern,
    Requirement,
    Involvement,
    Badge,
    BenefitKind,
    Survey,
    Tier,
    ContactRole,
)
#: What is set apart, since it stands in a table of its own.
_SETS = ("lessons", "requirements", "amounts", "upload", "no_picture")


@transaction.atomic
def save_row(*, row: R, values: Mapping[str, Any], actor: Actor, seen: int | None = None) -> R:
    """Add such a row (one without a number), or change one; what is not named stays. A short name is made from the
    name where none is given.

    Args:
        values: by field; ``lessons`` of a curriculum are a list of projects, ``requirements`` of a badge of those,
            ``amounts`` of a tier how much it gives by benefit, ``upload`` of a badge a picture that was drawn anew,
            ``no_picture`` takes it away.

    Raises:
        ValidationError: by field; a pattern that cannot be drawn, at ``svg``; ``ChangedMeanwhile``.
    """
    model = type(row)
    fresh = base.locked(row, seen) if row.pk is not None else row
    plain = {name: value for name, value in values.items() if name not in _SETS}
    if not plain.get("slug") and not fresh.slug:
        taken = set(model._default_manager.values_list("slug", flat=True))
        plain["slug"] = _free(str(plain.get("name", "")), taken)
    elif not plain.get("slug", "kept"):
        del plain["slug"]
    changed = base.put(fresh, plain)
    if isinstance(fresh, CertificatePattern) and (changed or fresh.pk is None):
        try:
            check_pattern(fresh.svg)
        except ValidationError as error:
            raise ValidationError({"svg": error.error_list}) from error
    if isinstance(fresh, Badge):
        changed |= _picture(fresh, values)
    if isinstance(fresh, Survey):
        check_address(fresh.address)
    if changed or fresh.pk is None:
        base.write(fresh, actor=actor)
        if isinstance(fresh, Survey):
            spread(survey=fresh, actor=actor)
    if isinstance(fresh, Curriculum) and "lessons" in values:
        fresh.lessons.set(values["lessons"])
    if isinstance(fresh, Badge) and "requirements" in values:
        fresh.requirements.set(values["requirements"])
    if isinstance(fresh, Tier) and "amounts" in values:
        set_tier_benefits(tier=fresh, amounts=values["amounts"], actor=actor)
    return fresh


def _picture(badge: Badge, values: Mapping[str, Any]) -> bool:
    """Put another picture on a badge, or none. The file of the one before stays, so that an undo finds it."""
    before = badge.picture.name
    if values.get("no_picture"):
        badge.picture = ""
    if (file := values.get("upload")) is not None:
        badge.picture.save(file.name, file, save=False)
    return bool(badge.picture.name != before)


@transaction.atomic
def remove_row(*, row: R, actor: Actor) -> Undo:
    """Delete a row that nothing uses; what is used is archived instead.

    Raises:
        ValidationError: something uses it; it says what and how many.
    """
    fresh: Any = base.locked(row)
    beside: list[Change] = []
    if isinstance(fresh, Tier):
        base.unused(fresh, but=frozenset({"training.tierbenefit"}))
        for one in fresh.benefits.all():
            beside += removed(one, actor=actor).changes
    else:
        base.unused(fresh)
    return Undo((*beside, *removed(fresh, actor=actor).changes))


def _free(name: str, taken: set[str]) -> str:
    wished = slugify(name)[:50] or "row"
    slug, number = wished, 2
    while slug in taken:
        slug, number = f"{wished}-{number}", number + 1
    return slug
