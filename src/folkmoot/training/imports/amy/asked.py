"""What AMY's forms ask, and how an answer there reads here; asks nobody."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from folkmoot.people.public import is_country
from folkmoot.training.imports.amy.basics import slug_of
from folkmoot.training.imports.amy.common import Names, Said
from folkmoot.training.models import FieldKind

FILE = Path(__file__).parent / "forms.yml"


@cache
def _data() -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["models"]
    return said


def models() -> tuple[str, ...]:
    """The models of AMY that are requests."""
    return tuple(_data())


def form_of(model: str) -> str:
    """The short name of the form here that is for the same."""
    return str(_data()[model]["form"])


@cache
def questions(model: str) -> tuple[dict[str, Any], ...]:
    """What a form of AMY asks: key, the field of AMY, kind, label, choices, what it fills, the model it names."""
    rows = []
    for group in _data()[model]["fields"]:
        for one in group:
            found = {"kind": FieldKind.LINE.value, "choices": {}, "fills": "", "of": "", **one}
            found["from"] = one.get("from") or one["key"].replace("-", "_")
            rows.append(found)
    return tuple(rows)


def asked(model: str) -> list[dict[str, Any]]:
    """The same as a version of a form keeps it."""
    return [
        {
            "key": one["key"],
            "label": one["label"],
            "help": "",
            "kind": one["kind"],
            "choices": [[str(value), label] for value, label in one["choices"].items()],
            "required": False,
            "when": "",
            "value": "",
            "fills": one["fills"],
        }
        for one in questions(model)
    ]


def named(model: str) -> set[str]:
    """Models whose names the answers name."""
    return {one["of"] for one in questions(model) if one["of"]}


def beside(model: str, fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """The words for what answers name by number: by AMY's field."""
    found: dict[str, Any] = {}
    for one in questions(model):
        if not one["of"] or fields.get(one["from"]) in (None, "", []):
            continue
        value = fields[one["from"]]
        known = names[one["of"]]
        rows = [known.get(str(pk), {}) for pk in (value if isinstance(value, list) else [value])]
        if one["kind"] == FieldKind.LANGUAGES:
            words = [str(row.get("subtag") or "") for row in rows]
        elif one["kind"] == FieldKind.CURRICULA:
            words = [slug_of(str(row.get("slug") or row.get("name") or ""), "") for row in rows]
        elif (
            one["of"] == "workshops.role"
        ):  # the API does not tell how a role is shown, which is its name in capitals
            words = [str(row.get("verbose_name") or row.get("name") or "") for row in rows]
            words = [word[:1].upper() + word[1:] for word in words]
        else:
            words = [str(row.get("verbose_name") or row.get("name") or "") for row in rows]
        found[one["from"]] = [word for word in words if word]
    return found


def is_whole(model: str, fields: Mapping[str, Any]) -> bool:
    """Whether everything that AMY's form asks is told, if only that it was left empty: its API tells less."""
    return all(one["from"] in fields for one in questions(model))


def answers(said: Said, organization: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """Answers by the key of their field, as this house keeps them; what was left empty is left out.

    Args:
        organization: the name of the organisation that the request names, where it is one of AMY's.
        before: the answers that are here: those that are not told this time stay, and so do several
            that are but written in another way.
    """
    found: dict[str, Any] = {}
    for one in questions(said.model):
        held = before.get(one["key"])
        value = _answer(said, one, organization) if _is_told(said, one) else held
        if isinstance(value, list) and isinstance(held, list) and _words_of(value) == _words_of(held):
            value = held
        if value not in (None, "", []):
            found[one["key"]] = value
    return found


def _is_told(said: Said, one: Mapping[str, Any]) -> bool:
    """Whether an answer is told. The API names some things by a word that leads nowhere: that tells nothing."""
    raw = said.fields.get(one["from"])
    leads_nowhere = one["of"] and raw not in (None, "", []) and not said.beside.get(one["from"])
    return said.has(one["from"]) and not leads_nowhere


def _words_of(several: list[Any]) -> list[str]:
    """The same for the same words in another order, or written with hyphens as the API does."""
    return sorted("".join(filter(str.isalnum, str(one).casefold())) for one in several)


def _answer(said: Said, one: Mapping[str, Any], organization: str) -> Any:
    name, kind = one["from"], one["kind"]
    raw = said.fields.get(name)
    if one["of"]:
        return said.beside.get(name)
    if kind == FieldKind.ORGANIZATION:
        return organization or said.line("institution_other_name" if name == "institution" else name, 300)
    if raw in (None, ""):
        return None
    if kind == FieldKind.YES:
        return said.is_true(name)
    if kind == FieldKind.AGREE:
        return True if said.is_true(name) else None
    if kind == FieldKind.DAY:
        day = said.day(name)
        return day.isoformat() if day else None
    if kind == FieldKind.COUNTRY:
        code = said.line(name, 2).upper()
        if code and code != "W3" and not is_country(code):
            said.leave(name, _("“%(said)s” is no code of a country: left out") % {"said": code})
        return code if is_country(code) else None
    if kind == FieldKind.URL:
        return said.url(name, 500)
    return said.text(name, 10_000) if kind == FieldKind.TEXT else said.line(name, 1000)
