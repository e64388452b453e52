"""Reasons for and against two records being one, put into words when they are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from folkmoot.people.models import Project
from folkmoot.people.systems import system_label


@dataclass(frozen=True)
class Said:
    """A reason as a person reads it; ``weight`` above 0 speaks for one record, below against."""

    code: str
    text: str
    weight: float


Facts = Mapping[str, Any]
_words: dict[str, Callable[[Facts], str]] = {
    # people: what proves
    "same_number": lambda f: _("the same account on %(system)s, by its number %(value)s") % _named(f),
    "same_login": lambda f: _("the same login on %(system)s: %(value)s") % _named(f),
    "same_login_there": lambda f: _("both have or had the login %(value)s on %(system)s") % _named(f),
    "same_email": lambda f: _("the same proven e-mail address: %(value)s") % f,
    "same_address": lambda f: _("the same e-mail address, not proven: %(value)s") % f,
    "same_orcid": lambda f: _("the same ORCID iD: %(value)s") % f,
    "one_record": lambda f: _("one record of %(source)s names both: %(first)s, %(second)s") % f,
    # people: what speaks for it
    "same_name": lambda f: _("same name"),
    "name_turned": lambda f: _("same name, its words in another order"),
    "alike_name": lambda f: _("names alike: “%(first)s”, “%(second)s”") % f,
    "short_name": lambda f: _("“%(first)s” is short for “%(second)s”") % f,
    "initials": lambda f: _("initials fit: “%(first)s”, “%(second)s”") % f,
    "part_of_name": lambda f: _("“%(first)s” is a part of “%(second)s”") % f,
    "first_name": lambda f: _("same first name, and no other is known"),
    "same_user": lambda f: _("same e-mail user: %(value)s") % f,
    "user_is_login": lambda f: _("e-mail user equals login: %(value)s") % f,
    "same_login_elsewhere": lambda f: _("same login on another system: %(value)s") % f,
    "alike_login": lambda f: _("logins or e-mail users alike: %(first)s, %(second)s") % f,
    "login_is_name": lambda f: _("%(value)s is made of the other's name") % f,
    "same_domain": lambda f: _("same domain in the e-mail address: %(value)s") % f,
    "same_organization": lambda f: _("same organisation"),
    "alike_organization": lambda f: _("organisations alike: “%(first)s”, “%(second)s”") % f,
    "same_country": lambda f: _("same country"),
    "same_location": lambda f: _("same place"),
    # people: what speaks against it
    "other_account": lambda f: _("different accounts on %(system)s: %(first)s, %(second)s") % _named(f),
    "other_orcid": lambda f: _("different ORCID iDs"),
    "other_name": lambda f: _("names differ"),
    "other_organization": lambda f: _("organisations differ"),
    "other_country": lambda f: _("countries differ"),
    # organisations
    "same_organization_name": lambda f: _("same name but for its form: “%(value)s”") % f,
    "turned_organization_name": lambda f: _("same words in the name, in another order"),
    "alike_organization_name": lambda f: _("names alike"),
    "acronym": lambda f: _("“%(first)s” are the first letters of “%(second)s”") % f,
    "same_web_domain": lambda f: _("same domain: %(value)s") % f,
    "other_web_domain": lambda f: _("different domains: %(first)s, %(second)s") % f,
    # projects
    "same_path": lambda f: _("same repository path on another host: %(value)s") % f,
    "other_kind": lambda f: (
        _("same name, but one is a %(first)s, the other a %(second)s")
        % {name: _kind(f[name]) for name in ("first", "second")}
    ),
    "repository_moved": lambda f: _("same name of the repository under another owner: %(value)s") % f,
    "same_website": lambda f: _("same website: %(value)s") % f,
    "alike_project_name": lambda f: _("names alike"),
    "other_repository": lambda f: _("different repositories"),
}


def _kind(value: object) -> str:
    """A kind of project as people know it."""
    return str(dict(Project.Kind.choices).get(str(value), value))


def _named(facts: Facts) -> dict[str, Any]:
    """The facts with the system as people know it."""
    return {**facts, "system": system_label(str(facts.get("system", "")))}


def in_words(reason: Mapping[str, Any]) -> Said:
    """A kept reason as a person reads it, in the language of the moment. A code of another version stands as it is."""
    code = str(reason.get("code", ""))
    speak = _words.get(code)
    try:
        text = speak(reason.get("facts") or {}) if speak else code
    except (KeyError, TypeError, ValueError):
        text = code
    return Said(code, text, float(reason.get("weight", 0)))


def codes() -> frozenset[str]:
    """Every code that has words."""
    return frozenset(_words)
