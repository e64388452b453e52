"""Forms for requests, rules for points and texts to begin with: YAML that a person can read."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from folkmoot.kernel import audit
from folkmoot.outbox.public import load_texts as load
from folkmoot.training.models import EventKind, FormField, RequestForm, ScoreRule

FILE = Path(__file__).parent / "requests.yml"


@cache
def data() -> dict[str, Any]:
    """What ``requests.yml`` says."""
    said: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return said


def texts() -> dict[str, dict[str, Any]]:
    """The texts of mails, by kind of message."""
    return {row["kind"]: row for row in data()["texts"]}


def load_texts() -> int:
    """Make the texts that are not there and never were.

    Returns:
        how many were made.
    """
    return load(texts().values(), topic="training")


@transaction.atomic
def load_forms() -> int:
    """Make the forms, with fields and rules, that are not there and never were; what somebody edited stays.

    Returns:
        how many forms were made.
    """
    history: Any = RequestForm.history.model
    known = {
        *RequestForm.objects.values_list("slug", flat=True),
        *history.objects.values_list("slug", flat=True),
    }
    kinds = {row.slug: row for row in EventKind.objects.all()}
    made = 0
    for place, said in enumerate(data()["forms"], 1):
        if said["slug"] in known:
            continue
        kind = kinds.get(said.get("event", ""))
        if said.get("event") and kind is None:
            continue  # somebody removed that kind of event
        form = RequestForm(
            slug=said["slug"],
            title=said["title"],
            intro=said.get("intro", ""),
            landing=said.get("landing", ""),
            outcome=said["outcome"],
            kind=kind,
            is_open=said.get("is_open", True),
            answer_days=said.get("answer_days", 7),
            order=place * 10,
        )
        [form] = audit.bulk_create(RequestForm, [form], reason="setup")
        _fields(form, said)
        made += 1
    return made


def _fields(form: RequestForm, said: dict[str, Any]) -> None:
    fields = []
    for place, row in enumerate(said["fields"], 1):
        when, _, value = str(row.get("when", "")).partition("=")
        fields.append(
            FormField(
                form=form,
                key=row["key"],
                label=row["label"],
                help=row.get("help", ""),
                kind=row.get("kind", "line"),
                choices=row.get("choices", []),
                is_required=row.get("required", False),
                position=place,
                shown_when=when,
                shown_value=value,
                fills=row.get("fills", ""),
            )
        )
    by_key = {row.key: row for row in audit.bulk_create(FormField, fields, reason="setup")}
    rules = [
        ScoreRule(
            form=form,
            label=row["label"],
            field=by_key[row["field"]],
            condition=row["condition"],
            values=row.get("values", []),
            points=row.get("points", 1),
            most=row.get("most"),
        )
        for row in said.get("rules", [])
    ]
    audit.bulk_create(ScoreRule, rules, reason="setup")
