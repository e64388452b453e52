"""The house's addresses and a list of people made for the tests of the list framework."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import path

from folkmoot.kernel.permissions.access import requires
from folkmoot.kernel.ui.lists import (
    BulkAction,
    ChoiceFilter,
    Column,
    DateFilter,
    Empty,
    FlagFilter,
    List,
    TextFilter,
)
from folkmoot.people.models import Person
from folkmoot.urls import handler400, handler403, handler404, urlpatterns  # noqa: F401


def rename(*, user: Any, queryset: QuerySet[Person]) -> str:
    if queryset.filter(name="Fixed").exists():
        raise ValidationError("Fixed cannot be renamed.")
    return f"{queryset.update(pronouns='they')} renamed"


def places() -> list[tuple[str, str]]:
    return [(place, place) for place in sorted(set(Person.objects.values_list("location", flat=True)))]


class Somebody(List):
    key = "test.people"
    title = "Somebody"
    columns = (
        Column(
            "name", "Name", value="name", link=lambda row: f"/people/{row.pk}/", sort="sort_key", avatar=True
        ),
        Column("place", "Place", value="location", sort="location"),
        Column("joined", "Since", value="joined_on", sort="joined_on"),
        Column("letters", "Letters", value=lambda row: row.letters, number=True, shown=False),
    )
    filters = (
        ChoiceFilter(
            "place", "Place", choices=places, apply=lambda rows, values: rows.filter(location__in=values)
        ),
        FlagFilter(
            "archived",
            "Archived",
            default=False,
            apply=lambda rows, on: rows.filter(archived_at__isnull=not on),
        ),
        DateFilter("since", "Since", apply=lambda rows, day: rows.filter(joined_on__gte=day)),
        TextFilter("about", "About", apply=lambda rows, word: rows.filter(bio__icontains=word)),
    )
    tabs = (("Newest", "sort=-joined"),)
    default_sort = "name"
    bulk_actions = (
        BulkAction("rename", "Rename", "people.manage", rename, confirm="Their pronouns change."),
        BulkAction("look", "Look", "people.view", lambda *, user, queryset: f"{queryset.count()} looked at"),
    )
    empty = Empty("Nobody yet", "People would be here.", "Import", "home:help", "people.manage")

    def queryset(self) -> QuerySet[Person]:
        return Person.objects.all()

    def search(self, queryset: QuerySet[Person], words: str) -> QuerySet[Person]:
        return queryset.filter(name__icontains=words)

    def decorate(self, rows: list[Any]) -> None:
        for row in rows:
            row.letters = len(row.name)


@requires("people.view")
def somebody(request: HttpRequest) -> HttpResponseBase:
    return Somebody(request).respond()


urlpatterns = [*urlpatterns, path("somebody/", somebody, name="somebody")]
