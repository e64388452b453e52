"""Addresses of registering and of certificates, for everybody."""

from __future__ import annotations

from django.urls import path

from folkmoot.training.views import registering

urlpatterns = [
    path("place/<str:token>/", registering.place, name="place"),
    path("certificates/<str:code>/", registering.certificate, name="certificate"),
    path("certificates/<str:code>/pdf/", registering.certificate_pdf, name="certificate_pdf"),
    path("badges/<slug:slug>/picture/", registering.badge_picture, name="badge_picture"),
    path("<slug:slug>/register/", registering.register, name="register"),
]
