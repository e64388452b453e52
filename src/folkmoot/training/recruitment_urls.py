"""Addresses of recruitment: openings and sign-ups for those who run events, and one's own side of them."""

from __future__ import annotations

from django.urls import path

from folkmoot.training.views import finder, openings, own_openings, sign_ups

urlpatterns = [
    path("openings/", openings.opening_list, name="openings"),
    path("openings/limits/", openings.rules, name="recruitment_rules"),
    path("<int:pk>/opening/new/", openings.new_opening, name="new_opening"),
    path("openings/<int:pk>/", openings.opening, name="opening"),
    path("openings/<int:pk>/edit/", openings.edit_opening, name="edit_opening"),
    path("openings/<int:pk>/close/", openings.close_opening, name="close_opening"),
    path("openings/<int:pk>/reopen/", openings.reopen_opening, name="reopen_opening"),
    path("openings/<int:pk>/remove/", openings.remove_opening, name="remove_opening"),
    path("openings/<int:pk>/history/", openings.opening_history, name="opening_history"),
    path("openings/<int:pk>/sign-ups/new/", sign_ups.new_sign_up, name="new_sign_up"),
    path("sign-ups/<int:pk>/", sign_ups.sign_up, name="sign_up"),
    path("sign-ups/<int:pk>/accept/", sign_ups.accept, name="accept_sign_up"),
    path("sign-ups/<int:pk>/decline/", sign_ups.decline, name="decline_sign_up"),
    path("sign-ups/<int:pk>/wait/", sign_ups.wait_again, name="wait_again"),
    path("sign-ups/<int:pk>/withdraw/", sign_ups.withdraw, name="withdraw_sign_up"),
    path("sign-ups/<int:pk>/note/", sign_ups.note, name="sign_up_note"),
    path("finder/", finder.find_people, name="find_people"),
    path("finder/<str:chosen>/", finder.put_forward_page, name="put_forward"),
    path("profiles/<int:pk>/", sign_ups.profile, name="profile"),
    path("mine/openings/", own_openings.own_openings, name="own_openings"),
    path("mine/openings/<int:pk>/", own_openings.own_opening, name="own_opening"),
    path("mine/sign-ups/", own_openings.own_sign_ups, name="own_sign_ups"),
    path("mine/sign-ups/<int:pk>/withdraw/", own_openings.own_withdraw, name="own_withdraw"),
    path("mine/place/", own_openings.own_profile, name="own_profile"),
]
