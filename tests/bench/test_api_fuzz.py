"""Many made-up requests for every operation of the API (``FOLKMOOT_EXAMPLES``, 100 unless it says otherwise).

Run it by itself: ``make bench ARGS=tests/bench/test_api_fuzz.py``.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.core.cache import cache
from schemathesis import GenerationMode

from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.tokens.actions import make_token
from folkmoot.kernel.tokens.scopes import open_to
from tests.api.fuzzing import a_little_of_everything, fuzz, labels, schema

EXAMPLES = int(os.environ.get("FOLKMOOT_EXAMPLES", "100"))


@pytest.mark.parametrize("label", labels())
def test_operation(label: str, alice: User, settings: Any) -> None:
    settings.API_REQUESTS = 1_000_000
    cache.clear()
    known = a_little_of_everything(alice)
    scopes = [scope.key for scope in open_to(alice)]
    _row, token = make_token(owner=alice, name="fuzz", scopes=scopes, actor=alice)
    method, path = label.split(" ", 1)
    operation = schema()[path][method]
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        assert fuzz(operation, token, known, mode, EXAMPLES) >= 1
