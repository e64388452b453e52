"""Rules that an app brings: rows of a YAML file, made once, switched off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from folkmoot.kernel import audit
from folkmoot.mailing.actions.rules import checked
from folkmoot.mailing.languages import digest
from folkmoot.mailing.models import MailRule, RuleText
from folkmoot.mailing.subjects import subjects
from folkmoot.outbox.public import MessageTemplate, load_texts, unwrapped

#: Fields of a row that are not the rule's own.
_BESIDE = {"text", "texts", "slug"}


@transaction.atomic
def load_rules(rows: Iterable[Mapping[str, Any]]) -> int:
    """Make the rules that are not there and never were: what a person edited or renamed stays so.

    A rule that asks for rows which this community does not have is left out; it is made the next time.

    Args:
        rows: each with ``slug``, the fields of a rule, ``text`` in English with ``name``, ``subject`` and ``body``, and
            ``texts`` by further language. These go to rules that are there as well, once, while their own text is
            as it came.

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
    _add_texts(rows)
    return made


def _add_texts(rows: Iterable[Mapping[str, Any]]) -> None:
    """The texts in further languages that are not there and never were."""
    history: Any = RuleText.history
    known = set(history.values_list("rule_id", "language"))
    there = MailRule.objects.filter(slug__in=[row["slug"] for row in rows]).select_related("template")
    by_slug = {rule.slug: rule for rule in there}
    fresh = []
    for row in rows:
        rule, text = by_slug.get(row["slug"]), row["text"]
        if rule is None or (rule.template.subject, rule.template.body) != (
            text["subject"],
            unwrapped(text["body"]),
        ):
            continue
        fresh += [
            RuleText(
                rule=rule,
                language=language,
                subject=said["subject"],
                body=unwrapped(said["body"]),
                written_for=digest(rule),
            )
            for language, said in row.get("texts", {}).items()
            if language != rule.language and (rule.pk, language) not in known
        ]
    audit.bulk_create(RuleText, fresh, reason="seeds")


def _made(row: Mapping[str, Any], place: int) -> int:
    subject = subjects.get(row["subject"])
    text = {**row["text"], "kind": subject.kind}
    load_texts([text], topic=subject.topic)
    template = MessageTemplate.objects.filter(kind=subject.kind, name=text["name"], archived_at=None).first()
    if template is None or MailRule.objects.filter(name=row["name"]).exists():
        return 0
    rule = MailRule(slug=row["slug"], template=template, language="en", order=100 + place)
    for name, value in row.items():
        if name not in _BESIDE:
            setattr(rule, name, value)
    try:
        checked(subject, rule)
    except ValidationError:
        return 0
    audit.bulk_create(MailRule, [rule], reason="seeds")
    return 1
