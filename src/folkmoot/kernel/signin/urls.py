"""Addresses of this house's own sign-in pages."""

from django.urls import path

from folkmoot.kernel.signin import join_views, views

app_name = "signin"
urlpatterns = [
    path("security/", views.security, name="security"),
    path("security/unlink/<int:pk>/", views.unlink, name="unlink"),
    path("security/sessions/end/", views.end_other_sessions, name="end_other_sessions"),
    path("security/sessions/<int:pk>/end/", views.end_session, name="end_session"),
    path("join/<str:token>/", join_views.join, name="join"),
    path("with/<slug:key>/", views.start, name="start"),
    path("with/<slug:key>/link/", views.link, name="link"),
]
