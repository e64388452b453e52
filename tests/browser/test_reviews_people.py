"""The people side of reviews as a person meets it: lists, ranked people, writing, an answer without an account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.people.seeds import load as load_roles
from folkmoot.reviews.actions import conflicts, invitations
from folkmoot.reviews.models import Assignment, Submission
from folkmoot.reviews.seeds import load
from folkmoot.reviews.seeds.texts import load_texts
from tests.browser.conftest import DESK, PHONE, Visit
from tests.factories import (
    AssignmentFactory,
    IdentityFactory,
    PersonFactory,
    ProgrammeFactory,
    RoleKindFactory,
    SubmissionFactory,
    TagFactory,
    TermFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Visit]
WAYS = pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])


@pytest.fixture
def wanted(db: None, alice: User) -> Submission:
    """A package that seeks reviewers, and people of all sorts."""
    load_roles()
    load()
    load_texts()
    Channel.objects.create(kind="smtp", name="Mail", is_default=True)
    programme = ProgrammeFactory._meta.model.objects.get()
    stage = programme.stages.get(slug="seeking-reviewers")
    row = SubmissionFactory(
        programme=programme,
        title="wavefold",
        description="Folds waves for those who look at the sea",
        stage=stage,
        stage_since=clock.now() - dt.timedelta(days=71),
        issue_url="https://github.com/commons/reviews/issues/7",
    )
    waves, rocks = (TagFactory(facet="domain", name=name) for name in ("Waves", "Rocks and ice"))
    row.tags.add(TagFactory(facet="category", name="Waves"))
    AssignmentFactory(submission=row, role="author", person=PersonFactory(name="Ana Quintanar"))
    editor = PersonFactory(name="Kofi Sorensen", user=alice)
    role = RoleKindFactory._meta.model.objects.get(slug="editor")
    TermFactory(person=editor, role_kind=role, ended_on=clock.today() + dt.timedelta(days=20))
    AssignmentFactory(submission=row, role="editor", person=editor)
    for number, name in enumerate(
        ("Lio Brandt", "Noa Ferro", "Mira Sol", "Tove Lindqvist-Oyelaran", "Idris Vale")
    ):
        person = PersonFactory(name=name, availability="yes" if number % 2 else "")
        IdentityFactory(person=person, system="email", value=f"p{number}@example.org")
        person.tags.add(waves if number < 3 else rocks)
        if number in (1, 3):
            past = SubmissionFactory(
                programme=programme,
                outcome="accepted",
                accepted_on=clock.today() - dt.timedelta(days=30 if number == 3 else 400),
            )
            AssignmentFactory(submission=past, person=person, role="reviewer", state="done")
        if number == 4:
            TermFactory(person=person, role_kind=role)
            conflicts.declare_conflict(
                person=person,
                other=Assignment.objects.get(role="author").person,
                actor=alice,
                reason="a book",
            )
    return row


@WAYS
def test_lists_and_ranked_people(
    visit: Open, alice: User, wanted: Submission, width: int, scheme: str
) -> None:
    window = visit(alice, width=width, scheme=scheme)
    for address in (
        "/reviews/editors/",
        "/reviews/reviewers/",
        "/reviews/teams/",
        "/reviews/conflicts/",
        "/reviews/conflicts/new/",
        f"/reviews/{wanted.pk}/",
        f"/reviews/{wanted.pk}/reviewers/",
        f"/reviews/{wanted.pk}/editor/",
        f"/reviews/{wanted.pk}/write/",
        f"/reviews/{wanted.pk}/add/",
    ):
        window.go(address)
        window.check()


def test_asking_from_the_ranked_list_to_the_answer(visit: Open, alice: User, wanted: Submission) -> None:
    window = visit(alice)
    page = window.go(f"/reviews/{wanted.pk}/reviewers/")
    expect(page.get_by_role("heading", name="2 reviewers who keep every rule together")).to_be_visible()
    page.get_by_role("link", name="Ask Noa Ferro").first.click()
    expect(page.get_by_label("Subject")).to_have_value("Would you review wavefold?")
    window.check()
    page.get_by_role("button", name="Put into the outbox").click()
    expect(page.get_by_text("Noa Ferro is asked; the message is in the outbox.")).to_be_visible()
    part = Assignment.objects.get(person__name="Noa Ferro", submission=wanted)
    assert (part.state, Delivery.objects.get().recipient) == ("invited", "p1@example.org")
    for width, scheme in ((DESK, "dark"), (PHONE, "light")):
        stranger = visit(None, width=width, scheme=scheme)
        page = stranger.go(f"/reviews/invitations/{invitations.token_of(part)}/")
        expect(page.get_by_role("heading", name="Will you review wavefold?")).to_be_visible()
        stranger.check()
    page.get_by_label("Yes, I will").check()
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("You said yes on")).to_be_visible()
    stranger.check()
    part.refresh_from_db()
    assert part.state == "accepted"
