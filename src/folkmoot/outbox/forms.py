"""Forms of the outbox: they read what was typed; the actions decide whether it can be."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from folkmoot.connectors.base import Connector
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.outbox import connecting, queries
from folkmoot.outbox.kinds import MessageKind
from folkmoot.outbox.models import ApprovalRule, Channel, MessageTemplate

LONGEST = 50_000


class ActionForm(forms.Form):
    """A form whose action checks."""

    def refuse(self, error: ValidationError) -> None:
        """Show what the action said, at its field or above all."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)


class ChannelForm(ActionForm):
    """A channel: its name, what its connector asks for, how fast it may go."""

    name = forms.CharField(label=_("Name"), max_length=100)
    per_minute = forms.IntegerField(
        label=_("Messages a minute, at most"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=_("Empty: as fast as it goes."),
    )
    is_default = forms.BooleanField(label=_("The usual one for mail"), required=False)
    folded: tuple[str, ...] = ("per_minute",)

    def __init__(
        self, *args: Any, connector: Connector, channel: Channel | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._connector = connector
        stored = channel.access if channel else None
        for one in connector.settings:
            name = f"setting_{one.name}"
            common: dict[str, Any] = {"label": one.label, "help_text": one.help, "required": False}
            if one.kind == "choice":
                field: forms.Field = forms.ChoiceField(choices=list(one.choices), **common)
            elif one.kind == "number":
                field = forms.IntegerField(min_value=1, max_value=65535, **common)
            elif one.is_secret:
                common["help_text"] = one.help or _("Empty: what is stored stays.")
                widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
                field = forms.CharField(max_length=2000, widget=widget, strip=False, **common)
            else:
                plain = forms.TextInput(attrs={"autocomplete": "off"})
                field = forms.CharField(max_length=500, widget=plain, **common)
            if not one.is_secret:
                field.initial = (stored.settings.get(one.name) if stored else None) or one.default
            self.fields[name] = field
        if channel is not None and not self.is_bound:
            self.initial = {
                **self.initial,
                "name": channel.name,
                "per_minute": channel.per_minute,
                "is_default": channel.is_default,
            }
        if channel is None and connector.pace and not self.is_bound:
            self.initial = {"per_minute": connector.pace, **self.initial}
        if connector.medium != "mail":
            self.fields["is_default"].label = _("The usual one of its kind")
        # A mailbox is for later: folded, until there is one.
        later = [
            f"setting_{one.name}" for one in connector.settings if one.name.startswith(("imap_", "sent_"))
        ]
        if stored is None or not stored.text("imap_host"):
            self.folded = (*later, "per_minute")
        # What one gets by going there: folded, for whoever has it all the same.
        gained = connecting.gained(connector)
        self.folded = (
            *(f"setting_{one.name}" for one in connector.settings if one.name in gained),
            *self.folded,
        )
        order = ["name", *(f"setting_{one.name}" for one in connector.settings), "per_minute", "is_default"]
        self.order_fields(order)

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        settings = {
            one.name: data[f"setting_{one.name}"] for one in self._connector.settings if not one.is_secret
        }
        secrets = {one.name: data[f"setting_{one.name}"] for one in self._connector.settings if one.is_secret}
        return {
            "name": data["name"],
            "per_minute": data["per_minute"],
            "is_default": data["is_default"],
            "settings": settings,
            "secrets": secrets,
        }


class ReasonForm(ActionForm):
    """Why."""

    why = forms.CharField(label=_("Why"), max_length=200)


class EditForm(ActionForm):
    """Subject and text of a mail or a comment that has not left."""

    subject = forms.CharField(label=_("Subject"), max_length=200)
    markdown = forms.CharField(
        label=_("Text"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("Markdown: **bold**, lists with dashes, [links](https://…)."),
    )


class MoveForm(ActionForm):
    """Another time."""

    wall_time = forms.CharField(
        label=_("Leaves at"), max_length=30, widget=forms.TextInput(attrs={"type": "datetime-local"})
    )
    zone = forms.CharField(label=_("Time zone"), max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].initial = timezone.get_current_timezone_name()

    def clean_wall_time(self) -> dt.datetime:
        """As typed: the zone is the form's own, not the reader's."""
        try:
            return dt.datetime.fromisoformat(self.cleaned_data["wall_time"].strip()).replace(tzinfo=None)
        except ValueError:
            raise ValidationError(_("Write a day and a time, such as 2026-11-20 09:00.")) from None


class TemplateForm(ActionForm):
    """A mail text."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("For the list; recipients never see it.")
    )
    subject = forms.CharField(label=_("Subject"), max_length=200)
    body = forms.CharField(
        label=_("Text"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_("Markdown: **bold**, lists with dashes, [links](https://…). Variables are listed below."),
    )
    topic = forms.CharField(
        label=_("Topic"),
        max_length=60,
        required=False,
        help_text=_("What one unsubscribes from, such as newsletter. Empty: that of the kind."),
    )
    is_personal = forms.BooleanField(
        label=_("An answer to one person"), required=False, help_text=_("Without a way to unsubscribe.")
    )
    folded = ("topic", "is_personal")

    def __init__(
        self, *args: Any, kind: MessageKind, template: MessageTemplate | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        if not self.is_bound:
            self.initial = {"is_personal": kind.is_personal, **self.initial}
            if template is not None:
                self.initial = {name: getattr(template, name) for name in self.fields}


class SuppressionForm(ActionForm):
    """An address that gets no mail."""

    address = forms.EmailField(label=_("Address"), max_length=320)
    words = forms.CharField(label=_("Note"), max_length=300, required=False)


class RuleForm(ActionForm):
    """Who has to approve what."""

    kind = forms.ChoiceField(label=_("Kind of message"), required=False)
    channel = forms.ModelChoiceField(
        Channel.objects.none(), label=_("Channel"), required=False, empty_label=_("any channel")
    )
    area = forms.ChoiceField(label=_("Approved by whoever holds"), choices=Area.choices)
    level = forms.TypedChoiceField(
        label=_("at least"),
        choices=[(level.value, level.label) for level in Level if level >= Level.CONTRIBUTE],
        coerce=int,
        initial=Level.MANAGE.value,
    )
    four_eyes = forms.BooleanField(
        label=_("By somebody else than who wrote it"), required=False, initial=True
    )

    def __init__(self, *args: Any, rule: ApprovalRule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["kind"]
        kinds.choices = [("", _("any kind")), *queries.kind_choices()]
        channels: Any = self.fields["channel"]
        channels.queryset = queries.channels()
        if rule is not None and not self.is_bound:
            self.initial = {
                **self.initial,
                "kind": rule.kind,
                "channel": rule.channel_id,
                "area": rule.area,
                "level": rule.level,
                "four_eyes": rule.four_eyes,
            }
