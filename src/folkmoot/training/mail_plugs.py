"""What mail rules may ask of training, and the rules that a community starts with."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import ngettext

from folkmoot.kernel.setup_steps import SetupStep, setup_steps
from folkmoot.mailing.public import load_rules
from folkmoot.training.mail_rules import agreements as _agreements  # noqa: F401 - declares its subject
from folkmoot.training.mail_rules import awards as _awards  # noqa: F401 - declares its subject
from folkmoot.training.mail_rules import events as _events  # noqa: F401 - declares its subject
from folkmoot.training.mail_rules import parts as _parts  # noqa: F401 - declares its subject
from folkmoot.training.mail_rules import progress as _progress  # noqa: F401 - declares its subject
from folkmoot.training.mail_rules import requests as _requests  # noqa: F401 - declares its subject
from folkmoot.training.mail_rules import sign_ups as _sign_ups  # noqa: F401 - declares its subject

FILE = Path(__file__).parent / "seeds" / "mail_rules.yml"


@cache
def rules() -> list[dict[str, Any]]:
    """What ``mail_rules.yml`` says."""
    rows: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return rows


def load_mail_rules() -> int:
    """Make the rules that are not there and never were.

    Returns:
        how many were made.
    """
    return load_rules(rules())


def _set_up() -> str:
    made = load_mail_rules()
    words = ngettext("Added %(made)d mail rule.", "Added %(made)d mail rules.", made)
    return words % {"made": made} if made else ""


setup_steps.register(SetupStep("training.mail_rules", _set_up, order=331))
