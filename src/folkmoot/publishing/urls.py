"""Addresses of publishing, room by room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

app_name = "publishing"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("folkmoot.publishing.post_urls")),
    path("", include("folkmoot.publishing.calendar_urls")),
    path("", include("folkmoot.publishing.site_urls")),
    path("", include("folkmoot.publishing.series_urls")),
    path("", include("folkmoot.publishing.figures_urls")),
    path("", include("folkmoot.publishing.agreement_urls")),
]
