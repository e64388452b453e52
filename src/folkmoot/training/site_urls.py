"""Addresses of figures of training, and of what was contributed at sprints."""

from __future__ import annotations

from django.urls import path

from folkmoot.training.views import figures, sprints

urlpatterns = [
    path("figures/rows/", figures.figure_rows, name="figure_rows"),
    path("<int:pk>/contributions/", sprints.contributions, name="contributions"),
]
