"""Settings > GitHub in a browser: at a desk and on a phone, in light and dark, with the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.ledger.github.models import Stream
from folkmoot.ledger.models import GithubConnection, GithubRepository, SyncState
from folkmoot.people.models import Project
from tests.browser.conftest import DESK, PHONE, Visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connection(db: None) -> GithubConnection:
    """Three repositories: read, not read, facts only."""
    found = GithubConnection.objects.create(
        name="pyOpenSci",
        token="ghp_x",
        login="the-community",
        organizations=["pyOpenSci"],
        repositories=["sunpy/sunpy"],
        token_expires_at=clock.now(),
    )
    for number, name in enumerate(
        ("pyOpenSci/python-package-guide", "pyOpenSci/software-submission", "sunpy/sunpy"), 1
    ):
        project = Project.objects.create(name=name.partition("/")[2], kind="repository")
        row = GithubRepository.objects.create(
            connection=found,
            host="github.com",
            number=str(number),
            full_name=name,
            project=project,
            is_facts_only=number == 3,
        )
        for stream in (Stream.FACTS, Stream.ISSUES):
            is_stale = number == 2 and stream == Stream.ISSUES
            SyncState.objects.create(
                repository=row,
                stream=stream,
                rows_read=1200,
                last_good_at=clock.now(),
                stale_since=clock.now() if is_stale else None,
                error="scope" if is_stale else "",
                error_detail="403 Resource not accessible by personal access token" if is_stale else "",
            )
    return found


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_pages(
    visit: Callable[..., Visit], alice: User, connection: GithubConnection, width: int, scheme: str
) -> None:
    window = visit(alice, width=width, scheme=scheme)
    for name, arguments in (
        ("connections", []),
        ("new", []),
        ("connection", [connection.pk]),
        ("edit", [connection.pk]),
    ):
        page = window.go(reverse(f"github:{name}", args=arguments))
        expect(page.locator("h1")).to_be_visible()
        window.check()


def test_removing_says_what_stays(
    visit: Callable[..., Visit], alice: User, connection: GithubConnection
) -> None:
    window = visit(alice)
    page = window.go(reverse("github:connection", args=[connection.pk]))
    page.locator("summary[aria-label=More]").press("Enter")
    page.get_by_role("button", name="Remove").first.press("Enter")
    dialog: Any = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The token is forgotten and nothing more is read. What was read stays.")
    dialog.get_by_role("button", name="Remove").press("Enter")
    expect(page.get_by_text("Not connected")).to_be_visible()
    assert GithubRepository.objects.filter(connection=None).count() == 3
