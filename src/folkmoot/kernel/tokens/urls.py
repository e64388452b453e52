"""Addresses of the pages about API tokens."""

from django.urls import path

from folkmoot.kernel.tokens import views

app_name = "tokens"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("new/", views.new, name="new"),
    path("all/", views.everybodys, name="everybodys"),
    path("<int:pk>/revoke/", views.revoke, name="revoke"),
]
