"""The made-up dump of AMY of The Carpentries' size, continued: what training reads."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.amy import dump_training as made
from tests.amy.dump import Made

#: Of The Carpentries, at size 1.
EVENTS, TASKS, PROGRESSES, MEMBERSHIPS, REQUESTS, AWARDS = 4000, 36_000, 10_000, 250, 6000, 4000
PEOPLE = 12_000


def training(people: int) -> Iterator[Made]:
    """Events, parts, awards, progress, memberships with seats, requests: as many as so many people have."""
    chance = random.Random(20261130)
    size, organizations = people / PEOPLE, max(1, people // 12)
    yield from made.administrators()
    events, members = int(EVENTS * size), max(1, int(MEMBERSHIPS * size))
    yield from (made.tag(pk) for pk in made.TAGS)
    yield from (made.role(pk) for pk in made.ROLES)
    yield from (made.badge(pk, name=f"badge-{pk}", title=f"Badge {pk}") for pk in range(1, 6))
    yield from (made.requirement(pk, name=name, event_required=pk == 1, involvement_required=pk == 2)
                for pk, name in enumerate(("Training", "Get Involved", "Welcome Session", "Demo"), 1))  # fmt: skip
    yield from (made.lesson(pk) for pk in range(1, 41))
    yield from (made.curriculum(pk) for pk in range(1, 21))
    yield made.involvement(1)
    yield made.member_role(1)
    yield made.person_role(1)
    for pk in range(1, members + 1):
        yield made.membership(pk)
        yield made.member(pk, membership=pk, organization=chance.randint(1, organizations))
        yield made.membership_task(pk, membership=pk, person=chance.randint(1, people))
    for pk in range(1, events + 1):
        day = f"{2012 + pk % 14}-{1 + pk % 12:02d}-{1 + pk % 28:02d}"
        over = {
            "start": day,
            "end": day,
            "slug": f"{day}-place-{pk}",
            "url": f"https://workshop{pk}.example.org/",
            "host": chance.randint(1, organizations),
            "sponsor": chance.randint(1, organizations),
            "curricula": [chance.randint(1, 20)],
            "lessons": [chance.randint(1, 40)],
            "assigned_to": chance.randint(1, people),
        }
        member = chance.randint(1, members) if chance.random() < 0.3 else None
        yield made.training_event(pk, **over) if pk % 20 == 0 else made.event(pk, membership=member, **over)
    for pk in range(1, int(TASKS * size) + 1):
        at, role = 1 + pk % events, chance.choices([1, 2, 3, 4], [4, 4, 10, 1])[0]
        seat = chance.randint(1, members) if at % 20 == 0 and role == 3 else None
        yield made.task(pk, event=at, person=chance.randint(1, people), role=role, seat_membership=seat)
    for pk in range(1, int(AWARDS * size) + 1):
        yield made.award(pk, person=1 + pk % people, badge=1 + (pk // people) % 5)
    for pk in range(1, int(PROGRESSES * size) + 1):
        wanted = chance.randint(1, 4)
        training = 20 * chance.randint(1, max(1, events // 20)) if wanted == 1 else None
        yield made.progress(pk, trainee=chance.randint(1, people), requirement=wanted, event=training,
                            involvement_type=1 if wanted == 2 else None)  # fmt: skip
    for pk in range(1, int(REQUESTS * size) + 1):
        yield made.training_request(pk, person=chance.randint(1, people), email=f"asks{pk}@example.org")
