"""What could not be read: told once, on Today, settled by a person or by itself."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.reviews.actions import flags
from folkmoot.reviews.models import Flag
from folkmoot.reviews.today_flags import FLAGS
from tests.factories import SightingFactory
from tests.reviews.conftest import Review

pytestmark = pytest.mark.django_db


def raised(review: Review, value: str = "2021-19-08", **more: object) -> Flag:
    said = {"submission": review.submission, "field": "date_accepted", "reason": "there is no month 19"}
    return flags.raise_flag(
        programme=review.programme, value=value, source="pyopensci", place="packages.yml", line=7,
        **(said | more),  # type: ignore[arg-type]
    )  # fmt: skip


def label(review: Review) -> Flag:
    return raised(review, "odd-label", submission=None, field="labels", kind=Flag.Kind.LABEL)


def test_the_same_twice_is_one_flag(review: Review) -> None:
    assert raised(review) == raised(review)
    assert Flag.objects.count() == 1


def test_what_a_person_settled_stays_settled(review: Review, chris: User) -> None:
    one = raised(review)
    assert flags.settle_flags(flags=[one], actor=chris) == [one.pk]
    assert flags.settle_flags(flags=[one], actor=chris) == []
    again = raised(review)
    assert (again.settled_at is not None, again.settled_by) == (True, chris)
    assert flags.open_again(flags=[one], actor=chris) == 1


def test_today_tells_each_submission_once_and_offers_a_meaning(
    review: Review, alice: User, chris: User
) -> None:
    raised(review)
    raised(review, "TBA?")
    label(review)
    first, second = FLAGS.find(alice, clock.now(), 10)
    assert (first.title, first.badge) == ("wavefold", "2 values")
    assert first.why == "date_accepted: there is no month 19; date_accepted: there is no month 19"
    assert second.title == "The label “odd-label”"
    assert second.action_url == reverse("reviews:new_label", args=[review.programme.pk]) + "?label=odd-label"
    assert FLAGS.find(chris, clock.now(), 10)[1].action_label == "Look at it"


def test_a_label_that_gets_a_meaning_asks_no_more(review: Review, as_alice: Client) -> None:
    label(review)
    seen = SightingFactory(
        submission=review.submission,
        stage=review.stages["seeking-reviewers"],
        labels=["odd-label"],
        source="files",
    )
    page = as_alice.get(reverse("reviews:programme", args=[review.programme.pk]))
    assert "odd-label" in page.content.decode()
    as_alice.post(
        reverse("reviews:new_label", args=[review.programme.pk]), {"label": "Odd-Label", "meaning": "hold:"}
    )
    assert not Flag.objects.filter(settled_at=None).exists()
    review.submission.refresh_from_db()
    assert (review.submission.on_hold_since, review.submission.hold_reason) == (seen.at, "Odd-Label")


def test_the_list_and_its_settling(review: Review, as_chris: Client, chris: User) -> None:
    one = raised(review)
    address = reverse("reviews:flags")
    assert "2021-19-08" in as_chris.get(address).content.decode()
    done = as_chris.post(address, {"bulk": "settle", "selected": str(one.pk)}, follow=True)
    assert "1 is settled." in done.content.decode()
    assert "2021-19-08" not in as_chris.get(address).content.decode()
    assert "2021-19-08" in as_chris.get(f"{address}?state=settled").content.decode()
    assert "2021-19-08" not in as_chris.get(f"{address}?submission=0").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_as_often_for_three_as_for_one(review: Review, as_chris: Client, number: int) -> None:
    for place in range(number):
        raised(review, f"{place}")
    as_chris.get(reverse("reviews:flags"))
    with CaptureQueriesContext(connection) as asked:
        as_chris.get(reverse("reviews:flags"))
    assert len(asked) == 8
