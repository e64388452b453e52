"""10,000 posts while platforms, accesses, workers and clocks fail: none twice, none lost in silence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings

from folkmoot.kernel.accounts.models import User
from tests.outbox.chaos import Chaos

POSTS = int(os.environ.get("FOLKMOOT_BENCH_POSTS", "10000"))
#: A worker is killed so many times.
KILLS = 20


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ten_thousand_posts_while_everything_fails(tmp_path: Path, alice: User) -> None:
    chaos = Chaos(tmp_path, number=POSTS, rate=0.2, kills=KILLS, every=5.0, seconds=1800)
    chaos.run()
    counts = chaos.check()
    asked = sum(len(each.asked) for each in chaos.boards)
    vendor = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    print(
        f"{vendor}: {POSTS} posts in {chaos.took:.0f} s ({POSTS / chaos.took:.0f} a second), {asked} requests, "
        f"{chaos.died} workers killed, none twice; "
        + ", ".join(f"{number} {state}" for state, number in sorted(counts.items()))
    )
