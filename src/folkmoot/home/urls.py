"""Addresses of the first page and help."""

from django.urls import path

from folkmoot.home import views

app_name = "home"
urlpatterns = [
    path("", views.today, name="today"),
    path("later/", views.later, name="later"),
    path("later/undo/", views.later_undo, name="later_undo"),
    path("give/", views.assign, name="assign"),
    path("give/undo/", views.assign_undo, name="assign_undo"),
    path("calendar/", views.calendar, name="calendar"),
    path("help/", views.help_page, name="help"),
]
