"""Addresses of what has to do with AMY."""

from django.urls import path

from folkmoot.people.views import amy

urlpatterns = [
    path("amy/", amy.connection, name="amy"),
    path("amy/connect/", amy.connect, name="amy_connect"),
    path("amy/<int:pk>/read/", amy.read, name="amy_read"),
    path("amy/<int:pk>/forget/", amy.forget, name="amy_forget"),
    path("amy/counts/", amy.counts, name="amy_report"),
    path("amy/counts.csv", amy.counts_file, name="amy_report_file"),
]
