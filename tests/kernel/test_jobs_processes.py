"""``folkmoot serve`` and ``folkmoot worker`` as real processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.kernel.processes import ROOT, environment

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "folkmoot.cli", *arguments],
        env={**environment(folder), "FOLKMOOT_LOG_FORMAT": "json"},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.kill()


def wait_for(what: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def ask(port: int) -> dict[str, object] | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return dict(json.load(answer))
    except (urllib.error.URLError, OSError):
        return None


def children(parent: int) -> list[int]:
    text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(pid) for pid in text.split()]


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def workers(parent: int) -> list[int]:
    return [pid for pid in children(parent) if "worker" in command_of(pid).split("\0")]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_serve_answers_restarts_what_dies_and_ends_cleanly(tmp_path: Path) -> None:
    port = free_port()
    with process(tmp_path, "serve", "--port", str(port)) as serve:
        wait_for(lambda: ask(port))
        answer = ask(port)
        assert answer is not None
        assert answer["status"] == "ok"

        # The worker has queued and done the day's scheduled work.
        def is_idle() -> bool:
            answer = ask(port)
            return answer is not None and answer["jobs_due"] == 0

        wait_for(lambda: workers(serve.pid))
        wait_for(is_idle)
        (first,) = workers(serve.pid)
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: workers(serve.pid) not in ([], [first]))

        # A second one cannot have the same port.
        with process(tmp_path, "serve", "--port", str(port)) as second:
            assert second.wait(20) == 2
            assert second.stderr is not None
            said = " ".join(second.stderr.read().split())
        assert f"folkmoot: port {port} is in use" in said
        assert f"--port {port + 1}" in said

        below = children(serve.pid)
        serve.send_signal(signal.SIGTERM)
        assert serve.wait(30) == 0
        assert [pid for pid in below if command_of(pid)] == []
    assert ask(port) is None


def test_a_worker_ends_when_it_is_told(tmp_path: Path) -> None:
    with process(tmp_path, "worker", "--threads", "1") as worker:
        assert worker.stderr is not None
        for line in worker.stderr:
            if "worker started" in line:
                break
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0


def test_a_database_that_is_too_old_is_told(tmp_path: Path) -> None:
    settings = {**environment(tmp_path), "FOLKMOOT_DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3"}
    done = subprocess.run(
        [sys.executable, "-m", "folkmoot.cli", "worker"],
        env=settings,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "run `folkmoot init` first" in " ".join(done.stderr.split())
