"""The documents say what the code does: nothing is missing, nothing named that is not there, links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.module_loading import autodiscover_modules
from rules.permissions import permissions

from folkmoot.environment import ENVIRONMENT
from folkmoot.kernel.imports.sources import sources
from folkmoot.kernel.jobs.registry import job_kinds
from folkmoot.kernel.metrics import metrics
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.permissions.predicates import has_any_level, has_level, is_signed_in
from folkmoot.kernel.plugs import schedule
from tests.test_walk import STOPS, patterns

ROOT = Path(__file__).resolve().parents[2]
#: Read by the tests alone.
OF_TESTS = {"FOLKMOOT_NO_SKIPS", "FOLKMOOT_REAL_DATA", "FOLKMOOT_CHROMIUM"}
#: Beginnings of paths that the documents name and that lie on a machine, not in an installation's addresses.
OF_THE_SYSTEM = {"etc", "opt", "srv", "var", "safe", "backup"}
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


@cache
def script() -> ModuleType:
    """``scripts/docs.py``."""
    spec = importlib.util.spec_from_file_location("scripts_docs", ROOT / "scripts" / "docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    autodiscover_modules("commands")
    return module


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(
    "name", ["settings", "commands", "metrics", "sources", "schedule", "pages", "permissions"]
)
def test_tables_are_what_the_code_says(name: str) -> None:
    docs = script()
    page = ROOT / "docs" / docs.PLACES[name]
    assert docs.fill(text(page), name, docs.tables()[name]) == text(page), (
        "run .venv/bin/python scripts/docs.py"
    )


def test_every_table_has_its_place() -> None:
    docs = script()
    assert set(docs.PLACES) == set(docs.tables())
    with pytest.raises(ValueError, match="no place for the table 'x'"):
        docs.fill("nothing", "x", "")


def test_nothing_is_left_undocumented() -> None:
    """Not by way of the script: what is registered has its own heading or row."""
    page = {
        name: text(ROOT / "docs" / f"{name}.md") for name in ("settings", "metrics", "imports", "operations")
    }
    assert set(re.findall(r"^\| `(FOLKMOOT_\w+)`", page["settings"], re.MULTILINE)) == {
        s.name for s in ENVIRONMENT
    }
    assert set(re.findall(r"^### `(\w+)`", page["metrics"], re.MULTILINE)) == {
        metric.key for metric in metrics
    }
    assert set(re.findall(r"^### `([\w.-]+)`", page["imports"], re.MULTILINE)) == {
        source.key for source in sources
    }
    assert set(re.findall(r"^\| `([\w.]+)` \|", page["operations"], re.MULTILINE)) == {
        entry.key for entry in schedule
    }
    assert {entry.kind for entry in schedule} <= {kind.key for kind in job_kinds}


def test_permissions_areas_and_levels() -> None:
    page = text(ROOT / "docs" / "permissions.md")
    rows = re.findall(r"^\| `([\w.]+)` \|", page, re.MULTILINE)
    assert {name for name in rows if "." in name} == set(permissions)
    assert [name for name in rows if "." not in name] == [level.name.lower() for level in Level]
    areas = re.search(r"^Areas: (.+)\.$", page, re.MULTILINE)
    assert areas is not None
    assert re.findall(r"`(\w+)`", areas[1]) == list(Area.values)


def test_pages() -> None:
    """By another way than the script's: what takes no arguments is reversed, the rest is counted."""
    rows = re.findall(r"^\| `(/\S*)` \| (.+) \| (\S+) \|$", text(ROOT / "docs" / "pages.md"), re.MULTILINE)
    documented = {address for address, _what, _who in rows}
    plain = {stop.url for stop in STOPS if _can_be_reversed(stop.name)}
    assert {address for address in documented if not re.search("[A-Z]", address)} == plain
    assert len(rows) == len(list(patterns()))
    assert {who.strip("`") for _address, _what, who in rows} <= {"anybody", *permissions}
    assert [what for _address, what, _who in rows if not re.search(r"\w\.( \*\(button\)\*)?$", what)] == []


def _can_be_reversed(name: str) -> bool:
    """Whether the address needs no arguments."""
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def test_words_that_are_missing_or_left_over_are_named() -> None:
    docs = script()
    with pytest.raises(ValueError, match=r"under permissions what x\.y is") as problem:
        docs.words("permissions", {*permissions, "x.y"} - {"people.view"})
    assert "there is no people.view; remove the line" in str(problem.value)


def test_rules_in_words() -> None:
    docs = script()
    two = has_level(Area.PEOPLE, Level.VIEW) | has_level(Area.REPORTS, Level.MANAGE)
    assert docs.who_has(two) == "people: `view`, or reports: `manage`"
    assert docs.who_has(has_any_level(Level.MANAGE)) == "`manage` in any area"
    assert docs.who_has(is_signed_in) == "whoever is signed in"
    with pytest.raises(ValueError, match=r"who may: .*has_level:people:view"):
        docs.who_has(has_level(Area.PEOPLE, Level.VIEW) & is_signed_in)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_page_names_an_address_that_is_not_there(path: Path) -> None:
    known = {address for _name, address, _view in script().each_page()}
    named = re.findall(r"`(?:GET |POST )?(/[a-z0-9A-Z/_.-]*)`", _FENCE.sub("", text(path)))
    # What begins like a path of the system (/etc/folkmoot.env) is none of ours.
    ours = [address for address in named if address.split("/")[1] not in OF_THE_SYSTEM]
    assert [address for address in ours if address not in known and not _leads_somewhere(address)] == []


