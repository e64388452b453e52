"""How forms are rendered: labels above, help below, errors at the field and listed at the top."""

from __future__ import annotations

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest

_CLASSES = {
    "checkbox": "form-check-input",
    "radio": "form-check-input",
    "select": "form-select",
    "hidden": "",
}


class Renderer(TemplatesSetting):
    """Django's form renderer with this house's templates and Bootstrap's classes on the widgets."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """Render a form, field or widget; a widget that names a class of its own keeps it beside."""
        widget = context.get("widget")
        if widget:
            self._dress(widget)
        return str(super().render(template_name, context, request))

    def _dress(self, widget: dict[str, Any]) -> None:
        is_select = "select" in str(widget.get("template_name", "")).rsplit("/", 1)[-1]
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
    def _add(attrs: dict[str, Any], name: str) -> None:
        had = str(attrs.get("class", ""))
        if name and name not in had.split():
            attrs["class"] = f"{had} {name}".strip()
