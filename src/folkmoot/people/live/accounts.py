"""Accounts that a live source shows: found by their number, renamed with it, made when unknown."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone

from folkmoot.kernel import audit
from folkmoot.kernel.imports.signals import rows_changed
from folkmoot.kernel.text import clean, fold
from folkmoot.people.identities import Directory, Handle, looks_like_bot, newcomer
from folkmoot.people.models import Erasure, FormerHandle, Identity, Person


@dataclass(frozen=True)
class SeenAccount:
    """An account as a system shows it now."""

    system: str
    number: str
    login: str
    is_bot: bool = False


def seen_accounts(
    accounts: Mapping[SeenAccount, Iterable[dt.datetime]], *, source: str, make: bool = True
) -> dict[str, Identity]:
    """The identities of these accounts, in the caller's transaction.

    * A known number is that identity; when its login is another by now, the old one is kept as a former handle.
    * A login without a number that no number contradicts is taken as this account, and learns its number.
    * Anything else is a new person, named after the login until a real name is known; so is a login that was given
      to somebody else.

    Args:
        accounts: each with the moments (UTC) at which it did something.
        source: said in the history and at former handles.
        make: whether unknown ones become people; without, they are missing in the answer.

    Returns:
        number -> identity. A fixed number of queries for each 2,000 accounts.
    """
    handles = {one: Handle(one.system, clean(one.login), one.number) for one in accounts}
    directory = Directory(handles.values())
    found: dict[str, Identity] = {}
    new: list[Identity] = []
    changed: dict[int, Identity] = {}
    former: list[tuple[Identity, str]] = []
    for account, handle in handles.items():
        identity = directory.find(handle)
        if identity is None:
            if not make:
                continue
            is_bot = account.is_bot or looks_like_bot(handle.system, handle.value)
            identity = directory.add(newcomer(handle, is_bot=is_bot))
            new.append(identity)
        elif identity.person.erased_at is not None:
            pass  # it counts under the stand-in, and nothing is written there
        elif identity.pk is not None and not identity.number:
            identity.number, identity.is_bot = handle.number, identity.is_bot or account.is_bot
            directory.learn(identity, handle.number)
            changed[identity.pk] = identity
        elif identity.pk is not None and identity.folded != handle.folded:
            former.append((identity, identity.value))
            identity.value, identity.folded = handle.value, handle.folded
            changed[identity.pk] = identity
        found[account.number] = identity
    forgotten = _forgotten(identity for identity, _value in former)
    for pk in forgotten:
        changed.pop(pk, None)
    reason = f"read from {source}"[:200]
    _make(new, reason)
    audit.bulk_update(
        Identity, list(changed.values()), ["number", "value", "folded", "is_bot"], reason=reason
    )
    _remember([(identity, value) for identity, value in former if identity.pk not in forgotten], source)
    _note_seen(found, accounts)
    _tell(Person, {one.person_id for one in (*new, *changed.values())})
    _tell(Identity, {one.pk for one in (*new, *changed.values())})
    return found


def _forgotten(identities: Iterable[Identity]) -> set[int]:
    """Of these identities, those whose person was erased: what was pseudonymised is not written again."""
    by_person: dict[int, set[int]] = defaultdict(set)
    for one in identities:
        by_person[one.person_id].add(one.pk)
    if not by_person:
        return set()
    erased = Erasure.objects.filter(person__in=by_person, state=Erasure.State.DONE)
    return {pk for person in erased.values_list("person_id", flat=True) for pk in by_person[person]}


def _make(new: list[Identity], reason: str) -> None:
    people = {id(one.person): one.person for one in new}
    audit.bulk_create(Person, list(people.values()), reason=reason)
    for one in new:
        one.person = one.person  # the person has its key only now
    audit.bulk_create(Identity, new, reason=reason)


def _remember(former: list[tuple[Identity, str]], source: str) -> None:
    """Keep the logins that these identities had before."""
    FormerHandle.objects.bulk_create(
        [
            FormerHandle(identity=identity, value=value, folded=fold(value), source=source)
            for identity, value in former
        ],
        ignore_conflicts=True,
    )


def _note_seen(found: Mapping[str, Identity], accounts: Mapping[SeenAccount, Iterable[dt.datetime]]) -> None:
    """Widen each identity's first and last sight to hold these moments."""
    widened: dict[int, Identity] = {}
    for account, moments in accounts.items():
        identity, times = found.get(account.number), list(moments)
        if identity is None or not times:
            continue
        first = min(filter(None, (identity.first_seen_at, *times)))
        last = max(filter(None, (identity.last_seen_at, *times)))
        if (first, last) != (identity.first_seen_at, identity.last_seen_at):
            identity.first_seen_at, identity.last_seen_at = first, last
            widened[identity.pk] = identity
    Identity.objects.bulk_update(widened.values(), ["first_seen_at", "last_seen_at"], batch_size=500)


def _tell(model: type[Person] | type[Identity], ids: set[int]) -> None:
    if ids:
        rows_changed.send(sender=model, model=model, ids=sorted(ids))


@dataclass(frozen=True)
class SeenProfile:
    """What an account's public profile says."""

    system: str
    number: str
    name: str


def nameless_accounts(system: str, *, after: int = 0, most: int = 50) -> list[Identity]:
    """Accounts with a number whose people still go by a login, by key; bots and erased people left out."""
    rows = (
        Identity.objects.filter(
            system=system, is_bot=False, person__archived_at=None, pk__gt=after, person__name=F("value")
        )
        .exclude(number="")
        .exclude(person__erasures__state=Erasure.State.DONE)
        .select_related("person")
        .order_by("pk")
    )
    return list(rows[:most])


def seen_profiles(profiles: Iterable[SeenProfile], *, source: str) -> int:
    """Name people who go by a login still, in the caller's transaction; a name that somebody gave stays.

    Returns:
        how many have a name now.
    """
    wanted = {(one.system, one.number): clean(one.name)[:200] for one in profiles if clean(one.name)}
    rows = Identity.objects.filter(
        system__in={system for system, _number in wanted}, number__in={number for _system, number in wanted}
    ).select_related("person")
    changed: dict[int, Person] = {}
    for identity in rows:
        person, name = identity.person, wanted.get((identity.system, identity.number), "")
        if name and fold(person.name) == identity.folded and person.name != name:
            person.name, person.updated_at = name, timezone.now()
            person.sort_key = person.reckon_sort_key()
            changed[person.pk] = person
    audit.bulk_update(
        Person, list(changed.values()), ["name", "sort_key", "updated_at"], reason=f"read from {source}"[:200]
    )
    _tell(Person, set(changed))
    return len(changed)
