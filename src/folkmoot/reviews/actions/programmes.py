"""How reviews work: programmes, their stages, labels, rules and checklists."""

from __future__ import annotations

from typing import Any, TypedDict, TypeVar, Unpack

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from folkmoot.kernel.undo import Undo, removed
from folkmoot.reviews.actions import base
from folkmoot.reviews.actions.base import Actor
from folkmoot.reviews.models import ChecklistItem, HoldUpRule, LabelMeaning, Programme, Stage, Submission

#: The most days, reviewers, months and years that a number can be.
MOST = {
    "limit_days": 3650,
    "days": 3650,
    "review_days": 3650,
    "reviewers_wanted": 20,
    "rest_months": 600,
    "conflict_years": 100,
}

R = TypeVar("R", LabelMeaning, HoldUpRule, ChecklistItem, Stage, Programme)


class ProgrammeFields(TypedDict, total=False):
    """What may be said about a programme."""

    name: str
    tracker: str
    reviewers_wanted: int
    rest_months: int
    conflict_years: int
    review_days: int
    is_open: bool
    guide: str
    is_archived: bool


class StageFields(TypedDict, total=False):
    """What may be said about a stage."""

    name: str
    turn: str
    limit_days: int | None
    guide: str
    is_presubmission: bool
    is_accepted: bool
    joss: str
    is_archived: bool


class LabelFields(TypedDict, total=False):
    """What may be said about a label."""

    label: str
    means: str
    stage: Stage | None
    value: str


class RuleFields(TypedDict, total=False):
    """What may be said about a rule."""

    kind: str
    days: int | None
    tells: str
    advice: str
    is_active: bool


class ItemFields(TypedDict, total=False):
    """What may be said about an entry of a checklist."""

    turn: str
    text: str
    is_archived: bool


def _check_numbers(row: models.Model) -> None:
    for name, most in MOST.items():
        value = getattr(row, name, None)
        if value is not None and not 0 <= value <= most:
            raise ValidationError({name: _("Give a number from 0 to %(most)d.") % {"most": most}})


def _save(row: Any, fields: Any, actor: Actor) -> Any:
    if base.put(row, fields) or row.pk is None:
        _check_numbers(row)
        base.write(row, actor=actor)
    return row


def free_slug(name: str, taken: set[str]) -> str:
    """A short name made from a name, that nobody has."""
    wished = slugify(name)[:50] or "stage"
    slug, number = wished, 2
    while slug in taken:
        slug, number = f"{wished}-{number}", number + 1
    return slug


@transaction.atomic
def add_programme(*, actor: Actor, **fields: Unpack[ProgrammeFields]) -> Programme:
    """Make a programme of review; its short name is made once, from its first name.

    Raises:
        ValidationError: by field; the tracker is another programme's.
    """
    taken = set(Programme.objects.values_list("slug", flat=True))
    row = Programme(slug=free_slug(fields.get("name", ""), taken))
    _clean_tracker(fields)
    made: Programme = _save(row, fields, actor)
    return made


@transaction.atomic
def edit_programme(
    *, programme: Programme, actor: Actor, seen: int | None = None, **fields: Unpack[ProgrammeFields]
) -> Programme:
    """Set what is given.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile`` when somebody saved since ``seen``.
    """
    _clean_tracker(fields)
    edited: Programme = _save(base.locked(programme, seen), fields, actor)
    return edited


def _clean_tracker(fields: ProgrammeFields) -> None:
    """As compared: without scheme, ending and capitals."""
    if fields.get("tracker"):
        words = base.line(fields["tracker"]).casefold().removeprefix("https://").removeprefix("http://")
        parts = words.removeprefix("www.").strip("/").removesuffix(".git").split("/")
        if len(parts) < 3 or "." not in parts[0] or not all(parts[:3]):
            raise ValidationError({"tracker": _("Give it as github.com/organisation/repository.")})
        fields["tracker"] = "/".join(parts[:3])


