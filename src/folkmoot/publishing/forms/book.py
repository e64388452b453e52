"""Forms about the handle book."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import connectors
from folkmoot.connectors.posts import PostConnector
from folkmoot.kernel.ui.record_forms import RecordForm
from folkmoot.publishing.forms.fields import OrganizationField, PersonField, ProjectField
from folkmoot.publishing.models import BookEntry

BOOK_FIELDS = ("alias", "name", "person", "organization", "project")


def platforms() -> list[PostConnector]:
    """The platforms on which somebody can be named."""
    return [connector for connector in connectors if isinstance(connector, PostConnector)]


class BookForm(RecordForm):
    """Somebody whom posts name, and what they are called on each platform."""

    alias = forms.CharField(
        label=_("Alias"),
        max_length=60,
        help_text=_("As writers type it in a text: @[ada]."),
    )
    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("Stands in the text where the platform knows no handle.")
    )
    person = PersonField(
        label=_("Person"),
        required=False,
        help_text=_("Their handles in the register hold where none is given here."),
    )
    organization = OrganizationField(label=_("Organisation"), required=False)
    project = ProjectField(label=_("Project"), required=False)

    class Meta:
        model = BookEntry
        fields: ClassVar[list[str]] = [*BOOK_FIELDS]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = (
            {each.platform: each for each in self.instance.handles.all()}
            if self.instance.pk is not None
            else {}
        )
        for platform in platforms():
            handle = known.get(platform.key)
            self.fields[f"handle_{platform.key}"] = forms.CharField(
                label=_("On %(platform)s") % {"platform": platform.label},
                max_length=200,
                required=False,
                initial=handle.handle if handle else "",
            )
            self.fields[f"id_{platform.key}"] = forms.CharField(
                label=_("Id on %(platform)s") % {"platform": platform.label},
                max_length=200,
                required=False,
                initial=handle.remote_id if handle else "",
            )

    @property
    def folded(self) -> tuple[str, ...]:
        """Ids are rarely known."""
        return tuple(name for name in self.fields if name.startswith("id_"))

    def values(self) -> dict[str, Any]:
        """What was typed about the entry itself."""
        return {name: value for name, value in super().values().items() if name in BOOK_FIELDS}

    @property
    def handles(self) -> dict[str, tuple[str, str]]:
        """By platform: handle and id; empty where none is given."""
        typed = self.cleaned_data
        return {
            platform.key: (typed.get(f"handle_{platform.key}", ""), typed.get(f"id_{platform.key}", ""))
            for platform in platforms()
        }
