"""AMY's texts of automatic mails, kept as texts here, so that somebody can compare them with those of the rules.

No rule uses them, and no mail that AMY has planned is sent from here.
"""

from __future__ import annotations

from functools import cache
from typing import ClassVar

import yaml
from django.utils.translation import gettext as _

from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.kernel.imports.sources import source_parts
from folkmoot.outbox.public import MessageTemplate
from folkmoot.training.imports.amy.common import SOURCE, Chunk, Said, TrainingPart
from folkmoot.training.imports.amy.words import words
from folkmoot.training.seeds import FOLDER

#: The subject of the only rule among AMY's that is not about training.
MERGES = "people.merge"


@cache
def _subjects() -> dict[str, str]:
    rules = yaml.safe_load((FOLDER / "mail_rules.yml").read_text(encoding="utf-8"))
    return {rule["slug"]: rule["subject"] for rule in rules}


def kind_of(signal: str) -> str:
    """The kind of text of the rule that does here what a signal of AMY does; empty where there is none."""
    rule = words()["signals"].get(signal, "")
    subject = _subjects().get(rule, MERGES if rule.startswith("people.") else "")
    return f"rule.{subject}" if subject else ""


@source_parts.declare
class Texts(TrainingPart):
    """Texts of mails."""

    key: ClassVar[str] = "amy.training.texts"
    order: ClassVar[int] = 380
    models: ClassVar[tuple[str, ...]] = ("emails.emailtemplate",)
    counters: ClassVar[tuple[str, ...]] = ("texts",)

    def bring(self, chunk: Chunk) -> None:
        names = {said.key: f"AMY: {said.line('name', 95)}" for said in chunk.said}
        there = {row.name: row for row in MessageTemplate.objects.filter(name__in=names.values())}
        wanted = []
        for said in chunk.said:
            kind = kind_of(said.line("signal", 255))
            if not kind or not said.text("body"):
                why = _("no rule here does what “%(signal)s” does, or there is no text: left out")
                said.leave("signal", why % {"signal": said.line("signal", 60)})
                continue
            values = {"subject": said.line("subject", 200) or names[said.key], "body": _body(said)}
            fixed = {
                "name": names[said.key],
                "kind": kind,
                "topic": "training",
                "is_personal": True,
                "archived_at": None
                if said.is_true("active") or not said.has("active")
                else chunk.changes.now,
            }
            wanted.append(Wanted(said.key, values, there.get(names[said.key]), fixed, said.row))
        bring(chunk.changes, source=SOURCE, model=MessageTemplate, wanted=wanted, counter="texts")


def _body(said: Said) -> str:
    """The text as AMY has it, under a line about whom AMY sends it from and to."""
    about = [_("From AMY, for comparing: its gaps are AMY’s own.")]
    for name, label in (
        ("from_header", _("From: %s")),
        ("reply_to_header", _("Answers to: %s")),
        ("cc_header", _("Copies to: %s")),
        ("bcc_header", _("Hidden copies to: %s")),
    ):
        told = ", ".join(said.texts(name))
        if told:
            about.append(label % told)
    return "> " + "\n> ".join(about) + "\n\n" + said.text("body")