@transaction.atomic
def add_stage(*, programme: Programme, actor: Actor, **fields: Unpack[StageFields]) -> Stage:
    """Add a stage at the end of a programme.

    Raises:
        ValidationError: by field.
    """
    stages = Stage.objects.filter(programme=programme)
    slug = free_slug(fields.get("name", ""), set(stages.values_list("slug", flat=True)))
    last = stages.aggregate(n=models.Max("position"))["n"]
    row = Stage(programme=programme, slug=slug, position=0 if last is None else last + 1)
    made: Stage = _save(row, fields, actor)
    return made


@transaction.atomic
def edit_stage(
    *, stage: Stage, actor: Actor, seen: int | None = None, **fields: Unpack[StageFields]
) -> Stage:
    """Set what is given.

    Raises:
        ValidationError: by field; submissions of the other kind stand in it; ``ChangedMeanwhile`` since ``seen``.
    """
    stage = base.locked(stage, seen)
    enquiries = fields.get("is_presubmission", stage.is_presubmission)
    if enquiries != stage.is_presubmission and _is_used(stage):
        raise ValidationError(
            {"is_presubmission": _("Submissions have stood in this stage: add another one instead.")}
        )
    if fields.get("is_archived") and Submission.objects.filter(stage=stage, outcome="").exists():
        raise ValidationError(
            {"is_archived": _("Submissions stand in this stage. Move them elsewhere first.")}
        )
    edited: Stage = _save(stage, fields, actor)
    return edited


def _is_used(stage: Stage) -> bool:
    return stage.submissions.exists() or stage.stage_changes.exists()


@transaction.atomic
def place_stage(*, stage: Stage, by: int, actor: Actor) -> bool:
    """Move a stage up (``-1``) or down (``1``) by one place among those that are in use.

    Returns:
        whether it moved; ``False`` at either end.
    """
    rows = list(
        Stage.objects.select_for_update().filter(programme=stage.programme_id).order_by("position", "pk")
    )
    shown = [row for row in rows if not row.is_archived]
    place = next((n for n, row in enumerate(shown) if row.pk == stage.pk), None)
    if place is None or not 0 <= place + by < len(shown):
        return False
    one, other = rows.index(shown[place]), rows.index(shown[place + by])
    rows[one], rows[other] = rows[other], rows[one]
    for position, row in enumerate(rows):
        if row.position != position:
            row.position = position
            base.write(row, actor=actor, reason="placed")
    return True


@transaction.atomic
def remove_stage(*, stage: Stage, actor: Actor) -> Undo:
    """Delete a stage in which nothing ever stood.

    Raises:
        ValidationError: something has, or labels and checklists name it; archiving serves then.
    """
    return _remove(stage, actor)


@transaction.atomic
def remove_programme(*, programme: Programme, actor: Actor) -> Undo:
    """Delete a programme of which nothing hangs.

    Raises:
        ValidationError: something does; archiving serves then.
    """
    return _remove(programme, actor)


def _remove(row: Any, actor: Actor) -> Undo:
    row = base.locked(row)
    held = base.uses(row)
    if held:
        raise ValidationError(
            _("“%(name)s” stays, for there is more to it: %(what)s. Set it aside instead.")
            % {"name": row, "what": ", ".join(held)},
            code="used",
        )
    return removed(row, actor=actor)


@transaction.atomic
def save_label(
    *,
    programme: Programme,
    actor: Actor,
    meaning: LabelMeaning | None = None,
    seen: int | None = None,
    **fields: Unpack[LabelFields],
) -> LabelMeaning:
    """Say what a label of the tracker means; ``meaning`` is the row to change. What it flagged before is settled.

    Raises:
        ValidationError: by field; the label has a meaning already; the stage is another programme's.
    """
    row = base.locked(meaning, seen) if meaning is not None else LabelMeaning(programme=programme)
    values: dict[str, Any] = dict(fields)
    means = values.get("means", row.means)
    if means != LabelMeaning.Means.STAGE:
        values["stage"] = None
    stage = values.get("stage", row.stage)
    if means == LabelMeaning.Means.STAGE and stage is None:
        raise ValidationError({"stage": _("Say which stage it means.")})
    if stage is not None and stage.programme_id != programme.pk:
        raise ValidationError({"stage": _("This stage is another programme's.")})
    if means in (LabelMeaning.Means.STAGE, LabelMeaning.Means.NOTHING):
        values["value"] = ""
    known = LABEL_VALUES.get(means)
    if known is not None and values.get("value", row.value) not in known:
        raise ValidationError({"value": _("Choose which one.")})
    made: LabelMeaning = _save(row, values, actor)
    return made


