"""Pages of events for everybody."""

from __future__ import annotations

from django.urls import include, path

app_name = "events"
urlpatterns = [
    path("", include("folkmoot.training.public_site_urls")),
]
