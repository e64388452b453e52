"""The author's own form: kept while typing, found again by its link, submitted once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.ui.guarded import SALT
from folkmoot.reviews.models import Submission, SubmissionDraft
from folkmoot.reviews.pages_plugs import ARRIVED
from tests.factories import IdentityFactory, PersonFactory
from tests.reviews.conftest import Review


@pytest.fixture
def open_review(review: Review) -> Review:
    cache.clear()
    review.programme.is_open = True
    review.programme.guide = "Read the *guide* first. <script>x</script>"
    review.programme.save()
    return review


def filled(**changes: str) -> dict[str, str]:
    return {
        "kind": "full",
        "title": "tidelog",
        "description": "Reads tides",
        "repository": "github.com/harbour/tidelog",
        "author_name": "Kofi Sorensen",
        "email": "kofi@example.org",
        "github": "@kofisorensen",
        "message": "It is quite new.",
        "began": signing.dumps(clock.now().timestamp() - 30, salt=SALT),
    } | changes


def test_a_closed_programme_has_no_form(as_nobody: Client, review: Review) -> None:
    for name in ("reviews:submit", "reviews:keep"):
        assert as_nobody.get(reverse(name, args=["software"])).status_code in (404, 405)
    assert as_nobody.post(reverse("reviews:keep", args=["software"])).status_code == 404


def test_submitted_it_lands_with_its_author_and_on_today(
    as_nobody: Client, open_review: Review, chris: User
) -> None:
    address = reverse("reviews:submit", args=["software"])
    page = as_nobody.get(address).content.decode()
    assert "<em>guide</em>" in page
    assert "<script>x" not in page
    done = as_nobody.post(address, filled())
    row = Submission.objects.get(title="tidelog")
    part = row.assignments.get()
    assert (row.stage, row.repository) == (
        open_review.stages["checks"],
        "https://github.com/harbour/tidelog",
    )
    assert (part.role, part.person.name) == ("author", "Kofi Sorensen")
    assert sorted(part.person.identities.values_list("system", "value")) == [
        ("email", "kofi@example.org"),
        ("github", "kofisorensen"),
    ]
    assert "It is quite new." in row.notes.get().body
    assert [item.title for item in ARRIVED.find(chris, clock.now(), 5)] == ["tidelog"]
    standing = as_nobody.get(done["Location"])
    text = standing.content.decode()
    assert "Thank you, it is submitted" in text
    assert "It is quite new" not in text
    assert (standing["X-Robots-Tag"], "no-store" in standing["Cache-Control"]) == ("noindex, nofollow", True)


def test_sent_twice_it_is_one(as_nobody: Client, open_review: Review) -> None:
    address = reverse("reviews:submit", args=["software"])
    for _time in range(2):
        assert as_nobody.post(address, filled()).status_code == 302
    assert Submission.objects.filter(title="tidelog").count() == 1


def test_who_is_known_is_found_by_their_account(as_nobody: Client, open_review: Review) -> None:
    known = IdentityFactory(value="KofiSorensen", person=PersonFactory(name="Kofi S."))
    as_nobody.post(reverse("reviews:submit", args=["software"]), filled())
    assert Submission.objects.get(title="tidelog").assignments.get().person == known.person


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"repository": ""}, "repository"),
        ({"repository": "not an address"}, "repository"),
        ({"email": "kofi"}, "email"),
        ({"github": "https://github.com/kofi"}, "github"),
        ({"kind": "fast_track"}, "kind"),
        ({"homepage": "https://spam.example"}, "__all__"),
        ({"began": ""}, "__all__"),
        ({"began": signing.dumps(9e12, salt=SALT)}, "__all__"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    as_nobody: Client, open_review: Review, changes: dict[str, str], field: str
) -> None:
    answer = as_nobody.post(reverse("reviews:submit", args=["software"]), filled(**changes))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert Submission.objects.filter(title="tidelog").count() == 0


def test_a_question_needs_no_repository(as_nobody: Client, open_review: Review) -> None:
    as_nobody.post(reverse("reviews:submit", args=["software"]), filled(kind="presubmission", repository=""))
    assert Submission.objects.get(title="tidelog").stage == open_review.stages["enquiry"]


def _link(answer: Any) -> str:
    found = re.search(r'href="https?://[^/"]+(/reviews/submit/at/[^"]+)"', answer.content.decode())
    assert found
    return found[1]


def test_what_is_typed_is_kept_under_a_link(as_nobody: Client, open_review: Review) -> None:
    keep = reverse("reviews:keep", args=["software"])
    assert SubmissionDraft.objects.count() == 0
    as_nobody.post(keep, {"title": "  "})
    assert SubmissionDraft.objects.count() == 0
    answer = as_nobody.post(keep, {"title": "tide", "unknown": "x"})
    link = _link(answer)
    secret = link.rstrip("/").rsplit("/", 1)[1]
    as_nobody.post(keep, {"title": "tidelog", "draft": secret})
    draft = SubmissionDraft.objects.get()
    assert draft.content == {"title": "tidelog"}
    assert secret not in (draft.digest, str(draft.content))
    elsewhere = Client()
    assert 'value="tidelog"' in elsewhere.get(link).content.decode()
    assert elsewhere.get(link[:-5] + "xxxx/").status_code == 404
    done = elsewhere.post(link, filled())
    assert done["Location"] == f"{link}?new=1"
    assert SubmissionDraft.objects.get().submission == Submission.objects.get(title="tidelog")
    late = as_nobody.post(keep, {"title": "other", "draft": secret})
    assert "submitted already" in late.content.decode()


def test_a_draft_belongs_to_who_is_signed_in(
    as_charlie: Client, as_bob: Client, open_review: Review, charlie: User
) -> None:
    as_charlie.post(reverse("reviews:keep", args=["software"]), {"title": "tide"})
    draft = SubmissionDraft.objects.get()
    own = reverse("reviews:own", args=[draft.pk])
    assert draft.owner == charlie
    assert own in as_charlie.get(reverse("reviews:submit", args=["software"])).content.decode()
    assert as_charlie.get(own).status_code == 200
    assert as_bob.get(own).status_code == 404
    assert Client().get(own).status_code == 404


def test_too_many_from_one_address_wait(as_nobody: Client, open_review: Review) -> None:
    address = reverse("reviews:submit", args=["software"])
    answers = [as_nobody.post(address, filled(title=f"package {n}")).status_code for n in range(12)]
    assert answers == [302] * 10 + [422] * 2


def test_the_author_sees_the_way_and_no_more(as_nobody: Client, open_review: Review, erin: User) -> None:
    done = as_nobody.post(reverse("reviews:submit", args=["software"]), filled())
    row = Submission.objects.get(title="tidelog")
    row.notes.create(body="Do not tell the author", author=erin)
    row.assignments.create(person=PersonFactory(name="Secret Reviewer"), role="reviewer", state="invited")
    text = as_nobody.get(done["Location"]).content.decode()
    assert "Checks" in text
    assert "Do not tell" not in text
    assert "Secret Reviewer" not in text
