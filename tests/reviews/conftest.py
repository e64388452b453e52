"""The cast: alice runs the house, chris is editor-in-chief, erin edits, bob may look, charlie is a stranger."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
from django.test import Client

from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.people.models import Person
from folkmoot.reviews.models import ChecklistItem, Programme, Stage, Submission
from tests.conftest import signed_in
from tests.factories import (
    AssignmentFactory,
    ChecklistItemFactory,
    IdentityFactory,
    PersonFactory,
    ProgrammeFactory,
    StageFactory,
    SubmissionFactory,
)

PASSWORD = "correct horse battery"


@pytest.fixture
def bob(db: None) -> User:
    """May look at reviews."""
    user = add_user(email="bob@example.org", name="Bob Viewer", password=PASSWORD)
    grant(user=user, area=Area.REVIEWS, level=Level.VIEW)
    return user


@pytest.fixture
def erin(db: None) -> User:
    """An editor; her record is Erin Editor."""
    user = add_user(email="erin@example.org", name="Erin Editor", password=PASSWORD)
    grant(user=user, area=Area.REVIEWS, level=Level.CONTRIBUTE)
    IdentityFactory(person=PersonFactory(name="Erin Editor", user=user), value="erineditor")
    return user


@pytest.fixture
def chris(db: None) -> User:
    """The editor-in-chief; his record is Chris Chief."""
    user = add_user(email="chris@example.org", name="Chris Chief", password=PASSWORD)
    grant(user=user, area=Area.REVIEWS, level=Level.MANAGE)
    IdentityFactory(person=PersonFactory(name="Chris Chief", user=user), value="chrischief")
    return user


@pytest.fixture
def as_erin(erin: User) -> Client:
    return signed_in(erin)


@pytest.fixture
def as_chris(chris: User) -> Client:
    return signed_in(chris)


@dataclass
class Review:
    """A programme with its stages, and one submission on its way."""

    programme: Programme
    stages: dict[str, Stage]
    item: ChecklistItem
    submission: Submission
    author: Person
    reviewer: Person


#: Short name, name, whose turn, days it may take, accepted.
STAGES = (
    ("checks", "Checks", "eic", 14, False),
    ("seeking-editor", "Seeking an editor", "eic", 21, False),
    ("seeking-reviewers", "Seeking reviewers", "editor", 21, False),
    ("under-review", "Under review", "reviewer", 21, False),
    ("accepted", "Accepted", "author", None, True),
)


@pytest.fixture
def review(erin: User, chris: User) -> Review:
    """Wavefold is looking for reviewers since 20 May; Ana Quintanar wrote it, erin edits, Lio Brandt is asked."""
    programme = ProgrammeFactory(slug="software", name="Software review")
    enquiries = StageFactory(
        programme=programme, slug="enquiry", name="Enquiry", position=0, turn="eic", is_presubmission=True
    )
    stages = {"enquiry": enquiries}
    for place, (slug, name, turn, days, is_accepted) in enumerate(STAGES, 1):
        stages[slug] = StageFactory(
            programme=programme,
            slug=slug,
            name=name,
            position=place,
            turn=turn,
            limit_days=days,
            is_accepted=is_accepted,
        )
    item = ChecklistItemFactory(stage=stages["seeking-reviewers"], text="Ask two reviewers", turn="editor")
    submission = SubmissionFactory(
        programme=programme,
        title="wavefold",
        description="Folds waves",
        repository="https://github.com/harbour/wavefold",
        issue_url="https://github.com/commons/reviews/issues/12",
        issue_number=12,
        key="github.com/commons/reviews#12",
        stage=stages["seeking-reviewers"],
        stage_since=dt.datetime(2026, 5, 20, 9, tzinfo=dt.UTC),
    )
    author, reviewer = PersonFactory(name="Ana Quintanar"), PersonFactory(name="Lio Brandt")
    AssignmentFactory(submission=submission, person=author, role="author")
    AssignmentFactory(submission=submission, person=Person.objects.get(user=chris), role="eic")
    AssignmentFactory(submission=submission, person=Person.objects.get(user=erin), role="editor")
    AssignmentFactory(submission=submission, person=reviewer, role="reviewer", state="invited")
    return Review(programme, stages, item, submission, author, reviewer)
