"""Whatever is sent is answered as the schema says, and never by an error of ours."""

from __future__ import annotations

from typing import Any

import pytest
from schemathesis import GenerationMode

from folkmoot.kernel.accounts.models import User
from tests.api.conftest import Program
from tests.api.fuzzing import a_little_of_everything, fuzz, labels, schema

#: Few for each operation here; ``tests/bench`` sends more.
EXAMPLES = 3


@pytest.fixture
def many_requests(settings: Any) -> None:
    settings.API_REQUESTS = 1_000_000


@pytest.mark.parametrize("label", labels())
def test_operation(label: str, alice: User, alices: Program, many_requests: None) -> None:
    known = a_little_of_everything(alice)
    method, path = label.split(" ", 1)
    operation = schema()[path][method]
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        assert fuzz(operation, alices.token, known, mode, EXAMPLES) >= 1, mode
