"""Fields that forms of training share: somebody by name, handle or address, lessons, moments at the place."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from folkmoot.kernel.text import clean, fold
from folkmoot.kernel.ui.record_forms import MomentInput
from folkmoot.outbox.public import instant
from folkmoot.people.public import Identity, Person, PersonField, Project, projects_by_name
from folkmoot.training.models import Event
from folkmoot.training.queries.lists import days_words

#: Most lessons of one event.
MOST = 50
#: Longest session: hours. A night of hacking is shorter; two times in the wrong order are mostly longer.
LONGEST_HOURS = 15
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class PickedPersonField(PersonField):
    """A person of the register, by name, by ``@handle`` on GitHub, or by e-mail address."""

    def clean(self, value: Any) -> Person | None:
        words = clean(str(value or ""))
        if "@" not in words:
            return super().clean(value)
        system = "github" if words.startswith("@") else "email"
        rows = Identity.objects.filter(system=system, folded=fold(words.lstrip("@")), person__erased_at=None)
        found = rows.select_related("person").first()
        if found is None:
            raise ValidationError(_("Nobody in the register has “%(name)s”.") % {"name": words[:100]})
        return found.person


class ProjectsField(forms.CharField):
    """Projects of the register by name, separated by commas or on lines of their own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=5000, **{"widget": forms.Textarea(attrs={"rows": 2}), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """Projects as their names."""
        if isinstance(value, list | tuple):
            return ", ".join(getattr(project, "name", str(project)) for project in value)
        return value

    def clean(self, value: Any) -> list[Project]:
        words = str(super().clean(value) or "")
        names = list(dict.fromkeys(name for each in re.split(r"[,;\n]", words) if (name := clean(each))))
        if len(names) > MOST:
            raise ValidationError(_("At most %(n)s names.") % {"n": MOST})
        found = projects_by_name(names, kind=Project.Kind.LESSON) if names else {}
        missing = [name for name in names if fold(name) not in found]
        if missing:
            found |= projects_by_name(missing)
        missing = [name for name in missing if fold(name) not in found]
        if missing:
            raise ValidationError(
                _("No project is called “%(name)s”. Add it under People first.") % {"name": missing[0]}
            )
        return list(dict.fromkeys(found[fold(name)] for name in names))


class LanguagesField(forms.CharField):
    """Languages as BCP 47 writes them, separated by commas: ``en, pt-BR``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Codes as one line."""
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        codes = [code for code in re.split(r"[\s,;]+", str(super().clean(value) or "")) if code]
        wrong = next((code for code in codes if not _LANGUAGE.fullmatch(code)), None)
        if wrong is not None:
            raise ValidationError(
                _("“%(word)s” is no code of a language: write en, es or pt-BR.") % {"word": wrong[:20]}
            )
        return list(dict.fromkeys(codes))


class MomentField(forms.DateTimeField):
    """A day and a time at the place of the event: a wall time; :meth:`moment` makes a moment of it."""

    widget = MomentInput
    #: The zone in which a moment is shown.
    zone = "UTC"

    def prepare_value(self, value: Any) -> Any:
        """The moment as the clocks at the place show it."""
        if isinstance(value, dt.datetime) and value.tzinfo is not None:
            return value.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        return value

    def to_python(self, value: Any) -> dt.datetime | None:
        if value in self.empty_values:
            return None
        for pattern in ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"):
            try:
                return dt.datetime.strptime(str(value).strip(), pattern)  # noqa: DTZ007 - a wall time
            except ValueError:
                continue
        raise ValidationError(_("Write a day and a time: 2027-03-01 09:00."), code="invalid")


def refuse_odd_times(form: forms.BaseForm, event: Event) -> None:
    """Refuse, at ``day`` and ``ends``, a day on which the event does not take place, and two times of which the second
    means the next day and is hardly meant so. What nobody changed stays as it is.
    """
    day, begins, ends = (form.cleaned_data.get(name) for name in ("day", "begins", "ends"))
    if (
        day is None
        or begins is None
        or ends is None
        or {"day", "begins", "ends"}.isdisjoint(form.changed_data)
    ):
        return
    refuse_other_day(form, event)
    start, end = dt.datetime.combine(day, begins), dt.datetime.combine(day, ends)
    hours = ((end - start) % dt.timedelta(days=1) or dt.timedelta(days=1)) / dt.timedelta(hours=1)
    if hours > LONGEST_HOURS:
        said = {"ends": time_format(ends, "H:i"), "hours": round(hours), "most": LONGEST_HOURS}
        words = _(
            "That is until %(ends)s on the next day, %(hours)d hours: change one of the times. At most %(most)d hours."
        )
        form.add_error("ends", ValidationError(words % said, code="long"))


def refuse_other_day(form: forms.BaseForm, event: Event) -> None:
    """Refuse a ``day`` on which the event, if it has days, does not take place."""
    day, first = form.cleaned_data.get("day"), event.starts_on
    if day is None or first is None or first <= day <= (event.ends_on or first):
        return
    said = {
        "day": date_format(day, "DATE_FORMAT"),
        "event": event.title,
        "days": days_words(first, event.ends_on),
    }
    words = _("%(day)s is no day of “%(event)s” (%(days)s): choose one of its days, or edit the event first.")
    form.add_error("day", ValidationError(words % said, code="outside"))


def moment(wall: dt.datetime | None, zone: str) -> dt.datetime | None:
    """What a wall time in a zone means, in UTC."""
    return instant(wall, zone) if wall is not None else None