def _label_values() -> dict[str, set[str]]:
    from folkmoot.reviews.models import Joss, Kind, Outcome

    means = LabelMeaning.Means
    return {
        means.OUTCOME: {value for value in Outcome.values if value},
        means.KIND: set(Kind.values),
        means.JOSS: {value for value in Joss.values if value},
    }


#: What the value of a label may be, by what it means; what is not here is free text.
LABEL_VALUES = _label_values()


@transaction.atomic
def remove_label(*, label: LabelMeaning, actor: Actor) -> Undo:
    """Take a label's meaning away; it is asked about when it is seen again."""
    return _remove(label, actor)


@transaction.atomic
def save_rule(
    *,
    programme: Programme,
    actor: Actor,
    rule: HoldUpRule | None = None,
    seen: int | None = None,
    **fields: Unpack[RuleFields],
) -> HoldUpRule:
    """Say when a submission counts as held up; ``rule`` is the row to change.

    Raises:
        ValidationError: by field.
    """
    row = base.locked(rule, seen) if rule is not None else HoldUpRule(programme=programme)
    values: dict[str, Any] = dict(fields)
    if values.get("kind", row.kind) == HoldUpRule.Kind.STAGE:
        values["days"] = None
    twin = HoldUpRule.objects.filter(
        programme=programme, kind=values.get("kind", row.kind), days=values.get("days", row.days)
    ).exclude(pk=row.pk)
    if twin.exists():
        raise ValidationError({"kind": _("There is such a rule already.")})
    made: HoldUpRule = _save(row, values, actor)
    return made


@transaction.atomic
def remove_rule(*, rule: HoldUpRule, actor: Actor) -> Undo:
    """Delete a rule."""
    return _remove(rule, actor)


@transaction.atomic
def save_item(
    *,
    stage: Stage,
    actor: Actor,
    item: ChecklistItem | None = None,
    seen: int | None = None,
    **fields: Unpack[ItemFields],
) -> ChecklistItem:
    """Say what there is to do in a stage; ``item`` is the row to change. A new one stands last.

    Raises:
        ValidationError: by field.
    """
    if item is not None:
        row = base.locked(item, seen)
    else:
        last = ChecklistItem.objects.filter(stage=stage).aggregate(n=models.Max("position"))["n"]
        row = ChecklistItem(stage=stage, position=0 if last is None else last + 1)
    made: ChecklistItem = _save(row, fields, actor)
    return made


@transaction.atomic
def place_item(*, item: ChecklistItem, by: int, actor: Actor) -> bool:
    """Move an entry up (``-1``) or down (``1``) among those of the same part.

    Returns:
        whether it moved.
    """
    rows = list(
        ChecklistItem.objects.select_for_update().filter(stage=item.stage_id).order_by("position", "pk")
    )
    shown = [row for row in rows if not row.is_archived and row.turn == item.turn]
    place = next((n for n, row in enumerate(shown) if row.pk == item.pk), None)
    if place is None or not 0 <= place + by < len(shown):
        return False
    one, other = rows.index(shown[place]), rows.index(shown[place + by])
    rows[one], rows[other] = rows[other], rows[one]
    for position, row in enumerate(rows):
        if row.position != position:
            row.position = position
            base.write(row, actor=actor, reason="placed")
    return True


@transaction.atomic
def remove_item(*, item: ChecklistItem, actor: Actor) -> Undo:
    """Delete an entry that nobody has ticked.

    Raises:
        ValidationError: somebody has; archiving serves then.
    """
    return _remove(item, actor)
