"""Addresses of the pages about GitHub, and where GitHub sends its webhooks."""

from django.urls import path

from folkmoot.ledger.github import views, webhooks

app_name = "github"
urlpatterns = [
    path("settings/github/", views.connection_list, name="connections"),
    path("settings/github/new/", views.new, name="new"),
    path("settings/github/<int:pk>/", views.connection, name="connection"),
    path("settings/github/<int:pk>/edit/", views.edit, name="edit"),
    path("settings/github/<int:pk>/read/", views.read, name="read"),
    path("settings/github/<int:pk>/pause/", views.pause, name="pause"),
    path("settings/github/<int:pk>/resume/", views.resume, name="resume"),
    path("settings/github/<int:pk>/remove/", views.remove, name="remove"),
    path("settings/github/<int:pk>/webhook/", views.webhook, name="webhook"),
    path("hooks/github/<slug:key>/", webhooks.receive, name="receive"),
]
