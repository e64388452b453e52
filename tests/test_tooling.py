"""The rules of the repository itself: locks, set-up, commands, layers, templates, skips."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-server.lock")


def script(name: str) -> ModuleType:
    """A module from scripts/, which is no package."""
    spec = importlib.util.spec_from_file_location(f"scripts_{name}", ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def locked(name: str) -> dict[str, tuple[str, list[str]]]:
    """Package to version and hashes."""
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        package, version = re.match(r"([A-Za-z0-9_.-]+)(?:\[[^]]+\])?==(\S+)", line).groups()  # type: ignore[union-attr]
        found[canonicalize_name(package)] = (version, re.findall(r"--hash=sha256:([0-9a-f]{64})\b", line))
    return found


def wanted(*groups: str, extras: bool = False) -> list[Requirement]:
    lines: list[str] = list(PROJECT["project"]["dependencies"])
    if extras:
        lines += [line for extra in PROJECT["project"]["optional-dependencies"].values() for line in extra]
    for group in groups:
        for line in PROJECT["dependency-groups"][group]:
            lines += [line] if isinstance(line, str) else PROJECT["dependency-groups"][line["include-group"]]
    return [Requirement(line) for line in lines]


def files() -> list[Path]:
    """What the repository tracks; without git, what lies outside the made folders."""
    made = {".venv", "node_modules", "var", ".git"}
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if made.isdisjoint(path.relative_to(ROOT).parts)]
    return [path for path in found if path.is_file()]


@pytest.mark.parametrize(
    ("lock", "group", "extras"),
    [(LOCKS[0], "build", False), (LOCKS[1], "dev", True), (LOCKS[2], "build", True)],
)
def test_lock_file_holds_what_is_wanted(lock: str, group: str, extras: bool) -> None:
    held = locked(lock)
    for requirement in wanted(group, extras=extras):
        version, hashes = held[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version, prereleases=True), requirement
        assert hashes


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_file_pins_versions_with_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    assert all(hashes for _, hashes in locked(lock).values())


def test_locks_agree() -> None:
    run, dev, server = map(locked, LOCKS)
    for smaller, larger in ((run, server), (server, dev)):
        assert {name: version for name, (version, _) in smaller.items()} == {
            name: version for name, (version, _) in larger.items() if name in smaller
        }


def test_npm_lock_has_hashes_and_no_addresses() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    root = lock["packages"].pop("")
    assert root["dependencies"] == package["dependencies"]
    assert root["devDependencies"] == package["devDependencies"]
    for name, entry in lock["packages"].items():
        assert "resolved" not in entry, name
        assert entry["integrity"].startswith("sha512-"), name
    assert "scripts" not in package, "nothing may run on install"


def test_npm_settings_keep_addresses_out_of_the_lock() -> None:
    lines = (ROOT / ".npmrc").read_text("utf-8").split()
    assert "omit-lockfile-registry-resolved=true" in lines
    assert {"fund=false", "audit=false", "update-notifier=false"} <= set(lines)


def test_no_file_names_a_registry_or_a_machine() -> None:
    hosts = [
        "py" + "pi.org",
        "python" + "hosted.org",
        "npm" + "js.org",
        "npm" + "js.com",
        "deb.debian" + ".org",
    ]
    paths = re.compile(r"(?<![\w./~-])/(?:wo" + r"rk|ro" + r"ot)/")
    bad = []
    for path in files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        bad += [f"{path.relative_to(ROOT)}: {host}" for host in hosts if host in text]
        bad += [f"{path.relative_to(ROOT)}: {found}" for found in paths.findall(text)]
    assert bad == []


def test_made_folders_are_ignored() -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    assert {".venv/", "node_modules/", "var/"} <= set(ignored)


def test_make_knows_every_command() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    for target in ("demo", "setup", "test", "check", "serve", "bench", "pictures", "lock", "clean"):
        assert re.search(rf"^{target}:", text, re.MULTILINE), target
        assert f"make {target} " in text, f"help says nothing of {target}"


def test_scripts_are_executable_and_read_by_their_shell() -> None:
    for path, shell in ((ROOT / ".ci" / "run", "bash"), (ROOT / "scripts" / "setup.sh", "sh")):
        assert os.access(path, os.X_OK), path
        subprocess.run([shell, "-n", path], check=True)


# --- set-up on a machine that lacks something: one plain sentence, and nothing made


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A copy of what set-up reads, and a folder `bin` that is the whole PATH."""
    for name in ("pyproject.toml", "package.json", "package-lock.json", ".npmrc", "Makefile", *LOCKS):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "cat", "cksum", "dirname", "rm", "sed"):
        (tools / name).symlink_to(shutil.which(name) or name)
    return tmp_path


