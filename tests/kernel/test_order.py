"""What ends before it begins is refused with the record and both moments, in every area."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils import translation

from folkmoot.kernel import order
from folkmoot.kernel.saving import CONSTRAINT_WORDS

DAY = dt.date(2027, 3, 1)


@dataclass
class Row:
    """Something with an order."""

    begins: Any
    ends: Any

    class _meta:  # noqa: N801 - as a model has it
        verbose_name = "sprint"

    def __str__(self) -> str:
        return "Sprint"


def test_each_constraint_that_keeps_an_order_names_the_record_and_both_moments() -> None:
    """A new one: declare its words with ``order.kept``."""
    ordered = {
        name: words
        for name, (_field, words) in CONSTRAINT_WORDS.items()
        if re.search(r"ends_after|closes_after|unconference_\w+_in_order", name)
    }
    assert sorted(ordered) == [
        "affiliation_ends_after_it_starts",
        "agreement_ends_after_it_starts",
        "allowance_ends_after_it_starts",
        "campaign_ends_after_it_starts",
        "event_ends_after_it_starts",
        "eventsession_ends_after_it_starts",
        "organizationrelation_ends_after_it_starts",
        "requestform_closes_after_it_opens",
        "term_ends_after_it_starts",
        "unconference_proposals_in_order",
        "unconference_votes_in_order",
        "unconferenceround_ends_after_it_starts",
    ]
    assert [name for name, words in ordered.items() if not callable(words)] == []


def test_days_and_moments_are_said_as_people_read_them() -> None:
    before = DAY - dt.timedelta(days=1)
    assert order.days("“Sprint”", DAY, before) == (
        "“Sprint” would end on 28 February 2027 and begin on 1 March 2027: choose a later last day, or an earlier "
        "first one."
    )
    late = dt.datetime(2027, 6, 1, 23, 30, tzinfo=dt.UTC)
    words = order.moments("“Sprint”", late, late - dt.timedelta(hours=1), "Europe/Berlin")
    assert words == (
        "“Sprint” would end on 2 June 2027, 00:30 and begin on 2 June 2027, 01:30 (Europe/Berlin): choose a later end, "
        "or an earlier beginning."
    )
    with translation.override("es"):
        assert order.days("“Sprint”", DAY, before).startswith("“Sprint” acabaría el 28 de febrero de 2027")


def test_one_that_is_missing_is_another_matter() -> None:
    said = order.kept(order.quoted, "begins", "ends", otherwise="Say both.")
    assert said(Row(DAY, None)) == "Say both."
    assert said(Row(DAY, DAY)).startswith("“Sprint” would end on 1 March 2027 and begin on 1 March 2027")


def test_what_has_no_name_yet_is_called_by_its_kind() -> None:
    def called(row: Any) -> str:
        raise ObjectDoesNotExist

    assert order.kept(called, "begins", "ends")(Row(DAY, DAY)).startswith("Sprint would end on 1 March 2027")
