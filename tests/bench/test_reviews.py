"""How long it takes to find reviewers, and to say whose turn it is, when there are many."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from folkmoot.reviews.models import HoldUpRule, Stage, Submission
from folkmoot.reviews.queries.held_up import held_up
from folkmoot.reviews.ranking.pool import load
from folkmoot.reviews.ranking.teams import teams
from tests.reviews.crowd import MOMENT, TODAY, crowd

pytestmark = pytest.mark.django_db


def test_teams_for_thirty_packages_out_of_four_hundred() -> None:
    rows = crowd(400, 30)
    began = time.perf_counter()
    pool = load(rows, today=TODAY)
    read = time.perf_counter() - began
    found = teams(rows, pool)
    took = time.perf_counter() - began
    everybody = [one.person.pk for team in found.values() for one in team.members]
    print(f"\nread {read:.2f} s, teams {took:.2f} s, {len(everybody)} people in {len(rows)} teams")
    assert len(everybody) == len(set(everybody)) == 60
    assert took < 2.0


def test_two_thousand_submissions() -> None:
    rows = crowd(50, 2000)
    programme = rows[0].programme
    stages = [
        Stage.objects.create(
            programme=programme, slug=f"s{n}", name=f"S{n}", position=n, turn="editor", limit_days=20
        )
        for n in range(8)
    ]
    for number, row in enumerate(rows):
        row.stage, row.stage_since = stages[number % 8], MOMENT - dt.timedelta(days=number % 40)
    Submission.objects.bulk_update(rows, ["stage", "stage_since"])
    HoldUpRule.objects.create(programme=programme, kind="stage")
    began = time.perf_counter()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = held_up(MOMENT)
    took = time.perf_counter() - began
    print(f"\n{len(found)} held up of {len(rows)} in {took:.2f} s, {len(queries)} queries")
    assert len(queries) == 5
    assert took < 2.0