def pretend(folder: Path, name: str, text: str) -> None:
    path = folder / "bin" / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def refused(folder: Path) -> str:
    environment = {"PATH": str(folder / "bin"), "HOME": str(folder)}
    result = subprocess.run(
        ["scripts/setup.sh"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stdout == ""
    assert not (folder / ".venv").exists()
    assert not (folder / "node_modules").exists()
    assert len(result.stderr.splitlines()) == 1, result.stderr
    return result.stderr


def test_python_too_old(bare: Path) -> None:
    pretend(bare, "python3", 'case "$2" in *exit*) exit 1;; *) echo 3.9.2;; esac')
    assert "Python 3.11 or newer, and python3 here is 3.9.2: install" in refused(bare)


def test_python_missing(bare: Path) -> None:
    assert "Python 3.11 or newer, and none was found: install" in refused(bare)


def test_named_python_too_old(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(bare, "old", "exit 1")
    pretend(bare, "python3", f'exec {sys.executable} "$@"')
    script = bare / "scripts" / "setup.sh"
    script.write_text(script.read_text().replace("set -eu", "set -eu; PYTHON=old", 1))
    assert "PYTHON=old is not" in refused(bare)


def test_newer_python_beside_an_old_one_is_found(bare: Path) -> None:
    pretend(bare, "python3", "exit 1")
    pretend(bare, "python3.12", f'exec {sys.executable} "$@"')
    assert "Node.js" in refused(bare)


def test_venv_missing(bare: Path) -> None:
    pretend(bare, "python3", 'case "$2" in *ensurepip*) exit 1;; esac; exit 0')
    assert "install python3-venv" in refused(bare)


def test_node_missing(bare: Path) -> None:
    pretend(bare, "python3", "exit 0")
    assert "Node.js 18 or newer with npm to fetch its browser assets, and none was found" in refused(bare)


def test_node_too_old(bare: Path) -> None:
    pretend(bare, "python3", "exit 0")
    pretend(bare, "node", 'case "$1" in -p) echo 12;; *) echo v12.22.0;; esac')
    assert "node here is v12.22.0" in refused(bare)


def test_npm_missing(bare: Path) -> None:
    pretend(bare, "python3", "exit 0")
    pretend(bare, "node", "echo 20")
    assert "only node was found: install npm" in refused(bare)


# --- layers


def test_every_app_is_in_the_layers_and_has_a_contract() -> None:
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    layers = set(re.findall(r"folkmoot\.\w+", " ".join(contracts[0]["layers"])))
    protected = {name for contract in contracts[1:] for name in contract["protected_modules"]}
    for folder in sorted((ROOT / "src" / "folkmoot").iterdir()):
        if not (folder / "__init__.py").exists():
            continue
        name = f"folkmoot.{folder.name}"
        assert name in layers, f"{name} stands in no layer"
        if folder.name not in {"kernel", "connectors", "cli"}:
            assert name in protected, f"{name} has no contract for its public module"


# --- templates


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<script>alert(1)</script>", "code between"),
        ("<p>\n<b style='color: red'>x</b></p>", "style="),
        ('<a onclick="go()">x</a>', "onclick="),
        ("<style>p { margin: 0 }</style>", "<style>"),
        ('<a href="javascript:go()">x</a>', "javascript:"),
        ('<p :class="x">y</p>', "x-bind:class"),
    ],
)
def test_template_findings(text: str, said: str) -> None:
    found = script("templates").findings(text)
    assert len(found) == 1
    assert said in found[0].message
    assert found[0].line == text[: text.index("style=")].count("\n") + 1 if "style=" in text else 1


@pytest.mark.parametrize(
    "text",
    [
        '<script src="{% static "a.js" %}" defer></script>',
        '<script type="application/json">{"a": 1}</script>',
        '<p {% if a == "b" %}class="x"{% endif %} x-on:click="go">{{ onclick }}</p>',
        "{# <script>x</script> #}{% comment %}<style>{% endcomment %}",
        '<c-row :items="rows" />',
        "<p>style=this onclick=that</p>",
    ],
)
def test_template_without_findings(text: str) -> None:
    assert script("templates").findings(text) == []


def test_mail_may_have_styles_but_no_script() -> None:
    templates = script("templates")
    assert templates.findings('<p style="margin:0">x</p>', mail=True) == []
    assert templates.findings("<script>x</script>", mail=True) != []


# --- skips

SKIPS = {
    "marked": "import pytest\n@pytest.mark.skip(reason='no moon')\ndef test_a(): pass\n",
    "called": "import pytest\ndef test_a(): pytest.skip('no moon')\ndef test_b(): pass\n",
    "module": "import pytest\npytest.skip('no moon', allow_module_level=True)\n",
}


def nested(folder: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(text)
    (folder / "test_other.py").write_text("def test_fine(): pass\n")
    (folder / "pytest.ini").write_text("[pytest]\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "xdist", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("processes", ["0", "2"])
@pytest.mark.parametrize("kind", SKIPS)
def test_a_skip_fails_where_nothing_may_be_skipped(tmp_path: Path, kind: str, processes: str) -> None:
    result = nested(tmp_path, SKIPS[kind], "-p", "tests.plugins.noskips", "-n", processes)
    assert result.returncode == 1, result.stdout
    assert "nothing may be skipped here" in result.stdout
    assert "no moon" in result.stdout
    assert re.match(r"=+ .*skipped.* in .*=+$", result.stdout.splitlines()[-1])


def test_a_skip_is_fine_elsewhere_and_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    assert nested(tmp_path, SKIPS["marked"]).returncode == 0
    expected = "import pytest\n@pytest.mark.xfail\ndef test_a(): assert False\n"
    assert nested(tmp_path, expected, "-p", "tests.plugins.noskips").returncode == 0


# --- fonts

NAMES = [
    *("Ana Lucía Pérez", "Günther", "Łukasz Żółć", "Nguyễn Thị Hạnh", "Ольга Їжак", "Αλέξανδρος", "अनन्या"),
    *("小山哲央", "髙橋さくら", "刘伟", "陳怡君", "김민준", "محمد", "דוד", "สมชาย"),
    *("বাংলা", "தமிழ்", "ქართული", "Հայերեն", "አማርኛ", "🎉", "👩‍💻"),
]


@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_report_fonts_draw_names_in_every_script(tmp_path: Path, weight: str) -> None:
    """No name has the box that stands for a missing character, and no built-in font had to step in."""
    import typst
    from pypdf import PdfReader

    fonts = ROOT / "node_modules" / ".fonts"
    if not fonts.is_dir():
        pytest.skip("node_modules/.fonts is missing: make setup")
    source = tmp_path / "names.typ"

    def draw(text: str, kind: str) -> Path:
        head = f'#set text(font: ("Noto Sans", "Noto Sans Hebrew"), weight: "{weight}")\n'
        source.write_text(head + text, "utf-8")
        made = tmp_path / f"names.{kind}"
        typst.compile(
            str(source), output=str(made), format=kind, font_paths=[str(fonts)], ignore_system_fonts=True
        )
        return made

    def shapes(text: str) -> set[str]:
        return set(re.findall(r'<path[^>]* d="([^"]+)"', draw(text, "svg").read_text("utf-8")))

    page = shapes("")
    box = shapes("\U0005fffe") - page
    assert len(box) == 1
    assert [name for name in NAMES if box & shapes(name) or not shapes(name) - page] == []

    reader = PdfReader(draw("\n\n".join(NAMES), "pdf"))
    found = reader.pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]
    used = {str(font.get_object()["/BaseFont"]).split("+")[-1] for font in found}
    assert [font for font in used if not font.startswith("Noto")] == []
