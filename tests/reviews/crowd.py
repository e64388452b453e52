"""A made-up crowd of people who could review, and packages that need reviewers."""

from __future__ import annotations

import datetime as dt
import random

from folkmoot.people.models import Affiliation, Organization, Person, Tag
from folkmoot.reviews.models import Assignment, Programme, Submission

TODAY = dt.date(2026, 6, 1)
MOMENT = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)


def crowd(people: int, packages: int, *, seed: int = 7) -> list[Submission]:
    """So many people with topics, organisations and reviews of former days; so many packages without reviewers."""
    chance = random.Random(seed)
    programme = Programme.objects.create(slug="crowd", name="Crowd", reviewers_wanted=2)
    tags = [Tag(facet="domain", name=f"topic {n}", folded=f"topic {n}") for n in range(12)]
    Tag.objects.bulk_create(tags)
    houses = [Organization(name=f"House {n}", folded=f"house {n}") for n in range(max(2, people // 8))]
    Organization.objects.bulk_create(houses)
    rows = [Person(name=f"Person {n:04d}", sort_key=f"person {n:04d}") for n in range(people)]
    for number, person in enumerate(rows):
        person.availability = ["yes", "", "limited", "no"][number % 4 if number % 7 == 0 else number % 3]
    Person.objects.bulk_create(rows)
    through = Person.tags.through
    through.objects.bulk_create(
        [
            through(person_id=person.pk, tag_id=tag.pk)
            for person in rows
            for tag in chance.sample(tags, chance.randint(0, 3))
        ]
    )
    Affiliation.objects.bulk_create(
        [
            Affiliation(person=person, organization=chance.choice(houses))
            for person in rows
            if chance.random() < 0.8
        ]
    )
    past = [
        Submission(
            programme=programme,
            title=f"past-{n}",
            folded=f"past-{n}",
            opened_at=MOMENT - dt.timedelta(days=900),
            outcome="accepted",
            accepted_on=TODAY - dt.timedelta(days=chance.randint(20, 800)),
        )
        for n in range(people // 4)
    ]
    Submission.objects.bulk_create(past)
    done = [
        Assignment(submission=row, person=person, role="reviewer", state="done")
        for row in past
        for person in chance.sample(rows, 2)
    ]
    Assignment.objects.bulk_create(done)
    fresh = [
        Submission(
            programme=programme,
            title=f"package-{n}",
            folded=f"package-{n}",
            opened_at=MOMENT - dt.timedelta(days=30),
        )
        for n in range(packages)
    ]
    Submission.objects.bulk_create(fresh)
    linked = Submission.tags.through
    linked.objects.bulk_create(
        [
            linked(submission_id=row.pk, tag_id=tag.pk)
            for row in fresh
            for tag in chance.sample(tags, chance.randint(1, 2))
        ]
    )
    Assignment.objects.bulk_create(
        [Assignment(submission=row, person=chance.choice(rows), role="author") for row in fresh]
    )
    return list(Submission.objects.filter(pk__in=[row.pk for row in fresh]).select_related("programme"))
