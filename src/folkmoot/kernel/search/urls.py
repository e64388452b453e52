"""Addresses of the search."""

from django.urls import path

from folkmoot.kernel.search import views

app_name = "search"
urlpatterns = [path("", views.page, name="page"), path("palette/", views.palette, name="palette")]
