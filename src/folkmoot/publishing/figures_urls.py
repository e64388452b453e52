"""Addresses of figures."""

from __future__ import annotations

from django.urls import path

from folkmoot.publishing.views import figures

urlpatterns = [path("figures/rows/", figures.figure_rows, name="figure_rows")]
