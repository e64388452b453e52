"""Fails a run in which anything was skipped, and lists what and why.

`FOLKMOOT_NO_SKIPS=1 make test` loads it. A machine that has everything installed has no reason to skip a test: a skip
there means that something was not tested.
"""

from __future__ import annotations

from typing import Any

import pytest

skipped: dict[str, str] = {}


def note(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    skipped[report.nodeid] = reason.removeprefix("Skipped: ")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    note(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    note(report)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    worker = hasattr(session.config, "workerinput")
    if skipped and not worker and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if skipped:
        terminalreporter.section("skipped, and nothing may be skipped here", red=True)
        for nodeid, reason in sorted(skipped.items()):
            terminalreporter.line(f"{nodeid}: {reason}")
