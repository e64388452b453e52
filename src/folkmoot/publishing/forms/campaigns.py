"""Forms about campaigns."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.ui.record_forms import RecordForm
from folkmoot.publishing.forms.fields import TagsField
from folkmoot.publishing.models import Campaign
from folkmoot.publishing.queries.post_lists import possible_owners


class CampaignForm(RecordForm):
    """What posts belong together for."""

    tags = TagsField(label=_("Tags"), required=False, help_text=_("Separated by commas."))
    folded = ("utm", "grace_hours")

    class Meta:
        model = Campaign
        fields: ClassVar[list[str]] = [
            "name",
            "goal",
            "starts_on",
            "ends_on",
            "owner",
            "tags",
            "utm",
            "grace_hours",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["goal"].widget.attrs["rows"] = 3
        fields["owner"].queryset = possible_owners(self.instance.owner_id)
        if self.instance.pk is not None and not self.is_bound:
            self.initial["tags"] = list(self.instance.tags.all())

    def values(self) -> dict[str, Any]:
        """What was typed, by field, without tags: these are names yet."""
        return {name: value for name, value in super().values().items() if name != "tags"}

    @property
    def tag_names(self) -> list[str]:
        """The tags that were typed."""
        return list(self.cleaned_data.get("tags", []))
