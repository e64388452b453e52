"""How forms are rendered: labels above, help below, errors at the field and listed at the top."""

from __future__ import annotations

from typing import Any

from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

_CLASSES = {
    "checkbox": "form-check-input",
    "radio": "form-check-input",
    "select": "form-select",
    "hidden": "",
}
#: What Django writes for an empty choice.
_DASHES = BLANK_CHOICE_DASH[0][1]
_SELECT, _OPTION = "django/forms/widgets/select.html", "django/forms/widgets/select_option.html"


class Renderer(TemplatesSetting):
    """Django's form renderer with this house's templates and Bootstrap's classes on the widgets."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """Render a form, field or widget; a widget that names a class of its own keeps it beside."""
        widget = context.get("widget")
        if widget:
            self._dress(widget)
            if template_name == _SELECT and all(
                option["template_name"] == _OPTION
                for _group, options, _n in widget["optgroups"]
                for option in options
            ):
                return _select(widget)
        return str(super().render(template_name, context, request))

    def _dress(self, widget: dict[str, Any]) -> None:
        # Not "checkbox_select.html", which is a list of checkboxes.
        is_select = str(widget.get("template_name", "")).rsplit("/", 1)[-1].startswith("select")
        self._say_none(widget)
        if "optgroups" in widget and not is_select:  # radio buttons and checkboxes: each option is an input
            for _group, options, _index in widget["optgroups"]:
                for option in options:
                    self._add(option["attrs"], "form-check-input")
            return
        kind = "select" if is_select else str(widget.get("type") or "text")
        self._add(widget["attrs"], _CLASSES.get(kind, "form-control"))
        for part in widget.get("subwidgets", ()):
            self._dress(part)

    @staticmethod
    def _say_none(widget: dict[str, Any]) -> None:
        """Where a form gives the empty choice no words, Django writes dashes, which nobody can read out."""
        words = _("Choose one") if widget.get("required") else _("Not chosen")
        for _group, options, _index in widget.get("optgroups", ()):
            for option in options:
                if option["value"] == "" and option["label"] == _DASHES:
                    option["label"] = words

    @staticmethod
    def _add(attrs: dict[str, Any], name: str) -> None:
        had = str(attrs.get("class", ""))
        if name and name not in had.split():
            attrs["class"] = f"{had} {name}".strip()


def _select(widget: dict[str, Any]) -> SafeString:
    """What Django's templates for a select write, without reading two of them for each of 500 time zones."""
    lines = [f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            lines.append(f'<optgroup label="{conditional_escape(group)}">')
        for option in options:
            value, label = (
                conditional_escape(_text(option["value"])),
                conditional_escape(localize(option["label"])),
            )
            lines.append(f'<option value="{value}"{_attributes(option["attrs"])}>{label}</option>')
        if group:
            lines.append("</optgroup>")
    return SafeString("\n".join([*lines, "</select>"]))


def _attributes(attrs: dict[str, Any]) -> str:
    return "".join(
        f" {conditional_escape(name)}"
        if value is True
        else f' {conditional_escape(name)}="{conditional_escape(_text(value))}"'
        for name, value in attrs.items()
        if value is not False
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
