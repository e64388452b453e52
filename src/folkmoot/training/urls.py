"""Pages of training and events for those who run them."""

from __future__ import annotations

from folkmoot.training import event_urls, site_urls

app_name = "training"
urlpatterns = [
    *event_urls.urlpatterns,
    *site_urls.urlpatterns,
]
