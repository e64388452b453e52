"""Addresses of the public pages of contributors."""

from django.urls import path

from folkmoot.people.views import directory

app_name = "contributors"
urlpatterns = [
    path("", directory.people, name="people"),
    path("people.json", directory.people_json, name="people_json"),
    path("<int:pk>/", directory.person, name="person"),
    path("<int:pk>/photo/", directory.photo, name="photo"),
]
