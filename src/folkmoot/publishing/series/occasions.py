"""What can set off a post: kinds of activity in the ledger, and the facts that a text may name.

An area tells the ledger what happened and never hears of posts; here stands which of that is worth one. Another area's
happening becomes an occasion by registering one in :data:`occasions`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.registry import Registry
from folkmoot.ledger.public import Activity
from folkmoot.people.public import Person, current_numbers


@dataclass(frozen=True)
class Gap:
    """What a text may name: ``{{ name }}``."""

    name: str
    label: Any
    example: str


@dataclass(frozen=True)
class Occasion:
    """Something that happens and may be told.

    Attributes:
        kinds: of activity.
        facts: what is known of one, by gap; ``""`` for what is not.
        gaps: all that ``facts`` may give.
    """

    key: str
    label: Any
    kinds: tuple[str, ...]
    gaps: tuple[Gap, ...]
    facts: Callable[[Activity], Mapping[str, str]]
    order: int = 0

    def examples(self) -> dict[str, str]:
        """A made-up value for each gap."""
        return {gap.name: gap.example for gap in self.gaps}


occasions: Registry[Occasion] = Registry("occasion of a post")

_PACKAGE = Gap("package", _("name of the package"), "wavefold")
_LINK = Gap("link", _("where to read more"), "https://example.org/wavefold")
_DAY = Gap("date", _("the day, as 2026-11-20"), "2026-11-20")


def mention(person: Person) -> str:
    """Somebody as texts name them; each platform's handle is set when it is rendered."""
    return f"@[{person.name}]"


def _named(numbers: object) -> str:
    """People of the register by their numbers, in that order; those who were merged as who they are by now."""
    wanted = [each for each in numbers if isinstance(each, int)] if isinstance(numbers, list) else []
    current = current_numbers(Person, wanted)
    found = Person.objects.in_bulk({current.get(number, number) for number in wanted})
    people = dict.fromkeys(current.get(number, number) for number in wanted)
    names = [mention(found[pk]) for pk in people if pk in found and found[pk].erased_at is None]
    return ", ".join(names)


def _of_acceptance(activity: Activity) -> dict[str, str]:
    said = activity.detail
    people = said.get("people") if isinstance(said.get("people"), dict) else {}
    archive = str(said.get("archive") or "")
    return {
        "package": str(said.get("package") or said.get("title") or ""),
        "description": str(said.get("description") or ""),
        "version": str(said.get("version") or ""),
        "repository": str(said.get("repository") or ""),
        "review": str(said.get("issue") or ""),
        "archive": f"https://doi.org/{archive}" if archive.startswith("10.") else archive,
        "authors": _named(people.get("authors")),
        "maintainers": _named(people.get("maintainers")),
        "editors": _named(people.get("editors")),
        "reviewers": _named(people.get("reviewers")),
        "link": str(said.get("repository") or said.get("issue") or ""),
        "date": activity.occurred_at.date().isoformat(),
    }


def _of_release(activity: Activity) -> dict[str, str]:
    item, project = activity.item, activity.project
    said = activity.detail
    title = str(said.get("title") or (item.title if item else ""))
    url = str(said.get("url") or (item.url if item else ""))
    return {
        "package": project.name if project else "",
        "release": title,
        "version": str(said.get("tag") or said.get("version") or title),
        "link": url,
        "date": activity.occurred_at.date().isoformat(),
    }


def _of_term(activity: Activity) -> dict[str, str]:
    person = activity.identity.person if activity.identity else None
    said = activity.detail
    return {
        "person": mention(person) if person and person.erased_at is None else "",
        "role": str(said.get("role") or said.get("role_kind") or said.get("title") or ""),
        "date": activity.occurred_at.date().isoformat(),
    }


occasions.register(
    Occasion(
        "package_accepted",
        _("a package is accepted"),
        ("reviews.accepted",),
        (
            _PACKAGE,
            Gap("description", _("what it does, in one line"), "Folds waves for those who look at the sea"),
            Gap("version", _("accepted version"), "1.2.0"),
            Gap("authors", _("its authors"), "@[Ana Quintanar]"),
            Gap("maintainers", _("its maintainers"), "@[Ana Quintanar]"),
            Gap("editors", _("its editors"), "@[Milan Okafor]"),
            Gap("reviewers", _("its reviewers"), "@[Ines Halvorsen], @[Tomo Arai]"),
            Gap("repository", _("its repository"), "https://example.org/wavefold"),
            Gap("review", _("its review"), "https://example.org/reviews/12"),
            Gap("archive", _("where it is archived"), "https://doi.org/10.5281/zenodo.1"),
            _LINK,
            _DAY,
        ),
        _of_acceptance,
        order=10,
    )
)
occasions.register(
    Occasion(
        "release",
        _("a release is published"),
        ("release.published",),
        (
            _PACKAGE,
            Gap("release", _("the release's title"), "Wavefold 1.3"),
            Gap("version", _("version"), "1.3.0"),
            _LINK,
            _DAY,
        ),
        _of_release,
        order=20,
    )
)
occasions.register(
    Occasion(
        "term_started",
        _("somebody takes on a role"),
        ("people.term_started",),
        (Gap("person", _("who"), "@[Ines Halvorsen]"), Gap("role", _("which role"), "Editor"), _DAY),
        _of_term,
        order=30,
    )
)
