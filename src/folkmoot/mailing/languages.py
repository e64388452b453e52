"""The language of a mail by rule: the recipient's where there is a text in it, else the house's, else the rule's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folkmoot.mailing.models import MailRule, PlannedMail, Together
from folkmoot.mailing.subjects import Subject
from folkmoot.outbox.public import named
from folkmoot.people.public import languages_of

#: What people speak, the best first, by their number in the register.
Spoken = Mapping[int, Sequence[str]]


def label(code: str) -> str:
    """What a language is called in the reader's own."""
    info = LANG_INFO.get(code.lower())
    return _(info["name"]) if info is not None and "name" in info else code


def offered(rule: MailRule) -> dict[str, tuple[str, str]]:
    """Subject and text by language, the rule's own first; at most one query."""
    texts = {one.language: (one.subject, one.body) for one in rule.texts.all()}
    return {rule.language: (rule.template.subject, rule.template.body), **texts}


def text_of(rule: MailRule, language: str) -> tuple[str, str]:
    """Subject and text in a language; the rule's own where there is none in it."""
    found = offered(rule)
    return found.get(language) or found[rule.language]


def _same(wanted: str, codes: Iterable[str]) -> str:
    """The language of these that somebody who reads ``wanted`` reads: the very one, else one of the same family."""
    known = {code.lower(): code for code in codes}
    wanted = wanted.lower()
    if wanted in known:
        return known[wanted]
    family = wanted.split("-")[0]
    return known.get(family) or next(
        (code for code in known.values() if code.lower().split("-")[0] == family), ""
    )


def choose(rule: MailRule, wanted: Sequence[str]) -> str:
    """The first wanted language in which there is a text, else the house's, else that of the rule's own text."""
    codes = [rule.language, *(one.language for one in rule.texts.all())]
    tried = (_same(code, codes) for code in (*wanted, str(settings.LANGUAGE_CODE)))
    return next((code for code in tried if code), rule.language)


def of_mail(mail: PlannedMail, rule: MailRule, subject: Subject, loaded: Any, spoken: Spoken) -> list[str]:
    """The language of a mail, or where each gets one, of each; runs no query where the rule's texts were read.

    One mail to several people is in the language that all of them would get; where these differ, in the one that who
    has said nothing gets.
    """
    if not rule.texts.all():
        return [rule.language] * (len(mail.to) if rule.together == Together.EACH else 1)
    said = said_with(rule, subject, loaded)
    each = [
        choose(rule, [said[one[1].casefold()]] if one[1].casefold() in said else spoken.get(one[2], ()))
        for one in mail.to
    ]
    if rule.together == Together.EACH:
        return each
    return [each[0] if len(set(each)) == 1 else choose(rule, ())]


def said_with(rule: MailRule, subject: Subject, loaded: Any) -> dict[str, str]:
    """The languages that come with addresses of a record, by address."""
    keys = [key for key in rule.to if key in subject.by_recipient]
    found = [address for key in keys for address in subject.by_recipient[key].read(loaded)]
    return {address.email.casefold(): address.language for address in found if address.language}


def looked_up(mail: PlannedMail, rule: MailRule, subject: Subject, loaded: Any) -> list[str]:
    """As :func:`of_mail`, for one mail: asks what its recipients speak."""
    return of_mail(mail, rule, subject, loaded, languages_of(one[2] for one in mail.to if one[2]))


def digest(rule: MailRule) -> str:
    """What the rule's own text is known by."""
    told = json.dumps([rule.template.subject, rule.template.body], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def warnings(rule: MailRule, language: str) -> list[str]:
    """What a text in one more language lacks beside the rule's own; nothing of the rule's own."""
    row = next((one for one in rule.texts.all() if one.language == language), None)
    if row is None:
        return []
    found = []
    lacks = sorted(
        named(rule.template.subject, rule.template.body)
        - named(row.subject, row.body)
        - {"recipients", "person"}
    )
    if lacks:
        words = ngettext(
            "It lacks the variable %(names)s, which the rule's own text names.",
            "It lacks the variables %(names)s, which the rule's own text names.",
            len(lacks),
        )
        found.append(words % {"names": ", ".join(lacks)})
    if row.written_for != digest(rule):
        found.append(_("The rule's own text has changed since this one was written."))
    return found
