"""Forms of agreement: reasons, comments, links, waivers, approval rules, the policy."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.areas import Level
from folkmoot.kernel.ui.answers import refuse
from folkmoot.outbox.public import Channel
from folkmoot.people.public import RoleKind, Tag
from folkmoot.publishing.actions.agreement.comments import LONGEST
from folkmoot.publishing.models import Kind, Part, Post, PostApprovalRule
from folkmoot.publishing.policy.loading import LONGEST as LONGEST_POLICY

SALT = "publishing.guest"
#: Whoever is faster than this is no person.
FASTEST = dt.timedelta(seconds=3)


class ActionForm(forms.Form):
    """A form whose action checks."""

    def refuse(self, error: ValidationError) -> None:
        """Show what the action said, at its field or above all."""
        refuse(self, error)


class WhyForm(ActionForm):
    """What has to change."""

    why = forms.CharField(
        label=_("What has to change"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )


class PartField(forms.ModelChoiceField):
    """Which part of the text is meant."""

    def label_from_instance(self, obj: Part) -> str:
        channel = obj.variant.channel
        name = channel.name if channel is not None else _now("Base text")
        return _now("%(where)s, part %(n)s") % {"where": name, "n": obj.position}


class CommentForm(ActionForm):
    """A comment, or other words for a part."""

    text = forms.CharField(
        label=_("Comment"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("@name tells a colleague."),
    )
    part = PartField(
        queryset=Part.objects.none(), label=_("About"), required=False, empty_label=_("the whole post")
    )
    quote = forms.CharField(
        label=_("The words that are meant"),
        max_length=LONGEST,
        required=False,
        help_text=_("As they stand there. Empty: the whole part."),
    )
    suggestion = forms.CharField(
        label=_("What should stand there instead"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Can be taken over with one click."),
    )
    folded = ("part", "quote", "suggestion")

    def __init__(self, *args: Any, post: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parts = Part.objects.filter(variant__post=post, variant__follows_base=False)
        field: Any = self.fields["part"]
        field.queryset = parts.select_related("variant__channel").order_by("variant", "position")


class GuestForm(CommentForm):
    """The comment of somebody without an account."""

    name = forms.CharField(label=_("Your name"), max_length=200)
    #: Hidden from people; what fills it in is a machine.
    homepage = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    began = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
    field_order = ("name", "text", "part", "quote", "suggestion", "homepage", "began")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["text"].help_text = ""
        self.fields["suggestion"].help_text = ""

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        try:
            began = float(signing.loads(values.get("began") or "", salt=SALT, max_age=24 * 60 * 60))
        except (signing.BadSignature, ValueError):
            raise ValidationError(_now("This page was open for very long. Send it once more.")) from None
        if values.get("homepage") or clock.now().timestamp() - began < FASTEST.total_seconds():
            raise ValidationError(_now("That was very fast. Wait a moment, then send it once more."))
        return values


def stamp() -> str:
    """When the form was opened, signed."""
    return signing.dumps(clock.now().timestamp(), salt=SALT)


class LinkForm(ActionForm):
    """A preview link."""

    note = forms.CharField(label=_("For whom"), max_length=100, required=False)
    days = forms.IntegerField(label=_("Holds for days"), min_value=1, max_value=90, initial=14)
    may_comment = forms.BooleanField(label=_("They may comment"), required=False, initial=True)


class WaiverForm(ActionForm):
    """Why a rule may be passed, and for how long."""

    reason = forms.CharField(label=_("Why it may pass"), max_length=300)
    days = forms.IntegerField(label=_("For days"), min_value=1, max_value=365, initial=30)


class ApprovalRuleForm(ActionForm):
    """Which posts need whose approval."""

    name = forms.CharField(label=_("Name"), max_length=100)
    tag = forms.ModelChoiceField(
        Tag.objects.none(), label=_("With tag"), required=False, empty_label=_("any")
    )
    channel = forms.ModelChoiceField(
        Channel.objects.none(), label=_("On"), required=False, empty_label=_("any channel")
    )
    kind = forms.ChoiceField(
        label=_("Kind of post"), required=False, choices=[("", _("any kind")), *Kind.choices]
    )
    is_exempt = forms.BooleanField(
        label=_("These need no approval"),
        required=False,
        help_text=_("Takes them out of every other rule."),
    )
    level = forms.TypedChoiceField(
        label=_("By whoever may, in publishing, at least"),
        coerce=int,
        choices=[(level.value, level.label) for level in Level if level >= Level.CONTRIBUTE],
        initial=Level.MANAGE,
    )
    role_kind = forms.ModelChoiceField(
        RoleKind.objects.none(),
        label=_("Holding the role"),
        required=False,
        empty_label=_("any role or none"),
    )
    four_eyes = forms.BooleanField(
        label=_("By somebody else than who wrote it or changed it last"), required=False, initial=True
    )
    people_needed = forms.IntegerField(label=_("How many people"), min_value=1, max_value=20, initial=1)
    days = forms.IntegerField(
        label=_("Holds for days"),
        min_value=1,
        max_value=3650,
        required=False,
        help_text=_("Empty: until the content changes."),
    )

    def __init__(self, *args: Any, rule: PostApprovalRule | None = None, **kwargs: Any) -> None:
        if rule is not None:
            kwargs["initial"] = {
                name: getattr(rule, f"{name}_id", getattr(rule, name)) for name in self.base_fields
            }
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["tag"].queryset = Tag.objects.order_by("name")
        fields["channel"].queryset = Channel.objects.filter(medium="post", archived_at=None).order_by("name")
        fields["role_kind"].queryset = RoleKind.objects.order_by("name")


class PolicyForm(ActionForm):
    """The policy in YAML."""

    text = forms.CharField(
        label=_("Rules (YAML)"),
        max_length=LONGEST_POLICY,
        strip=False,
        required=False,
        widget=forms.Textarea(
            attrs={
                "rows": 28,
                "spellcheck": "false",
                "class": "code-area",
                "lang": "en",  # its words are those of the checks
                "autocapitalize": "off",
                "wrap": "off",
            }
        ),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
