"""The programme to begin with, and what the files of known sources mean: YAML that a person can read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from django.db import models, transaction

from folkmoot.kernel import audit
from folkmoot.kernel.text import fold
from folkmoot.reviews.models import ChecklistItem, HoldUpRule, LabelMeaning, Programme, Stage
from folkmoot.reviews.models.programmes import label_key

M = TypeVar("M", bound=models.Model)

FOLDER = Path(__file__).parent
#: The files that hold a programme.
PROGRAMMES = ("software-review",)


@cache
def data(name: str) -> Any:
    """The content of ``<name>.yml`` in this folder."""
    return yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))


@transaction.atomic
def load() -> int:
    """Make the programmes, stages, labels, rules and checklists that are not there and never were.

    What a person edited or removed is left as it is: whatever once had a row here is known by its history.

    Returns:
        how many rows were made.
    """
    return sum(_load(data(name)) for name in PROGRAMMES)


def _load(said: dict[str, Any]) -> int:
    programme = Programme.objects.filter(slug=said["slug"]).first()
    made = 0
    if programme is None:
        if _once(Programme).filter(slug=said["slug"]).exists():
            return 0  # somebody removed it
        fields = {
            name: said[name]
            for name in ("slug", "name", "reviewers_wanted", "rest_months", "conflict_years", "review_days")
        }
        programme = _make(Programme, [Programme(**fields, guide=said["guide"].strip())])[0]
        made += 1
    made += len(_fresh(programme, Stage, _stages(programme, said), lambda row: row.slug))
    stages = {stage.slug: stage for stage in programme.stages.all()}
    made += len(
        _fresh(programme, LabelMeaning, _labels(programme, said, stages), lambda row: label_key(row.label))
    )
    made += len(_fresh(programme, HoldUpRule, _rules(programme, said), lambda row: (row.kind, row.days)))
    return made + _checklists(said, stages)


def _stages(programme: Programme, said: dict[str, Any]) -> Iterable[Stage]:
    for place, stage in enumerate(said["stages"]):
        yield Stage(
            programme=programme,
            slug=stage["slug"],
            name=stage["name"],
            position=(place + 1) * 10,  # room for a stage between two
            turn=stage.get("turn", ""),
            answered_by=stage.get("answered_by", ""),
            limit_days=stage.get("limit_days"),
            guide=stage["guide"].strip(),
            is_presubmission=stage.get("is_presubmission", False),
            is_accepted=stage.get("is_accepted", False),
            joss=stage.get("joss", ""),
        )


def _labels(programme: Programme, said: dict[str, Any], stages: dict[str, Stage]) -> Iterable[LabelMeaning]:
    for means, values in said["labels"].items():
        for value, labels in values.items():
            is_stage = means == LabelMeaning.Means.STAGE
            if is_stage and value not in stages:
                continue  # a person removed the stage
            for label in labels:
                yield LabelMeaning(
                    programme=programme,
                    label=label,
                    folded=label_key(label),
                    means=means,
                    stage=stages[value] if is_stage else None,
                    value="" if is_stage else value,
                )


def _rules(programme: Programme, said: dict[str, Any]) -> Iterable[HoldUpRule]:
    for rule in said["rules"]:
        yield HoldUpRule(
            programme=programme,
            kind=rule["kind"],
            days=rule.get("days"),
            tells=rule.get("tells", ""),
            advice=rule["advice"],
        )


def _checklists(said: dict[str, Any], stages: dict[str, Stage]) -> int:
    known: set[tuple[int, str, str]] = set()
    for rows in (ChecklistItem.objects.all(), _once(ChecklistItem)):
        found = rows.filter(stage__in=list(stages.values())).values_list("stage_id", "turn", "text")
        known |= {(stage, turn, fold(text)) for stage, turn, text in found}
    fresh = [
        ChecklistItem(stage=stages[stage["slug"]], turn=turn, text=text, position=place)
        for stage in said["stages"]
        if stage["slug"] in stages
        for turn, texts in stage.get("checklist", {}).items()
        for place, text in enumerate(texts, 1)
        if (stages[stage["slug"]].pk, turn, fold(text)) not in known
    ]
    return len(_make(ChecklistItem, fresh))


def _fresh(programme: Programme, model: type[M], rows: Iterable[M], key: Callable[[Any], Any]) -> list[M]:
    """Of these rows, made: those whose like the programme neither has nor ever had."""
    known = {key(row) for row in model._default_manager.filter(programme=programme)}
    known |= {key(row) for row in _once(model).filter(programme=programme.pk)}
    return _make(model, [row for row in rows if key(row) not in known])


def _once(model: type[models.Model]) -> Any:
    history: Any = model.history  # type: ignore[attr-defined]
    return history.exclude(history_change_reason__startswith="undo of ")


def _make(model: type[M], rows: list[M]) -> list[M]:
    return audit.bulk_create(model, rows, reason="seeds")
