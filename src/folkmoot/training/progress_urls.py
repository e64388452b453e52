"""Addresses of trainees, submissions, badges, and of a trainee's own page."""

from __future__ import annotations

from django.urls import path

from folkmoot.training.views import badges, noting, own_training, trainee, trainees

urlpatterns = [
    path("trainees/", trainees.trainees_first, name="trainees_first"),
    path("trainees/<slug:badge>/", trainees.trainees_of, name="trainees"),
    path("trainees/<slug:badge>/award/", trainees.award_all, name="award_all"),
    path("trainees/person/<int:pk>/", trainee.trainee, name="trainee"),
    path("trainees/person/<int:pk>/progress/", trainee.new_progress, name="new_progress"),
    path("trainees/person/<int:pk>/award/", trainee.award, name="award"),
    path("trainees/person/<int:pk>/award/<slug:badge>/", trainee.award_at_once, name="award_at_once"),
    path("trainees/person/<int:pk>/lessons/", trainee.lessons, name="lessons"),
    path("progress/note/", noting.note, name="note"),
    path("progress/note/<str:chosen>/", noting.note_chosen, name="note_chosen"),
    path("progress/<int:pk>/", trainee.edit_progress, name="edit_progress"),
    path("progress/<int:pk>/remove/", trainee.remove_progress, name="remove_progress"),
    path("submissions/", noting.submission_list, name="submissions"),
    path("submissions/<int:pk>/", noting.evaluate, name="evaluate"),
    path("badges/", badges.badges, name="badges"),
    path("badges/<slug:badge>/", badges.badge, name="badge"),
    path("badges/<slug:badge>/award/", badges.new_award, name="new_award"),
    path("awards/<int:pk>/revoke/", trainee.revoke_award, name="revoke_award"),
    path("awards/<int:pk>/remove/", trainee.remove_award, name="remove_award"),
    path("awards/<int:pk>/certificate/", trainee.certify, name="certify"),
    path("mine/training/", own_training.own_training, name="own_training"),
    path("mine/training/lessons/", own_training.own_lessons, name="own_lessons"),
    path("mine/training/submit/<slug:requirement>/", own_training.submit, name="submit"),
    path("mine/training/submissions/<int:pk>/", own_training.change, name="change_submission"),
    path(
        "mine/training/submissions/<int:pk>/take-back/",
        own_training.take_back_submission,
        name="take_back_submission",
    ),
]
