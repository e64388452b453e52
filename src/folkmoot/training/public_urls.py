"""Pages of events for everybody."""

from __future__ import annotations

from django.urls import include, path

from folkmoot.training import public_place_urls, public_request_urls, public_unconference_urls
from folkmoot.training.views import members

app_name = "events"
urlpatterns = [
    path("members/", members.members, name="members"),
    path("members/all.json", members.members_json, name="members_json"),
    *public_request_urls.urlpatterns,
    *public_place_urls.urlpatterns,
    *public_unconference_urls.urlpatterns,
    path("", include("folkmoot.training.public_site_urls")),
]
