"""What people agreed to: the one place that decides whether a consent holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import get_language

from folkmoot.kernel.rows import Row, Rows
from folkmoot.people.models import Consent, ConsentKind, ConsentText, Person

#: Short names that the code itself asks about.
CONTACT = "contact"
PUBLIC_PROFILE = "public-profile"
PHOTOGRAPH = "photograph"
PUBLISH_NAME = "publish-name"

_BATCH = 500


def consents_of(person_ids: Iterable[int], slugs: Sequence[str]) -> dict[int, dict[str, bool]]:
    """Whether each person consents to each kind, now; what nobody said is ``False``.

    The newest word holds. It holds no longer when a later version of the words asks everybody again, when the kind is
    archived, or when the person was erased. Two queries, and one for each 500 people.

    Args:
        slugs: short names of kinds; one that does not exist is ``False`` for all.

    Returns:
        a row for every id that was asked for.
    """
    ids = list(dict.fromkeys(person_ids))
    found = {pk: dict.fromkeys(slugs, False) for pk in ids}
    asked_again = _asked_again(slugs)
    for start in range(0, len(ids), _BATCH):
        rows = (
            Consent.objects.filter(
                person__in=ids[start : start + _BATCH],
                person__erased_at=None,
                kind__slug__in=slugs,
                kind__archived_at=None,
            )
            .order_by("decided_at", "pk")
            .values_list("person_id", "kind__slug", "is_given", "text__version")
        )
        for person, slug, is_given, version in rows:
            found[person][slug] = _holds(is_given, version, asked_again.get(slug))
    return found


def _holds(is_given: bool, version: int | None, asked_again: int | None) -> bool:
    """Whether the newest word on a kind still holds: it was yes, and nobody was asked anew since."""
    return is_given and (version or 0) >= (asked_again or 0)


def _asked_again(slugs: Sequence[str]) -> dict[str, int]:
    """For each kind, the newest version that everybody is asked about anew."""
    rows = ConsentText.objects.filter(kind__slug__in=slugs, asks_again=True)
    return dict(rows.values_list("kind__slug").annotate(Max("version")).order_by())


def consenting(slug: str) -> QuerySet[Person]:
    """Everybody who consents to the kind now, by the same rule as :func:`consents_of`; for lists and directories."""
    newest = Consent.objects.filter(person=OuterRef("pk"), kind__slug=slug).order_by("-decided_at", "-pk")
    again = _asked_again([slug]).get(slug, 0)
    holds = Q(said_yes=True) & (Q(said_version__gte=again) if again else Q())
    kind_is_open = ConsentKind.objects.filter(slug=slug, archived_at=None)
    return (
        Person.objects.filter(Exists(kind_is_open), erased_at=None)
        .annotate(
            said_yes=Subquery(newest.values("is_given")[:1]),
            said_version=Subquery(newest.values("text__version")[:1]),
        )
        .filter(holds)
    )


@dataclass
class Asked:
    """A kind of consent as a person's own page shows it."""

    kind: ConsentKind
    #: The newest words, in the reader's language where they are there.
    text: ConsentText | None
    holds: bool = False
    newest: Consent | None = None
    history: list[Consent] = field(default_factory=list)

    @property
    def is_asked_again(self) -> bool:
        """They agreed, but to words that hold no longer."""
        return bool(self.newest and self.newest.is_given and not self.holds)

    @property
    def since(self) -> dt.datetime | None:
        """When the newest word was said (UTC)."""
        return self.newest.decided_at if self.newest else None


def _kinds_for(person: Person) -> QuerySet[Any]:
    """What people are asked now, and what this person was asked once; with the newest version of which everybody is
    asked anew (``asked_again``).
    """
    again = ConsentText.objects.filter(kind=OuterRef("pk"), asks_again=True).order_by("-version")
    said_once = Consent.objects.filter(kind=OuterRef("pk"), person=person)
    return ConsentKind.objects.filter(Q(archived_at=None) | Exists(said_once)).annotate(
        asked_again=Subquery(again.values("version")[:1])
    )


