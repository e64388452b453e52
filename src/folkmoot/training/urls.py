"""Pages of training and events for those who run them."""

from __future__ import annotations

from folkmoot.training import (
    agreement_urls,
    event_urls,
    place_urls,
    progress_urls,
    recruitment_urls,
    request_urls,
    site_urls,
    unconference_urls,
)

app_name = "training"
urlpatterns = [
    *agreement_urls.urlpatterns,
    *event_urls.urlpatterns,
    *place_urls.urlpatterns,
    *progress_urls.urlpatterns,
    *recruitment_urls.urlpatterns,
    *request_urls.urlpatterns,
    *site_urls.urlpatterns,
    *unconference_urls.urlpatterns,
]
