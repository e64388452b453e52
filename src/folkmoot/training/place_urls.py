"""Addresses of registrations, questions and certificates, for those who run events."""

from __future__ import annotations

from django.urls import path

from folkmoot.training.views import certificates, questions, registrations

urlpatterns = [
    path("mine/", certificates.own, name="own"),
    path("<int:pk>/registrations/", registrations.registrations, name="registrations"),
    path("<int:pk>/registrations/decline/<str:chosen>/", registrations.decline_many, name="decline_many"),
    path("registrations/<int:pk>/", registrations.registration, name="registration"),
    path("registrations/<int:pk>/accept/", registrations.accept, name="accept"),
    path("registrations/<int:pk>/move-up/", registrations.move_up, name="move_up"),
    path("registrations/<int:pk>/decline/", registrations.decline, name="decline"),
    path("<int:pk>/questions/", questions.questions, name="questions"),
    path("<int:pk>/questions/new/", questions.new_question, name="new_question"),
    path("questions/<int:pk>/", questions.edit_question, name="edit_question"),
    path("questions/<int:pk>/place/", questions.place_question, name="place_question"),
    path("questions/<int:pk>/drop/", questions.drop_question, name="drop_question"),
    path("questions/<int:pk>/again/", questions.ask_again, name="ask_again"),
    path("<int:pk>/certificates/", certificates.certificates, name="certificates"),
    path("<int:pk>/certificates/issue/", certificates.issue_all, name="issue_all"),
    path("certificates/<int:pk>/revoke/", certificates.revoke, name="revoke"),
]
