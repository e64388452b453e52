"""Giving and withdrawing consents, writing down what somebody said elsewhere, and new versions of the words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.people.actions import base
from folkmoot.people.actions.base import Actor
from folkmoot.people.models import Consent, ConsentKind, ConsentText, Person

#: Said by the person on their own page.
BY_THEMSELF = "self"
#: Said by a click in a mail.
UNSUBSCRIBED = "unsubscribe"
#: Longest text of a consent, in characters.
TEXT_LIMIT = 5000


@transaction.atomic
def give(*, person: Person, text: ConsentText, actor: User) -> Consent:
    """The person agrees to this version of the words. Agreeing twice to the same version is one consent.

    Raises:
        PermissionDenied: somebody else than the person; a coordinator has :func:`record_consent`.
        ValidationError: there is a newer version, so these words are not asked any more.
    """
    _only_themself(person, actor)
    newest = (
        ConsentText.objects.filter(kind=text.kind).order_by("-version").values_list("version", flat=True)
    ).first()
    if newest != text.version or text.kind.archived_at is not None:
        raise ValidationError(
            _("These words have changed since you opened the page. Read them again, then decide."),
            code="changed",
        )
    return _say(person, text.kind, True, text=text, source=BY_THEMSELF)


@transaction.atomic
def withdraw(
    *, person: Person, kind: ConsentKind, actor: User | None, source: str = BY_THEMSELF
) -> Consent | None:
    """The person agrees no longer, from this moment. Withdrawing what was never given writes down the refusal.

    Args:
        actor: the person's own user; ``None`` with the source :data:`UNSUBSCRIBED`, whose link is the proof.

    Raises:
        PermissionDenied: somebody else than the person.
    """
    if source != UNSUBSCRIBED or actor is not None:
        _only_themself(person, actor)
    return _say(person, kind, False, source=source)


@transaction.atomic
def record_consent(
    *,
    person: Person,
    kind: ConsentKind,
    is_given: bool,
    source: str,
    note: str,
    actor: Actor,
    said_on: dt.date | None = None,
    version: int | None = None,
) -> Consent:
    """Write down what a person said elsewhere: by mail, on a form, at a meeting. Never silent: it says where and how.

    Args:
        source: where it was said ("mail", "registration form 2026").
        note: how one can see it ("mail of 3 May to the board").
        actor: who writes it down; ``None``: an import.
        said_on: the day (UTC) on which it was said; ``None``: now.
        version: to which version of the words; ``None``: not known.

    Raises:
        ValidationError: by field: no source or note, a source that stands for the person's own click, a day to come,
            a version that does not exist; the person was erased.
    """
    source, note = base.line(source), base.line(note)
    problems: dict[str, str] = {}
    if person.erased_at is not None:
        raise ValidationError(
            _("This person asked to be forgotten: nothing more is written down about them.")
        )
    if not source:
        problems["source"] = _("Say where it was said: by mail, on a form, at a meeting.")
    elif source.casefold() in (BY_THEMSELF, UNSUBSCRIBED):
        problems["source"] = _("This word stands for the person's own click. Say where it was said.")
    elif len(source) > 60:
        problems["source"] = _("Write at most 60 characters here, and the rest as the note.")
    if not note:
        problems["note"] = _("Say how one can see it later: “mail of 3 May”, “form, line 12”.")
    elif len(note) > 200:
        problems["note"] = _("Write at most 200 characters.")
    if said_on is not None and said_on > clock.today():
        problems["said_on"] = _("This day is still to come.")
    text = None
    if version is not None:
        text = kind.texts.filter(version=version).order_by("language").first()
        if text is None:
            problems["version"] = _("There is no version %(number)d of these words.") % {"number": version}
    if problems:
        raise ValidationError(problems)
    at = clock.start_of_day(said_on) if said_on is not None and said_on < clock.today() else clock.now()
    return Consent.objects.create(
        person=person,
        kind=kind,
        text=text,
        is_given=is_given,
        decided_at=at,
        source=source,
        recorded_by=actor,
        note=note,
    )


def _only_themself(person: Person, actor: User | None) -> None:
    if actor is None or person.user_id != actor.pk or person.erased_at is not None:
        raise PermissionDenied("people.own")


def _say(
    person: Person, kind: ConsentKind, is_given: bool, *, source: str, text: ConsentText | None = None
) -> Consent:
    """A new row, unless the newest one says the same of the same version."""
    Person.objects.select_for_update().get(pk=person.pk)  # two clicks take turns
    newest = (
        Consent.objects.filter(person=person, kind=kind)
        .select_related("text")
        .order_by("-decided_at", "-pk")
        .first()
    )
    if newest is not None and newest.is_given == is_given:
        same_words = (newest.text.version if newest.text else 0) == (text.version if text else 0)
        if not is_given or same_words:
            return newest
    return Consent.objects.create(
        person=person, kind=kind, text=text, is_given=is_given, decided_at=clock.now(), source=source
    )


@transaction.atomic
def add_consent_text(
    *, kind: ConsentKind, texts: Mapping[str, str], asks_again: bool, actor: Actor
) -> list[ConsentText]:
    """The next version of the words, in one or more languages. What was agreed to stays as it was said.

    Args:
        texts: language code to words; languages without words are left out.
        asks_again: whoever agreed to an earlier version has to agree anew: until then they did not.

    Raises:
        ValidationError: by field (``text_en``): no words in the installation's language, too many, or the words that
            are there already.
    """
    kind = base.locked(kind)
    known = dict(settings.LANGUAGES)
    cleaned = {code: base.block(text) for code, text in texts.items() if code in known}
    cleaned = {code: text for code, text in cleaned.items() if text}
    problems = {
        f"text_{code}": _("Write at most %(limit)d characters.") % {"limit": TEXT_LIMIT}
        for code, text in cleaned.items()
        if len(text) > TEXT_LIMIT
    }
    if settings.LANGUAGE_CODE not in cleaned:
        problems[f"text_{settings.LANGUAGE_CODE}"] = _("Write the words in this language at least.")
    newest = kind.texts.order_by("-version").values_list("version", flat=True).first() or 0
    before = dict(kind.texts.filter(version=newest).values_list("language", "text"))
    if before and before == cleaned:
        raise ValidationError(_("These are the words of version %(number)d.") % {"number": newest})
    if problems:
        raise ValidationError(problems)
    if asks_again:  # what was said to earlier words holds no longer
        kind.consents.update(updated_at=clock.now())
    return [
        ConsentText.objects.create(
            kind=kind,
            version=newest + 1,
            language=code,
            text=text,
            asks_again=asks_again and newest > 0,
        )
        for code, text in sorted(cleaned.items())
    ]


@transaction.atomic
def add_consent_kind(*, name: str, texts: Mapping[str, str], actor: Actor, order: int = 100) -> ConsentKind:
    """Something else that people are asked; its short name is made from its name and never changes.

    Raises:
        ValidationError: by field, as for :func:`add_consent_text`; a kind of this short name is there.
    """
    row = ConsentKind()
    base.put(row, {"name": name, "order": order})
    row.slug = slugify(row.name)[:60]
    if row.name and not row.slug:
        raise ValidationError({"name": _("Use at least one letter of the Latin alphabet or a digit.")})
    if ConsentKind.objects.filter(slug=row.slug).exists():
        raise ValidationError({"name": _("There is a kind of this name already.")})
    base.write(row, actor=actor)
    add_consent_text(kind=row, texts=texts, asks_again=False, actor=actor)
    return row


@transaction.atomic
def archive_consent_kind(*, kind: ConsentKind, archived: bool, actor: Actor) -> ConsentKind:
    """Ask for it no more, or again. What was said is kept either way; archived, it counts as not given."""
    kind = base.locked(kind)
    if (kind.archived_at is not None) != archived:
        kind.archived_at = clock.now() if archived else None
        base.write(kind, actor=actor)
    return kind
