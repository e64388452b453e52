"""Addresses of the register."""

app_name = "people"
urlpatterns: list = []
