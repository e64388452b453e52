"""Addresses of the first page."""

from django.urls import path

from folkmoot.home import views

app_name = "home"
urlpatterns = [path("", views.today, name="today")]
