"""Addresses of the API: below ``/api/v1/``. Another version would stand beside it."""

from django.urls import path

from folkmoot.api import views
from folkmoot.api.house import addresses

app_name = "api"
urlpatterns = [
    path("openapi.json", views.openapi, name="openapi"),
    *addresses(views.house()),
]
