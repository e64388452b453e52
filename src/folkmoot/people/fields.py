"""Fields that several forms share: people, projects, organisations and tags by name, languages, zones."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.text import clean, fold, fold_accents
from folkmoot.kernel.ui.record_forms import Suggest, names_of
from folkmoot.people.models import Organization, Person, Project

#: Most suggestions that a field offers, and most names that one takes.
SUGGESTIONS, MOST = 500, 50
LONGEST_TAG = 100
#: Offered while one types; any other language can be typed as well.
LANGUAGES = (
    "en",
    "es",
    "fr",
    "pt",
    "de",
    "it",
    "nl",
    "ca",
    "pl",
    "ru",
    "uk",
    "tr",
    "ar",
    "hi",
    "id",
    "ja",
    "ko",
    "zh",
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def people_names() -> Any:
    """Names of people, for suggestions; one query."""
    return (
        Person.objects.filter(archived_at=None, erased_at=None)
        .order_by("sort_key")
        .values_list("name", flat=True)[:SUGGESTIONS]
    )


class LanguageField(forms.CharField):
    """A language as BCP 47 writes it (``en``, ``pt-BR``); empty: not said."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=12, **{"widget": Suggest(lambda: LANGUAGES), **kwargs})

    def clean(self, value: Any) -> str:
        words = str(super().clean(value) or "")
        if words and not _LANGUAGE.fullmatch(words):
            raise ValidationError(_("Write a language as a code, such as en, es or pt-BR."))
        return words


class NamedField(forms.CharField):
    """A record of the register, by its name."""

    def __init__(self, model: Any, **kwargs: Any) -> None:
        self.model = model
        super().__init__(max_length=300, **{"widget": Suggest(names_of(model)), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """A record's number as its name."""
        if isinstance(value, int):
            return self.model._default_manager.filter(pk=value).values_list("name", flat=True).first()
        return value

    def clean(self, value: Any) -> Any:
        words = super().clean(value) or ""
        if not words:
            return None
        found = self.model._default_manager.filter(folded=fold(words)).order_by("pk").first()
        if found is None:
            missing = (
                _("Nothing in the register is called “%(name)s”. Add it under People first.")
                if self.required
                else _(
                    "Nothing in the register is called “%(name)s”. Add it under People first, or leave this empty."
                )
            )
            raise ValidationError(missing % {"name": words})
        return found


class ProjectField(NamedField):
    """A project, by its name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Project, **kwargs)


class OrganizationField(NamedField):
    """An organisation, by its name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Organization, **kwargs)


def _names(value: Any) -> list[str]:
    return list(
        dict.fromkeys(found for each in re.split(r"[,;\n]", str(value or "")) if (found := clean(each)))
    )


class PersonField(forms.CharField):
    """A person, by name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=320, **{"widget": Suggest(people_names), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """A person's number as their name."""
        if isinstance(value, int):
            return Person.objects.filter(pk=value).values_list("name", flat=True).first()
        return value

    def clean(self, value: Any) -> Person | None:
        words = clean(super().clean(value) or "")
        return next(iter(people_called([words])), None) if words else None


def people_called(names: list[str]) -> list[Person]:
    """The people of these names; one query.

    Raises:
        ValidationError: nobody is called so, or several are.
    """
    by_name: dict[str, list[Person]] = {}
    folded = {fold(name): name for name in names}
    wanted = Q(sort_key__in=[fold_accents(name) for name in names]) | Q(name__in=names)
    for person in Person.objects.filter(wanted, erased_at=None):
        by_name.setdefault(fold(person.name), []).append(person)
    found = []
    for key, name in folded.items():
        rows = by_name.get(key, [])
        if not rows:
            raise ValidationError(
                _("Nobody in the register is called “%(name)s”. Add them there first.") % {"name": name}
            )
        if len(rows) > 1:
            raise ValidationError(_("Several people are called “%(name)s”.") % {"name": name})
        found.append(rows[0])
    return found


class PeopleField(forms.CharField):
    """People of the register, by name, separated by commas or on lines of their own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=5000, **{"widget": forms.Textarea(attrs={"rows": 2}), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """People as their names."""
        if isinstance(value, list | tuple):
            return ", ".join(getattr(person, "name", str(person)) for person in value)
        return value

    def clean(self, value: Any) -> list[Person]:
        names = _names(super().clean(value))
        if len(names) > MOST:
            raise ValidationError(_("At most %(n)s names.") % {"n": MOST})
        return people_called(names) if names else []


class TagsField(forms.CharField):
    """Tags by name, separated by commas; new ones are made when the form is saved."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Tags as their names."""
        if isinstance(value, list | tuple):
            return ", ".join(getattr(tag, "name", str(tag)) for tag in value)
        return value

    def clean(self, value: Any) -> list[str]:
        names = _names(super().clean(value))
        if len(names) > MOST:
            raise ValidationError(_("At most %(n)s names.") % {"n": MOST})
        long = next((name for name in names if len(name) > LONGEST_TAG), None)
        if long:
            raise ValidationError(_("“%(name)s” is too long for a tag.") % {"name": long})
        return names


def zone_choices(*known: str) -> list[tuple[str, str]]:
    """Every IANA zone by name, those that are known here first."""
    first = list(
        dict.fromkeys([*(zone for zone in known if zone), timezone.get_current_timezone_name(), "UTC"])
    )
    rest = sorted(
        name
        for name in clock.zones()
        if "/" in name and not name.startswith(("Etc/", "SystemV/")) and name not in first
    )
    return [(name, name.replace("_", " ")) for name in (*first, *rest)]
