"""Addresses of forms for requests, and of one's own request, for everybody."""

from __future__ import annotations

from django.urls import path

from folkmoot.training.views import asking

urlpatterns = [
    path("requests/", asking.forms, name="requests"),
    path("requests/<slug:slug>/", asking.ask, name="ask"),
    path("asked/<str:token>/", asking.own, name="request"),
]
