"""Addresses of events for everybody, and of their feeds."""

from __future__ import annotations

from django.urls import path

from folkmoot.training.views import feeds, public

urlpatterns = [
    path("", public.events, name="list"),
    path("all.ics", feeds.calendar, name="calendar"),
    path("all.rss", feeds.rss, name="rss"),
    path("all.atom", feeds.atom, name="atom"),
    path("all.json", feeds.as_json, name="json"),
    path("all.geojson", feeds.geojson, name="geojson"),
    path("<slug:slug>.ics", feeds.event_calendar, name="event_calendar"),
    path("<slug:slug>/", public.event, name="event"),
]