def asked_of(person: Person) -> list[Asked]:
    """Every kind that people are asked, with what this person said, the newest first; three queries."""
    kinds = list(_kinds_for(person))
    texts = newest_texts([kind.pk for kind in kinds])
    said: dict[int, list[Consent]] = {}
    for row in Consent.objects.filter(person=person).select_related("text", "recorded_by"):
        said.setdefault(row.kind_id, []).append(row)
    found = []
    for kind in kinds:
        of_kind = said.get(kind.pk, [])
        newest = of_kind[0] if of_kind else None
        holds = (
            newest is not None
            and kind.archived_at is None
            and person.erased_at is None
            and _holds(newest.is_given, newest.text.version if newest.text else None, kind.asked_again)
        )
        found.append(Asked(kind, texts.get(kind.pk), holds, newest, of_kind))
    return found


@dataclass(frozen=True)
class Standing:
    """A kind of consent as a card tells it: what was said last (``None``: nothing), and whether it holds."""

    name: str
    is_given: bool | None
    holds: bool

    @property
    def is_asked_again(self) -> bool:
        """They agreed, but to words that hold no longer."""
        return bool(self.is_given and not self.holds)

    @property
    def is_withdrawn(self) -> bool:
        """They said no."""
        return self.is_given is False


def standing(person: Person) -> Rows:
    """What :func:`standings` needs of a person."""
    newest = Consent.objects.filter(person=person, kind=OuterRef("pk")).order_by("-decided_at", "-pk")
    return Rows(
        _kinds_for(person),
        *("name", "order", "archived_at", "asked_again"),
        is_given=Subquery(newest.values("is_given")[:1]),
        version=Subquery(newest.values("text__version")[:1]),
    )


def standings(person: Person, rows: Sequence[Row]) -> list[Standing]:
    """What a person said of each kind, in the order of the kinds."""
    return [
        Standing(
            row["name"],
            row["is_given"],
            person.erased_at is None
            and row["archived_at"] is None
            and _holds(bool(row["is_given"]), row["version"], row["asked_again"]),
        )
        for row in sorted(rows, key=lambda row: (row["order"], row["name"]))
    ]


def newest_texts(kinds: Iterable[int]) -> dict[int, ConsentText]:
    """The newest words of each kind, in the reader's language, else the installation's, else any; one query."""
    newest = ConsentText.objects.filter(kind=OuterRef("kind")).order_by("-version").values("version")[:1]
    rows = ConsentText.objects.filter(kind__in=list(kinds), version=Subquery(newest)).select_related("kind")
    wished = [(get_language() or "").split("-")[0], settings.LANGUAGE_CODE]
    found: dict[int, ConsentText] = {}
    for row in sorted(
        rows,
        key=lambda one: (
            wished.index(one.language) if one.language in wished else len(wished),
            one.language,
        ),
    ):
        found.setdefault(row.kind_id, row)
    return found


def said() -> QuerySet[Consent]:
    """Everything that anybody said, with whether it is that person's newest word on the kind (``is_newest``)."""
    newest = Consent.objects.filter(person=OuterRef("person"), kind=OuterRef("kind"))
    return (
        Consent.objects.select_related("person", "kind", "text", "recorded_by")
        .annotate(newest=Subquery(newest.order_by("-decided_at", "-pk").values("pk")[:1]))
        .annotate(is_newest=Q(newest=F("pk")))
    )


def with_change(rows: QuerySet[Consent]) -> QuerySet[Consent]:
    """Beside each row of :func:`said` when it changed (``changed_at``, UTC): it, or another word of that person on the
    kind, for what is the newest of them may hold or not.
    """
    group = Consent.objects.filter(person=OuterRef("person"), kind=OuterRef("kind")).order_by()
    last = group.values("person", "kind").annotate(at=Max("updated_at")).values("at")
    return rows.annotate(changed_at=Subquery(last))


def changed_since(rows: QuerySet[Consent], moment: dt.datetime) -> QuerySet[Consent]:
    """Of the rows of :func:`with_change` those that changed at this moment or later."""
    # The index finds the people; whose other kinds stood still is then seen.
    people = Consent.objects.filter(updated_at__gte=moment).order_by().values("person")
    return rows.filter(person__in=people, changed_at__gte=moment)


def with_holds(rows: Sequence[Any]) -> None:
    """Lay beside each row of :func:`said` whether it holds now (``holds``), by the same rule as :func:`consents_of`;
    one query.
    """
    asked_again = _asked_again(sorted({row.kind.slug for row in rows}))
    for row in rows:
        row.holds = (
            row.is_newest
            and row.kind.archived_at is None
            and row.person.erased_at is None
            and _holds(row.is_given, row.text.version if row.text else None, asked_again.get(row.kind.slug))
        )
