"""Addresses of the first-run guide and the community's settings."""

from django.urls import path

from folkmoot.kernel.welcome import views

app_name = "welcome"
urlpatterns = [
    path("welcome/", views.start, name="start"),
    path("welcome/community/", views.looks, name="looks"),
    path("welcome/habits/", views.habits, name="habits"),
    path("welcome/account/", views.account, name="account"),
    path("welcome/people/", views.people, name="people"),
    path("welcome/data/", views.data, name="data"),
    path("welcome/data/<slug:key>/", views.begin, name="begin"),
    path("settings/community/", views.community, name="community"),
]
