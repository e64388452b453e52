"""What the command line says when something around it is not as it should be: one sentence, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from folkmoot.kernel.cli import Problem, console
from folkmoot.kernel.jobs import serve


def test_a_database_that_does_not_answer_is_told_in_one_sentence(tmp_path: Path) -> None:
    nowhere = "postgres://nobody@127.0.0.1:1/nothing"
    done = subprocess.run(
        [sys.executable, "-m", "folkmoot.cli", "user", "list"],
        env={**os.environ, "FOLKMOOT_DATABASE_URL": nowhere, "FOLKMOOT_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("folkmoot: the database cannot be reached: ")
    assert done.stderr.endswith(
        "Start it or mend FOLKMOOT_DATABASE_URL; `folkmoot doctor` checks every setting.\n"
    )


@pytest.mark.parametrize("port", [-1, 0, 65536, 99999])
def test_a_port_that_cannot_be_is_refused_before_anything_starts(port: int) -> None:
    with pytest.raises(Problem) as problem:
        serve.need_free("127.0.0.1", port)
    assert str(problem.value) == (
        f"there is no port {port}: choose one from 1 to 65535, for example --port 8000."
    )


def test_what_a_file_says_is_shown_as_it_stands() -> None:
    with console.capture() as said:
        console.print("root:x:0:0", markup=False)
    assert said.get() == "root:x:0:0\n"


def test_the_version_is_told() -> None:
    from typer.testing import CliRunner

    from folkmoot import __version__
    from folkmoot.kernel.cli import cli

    result = CliRunner().invoke(cli, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"folkmoot {__version__}\n")
