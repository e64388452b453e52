"""What should not be in public: addresses, numbers, keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from folkmoot.connectors.posts import ADDRESS
from folkmoot.publishing.policy.registry import Hit, Param, check
from folkmoot.publishing.policy.subject import Params, Subject

LOOKS = ("email", "phone", "secret")
#: Boxes that several people read.
ROLES = (
    *("info", "contact", "hello", "office", "team", "help", "support", "media", "press", "admin"),
    *(
        "conduct",
        "coc",
        "events",
        "jobs",
        "security",
        "training",
        "workshops",
        "newsletter",
        "editor",
        "editors",
    ),
)
_EMAIL = re.compile(r"(?<![\w.+@/-])[\w][\w.+-]*@(?:[\w-]+\.)+[a-z]{2,}(?![\w@-])", re.IGNORECASE)
#: International (E.164) with separators, or the North American way with brackets or hyphens.
_PHONE = re.compile(
    r"(?<![\w.+/=-])(?:\+[1-9](?:[ .()/-]{0,2}\d){7,14}|\(\d{3}\)[ -]?\d{3}-\d{4}|\d{3}-\d{3}-\d{4})(?![\w-]|\.\d)"
)
_SECRETS = (
    ("GitHub", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,})")),
    ("GitLab", re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}")),
    ("Slack", re.compile(r"\bxox[abeprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/T\w+/B\w+/\w+")),
    ("AWS", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("Google", re.compile(r"\bAIza[A-Za-z0-9_-]{35}")),
    ("PyPI", re.compile(r"\bpypi-[A-Za-z0-9_-]{50,}")),
    ("npm", re.compile(r"\bnpm_[A-Za-z0-9]{36}")),
    ("OpenAI", re.compile(r"\bsk-(?:proj-)?[A-Za-z0-9_-]{32,}")),
    ("Stripe", re.compile(r"\b[sr]k_live_[A-Za-z0-9]{16,}")),
    ("JWT", re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")),
    ("PEM", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
)
_IN_ADDRESS = re.compile(r"https?://[^\s/@:]+:[^\s/@]+@", re.IGNORECASE)


@check(
    "personal",
    Param("look_for", "words", LOOKS, "What to look for.", LOOKS),
    Param(
        "leave",
        "words",
        (),
        "E-mails and hosts of e-mails that may be public: `ada@example.org`, `example.org`.",
    ),
    Param("roles", "words", ROLES, "Names of boxes that are nobody's own: what stands before the @."),
)
def personal(subject: Subject, params: Params) -> Iterator[Hit]:
    """No e-mails, telephone numbers, tokens or keys stand in the text by mistake. What was found is shown in part only.

    Source: E.164 (international numbers); the prefixes that GitHub, GitLab, Slack, AWS, Google, PyPI, npm, OpenAI and
    Stripe document for their keys; RFC 7519 (JWT); RFC 7468 (PEM).
    """
    looks = params["look_for"]
    roles = {each.lower() for each in params["roles"]}
    leave = {each.lower().lstrip("@") for each in params["leave"]}
    for part, piece in enumerate(subject.parts, 1):
        if "secret" in looks:
            yield from _secrets(piece.text, part)
        plain = ADDRESS.sub(lambda match: " " * len(match[0]), piece.text)
        for match in _EMAIL.finditer(plain) if "email" in looks else ():
            address = match[0].lower()
            box, _at, host = address.partition("@")
            is_handle = match.start() > 0 and plain[match.start() - 1] == "@"
            if is_handle or box in roles or address in leave or host in leave:
                continue
            yield Hit(
                _("An e-mail stands in the text: %(words)s") % {"words": match[0]},
                part,
                match.start(),
                match[0],
                _("Link to a page with a form, or allow this address in the policy."),
            )
        for match in _PHONE.finditer(plain) if "phone" in looks else ():
            yield Hit(
                _("A telephone number seems to stand in the text: %(words)s") % {"words": match[0][:6] + "…"},
                part,
                match.start(),
                match[0][:6] + "…",
                _("Leave it out."),
            )


def _secrets(text: str, part: int) -> Iterator[Hit]:
    for name, pattern in _SECRETS:
        for match in pattern.finditer(text):
            yield Hit(
                _("A key seems to stand in the text (%(of)s: %(words)s).")
                % {"of": name, "words": match[0][:6] + "…"},
                part,
                match.start(),
                match[0][:6] + "…",
                _("Take it out, and make it invalid where it came from: somebody may have seen it."),
            )
    for match in _IN_ADDRESS.finditer(text):
        yield Hit(
            _("An address holds a password."),
            part,
            match.start(),
            match[0].split("://")[0] + "://…",
            _("Take it out."),
        )