def _leads_somewhere(address: str) -> bool:
    try:
        resolve(address)
    except Resolver404:
        return False
    return True


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_page_names_a_permission_that_is_not_there(path: Path) -> None:
    areas, words = (set(part) for part in zip(*(name.split(".") for name in permissions), strict=True))
    for area, word in re.findall(r"`(\w+)\.(\w+)`", _FENCE.sub("", text(path))):
        if area in areas and word in words:
            assert f"{area}.{word}" in permissions, f"{area}.{word}"


def test_pictures_are_small_and_used() -> None:
    used = {
        (path.parent / target).resolve()
        for path in PAGES
        for target in re.findall(r"!\[[^\]]+\]\(([^)\s]+)\)", text(path))
    }
    there = set((ROOT / "docs" / "pictures").glob("*"))
    assert there == used
    assert [name_of(picture) for picture in there if picture.stat().st_size > 150_000] == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_page_names_a_setting_that_is_not_there(path: Path) -> None:
    assert set(re.findall(r"FOLKMOOT_[A-Z_]*[A-Z]", text(path))) <= {s.name for s in ENVIRONMENT} | OF_TESTS


def named_commands(path: Path) -> Iterator[list[str]]:
    """What stands after ``folkmoot`` in code, in a line or a block, without comments and options."""
    page = text(path)
    blocks = [line for block in _FENCE.findall(page) for line in block.splitlines()[1:-1]]
    for code in [*blocks, *re.findall(r"`([^`\n]+)`", _FENCE.sub("", page))]:
        found = re.match(r"(?:\S+=\S+ )*(?:\S*/bin/)?folkmoot ([a-z].*)$", code.strip())
        if found:
            yield found[1].split()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_page_names_a_command_or_option_that_is_not_there(path: Path) -> None:
    commands = {tuple(name.split()[1:]): command for name, command in script().each_command()}
    groups = {words[:n] for words in commands for n in range(1, len(words))}
    for words in named_commands(path):
        names = tuple(word for word in words if not word.startswith("-"))
        known = next((names[:n] for n in range(len(names), 0, -1) if names[:n] in commands), None)
        if known is None:
            # A group by itself (`folkmoot import --list`), or with a placeholder (`folkmoot import SOURCE PATH`).
            assert names[:1] in groups, f"folkmoot {' '.join(words)}"
            assert all(word.isupper() for word in names[1:]), f"folkmoot {' '.join(words)}"
            continue
        options = {
            flag for option in commands[known].params for flag in (*option.opts, *option.secondary_opts)
        }
        used = {word.split("=")[0] for word in words if word.startswith("--")}
        assert used <= options | {"--help"}, f"folkmoot {' '.join(words)}"


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_page_names_a_make_target_that_is_not_there(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))
    code = " \n".join([*_FENCE.findall(text(path)), *re.findall(r"`([^`\n]+)`", text(path))])
    assert set(re.findall(r"\bmake ([a-z]+)\b", code)) <= targets


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text(path)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", _FENCE.sub("", text(path))):
        if re.match(r"(https?|mailto):", target):
            continue
        file, _hash, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), f"{name_of(path)} links to {target}"
        assert found.is_relative_to(ROOT), f"{name_of(path)} links out of the project: {target}"
        if anchor and found.suffix == ".md":
            assert anchor in anchors(found), f"{name_of(path)} links to {target}"


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\(([\w-]+\.md)\)", text(folder / "README.md"))
    assert sorted(listed) == sorted(path.name for path in folder.glob("*.md") if path.name != "README.md")


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = re.findall(r"\]\(([^)\s#]+\.md)", text(page))
        ahead += [(page.parent / target).resolve() for target in targets if "://" not in target]
    assert {name_of(path) for path in PAGES} - {name_of(path) for path in reached} == set()


def test_architecture_names_what_stands() -> None:
    """The packages in the picture of the house are there, and the layers are those that are kept."""
    page = text(ROOT / "ARCHITECTURE.md")
    house = page.split("```")[1]
    source = ROOT / "src" / "folkmoot"
    for folder in re.findall(r"^  (\w+)/", house, re.MULTILINE):
        assert (source / folder).is_dir(), folder
    for name in re.findall(r"^    ([\w/.]+?)/? {2,}", house, re.MULTILINE):
        assert (source / "kernel" / name).exists(), name
    layers = re.findall(r"`(\w+)`", re.search(r"^`kernel` < .+$", page, re.MULTILINE)[0])  # type: ignore[index]
    kept = re.findall(
        r'"\(?folkmoot\.(\w+)', text(ROOT / "pyproject.toml").split("layers = [")[1].split("\n]")[0]
    )
    assert [name for name in reversed(kept) if name in layers] == layers


def test_the_sample_is_not_mistaken_for_real_people() -> None:
    about = yaml.safe_load(text(ROOT / "sample" / "sample.yml"))
    assert about["community"] == "Tidewater Commons"
