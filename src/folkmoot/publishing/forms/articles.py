"""Forms of sites and articles."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.saving import ChangedMeanwhile, current_version
from folkmoot.kernel.text import fold
from folkmoot.kernel.ui.answers import refuse
from folkmoot.kernel.ui.record_forms import DayInput, RecordForm
from folkmoot.outbox.public import Channel
from folkmoot.people.public import Person
from folkmoot.publishing.forms.fields import LanguageField, zone_choices
from folkmoot.publishing.models import Article, Generator, Site
from folkmoot.publishing.site.files import any_name

#: Most characters of an article, and of a value that an error shows.
LONGEST, MOST_SHOWN = 500_000, 300


class SiteForm(RecordForm):
    """A website made of files."""

    class Meta:
        model = Site
        fields = [
            "name",
            "generator",
            "repository",
            "branch",
            "path",
            "address",
            "channel",
            "zone",
            "front",
        ]

    generator = forms.ChoiceField(label=_("Made by"), choices=Generator.choices, widget=forms.RadioSelect)
    zone = forms.ChoiceField(label=_("Time zone"))
    folded = ("branch", "zone", "front")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone: Any = self.fields["zone"]
        zone.choices = zone_choices(self.instance.zone)
        channel: Any = self.fields["channel"]
        channel.queryset = Channel.objects.filter(medium="file", archived_at=None)
        channel.required = False
        channel.empty_label = _("none yet")
        channel.help_text = _(
            "What opens the pull requests. Without one articles can be written, not proposed; add one under "
            "Settings, Channels."
        )
        helps = {
            "repository": _("owner/name, such as harbour/website."),
            "path": _(
                "Such as _posts/{date}-{slug}.md (Jekyll) or content/blog/{slug}.md (Hugo); {slug} is the short name."
            ),
            "address": _(
                "Such as https://example.org/blog/{slug}/; an address in the front matter (url) comes first."
            ),
            "front": _("YAML without its fences; title, date and author are filled in."),
        }
        for name, words in helps.items():
            self.fields[name].help_text = words


class StartForm(forms.Form):
    """What has to be known before an article is begun."""

    site = forms.ModelChoiceField(Site.objects.none(), label=_("Site"))
    title = forms.CharField(label=_("Title"), max_length=300)
    day = forms.DateField(label=_("Date"), widget=DayInput())
    authors = forms.CharField(
        label=_("Authors"),
        max_length=1000,
        required=False,
        help_text=_("Names of people in the register, separated by commas."),
    )
    language = LanguageField(label=_("Language"), required=False)
    slug = forms.CharField(
        label=_("Short name"),
        max_length=80,
        required=False,
        help_text=_("Stands in the address. Empty: made from the title."),
    )
    folded = ("language", "slug")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites: Any = self.fields["site"]
        sites.queryset = Site.objects.filter(archived_at=None)
        if not self.is_bound:
            self.initial.setdefault("site", sites.queryset.first())
            self.initial.setdefault("day", timezone.localdate())

    def clean_authors(self) -> list[Person]:
        """The people of these names."""
        return people_named(self.cleaned_data["authors"])


class ArticleForm(forms.Form):
    """The whole file of an article."""

    title = forms.CharField(label=_("Title"), max_length=300)
    body = forms.CharField(
        label=_("Text"),
        max_length=LONGEST,
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 24,
                "class": "source-text",
                "hx-post": reverse_lazy("publishing:preview_article"),
                "hx-trigger": "input changed delay:500ms",
                "hx-target": "#reading",
                "hx-sync": "this:replace",
            }
        ),
        help_text=_("Markdown; the website's own shortcodes stay as they are."),
    )
    day = forms.DateField(label=_("Date"), required=False, widget=DayInput())
    slug = forms.CharField(label=_("Short name"), max_length=80, required=False)
    authors = forms.CharField(
        label=_("Authors"),
        max_length=1000,
        required=False,
        help_text=_(
            "Names of people in the register, separated by commas. The file names them in its own words."
        ),
    )
    language = LanguageField(label=_("Language"), required=False)
    front = forms.CharField(
        label=_("Front matter"),
        max_length=50_000,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "class": "source-text", "spellcheck": "false"}),
        help_text=_(
            "YAML as it stands in the file, without its fences. What you do not touch stays letter by letter."
        ),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())
    folded = ("slug", "authors", "language", "front")
    visible = ("title", "body", "day", "slug", "authors", "language", "front")

    def __init__(self, *args: Any, article: Article, version: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.article = article
        if not self.is_bound:
            self.initial = {
                "title": article.title,
                "body": article.body,
                "day": article.published_on,
                "slug": article.slug,
                "authors": ", ".join(person.name for person in article.authors.order_by("sort_key", "pk")),
                "language": article.language,
                "front": article.front,
                "version": version,
            }

    def clean_authors(self) -> list[Person]:
        """The people of these names."""
        return people_named(self.cleaned_data["authors"])

    def refuse(self, error: ValidationError) -> None:
        """Show what the action said; of an edit in between also where, and the next save counts as having seen it."""
        if isinstance(error, ChangedMeanwhile):
            now = Article.objects.get(pk=self.article.pk)
            saved = ArticleForm(article=now, version=current_version(now))
            for name in self.visible:
                typed = str(self[name].value() or "").replace("\r\n", "\n")
                there = str(saved.initial[name] or "")
                if typed != there:
                    words = _now("Saved meanwhile: %(value)s") % {"value": there or _now("nothing")}
                    long = _now(
                        "Another text was saved meanwhile: open the article in another tab to compare."
                    )
                    self.add_error(name, words if "\n" not in there and len(there) < MOST_SHOWN else long)
            sent: Any = self.data
            data = sent.copy()
            data["version"] = saved.initial["version"]
            self.data = data
        refuse(self, error)


class MergeForm(forms.Form):
    """When it is to be merged."""

    wall_time = forms.CharField(
        label=_("Goes live at"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "datetime-local"}),
        help_text=_("Empty: as soon as the pull request is open."),
    )
    zone = forms.ChoiceField(label=_("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone: Any = self.fields["zone"]
        zone.choices = zone_choices(str(self.initial.get("zone") or ""))

    def clean_wall_time(self) -> dt.datetime | None:
        """As typed: the zone is the form's own."""
        typed = self.cleaned_data["wall_time"].strip()
        if not typed:
            return None
        try:
            return dt.datetime.fromisoformat(typed).replace(tzinfo=None)
        except ValueError:
            raise ValidationError(_now("Write a day and a time, such as 2026-11-20 09:00.")) from None


def people_named(text: str) -> list[Person]:
    """People of the register by their names.

    Raises:
        ValidationError: nobody, or more than one, bears a name.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    found: dict[str, list[Person]] = {}
    for person in Person.objects.filter(any_name(names), erased_at=None).order_by("pk"):
        found.setdefault(fold(person.name), []).append(person)
    wrong = []
    for name in names:
        bearers = found.get(fold(name), [])
        if not bearers:
            wrong.append(
                _now("Nobody in the register is called “%(name)s”. Add them under People first.")
                % {"name": name}
            )
        elif len(bearers) > 1:
            wrong.append(
                _now("%(n)s people are called “%(name)s”. Name them in the front matter instead.")
                % {"n": len(bearers), "name": name}
            )
    if wrong:
        raise ValidationError(wrong)
    return list(dict.fromkeys(found[fold(name)][0] for name in names))
