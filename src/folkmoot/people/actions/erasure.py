"""Being forgotten: asking, taking it back, refusing with a reason, and carrying it out for good."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.erasure import Outcome, Subject, erasers
from folkmoot.kernel.permissions.models import Grant
from folkmoot.kernel.text import fold
from folkmoot.people import forgotten, letters
from folkmoot.people.actions import base
from folkmoot.people.actions.own import delete_photo_files
from folkmoot.people.models import Erasure, Identity, Merge, Person
from folkmoot.people.queries.erasure import kept_in_words
from folkmoot.people.systems import INTERNAL

#: How long a request may wait: a month (GDPR, article 12(3)), counted as days so that a limit can be shown.
LEGAL_DAYS = 30


@transaction.atomic
def ask_erasure(*, person: Person, actor: User, reason: str = "") -> Erasure:
    """Ask to be forgotten; or a coordinator writes down that somebody asked, with where and how. Twice is once.

    Raises:
        PermissionDenied: neither the person nor somebody who manages people.
        ValidationError: erased already; a coordinator gave no reason.
    """
    by_themself = person.user_id == actor.pk
    if not by_themself and not actor.has_perm("people.manage"):
        raise PermissionDenied("people.own")
    person = base.locked(person)
    if person.erased_at is not None:
        raise ValidationError(_("This record is erased already."), code="erased")
    reason = base.line(reason)[:200]
    if not by_themself and not reason:
        raise ValidationError({"reason": _("Say where and how the person asked: “mail of 3 May”.")})
    known = Erasure.objects.filter(person=person, state=Erasure.State.ASKED).first()
    return known or Erasure.objects.create(person=person, asked_by=actor, asked_at=clock.now(), reason=reason)


@transaction.atomic
def withdraw_erasure(*, person: Person, actor: User) -> Erasure:
    """Take the request back.

    Raises:
        PermissionDenied: it is somebody else's.
        ValidationError: nothing is asked, or it is carried out already.
    """
    if person.user_id != actor.pk:
        raise PermissionDenied("people.own")
    row = Erasure.objects.select_for_update().filter(person=person, state=Erasure.State.ASKED).first()
    if row is None:
        raise ValidationError(_("There is no open request."), code="gone")
    row.state, row.decided_at, row.decided_by = Erasure.State.WITHDRAWN, clock.now(), actor
    row.save()
    return row


@transaction.atomic
def refuse_erasure(*, erasure: Erasure, reason: str, actor: User) -> Erasure:
    """Refuse, with a reason that the person is told.

    Raises:
        PermissionDenied: the actor does not manage people.
        ValidationError: no reason, or it is decided already.
    """
    row = _open(erasure, actor)
    reason = base.line(reason)[:200]
    if not reason:
        raise ValidationError({"reason": _("Say why: the reason is told to the person.")})
    row.state, row.reason = Erasure.State.REFUSED, reason
    row.decided_at, row.decided_by = clock.now(), actor
    row.save()
    if row.person.user is not None:
        letters.send_refused(row.person.user, reason)
    return row


def _open(erasure: Erasure, actor: User) -> Erasure:
    if not actor.has_perm("people.manage"):
        raise PermissionDenied("people.manage")
    row = Erasure.objects.select_for_update(of=("self",)).select_related("person").get(pk=erasure.pk)
    if row.state != Erasure.State.ASKED:
        raise ValidationError(_("This was decided already."), code="decided")
    return row


@transaction.atomic
def carry_out(*, erasure: Erasure, actor: User, confirmed: str) -> Erasure:
    """Forget the person, in all apps, for good. All of it or nothing.

    Args:
        confirmed: the person's name as typed by the coordinator: the one confirmation that there is.

    Raises:
        PermissionDenied: the actor does not manage people.
        ValidationError: another name was typed; it is decided already; the person still has rights here.
    """
    row = _open(erasure, actor)
    person = base.locked(row.person)
    if fold(base.line(confirmed)) != fold(person.name):
        raise ValidationError({"confirmed": _("This is not the name on the record.")})
    if person.user_id is not None and Grant.objects.filter(user=person.user_id).exists():
        raise ValidationError(
            _("%(name)s still has rights here. Take them away under Settings first.") % {"name": person.name},
            code="rights",
        )
    subject = subject_of(person)
    identities = list(Identity.objects.filter(person=person).values_list("system", "value", "number"))
    account = person.user
    photo = person.photo.name
    outcome = Outcome()
    for eraser in erasers:
        eraser.forget(subject, outcome)
    _blank(person, subject, actor)
    row.state, row.decided_at, row.decided_by, row.reason = Erasure.State.DONE, clock.now(), actor, ""
    if row.asked_by_id == subject.user:
        row.asked_by = None
    row.outcome = {
        "removed": outcome.removed,
        "kept": {label: list(what) for label, what in outcome.kept.items()},
        forgotten.KEY: forgotten.digests(identities),
    }
    row.save()
    if photo:
        delete_photo_files(Person._meta.get_field("photo").storage, photo)
    if account is not None:
        letters.send_erased(account.email, account.language, kept_in_words(row))
    return row


def subject_of(person: Person) -> Subject:
    """Who it is, by everything that the register ever knew: names of old, records that were merged into it."""
    people = {person.pk}
    while True:
        merged = Merge.objects.filter(model="people.person", survivor_id__in=people)
        more = set(merged.values_list("gone_id", flat=True)) - people
        if not more:
            break
        people |= more
    history: Any = Person.history.filter(id__in=people)
    old: Any = Identity.history.filter(person_id__in=people)
    names = {person.name, person.sort_name, person.publication_name}
    for triple in history.values_list("name", "sort_name", "publication_name"):
        names.update(triple)
    names.update(
        Merge.objects.filter(model="people.person", gone_id__in=people).values_list("gone_name", flat=True)
    )
    identities = Identity.objects.filter(person__in=people)
    pairs = {*identities.values_list("system", "value"), *old.values_list("system", "value")}
    pairs |= {("email", person.user.email)} if person.user is not None else set()
    if person.user is not None:
        names.add(person.user.name)
    handles = {value for system, value in pairs if system != INTERNAL}
    return Subject(
        people=frozenset(people),
        identities=frozenset(identities.values_list("pk", flat=True)),
        names=frozenset(name for name in names if name),
        handles=frozenset(handles),
        emails=frozenset(fold(value) for system, value in pairs if system == "email"),
        user=person.user_id,
        stand_in=f"Erased person {person.pk}",
    )


#: What stays of the record itself.
_STAYS = {"id", "name", "created_at"}


def _blank(person: Person, subject: Subject, actor: User) -> None:
    """Every field of the record but its number: derived from the schema, so that a new field is blank, too."""
    now: dt.datetime = clock.now()
    for field in Person._meta.concrete_fields:
        if field.name not in _STAYS:
            setattr(person, field.attname, None if field.null else field.get_default())
    person.name = subject.stand_in
    person.archived_at = person.erased_at = now
    base.write(person, actor=actor, reason="erased")
