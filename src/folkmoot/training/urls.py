"""Pages of training and events for those who run them."""

from __future__ import annotations

from django.urls import path  # noqa: F401

app_name = "training"
urlpatterns: list = []
