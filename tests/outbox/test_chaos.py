"""Two workers while everything goes wrong at once; the long run is in the benches."""

from __future__ import annotations

from pathlib import Path

import pytest

from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.models import State
from tests.outbox.chaos import Chaos


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_none_twice_and_none_lost_in_silence(tmp_path: Path, alice: User) -> None:
    chaos = Chaos(tmp_path, number=60, kills=1, every=2.0, seconds=90)
    chaos.run()
    counts = chaos.check()
    assert chaos.died >= 1
    assert counts[State.SENT] > 30
