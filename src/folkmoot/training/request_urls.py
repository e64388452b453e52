"""Addresses of requests, their forms and points, for those who decide."""

from __future__ import annotations

from django.urls import path

from folkmoot.training.views import (
    matching,
    notes,
    request_forms,
    request_pages,
    requests,
    score_rules,
    workshop_pages,
)

urlpatterns = [
    path("requests/", requests.requests, name="requests"),
    path("requests/assign/<str:chosen>/", requests.assign_many, name="assign_requests"),
    path("requests/discard/<str:chosen>/", requests.discard_many, name="discard_requests"),
    path("requests/match/<str:chosen>/", matching.match, name="match_requests"),
    path("requests/<int:pk>/match/", matching.match_one, name="match_request"),
    path("requests/<int:pk>/", request_pages.request_page, name="request"),
    path("requests/<int:pk>/take/", request_pages.take, name="take_request"),
    path("requests/<int:pk>/assign/", request_pages.assign, name="assign_request"),
    path("requests/<int:pk>/accept/", request_pages.accept, name="accept_request"),
    path("requests/<int:pk>/discard/", request_pages.discard, name="discard_request"),
    path("requests/<int:pk>/withdraw/", request_pages.withdraw, name="withdraw_request"),
    path("requests/<int:pk>/again/", request_pages.take_up_again, name="take_up_request"),
    path("requests/<int:pk>/link/", request_pages.link, name="link_request"),
    path("requests/<int:pk>/unlink/", request_pages.unlink, name="unlink_request"),
    path("requests/<int:pk>/record/", request_pages.make_record, name="make_record"),
    path("requests/<int:pk>/correct/", request_pages.correct, name="correct_request"),
    path("requests/<int:pk>/points/", request_pages.points, name="request_points"),
    path("requests/<int:pk>/merge/", request_pages.merge, name="merge_request"),
    path("requests/<int:pk>/history/", request_pages.history, name="request_history"),
    path("requests/<int:pk>/page/", workshop_pages.read_request_page, name="read_request_page"),
    path("requests/<int:pk>/note/", notes.add_request_note, name="add_request_note"),
    path("requests/notes/<int:pk>/", notes.edit_request_note, name="edit_request_note"),
    path("requests/notes/<int:pk>/remove/", notes.remove_request_note, name="remove_request_note"),
    path("requests/files/<int:pk>/", request_pages.file, name="request_file"),
    path("requests/forms/", request_forms.forms, name="request_forms"),
    path("requests/forms/new/", request_forms.new_form, name="new_request_form"),
    path("requests/forms/<int:pk>/", request_forms.form_page, name="request_form"),
    path("requests/forms/<int:pk>/edit/", request_forms.edit_form, name="edit_request_form"),
    path("requests/forms/<int:pk>/preview/", request_forms.preview, name="preview_request_form"),
    path("requests/forms/<int:pk>/fields/new/", request_forms.new_field, name="new_form_field"),
    path("requests/fields/<int:pk>/", request_forms.edit_field, name="edit_form_field"),
    path("requests/fields/<int:pk>/place/", request_forms.place_field, name="place_form_field"),
    path("requests/fields/<int:pk>/drop/", request_forms.drop_field, name="drop_form_field"),
    path("requests/fields/<int:pk>/again/", request_forms.ask_again, name="ask_form_field_again"),
    path("requests/forms/<int:pk>/rules/", score_rules.rules, name="score_rules"),
    path("requests/forms/<int:pk>/rules/new/", score_rules.new_rule, name="new_score_rule"),
    path("requests/rules/<int:pk>/", score_rules.edit_rule, name="edit_score_rule"),
    path("requests/rules/<int:pk>/remove/", score_rules.remove_rule, name="remove_score_rule"),
]
