"""Addresses of the pages about webhooks."""

from django.urls import path

from folkmoot.api.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("", views.webhooks, name="list"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.webhook, name="webhook"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/secret/", views.secret, name="secret"),
    path("<int:pk>/pause/", views.pause, name="pause"),
    path("<int:pk>/resume/", views.resume, name="resume"),
    path("<int:pk>/test/", views.test, name="test"),
    path("<int:pk>/again/<int:delivery>/", views.again, name="again"),
    path("<int:pk>/remove/", views.remove, name="remove"),
]
