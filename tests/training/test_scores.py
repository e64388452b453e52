"""Points of applications: rules with reasons, by hand, from a file; figures of requests."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.kernel.metrics import Scope, metrics
from folkmoot.kernel.periods import Period
from folkmoot.training.actions import scoring
from folkmoot.training.models import FormField, Request, RequestForm, ScoreRule
from tests.factories import RequestFactory
from tests.people.importing import applied as imported
from tests.people.importing import rejections, undone
from tests.training.test_asking import forms
from tests.training.test_matching import applied

__all__ = ["forms"]
UTC = dt.UTC


def points(answers: dict[str, Any]) -> tuple[int | None, list[str]]:
    form = RequestForm.objects.get(slug="training")
    number, reasons = scoring.reckon(answers, scoring.rules_of(form))
    return number, [f"{one['points']} {one['label']}: {one['why']}" for one in reasons]


@pytest.mark.parametrize(
    ("answers", "number", "reasons"),
    [
        ({}, 0, []),
        ({"country": "GB"}, 0, []),
        ({"country": "KE"}, 1, ["1 From a country with few instructors: Kenya"]),
        ({"underresourced": True}, 1, ["1 Short of means: yes"]),
        ({"underresourced": False}, 0, []),
        (
            {"domains": ["Economics", "Education"]},
            1,
            ["1 A field with few instructors: Economics, Education"],
        ),
        (
            {
                "involvement": [
                    "Took part in a workshop",
                    "Helped at a workshop",
                    "Hosted a workshop",
                    "Taught at a workshop",
                ]
            },
            3,
            [
                "3 Took part before: Took part in a workshop, Helped at a workshop, Hosted a workshop, "
                "Taught at a workshop"
            ],
        ),
        (
            {"taught-how": "A degree", "tools": "Every day", "taught": "No"},
            2,
            ["1 Learnt how to teach: A degree", "1 Works with the tools: Every day"],
        ),
    ],
)
def test_rules_give_points_with_reasons(
    forms: None, answers: dict[str, Any], number: int, reasons: list[str]
) -> None:
    assert points(answers) == (number, reasons)


def test_words_in_a_text_and_points_that_are_taken(forms: None, alice: User) -> None:
    form = RequestForm.objects.get(slug="training")
    reason = FormField.objects.get(form=form, key="reason")
    scoring.save_rule(
        form=form,
        values={
            "label": "In a hurry",
            "field": reason,
            "condition": "says",
            "values": ["URGENT", "now"],
            "points": -2,
        },
        actor=alice,
    )
    assert points({"reason": "It is urgent"}) == (-2, ["-2 In a hurry: URGENT"])


def test_a_changed_rule_weighs_those_that_wait_anew(forms: None, as_alice: Client) -> None:
    waits, decided = applied("Ada"), applied("Ben")
    Request.objects.filter(pk=decided.pk).update(
        state="discarded", decided_at=dt.datetime(2027, 1, 1, tzinfo=UTC)
    )
    assert (waits.form.slug, Request.objects.get(pk=waits.pk).score_auto) == ("training", 0)
    rule = ScoreRule.objects.get(field__key="country")
    edit = reverse("training:edit_score_rule", args=[rule.pk])
    form = as_alice.get(edit).context["form"]
    assert "United Kingdom" in form.initial["values_text"]
    values = {"label": "Anywhere but Kenya", "field": rule.field_id, "condition": "not", "points": 5}
    wrong = as_alice.post(edit, {**values, "values_text": "Atlantis", "seen": form.initial["seen"]})
    assert wrong.context["form"].errors == {"values_text": ["“Atlantis” is no country."]}
    as_alice.post(edit, {**values, "values_text": "kenya", "seen": form.initial["seen"]})
    rule.refresh_from_db()
    assert rule.values == ["KE"]
    job = Job.objects.get(kind=scoring.JOB)
    run_in_foreground(job)
    job.refresh_from_db()
    scores = dict(Request.objects.values_list("pk", "score_auto"))
    assert (scores, job.outcome) == ({waits.pk: 5, decided.pk: 0}, {"changed": 1, "seen": 1})
    page = as_alice.get(reverse("training:request", args=[waits.pk])).content.decode()
    assert "Anywhere but Kenya" in page


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"points": 0}, "points", "Points are between -100 and 100, and not 0."),
        ({"points": 101}, "points", "Points are between -100 and 100, and not 0."),
        ({"values": []}, "values", "Give at least one, each on a line of its own."),
        ({"values": ["Weekly"]}, "values", "“Weekly” is no choice of this field."),
    ],
)
def test_a_rule_that_cannot_be(forms: None, values: dict[str, Any], field: str, words: str) -> None:
    form = RequestForm.objects.get(slug="training")
    tools = FormField.objects.get(form=form, key="tools")
    said: Any = {
        "label": "X",
        "field": tools,
        "condition": "is",
        "values": ["Every day"],
        "points": 1,
        **values,
    }
    with pytest.raises(ValidationError) as caught:
        scoring.save_rule(form=form, values=said, actor=None)
    assert caught.value.message_dict == {field: [words]}


def test_points_by_hand_count_instead(forms: None, as_alice: Client) -> None:
    row = applied("Ada")
    at = reverse("training:request_points", args=[row.pk])
    seen = as_alice.get(at).context["form"].initial["seen"]
    as_alice.post(at, {"score_manual": "7", "score_notes": "Teaches already", "seen": seen})
    row.refresh_from_db()
    assert (row.score, row.score_auto, row.score_notes) == (7, 0, "Teaches already")


def test_points_come_from_a_file_and_are_taken_back(forms: None, tmp_path: Path) -> None:
    ada, ben, cai = (RequestFactory(name=name) for name in ("Ada", "Ben", "Cai"))
    Request.objects.filter(pk=cai.pk).update(score_manual=3)
    draft = RequestFactory(state="draft", received_at=None)
    path = tmp_path / "scores.csv"
    path.write_text(
        "request_id,score_manual,score_notes\n"
        f"{ada.pk},7,Good\n{ben.pk},lots,\n{cai.pk},-,\n{ada.pk},1,\nx,1,\n{draft.pk},1,\n987654,1,\n{ben.pk},2.0,\n"
    )
    run = imported("scores.csv", path)
    given = list(
        Request.objects.filter(pk__in=[ada.pk, ben.pk, cai.pk])
        .order_by("pk")
        .values_list("score_manual", "score_notes")
    )
    assert given == [(7, "Good"), (2, ""), (None, "")]
    assert [row[-1] for row in rejections(run)] == [
        "points are whole numbers between -1000 and 1000",
        "line 2 is this request already: this row is left out",
        "this is no number of a request",
        "there is no request of this number",
        "there is no request of this number",
    ]
    undone(run)
    assert list(Request.objects.order_by("pk").values_list("score_manual", flat=True)) == [
        None,
        None,
        3,
        None,
    ]


def test_figures_of_requests(db: None, as_alice: Client) -> None:
    def at(day: int) -> dt.datetime:
        return dt.datetime(2027, 2, day, tzinfo=UTC)

    for state, received, decided in (
        ("accepted", 1, 3),
        ("discarded", 1, 9),
        ("accepted", 2, 3),
        ("withdrawn", 2, 4),
        ("pending", 28, None),
    ):
        RequestFactory(
            name="Secret Name",
            state=state,
            received_at=at(received),
            decided_at=at(decided) if decided else None,
        )
    RequestFactory(state="pending", received_at=dt.datetime(2027, 3, 1, tzinfo=UTC))
    RequestFactory(state="draft", received_at=None)
    RequestFactory(state="accepted", received_at=at(1), decided_at=at(2), merged_into=Request.objects.first())
    scope = Scope(Period.parse("2027-02"), as_of=dt.date(2027, 3, 31))
    found = {
        key: metrics.get(key).compute(scope)
        for key in ("requests_received", "requests_accepted", "days_to_decision")
    }
    assert {key: (figure.value, figure.rows) for key, figure in found.items()} == {
        "requests_received": (5, 5),
        "requests_accepted": (2 / 3, 3),
        "days_to_decision": (2.0, 3),
    }
    page = as_alice.get(reverse("training:figure_rows") + "?metric=requests_received&period=2027-02")
    assert (page.status_code, "Secret Name" in page.content.decode()) == (200, False)
