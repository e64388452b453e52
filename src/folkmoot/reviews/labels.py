"""What the labels of a submission mean together: the furthest stage wins, hold and outcome are kept apart from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from folkmoot.reviews.models import Joss, Kind, LabelMeaning, Outcome, Programme, Stage
from folkmoot.reviews.models.programmes import label_key

_Means = LabelMeaning.Means
#: Of several outcomes the first wins.
_OUTCOMES = (Outcome.ACCEPTED, Outcome.OUT_OF_SCOPE, Outcome.CLOSED, Outcome.ANSWERED)
_JOSS = (Joss.NONE, Joss.PENDING, Joss.UNDER_REVIEW, Joss.REVIEWED, Joss.APPROVED)


@dataclass(frozen=True)
class Reading:
    """What labels say.

    Attributes:
        stage: the furthest that any of them means; ``None``: none of them means a stage.
        hold_reason: why it is on hold; ``None``: it is not.
        outcome: ``""`` where no label tells one. A stage that counts as accepted tells that it is accepted.
        kind: ``""`` where no label tells it.
        unknown: labels that nobody has given a meaning, as written.
    """

    stage: Stage | None = None
    hold_reason: str | None = None
    outcome: str = ""
    kind: str = ""
    partners: tuple[str, ...] = ()
    joss: str = ""
    unknown: list[str] = field(default_factory=list)


class Vocabulary:
    """The labels of a programme, loaded once: for whoever reads many submissions."""

    def __init__(self, programme: Programme) -> None:
        rows = LabelMeaning.objects.filter(programme=programme).select_related("stage").order_by("pk")
        self._meanings = {row.folded: row for row in rows}
        self.presubmission = (
            Stage.objects.filter(programme=programme, is_presubmission=True)
            .order_by("position", "pk")
            .first()
        )

    def read(self, labels: Iterable[str]) -> Reading:
        """What these labels mean together."""
        met: list[LabelMeaning] = []
        unknown: dict[str, str] = {}
        for label in labels:
            key = label_key(label)
            meaning = self._meanings.get(key)
            if meaning is not None:
                met.append(meaning)
            elif label.strip():
                unknown.setdefault(key, label)
        stage = max(
            (one.stage for one in met if one.stage is not None),
            key=lambda stage: (stage.position, stage.pk),
            default=None,
        )
        outcomes = {one.value for one in met if one.means == _Means.OUTCOME}
        if stage is not None and stage.is_accepted:
            outcomes.add(Outcome.ACCEPTED)
        kinds = [one.value for one in met if one.means == _Means.KIND]
        if stage is None and Kind.PRESUBMISSION in kinds:
            stage = self.presubmission
        states = {one.value for one in met if one.means == _Means.JOSS} | {stage.joss if stage else ""}
        holds = [one.value or one.label for one in met if one.means == _Means.HOLD]
        return Reading(
            stage=stage,
            hold_reason=", ".join(dict.fromkeys(holds))[:200] if holds else None,
            outcome=next((outcome.value for outcome in _OUTCOMES if outcome in outcomes), ""),
            kind=Kind.PRESUBMISSION.value if Kind.PRESUBMISSION in kinds else next(iter(kinds), ""),
            partners=tuple(
                dict.fromkeys(one.value or one.label for one in met if one.means == _Means.PARTNER)
            ),
            joss=next((state.value for state in reversed(_JOSS) if state in states), ""),
            unknown=list(unknown.values()),
        )


def read(programme: Programme, labels: Iterable[str]) -> Reading:
    """What the labels of one submission mean together; two queries. For many: :class:`Vocabulary`."""
    return Vocabulary(programme).read(labels)
