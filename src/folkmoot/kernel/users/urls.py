"""Addresses of the pages about users and rights."""

from django.urls import path

from folkmoot.kernel.users import lists, views

app_name = "users"
urlpatterns = [
    path("settings/users/", lists.users, name="users"),
    path("settings/users/invite/", views.invite, name="invite"),
    path("settings/users/invitations/", lists.invitations, name="invitations"),
    path("settings/users/invitations/<int:pk>/", views.invitation, name="invitation"),
    path("settings/users/invitations/<int:pk>/again/", views.send_again, name="send_again"),
    path("settings/users/invitations/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("settings/users/log/", lists.log, name="log"),
    path("settings/users/<int:pk>/", views.user, name="user"),
    path("settings/users/<int:pk>/switch-off/", views.switch_off, name="switch_off"),
    path("settings/users/<int:pk>/switch-on/", views.switch_on, name="switch_on"),
    path("settings/users/<int:pk>/sessions/end/", views.end_sessions, name="end_sessions"),
    path("settings/users/<int:pk>/lend/", views.lend_for, name="lend_for"),
    path("accounts/lend/", views.lend, name="lend"),
    path("accounts/lend/<int:pk>/end/", views.end_lending, name="end_lending"),
    path("invitation/<str:token>/", views.accept, name="accept"),
    path("invitation/<str:token>/with/<slug:key>/", views.accept_with, name="accept_with"),
]
