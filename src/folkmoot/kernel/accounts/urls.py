"""Addresses of the signed-in person's own pages."""

from django.urls import path

from folkmoot.kernel.accounts import views

app_name = "accounts"
urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("preferences/", views.preferences, name="preferences"),
]
