"""``folkmoot publish check``: Markdown as Jekyll and Hugo read it, findings on their lines, codes for CI."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from folkmoot.kernel.cli import Problem
from folkmoot.publishing.commands import publish_app
from folkmoot.publishing.policy.files import CannotReadFile, check_file, front_of, prose
from folkmoot.publishing.policy.loading import load

POST = """---
title: News of PyOpenSci
date: 2026-11-20
tags: [news]
author: Ada
---
# Hello

![](images/team.png)

Use `Numpy` on Monday, 24 November 2026.

```python
Numpy
```

See [Numpy](https://bit.ly/x) and <https://example.org/a>.
"""


def run(*arguments: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(publish_app, ["check", *arguments])
    if isinstance(result.exception, Problem):
        return 2, str(result.exception).splitlines()
    return result.exit_code, result.stdout.splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "_posts").mkdir()
    (tmp_path / "_posts" / "a.md").write_text(POST)
    (tmp_path / "b.md").write_text("Fine.\n")
    (tmp_path / "_site").mkdir()
    (tmp_path / "_site" / "c.md").write_text(POST)
    return tmp_path


def test_findings_on_their_lines(folder: Path) -> None:
    code, lines = run(str(folder))
    assert code == 1
    assert [line.removeprefix(f"{folder}/_posts/").split(": ")[:2] for line in lines] == [
        ["a.md:9", "block alt-text"],
        ["a.md:2", "warn names"],
        ["a.md:11", "warn dates"],
        ["a.md:17", "warn names"],
        ["a.md:17", "warn links"],
    ]
    assert lines[1].endswith("/_posts/a.md:2: warn names: “PyOpenSci” is written pyOpenSci. Write pyOpenSci.")


def test_severities_and_codes(folder: Path) -> None:
    assert len(run(str(folder), "--severity", "block")[1]) == 1
    assert run(str(folder / "b.md"), "--fail-on", "info") == (0, [])
    (folder / "_posts" / "a.md").write_text(POST.replace("![]", "![A team]"))
    assert run(str(folder))[0] == 0
    assert run(str(folder), "--fail-on", "warn")[0] == 1


def test_json_and_annotations(folder: Path) -> None:
    _code, lines = run(str(folder), "--json", "--severity", "block")
    (found,) = json.loads("\n".join(lines))
    assert (found["file"], found["line"], found["severity"], found["rule"]) == (
        f"{folder}/_posts/a.md",
        9,
        "block",
        "alt-text",
    )
    _code, lines = run(str(folder), "--format", "github", "--severity", "block")
    assert lines == [
        f"::error file={folder}/_posts/a.md,line=9,title=alt-text::team.png has no description. "
        "Say in words what it shows, and why it is there."
    ]


def test_other_rules(folder: Path) -> None:
    policy = folder / "policy.yml"
    policy.write_text(
        "rules:\n- {id: r, check: required, severity: block, params: {fields: [author, image]}}\n"
    )
    assert run(str(folder / "_posts"), "--policy", str(policy)) == (
        1,
        [f"{folder}/_posts/a.md:1: block r: “image” is empty. Fill it in."],
    )
    policy.write_text("rules:\n- {id: r, check: require, severity: block}\n")
    assert run(str(folder), "--policy", str(policy)) == (
        2,
        [f"{policy}: line 2: check: There is no “require”. Did you mean “required”?"],
    )


def test_what_cannot_be_checked(tmp_path: Path) -> None:
    assert run(str(tmp_path / "no")) == (2, [f"{tmp_path}/no is not there."])
    assert run(str(tmp_path)) == (2, [f"{tmp_path} holds no Markdown."])
    (tmp_path / "a.md").write_bytes(b"fine\n\xff\n")
    (tmp_path / "b.md").write_text("---\ntitle: [a\n---\n")
    (tmp_path / "c.md").write_text("---\ntitle: a\n")
    code, lines = run(str(tmp_path))
    assert code == 1
    assert [line.removeprefix(f"{tmp_path}/").rsplit(":", 1)[0] for line in lines] == [
        "a.md:2: block front-matter",
        "b.md:3: block front-matter: The front matter cannot be read",
        "c.md:1: block front-matter",
    ]


def test_front_matter() -> None:
    yaml = front_of("\ufeff---\r\ntitle: Hi\r\ntags:\r\n- a\r\n---\r\nText\r\n")
    assert (yaml.values, yaml.lines, yaml.body, yaml.line) == (
        {"title": "Hi", "tags": ["a"]},
        {"title": 2, "tags": 3},
        "Text\r\n",
        6,
    )
    toml = front_of('+++\ntitle = "Hi"\n+++\nText')
    assert (toml.values, toml.body, toml.line) == ({"title": "Hi"}, "Text", 4)
    assert front_of("Text\n\n---\n\nMore").body == "Text\n\n---\n\nMore"
    assert front_of("---\n---\nText").body == "Text"
    with pytest.raises(CannotReadFile):
        front_of("---\n- a\n---\n")


def test_prose_keeps_every_line() -> None:
    text = (
        "A <b>bold</b> [word](https://a.example/b_(c) 'title') and [this][1]\n"
        "<img src='x/y.png' alt='A kite'> <img src=z.png> <img src=d.png alt=''>\n"
        '{{< figure src="f.png" caption="A cap" >}} {% include x %}\n'
        "~~~\ncode\n~~~\n<!-- no\nno --> $$x$$ ``a`b``\n[1]: https://b.example\n"
        "[![Badge](https://c.example/i.svg)](https://c.example)\n"
    )
    piece = prose(text)
    assert piece.text.count("\n") == text.count("\n")
    assert len(piece.text) == len(text)
    assert piece.text.split() == ["A", "bold", "[word", "and", "[this", "["]
    assert [(each.name, each.alt) for each in sorted(piece.pictures, key=lambda one: one.at)] == [
        ("y.png", "A kite"),
        ("z.png", None),
        ("f.png", "A cap"),
        ("i.svg", "Badge"),
    ]
    assert [each.url for each in piece.links] == [
        "https://a.example/b_(c)",
        "https://b.example",
        "https://c.example",
    ]


def test_our_own_guide_is_clean(tmp_path: Path) -> None:
    """This repository's own Markdown."""
    shutil.copy(Path(__file__).parents[2] / "CONTRIBUTING.md", tmp_path / "a.md")
    rules = load(
        "rules:\n- {id: a, check: alt_text, severity: block}\n- {id: s, check: personal, severity: block}\n"
    )
    assert check_file(tmp_path / "a.md", rules) == []
