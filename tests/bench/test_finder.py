"""The people finder as a file with 12,000 people: the first bytes under 0.3 s, the rows as they are read."""

from __future__ import annotations

import random
import time

import pytest
from django.test import Client
from django.urls import reverse

from folkmoot.kernel import clock
from folkmoot.people.models import Consent, ConsentKind, Person
from folkmoot.people.seeds.consents import load_consents
from folkmoot.training.models import TeachingProfile
from folkmoot.training.places import find

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
PEOPLE = 12_000
#: Seconds to the first byte, and to the last.
FIRST, LAST = 0.3, 10.0


def made_up(count: int) -> None:
    """People with consent, each somewhere on Earth."""
    chance = random.Random(7)
    load_consents()
    kind = ConsentKind.objects.get(slug="contact")
    text = kind.texts.first()
    names = [Person(name=f"Person {number:05d}", sort_key=f"person {number:05d}") for number in range(count)]
    people = Person.objects.bulk_create(names, batch_size=1000)
    Consent.objects.bulk_create(
        [Consent(person=one, kind=kind, text=text, is_given=True, decided_at=clock.now()) for one in people],
        batch_size=1000,
    )
    profiles = [
        TeachingProfile(
            person=one,
            latitude=chance.uniform(-60, 70),
            longitude=chance.uniform(-180, 180),
            languages=["en"],
        )
        for one in people
    ]
    for profile in profiles:
        profile.reckon()
    TeachingProfile.objects.bulk_create(profiles, batch_size=500)


def test_the_file_of_everybody(as_alice: Client) -> None:
    made_up(PEOPLE)
    find("LBA")
    address = reverse("training:find_people")
    for query in ("?export=csv", "?near=LBA&export=csv", "?near=LBA&within=1000&export=csv"):
        begun = time.perf_counter()
        parts = iter(as_alice.get(address + query).streaming_content)  # type: ignore[attr-defined]
        next(parts)
        first = time.perf_counter() - begun
        row = next(parts)
        second = time.perf_counter() - begun
        number = 2 + sum(1 for _part in parts)
        last = time.perf_counter() - begun
        print(f"{query}: first bytes {first:.3f} s, first row {second:.3f} s, {number:,} lines {last:.2f} s")
        assert row
        assert first < FIRST
        assert last < LAST
        if "within" not in query:
            assert number == PEOPLE + 1
    begun = time.perf_counter()
    assert as_alice.get(address + "?near=LBA").status_code == 200
    print(f"page: {time.perf_counter() - begun:.3f} s")
