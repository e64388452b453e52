"""The nightly backup: taken once, verified, and only then the old ones go."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured

from folkmoot.kernel import plugs
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs import actions, runner
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.ops import scheduled, streams
from folkmoot.kernel.ops.archive import Backup
from tests.kernel.houses import House, Houses

NIGHT = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)


def name(moment: dt.datetime, end: str = "") -> str:
    return f"folkmoot-{moment:%Y%m%dT%H%M%S}Z.backup{end}"


def ran() -> Job:
    job = actions.enqueue(kind="ops.backup")
    assert runner.run_next()
    job.refresh_from_db()
    return job


@pytest.fixture
def house(houses: Houses) -> House:
    return houses.new()


def test_a_slot_each_night_from_two_if_there_is_a_folder(settings: Any, tmp_path: Path) -> None:
    assert scheduled.nightly(NIGHT) == ""
    settings.BACKUP_DIR = str(tmp_path)
    assert scheduled.nightly(NIGHT - dt.timedelta(minutes=1)) == ""
    assert scheduled.nightly(NIGHT) == scheduled.nightly(NIGHT + dt.timedelta(hours=21)) == "2026-11-20"
    assert plugs.schedule.get("ops.backup").slot is scheduled.nightly


@pytest.mark.parametrize("keyed", [False, True])
def test_taken_verified_and_older_ones_removed(house: House, tmp_path: Path, keyed: bool) -> None:
    secret, public = streams.new_key()
    folder = tmp_path / "backups"
    folder.mkdir()
    for days in range(1, 30):
        (folder / name(NIGHT - dt.timedelta(days=days))).write_text("older")
    (folder / "notes.txt").write_text("somebody's own")
    settings = {"BACKUP_DIR": str(folder), "BACKUP_KEEP": "3,2", "BACKUP_KEY": public if keyed else ""}
    with house.inside(**settings), time_machine.travel(NIGHT, tick=False):
        job = ran()
        assert job.state == JobState.SUCCEEDED, job.error
        assert scheduled.newest() == NIGHT
    mine = name(NIGHT, ".age" if keyed else "")
    # The 20th is a Friday: the newest of its week is tonight's, of the week before the 15th's, a Sunday.
    kept = {mine, *(name(NIGHT - dt.timedelta(days=days)) for days in (1, 2, 5)), "notes.txt"}
    assert {path.name for path in folder.iterdir()} == kept
    assert job.outcome["file"] == str(folder / mine)
    assert len(job.outcome["removed"]) == 26
    Backup(folder / mine, streams.Key(secret, origin="test")).verify()


def test_a_failure_removes_nothing_and_is_on_today(house: House, tmp_path: Path) -> None:
    from folkmoot.kernel.accounts.actions import add_user, grant_all
    from folkmoot.kernel.permissions.areas import Level

    folder = tmp_path / "backups"
    folder.mkdir()
    older = [name(NIGHT - dt.timedelta(days=days)) for days in range(1, 12)]
    for each in older:
        (folder / each).write_text("older")
    settings = {"BACKUP_DIR": str(folder), "BACKUP_KEEP": "1,1", "BACKUP_KEY": str(tmp_path / "no-such-key")}
    with house.inside(**settings):
        user: User = add_user(email="alice@example.org", name="Alice", password="correct horse battery")
        grant_all(user=user, level=Level.ADMIN)
        job = ran()
        assert job.state == JobState.FAILED
        assert job.error.startswith("No backup was taken: The key file")
        found = list(plugs.today_sources.get("jobs.failed").find(User.objects.get(), NIGHT, 10))
        assert [item.key for item in found] == [f"jobs.failed:{job.pk}"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(older)


def test_what_a_killed_worker_left_is_swept(house: House, tmp_path: Path) -> None:
    import os

    old, fresh = tmp_path / ".folkmoot-1.backup.7.part", tmp_path / ".folkmoot-2.backup.8.part"
    for path in (old, fresh):
        path.write_text("half")
    os.utime(old, (0, 0))
    with house.inside(BACKUP_DIR=str(tmp_path)):
        assert ran().state == JobState.SUCCEEDED
    assert (old.exists(), fresh.exists()) == (False, True)


@pytest.mark.parametrize("text", ["", "7", "0,5", "seven,5", "-1,2", "7,5,3"])
def test_a_rule_that_is_none(settings: Any, text: str) -> None:
    settings.BACKUP_KEEP = text
    with pytest.raises(ImproperlyConfigured, match="write two numbers such as 7,5"):
        scheduled.keep()


def test_days_without_a_backup_are_not_counted(tmp_path: Path) -> None:
    """Three of "the last 3 nights" stay although two weeks lie between them."""
    paths = [tmp_path / name(NIGHT - dt.timedelta(days=days)) for days in (0, 14, 28, 42)]
    assert scheduled.surplus(paths, daily=3, weekly=0) == [paths[3]]
    two = [tmp_path / name(NIGHT), tmp_path / name(NIGHT + dt.timedelta(hours=5))]
    assert scheduled.surplus(two, daily=2, weekly=2) == [two[0]]
