"""Rules that an app brings: rows of a YAML file, made once, switched off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from folkmoot.kernel import audit
from folkmoot.mailing.actions.rules import checked
from folkmoot.mailing.models import MailRule
from folkmoot.mailing.subjects import subjects
from folkmoot.outbox.public import MessageTemplate, load_texts

#: Fields of a row that are not the rule's own.
_BESIDE = {"text", "slug"}


@transaction.atomic
def load_rules(rows: Iterable[Mapping[str, Any]]) -> int:
    """Make the rules that are not there and never were: what a person edited or renamed stays so.

    A rule that asks for rows which this community does not have is left out; it is made the next time.

    Args:
        rows: each with ``slug``, the fields of a rule, and ``text`` with ``name``, ``subject`` and ``body``.

    Returns:
        how many were made.
    """
    rows = list(rows)
    slugs = [row["slug"] for row in rows]
    history: Any = MailRule.history
    known = set(history.filter(slug__in=slugs).values_list("slug", flat=True))
    known |= set(MailRule.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    made = 0
    for place, row in enumerate(rows):
        if row["slug"] in known or row["subject"] not in subjects:
            continue
        made += _made(row, place)
    return made


def _made(row: Mapping[str, Any], place: int) -> int:
    subject = subjects.get(row["subject"])
    text = {**row["text"], "kind": subject.kind}
    load_texts([text], topic=subject.topic)
    template = MessageTemplate.objects.filter(kind=subject.kind, name=text["name"], archived_at=None).first()
    if template is None or MailRule.objects.filter(name=row["name"]).exists():
        return 0
    rule = MailRule(slug=row["slug"], template=template, order=100 + place)
    for name, value in row.items():
        if name not in _BESIDE:
            setattr(rule, name, value)
    try:
        checked(subject, rule)
    except ValidationError:
        return 0
    audit.bulk_create(MailRule, [rule], reason="seeds")
    return 1
