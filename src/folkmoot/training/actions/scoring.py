"""Points of applications: reckoned from rules that are rows, with reasons; by hand beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import bulk
from folkmoot.kernel.jobs.actions import enqueue
from folkmoot.kernel.jobs.context import JobContext
from folkmoot.kernel.text import fold
from folkmoot.kernel.undo import Undo, removed
from folkmoot.people.public import country_code
from folkmoot.training.actions import base
from folkmoot.training.actions.base import Actor
from folkmoot.training.models import FieldKind, FormField, Request, RequestForm, RequestState, ScoreRule
from folkmoot.training.models.scoring import MOST_POINTS
from folkmoot.training.queries.asking import in_words

JOB = "training.score"
Condition = ScoreRule.Condition
#: Words of one rule, and requests that are reckoned in one transaction.
MOST_WORDS, CHUNK = 300, 200


class RuleFields(TypedDict, total=False):
    """What may be said of a rule."""

    label: str
    field: FormField
    condition: str
    values: list[str]
    points: int
    most: int | None
    is_archived: bool


def rules_of(form: RequestForm) -> list[ScoreRule]:
    """The rules that count for a form; one query."""
    return list(ScoreRule.objects.filter(form=form, is_archived=False).select_related("field").order_by("pk"))


def reckon(answers: Mapping[str, Any], rules: Iterable[ScoreRule]) -> tuple[int | None, list[dict[str, Any]]]:
    """The points of some answers, and what each rule gave; ``None`` where there are no rules. No query."""
    known = list(rules)
    reasons: list[dict[str, Any]] = []
    for rule in known:
        times, what = _times(rule, answers.get(rule.field.key))
        points = rule.points * times
        if rule.most is not None and abs(points) > rule.most:
            points = rule.most if points > 0 else -rule.most
        if points:
            reasons.append({"rule": rule.pk, "label": rule.label, "points": points, "why": what[:300]})
    return (sum(one["points"] for one in reasons) if known else None), reasons


def _times(rule: ScoreRule, said: Any) -> tuple[int, str]:
    """How often a rule gives its points for an answer, and the words of the answer that it saw."""
    given = said is not None and said != "" and said != [] and said is not False
    if rule.condition == Condition.YES:
        return (1, _("yes")) if said is True else (0, "")
    if not given:
        return 0, ""
    parts = [str(one) for one in said] if isinstance(said, list) else [str(said)]
    wanted = {fold(str(one)) for one in rule.values}
    hits = [one for one in parts if fold(one) in wanted]
    words = in_words({"kind": rule.field.kind, "choices": []}, said)
    if rule.condition == Condition.GIVEN:
        return 1, words
    if rule.condition == Condition.IS:
        return (1, ", ".join(hits)) if hits else (0, "")
    if rule.condition == Condition.NOT:
        return (0, "") if hits else (1, words)
    if rule.condition == Condition.HAS:
        return len(hits), ", ".join(hits)
    text = fold(" ".join(parts))
    found = [one for one in rule.values if fold(str(one)) in text]
    return (1, ", ".join(found)) if found else (0, "")


def score(row: Request, rules: list[ScoreRule] | None = None) -> bool:
    """Reckon the points of a request anew; whoever calls saves it.

    Returns:
        whether they changed.
    """
    points, reasons = reckon(row.answers, rules_of(row.form) if rules is None else rules)
    changed = (row.score_auto, row.score_reasons) != (points, reasons)
    row.score_auto, row.score_reasons = points, reasons
    return changed


def score_all(context: JobContext) -> dict[str, int]:
    """The job: reckon the points of every request of a form that waits for a decision; goes on where it stopped."""
    form = RequestForm.objects.filter(pk=context.arguments["form"]).first()
    if form is None:
        return {"changed": 0, "seen": 0}
    waiting = Request.objects.filter(form=form, state=RequestState.PENDING)
    total = waiting.count()
    changed, seen = (context.cursor or {}).get("changed", 0), (context.cursor or {}).get("seen", 0)
    while True:
        last = int((context.cursor or {}).get("after", 0))
        with transaction.atomic():
            rules = rules_of(form)
            rows = list(waiting.filter(pk__gt=last).select_for_update().order_by("pk")[:CHUNK])
            if not rows:
                return {"changed": changed, "seen": seen}
            new = [row for row in rows if score(row, rules)]
            bulk.update(Request, new, ["score_auto", "score_reasons"])
            changed, seen = changed + len(new), seen + len(rows)
            context.checkpoint(
                cursor={"after": rows[-1].pk, "changed": changed, "seen": seen}, done=seen, total=total
            )


@transaction.atomic
def save_rule(
    *,
    form: RequestForm,
    values: RuleFields,
    actor: Actor,
    rule: ScoreRule | None = None,
    seen: int | None = None,
) -> ScoreRule:
    """Add a rule, or change one; a job reckons the requests that wait.

    Raises:
        ValidationError: by field; ``ChangedMeanwhile``.
    """
    row = base.locked(rule, seen) if rule is not None else ScoreRule(form=form)
    plain: dict[str, Any] = dict(values)
    field = plain.get("field") or row.field
    if field.form_id != form.pk:
        raise ValidationError({"field": _("This field belongs to another form.")}, code="field")
    if field.kind in (FieldKind.HEADING, FieldKind.FILE):
        raise ValidationError({"field": _("This field has no answer that could be weighed.")}, code="field")
    condition = plain.get("condition", row.condition)
    if condition in (Condition.YES, Condition.GIVEN):
        plain["values"] = []
    elif "values" in plain:
        plain["values"] = _words(field, plain["values"])
    changed = base.put(row, plain)
    if not -MOST_POINTS <= row.points <= MOST_POINTS or row.points == 0:
        raise ValidationError(
            {"points": _("Points are between -%(n)d and %(n)d, and not 0.") % {"n": MOST_POINTS}}
        )
    if changed or row.pk is None:
        base.write(row, actor=actor)
        reckon_later(form=form, actor=actor)
    return row


def _words(field: FormField, said: Iterable[str]) -> list[str]:
    words = list(dict.fromkeys(filter(None, (base.line(one)[:200] for one in said))))
    if not words:
        raise ValidationError({"values": _("Give at least one, each on a line of its own.")}, code="few")
    if len(words) > MOST_WORDS:
        raise ValidationError({"values": _("At most %(n)d.") % {"n": MOST_WORDS}}, code="most")
    if field.kind == FieldKind.COUNTRY:
        codes = {word: country_code(word) or "" for word in words}
        wrong = next((word for word, code in codes.items() if not code), None)
        if wrong is not None:
            raise ValidationError({"values": _("“%s” is no country.") % wrong}, code="country")
        words = list(dict.fromkeys(codes.values()))
    if field.kind in (FieldKind.ONE, FieldKind.SOME):
        known = {fold(str(one)): str(one) for one in field.choices}
        wrong = next((word for word in words if fold(word) not in known), None)
        if wrong is not None:
            raise ValidationError({"values": _("“%s” is no choice of this field.") % wrong}, code="choice")
        words = [known[fold(word)] for word in words]
    return words


@transaction.atomic
def remove_rule(*, rule: ScoreRule, actor: Actor) -> Undo:
    """Take a rule out; a job reckons the requests that wait."""
    row = base.locked(rule)
    form = row.form
    undo = removed(row, actor=actor)
    reckon_later(form=form, actor=actor)
    return undo


def reckon_later(*, form: RequestForm, actor: Actor) -> None:
    """Queue the job that reckons all requests of a form that wait; call it in a transaction."""
    enqueue(kind=JOB, arguments={"form": form.pk}, created_by=actor)


@transaction.atomic
def score_by_hand(
    *, request: Request, points: int | None, notes: str, actor: Actor, seen: int | None = None
) -> Request:
    """Give points by hand, which count instead of those of the rules; ``None`` takes them back.

    Raises:
        ValidationError: at ``score_manual``; ``ChangedMeanwhile``.
    """
    row = base.locked(request, seen)
    if points is not None and not -10 * MOST_POINTS <= points <= 10 * MOST_POINTS:
        raise ValidationError(
            {"score_manual": _("Points are between -%(n)d and %(n)d.") % {"n": 10 * MOST_POINTS}}
        )
    if base.put(row, {"score_manual": points, "score_notes": notes}):
        base.write(row, actor=actor, reason="points")
    return row
