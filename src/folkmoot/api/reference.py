"""The reference page: what the schema says, laid out for people. No script, nothing from elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a body or answer."""

    name: str
    type: str
    description: SafeString
    is_required: bool = False


@dataclass(frozen=True)
class Operation:
    """One operation as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    description: SafeString
    scope: str
    parameters: list[Field]
    body: list[Field]
    answer: list[Field]
    statuses: list[tuple[str, SafeString]]


@dataclass
class Section:
    """Operations under one heading."""

    label: str
    operations: list[Operation] = field(default_factory=list)


def marked(text: str) -> SafeString:
    """Text in which what stands between backticks is code."""
    parts = [
        format_html("<code>{}</code>", part) if number % 2 else format_html("{}", part)
        for number, part in enumerate(text.split("`"))
    ]
    return format_html_join("", "{}", ((part,) for part in parts))


def sections(schema: dict[str, Any]) -> list[Section]:
    """The schema's operations by their tags, in its order."""
    found: dict[str, Section] = {}
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            label = said["tags"][0]
            found.setdefault(label, Section(label)).operations.append(
                _operation(schema, path, method.upper(), said)
            )
    return list(found.values())


def _operation(schema: dict[str, Any], path: str, method: str, said: dict[str, Any]) -> Operation:
    description = said.get("description", "").partition("Scope: ")[0].strip()
    good = next(answer for status, answer in said["responses"].items() if status.startswith("2"))
    return Operation(
        id=said["operationId"],
        method=method,
        path=path,
        summary=said["summary"],
        description=marked(description),
        scope=said["x-scope"],
        parameters=[
            Field(
                one["name"],
                _type(one["schema"]),
                marked(one.get("description", "")),
                bool(one.get("required")),
            )
            for one in said["parameters"]
        ],
        body=_fields(schema, said.get("requestBody", {}).get("content", {}).get("application/json", {})),
        answer=_fields(schema, good["content"].get("application/json", {})),
        statuses=[
            (status, marked(_resolved(schema, answer)["description"]))
            for status, answer in said["responses"].items()
        ],
    )


def _fields(schema: dict[str, Any], content: dict[str, Any]) -> list[Field]:
    said = content.get("schema", {})
    part = _resolved(schema, said["anyOf"][0] if "anyOf" in said else said)
    required = set(part.get("required", []))
    return [
        Field(name, _type(said), marked(said.get("description", "")), name in required)
        for name, said in part.get("properties", {}).items()
    ]


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in part:
        *_start, sort, name = part["$ref"].split("/")
        found: dict[str, Any] = schema["components"][sort][name]
        return found
    return part


def _type(said: dict[str, Any]) -> str:
    """A type in a few words: ``integer``, ``list of string``, ``date or null``."""
    if "$ref" in said:
        return str(said["$ref"]).rsplit("/", 1)[1].removesuffix("Told")
    if "anyOf" in said:
        return " or ".join(_type(one) for one in said["anyOf"])
    if "enum" in said:
        return " | ".join(json.dumps(one) for one in said["enum"])
    if said.get("type") == "array":
        return f"list of {_type(said.get('items', {}))}"
    return str(said.get("format") or said.get("type") or "any")
